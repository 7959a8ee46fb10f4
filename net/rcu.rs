// SPDX-License-Identifier: GPL-2.0

//! Read-side critical sections of RCU that nothing can be taken out of.
//!
//! C header: [`include/linux/rcupdate.h`](srctree/include/linux/rcupdate.h)
//!
//! The guard of [`kernel::sync::rcu`] can be leaked, and a reference to a leaked guard lives for ever, though
//! the section ends with the task at the latest. Here the section is a call.

use core::marker::PhantomData;
use kernel::{
    sync::rcu,
    types::NotThreadSafe, //
};

/// Evidence that this task holds the RCU read side lock.
///
/// # Invariants
///
/// The lock is held during `'r`, by the task that has the value.
#[derive(Clone, Copy)]
pub struct ReadLock<'r> {
    // Not longer and not shorter than the section.
    _section: PhantomData<fn(&'r ()) -> &'r ()>,
    _not_send: NotThreadSafe,
}

/// Calls `f` with the RCU read side lock held: `rcu_read_lock()` and `rcu_read_unlock()` around it.
///
/// Any context but NMI. `f` must not sleep, here as everywhere: what it looks at may be gone when it wakes up.
///
/// # Examples
///
/// ```ignore
/// let hits = rcu::read_lock(|rcu| Some(COUNTERS.get_rcu(&net, rcu)?.hits.load(Relaxed)));
/// ```
#[inline(always)]
pub fn read_lock<R>(f: impl FnOnce(ReadLock<'_>) -> R) -> R {
    let _guard = rcu::read_lock();
    // INVARIANT: We have the lock until `f` has returned, and `f` knows no more of `'r` than that.
    f(ReadLock {
        _section: PhantomData,
        _not_send: NotThreadSafe,
    })
}
