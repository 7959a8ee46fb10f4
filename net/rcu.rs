// SPDX-License-Identifier: GPL-2.0

//! Read-side critical sections of RCU that nothing can be taken out of.
//!
//! C header: [`include/linux/rcupdate.h`](srctree/include/linux/rcupdate.h)
//!
//! The guard of [`kernel::sync::rcu`] can be leaked, and a reference to a leaked guard lives for ever, though
//! the section ends with the task at the latest. Here the section is a call.

use core::marker::PhantomData;
use kernel::types::NotThreadSafe;

// `rcu_read_lock()` is inline in C. On a preemptible kernel without lockdep nothing is left of it but a call of
// this function, and on others the kernel crate has one in C that calls it.
#[cfg(all(CONFIG_PREEMPT_RCU, not(CONFIG_DEBUG_LOCK_ALLOC)))]
use super::bindings::{
    __rcu_read_lock as lock,
    __rcu_read_unlock as unlock, //
};
#[cfg(not(all(CONFIG_PREEMPT_RCU, not(CONFIG_DEBUG_LOCK_ALLOC))))]
use super::bindings::{
    rcu_read_lock as lock,
    rcu_read_unlock as unlock, //
};

/// Makes a lifetime neither longer nor shorter than what it stands for.
pub(super) type Invariant<'a> = PhantomData<fn(&'a ()) -> &'a ()>;

/// Evidence that this task holds the RCU read side lock.
///
/// # Invariants
///
/// The lock is held during `'r`, by the task that has the value.
#[derive(Clone, Copy)]
pub struct ReadLock<'r> {
    _section: Invariant<'r>,
    _not_send: NotThreadSafe,
}

/// Calls `f` with the RCU read side lock held: `rcu_read_lock()` and `rcu_read_unlock()` around it.
///
/// Any context but NMI. `f` must not sleep, here as everywhere: what it looks at may be gone when it wakes up.
///
/// # Examples
///
/// ```
/// # use kernel::net::{namespace::Namespaces, rcu};
/// let dying = rcu::read_lock(|rcu| {
///     Namespaces::iter_rcu(rcu).filter(|net| net.is_dying()).count()
/// });
/// # assert!(dying < 1000);
/// ```
#[inline(always)]
pub fn read_lock<R>(f: impl FnOnce(ReadLock<'_>) -> R) -> R {
    let _section = Section::enter();
    // INVARIANT: We have the lock until `f` has returned, and `f` knows no more of `'r` than that.
    f(ReadLock {
        _section: PhantomData,
        _not_send: NotThreadSafe,
    })
}

/// A read-side critical section.
///
/// # Invariants
///
/// This task holds the lock, once for this value.
struct Section(NotThreadSafe);

impl Section {
    #[inline(always)]
    fn enter() -> Self {
        // SAFETY: There are no requirements.
        unsafe { lock() };
        // INVARIANT: Taken just now.
        Self(NotThreadSafe)
    }
}

impl Drop for Section {
    #[inline(always)]
    fn drop(&mut self) {
        // SAFETY: By the type invariant this task holds the lock.
        unsafe { unlock() };
    }
}
