// SPDX-License-Identifier: GPL-2.0

//! Every program of a small system, each looked at by the oracle.
//!
//! Nearly all that can go wrong does so with few registrations, few namespaces and few operations. Here these are all
//! tried, with the end of namespaces being an operation of its own: namespaces die together, or wait while something
//! is registered.

use crate::{
    event::{
        Errno,
        Net, //
    },
    kernel::Kernel,
    operations::Slot,
    oracle::{
        Mark,
        Oracle,
        Record,
        Violation, //
    },
    program::{
        write_program,
        Interpreter,
        Operation,
        Step, //
    },
};

/// The model with the oracle beside it.
#[derive(Clone, Debug)]
pub struct Checked {
    /// The model.
    pub interpreter: Interpreter,
    oracle: Oracle,
}

impl Default for Checked {
    fn default() -> Self {
        Self::new()
    }
}

impl Checked {
    /// Nothing has been done yet.
    pub fn new() -> Self {
        let [loader, ..] = Interpreter::TASKS;
        Checked {
            interpreter: Interpreter::new(),
            oracle: Oracle::new(loader, &[Kernel::INIT_NET]),
        }
    }

    /// Does one operation, and tells what the oracle would be shown of it.
    pub fn records(&mut self, operation: &Operation) -> (Step, Vec<Record>) {
        let [_, creator, _] = Interpreter::TASKS;
        let held: Vec<_> = (1..=self.interpreter.created())
            .filter_map(|number| self.interpreter.held(number))
            .collect();
        let step = self.interpreter.run(operation);
        let lost = held
            .into_iter()
            .filter(|net| !self.interpreter.kernel.is_held(*net));
        let mut before: Vec<_> = lost.map(Mark::Put).collect();
        let mut after = Vec::new();
        match operation {
            Operation::Register(slot) => {
                before.push(Mark::Register {
                    slot: *slot,
                    faulty: false,
                });
                after.push(Mark::Registered(step.result));
            }
            Operation::Unregister(slot) => {
                before.push(Mark::Unregister(*slot));
                after.push(Mark::Unregistered(step.result));
            }
            Operation::Plan(slot, nth, errno) => {
                before.push(Mark::Plan(*slot, *nth, *errno));
                after.push(Mark::Planned);
            }
            Operation::Create => {
                let made = self.interpreter.held(self.interpreter.created());
                before.push(Mark::Create {
                    task: creator,
                    faulty: false,
                    limited: false,
                });
                after.push(Mark::Created(step.result.map(|()| made.unwrap_or(Net(0)))));
            }
            Operation::Drain | Operation::Destroy(_) => after.push(Mark::Drained),
            _ => {}
        }
        let events = step.events.iter().copied().map(Record::Event);
        let records = before
            .into_iter()
            .map(Record::Mark)
            .chain(events)
            .chain(after.into_iter().map(Record::Mark))
            .collect();
        (step, records)
    }

    /// Does one operation, and has the oracle look at it.
    pub fn run(&mut self, operation: &Operation) -> Result<Step, Violation> {
        let (step, records) = self.records(operation);
        self.oracle.observe(&records)?;
        Ok(step)
    }
}

/// How much there is.
#[derive(Clone, Debug)]
pub struct Bounds {
    /// What may be registered.
    pub slots: Vec<Slot>,
    /// How many namespaces may live or wait for their end at once.
    pub namespaces: usize,
    /// How many operations a program has.
    pub operations: usize,
}

/// What has been looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// Programs, the shorter ones that they begin with included.
    pub programs: u64,
    /// Events of their last operations.
    pub events: u64,
    /// Batches of more than one namespace.
    pub batches: u64,
    /// Registrations that failed.
    pub undone: u64,
    /// Namespaces that were refused.
    pub refused: u64,
}

/// Runs all programs within these bounds. The error is a program whose trace the oracle does not accept.
///
/// # Panics
///
/// If the model gets into a state that there cannot be.
pub fn search(bounds: &Bounds) -> Result<Found, String> {
    let mut found = Found::default();
    extend(bounds, &Checked::new(), &mut Vec::new(), &mut found)?;
    Ok(found)
}

fn extend(
    bounds: &Bounds,
    state: &Checked,
    program: &mut Vec<Operation>,
    found: &mut Found,
) -> Result<(), String> {
    if program.len() == bounds.operations {
        return Ok(());
    }
    for operation in choices(bounds, state, program) {
        let mut next = state.clone();
        program.push(operation.clone());
        let step = next
            .run(&operation)
            .map_err(|violation| format!("{violation}\nprogram: {}", write_program(program)))?;
        next.interpreter.kernel.check_invariants();
        found.programs += 1;
        found.events += step.events.len() as u64;
        found.batches += u64::from(step.events.iter().any(|event| event.nets > Some(1)));
        found.undone +=
            u64::from(matches!(operation, Operation::Register(_)) && step.result.is_err());
        found.refused += u64::from(matches!(operation, Operation::Create) && step.result.is_err());
        extend(bounds, &next, program, found)?;
        program.pop();
    }
    Ok(())
}

fn choices(bounds: &Bounds, state: &Checked, program: &[Operation]) -> Vec<Operation> {
    let kernel = &state.interpreter.kernel;
    let mut choices = Vec::new();
    let planned = matches!(program.last(), Some(Operation::Plan(..)));
    for slot in &bounds.slots {
        let registered = kernel.registered().contains(slot);
        choices.push(if registered {
            Operation::Unregister(*slot)
        } else {
            Operation::Register(*slot)
        });
        // One after the other is as good as the last one.
        if !planned {
            choices.extend([1, 2].map(|nth| Operation::Plan(*slot, nth, Errno::ENOSPC)));
        }
    }
    if kernel.namespaces().len() <= bounds.namespaces {
        choices.push(Operation::Create);
    }
    for number in 1..=state.interpreter.created() {
        if state.interpreter.held(number).is_some() {
            choices.push(Operation::Put(number));
        }
    }
    if kernel.cleanup_is_queued() {
        choices.push(Operation::Drain);
    }
    choices
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_search_finds_nothing_wrong() {
        let bounds = Bounds {
            slots: vec![Slot(0), Slot(1), Slot(3)],
            namespaces: 2,
            operations: 4,
        };
        let found = search(&bounds).unwrap_or_else(|what| panic!("{what}"));
        assert!(
            found.programs > 4_000 && found.undone > 30 && found.refused > 20,
            "{found:?}"
        );
    }
}
