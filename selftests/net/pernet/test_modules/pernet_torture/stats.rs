// SPDX-License-Identifier: GPL-2.0

//! What has happened and what was wrong, and whether it adds up at the end.

use crate::cases::NAMES;
use kernel::{
    fmt::{
        self,
        Display, //
    },
    prelude::*,
    sync::atomic::{
        Atomic,
        Relaxed, //
    }, //
};
use net::namespace::Identity;

/// Makes a struct of counters, shown as `name=count` with a space before each.
macro_rules! counters {
    ($(#[$doc:meta])* $counters:ident { $($(#[$what:meta])* $name:ident,)+ }) => {
        $(#[$doc])*
        pub(crate) struct $counters {
            $($(#[$what])* pub(crate) $name: Atomic<u64>,)+
        }

        impl $counters {
            const fn new() -> Self {
                Self {
                    $($name: Atomic::new(0),)+
                }
            }
        }

        impl Display for $counters {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                $(write!(f, " {}={}", stringify!($name), self.$name.load(Relaxed))?;)+
                Ok(())
            }
        }
    };
}

counters! {
    /// What the hooks of one type have seen.
    Tally {
        /// Inits that succeeded.
        inits,
        /// Inits that were refused by plan.
        refused,
        /// Namespaces that saw the first exit hook, and the last.
        pre_exits,
        exits,
    }
}

impl Tally {
    /// Adds what another type has counted.
    fn add(&self, other: &Self) {
        self.inits.add(other.inits.load(Relaxed), Relaxed);
        self.refused.add(other.refused.load(Relaxed), Relaxed);
        self.pre_exits.add(other.pre_exits.load(Relaxed), Relaxed);
        self.exits.add(other.exits.load(Relaxed), Relaxed);
    }
}

/// One for each type, by its number; one without hooks has nothing to count.
pub(crate) static TALLIES: [Tally; NAMES.len()] = [const { Tally::new() }; NAMES.len()];

counters! {
    /// What happened beside that, in all the types together.
    Stats {
        /// Inits that succeeded in namespaces that lived when a type was registered, the initial one aside.
        inits_of_living,
        /// Registrations that were refused by plan, and undone.
        refused_starts,
        /// Values that were made and dropped, those of an init that was refused then, too.
        made,
        dropped,
        /// Batches of no namespace, of one, and of more.
        batches_of_none,
        batches_of_one,
        batches_of_more,
        /// In its own hook a type is not found, for these reasons.
        own_unregistered,
        own_setup,
        own_dying,
        /// What lookups found: in an interrupt, under RCU, with a counted reference, in walks, in hooks.
        found_irq,
        found_rcu,
        found_with,
        found_walk,
        found_hook,
        /// Why they found nothing, those in hooks too; the last is a phase that changed meanwhile.
        none_unregistered,
        none_setup,
        none_dying,
        none_changing,
    }
}

pub(crate) static STATS: Stats = Stats::new();

/// What must not happen.
#[derive(Clone, Copy)]
pub(crate) enum Fault {
    /// A value is not that of the namespace, or its memory is not what init wrote.
    NotItsOwn,
    /// The hooks of a value have got further than whoever has it may see.
    TooLate,
    /// A value was found where none is to be found.
    Untimely,
    /// A value was not found though it is there.
    Missing,
    /// Hooks ran in a wrong order, or twice.
    Disordered,
}

static FAULTS: Atomic<u64> = Atomic::new(0);

/// How many faults are logged one by one.
const LOGGED: u64 = 10;

impl Fault {
    /// Counts one of the type `name`, and logs it unless there have been many.
    pub(crate) fn report(self, name: &str, net: &Identity) {
        if FAULTS.fetch_add(1, Relaxed) >= LOGGED {
            return;
        }
        let what = match self {
            Self::NotItsOwn => "the value is not its own",
            Self::TooLate => "the value is seen when its hooks have got too far",
            Self::Untimely => "a value is found where none is to be found",
            Self::Missing => "the value is not found",
            Self::Disordered => "the hooks run in a wrong order",
        };
        pr_err!("{name} in {net}: {what}\n");
    }
}

/// All counters, for the log.
pub(crate) struct Totals;

impl Display for Totals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = Tally::new();
        for tally in &TALLIES {
            all.add(tally);
        }
        // The sleeper is the first to see a namespace that is made, and is not refused.
        let namespaces = TALLIES[0].inits.load(Relaxed);
        write!(f, "namespaces={namespaces} faults={}", FAULTS.load(Relaxed))?;
        all.fmt(f)?;
        STATS.fmt(f)
    }
}

/// Returns whether nothing was wrong, when nothing is left of what was registered.
pub(crate) fn are_right() -> bool {
    let mut right = FAULTS.load(Relaxed) == 0;
    for (tally, name) in TALLIES.iter().zip(NAMES) {
        pr_info!("{name}:{tally}\n");
        let inits = tally.inits.load(Relaxed);
        if tally.pre_exits.load(Relaxed) != inits || tally.exits.load(Relaxed) != inits {
            pr_err!("{name}: not every init has its exits\n");
            right = false;
        }
    }
    if STATS.made.load(Relaxed) != STATS.dropped.load(Relaxed) {
        pr_err!("not every value that was made was dropped\n");
        right = false;
    }
    right
}
