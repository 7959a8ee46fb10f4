// SPDX-License-Identifier: GPL-2.0

//! A type with every resource of a subsystem, which watches when it is called back, and types that are refused.
//!
//! For pernet_resources.sh.

#![forbid(unsafe_code)]

use kernel::{
    prelude::*,
    seq_file::SeqFile,
    seq_print,
    sync::atomic::{
        Atomic,
        Relaxed, //
    },
    time::{
        delay::fsleep,
        Delta, //
    }, //
};
use net::{
    namespace::*,
    pernet::{self, *},
    resource::{
        nf::{self, *},
        proc,
        sysctl::{self, *},
        work, //
    }, //
};

pernet_module! {
    type: Module,
    name: "pernet_resources",
    authors: ["rust-pernet contributors"],
    description: "Test module: what belongs to a namespace",
    license: "GPL",
    params: {
        refuse_nth: u64 {
            default: 0,
            description: "refuse the last resource of the N-th value (0: none)",
        },
        slow: u64 {
            default: 0,
            description: "milliseconds that a reader of the file is held up",
        },
    },
}

struct Module {
    made: Atomic<u64>,
}

static DROPPED: Atomic<u64> = Atomic::new(0);

impl pernet::Module for Module {
    fn init(_: &'static ThisModule) -> impl PinInit<Self, Error> {
        Ok(Self {
            made: Atomic::new(0),
        })
    }

    fn start(self: Pin<&Self>, registrar: &mut Registrar<'_, Self>) -> Result {
        log_errno("a field elsewhere", registrar.register::<Elsewhere>());
        log_errno("an item twice", registrar.register::<Twice>());
        registrar.register::<Marker>()?;
        registrar.register::<Held>()
    }
}

impl Drop for Module {
    fn drop(&mut self) {
        pr_info!(
            "{} made, {} dropped\n",
            self.made.load(Relaxed),
            DROPPED.load(Relaxed)
        );
    }
}

fn log_errno(what: &str, result: Result) {
    match result {
        Ok(()) => pr_err!("{what}: not refused\n"),
        Err(error) => pr_info!("{what}: {}\n", error.to_errno()),
    }
}

/// What all the resources of a namespace look at.
#[pin_data]
struct Held {
    number: Int,
    other: Int,
    flag: Bool,
    refused: bool,
    sweep: work::Item<Self>,
    sweeps: Atomic<u64>,
    packets: Atomic<u64>,
    /// Set in `exit_rtnl`, when no packet can be on its way through the hook.
    unhooked: Atomic<bool>,
    /// Set in `exit`, when no callback can run.
    over: Atomic<bool>,
    _dropped: Dropped,
}

static HELD: Operations<Held> = Operations::new_with::<(
    proc::File,
    nf::Hooks,
    sysctl::Table,
    work::Work,
    (proc::File<1>, sysctl::Table<1>),
)>();

#[vtable]
impl PerNet for Held {
    type Module = Module;
    type Kind = Subsys;
    type After = ();
    const OPERATIONS: OperationsRef<Self> = OperationsRef::to(&HELD);

    fn init(module: Pin<&Module>, _: HookNet<'_, Self>) -> impl PinInit<Self, Error> {
        let nth = module.made.fetch_add(1, Relaxed).wrapping_add(1);
        try_pin_init!(Self {
            number: Int::new(50),
            other: Int::new(-1),
            flag: Bool::new(true),
            refused: nth == net::parameter(&module_parameters::refuse_nth),
            sweep: work::Item::new(),
            sweeps: Atomic::new(0),
            packets: Atomic::new(0),
            unhooked: Atomic::new(false),
            over: Atomic::new(false),
            _dropped: Dropped,
        }? Error)
    }

    fn exit_rtnl(self: Pin<&Self>, _: Pin<&Module>, _: HookNet<'_, Self>, _: &mut DevKillList<'_>) {
        self.unhooked.store(true, Relaxed);
        // Time for packets that should not come.
        fsleep(Delta::from_millis(20));
    }

    fn exit(self: Pin<&Self>, _: Pin<&Module>, net: HookNet<'_, Self>) {
        self.over.store(true, Relaxed);
        if self.sweep.queue() || self.sweep.queue_after(Delta::from_millis(1)) {
            pr_err!("work was queued in exit\n");
        }
        // And for work items.
        fsleep(Delta::from_millis(20));
        let (packets, sweeps) = (self.packets.load(Relaxed), self.sweeps.load(Relaxed));
        pr_info!(
            "{net} ends, packets {}, swept {}\n",
            packets > 0,
            sweeps > 0
        );
    }
}

/// Counts the values that are dropped.
struct Dropped;

impl Drop for Dropped {
    fn drop(&mut self) {
        DROPPED.fetch_add(1, Relaxed);
    }
}

impl Held {
    fn called_back(&self, by: &str) {
        if self.over.load(Relaxed) {
            pr_err!("{by} after exit\n");
        }
    }
}

impl proc::Show for Held {
    const NAME: &'static CStr = c"pernet_held";

    fn show(self: Pin<&Self>, net: &Net, file: &SeqFile) -> Result {
        seq_print!(file, "net {net}\nnumber {}\n", self.number.load());
        let slow = net::parameter(&module_parameters::slow);
        fsleep(Delta::from_millis(slow as i64));
        seq_print!(
            file,
            "flag {}\nswept {}\nend\n",
            self.flag.load(),
            self.sweeps.load(Relaxed) > 0
        );
        self.called_back("a reader");
        Ok(())
    }
}

impl proc::Show<1> for Held {
    const NAME: &'static CStr = c"pernet_refusing";

    fn show(self: Pin<&Self>, _: &Net, _: &SeqFile) -> Result {
        Err(ENXIO)
    }
}

impl sysctl::Values for Held {
    const PATH: &'static CStr = c"net/pernet_held";
    const ENTRIES: &'static [Entry<Self>] = &[
        Entry::int(c"number", |held| &held.number, 0..=100),
        Entry::bool(c"flag", |held| &held.flag),
        Entry::int_read_only(c"fixed", |held| &held.other),
    ];
}

/// Not a part of any value.
static ELSEWHERE: Int = Int::new(0);

impl sysctl::Values<1> for Held {
    const PATH: &'static CStr = c"net/pernet_last";
    const ENTRIES: &'static [Entry<Self>] = &[Entry::int(
        c"other",
        |held| {
            if held.refused {
                &ELSEWHERE
            } else {
                &held.other
            }
        },
        i32::MIN..=i32::MAX,
    )];
}

impl nf::Hook for Held {
    const POINTS: &'static [Point] = &Point::everywhere(10);

    fn packet(self: Pin<&Self>, packet: &Packet<'_>) -> Verdict {
        self.packets.fetch_add(1, Relaxed);
        if self.unhooked.load(Relaxed) {
            pr_err!("{} saw a packet after pre_exit\n", packet.net());
        }
        self.sweep.queue();
        Verdict::Accept
    }
}

impl work::Run for Held {
    fn item(&self) -> &work::Item<Self> {
        &self.sweep
    }

    fn run(self: Pin<&Self>, _: UncountedNet<'_>) {
        self.sweeps.fetch_add(1, Relaxed);
        // It is always running or queued when the namespace goes.
        fsleep(Delta::from_millis(2));
        self.sweep.queue_after(Delta::from_millis(1));
        self.called_back("a work item");
    }
}

/// A value without a size, whose resources have a state.
#[derive(Zeroable)]
struct Marker;

static MARKER: Operations<Marker> = Operations::zeroed_with::<(nf::Hooks, proc::File)>();

#[vtable]
impl PerNet for Marker {
    type Module = Module;
    type Kind = Subsys;
    type After = ();
    const OPERATIONS: OperationsRef<Self> = OperationsRef::to(&MARKER);
}

impl proc::Show for Marker {
    const NAME: &'static CStr = c"pernet_marker";

    fn show(self: Pin<&Self>, net: &Net, file: &SeqFile) -> Result {
        seq_print!(file, "{net}\n");
        Ok(())
    }
}

impl nf::Hook for Marker {
    const POINTS: &'static [Point] = &[Point {
        family: Family::Ipv4,
        stage: Stage::LocalOut,
        priority: -10,
    }];

    fn packet(self: Pin<&Self>, _: &Packet<'_>) -> Verdict {
        Verdict::Accept
    }
}

/// Its work item is not within the value.
struct Elsewhere(u8);

static OUTSIDE: work::Item<Elsewhere> = work::Item::new();
static OF_ELSEWHERE: Operations<Elsewhere> = Operations::new_with::<work::Work>();

#[vtable]
impl PerNet for Elsewhere {
    type Module = Module;
    type Kind = Subsys;
    type After = ();
    const OPERATIONS: OperationsRef<Self> = OperationsRef::to(&OF_ELSEWHERE);

    fn init(_: Pin<&Module>, _: HookNet<'_, Self>) -> impl PinInit<Self, Error> {
        Ok(Self(0))
    }
}

impl work::Run for Elsewhere {
    fn item(&self) -> &work::Item<Self> {
        &OUTSIDE
    }

    fn run(self: Pin<&Self>, _: UncountedNet<'_>) {
        pr_err!("{} ran\n", self.0);
    }
}

/// Two resources are made of one work item.
struct Twice(work::Item<Self>);

static TWICE: Operations<Twice> = Operations::new_with::<(work::Work<1>, work::Work<2>)>();

#[vtable]
impl PerNet for Twice {
    type Module = Module;
    type Kind = Subsys;
    type After = ();
    const OPERATIONS: OperationsRef<Self> = OperationsRef::to(&TWICE);

    fn init(_: Pin<&Module>, _: HookNet<'_, Self>) -> impl PinInit<Self, Error> {
        Ok(Self(work::Item::new()))
    }
}

impl work::Run<1> for Twice {
    fn item(&self) -> &work::Item<Self> {
        &self.0
    }

    fn run(self: Pin<&Self>, _: UncountedNet<'_>) {}
}

impl work::Run<2> for Twice {
    fn item(&self) -> &work::Item<Self> {
        &self.0
    }

    fn run(self: Pin<&Self>, _: UncountedNet<'_>) {}
}
