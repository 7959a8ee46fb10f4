// SPDX-License-Identifier: GPL-2.0

//! The very end of a namespace, which is after all hooks.
//!
//! C source: [`net/core/net_namespace.c`](srctree/net/core/net_namespace.c): `cleanup_net()` goes on when the exit
//! hooks have run: it waits for callbacks of RCU, frees the namespaces' numbers, and takes them off their users'
//! counts. Nothing tells of that; but all of it is one work item.

use super::{
    super::bindings,
    HookNet,
    PerNet, //
};
use core::ptr::NonNull;

/// The run of `cleanup_net()` that takes a namespace down.
///
/// # Invariants
///
/// It is `net_cleanup_work`, a static of the kernel.
#[derive(Clone, Copy)]
pub struct Teardown(NonNull<bindings::work_struct>);

// SAFETY: It stands for a static, which any task may wait for.
unsafe impl Send for Teardown {}

// SAFETY: As above.
unsafe impl Sync for Teardown {}

impl Teardown {
    /// Waits until the run has ended: the namespaces that it took down are gone, and their users may make as many new
    /// ones.
    ///
    /// If more namespaces had lost their last reference before this was called, it may wait for the next run, too,
    /// which takes those down. A run whose exit hooks are called after it had been waited for has begun later.
    ///
    /// Not in a hook, which would wait for itself; nor by who a hook waits for, as a work item of a namespace is.
    /// In a [`Chore`](super::Chore).
    ///
    /// C: `flush_work()`. Process context.
    pub fn wait(self) {
        // SAFETY: By the type invariant it is there for ever, and initialised.
        unsafe { bindings::flush_work(self.0.as_ptr()) };
    }
}

impl<T: PerNet> HookNet<'_, T> {
    /// Returns the run of `cleanup_net()` that this hook is called by, or `None` if the namespace is not dying: a later
    /// init failed, or the operations are unregistered.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::{net::pernet::*, prelude::*};
    /// # kernel::pernet_doctest!(Example: Subsys, () {
    /// fn exit(self: Pin<&Self>, _: Pin<&Sample>, net: HookNet<'_, Self>) {
    ///     match net.teardown() {
    ///         Some(_) => pr_info!("{net} is dying\n"),
    ///         None => pr_info!("{net} is left alone\n"),
    ///     }
    /// }
    /// # });
    /// # drop(load()?);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn teardown(&self) -> Option<Teardown> {
        if !self.is_dying() {
            return None;
        }
        // INVARIANT: By its invariants the task is in a hook for the namespace, which `cleanup_net()` has taken off the
        // list of namespaces. Who registers or unregisters operations calls hooks for what is on the list, and who
        // makes a namespace for that one, which is not dying. So the hook's caller is `cleanup_net()`, which is called
        // for one work item and by nobody else.
        // SAFETY: There are no requirements.
        NonNull::new(unsafe { bindings::current_work() }).map(Teardown)
    }

    /// Returns the user that owns the namespace's user namespace, as the initial user namespace numbers it.
    pub fn owner(&self) -> u32 {
        // SAFETY: A namespace that is in a hook holds its user namespace: `cleanup_net()` and `copy_net_ns()` give it
        // back after the last one.
        unsafe { bindings::net_owner(self.as_ptr()) }
    }
}
