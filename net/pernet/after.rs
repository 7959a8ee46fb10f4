// SPDX-License-Identifier: GPL-2.0

//! What is registered before a type, so that its hooks find it.

use super::{
    super::bindings,
    registration::Core,
    sealed,
    slot::HookSlot,
    After,
    HookNet,
    Kind,
    Module,
    PerNet, //
};
use kernel::prelude::*;

impl sealed::Sealed for () {}

impl<M: Module> After<M> for () {
    type Values<'h> = ();

    const HAS_DEVICE: bool = false;

    #[allow(private_interfaces)]
    fn all(_is_so: &dyn Fn(&'static Core) -> bool) -> bool {
        true
    }

    unsafe fn values<'h>(_net: *mut bindings::net) -> Self::Values<'h> {}
}

impl<T: PerNet> sealed::Sealed for T {}

impl<M: Module, T: PerNet<Module = M>> After<M> for T {
    type Values<'h> = Pin<&'h T>;

    const HAS_DEVICE: bool = T::Kind::IS_DEVICE;

    #[allow(private_interfaces)]
    fn all(is_so: &dyn Fn(&'static Core) -> bool) -> bool {
        is_so(T::OPERATIONS.core())
    }

    #[inline(always)]
    unsafe fn values<'h>(net: *mut bindings::net) -> Self::Values<'h> {
        // SAFETY: `T` was registered before the operations whose hook this is, with success, as `Registrar` has
        // seen, and `Registrations` undoes it after them. So it had its init in all namespaces that were
        // there when they were registered. Subsystems come before devices in the kernel's list, and
        // `Operations` keeps a subsystem from naming a device, so that `T` comes before them there, too: in
        // a namespace that was made later its init came first, and in all its last hook comes after theirs.
        // Without CONFIG_NET_NS there is no list, and only one namespace.
        unsafe { HookSlot::<T>::new(T::OPERATIONS.core(), net).value() }
    }
}

impl<A: sealed::Sealed, B: sealed::Sealed> sealed::Sealed for (A, B) {}

impl<M: Module, A: After<M>, B: After<M>> After<M> for (A, B) {
    type Values<'h> = (A::Values<'h>, B::Values<'h>);

    const HAS_DEVICE: bool = A::HAS_DEVICE || B::HAS_DEVICE;

    #[allow(private_interfaces)]
    fn all(is_so: &dyn Fn(&'static Core) -> bool) -> bool {
        A::all(is_so) && B::all(is_so)
    }

    #[inline(always)]
    unsafe fn values<'h>(net: *mut bindings::net) -> Self::Values<'h> {
        // SAFETY: The task is in a hook of operations that both `A` and `B` are registered before.
        unsafe { (A::values(net), B::values(net)) }
    }
}

impl<'h, T: PerNet> HookNet<'h, T> {
    /// Returns the value of what `T` names in [`PerNet::After`], for this namespace.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::{net::pernet::*, prelude::*, sync::atomic::Relaxed};
    /// # kernel::pernet_doctest!(Example: Subsys, Counters {
    /// fn exit(self: Pin<&Self>, _: Pin<&Sample>, net: HookNet<'_, Self>) {
    ///     net.after().hits.fetch_add(1, Relaxed);
    /// }
    /// # });
    /// # drop(load()?);
    /// # Ok::<(), Error>(())
    /// ```
    #[inline(always)]
    pub fn after(self) -> <T::After as After<T::Module>>::Values<'h> {
        // SAFETY: By the type invariant we are in a hook of `T` for this namespace, and `Registrar` has
        // registered `T` after those.
        unsafe { T::After::values(self.net.as_ptr()) }
    }
}
