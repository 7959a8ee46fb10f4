// SPDX-License-Identifier: GPL-2.0

//! The namespaces that die together.

use super::{
    super::bindings,
    slot::HookSlot,
    Batch,
    HookNet,
    PerNet, //
};
use core::{
    iter::FusedIterator,
    marker::PhantomData, //
};
use kernel::{
    container_of,
    prelude::*, //
};

impl<'b, T: PerNet> Batch<'b, T> {
    /// # Safety
    ///
    /// The task is in `exit_batch` of `T`'s operations during `'b`, which was called with `head`, and no
    /// value has been dropped yet.
    #[inline]
    pub(super) unsafe fn new(head: *const bindings::list_head) -> Self {
        // INVARIANT: By this function's safety requirement.
        Self {
            head,
            _hook: PhantomData,
        }
    }

    /// Walks over the namespaces.
    pub fn iter(&self) -> BatchIter<'b, T> {
        BatchIter {
            raw: self.raw(),
            _hook: PhantomData,
        }
    }

    /// Walks over the C structures.
    pub(super) fn raw(&self) -> RawIter {
        // INVARIANT: By the type invariants.
        RawIter {
            head: self.head,
            last: self.head,
        }
    }
}

impl<T: PerNet> Clone for Batch<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: PerNet> Copy for Batch<'_, T> {}

impl<'b, T: PerNet> IntoIterator for Batch<'b, T> {
    type Item = (HookNet<'b, T>, Pin<&'b T>);
    type IntoIter = BatchIter<'b, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// An iterator over the namespaces of a [`Batch`]: of dying ones, that which lost its last reference last
/// comes first; at unregistration, the oldest.
pub struct BatchIter<'b, T: PerNet> {
    raw: RawIter,
    _hook: PhantomData<fn(&'b T) -> &'b T>,
}

impl<'b, T: PerNet> Iterator for BatchIter<'b, T> {
    type Item = (HookNet<'b, T>, Pin<&'b T>);

    fn next(&mut self) -> Option<Self::Item> {
        let net = self.raw.next()?;
        // SAFETY: By the invariants of the `Batch` that this comes from, the task is in a hook for `net`
        // and `T` has a value in it that is not dropped, during `'b`.
        Some(unsafe {
            (
                HookNet::from_raw(net),
                HookSlot::<T>::new(T::OPERATIONS.core(), net).value(),
            )
        })
    }
}

impl<T: PerNet> FusedIterator for BatchIter<'_, T> {}

/// Walks a list of namespaces that are linked by `exit_list`.
///
/// # Invariants
///
/// `head` is such a list, which does not change; `last` is the head or one of its entries.
pub(super) struct RawIter {
    head: *const bindings::list_head,
    last: *const bindings::list_head,
}

impl Iterator for RawIter {
    type Item = *mut bindings::net;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        // SAFETY: By the type invariants `last` is an entry of a list that does not change.
        let next = unsafe { (*self.last).next };
        if core::ptr::eq(next, self.head) {
            return None;
        }
        // INVARIANT: The next one of an entry is an entry.
        self.last = next;
        // SAFETY: All entries but the head are the `exit_list` of a `struct net`.
        Some(unsafe { container_of!(next, bindings::net, exit_list) })
    }
}
