// SPDX-License-Identifier: GPL-2.0

//! Looks all values up from everywhere: states, initialisers, hooks, batches, drops, and from lookups.
//!
//! Says so when it finds one that is not what it should be, and nothing else. For pernet_hostile.sh.

#![forbid(unsafe_code)]

use kernel::{
    new_mutex,
    prelude::*,
    sync::{
        atomic::{
            Atomic,
            Relaxed, //
        },
        Mutex, //
    },
};
use net::{
    namespace::{
        Identity,
        Namespaces,
        Net, //
    },
    pernet::{self, *},
    rcu, //
};

pernet_module! {
    type: Module,
    name: "pernet_nest",
    authors: ["rust-pernet contributors"],
    description: "Test module: looks values up from everywhere",
    license: "GPL",
    params: {
        fail_nth: u64 {
            default: 0,
            description: "let the N-th init fail at its end (0: none), or start at its end (99)",
        },
    },
}

/// How many values have been found.
static FOUND: Atomic<u64> = Atomic::new(0);

struct Module {
    inits: Atomic<u64>,
}

impl Module {
    fn refuses(&self) -> bool {
        self.inits.fetch_add(1, Relaxed) + 1 == net::parameter(&module_parameters::fail_nth)
    }
}

impl pernet::Module for Module {
    fn init(_: &'static ThisModule) -> impl PinInit<Self, Error> {
        look();
        Ok(Self {
            inits: Atomic::new(0),
        })
    }

    fn start(self: Pin<&Self>, registrar: &mut Registrar<'_, Self>) -> Result {
        let net = Net::init_ns();
        // What is refused is tried again, while values are looked at.
        for _ in 0..4 {
            let _ = registrar.register::<First>();
            FIRST.with(net, |first| {
                FIRST.for_each(&Namespaces::read(), |other, value| {
                    check(&other, &value.data);
                    FIRST.with(net, |again| check(net, &again.data));
                });
                let _ = registrar.register::<Second>();
                SECOND.with(net, |_| registrar.register::<Third>());
                check(net, &first.data);
            });
        }
        look();
        if net::parameter(&module_parameters::fail_nth) == 99 {
            return Err(EIO);
        }
        Ok(())
    }
}

impl Drop for Module {
    fn drop(&mut self) {
        look();
        pr_info!(
            "inits {} found {}\n",
            self.inits.load(Relaxed),
            FOUND.load(Relaxed) > 0
        );
    }
}

fn check(net: &Identity, data: &Data) {
    FOUND.add(1, Relaxed);
    if *data.cookie != net.cookie() {
        pr_err!("wrong: {} has the value of {}\n", net.cookie(), data.cookie);
    }
}

trait Holds: PerNet {
    fn data(&self) -> &Data;
}

/// Looks up outside of hooks.
fn look() {
    fn one<T: Holds>(operations: &'static Operations<T>) {
        let net = Net::init_ns();
        rcu::read_lock(|rcu| {
            for net in Namespaces::iter_rcu(rcu) {
                if let Some(value) = operations.get_rcu(&net, rcu) {
                    check(&net, value.data());
                }
            }
        });
        operations.with(net, |value| check(net, value.data()));
        operations.for_each(&Namespaces::read(), |net, value| {
            check(&net, value.data());
            if let Some(net) = net.try_get() {
                operations.with(&net, |again| check(&net, again.data()));
            }
        });
    }
    one(&FIRST);
    one(&SECOND);
    one(&THIRD);
}

/// Looks up in a hook, and as if outside.
fn look_in<T: PerNet>(net: HookNet<'_, T>) {
    fn one<T: PerNet, U: Holds>(net: HookNet<'_, T>, operations: &'static Operations<U>) {
        if let Some(value) = net.get(operations) {
            check(&net, value.data());
        }
        rcu::read_lock(|rcu| {
            if let Some(value) = operations.get_rcu(&net, rcu) {
                check(&net, value.data());
            }
        });
    }
    one(net, &FIRST);
    one(net, &SECOND);
    one(net, &THIRD);
    look();
}

/// In memory of its own, so that KASAN sees who looks too late.
struct Data {
    cookie: KBox<u64>,
}

impl Drop for Data {
    fn drop(&mut self) {
        look();
    }
}

macro_rules! value {
    ($type:ident $static:ident: $kind:ty, after $after:ty) => {
        #[pin_data]
        struct $type {
            data: Data,
            #[pin]
            lock: Mutex<()>,
            last: (),
        }

        static $static: Operations<$type> = Operations::new();

        impl Holds for $type {
            fn data(&self) -> &Data {
                &self.data
            }
        }

        #[vtable]
        impl PerNet for $type {
            type Module = Module;
            type Kind = $kind;
            type After = $after;
            const OPERATIONS: OperationsRef<Self> = OperationsRef::to(&$static);

            fn init<'a>(
                module: Pin<&'a Module>,
                net: HookNet<'a, Self>,
            ) -> impl PinInit<Self, Error> {
                look_in(net);
                try_pin_init!(Self {
                    data: {
                        look_in(net);
                        Data { cookie: KBox::new(net.cookie(), GFP_KERNEL)? }
                    },
                    lock <- new_mutex!(()),
                    last: {
                        look_in(net);
                        if module.refuses() {
                            Err(EIO)?
                        }
                    },
                }? Error)
            }

            fn pre_exit(self: Pin<&Self>, _: Pin<&Module>, net: HookNet<'_, Self>) {
                look_in(net);
                drop(self.lock.lock());
            }

            fn exit_rtnl(
                self: Pin<&Self>,
                _: Pin<&Module>,
                net: HookNet<'_, Self>,
                _: &mut DevKillList<'_>,
            ) {
                look_in(net);
            }

            fn exit(self: Pin<&Self>, _: Pin<&Module>, net: HookNet<'_, Self>) {
                look_in(net);
                let _ = net.after();
            }

            fn exit_batch(_: Pin<&Module>, batch: Batch<'_, Self>) {
                for (net, value) in batch {
                    look_in(net);
                    check(&net, &value.data);
                    for (other, value) in batch {
                        check(&other, &value.data);
                    }
                }
            }
        }
    };
}

value!(First FIRST: Subsys, after ());
value!(Second SECOND: Subsys, after First);
value!(Third THIRD: Device, after (First, Second));
