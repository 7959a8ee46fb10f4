// SPDX-License-Identifier: GPL-2.0

//! Tells of every network namespace that goes how long it lived.

#![forbid(unsafe_code)]

use kernel::{
    prelude::*,
    time::{
        Instant,
        Monotonic, //
    }, //
};
use net::pernet::{self, *};

pernet_module! {
    type: NetnsUptime,
    name: "netns_uptime",
    authors: ["rust-pernet contributors"],
    description: "Logs how long network namespaces live",
    license: "GPL",
}

struct NetnsUptime;

impl pernet::Module for NetnsUptime {
    fn init(_: &'static ThisModule) -> impl PinInit<Self, Error> {
        Ok(Self)
    }

    fn start(self: Pin<&Self>, registrar: &mut Registrar<'_, Self>) -> Result {
        registrar.register::<Uptime>()
    }
}

/// When the namespace was made, or the module was loaded.
struct Uptime(Instant<Monotonic>);

static UPTIME: Operations<Uptime> = Operations::new();

#[vtable]
impl PerNet for Uptime {
    type Module = NetnsUptime;
    type Kind = Subsys;
    type After = ();
    const OPERATIONS: OperationsRef<Self> = OperationsRef::to(&UPTIME);

    fn init(_: Pin<&NetnsUptime>, _: HookNet<'_, Self>) -> impl PinInit<Self, Error> {
        Ok(Self(Instant::now()))
    }

    fn exit(self: Pin<&Self>, _: Pin<&NetnsUptime>, net: HookNet<'_, Self>) {
        pr_info!("{net} lived for {} ms\n", self.0.elapsed().as_millis());
    }
}
