// SPDX-License-Identifier: GPL-2.0

//! Every order of events, losses and dumps, beside a ledger that is made up.

use super::*;
use crate::row::samples;
use proptest::prelude::*;
use std::collections::{
    BTreeSet,
    VecDeque, //
};

/// A ledger, and the socket's buffer that it sends to.
#[derive(Default)]
struct Kernel {
    table: Table,
    seq: u64,
    cookies: u64,
    buffer: VecDeque<Option<Event>>,
    lost: BTreeSet<u64>,
    /// Whether the user has been told of a loss, and has not read all yet.
    congested: bool,
    /// Whether it has no memory for an event. Nobody is told of that.
    mute: bool,
    /// How many may be in the buffer.
    room: usize,
}

impl Kernel {
    fn send(&mut self, kind: Kind, cookie: u64) {
        self.seq += 1;
        let event = samples::event(kind, self.seq, cookie);
        self.table.apply(&event);
        if self.mute {
            self.lost.insert(self.seq);
        } else if self.buffer.len() < self.room {
            self.buffer.push_back(Some(event));
        } else {
            self.lost.insert(self.seq);
            // As netlink has it: the error comes before what is in the buffer, and once until that is empty.
            if !self.congested {
                self.congested = true;
                self.buffer.push_front(None);
            }
        }
    }

    fn receive(&mut self) -> Option<Option<Event>> {
        let received = self.buffer.pop_front();
        self.congested &= !self.buffer.is_empty();
        received
    }

    /// Something happens, chosen by a number.
    fn step(&mut self, choice: u8) {
        self.mute = choice >= 240;
        let nth = |rows: &Rows, state: Option<Phase>| {
            let fit: Vec<u64> = rows
                .values()
                .filter(|row| {
                    state.map_or(row.state != State::Dying, |phase| {
                        row.state == State::Dying && row.phase == phase
                    })
                })
                .map(|row| row.cookie)
                .filter(|cookie| *cookie != IMMORTAL)
                .collect();
            fit.get(choice as usize / 4 % fit.len().max(1)).copied()
        };
        match choice % 4 {
            0 => {
                self.cookies += 1;
                self.send(Kind::Created, self.cookies);
            }
            1 => {
                if let Some(cookie) = nth(&self.table.rows, None) {
                    self.send(Kind::Dying, cookie);
                }
            }
            2 => {
                if let Some(cookie) = nth(&self.table.rows, Some(Phase::Devices)) {
                    self.send(Kind::DevicesGone, cookie);
                }
            }
            _ => {
                if let Some(cookie) = nth(&self.table.rows, Some(Phase::Subsystems)) {
                    self.send(Kind::Destroyed, cookie);
                }
            }
        }
    }

    /// A dump in two parts, with something between them, and behind; rows are in the order of their cookies.
    fn dump(&mut self, between: &[u8]) -> Dump {
        let begin = self.seq;
        let part = |kernel: &Self, from: u64| -> Vec<Row> {
            let rows = kernel.table.rows.range(from..).map(|(_, row)| Row {
                seq: begin,
                ..row.clone()
            });
            rows.collect()
        };
        let middle = self.cookies / 2;
        let mut rows: Vec<Row> = part(self, 0)
            .into_iter()
            .filter(|row| row.cookie <= middle)
            .collect();
        let (between, behind) = between.split_at(between.len() / 2);
        for choice in between {
            self.step(*choice);
        }
        rows.extend(part(self, middle + 1));
        for choice in behind {
            self.step(*choice);
        }
        Dump {
            rows,
            end: self.seq,
        }
    }
}

/// It is behind all others, and does not end.
const IMMORTAL: u64 = 1_000_000;

/// A namespace that always lives, so that a dump always has a number.
fn kernel(room: usize) -> Kernel {
    let mut kernel = Kernel {
        room,
        cookies: 1,
        ..Kernel::default()
    };
    kernel.table.rows.insert(IMMORTAL, samples::row(IMMORTAL));
    kernel
}

/// What the user has been told must make sense by itself.
#[derive(Default)]
struct User {
    known: BTreeMap<u64, Kind>,
    seqs: BTreeSet<u64>,
    lost: BTreeSet<u64>,
}

impl User {
    fn hears(&mut self, told: Vec<Told>) {
        for one in told {
            let (kind, cookie) = match one {
                Told::Event(event) => {
                    assert!(self.seqs.insert(event.seq), "event {} twice", event.seq);
                    (event.kind, event.cookie)
                }
                Told::Lost(from, to) => {
                    for seq in from..=to {
                        assert!(
                            self.lost.insert(seq) && !self.seqs.contains(&seq),
                            "{seq} is not lost"
                        );
                    }
                    continue;
                }
                Told::Learnt(kind, row) => {
                    // What is learnt is news.
                    match kind {
                        Kind::Created => assert!(!self.known.contains_key(&row.cookie)),
                        kind => assert!(self
                            .known
                            .get(&row.cookie)
                            .is_some_and(|known| *known < kind)),
                    }
                    (kind, row.cookie)
                }
                Told::Repaired(_) => continue,
            };
            if kind == Kind::Destroyed {
                self.known.remove(&cookie);
            } else if kind == Kind::Created || self.known.contains_key(&cookie) {
                self.known.insert(cookie, kind);
            }
        }
    }

    fn believes(&self) -> Vec<(u64, State, Phase)> {
        let state = |kind: &Kind| match kind {
            Kind::Created => (State::Active, Phase::None),
            Kind::Dying => (State::Dying, Phase::Devices),
            _ => (State::Dying, Phase::Subsystems),
        };
        self.known
            .iter()
            .map(|(cookie, kind)| (*cookie, state(kind).0, state(kind).1))
            .collect()
    }
}

fn summary(rows: &Rows) -> Vec<(u64, State, Phase)> {
    rows.values()
        .map(|row| (row.cookie, row.state, row.phase))
        .collect()
}

/// Reads up to `count` messages, as the commands do.
fn read(
    kernel: &mut Kernel,
    follower: &mut Follower,
    user: &mut User,
    count: usize,
    between: &[u8],
) {
    for _ in 0..count {
        let mut told = Vec::new();
        match kernel.receive() {
            Some(Some(event)) => follower.event(event, &mut told),
            Some(None) => follower.overrun(),
            None => follower.idle(&mut told),
        }
        user.hears(told);
        if follower.wants_dump() {
            let mut told = Vec::new();
            follower.dump(&kernel.dump(between), &mut told);
            user.hears(told);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn nothing_is_lost_in_silence(
        before in proptest::collection::vec(any::<u8>(), 0..20),
        early in proptest::collection::vec(any::<u8>(), 0..10),
        rounds in proptest::collection::vec(
            (proptest::collection::vec(any::<u8>(), 0..30), 0usize..20, proptest::collection::vec(any::<u8>(), 0..6)),
            0..12,
        ),
        room in 1usize..40,
    ) {
        let mut kernel = kernel(room);
        for choice in before {
            kernel.step(choice);
        }
        kernel.buffer.clear();
        kernel.congested = false;
        kernel.lost.clear();
        // Subscribed; what happens until the dump is in the buffer and in the dump.
        for choice in &early {
            kernel.step(*choice);
        }
        let first = kernel.dump(&early);
        let mut follower = Follower::new(&first);
        let mut user = User::default();
        for row in first.rows.clone() {
            let kind = match (row.state, row.phase) {
                (State::Dying, Phase::Subsystems) => Kind::DevicesGone,
                (State::Dying, _) => Kind::Dying,
                _ => Kind::Created,
            };
            user.known.insert(row.cookie, kind);
        }
        for (choices, count, between) in rounds {
            for choice in choices {
                kernel.step(choice);
            }
            read(&mut kernel, &mut follower, &mut user, count, &between);
        }
        // It calms down, and an event shows whether the one before it was lost.
        read(&mut kernel, &mut follower, &mut user, 200, &[]);
        kernel.step(0);
        read(&mut kernel, &mut follower, &mut user, 200, &[]);
        prop_assert!(!follower.wants_dump());
        prop_assert_eq!(summary(follower.rows()), summary(&kernel.table.rows));
        // Each event after the first dump has been told of, or is lost; not both.
        for seq in first.end() + 1..=kernel.seq {
            let told = user.seqs.contains(&seq);
            prop_assert_eq!(told, !kernel.lost.contains(&seq), "event {}", seq);
            prop_assert!(!user.lost.contains(&seq) || !told, "event {}", seq);
        }
        prop_assert_eq!(user.believes(), summary(&kernel.table.rows));
    }
}

#[test]
fn a_gap_is_told_and_repaired() {
    let rows = |cookies: &[u64], seq| Dump {
        rows: cookies
            .iter()
            .map(|cookie| Row {
                seq,
                ..samples::row(*cookie)
            })
            .collect(),
        end: seq,
    };
    let mut follower = Follower::new(&rows(&[1, 2], 10));
    let mut told = Vec::new();
    follower.event(samples::event(Kind::Created, 11, 3), &mut told);
    assert!(!follower.wants_dump());
    follower.event(samples::event(Kind::Dying, 15, 3), &mut told);
    assert!(follower.wants_dump());
    follower.dump(&rows(&[2, 3, 4], 15), &mut told);
    let said: Vec<String> = told
        .iter()
        .map(|told| match told {
            Told::Event(event) => format!("{} {}", event.kind.name(), event.cookie),
            Told::Lost(from, to) => format!("lost {from} to {to}"),
            Told::Learnt(kind, row) => format!("learnt {} {}", kind.name(), row.cookie),
            Told::Repaired(count) => format!("repaired {count}"),
        })
        .collect();
    assert_eq!(
        said,
        [
            "created 3",
            "lost 12 to 14",
            "dying 3",
            "learnt destroyed 1",
            "learnt created 4",
            "repaired 2"
        ]
    );
}
