// SPDX-License-Identifier: GPL-2.0

//! A type whose hooks take their time, each another one, and two that lack most of them.
//!
//! For pernet_debugfs.sh.

#![forbid(unsafe_code)]

use kernel::{
    prelude::*,
    time::{
        delay::fsleep,
        Delta, //
    }, //
};
use net::pernet::{self, *};

pernet_module! {
    type: Module,
    name: "pernet_slow",
    authors: ["rust-pernet contributors"],
    description: "Test module: hooks that take their time",
    license: "GPL",
    params: {
        exit_ms: u32 {
            default: 60,
            description: "how many milliseconds exit of Slow takes",
        },
    },
}

struct Module;

impl pernet::Module for Module {
    fn init(_: &'static ThisModule) -> impl PinInit<Self, Error> {
        Ok(Self)
    }

    fn start(self: Pin<&Self>, registrar: &mut Registrar<'_, Self>) -> Result {
        registrar.register::<Slow>()?;
        registrar.register::<Hookless>()?;
        registrar.register::<Zeroes>()
    }
}

fn sleep(ms: u32) {
    // Not at once: what is long is slept by jiffies, and where User-Mode Linux's clock jumps these
    // fall behind it and are made up for at once. What is short is slept by a timer of the clock.
    for _ in 0..ms.div_ceil(10) {
        fsleep(Delta::from_millis(10));
    }
}

/// All hooks, and no size.
struct Slow;

static SLOW: Operations<Slow> = Operations::new();

#[vtable]
impl PerNet for Slow {
    type Module = Module;
    type Kind = Device;
    type After = ();
    const OPERATIONS: OperationsRef<Self> = OperationsRef::to(&SLOW);

    fn init(_: Pin<&Module>, _: HookNet<'_, Self>) -> impl PinInit<Self, Error> {
        sleep(20);
        Ok::<_, Error>(Self)
    }

    fn pre_exit(self: Pin<&Self>, _: Pin<&Module>, _: HookNet<'_, Self>) {
        sleep(50);
    }

    fn exit_rtnl(self: Pin<&Self>, _: Pin<&Module>, _: HookNet<'_, Self>, _: &mut DevKillList<'_>) {
        sleep(30);
    }

    fn exit(self: Pin<&Self>, _: Pin<&Module>, _: HookNet<'_, Self>) {
        sleep(net::parameter(&module_parameters::exit_ms));
    }

    fn exit_batch(_: Pin<&Module>, _: Batch<'_, Self>) {
        sleep(40);
    }
}

/// No hook, and no size.
#[derive(Zeroable)]
struct Hookless;

static HOOKLESS: Operations<Hookless> = Operations::zeroed();

#[vtable]
impl PerNet for Hookless {
    type Module = Module;
    type Kind = Subsys;
    type After = ();
    const OPERATIONS: OperationsRef<Self> = OperationsRef::to(&HOOKLESS);
}

/// No hook of its own, and a size.
#[derive(Zeroable)]
struct Zeroes {
    _hits: [u64; 3],
}

static ZEROES: Operations<Zeroes> = Operations::zeroed();

#[vtable]
impl PerNet for Zeroes {
    type Module = Module;
    type Kind = Subsys;
    type After = ();
    const OPERATIONS: OperationsRef<Self> = OperationsRef::to(&ZEROES);
}
