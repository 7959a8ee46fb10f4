// SPDX-License-Identifier: GPL-2.0

//! Long programs by chance, and how they are made short when they fail.

use netns_model::{
    event::Errno,
    operations::{
        Slot,
        PUPPET, //
    },
    program::Operation,
    session::{
        Failure,
        Session,
        System, //
    },
};
use proptest::{
    prelude::*,
    test_runner::{
        Config,
        RngAlgorithm,
        TestCaseError,
        TestError,
        TestRng,
        TestRunner, //
    },
};
use std::{
    cell::RefCell,
    time::Duration, //
};

/// How much is tried to make a program that fails shorter.
const SHRINKING: u32 = 400;

/// One of the operations, as often as it is worth while.
fn operation(predictable: bool) -> BoxedStrategy<Operation> {
    let slot = || (0..PUPPET.len() as u8).prop_map(Slot);
    let errno = prop_oneof![
        Just(Errno::ENOSPC),
        Just(Errno::ENOMEM),
        // Without ENXIO and EBUSY, by which the puppet itself says that it takes no commands.
        prop_oneof![1..6, 7..16, 17..134].prop_map(Errno)
    ];
    let steady = prop_oneof![
        6 => slot().prop_map(Operation::Register),
        3 => slot().prop_map(Operation::Unregister),
        3 => (slot(), 0..6u32, errno).prop_map(|(slot, nth, errno)| Operation::Plan(slot, nth, errno)),
        7 => Just(Operation::Create),
        2 => (1..9usize).prop_map(Operation::Hold),
        1 => (1..9usize).prop_map(Operation::Destroy),
        1 => Just(Operation::Drain),
        1 => Just(Operation::Refuse),
    ];
    if predictable {
        return steady.boxed();
    }
    let nth = prop_oneof![1..20u32, 20..700u32];
    let faulty = prop_oneof![
        Just(Operation::Create),
        slot().prop_map(Operation::Register),
        slot().prop_map(Operation::Unregister), //
    ];
    prop_oneof![
        24 => steady,
        5 => (1..9usize).prop_map(Operation::Put),
        2 => (1..5usize).prop_map(Operation::Burst),
        4 => (nth, faulty).prop_map(|(nth, operation)| Operation::Fault(nth, Box::new(operation))),
    ]
    .boxed()
}

/// Programs whose namespaces have been made before they are named.
pub fn programs(length: usize, predictable: bool) -> impl Strategy<Value = Vec<Operation>> {
    prop::collection::vec(operation(predictable), 1..=length).prop_map(|operations| {
        let mut created = 0;
        let name =
            |number: usize, created: usize| (created > 0).then(|| created - (number - 1) % created);
        operations
            .into_iter()
            .filter_map(|operation| {
                created += usize::from(created_by(&operation));
                Some(match operation {
                    Operation::Hold(number) => Operation::Hold(name(number, created)?),
                    Operation::Put(number) => Operation::Put(name(number, created)?),
                    Operation::Destroy(number) => Operation::Destroy(name(number, created)?),
                    operation => operation,
                })
            })
            .collect()
    })
}

fn created_by(operation: &Operation) -> bool {
    match operation {
        Operation::Create => true,
        Operation::Fault(_, operation) => created_by(operation),
        _ => false,
    }
}

/// Runs a program, and what is left of it to its end.
pub fn run<S: System>(session: &mut Session<'_, S>, program: &[Operation]) -> Result<(), Failure> {
    for operation in program {
        session.run(operation)?;
    }
    session.finish()
}

/// What came of one program, or of what it was made to.
pub enum Verdict {
    /// All is well.
    Passed,
    /// It fails, and so does nothing shorter that was tried.
    Failed(Vec<Operation>, Failure),
}

/// Makes a program from a seed and runs it. If it fails it is made shorter, with `again` before each try.
pub fn one<S: System>(
    system: &mut S,
    seed: u64,
    length: usize,
    patience: Duration,
    run: impl Fn(&mut Session<'_, S>, &[Operation]) -> Result<(), Failure>,
    seen: impl FnMut(&Session<'_, S>, &[Operation]),
    again: impl Fn(&mut S) -> Result<(), String>,
    predictable: bool,
) -> Verdict {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let config = Config {
        cases: 1,
        failure_persistence: None,
        max_shrink_iters: SHRINKING,
        ..Config::default()
    };
    let system = RefCell::new(system);
    let seen = RefCell::new(seen);
    // The last failure, which is that of the shortest program; and whether there was one before.
    let failure = RefCell::new(None::<Failure>);
    let last = RefCell::new(None);
    let result =
        TestRunner::new_with_rng(config, rng).run(&programs(length, predictable), |program| {
            let mut system = system.borrow_mut();
            if last.borrow_mut().take().is_some() {
                again(&mut system).map_err(TestCaseError::reject)?;
            }
            let outcome = Session::new(&mut **system, patience).and_then(|mut session| {
                let outcome = run(&mut session, &program);
                if failure.borrow().is_none() {
                    seen.borrow_mut()(&session, &program);
                }
                outcome
            });
            outcome.map_err(|found| {
                let text = found.to_string();
                *failure.borrow_mut() = Some(found);
                *last.borrow_mut() = Some(());
                TestCaseError::fail(text)
            })
        });
    let found = failure.into_inner();
    match (result, found) {
        (Ok(()), _) => Verdict::Passed,
        (Err(TestError::Fail(_, program)), Some(found)) => Verdict::Failed(program, found),
        (Err(error), found) => Verdict::Failed(
            Vec::new(),
            found.unwrap_or(Failure::Trouble(format!("no program was run: {error}"))),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use netns_model::{
        event::Event,
        operations::Hook,
        oracle::Rule,
        program::write_program,
        simulator::Simulator, //
    };

    const PATIENCE: Duration = Duration::from_millis(200);

    fn find(bug: fn(&mut Vec<Event>)) -> (Vec<Operation>, Failure) {
        for seed in 0..200 {
            let mut simulator = Simulator::with_bug(seed, bug);
            let again = |simulator: &mut Simulator| {
                *simulator = Simulator::with_bug(seed, bug);
                Ok(())
            };
            if let Verdict::Failed(program, failure) = one(
                &mut simulator,
                seed,
                60,
                PATIENCE,
                run,
                |_, _| (),
                again,
                false,
            ) {
                return (program, failure);
            }
        }
        panic!("the bug has not been found");
    }

    #[test]
    fn a_skipped_exit_is_found_and_the_program_made_short() {
        let (program, failure) = find(|events| {
            events.retain(|event| !(event.slot == Slot(3) && event.hook == Hook::Exit))
        });
        let text = write_program(&program);
        assert!(text.contains("register 3") && program.len() <= 3, "{text}");
        // The drop that follows comes too early.
        assert!(
            matches!(failure, Failure::Violation(ref violation) if violation.rule == Rule::Value),
            "{failure}"
        );
    }

    #[test]
    fn a_bug_of_two_that_die_together_is_found() {
        // The second namespace of a batch sees its exit first.
        let (program, failure) = find(|events| {
            let exits: Vec<_> = (0..events.len())
                .filter(|at| events[*at].slot == Slot(5) && events[*at].hook == Hook::Exit)
                .collect();
            if exits.len() == 2 {
                events.swap(exits[0], exits[1]);
            }
        });
        let text = write_program(&program);
        assert!(text.contains("register 5") && program.len() <= 5, "{text}");
        assert!(
            matches!(failure, Failure::Violation(ref violation) if violation.rule == Rule::SameNets),
            "{failure}"
        );
    }

    #[test]
    fn what_is_right_passes() {
        for seed in 0..40 {
            let mut simulator = Simulator::new(seed);
            let verdict = one(
                &mut simulator,
                seed,
                100,
                PATIENCE,
                run,
                |_, _| (),
                |_| Ok(()),
                false,
            );
            if let Verdict::Failed(program, failure) = verdict {
                panic!("{}: {failure}", write_program(&program));
            }
        }
    }
}
