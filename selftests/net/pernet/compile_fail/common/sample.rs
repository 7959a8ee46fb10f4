// SPDX-License-Identifier: GPL-2.0

// What all cases have in common: a module, and a type that lives in every namespace.

use core::{
    cell::Cell,
    ptr::NonNull, //
};
use kernel::{
    prelude::*,
    sync::{
        atomic::{
            Atomic,
            Relaxed, //
        },
        Mutex,
        MutexGuard,
        SetOnce, //
    }, //
};
use net::{
    namespace::*,
    pernet::{self, *},
    rcu, //
};

/// The module.
struct Sample;

impl pernet::Module for Sample {
    fn init(_: &'static ThisModule) -> impl PinInit<Self, Error> {
        Ok(Self)
    }

    fn start(self: Pin<&Self>, registrar: &mut Registrar<'_, Self>) -> Result {
        registrar.register::<Counters>()
    }
}

/// The value of a namespace.
struct Counters {
    hits: Atomic<u64>,
}

static COUNTERS: Operations<Counters> = Operations::new();

#[vtable]
impl PerNet for Counters {
    type Module = Sample;
    type Kind = Subsys;
    type After = ();
    const OPERATIONS: OperationsRef<Self> = OperationsRef::to(&COUNTERS);

    fn init(_: Pin<&Sample>, _: HookNet<'_, Self>) -> impl PinInit<Self, Error> {
        Ok(Self {
            hits: Atomic::new(0),
        })
    }
}
