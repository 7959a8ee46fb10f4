// SPDX-License-Identifier: GPL-2.0

//! The end of some operations for some namespaces, as far as it has been seen.
//!
//! What is to come is known once the namespaces are; these are told by the first operations that have a hook. Until
//! these are done with the last namespace the reading is open: another may follow.

use crate::{
    event::{
        Event,
        Net, //
    },
    operations::{
        Hook,
        Slot, //
    },
};
use std::collections::VecDeque;

/// The event that has to come next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Expected {
    pub(super) slot: Slot,
    pub(super) hook: Hook,
    /// None is any namespace that has not been seen yet.
    pub(super) net: Option<Net>,
    nets: Option<usize>,
}

impl Expected {
    fn new(slot: Slot, hook: Hook, net: Net) -> Self {
        Expected {
            slot,
            hook,
            net: Some(net),
            nets: None,
        }
    }

    pub(super) fn meets(&self, event: &Event) -> bool {
        (self.slot, self.hook) == (event.slot, event.hook)
            && self.net.is_none_or(|net| net == event.net)
            && self.nets.is_none_or(|nets| event.nets == Some(nets))
    }
}

/// What is done for all namespaces before the next is.
#[derive(Clone, Debug)]
enum Cell {
    PreExit(Slot),
    /// The one phase that goes by namespace first, and has all the operations.
    ExitRtnl(Vec<Slot>),
    /// And the drop behind it, if there is no batch.
    Exit(Slot),
    Batch(Slot),
}

impl Cell {
    /// Those of operations that are given in the order of the list.
    fn all(list: &[Slot]) -> VecDeque<Cell> {
        let mut cells = VecDeque::new();
        for slot in list
            .iter()
            .rev()
            .filter(|slot| slot.operations().has(Hook::PreExit))
        {
            cells.push_back(Cell::PreExit(*slot));
        }
        let rtnl: Vec<_> = list
            .iter()
            .rev()
            .copied()
            .filter(|slot| slot.operations().has(Hook::ExitRtnl))
            .collect();
        if !rtnl.is_empty() {
            cells.push_back(Cell::ExitRtnl(rtnl));
        }
        for slot in list.iter().rev() {
            let operations = slot.operations();
            let batch = operations.has(Hook::ExitBatch);
            if operations.has(Hook::Exit) || operations.has_value() && !batch {
                cells.push_back(Cell::Exit(*slot));
            }
            if batch {
                cells.push_back(Cell::Batch(*slot));
            }
        }
        cells
    }

    /// What is seen of it for one namespace; for a batch, behind its members.
    fn for_one(&self, net: Net) -> Vec<Expected> {
        match self {
            Cell::PreExit(slot) => vec![Expected::new(*slot, Hook::PreExit, net)],
            Cell::ExitRtnl(slots) => slots
                .iter()
                .map(|slot| Expected::new(*slot, Hook::ExitRtnl, net))
                .collect(),
            Cell::Exit(slot) => {
                let operations = slot.operations();
                let exit = operations.has(Hook::Exit).then_some(Hook::Exit);
                let drop = (operations.has_value() && !operations.has(Hook::ExitBatch))
                    .then_some(Hook::Drop);
                exit.into_iter()
                    .chain(drop)
                    .map(|hook| Expected::new(*slot, hook, net))
                    .collect()
            }
            Cell::Batch(slot) => {
                let drop = slot.operations().has_value().then_some(Hook::Drop);
                drop.into_iter()
                    .map(|hook| Expected::new(*slot, hook, net))
                    .collect()
            }
        }
    }

    fn for_all(&self, nets: &[Net]) -> Vec<Expected> {
        let mut all = Vec::new();
        if let Cell::Batch(slot) = self {
            all.push(Expected {
                nets: Some(nets.len()),
                ..Expected::new(*slot, Hook::ExitBatch, Net(0))
            });
            all.extend(
                nets.iter()
                    .map(|net| Expected::new(*slot, Hook::Member, *net)),
            );
        }
        all.extend(nets.iter().flat_map(|net| self.for_one(*net)));
        all
    }
}

/// One way to understand what a task does.
#[derive(Clone, Debug)]
struct Reading {
    /// Those that have not begun; while it is open, the first one is under way.
    cells: VecDeque<Cell>,
    nets: Vec<Net>,
    open: bool,
    /// Members of the batch with which it began that have not been told.
    members: usize,
    expected: VecDeque<Expected>,
}

impl Reading {
    fn open(list: &[Slot]) -> Self {
        Reading {
            cells: Cell::all(list),
            nets: Vec::new(),
            open: true,
            members: 0,
            expected: VecDeque::new(),
        }
    }

    fn of(list: &[Slot], nets: &[Net]) -> Self {
        let expected = Cell::all(list)
            .iter()
            .flat_map(|cell| cell.for_all(nets))
            .collect();
        Reading {
            cells: VecDeque::new(),
            nets: nets.to_vec(),
            open: false,
            members: 0,
            expected,
        }
    }

    /// Whether nothing has to follow.
    fn is_complete(&self) -> bool {
        let last = !self.open || !self.nets.is_empty() && self.cells.len() == 1;
        last && self.expected.is_empty()
    }

    fn next(&self) -> Option<Expected> {
        if let Some(expected) = self.expected.front() {
            return Some(*expected);
        }
        match self.cells.front()? {
            _ if !self.open => None,
            Cell::Batch(slot) => {
                let hook = if self.members > 0 {
                    Hook::Member
                } else {
                    Hook::ExitBatch
                };
                Some(Expected {
                    slot: *slot,
                    hook,
                    net: None,
                    nets: None,
                })
            }
            cell => cell.for_one(Net(0)).first().map(|expected| Expected {
                net: None,
                ..*expected
            }),
        }
    }

    /// Whether the event can come next, and if so that it has.
    fn accept(&mut self, event: &Event) -> Result<(), Option<Expected>> {
        let next = self.next();
        // Of a namespace that has to be another one, and a batch that tells them, none is empty.
        let another = |next: &Expected| {
            next.net.is_some()
                || !self.nets.contains(&event.net)
                    && (event.hook != Hook::ExitBatch || event.nets > Some(0))
        };
        if next.is_some_and(|next| next.meets(event) && another(&next)) {
            self.advance(event);
            return Ok(());
        }
        // There may be no further namespace.
        if self.open && self.expected.is_empty() && !self.nets.is_empty() && self.members == 0 {
            self.close();
            return self.accept(event);
        }
        Err(next)
    }

    fn advance(&mut self, event: &Event) {
        if self.expected.pop_front().is_some() {
            return;
        }
        match event.hook {
            Hook::ExitBatch => self.members = event.nets.unwrap_or(0),
            Hook::Member => {
                self.nets.push(event.net);
                self.members -= 1;
                if self.members == 0 {
                    self.close();
                }
            }
            _ => {
                self.nets.push(event.net);
                self.expected
                    .extend(self.cells[0].for_one(event.net).into_iter().skip(1));
            }
        }
    }

    /// All the namespaces have been seen.
    fn close(&mut self) {
        self.open = false;
        let first = self.cells.pop_front();
        if let Some(batch @ Cell::Batch(_)) = &first {
            self.expected
                .extend(self.nets.iter().flat_map(|net| batch.for_one(*net)));
        }
        self.expected.extend(
            self.cells
                .drain(..)
                .flat_map(|cell| cell.for_all(&self.nets)),
        );
    }
}

/// All the ways to understand what a task does.
#[derive(Clone, Debug)]
pub(super) struct Undo(Vec<Reading>);

impl Undo {
    /// For namespaces that are still to be told.
    pub(super) fn open(list: &[Slot]) -> Self {
        Undo(vec![Reading::open(list)])
    }

    /// For these namespaces, of one of these lists of operations.
    pub(super) fn of(lists: &[Vec<Slot>], nets: &[Net]) -> Self {
        Undo(lists.iter().map(|list| Reading::of(list, nets)).collect())
    }

    /// Goes on with this event, or says what could have come instead.
    pub(super) fn accept(&mut self, event: &Event) -> Result<(), Option<Expected>> {
        let mut refused = None;
        self.0.retain_mut(|reading| match reading.accept(event) {
            Ok(()) => true,
            Err(next) => {
                refused = refused.or(next);
                false
            }
        });
        if self.0.is_empty() {
            return Err(refused);
        }
        Ok(())
    }

    pub(super) fn is_complete(&self) -> bool {
        self.0.iter().any(Reading::is_complete)
    }

    /// What has to come, if it is not complete.
    pub(super) fn next(&self) -> Option<Expected> {
        let mut reading = self.0.first()?.clone();
        if reading.open
            && reading.expected.is_empty()
            && !reading.nets.is_empty()
            && reading.members == 0
        {
            reading.close();
        }
        reading.next()
    }

    /// Whose end it is, as far as is known.
    pub(super) fn nets(&self) -> &[Net] {
        let reading = self
            .0
            .iter()
            .find(|reading| reading.is_complete())
            .or(self.0.first());
        reading.map_or(&[], |reading| &reading.nets)
    }
}
