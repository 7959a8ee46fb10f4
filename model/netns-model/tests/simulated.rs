// SPDX-License-Identifier: GPL-2.0

//! What the simulated system does is what the oracle accepts, whatever the order of its tasks.

use netns_model::{
    event::Errno,
    operations::{
        Hook,
        Slot, //
    },
    program::Operation,
    session::Session,
    simulator::{
        Random,
        Simulator, //
    },
};
use proptest::prelude::*;
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(10);

/// Whether the end of what goes on has to be waited for.
fn drains(operation: &Operation) -> bool {
    match operation {
        Operation::Destroy(_) | Operation::Drain => true,
        Operation::Register(slot) => !slot.operations().has(Hook::Init),
        Operation::Fault(_, operation) => drains(operation),
        _ => false,
    }
}

/// One of the things that can be done.
fn operation(random: &mut Random, created: usize) -> Operation {
    let slot = Slot(random.below(12) as u8);
    let number = 1 + random.below(created);
    match random.below(13) {
        0..=2 => Operation::Register(slot),
        3 => Operation::Unregister(slot),
        4 => Operation::Plan(
            slot,
            random.below(4) as u32,
            Errno(1 + random.below(40) as i32),
        ),
        5 | 6 => Operation::Create,
        7 => Operation::Put(number),
        8 => Operation::Hold(number),
        9 => Operation::Destroy(number),
        10 => Operation::Burst(1 + random.below(3)),
        11 => Operation::Refuse,
        _ => {
            let operation = [
                Operation::Create,
                Operation::Register(slot),
                Operation::Unregister(slot),
            ][random.below(3)]
            .clone();
            Operation::Fault(1 + random.below(8) as u32, Box::new(operation))
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    #[test]
    fn programs_are_accepted(seed: u64, strangers in 0..4u32) {
        let mut random = Random(seed);
        let mut simulator = Simulator::new(seed);
        let mut session = Session::new(&mut simulator, PATIENCE).unwrap();
        for _ in 0..3 {
            session.strangers(strangers > 0).unwrap();
            session.system().start_strangers(strangers);
            for _ in 0..40 {
                let operation = operation(&mut random, session.created());
                if strangers > 0 && drains(&operation) {
                    continue;
                }
                if let Err(failure) = session.run(&operation) {
                    return Err(TestCaseError::fail(format!("{operation}: {failure}")));
                }
                for _ in 0..random.below(30) {
                    session.system().step();
                }
            }
            session.system().stop_strangers();
            let finished = session.finish().map_err(|failure| failure.to_string());
            prop_assert_eq!(finished, Ok(()));
            session.strangers(false).unwrap();
        }
    }
}

/// That the runs above are not about nothing.
#[test]
fn much_is_seen() {
    let mut simulator = Simulator::new(1);
    let mut random = Random(1);
    let mut session = Session::new(&mut simulator, PATIENCE).unwrap();
    session.strangers(true).unwrap();
    session.system().start_strangers(3);
    for _ in 0..400 {
        let operation = operation(&mut random, session.created());
        if !drains(&operation) {
            if let Err(failure) = session.run(&operation) {
                panic!("{operation}: {failure}");
            }
        }
        for _ in 0..30 {
            session.system().step();
        }
    }
    let counters = session.counters();
    assert!(counters.events > 5_000, "{counters:?}");
    assert!(counters.namespaces > 200, "{counters:?}");
    assert!(
        counters.refused > 10 && counters.undone > 5 && counters.registrations > 20,
        "{counters:?}"
    );
    assert!(
        counters.batches > 20 && counters.largest > 2 && counters.beside > 50,
        "{counters:?}"
    );
}
