// SPDX-License-Identifier: GPL-2.0

//! Waits for an RCU grace period when namespaces die: one for each, one for all that die together, or none but
//! that between `pre_exit` and `exit`, which the kernel waits for once.

#![forbid(unsafe_code)]

use kernel::{
    prelude::*,
    sync::rcu::synchronize_rcu, //
};
use net::pernet::{self, *};

pernet_module! {
    type: Grace,
    name: "grace_rust",
    authors: ["rust-pernet contributors"],
    description: "Waits for grace periods when namespaces die",
    license: "GPL",
    params: {
        wait: u32 {
            default: 0,
            description: "0: not itself, 1: in each exit, 2: in each exit_batch",
        },
    },
}

struct Grace;

impl pernet::Module for Grace {
    fn init(_: &'static ThisModule) -> impl PinInit<Self, Error> {
        Ok::<_, Error>(Self)
    }

    fn start(self: Pin<&Self>, registrar: &mut Registrar<'_, Self>) -> Result {
        registrar.register::<Waiter>()
    }
}

#[derive(Zeroable)]
struct Waiter;

static WAITER: Operations<Waiter> = Operations::zeroed();

#[vtable]
impl PerNet for Waiter {
    type Module = Grace;
    type Kind = Subsys;
    type After = ();
    const OPERATIONS: OperationsRef<Self> = OperationsRef::to(&WAITER);

    fn pre_exit(self: Pin<&Self>, _: Pin<&Grace>, _: HookNet<'_, Self>) {
        // Here something would be taken out of the readers' reach.
    }

    fn exit(self: Pin<&Self>, _: Pin<&Grace>, _: HookNet<'_, Self>) {
        if net::parameter(&module_parameters::wait) == 1 {
            synchronize_rcu();
        }
    }

    fn exit_batch(_: Pin<&Grace>, _: Batch<'_, Self>) {
        if net::parameter(&module_parameters::wait) == 2 {
            synchronize_rcu();
        }
    }
}
