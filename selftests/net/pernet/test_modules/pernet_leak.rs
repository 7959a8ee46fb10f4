// SPDX-License-Identifier: GPL-2.0

//! Loses 100 bytes for every network namespace, for good.
//!
//! For pernet_leaks.sh, which wants to know whether this kernel would tell.

#![forbid(unsafe_code)]

use kernel::prelude::*;
use net::pernet::{self, *};

pernet_module! {
    type: Module,
    name: "pernet_leak",
    authors: ["rust-pernet contributors"],
    description: "Test module: loses memory",
    license: "GPL",
}

struct Module;

impl pernet::Module for Module {
    fn init(_: &'static ThisModule) -> impl PinInit<Self, Error> {
        Ok(Self)
    }

    fn start(self: Pin<&Self>, registrar: &mut Registrar<'_, Self>) -> Result {
        registrar.register::<Leak>()
    }
}

struct Leak;

static LEAK: Operations<Leak> = Operations::new();

#[vtable]
impl PerNet for Leak {
    type Module = Module;
    type Kind = Subsys;
    type After = ();
    const OPERATIONS: OperationsRef<Self> = OperationsRef::to(&LEAK);

    fn init(_: Pin<&Module>, _: HookNet<'_, Self>) -> impl PinInit<Self, Error> {
        KBox::leak(KBox::new([0u8; 100], GFP_KERNEL)?);
        Ok(Self)
    }
}
