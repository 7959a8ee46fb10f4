// SPDX-License-Identifier: GPL-2.0

//! What the bench measures, in Rust. Its C twin is bench_c.c: the same registrations in the same order, with
//! the same data and hooks.
//!
//! The meter calls the hooks. What a `pre_exit` does more than that of `Nothing` is what is measured.

#![forbid(unsafe_code)]

use kernel::prelude::*;
use net::{
    namespace::{
        Identity,
        Namespaces,
        Net,
        NetRef, //
    },
    pernet::{self, *},
    rcu, //
};

pernet_module! {
    type: Bench,
    name: "bench_rust",
    authors: ["rust-pernet contributors"],
    description: "What the bench measures, in Rust",
    license: "GPL",
}

struct Bench {
    /// The namespace that the module holds a reference on.
    held: NetRef,
}

impl pernet::Module for Bench {
    fn init(_: &'static ThisModule) -> impl PinInit<Self, Error> {
        Ok(Self {
            held: Net::current()?,
        })
    }

    fn start(self: Pin<&Self>, registrar: &mut Registrar<'_, Self>) -> Result {
        registrar.register::<Counters>()?;
        registrar.register::<Nothing>()?;
        registrar.register::<Own>()?;
        registrar.register::<AfterCounters>()?;
        registrar.register::<Get>()?;
        registrar.register::<Rcu>()?;
        registrar.register::<RcuMany>()?;
        registrar.register::<Counted>()?;
        registrar.register::<CountedMany>()?;
        registrar.register::<Sleep>()?;
        registrar.register::<Walk>()
    }
}

struct Counters {
    cookie: u64,
}

static COUNTERS: Operations<Counters> = Operations::new();

#[cold]
#[inline(never)]
fn wrong(net: &Identity) {
    pr_warn!("the data of namespace {} is another's\n", net.cookie());
}

impl Counters {
    #[inline(always)]
    fn check(&self, net: &Identity) {
        if self.cookie != net.cookie() {
            wrong(net);
        }
    }
}

#[vtable]
impl PerNet for Counters {
    type Module = Bench;
    type Kind = Subsys;
    type After = ();
    const OPERATIONS: OperationsRef<Self> = OperationsRef::to(&COUNTERS);

    fn init(_: Pin<&Bench>, net: HookNet<'_, Self>) -> impl PinInit<Self, Error> {
        Ok(Self {
            cookie: net.cookie(),
        })
    }

    fn exit(self: Pin<&Self>, _: Pin<&Bench>, net: HookNet<'_, Self>) {
        self.check(&net);
    }
}

/// The data of the hook's own operations.
struct Own {
    cookie: u64,
}

static OWN: Operations<Own> = Operations::new();

#[vtable]
impl PerNet for Own {
    type Module = Bench;
    type Kind = Subsys;
    type After = ();
    const OPERATIONS: OperationsRef<Self> = OperationsRef::to(&OWN);

    fn init(_: Pin<&Bench>, net: HookNet<'_, Self>) -> impl PinInit<Self, Error> {
        Ok(Self {
            cookie: net.cookie(),
        })
    }

    fn pre_exit(self: Pin<&Self>, _: Pin<&Bench>, net: HookNet<'_, Self>) {
        if self.cookie != net.cookie() {
            wrong(&net);
        }
    }
}

/// A type without data that does something in `pre_exit`.
macro_rules! probe {
    ($(#[$doc:meta])* $name:ident, $operations:ident, $after:ty, |$module:ident, $net:ident| $do:expr) => {
        $(#[$doc])*
        #[derive(Zeroable)]
        struct $name;

        static $operations: Operations<$name> = Operations::zeroed();

        #[vtable]
        impl PerNet for $name {
            type Module = Bench;
            type Kind = Subsys;
            type After = $after;
            const OPERATIONS: OperationsRef<Self> = OperationsRef::to(&$operations);

            fn pre_exit(self: Pin<&Self>, $module: Pin<&Bench>, $net: HookNet<'_, Self>) {
                $do
            }
        }
    };
}

probe!(
    /// What all the following have in common.
    Nothing, NOTHING, (), |_module, _net| ()
);

probe!(
    /// What was registered before, and is known to be there.
    AfterCounters, AFTER, Counters, |_module, net| net.after().check(&net)
);

probe!(
    /// What may be registered or not.
    Get, GET, (), |_module, net| if let Some(counters) = net.get(&COUNTERS) {
        counters.check(&net);
    }
);

probe!(
    /// As in a packet handler: a namespace of which nothing is known.
    Rcu, RCU, (), |_module, net| rcu::read_lock(|rcu| {
        if let Some(counters) = COUNTERS.get_rcu(&net, rcu) {
            counters.check(&net);
        }
    })
);

probe!(
    /// The same sixteen times in one read-side critical section.
    RcuMany, RCU_MANY, (), |_module, net| rcu::read_lock(|rcu| {
        for _ in 0..16 {
            if let Some(counters) = COUNTERS.get_rcu(&net, rcu) {
                counters.check(&net);
            }
        }
    })
);

probe!(
    /// A namespace that somebody holds a reference on.
    Counted, COUNTED, (), |module, _net| {
        let net: &Net = &module.held;
        rcu::read_lock(|rcu| {
            if let Some(counters) = COUNTERS.get(net, rcu) {
                counters.check(net);
            }
        })
    }
);

probe!(
    /// The same sixteen times in one read-side critical section.
    CountedMany, COUNTED_MANY, (), |module, _net| {
        let net: &Net = &module.held;
        rcu::read_lock(|rcu| {
            for _ in 0..16 {
                if let Some(counters) = COUNTERS.get(net, rcu) {
                    counters.check(net);
                }
            }
        })
    }
);

probe!(
    /// What is found may be kept while sleeping.
    Sleep, SLEEP, (), |module, _net| {
        let net: &Net = &module.held;
        COUNTERS.with(net, |counters| counters.check(net));
    }
);

probe!(
    /// All namespaces and their data.
    Walk, WALK, (), |_module, _net| rcu::read_lock(|rcu| {
        for net in Namespaces::iter_rcu(rcu) {
            if let Some(counters) = COUNTERS.get_rcu(&net, rcu) {
                counters.check(&net);
            }
        }
    })
);
