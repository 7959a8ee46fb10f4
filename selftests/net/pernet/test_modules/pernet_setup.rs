// SPDX-License-Identifier: GPL-2.0

//! Reaches a namespace that is being set up, from a packet and from a work item.
//!
//! `Early` has a netfilter hook and a work item. `Late`, which is registered after it, queues the work item in its init
//! and waits until that has run; pernet_send_c sends the packet. The work item goes on until it gets a reference, and
//! then looks up the value of `Last`, whose init runs last. For pernet_setup.sh.

#![forbid(unsafe_code)]

use kernel::{
    prelude::*,
    sync::atomic::{
        Acquire,
        Atomic,
        Release, //
    },
    time::{
        delay::fsleep,
        Delta, //
    }, //
};
use net::{
    namespace::{
        Identity,
        Net,
        UncountedNet, //
    },
    pernet::{self, *},
    rcu,
    resource::{
        nf::{self, *},
        work, //
    }, //
};

pernet_module! {
    type: Module,
    name: "pernet_setup",
    authors: ["rust-pernet contributors"],
    description: "Test module: reaches namespaces that are being set up",
    license: "GPL",
}

/// The length of the packets that pernet_send_c sends.
const LEN: u32 = 77;

/// A task waits so many times a millisecond: ten seconds are enough.
const PATIENCE: u32 = 10_000;

const MILLISECOND: Delta = Delta::from_millis(1);

struct Module;

impl pernet::Module for Module {
    fn init(_: &'static ThisModule) -> impl PinInit<Self, Error> {
        Ok(Self)
    }

    fn start(self: Pin<&Self>, registrar: &mut Registrar<'_, Self>) -> Result {
        registrar.register::<Early>()?;
        registrar.register::<Late>()?;
        registrar.register::<Last>()
    }
}

/// Logs whether a reference can be had.
fn try_get(by: &str, net: UncountedNet<'_>) {
    let found = net.try_get().is_some();
    pr_info!("{} {by}: reference {found}\n", net.cookie());
}

struct Early {
    item: work::Item<Self>,
    has_run: Atomic<bool>,
}

static EARLY: Operations<Early> = Operations::new_with::<(nf::Hooks, work::Work)>();

#[vtable]
impl PerNet for Early {
    type Module = Module;
    type Kind = Subsys;
    type After = ();
    const OPERATIONS: OperationsRef<Self> = OperationsRef::to(&EARLY);

    fn init(_: Pin<&Module>, net: HookNet<'_, Self>) -> impl PinInit<Self, Error> {
        pr_info!("{} begins\n", net.cookie());
        Ok(Self {
            item: work::Item::new(),
            has_run: Atomic::new(false),
        })
    }
}

impl nf::Hook for Early {
    const POINTS: &'static [Point] = &[Point {
        family: Family::Ipv4,
        stage: Stage::LocalOut,
        priority: 0,
    }];

    fn packet(self: Pin<&Self>, packet: &Packet<'_>) -> Verdict {
        if packet.len() == LEN {
            try_get("packet", packet.net());
        }
        Verdict::Accept
    }
}

impl work::Run for Early {
    fn item(&self) -> &work::Item<Self> {
        &self.item
    }

    fn run(self: Pin<&Self>, net: UncountedNet<'_>) {
        try_get("work item", net);
        self.has_run.store(true, Release);
        for _ in 0..PATIENCE {
            if let Some(net) = net.try_get() {
                look_up(&net);
                return;
            }
            fsleep(MILLISECOND);
        }
        pr_info!("{} work item: no reference at all\n", net.cookie());
    }
}

/// Looks the last value up as soon as there is a reference. A machine that shows the stores of another CPU in another
/// order may not find it yet, but never finds another namespace's.
fn look_up(net: &Net) {
    let with = LAST.with(net, |last| last.is_of(net));
    let get = rcu::read_lock(|rcu| Some(LAST.get(net, rcu)?.is_of(net)));
    if with != Some(false) && get != Some(false) {
        pr_info!("{} work item: right\n", net.cookie());
    } else {
        pr_info!("{} work item: with {with:?} get {get:?}\n", net.cookie());
    }
}

#[derive(Zeroable)]
struct Late;

static LATE: Operations<Late> = Operations::new();

#[vtable]
impl PerNet for Late {
    type Module = Module;
    type Kind = Subsys;
    type After = Early;
    const OPERATIONS: OperationsRef<Self> = OperationsRef::to(&LATE);

    fn init(_: Pin<&Module>, net: HookNet<'_, Self>) -> impl PinInit<Self, Error> {
        let early = net.after();
        early.item.queue();
        for _ in 0..PATIENCE {
            if early.has_run.load(Acquire) {
                return Ok(Self);
            }
            fsleep(MILLISECOND);
        }
        Err(ETIMEDOUT)
    }
}

struct Last(u64);

impl Last {
    fn is_of(&self, net: &Identity) -> bool {
        self.0 == net.cookie()
    }
}

static LAST: Operations<Last> = Operations::new();

#[vtable]
impl PerNet for Last {
    type Module = Module;
    type Kind = Subsys;
    type After = ();
    const OPERATIONS: OperationsRef<Self> = OperationsRef::to(&LAST);

    fn init(_: Pin<&Module>, net: HookNet<'_, Self>) -> impl PinInit<Self, Error> {
        Ok(Self(net.cookie()))
    }
}
