// SPDX-License-Identifier: GPL-2.0

//! Tortures the library for as long as it is loaded, while somebody makes and removes namespaces, and tells
//! in one line at unload how that went. In the form of the kernel's rcutorture.
//!
//! Types of every kind are registered, see [`cases`]; some of their inits are refused by plan. Readers look
//! their values up in every way that there is, see [`readers`], and hooks do, see [`values`]. Each value can
//! tell whether it is the right one, at the right time, see [`stamp`]. What is wrong is counted, see [`stats`].
//! For pernet_torture.sh and scripts/torture.

#![forbid(unsafe_code)]

#[path = "pernet_torture/cases.rs"]
mod cases;
#[path = "pernet_torture/lookups.rs"]
mod lookups;
#[path = "pernet_torture/parameters.rs"]
mod parameters;
#[path = "pernet_torture/readers.rs"]
mod readers;
#[path = "pernet_torture/refusals.rs"]
mod refusals;
#[path = "pernet_torture/stamp.rs"]
mod stamp;
#[path = "pernet_torture/stats.rs"]
mod stats;
#[path = "pernet_torture/values.rs"]
mod values;

use kernel::prelude::*;
use net::pernet::{self, *};
use parameters::Parameters;
use readers::Readers;

pernet_module! {
    type: Torture,
    name: "pernet_torture",
    authors: ["rust-pernet contributors"],
    description: "Test module: tortures the library, and tells how that went",
    license: "GPL",
    params: {
        kinds: u32 {
            default: 255,
            description: "bits 0-7: sleeper plain quiet batched refusing bare_dev dev dev_batched",
        },
        irq_readers: u32 {
            default: 2,
            description: "how many timers look up in an interrupt",
        },
        rcu_readers: u32 {
            default: 1,
            description: "how many work items look up under RCU",
        },
        with_readers: u32 {
            default: 8,
            description: "how many work items look up with a counted reference, and sleep",
        },
        walkers: u32 {
            default: 2,
            description: "how many work items walk over all namespaces, and sleep",
        },
        irq_interval_us: u32 {
            default: 1000,
            description: "how long a timer rests",
        },
        interval_us: u32 {
            default: 1000,
            description: "how long a work item rests",
        },
        hold_us: u32 {
            default: 50_000,
            description: "how long a value is held at most where one may sleep",
        },
        walk_us: u32 {
            default: 1000,
            description: "how long where others wait for it: in walks, and in hooks",
        },
        spin_us: u32 {
            default: 10,
            description: "how long a value is held under RCU",
        },
        sleep_percent: u32 {
            default: 10,
            description: "how many inits of sleeper and bare_dev sleep with a value, of 100",
        },
        refuse_percent: u32 {
            default: 2,
            description: "how many inits of refusing and dev_batched are refused, of 100",
        },
        refuse_starts: u32 {
            default: 3,
            description: "how often refusing is refused when it is registered",
        },
        stutter: u32 {
            default: 0,
            description: "the readers work for so many seconds and rest as long (0: no rest)",
        },
        stat_interval: u32 {
            default: 10,
            description: "counters are logged every so many seconds (0: at the end only)",
        },
        seed: u64 {
            default: 1,
            description: "what the random numbers start from",
        },
    },
}

/// The module: what looks values up, from before anything is registered until all is unregistered.
struct Torture {
    readers: Option<Readers>,
}

impl pernet::Module for Torture {
    fn init(_: &'static ThisModule) -> impl PinInit<Self, Error> {
        let parameters = Parameters::given()?;
        refusals::plan(parameters.seed, parameters.refuse_percent);
        Ok(Self {
            readers: Some(Readers::start(&parameters)?),
        })
    }

    fn start(self: Pin<&Self>, registrar: &mut Registrar<'_, Self>) -> Result {
        cases::register(registrar)
    }
}

impl Drop for Torture {
    fn drop(&mut self) {
        // Whoever was not kept out looks at what is gone.
        readers::settle();
        self.readers = None;

        let well = stats::are_right();
        pr_info!("stats: {}\n", stats::Totals);
        pr_info!(
            "End of test: {}: {}\n",
            if well { "SUCCESS" } else { "FAILURE" },
            Parameters::values()
        );
    }
}
