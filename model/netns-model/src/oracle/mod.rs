// SPDX-License-Identifier: GPL-2.0

//! Whether a trace can be: an envelope around all that the rules allow.
//!
//! The [`Oracle`] is shown [`Record`]s: the events of a trace, and between them marks of what the driver does, each at
//! a moment when all events before it are there. It does not know when tasks run, so it follows each of them: what a
//! task has begun tells what it has to do next. The rules that it goes by:
//!
//! * The list has subsystems before devices, each in the order of registration. Inits run along it, exits against it.
//! * A task that registers or unregisters has the list for itself. Those that make namespaces and the one that ends
//!   them go on beside each other, but the list stays as it is while they do.
//! * A registration, and its end, visits every namespace of the list, the oldest first.
//! * What fails is undone: what was before it, and no more. The error reaches who asked.
//! * Namespaces end in batches, who was let go of last first. Each phase runs for the whole batch before the next does,
//!   in the same order of namespaces for all operations.
//! * A value is there in every hook, and is dropped once, in the last one.
//!
//! A violation is a [`Violation`] that names the [`Rule`] and shows the events.

mod cleanup;
mod commands;
mod namespaces;
mod reading;
mod setup;
mod tasks;
mod verdict;
mod writer;

use crate::{
    event::{
        Errno,
        Event,
        Net,
        Task, //
    },
    operations::{
        Kind,
        Slot, //
    },
};
use namespaces::Namespaces;
use reading::Undo;
use std::collections::{
    BTreeMap,
    VecDeque, //
};
pub use verdict::{
    Rule,
    Violation, //
};

/// What the driver does, at a moment that lies between the events before and behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// It will have a slot registered. An allocation may be made to fail meanwhile. If the slot has no init, the moment
    /// when it comes into the list cannot be seen: then nothing else may be going on, see [`Mark::Drained`].
    Register {
        /// Which.
        slot: Slot,
        /// Whether one may fail.
        faulty: bool,
    },
    /// That has been done.
    Registered(Result<(), Errno>),
    /// It will have a slot unregistered.
    Unregister(Slot),
    /// That has been done.
    Unregistered(Result<(), Errno>),
    /// It will plan that the nth init of a slot fails, or with 0 that none does.
    Plan(Slot, u32, Errno),
    /// That has been done.
    Planned,
    /// It will make a namespace.
    Create {
        /// In this task.
        task: Task,
        /// Whether an allocation may be made to fail meanwhile.
        faulty: bool,
        /// Whether the limit is reached.
        limited: bool,
    },
    /// That has been done. It holds what was made.
    Created(Result<Net, Errno>),
    /// It will let go of a namespace, for good.
    Put(Net),
    /// It has waited until all namespaces are gone that nobody holds.
    Drained,
    /// From now on others may make namespaces and let go of them, or no more.
    Strangers(bool),
}

/// What the oracle is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Record {
    /// A hook ran.
    Event(Event),
    /// The driver does something.
    Mark(Mark),
}

/// What has been seen: that it was not nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Events.
    pub events: u64,
    /// Namespaces that were made.
    pub namespaces: u64,
    /// Those that were refused, and undone.
    pub refused: u64,
    /// Registrations that succeeded.
    pub registrations: u64,
    /// Those that failed, and were undone.
    pub undone: u64,
    /// Batches of more than one namespace.
    pub batches: u64,
    /// Namespaces in the largest.
    pub largest: usize,
    /// Namespaces made while another one was being made, or ended.
    pub beside: u64,
}

impl Counters {
    /// Whether whatever can come of processes at work at once has been seen.
    pub fn are_complete(&self) -> bool {
        [self.refused, self.undone, self.batches, self.beside]
            .iter()
            .all(|counter| *counter > 0)
    }
}

/// A task makes a namespace.
#[derive(Clone, Debug)]
struct Setup {
    task: Task,
    net: Net,
    begin: usize,
    list: Vec<Slot>,
    /// How many of the inits that can be seen have been.
    done: usize,
    failed: Option<Errno>,
    faulty: bool,
    undo: Option<Undo>,
}

/// The task that ends namespaces does so. There is one such task at a time.
#[derive(Clone, Debug)]
struct Cleanup {
    task: Task,
    undo: Undo,
}

/// The loader has the list for itself.
#[derive(Clone, Debug)]
enum Writer {
    Register {
        seen: Vec<Net>,
        failed: Option<Errno>,
        undo: Option<Undo>,
    },
    Unregister(Undo),
}

/// What the loader was told to do.
#[derive(Clone, Copy, Debug)]
struct Command {
    slot: Slot,
    registers: bool,
    faulty: bool,
    /// What has been seen of it, when it is through.
    effect: Option<Effect>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Effect {
    Inserted,
    Undone(Option<Errno>),
    Removed,
}

/// A plan, or none: how many inits from now, and with what it fails.
type Plan = Option<(u32, Errno)>;

/// While a plan is being made the old one may still hold, or it may have been made a while ago.
#[derive(Clone, Debug, Default)]
struct Plans {
    before: Vec<Plan>,
    after: Vec<Plan>,
    making: Option<Plan>,
}

/// Inits and what has to follow, of one slot.
#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    inits: u64,
    exits: u64,
    drops: u64,
}

/// What is registered.
#[derive(Clone, Debug, Default)]
struct List {
    subsystems: Vec<Slot>,
    devices: Vec<Slot>,
}

impl List {
    fn slots(&self) -> Vec<Slot> {
        [&self.subsystems[..], &self.devices].concat()
    }

    fn insert(&mut self, slot: Slot) {
        match slot.operations().kind {
            Kind::Subsys => self.subsystems.push(slot),
            Kind::Device => self.devices.push(slot),
        }
    }

    fn remove(&mut self, slot: Slot) {
        self.subsystems.retain(|registered| *registered != slot);
        self.devices.retain(|registered| *registered != slot);
    }

    fn contains(&self, slot: Slot) -> bool {
        self.subsystems.contains(&slot) || self.devices.contains(&slot)
    }
}

/// Follows a trace.
#[derive(Clone, Debug)]
pub struct Oracle {
    loader: Task,
    list: List,
    namespaces: Namespaces,
    strangers: bool,
    setups: Vec<Setup>,
    cleanup: Option<Cleanup>,
    writer: Option<Writer>,
    command: Option<Command>,
    create: Option<(Task, usize, bool, bool)>,
    plans: BTreeMap<Slot, Plans>,
    planning: Option<Slot>,
    tallies: BTreeMap<Slot, Tally>,
    puts: u64,
    /// How many records there were.
    now: usize,
    history: VecDeque<Record>,
    counters: Counters,
}

/// How much of what was is shown with a violation.
const HISTORY: usize = 400;

impl Oracle {
    /// Nothing is registered, and these namespaces exist, in the order of the list; they are held for ever. What
    /// registers is `loader`.
    pub fn new(loader: Task, existing: &[Net]) -> Self {
        let mut namespaces = Namespaces::default();
        for net in existing {
            namespaces.add(*net, true, 0, Some(0));
        }
        namespaces.walk();
        for net in existing {
            namespaces.visit(*net, true);
        }
        namespaces.walked(existing);
        Oracle {
            loader,
            list: List::default(),
            namespaces,
            strangers: false,
            setups: Vec::new(),
            cleanup: None,
            writer: None,
            command: None,
            create: None,
            plans: BTreeMap::new(),
            planning: None,
            tallies: BTreeMap::new(),
            puts: 0,
            now: 0,
            history: VecDeque::new(),
            counters: Counters::default(),
        }
    }

    /// Goes on with these.
    pub fn observe(&mut self, records: &[Record]) -> Result<(), Violation> {
        for (index, record) in records.iter().enumerate() {
            self.now += 1;
            if self.history.len() == HISTORY {
                self.history.pop_front();
            }
            self.history.push_back(*record);
            match record {
                Record::Event(event) => self.event(event, &records[index + 1..])?,
                Record::Mark(mark) => self.mark(*mark)?,
            }
        }
        Ok(())
    }

    /// What has been seen so far.
    pub fn counters(&self) -> Counters {
        self.counters
    }

    /// Whether anything is registered.
    pub fn is_registered(&self) -> bool {
        !self.list.slots().is_empty()
    }

    /// What is registered, in the order of the list.
    pub fn registered(&self) -> Vec<Slot> {
        self.list.slots()
    }

    /// How many namespaces nobody holds any more and have not been seen to go.
    pub fn pending(&self) -> usize {
        let ended = self
            .cleanup
            .as_ref()
            .filter(|cleanup| cleanup.undo.is_complete())
            .map_or(&[][..], |cleanup| cleanup.undo.nets());
        let listed = self
            .namespaces
            .iter()
            .filter(|entry| !entry.held && !ended.contains(&entry.net))
            .count();
        listed
            + self
                .setups
                .iter()
                .filter(|setup| !(setup.undo.is_some() && setup.is_complete()))
                .count()
    }
}
