// SPDX-License-Identifier: GPL-2.0

//! All small programs.

use netns_model::{
    event::Errno,
    operations::Slot,
    program::Operation, //
};

/// A subsystem and a device with all hooks, and a plain device.
const SLOTS: [Slot; 3] = [Slot(0), Slot(1), Slot(3)];
/// How many namespaces may be there at once.
const NAMESPACES: usize = 2;

/// Calls `run` with every program of exactly `length` operations that makes sense: nothing is undone that was not
/// done, and a failure is planned where an init follows.
pub fn programs<E>(
    length: usize,
    run: &mut impl FnMut(&[Operation]) -> Result<(), E>,
) -> Result<(), E> {
    extend(&mut Vec::new(), &State::default(), length, run)
}

/// How many there are.
pub fn count(length: usize) -> usize {
    let mut count = 0;
    let Ok(()) = programs::<std::convert::Infallible>(length, &mut |_| {
        count += 1;
        Ok(())
    });
    count
}

#[derive(Clone, Default)]
struct State {
    registered: Vec<Slot>,
    live: Vec<usize>,
    created: usize,
    planned: Option<Slot>,
}

fn extend<E>(
    program: &mut Vec<Operation>,
    state: &State,
    length: usize,
    run: &mut impl FnMut(&[Operation]) -> Result<(), E>,
) -> Result<(), E> {
    if program.len() == length {
        // A plan that nothing can come of is a shorter program.
        return if state.planned.is_some() {
            Ok(())
        } else {
            run(program)
        };
    }
    for (operation, next) in choices(state) {
        program.push(operation);
        extend(program, &next, length, run)?;
        program.pop();
    }
    Ok(())
}

fn choices(state: &State) -> Vec<(Operation, State)> {
    let mut choices = Vec::new();
    let fails = |slot| state.planned == Some(slot);
    for slot in SLOTS {
        let mut next = state.clone();
        if state.registered.contains(&slot) {
            next.registered.retain(|registered| *registered != slot);
            choices.push((Operation::Unregister(slot), next));
        } else {
            match fails(slot) {
                true => next.planned = None,
                false => next.registered.push(slot),
            }
            choices.push((Operation::Register(slot), next));
        }
        if state.planned.is_none() {
            // The second init of a registration, if there are two namespaces, or the next one.
            let nth = if state.registered.contains(&slot) || state.live.is_empty() {
                1
            } else {
                2
            };
            choices.push((
                Operation::Plan(slot, nth, Errno::ENOSPC),
                State {
                    planned: Some(slot),
                    ..state.clone()
                },
            ));
        }
    }
    if state.live.len() < NAMESPACES {
        let mut next = State {
            created: state.created + 1,
            ..state.clone()
        };
        match state.planned.filter(|slot| state.registered.contains(slot)) {
            Some(_) => next.planned = None,
            None => next.live.push(next.created),
        }
        choices.push((Operation::Create, next));
    }
    for number in &state.live {
        let live = state
            .live
            .iter()
            .copied()
            .filter(|other| other != number)
            .collect();
        choices.push((
            Operation::Destroy(*number),
            State {
                live,
                ..state.clone()
            },
        ));
    }
    choices
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exact;
    use netns_model::{
        session::Session,
        simulator::Simulator, //
    };
    use std::time::Duration;

    #[test]
    fn all_of_them_run_on_the_simulator() {
        let mut simulator = Simulator::new(1);
        let mut total = 0;
        for length in 1..=4 {
            programs::<String>(length, &mut |program| {
                total += 1;
                let mut session = Session::new(&mut simulator, Duration::from_secs(1))
                    .map_err(|failure| failure.to_string())?;
                exact::against_model(&mut session, program)
                    .map_err(|failure| exact::describe(&failure, program, ""))
            })
            .unwrap_or_else(|what| panic!("{what}"));
        }
        assert!(total > 700, "only {total} programs");
    }
}
