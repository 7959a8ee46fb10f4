// SPDX-License-Identifier: GPL-2.0

//! What is noted of a registration for debugfs.
//!
//! Nothing is counted while all goes well: a reader scans the list of namespaces for those that have a value, and an
//! init that fails is noted when it does.

use super::super::namespace::Identity;
use kernel::{
    prelude::*,
    sync::atomic::{
        Atomic,
        Relaxed, //
    }, //
};

/// What is shown of one registration, beside what [`Core`] has.
pub(super) struct Shown {
    // Whether it has a value to be found.
    pub(super) has_value: bool,
    pub(super) is_device: bool,
    refusals: Atomic<u64>,
    // The cookie of the namespace, and the errno in the lower bits: one word, so that they belong
    // together.
    last: Atomic<u64>,
}

/// No errno needs more, see `MAX_ERRNO`; and no kernel makes so many namespaces that a cookie needs
/// the rest.
pub(super) const ERRNO_BITS: u32 = 12;

impl Shown {
    pub(super) const fn new(is_device: bool, has_value: bool) -> Self {
        Self {
            has_value,
            is_device,
            refusals: Atomic::new(0),
            last: Atomic::new(0),
        }
    }

    /// Takes note of an init that has failed.
    #[cold]
    #[inline(never)]
    pub(super) fn refused(&self, net: &Identity, error: Error) {
        let errno = u64::from(error.to_errno().unsigned_abs());
        self.last.store(net.cookie() << ERRNO_BITS | errno, Relaxed);
        self.refusals.fetch_add(1, Relaxed);
    }

    /// Returns how many inits have failed.
    pub(super) fn refusals(&self) -> u64 {
        self.refusals.load(Relaxed)
    }

    /// Returns the error of the last init that has failed, and the cookie of the namespace.
    pub(super) fn last_refusal(&self) -> Option<(i64, i64)> {
        // CAST: It is a cookie and an errno, and neither of them has all bits.
        match self.last.load(Relaxed) as i64 {
            0 => None,
            last => {
                let (net, errno) = (last >> ERRNO_BITS, last & ((1 << ERRNO_BITS) - 1));
                Some((errno.wrapping_neg(), net))
            }
        }
    }
}
