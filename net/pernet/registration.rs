// SPDX-License-Identifier: GPL-2.0

//! What a registration is, whatever the type: the structure that C links, its id, and the module it is of.
//!
//! C header: [`include/net/net_namespace.h`](srctree/include/net/net_namespace.h)

#[cfg(CONFIG_DEBUG_FS)]
use super::shown::Shown;
use super::{
    super::{
        bindings,
        namespace::Identity, //
    },
    gate::Gate, //
};
use core::{
    cell::{
        Cell,
        UnsafeCell, //
    },
    marker::PhantomData,
    ptr::{
        self,
        NonNull, //
    }, //
};
use kernel::{
    error::to_result,
    ffi::{
        c_int,
        c_uint,
        c_void, //
    },
    prelude::*,
    types::Opaque, //
};

/// What of [`Operations`](super::Operations) does not depend on the type.
///
/// # Invariants
///
/// While `gate` is open
/// - the kernel's list links `ops`, which is so complete that C may call its hooks;
/// - `module` points to the state, of type `T::Module`, of the module that registered it;
/// - `id` is that of `T`'s data, if `T` or its resources have a size;
/// - each namespace that has been set up has had `T`'s init, and no exit before its count went to zero.
pub(super) struct Core {
    pub(super) ops: Opaque<bindings::pernet_operations>,
    pub(super) size: usize,
    pub(super) register: unsafe extern "C" fn(*mut bindings::pernet_operations) -> c_int,
    pub(super) unregister: unsafe extern "C" fn(*mut bindings::pernet_operations),
    // Written by `register_pernet_operations()`, under `pernet_ops_rwsem` for writing.
    pub(super) id: UnsafeCell<c_uint>,
    pub(super) module: Cell<*const c_void>,
    pub(super) gate: Gate,
    pub(super) name: fn() -> &'static str,
    pub(super) after: fn(&dyn Fn(&'static Core) -> bool) -> bool,
    // What the same module registered before this.
    pub(super) before: Cell<Option<&'static Core>>,
    #[cfg(CONFIG_DEBUG_FS)]
    pub(super) shown: Shown,
}

// SAFETY: `id` and `module` are written before C runs the first hook, and read by hooks: both with
// `pernet_ops_rwsem` held, or before it is taken to register; and `id` by lookups that have seen the gate
// open, which is after that. `before` and `module` are written only by `Registrations`, of which there is
// one for each module (see `Host`), in the hands of the task that loads or unloads the module; who reads files in
// debugfs reads them in between, after `debugfs_create_file_full()` has published them and before `debugfs_remove()`, which
// waits, has returned. `ops` is C's.
unsafe impl Sync for Core {}

impl Core {
    /// Returns the gate of lookups.
    #[inline(always)]
    pub(super) const fn gate(&self) -> &Gate {
        &self.gate
    }

    /// Returns the id of the data.
    ///
    /// # Safety
    ///
    /// The caller is in a hook of these operations, or of others that were registered after them and are
    /// undone before; or it has seen the gate open, and what would give the id back waits for it.
    #[inline(always)]
    pub(super) unsafe fn id(&self) -> c_uint {
        // SAFETY: C writes it under `pernet_ops_rwsem` for writing before it runs the first hook, and hooks
        // run with `pernet_ops_rwsem` held; and before the gate is opened.
        unsafe { *self.id.get() }
    }

    /// Returns the state of the module.
    ///
    /// # Safety
    ///
    /// The caller is in a hook of these operations, and `M` is the [`PerNet::Module`](super::PerNet::Module) of their type. The
    /// result is not used after the hook has returned.
    #[inline(always)]
    pub(super) unsafe fn module<'a, M>(&self) -> Pin<&'a M> {
        // SAFETY: `register()` has set the pointer before the first hook, to a state that is pinned: that of a `Host`,
        // which undoes the registration before it drops the state.
        unsafe { Pin::new_unchecked(&*self.module.get().cast()) }
    }

    /// Registers.
    ///
    /// # Safety
    ///
    /// - `module` points to a pinned value of the [`PerNet::Module`](super::PerNet::Module) of the type of these operations, and
    ///   no exclusive reference to it is used until [`Self::unregister()`] has returned;
    /// - no other task calls this or [`Self::unregister()`] at the same time;
    /// - the text of the hooks stays until [`Self::unregister()`] has returned.
    pub(super) unsafe fn register(
        &'static self,
        module: *const c_void,
        before: Option<&'static Core>,
    ) -> Result {
        if self.gate.is_open() {
            return Err(EEXIST);
        }
        self.module.set(module);
        let ops = self.ops.get();
        if self.size > 0 {
            // SAFETY: The operations are not registered, so that no other task reads them.
            unsafe {
                (*ops).id = self.id.get();
                (*ops).size = self.size;
            }
        }
        // SAFETY: `ops` is in a static and complete: it stays where it is. Its hooks find the state by `module`, which is set,
        // and their text stays while it is registered. `id` and `size` are both set or both not.
        to_result(unsafe { (self.register)(ops) })?;
        self.before.set(before);
        // INVARIANT: It is on the list now; `module` and `id` are set, and its init has succeeded for all.
        self.gate.open();
        Ok(())
    }

    /// Unregisters, and returns what was registered before this.
    ///
    /// The exit hooks run for every namespace before it returns, and none after.
    ///
    /// # Safety
    ///
    /// It is registered, and no other task calls this or [`Self::register()`] at the same time.
    pub(super) unsafe fn unregister(&'static self) -> Option<&'static Core> {
        // Lookups end before `pernet_ops_rwsem` is wanted, which their callers may hold.
        self.gate.close(self.name);
        // SAFETY: It is on the kernel's list, by the same function's counterpart: `register` and `unregister` are those of
        // one `Kind`.
        unsafe { (self.unregister)(self.ops.get()) };
        self.before.take()
    }

    /// Returns what the same module had registered before this. It is registered.
    pub(super) fn before(&self) -> Option<&'static Core> {
        self.before.get()
    }

    /// Takes note of what is before this now, as something between them was unregistered.
    pub(super) fn set_before(&self, before: Option<&'static Core>) {
        self.before.set(before);
    }

    /// Returns the name of its type.
    pub(super) fn name(&self) -> &'static str {
        (self.name)()
    }

    /// Takes note of an init that has failed, for who looks at the module in debugfs.
    #[inline(always)]
    pub(super) fn refused(&self, _net: &Identity, _error: Error) {
        #[cfg(CONFIG_DEBUG_FS)]
        self.shown.refused(_net, _error);
    }

    /// Returns whether all that its type names in [`PerNet::After`](super::PerNet::After) is so.
    pub(super) fn comes_after_only(&self, is_so: impl Fn(&'static Core) -> bool) -> bool {
        (self.after)(&is_so)
    }

    /// Returns whether its type names `other` in [`PerNet::After`](super::PerNet::After).
    pub(super) fn comes_after(&self, other: &'static Core) -> bool {
        !self.comes_after_only(|core| !ptr::eq(core, other))
    }
}

/// What is shown of it in debugfs, while it is registered.
#[cfg(CONFIG_DEBUG_FS)]
impl Core {
    #[inline(always)]
    pub(super) fn shown(&self) -> &Shown {
        &self.shown
    }

    /// Returns the id of the data, if there are any.
    pub(super) fn shown_id(&self) -> Option<c_uint> {
        // SAFETY: By the type invariant it has been written when the gate is seen open.
        (self.size > 0 && self.gate.is_open()).then(|| unsafe { *self.id.get() })
    }

    /// Returns the bytes that C allocates for each namespace.
    pub(super) fn size(&self) -> usize {
        self.size
    }
}

/// The [`Operations`](super::Operations) of a type, as a constant.
///
/// Before Rust 1.90 a constant cannot hold a reference to a static that C writes to; this can.
///
/// # Invariants
///
/// Valid for `'static`, and the [`Core`] of the operations of exactly `T`.
pub struct OperationsRef<T>(NonNull<Core>, PhantomData<fn(T) -> T>);

impl<T> OperationsRef<T> {
    /// Refers to the core of the operations of `T`.
    pub(super) const fn of(core: &'static Core) -> Self {
        // SAFETY: A reference is not null.
        let core = unsafe { NonNull::new_unchecked(ptr::from_ref(core).cast_mut()) };
        // INVARIANT: Valid as the reference is.
        Self(core, PhantomData)
    }

    /// Returns the part that does not depend on `T`.
    #[inline(always)]
    pub(super) const fn core(&self) -> &'static Core {
        // SAFETY: By the type invariant it is valid, and it was made of a shared reference.
        unsafe { &*self.0.as_ptr() }
    }
}
