// SPDX-License-Identifier: GPL-2.0

//! Traces that are wrong in one place. The oracle refuses each, and names the rule that is broken.

use netns_model::{
    event::{
        Errno,
        Event,
        Net,
        Task, //
    },
    kernel::Kernel,
    operations::{
        Hook,
        Slot, //
    },
    oracle::{
        Mark,
        Oracle,
        Record,
        Rule,
        Violation, //
    },
    program::{
        parse_program,
        Interpreter, //
    },
    search::Checked,
};

/// Programs that together have everything.
const PROGRAMS: [&str; 4] = [
    "register 0; register 1; register 3; create; create; put 1; put 2; drain; unregister 1; unregister 0; unregister 3; drain",
    "create; register 1; register 2; plan 3 2 ENOSPC; register 3; plan 1 1 EIO; create; register 4; create; put 1; put 3; drain; \
     unregister 2; unregister 4; unregister 1; drain",
    "register 5; register 6; register 8; register 9; create; create; put 2; put 1; drain; create; unregister 6; unregister 9; \
     destroy 3; unregister 5; unregister 8; drain",
    "register 7; register 10; register 11; create; create; put 1; register 0; plan 0 1 ENOSPC; create; put 2; drain; \
     unregister 7; unregister 0; drain",
];

fn records(program: &str) -> Vec<Record> {
    let mut checked = Checked::new();
    parse_program(program)
        .unwrap()
        .iter()
        .flat_map(|operation| checked.records(operation).1)
        .collect()
}

fn judge(records: &[Record]) -> Result<(), Violation> {
    let [loader, ..] = Interpreter::TASKS;
    Oracle::new(loader, &[Kernel::INIT_NET]).observe(records)
}

fn event(record: &Record) -> Option<&Event> {
    match record {
        Record::Event(event) => Some(event),
        Record::Mark(_) => None,
    }
}

/// Applies a change at every place of every program where it can be: `change` makes it, if it can. The oracle has to
/// refuse each, with one of these rules. Returns how many there were.
fn refuse(rules: &[Rule], change: impl Fn(&mut Vec<Record>, usize) -> bool) {
    let mut count = 0;
    for program in PROGRAMS {
        let right = records(program);
        for at in 0..right.len() {
            let mut wrong = right.clone();
            if !change(&mut wrong, at) || wrong == right {
                continue;
            }
            count += 1;
            match judge(&wrong) {
                Ok(()) => panic!(
                    "{program}: the change at {at} ({:?}) is accepted",
                    right[at]
                ),
                Err(violation) if !rules.contains(&violation.rule) => {
                    panic!(
                        "{program}: the change at {at} ({:?}) breaks another rule: {violation}",
                        right[at]
                    )
                }
                Err(_) => {}
            }
        }
    }
    assert!(count >= 3, "it could only be made {count} times");
}

/// Changes events for which `which` holds.
fn each(rules: &[Rule], which: impl Fn(&Event) -> bool, change: impl Fn(&mut Vec<Record>, usize)) {
    refuse(rules, |records, at| {
        let fits = event(&records[at]).is_some_and(&which);
        if fits {
            change(records, at);
        }
        fits
    });
}

fn is(hook: Hook) -> impl Fn(&Event) -> bool {
    move |event| event.hook == hook
}

#[test]
fn what_is_right_is_accepted() {
    for program in PROGRAMS {
        if let Err(violation) = judge(&records(program)) {
            panic!("{program}: {violation}");
        }
    }
}

#[test]
fn a_hook_that_is_skipped() {
    for hook in [Hook::Init, Hook::PreExit, Hook::ExitRtnl, Hook::Exit] {
        // The plan has an init that comes, too; a batch that is short of one has members that do not fit; and the
        // next hook of the namespace, or the drop of its value, may come first.
        each(
            &[
                Rule::Once,
                Rule::SameNets,
                Rule::Plan,
                Rule::Phases,
                Rule::Value,
            ],
            |event| event.hook == hook && event.err.is_none(),
            |records, at| {
                records.remove(at);
            },
        );
    }
    each(
        &[Rule::Once, Rule::Value],
        is(Hook::ExitBatch),
        |records, at| {
            records.remove(at);
        },
    );
}

#[test]
fn a_hook_that_is_run_twice() {
    for hook in [Hook::Init, Hook::PreExit, Hook::ExitRtnl, Hook::Exit] {
        each(&[Rule::Once, Rule::Plan], is(hook), |records, at| {
            records.insert(at, records[at])
        });
    }
    // The second one comes where the first values go.
    each(
        &[Rule::Once, Rule::Value],
        is(Hook::ExitBatch),
        |records, at| {
            let members = records[at + 1..]
                .iter()
                .take_while(|record| event(record).is_some_and(is(Hook::Member)))
                .count();
            let batch: Vec<_> = records[at..=at + members].to_vec();
            records.splice(at..at, batch);
        },
    );
}

#[test]
fn a_value_that_is_not_dropped_or_dropped_twice() {
    // Where the drop is all that there is, it is the namespace that is left out.
    let rule = |slot: Slot| {
        if slot == Slot(9) {
            Rule::Once
        } else {
            Rule::Value
        }
    };
    for slot in Slot::all().filter(|slot| slot.operations().has_value()) {
        each(
            &[Rule::Value, rule(slot)],
            |event| event.hook == Hook::Drop && event.slot == slot,
            |records, at| {
                records.remove(at);
            },
        );
    }
    each(&[Rule::Value], is(Hook::Drop), |records, at| {
        records.insert(at, records[at])
    });
}

#[test]
fn a_value_that_is_dropped_early() {
    refuse(&[Rule::Value], |records, at| {
        let Some(drop) = event(&records[at]).copied().filter(is(Hook::Drop)) else {
            return false;
        };
        // Before the last hook that has it.
        let before = records[..at].iter().rposition(|record| {
            event(record).is_some_and(|event| {
                event.slot == drop.slot
                    && event.hook != Hook::Drop
                    && event.net == drop.net
                    && event.hook != Hook::Init
            })
        });
        before.is_some_and(|before| {
            let record = records.remove(at);
            records.insert(before, record);
            true
        })
    });
}

#[test]
fn operations_that_change_places() {
    refuse(&[Rule::Order], |records, at| {
        swap(records, at, |a, b| {
            a.hook == b.hook && a.slot != b.slot && a.net == b.net && a.hook != Hook::Drop
        })
    });
}

#[test]
fn namespaces_that_change_places() {
    // Last put first, or the order of the list, if it is not another operation that has them in the other order.
    let rules = [
        Rule::SameNets,
        Rule::LastFirst,
        Rule::ListOrder,
        Rule::Value,
        Rule::Plan,
    ];
    refuse(&rules, |records, at| {
        swap(records, at, |a, b| {
            a.hook == b.hook && a.slot == b.slot && a.net != b.net
        })
    });
}

#[test]
fn phases_that_change_places() {
    refuse(&[Rule::Phases, Rule::Value, Rule::Once], |records, at| {
        swap(records, at, |a, b| {
            a.hook != b.hook && a.hook != Hook::Init && b.hook != Hook::Drop && a.net == b.net
        })
    });
}

fn swap(records: &mut [Record], at: usize, which: impl Fn(&Event, &Event) -> bool) -> bool {
    let fits = match (event(&records[at]), records.get(at + 1).and_then(event)) {
        (Some(a), Some(b)) => a.task == b.task && which(a, b),
        _ => false,
    };
    if fits {
        records.swap(at, at + 1);
    }
    fits
}

#[test]
fn a_value_that_is_not_what_it_should_be() {
    each(
        &[Rule::Value],
        |_| true,
        |records, at| {
            if let Record::Event(event) = &mut records[at] {
                event.bad = true;
            }
        },
    );
}

#[test]
fn what_a_hook_is_told_of_the_namespace() {
    each(
        &[Rule::State],
        |event| event.initialized.is_some(),
        |records, at| {
            if let Record::Event(event) = &mut records[at] {
                event.initialized = event.initialized.map(|is| !is);
            }
        },
    );
    // The state of one that waits for its end while something is registered is not known.
    each(
        &[Rule::State],
        |event| event.count == Some(true),
        |records, at| {
            if let Record::Event(event) = &mut records[at] {
                event.count = Some(false);
            }
        },
    );
}

#[test]
fn an_errno_that_does_not_arrive() {
    refuse(&[Rule::Errno], |records, at| match &mut records[at] {
        Record::Mark(Mark::Registered(result @ Err(_))) => {
            *result = Err(Errno(99));
            true
        }
        Record::Mark(Mark::Created(result @ Err(_))) => {
            *result = Err(Errno(99));
            true
        }
        Record::Mark(Mark::Unregistered(result)) => {
            *result = Err(Errno::ENOENT);
            true
        }
        _ => false,
    });
    refuse(&[Rule::Errno], |records, at| match &mut records[at] {
        Record::Mark(Mark::Registered(result)) => {
            *result = if result.is_ok() {
                Err(Errno::ENOMEM)
            } else {
                Ok(())
            };
            true
        }
        _ => false,
    });
}

#[test]
fn a_planned_failure_that_does_not_come_or_another_one() {
    each(&[Rule::Plan], is(Hook::Init), |records, at| {
        if let Record::Event(event) = &mut records[at] {
            event.err = if event.err.is_none() {
                Some(Errno::ENOSPC)
            } else {
                None
            };
        }
    });
}

#[test]
fn what_has_failed_is_not_undone() {
    // Nothing of the end that follows the failure.
    each(
        &[Rule::Once],
        |event| event.err.is_some(),
        |records, at| {
            let end = records[at + 1..]
                .iter()
                .take_while(|record| event(record).is_some())
                .count();
            records.drain(at + 1..at + 1 + end);
        },
    );
}

#[test]
fn the_one_whose_init_failed_sees_its_end() {
    each(
        &[Rule::Once, Rule::Order, Rule::Phases, Rule::SameNets],
        |event| event.err.is_some(),
        |records, at| {
            if let Record::Event(failed) = records[at] {
                let hook = failed
                    .slot
                    .operations()
                    .hooks
                    .iter()
                    .copied()
                    .find(|hook| *hook != Hook::Init)
                    .unwrap();
                records.insert(
                    at + 1,
                    Record::Event(Event {
                        hook,
                        err: None,
                        initialized: None,
                        ..failed
                    }),
                );
            }
        },
    );
}

#[test]
fn a_hook_of_what_is_not_registered() {
    // After the registration has ended, and before the next mark.
    refuse(&[Rule::Silence], |records, at| {
        let Record::Mark(Mark::Unregistered(Ok(()))) = records[at] else {
            return false;
        };
        let last = *records[..at].iter().rev().find_map(event).unwrap();
        records.insert(at + 1, Record::Event(last));
        true
    });
    // Another one, from a task that nobody knows.
    each(
        &[Rule::Silence],
        |event| event.slot != Slot(0),
        |records, at| {
            let slot = Slot::all()
                .find(|slot| {
                    !records
                        .iter()
                        .filter_map(event)
                        .any(|event| event.slot == *slot)
                })
                .unwrap();
            records.insert(
                at,
                Record::Event(Event::new(slot, Hook::Exit, Net(1), Task(77))),
            );
        },
    );
}

#[test]
fn a_namespace_that_is_held_ends() {
    // Or it is seen before that nobody holds it.
    refuse(&[Rule::Held, Rule::State], |records, at| {
        let Record::Mark(Mark::Put(_)) = records[at] else {
            return false;
        };
        records.remove(at);
        true
    });
}

#[test]
fn a_namespace_that_never_ends() {
    // Somebody lets go of it, and nothing follows.
    refuse(&[Rule::Balance], |records, at| {
        let Record::Mark(Mark::Drained) = records[at] else {
            return false;
        };
        let end = records[..at]
            .iter()
            .rev()
            .take_while(|record| event(record).is_some())
            .count();
        records.drain(at - end..at);
        end > 0
    });
}

#[test]
fn two_tasks_that_exclude_each_other() {
    let [loader, _, worker] = Interpreter::TASKS;
    // What the loader does first while it unregisters gets into a batch that goes on.
    refuse(&[Rule::Exclusion], |records, at| {
        let in_batch = |record: Option<&Record>| {
            record
                .and_then(event)
                .is_some_and(|event| event.task == worker)
        };
        if !in_batch(records.get(at)) || !in_batch(records.get(at + 1)) {
            return false;
        }
        records.retain(|record| *record != Record::Mark(Mark::Drained));
        let mark = records[at..]
            .iter()
            .position(|record| matches!(record, Record::Mark(Mark::Unregister(_))));
        let Some(mark) = mark.map(|mark| at + mark) else {
            return false;
        };
        if !records
            .get(mark + 1)
            .and_then(event)
            .is_some_and(|event| event.task == loader)
            || !in_batch(records.get(at + 1))
        {
            return false;
        }
        let moved: Vec<_> = records.drain(mark..=mark + 1).collect();
        records.splice(at + 1..at + 1, moved);
        true
    });
}

#[test]
fn a_registration_that_does_not_visit_all() {
    refuse(&[Rule::Once], |records, at| {
        let Record::Mark(Mark::Registered(Ok(()))) = records[at] else {
            return false;
        };
        let visited = event(&records[at - 1]).is_some_and(is(Hook::Init));
        if visited {
            records.remove(at - 1);
        }
        visited
    });
}

/// A batch leaves somebody behind who was let go of before.
#[test]
fn who_is_left_behind() {
    let mut records = records("register 2; create; create; put 1; put 2; drain");
    let last: Vec<_> = (0..records.len())
        .filter(|at| {
            event(&records[*at])
                .is_some_and(|event| event.net == Net(2) && event.hook != Hook::Init)
        })
        .collect();
    assert_eq!(last.len(), 2);
    // Only the second goes, and then something is registered.
    records.drain(last[0]..=last[1]);
    records.truncate(last[0]);
    records.push(Record::Mark(Mark::Register {
        slot: Slot(0),
        faulty: false,
    }));
    records.push(Record::Event(Event::new(
        Slot(0),
        Hook::Init,
        Net(1),
        Interpreter::TASKS[0],
    )));
    assert_eq!(judge(&records).unwrap_err().rule, Rule::LastFirst);
}
