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
const ERRNO_BITS: u32 = 12;

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

#[cfg(CONFIG_RUST_PERNET_KUNIT_TEST)]
#[kernel::macros::kunit_tests(rust_pernet_shown)]
mod tests {
    use super::{
        super::operations::fake::FakeNet,
        *, //
    };
    use kernel::{
        bindings,
        ffi::c_int, //
    };

    /// Returns what is told after an init has failed with this error, in a namespace with this cookie.
    fn told_of(cookie: u64, error: Error) -> Result<(i64, Option<(i64, i64)>)> {
        let net = FakeNet::new(cookie)?;
        let shown = Shown::new(false, true);
        shown.refused(net.identity(), EIO);
        shown.refused(net.identity(), error);
        let refusals = shown.refusals() as i64;
        Ok((refusals, shown.last_refusal()))
    }

    #[test]
    fn an_errno_and_a_cookie_fit_in_a_word() -> Result {
        // No errno is larger, and no cookie that is told.
        const ERRNO: i64 = bindings::MAX_ERRNO as i64;
        const COOKIE: i64 = i64::MAX >> ERRNO_BITS;
        let largest = Error::from_errno(-ERRNO as c_int);
        assert_eq!(told_of(7, ENOSPC)?, (2, Some((-28, 7))));
        assert_eq!(told_of(7, largest)?, (2, Some((-ERRNO, 7))));
        assert_eq!(told_of(COOKIE as u64, EPERM)?, (2, Some((-1, COOKIE))));
        assert_eq!(
            told_of(COOKIE as u64, largest)?,
            (2, Some((-ERRNO, COOKIE)))
        );
        Ok(())
    }

    #[test]
    fn without_a_refusal_there_is_no_error() {
        let shown = Shown::new(false, true);
        assert_eq!(shown.refusals(), 0);
        assert_eq!(shown.last_refusal(), None);
    }
}
