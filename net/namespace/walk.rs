// SPDX-License-Identifier: GPL-2.0

//! Walks over all network namespaces: `for_each_net()` and `for_each_net_rcu()`.
//!
//! C header: [`include/net/net_namespace.h`](srctree/include/net/net_namespace.h)

use super::{
    super::{
        bindings,
        rcu::ReadLock, //
    },
    UncountedNet, //
};
use core::marker::PhantomData;
use kernel::{
    container_of,
    types::NotThreadSafe, //
};

/// The list of namespaces, held still.
///
/// `net_rwsem` is held for reading as long as this value lives: no namespace is added to the list or
/// taken off it. One that has been taken off is not seen, one whose count is zero may be.
///
/// Process context; taking it may sleep. It is the innermost of three locks: it is taken inside
/// `pernet_ops_rwsem` and RTNL. Drop it before anything that takes one of them, such as
/// [`Registrar::register()`](super::super::pernet::Registrar::register), and before making a namespace. In
/// one task, take it once: a second time waits for a writer that waits for the first. While it lives no
/// namespace can be made, so that one must not be forgotten.
///
/// # Examples
///
/// ```
/// # use kernel::{net::namespace::Namespaces, prelude::*};
/// let list = Namespaces::read();
/// for net in list.iter() {
///     if let Some(net) = net.try_get() {
///         pr_info!("{net} is alive\n");
///     }
/// }
/// ```
///
/// # Invariants
///
/// `net_rwsem` is held for reading by the task that made the value, which is the one that drops it.
pub struct Namespaces(NotThreadSafe);

impl Namespaces {
    /// Takes `net_rwsem` for reading.
    pub fn read() -> Self {
        // SAFETY: `net_rwsem` is a static of the kernel. A second call in one task may hang, which is
        // not a matter of memory safety.
        unsafe { bindings::down_read(&raw mut bindings::net_rwsem) };
        // INVARIANT: Taken just now, and not to be sent to another task.
        Self(NotThreadSafe)
    }

    /// Walks over the list.
    pub fn iter(&self) -> Iter<'_> {
        // SAFETY: By the type invariant `net_rwsem` is held as long as `self` is borrowed.
        unsafe { Iter::first() }
    }

    /// Walks over the list without the lock, under RCU.
    ///
    /// A namespace that comes or goes meanwhile is seen or not. Any context but NMI.
    pub fn iter_rcu(_rcu: ReadLock<'_>) -> Iter<'_> {
        // SAFETY: By the invariant of `ReadLock` the RCU read side lock is held during its lifetime.
        unsafe { Iter::first() }
    }
}

impl Drop for Namespaces {
    fn drop(&mut self) {
        // SAFETY: By the type invariant this task holds it for reading.
        unsafe { bindings::up_read(&raw mut bindings::net_rwsem) };
    }
}

/// An iterator over namespaces, oldest first; the initial one comes first of all.
///
/// # Invariants
///
/// For all of `'g`, `net_rwsem` is held for reading or the RCU read side lock is held. `last` is the
/// list's head, or an entry that was on the list during `'g`.
pub struct Iter<'g> {
    last: *const bindings::list_head,
    _guard: PhantomData<UncountedNet<'g>>,
}

impl Iter<'_> {
    /// # Safety
    ///
    /// During the lifetime of the result `net_rwsem` is held for reading, or the RCU read side lock is held.
    unsafe fn first() -> Self {
        // INVARIANT: By this function's safety requirement.
        Self {
            last: &raw const bindings::net_namespace_list,
            _guard: PhantomData,
        }
    }
}

impl<'g> Iterator for Iter<'g> {
    type Item = UncountedNet<'g>;

    fn next(&mut self) -> Option<Self::Item> {
        // SAFETY: By the type invariants `last` is the static head or an entry that is still in memory:
        // `cleanup_net()` unlinks under `net_rwsem` for writing, leaves the entry's `next` as it is, and
        // frees after a grace period. It may be linking right now; the read is volatile, as that of
        // `rcu_dereference()`.
        let next = unsafe { (&raw const (*self.last).next).read_volatile() };
        if core::ptr::eq(next, &raw const bindings::net_namespace_list) {
            return None;
        }
        // INVARIANT: `next` was on the list just now.
        self.last = next;
        // SAFETY: All entries but the head are the `list` of a `struct net`. `setup_net()` links it when
        // it is done, and by the type invariants it is not freed during `'g`.
        Some(unsafe { UncountedNet::from_raw(container_of!(next, bindings::net, list)) })
    }
}
