// SPDX-License-Identifier: GPL-2.0

//! Looks a value up in every hook around its life, and tells what was found.
//!
//! `before` is registered before `value`, which is looked up, `later` and `dev` after it. For
//! pernet_lookup.sh and pernet_unwind.sh.

#![forbid(unsafe_code)]

mod waiting;

use kernel::{
    prelude::*,
    sync::atomic::{
        Atomic,
        Relaxed, //
    }, //
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
    name: "pernet_lookup",
    authors: ["rust-pernet contributors"],
    description: "Test module: looks values up in every hook",
    license: "GPL",
    params: {
        wait: u64 {
            default: 0,
            description: "1: the first init of later waits for a namespace without references",
        },
        fail_nth: u64 {
            default: 0,
            description: "let the N-th init of later fail (0: none)",
        },
    },
}

struct Module {
    inits_of_later: Atomic<u64>,
}

impl pernet::Module for Module {
    fn init(_: &'static ThisModule) -> impl PinInit<Self, Error> {
        tell_outside("state");
        Ok(Self {
            inits_of_later: Atomic::new(0),
        })
    }

    fn start(self: Pin<&Self>, registrar: &mut Registrar<'_, Self>) -> Result {
        registrar.register::<Before>()?;
        let early = registrar.register::<Later>();
        pr_info!("later too early: {:?}\n", early.map_err(Error::to_errno));
        registrar.register::<Value>()?;
        tell_outside("registered");
        registrar.register::<Later>()?;
        registrar.register::<Dev>()
    }
}

impl Drop for Module {
    fn drop(&mut self) {
        tell_outside("unregistered");
    }
}

/// The value of the initial namespace, in every way there is outside of a hook.
fn tell_outside(when: &str) {
    let net = Net::init_ns();
    let with = VALUE.with(net, |value| value.is_of(net));
    let rcu = rcu::read_lock(|rcu| Some(VALUE.get(net, rcu)?.is_of(net)));
    let mut walk = 0;
    VALUE.for_each(&Namespaces::read(), |net, value| {
        walk += u32::from(value.is_of(&net));
    });
    let phase = VALUE.phase(net);
    pr_info!("{when}: with {with:?} rcu {rcu:?} walk {walk} {phase:?}\n");
}

/// The value of the hook's namespace, in every way there is in a hook.
fn tell<T: PerNet>(hook: &str, net: HookNet<'_, T>) {
    let get = net.get(&VALUE).map(|value| value.is_of(&net));
    let rcu = rcu::read_lock(|rcu| Some(VALUE.get_rcu(&net, rcu)?.is_of(&net)));
    let mut walk = None;
    VALUE.for_each(&Namespaces::read(), |other, value| {
        if *other == *net {
            walk = Some(value.is_of(&net));
        }
    });
    let (cookie, counted, phase) = (net.cookie(), net.is_counted(), VALUE.phase(&net));
    pr_info!(
        "{cookie} {hook}: get {get:?} rcu {rcu:?} walk {walk:?} counted {counted} {phase:?}\n"
    );
}

/// In memory of its own, so that KASAN sees who looks too late.
struct Value(KBox<u64>);

impl Value {
    fn is_of(&self, net: &Identity) -> bool {
        *self.0 == net.cookie()
    }
}

static VALUE: Operations<Value> = Operations::new();

#[vtable]
impl PerNet for Value {
    type Module = Module;
    type Kind = Subsys;
    type After = ();
    const OPERATIONS: OperationsRef<Self> = OperationsRef::to(&VALUE);

    fn init(_: Pin<&Module>, net: HookNet<'_, Self>) -> impl PinInit<Self, Error> {
        tell("value init", net);
        Ok(Self(KBox::new(net.cookie(), GFP_KERNEL)?))
    }

    fn exit(self: Pin<&Self>, _: Pin<&Module>, net: HookNet<'_, Self>) {
        tell("value exit", net);
    }
}

impl Drop for Value {
    fn drop(&mut self) {
        let mut found = false;
        VALUE.for_each(&Namespaces::read(), |_, value| {
            found |= *value.0 == *self.0;
        });
        pr_info!("{} value drop: finds itself {found}\n", self.0);
    }
}

#[derive(Zeroable)]
struct Before;

static BEFORE: Operations<Before> = Operations::new();

#[vtable]
impl PerNet for Before {
    type Module = Module;
    type Kind = Subsys;
    type After = ();
    const OPERATIONS: OperationsRef<Self> = OperationsRef::to(&BEFORE);

    fn init(_: Pin<&Module>, net: HookNet<'_, Self>) -> impl PinInit<Self, Error> {
        tell("before init", net);
        Ok::<_, Error>(Self)
    }

    fn pre_exit(self: Pin<&Self>, _: Pin<&Module>, net: HookNet<'_, Self>) {
        tell("before pre_exit", net);
    }

    fn exit(self: Pin<&Self>, _: Pin<&Module>, net: HookNet<'_, Self>) {
        tell("before exit", net);
    }

    fn exit_batch(_: Pin<&Module>, batch: Batch<'_, Self>) {
        for (net, _) in batch {
            tell("before exit_batch", net);
        }
    }
}

#[derive(Zeroable)]
struct Later {
    /// An init that changes nothing of it is as good as none.
    _unused: u32,
}

static LATER: Operations<Later> = Operations::new();

#[vtable]
impl PerNet for Later {
    type Module = Module;
    type Kind = Subsys;
    type After = Value;
    const OPERATIONS: OperationsRef<Self> = OperationsRef::to(&LATER);

    fn init(module: Pin<&Module>, net: HookNet<'_, Self>) -> impl PinInit<Self, Error> {
        if net.is_init() && net::parameter(&module_parameters::wait) != 0 {
            waiting::until_one_is_uncounted()?;
        }
        tell("later init", net);
        pr_info!(
            "{} later init: after {}\n",
            net.cookie(),
            net.after().is_of(&net)
        );
        let fails = net::parameter(&module_parameters::fail_nth);
        if module.inits_of_later.fetch_add(1, Relaxed) + 1 == fails {
            return Err(EIO);
        }
        Ok(Self { _unused: 0 })
    }

    fn pre_exit(self: Pin<&Self>, _: Pin<&Module>, net: HookNet<'_, Self>) {
        tell("later pre_exit", net);
    }

    fn exit(self: Pin<&Self>, _: Pin<&Module>, net: HookNet<'_, Self>) {
        tell("later exit", net);
        pr_info!(
            "{} later exit: after {}\n",
            net.cookie(),
            net.after().is_of(&net)
        );
    }
}

/// A device, after two subsystems; of no hook but one, and with zeroes for data.
#[derive(Zeroable)]
struct Dev {
    number: u64,
}

static DEV: Operations<Dev> = Operations::zeroed();

#[vtable]
impl PerNet for Dev {
    type Module = Module;
    type Kind = Device;
    type After = (Value, Later);
    const OPERATIONS: OperationsRef<Self> = OperationsRef::to(&DEV);

    fn exit(self: Pin<&Self>, _: Pin<&Module>, net: HookNet<'_, Self>) {
        let (value, _later) = net.after();
        let zero = net.get(&DEV).map(|dev| dev.number == 0 && self.number == 0);
        let cookie = net.cookie();
        pr_info!(
            "{cookie} dev exit: after {} itself {zero:?}\n",
            value.is_of(&net)
        );
    }
}
