// SPDX-License-Identifier: GPL-2.0

//! What most cases have in common: the library, a module, and a type that lives in every namespace.

#![allow(unused_imports)]

#[allow(unsafe_code)]
#[path = "../../../../../net/mod.rs"]
pub(crate) mod net;

pub(crate) use core::{
    cell::Cell,
    ptr::NonNull, //
};
pub(crate) use kernel::{
    prelude::*,
    sync::{
        atomic::{
            Atomic,
            Relaxed, //
        },
        Mutex,
        MutexGuard,
        SetOnce, //
    },
    workqueue, //
};
pub(crate) use net::{
    namespace::*,
    pernet::{self, *},
    rcu, //
};

/// The module.
pub(crate) struct Sample;

impl pernet::Module for Sample {
    fn init(_: &'static ThisModule) -> impl PinInit<Self, Error> {
        Ok(Self)
    }

    fn start(self: Pin<&Self>, registrar: &mut Registrar<'_, Self>) -> Result {
        registrar.register::<Counters>()
    }
}

/// The value of a namespace.
pub(crate) struct Counters {
    pub(crate) hits: Atomic<u64>,
}

pub(crate) static COUNTERS: Operations<Counters> = Operations::new();

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
