// SPDX-License-Identifier: GPL-2.0

//! A network device in every network namespace, which takes what is sent and counts it.
//!
//! `ip -statistics link show sink0` tells how much that was, and the log when the namespace goes.

#![forbid(unsafe_code)]

use kernel::prelude::*;
use net::{
    pernet::{self, *},
    resource::{
        netdev::{self, *},
        percpu, //
    }, //
};

pernet_module! {
    type: NetnsSink,
    name: "netns_sink",
    authors: ["rust-pernet contributors"],
    description: "A network device in every namespace that takes what is sent",
    license: "GPL",
}

struct NetnsSink;

impl pernet::Module for NetnsSink {
    fn init(_: &'static ThisModule) -> impl PinInit<Self, Error> {
        Ok(Self)
    }

    fn start(self: Pin<&Self>, registrar: &mut Registrar<'_, Self>) -> Result {
        registrar.register::<Sink>()
    }
}

/// What the device of one namespace has taken: frames and bytes.
struct Sink(percpu::Counters<2>);

static SINK: Operations<Sink> = Operations::new_with::<netdev::Link>();

#[vtable]
impl PerNet for Sink {
    type Module = NetnsSink;
    type Kind = Device;
    type After = ();
    const OPERATIONS: OperationsRef<Self> = OperationsRef::to(&SINK);

    fn init(_: Pin<&NetnsSink>, _: HookNet<'_, Self>) -> impl PinInit<Self, Error> {
        percpu::Counters::new().map(Self)
    }

    fn exit(self: Pin<&Self>, _: Pin<&NetnsSink>, net: HookNet<'_, Self>) {
        let (frames, bytes) = (self.0.sum(0), self.0.sum(1));
        pr_info!("{net} has sunk {frames} frames, {bytes} bytes\n");
    }
}

impl netdev::Driver for Sink {
    const NAME: &'static CStr = c"sink0";

    fn transmit(self: Pin<&Self>, frame: &Frame<'_>) -> Outcome {
        self.0.add(0, 1);
        self.0.add(1, frame.len().into());
        Outcome::Sent
    }
}
