// SPDX-License-Identifier: GPL-2.0

//! Counts the packets and bytes of every network namespace, by where netfilter sees them.
//!
//! `/proc/net/netns_counters` shows them, and `/proc/sys/net/netns_counters/enabled` switches the counting off, both
//! in each namespace for itself.

#![forbid(unsafe_code)]

use kernel::{
    prelude::*,
    seq_file::SeqFile,
    seq_print, //
};
use net::{
    namespace::Net,
    pernet::{self, *},
    resource::{
        nf::{self, *},
        percpu,
        proc,
        sysctl::{self, *}, //
    }, //
};

pernet_module! {
    type: NetnsCounters,
    name: "netns_counters",
    authors: ["rust-pernet contributors"],
    description: "Counts packets in network namespaces",
    license: "GPL",
}

struct NetnsCounters;

impl pernet::Module for NetnsCounters {
    fn init(_: &'static ThisModule) -> impl PinInit<Self, Error> {
        Ok(Self)
    }

    fn start(self: Pin<&Self>, registrar: &mut Registrar<'_, Self>) -> Result {
        registrar.register::<Counters>()
    }
}

/// What one namespace has seen.
#[pin_data]
struct Counters {
    enabled: Bool,
    /// Packets and bytes of each of the points, in their order.
    traffic: percpu::Counters<{ 2 * Point::everywhere(0).len() }>,
}

static COUNTERS: Operations<Counters> =
    Operations::new_with::<(proc::File, sysctl::Table, nf::Hooks)>();

#[vtable]
impl PerNet for Counters {
    type Module = NetnsCounters;
    type Kind = Subsys;
    type After = ();
    const OPERATIONS: OperationsRef<Self> = OperationsRef::to(&COUNTERS);

    fn init(_: Pin<&NetnsCounters>, _: HookNet<'_, Self>) -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            enabled: Bool::new(true),
            traffic: percpu::Counters::new()?,
        }? Error)
    }
}

impl Counters {
    /// Returns the number of the counter of packets; that of bytes is the next one.
    fn number(family: Family, stage: Stage) -> usize {
        2 * (Stage::ALL.len() * usize::from(family == Family::Ipv6) + stage as usize)
    }
}

impl nf::Hook for Counters {
    const POINTS: &'static [Point] = &Point::everywhere(0);

    fn packet(self: Pin<&Self>, packet: &Packet<'_>) -> Verdict {
        if self.enabled.load() {
            let number = Self::number(packet.family(), packet.stage());
            self.traffic.add(number, 1);
            self.traffic.add(number + 1, packet.len().into());
        }
        Verdict::Accept
    }
}

impl proc::Show for Counters {
    const NAME: &'static CStr = c"netns_counters";

    fn show(self: Pin<&Self>, _: &Net, file: &SeqFile) -> Result {
        for family in Family::ALL {
            for stage in Stage::ALL {
                let number = Self::number(family, stage);
                let (packets, bytes) = (self.traffic.sum(number), self.traffic.sum(number + 1));
                seq_print!(file, "{family} {stage} {packets} packets {bytes} bytes\n");
            }
        }
        Ok(())
    }
}

impl sysctl::Values for Counters {
    const PATH: &'static CStr = c"net/netns_counters";
    const ENTRIES: &'static [Entry<Self>] =
        &[Entry::bool(c"enabled", |counters| &counters.enabled)];
}
