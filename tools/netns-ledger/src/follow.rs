// SPDX-License-Identifier: GPL-2.0

//! Follows events without losing track: knows what lives, sees gaps, and repairs them by a dump.
//!
//! It is told what the socket brings and answers what is to be told to the user. It reads nothing by itself, so that
//! every order of things can be tried.
//!
//! A row of a dump has the number of an event, and only later ones are to be applied to it. When events have been
//! lost, a dump is wanted. What it shows is compared with what is known when the events up to its number have been
//! read, which are still in the socket's buffer; until then they are applied to the dump, too. So an event that was not
//! lost is told as itself, never as a difference.

use crate::row::{
    Dump,
    Event,
    Kind,
    Phase,
    Row,
    State, //
};
use std::collections::BTreeMap;

/// What is to be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    /// An event, as it came.
    Event(Event),
    /// Events that nobody will ever see, the first and the last of them.
    Lost(u64, u64),
    /// What the dump shows of the events that were lost: the kind, the namespace, and the row as it is known.
    Learnt(Kind, Box<Row>),
    /// All is known again. So many differences were found.
    Repaired(usize),
}

/// Rows by their cookie.
type Rows = BTreeMap<u64, Row>;

/// Follows.
#[derive(Debug, Clone, Default)]
pub struct Follower {
    rows: Rows,
    /// No row of a dump has a larger number. A namespace that is made later is not in it.
    floor: u64,
    /// That of the first dump.
    first: u64,
    /// The last event that was read, or that a dump stands for.
    last: u64,
    /// Whether an event has been read since the first dump: before, older ones may come.
    begun: bool,
    wants_dump: bool,
    compared: Option<(Rows, u64)>,
}

impl Follower {
    /// Begins with a dump that was taken after events had been subscribed to.
    pub fn new(dump: &Dump) -> Self {
        Self {
            rows: by_cookie(dump),
            floor: dump.seq(),
            first: dump.seq(),
            last: dump.seq(),
            ..Self::default()
        }
    }

    /// What lives, as far as is known. States are those of the last dump, but for dying.
    pub fn rows(&self) -> &BTreeMap<u64, Row> {
        &self.rows
    }

    /// Whether a dump is to be taken.
    pub fn wants_dump(&self) -> bool {
        self.wants_dump
    }

    /// An event has come.
    pub fn event(&mut self, event: Event, told: &mut Vec<Told>) {
        let expected = self.last + 1;
        if event.seq > expected {
            // The dump that is being compared with may know of what is missing here.
            self.lose(event.seq - 1, told);
        } else if self.begun && event.seq < expected {
            // It is behind a loss that has been told already, or cannot be.
            return;
        }
        self.begun = true;
        self.last = event.seq;
        let news = apply(&mut self.rows, self.floor, &event);
        if let Some((rows, floor)) = &mut self.compared {
            apply(rows, *floor, &event);
        }
        // What the first dump has already is no news, and the end of what it does not have may be lost.
        if news || event.seq > self.first {
            told.push(Told::Event(event));
        }
        self.compare_if_due(told);
    }

    /// The socket's buffer has overflowed. What is still in it comes first, so nothing is told yet.
    pub fn overrun(&mut self) {
        self.wants_dump = true;
    }

    /// There is nothing more to read now.
    pub fn idle(&mut self, told: &mut Vec<Told>) {
        if let Some((_, floor)) = &self.compared {
            // The last events before the dump were among the lost.
            self.lose(*floor, told);
            self.compare_if_due(told);
        }
    }

    /// The dump that was wanted.
    pub fn dump(&mut self, dump: &Dump, told: &mut Vec<Told>) {
        self.wants_dump = false;
        self.compared = Some((by_cookie(dump), dump.seq()));
        self.compare_if_due(told);
    }

    /// All events up to `to` that have not come are lost.
    fn lose(&mut self, to: u64, told: &mut Vec<Told>) {
        if to <= self.last {
            return;
        }
        told.push(Told::Lost(self.last + 1, to));
        self.last = to;
        // Those that the dump knows of are made good by it; those behind it want another.
        if self.compared.as_ref().is_none_or(|(_, floor)| *floor < to) {
            self.compare_if_due(told);
            self.wants_dump = true;
        }
    }

    fn compare_if_due(&mut self, told: &mut Vec<Told>) {
        let Some((rows, floor)) = self.compared.take_if(|(_, floor)| *floor <= self.last) else {
            return;
        };
        let before = told.len();
        for (cookie, row) in &self.rows {
            if !rows.contains_key(cookie) {
                told.push(Told::Learnt(Kind::Destroyed, Box::new(row.clone())));
            }
        }
        for (cookie, row) in &rows {
            let known = self.rows.get(cookie);
            let mut learn = |kind| told.push(Told::Learnt(kind, Box::new(row.clone())));
            if known.is_none() {
                learn(Kind::Created);
            }
            if row.state == State::Dying && known.is_none_or(|known| known.state != State::Dying) {
                learn(Kind::Dying);
            }
            if row.phase == Phase::Subsystems && known.is_none_or(|known| known.phase != Phase::Subsystems) {
                learn(Kind::DevicesGone);
            }
        }
        let differences = told.len() - before;
        self.rows = rows;
        self.floor = floor;
        told.push(Told::Repaired(differences));
    }
}

fn by_cookie(dump: &Dump) -> Rows {
    dump.rows.iter().map(|row| (row.cookie, row.clone())).collect()
}

/// What an event does to a table that no event up to `floor` is missing from, and whether it does anything.
fn apply(rows: &mut Rows, floor: u64, event: &Event) -> bool {
    match (rows.get_mut(&event.cookie), event.kind) {
        (Some(row), _) if event.seq <= row.seq => return false,
        (Some(_), Kind::Destroyed) => {
            rows.remove(&event.cookie);
        }
        (Some(row), kind) => {
            row.seq = event.seq;
            row.now = event.now;
            if kind == Kind::Dying {
                (row.state, row.phase, row.changed) = (State::Dying, Phase::Devices, event.now);
            } else if kind == Kind::DevicesGone {
                (row.state, row.phase, row.devices) = (State::Dying, Phase::Subsystems, 0);
            }
        }
        (None, Kind::Created) if event.seq > floor => {
            rows.insert(
                event.cookie,
                Row {
                    cookie: event.cookie,
                    inum: event.inum,
                    state: State::Active,
                    phase: Phase::None,
                    created: Some(event.now),
                    changed: event.now,
                    now: event.now,
                    refs: 1,
                    active_refs: 1,
                    devices: 0,
                    owner: event.owner.unwrap_or(0),
                    creator: event.creator.clone(),
                    preexisting: false,
                    seq: event.seq,
                },
            );
        }
        (None, _) => return false,
    }
    true
}

#[cfg(test)]
#[path = "follow_tests.rs"]
mod tests;
