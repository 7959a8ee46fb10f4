// SPDX-License-Identifier: GPL-2.0

//! The list of namespaces, as far as it can be known.
//!
//! Several may be made at once, and who comes first into the list cannot be seen. A registration that walks over the
//! list tells, and then it stays so.

use crate::event::Net;
use std::collections::HashSet;

/// A namespace that is in the list, or may still be.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) net: Net,
    /// The driver has a reference.
    pub(super) held: bool,
    /// When the driver let go of it, of all times when it did so.
    pub(super) put: Option<u64>,
    /// It came into the list between these moments; the second is not known of every one.
    pub(super) begin: usize,
    pub(super) done: Option<usize>,
    /// Its place in the last walk over the whole list.
    place: Option<usize>,
    /// In the walk that goes on.
    visited: bool,
}

impl Entry {
    /// Whether the list has it before that one, for all that is known.
    fn is_before(&self, other: &Entry) -> bool {
        match (self.place, other.place) {
            (Some(a), Some(b)) => a < b,
            (Some(_), None) => true,
            (None, Some(_)) => false,
            (None, None) => self.done.is_some_and(|done| done < other.begin),
        }
    }
}

/// All of them.
#[derive(Clone, Debug, Default)]
pub(super) struct Namespaces {
    entries: Vec<Entry>,
    /// Whoever has been seen, ever: a cookie is not used twice.
    known: HashSet<Net>,
}

impl Namespaces {
    pub(super) fn add(&mut self, net: Net, held: bool, begin: usize, done: Option<usize>) {
        self.known.insert(net);
        self.entries.push(Entry {
            net,
            held,
            put: None,
            begin,
            done,
            place: None,
            visited: false,
        });
    }

    /// It has been seen, but does not get into the list.
    pub(super) fn refuse(&mut self, net: Net) {
        self.known.insert(net);
    }

    pub(super) fn is_known(&self, net: Net) -> bool {
        self.known.contains(&net)
    }

    pub(super) fn get(&self, net: Net) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.net == net)
    }

    pub(super) fn get_mut(&mut self, net: Net) -> Option<&mut Entry> {
        self.entries.iter_mut().find(|entry| entry.net == net)
    }

    pub(super) fn remove(&mut self, net: Net) {
        self.entries.retain(|entry| entry.net != net);
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter()
    }

    /// A walk over the whole list begins.
    pub(super) fn walk(&mut self) {
        self.entries
            .iter_mut()
            .for_each(|entry| entry.visited = false);
    }

    /// The walk gets to `net`: who should have come before it? `certain` is whether all are in the list that are
    /// here; else, only those that are held.
    pub(super) fn visit(&mut self, net: Net, certain: bool) -> Option<Net> {
        let entry = self.get_mut(net)?;
        entry.visited = true;
        let entry = entry.clone();
        self.entries
            .iter()
            .find(|other| (certain || other.held) && !other.visited && other.is_before(&entry))
            .map(|other| other.net)
    }

    /// The walk is at its end: whom has it left out?
    pub(super) fn left_out(&self, certain: bool) -> Option<Net> {
        self.entries
            .iter()
            .find(|entry| (certain || entry.held) && !entry.visited)
            .map(|entry| entry.net)
    }

    /// The walk was over the whole list: now its order is known, and that whoever was not there has gone.
    pub(super) fn walked(&mut self, nets: &[Net]) {
        self.entries.retain(|entry| entry.visited);
        for entry in &mut self.entries {
            entry.place = nets.iter().position(|net| *net == entry.net);
        }
    }
}
