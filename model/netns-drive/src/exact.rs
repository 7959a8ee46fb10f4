// SPDX-License-Identifier: GPL-2.0

//! Programs whose events are foretold, each compared with the model or with another system.

use netns_model::{
    event::{
        Event,
        Net, //
    },
    operations::Hook,
    program::{
        write_program,
        Interpreter,
        Operation,
        Step, //
    },
    session::{
        Failure,
        Session,
        System, //
    },
};
use std::{
    collections::HashMap,
    time::Duration, //
};

/// Namespaces by the order in which they were first seen, so that two runs can be compared.
#[derive(Default)]
struct Names(HashMap<Net, Net>);

impl Names {
    /// The event as it would be if the namespaces had been counted.
    fn event(&mut self, event: &Event) -> Event {
        if event.hook == Hook::ExitBatch {
            return *event;
        }
        let next = Net(self.0.len() as u64 + 1);
        Event {
            net: *self.0.entry(event.net).or_insert(next),
            ..*event
        }
    }
}

/// What foretells: the names that were given so far go on to the next step.
pub struct Comparison {
    left: Names,
    right: Names,
}

impl Comparison {
    /// Two systems that have each one namespace.
    pub fn new(left: Net, right: Net) -> Self {
        let names = |net| Names(HashMap::from([(net, Net(1))]));
        Comparison {
            left: names(left),
            right: names(right),
        }
    }

    /// How the second step differs from the first.
    pub fn differs(&mut self, expected: &Step, found: &Step) -> Option<String> {
        let expected_events: Vec<_> = expected
            .events
            .iter()
            .map(|event| self.left.event(event))
            .collect();
        let found_events: Vec<_> = found
            .events
            .iter()
            .map(|event| self.right.event(event))
            .collect();
        let equal = expected_events.len() == found_events.len()
            && expected_events
                .iter()
                .zip(&found_events)
                .all(|(expected, found)| expected.agrees(found));
        if equal && expected.result == found.result {
            return None;
        }
        let mut text = format!("'{}' differs.", expected.operation);
        for (title, result, events) in [
            ("expected", expected.result, expected_events),
            ("found", found.result, found_events),
        ] {
            let result = result.map_or_else(|errno| errno.to_string(), |()| "success".into());
            text += &format!("\n{title}: {result}");
            for event in &events {
                text += &format!("\n    {event}");
            }
        }
        Some(text)
    }
}

/// Runs a program on a system, with the model beside it.
pub fn against_model<S: System>(
    session: &mut Session<'_, S>,
    program: &[Operation],
) -> Result<(), Failure> {
    let existing = session.system().existing()?;
    let [initial] = existing[..] else {
        return Err(Failure::Trouble(format!(
            "there are {} network namespaces at the start; there may be only one",
            existing.len()
        )));
    };
    let mut model = Interpreter::new();
    let mut comparison = Comparison::new(netns_model::kernel::Kernel::INIT_NET, initial);
    for operation in program {
        let expected = model.run(operation);
        let found = session.run(operation)?;
        if let Some(difference) = comparison.differs(&expected, &found) {
            return Err(Failure::Difference(difference));
        }
    }
    session.finish()
}

/// Runs a program on two systems.
pub fn against_each_other<S: System>(
    systems: &mut [S; 2],
    patience: Duration,
    program: &[Operation],
) -> Result<u64, Failure> {
    let mut runs = Vec::new();
    let mut events = 0;
    for system in systems {
        let mut session = Session::new(system, patience)?;
        let existing = session.system().existing()?;
        let steps: Vec<_> = program
            .iter()
            .map(|operation| session.run(operation))
            .collect::<Result<_, _>>()?;
        session.finish()?;
        events += session.counters().events;
        runs.push((existing[0], steps));
    }
    let mut comparison = Comparison::new(runs[0].0, runs[1].0);
    for (expected, found) in runs[0].1.iter().zip(&runs[1].1) {
        if let Some(difference) = comparison.differs(expected, found) {
            return Err(Failure::Difference(difference));
        }
    }
    Ok(events)
}

/// A failure, and how to see it again.
pub fn describe(failure: &Failure, program: &[Operation], again: &str) -> String {
    format!(
        "{failure}\nprogram: {}\nagain: {again}",
        write_program(program)
    )
}
