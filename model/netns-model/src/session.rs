// SPDX-License-Identifier: GPL-2.0

//! A program on a system, step by step, with the oracle beside it.

use crate::{
    event::{
        Errno,
        Event,
        Net,
        Task, //
    },
    operations::{
        Hook,
        Slot, //
    },
    oracle::{
        Counters,
        Mark,
        Oracle,
        Record,
        Violation, //
    },
    program::{
        Operation,
        Step, //
    },
};
use std::{
    collections::BTreeSet,
    fmt,
    time::{
        Duration,
        Instant, //
    },
};

/// How something ended that may have been made to fail.
#[derive(Clone, Copy, Debug)]
pub struct Outcome<T> {
    /// What it led to.
    pub result: Result<T, Errno>,
    /// Whether an allocation was made to fail.
    pub injected: bool,
}

/// What can register hooks and make namespaces, and tells what the hooks saw. An `Err` is trouble with the means, such
/// as a device that cannot be opened, and says so in a sentence.
pub trait System {
    /// The task that registers.
    fn loader(&self) -> Task;

    /// The task that makes namespaces.
    fn creator(&self) -> Task;

    /// The namespaces that there are at the start, in the order of the list. Nothing is registered.
    fn existing(&mut self) -> Result<Vec<Net>, String>;

    /// Registers, with the nth allocation failing if there is a `fault`.
    fn register(&mut self, slot: Slot, fault: Option<u32>) -> Result<Outcome<()>, String>;

    /// Unregisters, with the nth allocation failing if there is a `fault`.
    fn unregister(&mut self, slot: Slot, fault: Option<u32>) -> Result<Outcome<()>, String>;

    /// Has the nth init of a slot fail, from now on.
    fn plan(&mut self, slot: Slot, nth: u32, errno: Errno) -> Result<(), String>;

    /// Makes a namespace and holds it, with the nth allocation failing if there is a `fault`.
    fn create(&mut self, fault: Option<u32>) -> Result<Outcome<Net>, String>;

    /// Tries to make a namespace while there may be none.
    fn refuse(&mut self) -> Result<Outcome<Net>, String>;

    /// Holds a namespace once more.
    fn hold(&mut self, net: Net) -> Result<(), String>;

    /// Lets go of it.
    fn put(&mut self, net: Net) -> Result<(), String>;

    /// Adds the events since the last call.
    fn read(&mut self, events: &mut Vec<Event>) -> Result<(), String>;

    /// Lets others do something.
    fn idle(&mut self);
}

/// Why a session does not go on.
#[derive(Clone, Debug)]
pub enum Failure {
    /// What happened cannot be.
    Violation(Violation),
    /// What happened is not what was foretold.
    Difference(String),
    /// It did not happen in time.
    Late(String),
    /// Something is wrong with the means.
    Trouble(String),
}

impl From<Violation> for Failure {
    fn from(violation: Violation) -> Self {
        Failure::Violation(violation)
    }
}

impl From<String> for Failure {
    fn from(trouble: String) -> Self {
        Failure::Trouble(trouble)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Violation(violation) => violation.fmt(f),
            Failure::Difference(what) | Failure::Late(what) | Failure::Trouble(what) => {
                f.write_str(what)
            }
        }
    }
}

/// A namespace that was made, and how often it is held.
#[derive(Clone, Copy, Debug)]
struct Made {
    net: Net,
    references: u32,
}

/// Runs programs on a system.
pub struct Session<'a, S> {
    system: &'a mut S,
    oracle: Oracle,
    made: Vec<Option<Made>>,
    /// The slots whose inits may be about to fail.
    planned: BTreeSet<Slot>,
    /// The events of the operation that goes on.
    events: Vec<Event>,
    /// Whether something may still be going on that was not waited for.
    dirty: bool,
    patience: Duration,
    injected: u64,
}

/// What is registered for a moment where nobody would see a namespace go.
const WATCH: Slot = Slot(11);

impl<'a, S: System> Session<'a, S> {
    /// Begins on a system on which nothing is registered.
    pub fn new(system: &'a mut S, patience: Duration) -> Result<Self, Failure> {
        let existing = system.existing()?;
        let oracle = Oracle::new(system.loader(), &existing);
        Ok(Session {
            system,
            oracle,
            made: Vec::new(),
            planned: BTreeSet::new(),
            events: Vec::new(),
            dirty: false,
            patience,
            injected: 0,
        })
    }

    /// What the oracle has seen.
    pub fn counters(&self) -> Counters {
        self.oracle.counters()
    }

    /// How many allocations were made to fail.
    pub fn injected(&self) -> u64 {
        self.injected
    }

    /// The system that it runs on.
    pub fn system(&mut self) -> &mut S {
        self.system
    }

    /// How many namespaces have been made, or refused.
    pub fn created(&self) -> usize {
        self.made.len()
    }

    /// The namespace of that number, if it is held.
    pub fn held(&self, number: usize) -> Option<Net> {
        let made = (*self.made.get(number.checked_sub(1)?)?)?;
        (made.references > 0).then_some(made.net)
    }

    /// Does one operation, and tells what it led to.
    pub fn run(&mut self, operation: &Operation) -> Result<Step, Failure> {
        self.events.clear();
        let result = self.operate(operation, None)?;
        self.listen()?;
        Ok(Step {
            operation: operation.clone(),
            result,
            events: std::mem::take(&mut self.events),
        })
    }

    fn operate(
        &mut self,
        operation: &Operation,
        fault: Option<u32>,
    ) -> Result<Result<(), Errno>, Failure> {
        Ok(match operation {
            Operation::Register(slot) => self.register(*slot, fault)?,
            Operation::Unregister(slot) => self.unregister(*slot, fault)?,
            Operation::Plan(slot, nth, errno) => {
                self.planned.insert(*slot);
                self.plan(*slot, *nth, *errno)?;
                Ok(())
            }
            Operation::Create => {
                let made = self.create(fault)?;
                self.made
                    .push(made.ok().map(|net| Made { net, references: 1 }));
                made.map(|_| ())
            }
            Operation::Refuse => {
                self.mark(Mark::Create {
                    task: self.system.creator(),
                    faulty: false,
                    limited: true,
                })?;
                let outcome = self.system.refuse()?;
                self.mark(Mark::Created(outcome.result))?;
                if let Ok(net) = outcome.result {
                    return Err(Failure::Difference(format!(
                        "{net} was made though the limit was 0"
                    )));
                }
                outcome.result.map(|_| ())
            }
            Operation::Hold(number) => match self.held(*number) {
                Some(net) => {
                    self.system.hold(net)?;
                    self.count(*number, 1);
                    Ok(())
                }
                None => Err(Errno::ENOENT),
            },
            Operation::Put(number) => self.put(*number)?,
            Operation::Destroy(number) => {
                let result = self.put(*number)?;
                while self.put(*number)?.is_ok() {}
                self.drain()?;
                result
            }
            Operation::Drain => {
                self.drain()?;
                Ok(())
            }
            Operation::Burst(count) => {
                let mut nets = Vec::new();
                let mut result = Ok(());
                for _ in 0..*count {
                    match self.create(None)? {
                        Ok(net) => nets.push(net),
                        Err(errno) => result = result.and(Err(errno)),
                    }
                }
                for net in nets {
                    self.let_go(net)?;
                }
                result
            }
            Operation::Fault(nth, operation) => self.operate(operation, Some(*nth))?,
        })
    }

    fn register(&mut self, slot: Slot, fault: Option<u32>) -> Result<Result<(), Errno>, Failure> {
        if !slot.operations().has(Hook::Init) {
            self.drain()?;
        }
        self.mark(Mark::Register {
            slot,
            faulty: fault.is_some(),
        })?;
        let outcome = self.system.register(slot, fault)?;
        self.injected += u64::from(outcome.injected);
        self.mark(Mark::Registered(outcome.result))?;
        Ok(outcome.result)
    }

    fn unregister(&mut self, slot: Slot, fault: Option<u32>) -> Result<Result<(), Errno>, Failure> {
        self.mark(Mark::Unregister(slot))?;
        let outcome = self.system.unregister(slot, fault)?;
        self.injected += u64::from(outcome.injected);
        self.mark(Mark::Unregistered(outcome.result))?;
        Ok(outcome.result)
    }

    fn plan(&mut self, slot: Slot, nth: u32, errno: Errno) -> Result<(), Failure> {
        self.mark(Mark::Plan(slot, nth, errno))?;
        self.system.plan(slot, nth, errno)?;
        self.mark(Mark::Planned)
    }

    fn create(&mut self, fault: Option<u32>) -> Result<Result<Net, Errno>, Failure> {
        self.mark(Mark::Create {
            task: self.system.creator(),
            faulty: fault.is_some(),
            limited: false,
        })?;
        let outcome = self.system.create(fault)?;
        self.injected += u64::from(outcome.injected);
        self.mark(Mark::Created(outcome.result))?;
        Ok(outcome.result)
    }

    fn put(&mut self, number: usize) -> Result<Result<(), Errno>, Failure> {
        let Some(net) = self.held(number) else {
            return Ok(Err(Errno::ENOENT));
        };
        if self.count(number, -1) == 0 {
            self.let_go(net)?;
        } else {
            self.system.put(net)?;
        }
        Ok(Ok(()))
    }

    fn count(&mut self, number: usize, difference: i32) -> u32 {
        self.made[number - 1].as_mut().map_or(0, |made| {
            made.references = made.references.saturating_add_signed(difference);
            made.references
        })
    }

    fn let_go(&mut self, net: Net) -> Result<(), Failure> {
        self.mark(Mark::Put(net))?;
        self.dirty = true;
        self.system.put(net)?;
        Ok(())
    }

    /// Waits until all namespaces are gone that nobody holds.
    pub fn drain(&mut self) -> Result<(), Failure> {
        self.listen()?;
        if !self.dirty {
            return Ok(());
        }
        let watch = !self.oracle.is_registered();
        let before = self.events.len();
        if watch {
            if self.planned.remove(&WATCH) {
                self.plan(WATCH, 0, Errno::ENOMEM)?;
            }
            self.watch(Session::register)?;
        }
        let start = Instant::now();
        let mut seen = self.oracle.counters().events;
        let mut since = start;
        while self.oracle.pending() > 0 {
            self.system.idle();
            self.listen()?;
            if self.oracle.counters().events > seen {
                seen = self.oracle.counters().events;
                since = Instant::now();
            }
            if since.elapsed() > self.patience {
                let pending = self.oracle.pending();
                return Err(Failure::Late(format!(
                    "{pending} namespace(s) that nobody holds have not gone after {:?}",
                    start.elapsed()
                )));
            }
        }
        if watch {
            self.watch(Session::unregister)?;
            // Nobody asked for these.
            self.events.truncate(before);
        }
        self.dirty = false;
        self.mark(Mark::Drained)
    }

    fn watch(
        &mut self,
        act: fn(&mut Self, Slot, Option<u32>) -> Result<Result<(), Errno>, Failure>,
    ) -> Result<(), Failure> {
        act(self, WATCH, None)?
            .map_err(|errno| Failure::Difference(format!("slot {WATCH} to watch the end: {errno}")))
    }

    /// Undoes all that the program has done, and drains.
    pub fn finish(&mut self) -> Result<(), Failure> {
        for number in 1..=self.made.len() {
            while self.put(number)?.is_ok() {}
        }
        for slot in std::mem::take(&mut self.planned) {
            self.plan(slot, 0, Errno::ENOMEM)?;
        }
        self.drain()?;
        for slot in self.oracle.registered() {
            let _ = self.unregister(slot, None)?;
        }
        self.made.clear();
        self.events.clear();
        self.mark(Mark::Drained)
    }

    /// From now on others may make namespaces, or no more.
    pub fn strangers(&mut self, may: bool) -> Result<(), Failure> {
        self.dirty = true;
        self.mark(Mark::Strangers(may))
    }

    /// Shows the oracle what has happened.
    pub fn listen(&mut self) -> Result<(), Failure> {
        let before = self.events.len();
        self.system.read(&mut self.events)?;
        let records: Vec<_> = self.events[before..]
            .iter()
            .copied()
            .map(Record::Event)
            .collect();
        self.oracle.observe(&records)?;
        Ok(())
    }

    fn mark(&mut self, mark: Mark) -> Result<(), Failure> {
        self.listen()?;
        self.oracle.observe(&[Record::Mark(mark)])?;
        Ok(())
    }
}
