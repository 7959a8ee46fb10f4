// SPDX-License-Identifier: GPL-2.0

//! What was done in all, which shows that it was not nothing.

use netns_model::session::{
    Session,
    System, //
};
use std::fmt;

/// Sums over sessions.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tally {
    /// Programs.
    pub programs: u64,
    /// Operations in them.
    pub operations: u64,
    /// Namespaces that were made.
    pub namespaces: u64,
    /// Those that were refused, and undone.
    pub refused: u64,
    /// Events.
    pub events: u64,
    /// Registrations.
    pub registrations: u64,
    /// Those that failed, and were undone.
    pub undone: u64,
    /// Allocations that were made to fail.
    pub injected: u64,
    /// Batches of more than one namespace.
    pub batches: u64,
    /// Namespaces in the largest batch.
    pub largest: usize,
    /// Namespaces that were made while others were, or ended.
    pub beside: u64,
}

impl Tally {
    /// Adds what a session has seen.
    pub fn add<S: System>(&mut self, session: &Session<'_, S>) {
        let seen = session.counters();
        self.namespaces += seen.namespaces;
        self.refused += seen.refused;
        self.events += seen.events;
        self.registrations += seen.registrations;
        self.undone += seen.undone;
        self.injected += session.injected();
        self.batches += seen.batches;
        self.largest = self.largest.max(seen.largest);
        self.beside += seen.beside;
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Tally {
            programs,
            operations,
            namespaces,
            refused,
            events,
            registrations,
            undone,
            injected,
            ..
        } = self;
        let Tally {
            batches,
            largest,
            beside,
            ..
        } = self;
        write!(
            f,
            "programs={programs} operations={operations} namespaces={namespaces} refused={refused} events={events} \
             registrations={registrations} undone={undone} injected={injected} batches={batches} largest={largest} \
             beside={beside}"
        )
    }
}
