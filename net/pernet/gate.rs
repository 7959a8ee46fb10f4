// SPDX-License-Identifier: GPL-2.0

//! Whether lookups may find the values of a registration, and which are still at it.

use super::super::atomic;
use kernel::{
    prelude::*,
    sync::atomic::{
        Acquire,
        Atomic,
        Relaxed,
        Release, //
    },
    time::{
        delay::fsleep,
        Delta, //
    }, //
};

const OPEN: u64 = 1;
const PASS: u64 = 2;

/// Open from when a registration has succeeded until just before it is undone.
///
/// A lookup under RCU needs no more than to see it open, since unregistering waits for a grace period
/// after it is closed. A lookup that may sleep takes a [`Pass`], which closing waits for.
///
/// The two are one word, so that a lookup either gets a pass that closing waits for, or none. What is
/// ordered by it has been checked with the kernel's memory model.
///
/// # Invariants
///
/// The word is [`OPEN`] or not, plus [`PASS`] for each [`Pass`].
pub(in super::super) struct Gate(Atomic<u64>);

impl Gate {
    pub(in super::super) const fn closed() -> Self {
        Self(Atomic::new(0))
    }

    /// Publishes what the registration has written: the id, and the addresses of the values.
    pub(in super::super) fn open(&self) {
        // INVARIANT: It was closed. It is added, since a lookup that came too late may be about to give its pass back.
        self.0.fetch_add(OPEN, Release);
    }

    /// Returns whether it is open; if so, what [`Self::open()`] has published is seen.
    #[inline(always)]
    pub(super) fn is_open(&self) -> bool {
        atomic::load_acquire(&self.0) & OPEN != 0
    }

    /// Returns a pass if it is open. It sees what [`Self::open()`] has published.
    #[inline(always)]
    pub(in super::super) fn enter(&self) -> Option<Pass<'_>> {
        let word = atomic::read(&self.0);
        // What is not open takes no pass, so that lookups do not keep `close()` waiting. Passes that are forgotten do not
        // count up into nothing: no more tasks can be between here and the addition than the other half has room for.
        if word & OPEN == 0 || word > u64::MAX / 2 {
            return None;
        }
        let word = self.0.fetch_add(PASS, Acquire);
        // INVARIANT: This pass is counted. It is given back at once if the gate has been closed in between.
        let pass = Pass(self);
        (word & OPEN != 0).then_some(pass)
    }

    /// Closes it, and waits until all passes have been given back. It is open.
    ///
    /// After three seconds or more, and again and again, it says in the log what it waits for.
    ///
    /// Process context, without a lock that the holder of a pass may want.
    pub(in super::super) fn close(&self, name: fn() -> &'static str) {
        // Relaxed: passes are counted in the same word, and whoever is under RCU is waited for by the grace period
        // of unregistering.
        self.0.fetch_sub(OPEN, Relaxed);

        let mut sleeps = 0u32;
        loop {
            // Whoever gave a pass back is done with the value.
            let passes = atomic::load_acquire(&self.0) / PASS;
            if passes == 0 {
                return;
            }
            sleeps = sleeps.wrapping_add(1);
            if sleeps % 300 == 0 {
                pr_warn!("waiting for {passes} lookup(s) of {} to end\n", name());
            }
            fsleep(Delta::from_millis(10));
        }
    }
}

/// Keeps a registration from being undone.
pub(in super::super) struct Pass<'g>(&'g Gate);

impl Drop for Pass<'_> {
    #[inline(always)]
    fn drop(&mut self) {
        // INVARIANT: This pass is one of those that are counted.
        self.0 .0.fetch_sub(PASS, Release);
    }
}

#[cfg(CONFIG_RUST_PERNET_KUNIT_TEST)]
#[kernel::macros::kunit_tests(rust_pernet_gate)]
mod tests {
    use super::*;

    fn name() -> &'static str {
        "nothing"
    }

    #[test]
    fn nobody_enters_before_it_is_open_or_after() {
        let gate = Gate::closed();
        assert!(!gate.is_open() && gate.enter().is_none());
        gate.open();
        assert!(gate.is_open() && gate.enter().is_some());
        gate.close(name);
        assert!(!gate.is_open() && gate.enter().is_none());
        gate.open();
        assert!(gate.is_open());
    }

    #[test]
    fn passes_are_counted() {
        let gate = Gate::closed();
        gate.open();
        let (one, two) = (gate.enter(), gate.enter());
        assert_eq!(gate.0.load(Relaxed), OPEN + 2 * PASS);
        drop(one);
        assert_eq!(gate.0.load(Relaxed), OPEN + PASS);
        drop(two);
        assert_eq!(gate.0.load(Relaxed), OPEN);
    }

    #[test]
    fn passes_that_are_forgotten_do_not_overflow() {
        let gate = Gate(Atomic::new(u64::MAX / 2));
        assert!(gate.enter().is_some());
        let gate = Gate(Atomic::new(u64::MAX));
        assert!(gate.enter().is_none());
        assert_eq!(gate.0.load(Relaxed), u64::MAX);
    }
}
