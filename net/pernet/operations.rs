// SPDX-License-Identifier: GPL-2.0

//! The static of a type, which the kernel links into its list of pernet operations.
//!
//! C header: [`include/net/net_namespace.h`](srctree/include/net/net_namespace.h)

use super::{
    super::{
        bindings,
        resource::Resource, //
    },
    gate::Gate,
    hooks,
    registrar::Registrar,
    registration::Core,
    with::With,
    After,
    Kind,
    Module,
    OperationsRef,
    PerNet, //
};
#[cfg(CONFIG_DEBUG_FS)]
use super::{
    shown::Shown,
    slot::Slot, //
};
use core::{
    cell::{
        Cell,
        UnsafeCell, //
    },
    marker::PhantomData,
    mem::size_of,
    ptr, //
};
use kernel::{
    page::PAGE_SIZE,
    prelude::*,
    types::Opaque, //
};

/// The operations of `T`: what C calls a `static struct pernet_operations`, and what goes with it.
///
/// A C hook is given a namespace and nothing else, so what it needs beside that has to be at an address
/// that is known when it is compiled: the id of its data and the module's state live here, too.
///
/// It does nothing by itself; [`Registrar::register()`](super::Registrar::register) registers it. From then
/// on lookups through it find the values of namespaces: [`with()`](Self::with),
/// [`get_rcu()`](Self::get_rcu), [`for_each()`](Self::for_each).
///
/// # Examples
///
/// ```
/// # use kernel::{net::pernet::*, prelude::*, sync::atomic::Atomic};
/// # struct Counters { hits: Atomic<u64> }
/// # kernel::pernet_doctest!(Counters: Subsys = COUNTERS, Counters { hits: Atomic::new(0) });
/// static COUNTERS: Operations<Counters> = Operations::new();
/// # drop(load()?);
/// # Ok::<(), Error>(())
/// ```
///
/// # Invariants
///
/// The functions in `core` are those of exactly `T` and one list of resources, or null; its size is that of their
/// slot.
//
// Hence it is invariant in `T`: a type and one that differs from it in a lifetime only would share the
// static otherwise, and each of them may have hooks and a module of its own.
#[repr(transparent)]
pub struct Operations<T: PerNet> {
    core: Core,
    _value: PhantomData<fn(T) -> T>,
}

impl<T: PerNet> Operations<T> {
    const HAS_INIT: () = assert!(
        T::HAS_INIT,
        "without an init hook, use Operations::zeroed()"
    );
    const HAS_NO_INIT: () = assert!(!T::HAS_INIT, "with an init hook, use Operations::new()");

    /// Makes the operations of a type that has an `init` hook.
    // It is for a static.
    #[allow(clippy::new_without_default)]
    pub const fn new() -> Self {
        let () = Self::HAS_INIT;
        Self::of::<()>(Some(hooks::ops_init::<T>))
    }

    /// The same for a type with resources: see [`Resource`].
    pub const fn new_with<R: Resource<T>>() -> Self {
        let () = Self::HAS_INIT;
        Self::of::<R>(With::<T, R>::INIT)
    }

    /// Makes the operations of a type that has no `init` hook: its values start as all zeroes.
    pub const fn zeroed() -> Self
    where
        T: Zeroable,
    {
        let () = Self::HAS_NO_INIT;
        Self::of::<()>(hooks::zeroed_of::<T>())
    }

    /// The same for a type with resources: see [`Resource`].
    pub const fn zeroed_with<R: Resource<T>>() -> Self
    where
        T: Zeroable,
    {
        let () = Self::HAS_NO_INIT;
        Self::of::<R>(With::<T, R>::zeroed())
    }

    const fn of<R: Resource<T>>(init: hooks::InitHook) -> Self {
        // `ops_init()` allocates with `kzalloc()`, for each namespace, this and the slot's owner.
        const {
            assert!(
                size_of::<T>() <= PAGE_SIZE && With::<T, R>::SIZE <= 4 * PAGE_SIZE,
                "allocate what is this large in init"
            )
        };
        // The kernel's list has all subsystems before all devices.
        const {
            assert!(
                T::Kind::IS_DEVICE || !<T::After as After<T::Module>>::HAS_DEVICE,
                "a subsystem cannot come after a device"
            )
        };
        let ops = bindings::pernet_operations {
            init,
            pre_exit: With::<T, R>::PRE_EXIT,
            exit_rtnl: With::<T, R>::EXIT_RTNL,
            exit: With::<T, R>::EXIT,
            exit_batch: hooks::exit_batch_of::<T>(),
            ..pin_init::zeroed()
        };
        Self {
            core: Core {
                #[cfg(CONFIG_DEBUG_FS)]
                shown: Shown::new(<T::Kind as Kind>::IS_DEVICE, Slot::<T>::SIZE > 0),
                ops: Opaque::new(ops),
                size: With::<T, R>::SIZE,
                register: <T::Kind as Kind>::REGISTER,
                unregister: <T::Kind as Kind>::UNREGISTER,
                id: UnsafeCell::new(0),
                module: Cell::new(ptr::null()),
                gate: Gate::closed(),
                name: core::any::type_name::<T>,
                after: <T::After as After<T::Module>>::all,
                before: Cell::new(None),
            },
            _value: PhantomData,
        }
    }

    /// Returns the part that does not depend on `T`.
    #[inline(always)]
    pub(super) const fn core(&'static self) -> &'static Core {
        &self.core
    }
}

impl<T: PerNet> OperationsRef<T> {
    /// Refers to a static.
    pub const fn to(operations: &'static Operations<T>) -> Self {
        // INVARIANT: By that of `Operations` its core is that of `T`.
        Self::of(operations.core())
    }
}

impl<M: Module> Registrar<'_, M> {
    /// Registers `T`: its `init` runs for every namespace that exists, oldest first, and from then on its
    /// hooks run for all.
    ///
    /// It is unregistered when the module goes or fails to start, after what is registered later. Then its
    /// exit hooks run for every namespace.
    ///
    /// C: `register_pernet_subsys()` or `register_pernet_device()`, by [`PerNet::Kind`]. Process context,
    /// without RTNL and without [`Namespaces`](super::super::namespace::Namespaces), which would wait for
    /// each other. It waits for namespaces that are being made or are dying.
    ///
    /// # Errors
    ///
    /// - `EEXIST`: it is registered already;
    /// - `EINVAL`: what it names in [`PerNet::After`] is not;
    /// - `ENOMEM`;
    /// - what `T::init` returned for a namespace. The exit hooks have run for those before it, and
    ///   nothing stays registered.
    #[inline]
    pub fn register<T: PerNet<Module = M>>(&mut self) -> Result {
        // SAFETY: `T`'s module is `M`, and the hooks of its operations are those of exactly `T`, by the
        // invariant of `Operations`. `state` is in the same `Host`, which undoes the registration before it drops
        // the state.
        unsafe { self.add(T::OPERATIONS.core()) }
    }

    /// Unregisters `T` before the module goes: its exit hooks run for every namespace, oldest first, and none
    /// of its hooks runs after this has returned.
    ///
    /// Waits for lookups that have found a value of `T`, so that it must not be called by one.
    ///
    /// C: `unregister_pernet_subsys()` or `unregister_pernet_device()`. As for [`Self::register()`].
    ///
    /// # Errors
    ///
    /// - `ENOENT`: it is not registered;
    /// - `EBUSY`: what names it in [`PerNet::After`] is.
    pub fn unregister<T: PerNet<Module = M>>(&mut self) -> Result {
        self.remove(T::OPERATIONS.core())
    }
}
