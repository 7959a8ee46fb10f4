// SPDX-License-Identifier: GPL-2.0

//! Follows events without losing track: knows what lives, sees gaps, and repairs them by a dump.
//!
//! It is told what the socket brings and answers what is to be told to the user. It reads nothing by itself, so that
//! every order of things can be tried.
//!
//! A dump comes in parts: it has the effects of all events up to one, and may have those of the events up to another,
//! while it was read. When events have been lost, a dump is wanted. It is compared with what is known when the events
//! up to its end have been read, which are still in the socket's buffer; until then they are applied to the dump, too,
//! where they may do nothing. So an event that was not lost is told as itself, never as a difference. If one is lost
//! that the dump may or may not have seen, another dump is wanted.

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

/// A table, and the event up to which it has all.
#[derive(Debug, Clone, Default)]
struct Table {
    rows: Rows,
    begin: u64,
}

/// Follows.
#[derive(Debug, Clone, Default)]
pub struct Follower {
    known: Table,
    /// The end of the first dump.
    first: u64,
    /// The last event that was read, or that a dump stands for.
    last: u64,
    /// Whether an event has been read since the first dump: before, older ones may come.
    begun: bool,
    /// The socket's buffer has overflowed, and has not been empty since. Until it is, further losses are not told of,
    /// and a dump may be older than they are.
    overrun: bool,
    wants_dump: bool,
    /// What is to be compared with, and when.
    compared: Option<(Table, u64)>,
}

impl Follower {
    /// Begins with a dump that was taken after events had been subscribed to.
    pub fn new(dump: &Dump) -> Self {
        Self {
            known: Table::new(dump),
            first: dump.end(),
            last: dump.begin(),
            ..Self::default()
        }
    }

    /// What lives, as far as is known. States are those of the last dump, but for dying.
    #[cfg(test)]
    pub fn rows(&self) -> &Rows {
        &self.known.rows
    }

    /// Whether a dump is to be taken.
    pub fn wants_dump(&self) -> bool {
        self.wants_dump
    }

    /// An event has come.
    pub fn event(&mut self, event: Event, told: &mut Vec<Told>) {
        let expected = self.last + 1;
        if event.seq > expected {
            self.lose(event.seq - 1, told);
        } else if self.begun && event.seq < expected {
            // It is behind a loss that has been told already, or cannot be.
            return;
        }
        self.begun = true;
        self.last = event.seq;
        let news = self.known.apply(&event);
        if let Some((table, _)) = &mut self.compared {
            table.apply(&event);
        }
        // What the first dump has already is no news, and the end of what it does not have may be lost.
        if news || event.seq > self.first {
            told.push(Told::Event(event));
        }
        self.compare_if_due(told);
    }

    /// Whether it is of use to know soon that there is nothing more to read.
    pub fn hurries(&self) -> bool {
        self.overrun || self.compared.is_some()
    }

    /// The socket's buffer has overflowed. What is still in it comes first.
    pub fn overrun(&mut self) {
        self.overrun = true;
    }

    /// There is nothing more to read now.
    pub fn idle(&mut self, told: &mut Vec<Told>) {
        if std::mem::take(&mut self.overrun) {
            self.compared = None;
            self.wants_dump = true;
        } else if let Some((_, end)) = &self.compared {
            // The last events before the end of the dump were among the lost.
            self.lose(*end, told);
            self.compare_if_due(told);
        }
    }

    /// The dump that was wanted.
    pub fn dump(&mut self, dump: &Dump, told: &mut Vec<Told>) {
        self.wants_dump = false;
        self.compared = Some((Table::new(dump), dump.end()));
        self.compare_if_due(told);
    }

    /// All events up to `to` that have not come are lost.
    fn lose(&mut self, to: u64, told: &mut Vec<Told>) {
        if to <= self.last {
            return;
        }
        told.push(Told::Lost(self.last + 1, to));
        self.last = to;
        // The dump makes those good that were before it. Others it has perhaps.
        if self
            .compared
            .as_ref()
            .is_none_or(|(table, _)| table.begin < to)
        {
            self.compared = None;
            self.wants_dump = true;
        }
    }

    fn compare_if_due(&mut self, told: &mut Vec<Told>) {
        let Some((table, _)) = self.compared.take_if(|(_, end)| *end <= self.last) else {
            return;
        };
        let before = told.len();
        for (cookie, row) in &self.known.rows {
            if !table.rows.contains_key(cookie) {
                told.push(Told::Learnt(Kind::Destroyed, Box::new(row.clone())));
            }
        }
        for (cookie, row) in &table.rows {
            let known = self.known.rows.get(cookie);
            let mut learn = |kind| told.push(Told::Learnt(kind, Box::new(row.clone())));
            if known.is_none() {
                learn(Kind::Created);
            }
            let phase = known.map_or(Phase::None, |known| known.phase);
            if row.phase >= Phase::Devices && phase < Phase::Devices {
                learn(Kind::Dying);
            }
            if row.phase == Phase::Subsystems && phase != Phase::Subsystems {
                learn(Kind::DevicesGone);
            }
        }
        let differences = told.len() - before;
        self.known = table;
        told.push(Told::Repaired(differences));
    }
}

impl Table {
    fn new(dump: &Dump) -> Self {
        Self {
            rows: by_cookie(dump),
            begin: dump.begin(),
        }
    }

    /// What an event does, and whether it does anything. The table may have its effect already.
    fn apply(&mut self, event: &Event) -> bool {
        if event.seq <= self.begin {
            return false;
        }
        let phase = match event.kind {
            Kind::Destroyed => return self.rows.remove(&event.cookie).is_some(),
            Kind::Created if self.rows.contains_key(&event.cookie) => return false,
            Kind::Created => {
                self.rows.insert(event.cookie, new_row(event));
                return true;
            }
            Kind::Dying => Phase::Devices,
            Kind::DevicesGone => Phase::Subsystems,
        };
        let Some(row) = self
            .rows
            .get_mut(&event.cookie)
            .filter(|row| row.phase < phase)
        else {
            return false;
        };
        if row.state != State::Dying {
            (row.state, row.changed) = (State::Dying, event.now);
        }
        (row.phase, row.seq, row.now) = (phase, event.seq, event.now);
        true
    }
}

fn by_cookie(dump: &Dump) -> Rows {
    dump.rows
        .iter()
        .map(|row| (row.cookie, row.clone()))
        .collect()
}

/// What is known of a namespace that has just been made.
fn new_row(event: &Event) -> Row {
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
    }
}

#[cfg(test)]
#[path = "follow_tests.rs"]
mod tests;
