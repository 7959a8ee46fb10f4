// SPDX-License-Identifier: GPL-2.0

//! The functions that C calls for a type with resources, around those of `hooks.rs`.

use super::{
    super::{
        bindings,
        namespace::Identity,
        resource::{
            Home,
            Resource, //
        }, //
    },
    hooks::{
        self,
        InitHook,
        NetHook,
        RtnlHook, //
    },
    slot::{
        self,
        HookSlot,
        Slot, //
    },
    PerNet, //
};
use core::{
    cell::UnsafeCell,
    marker::PhantomData,
    mem::{
        size_of,
        MaybeUninit, //
    },
    ptr, //
};
use kernel::{
    ffi::c_int,
    prelude::*, //
};

/// What `net_generic()` returns for a type with resources that have a state.
///
/// # Invariants
///
/// `state` is that of the resources from when they have been made until they have been taken down.
#[repr(C)]
struct SlotWith<T, S> {
    slot: Slot<T>,
    state: UnsafeCell<MaybeUninit<S>>,
}

/// The hooks of a type with its resources, where they differ from those of `hooks.rs`.
pub(super) struct With<T, R>(PhantomData<(T, R)>);

impl<T: PerNet, R: Resource<T>> With<T, R> {
    /// The bytes that C allocates for each namespace.
    pub(super) const SIZE: usize = if size_of::<R::State>() > 0 {
        size_of::<SlotWith<T, R::State>>()
    } else {
        Slot::<T>::SIZE
    };

    pub(super) const INIT: InitHook = Some(Self::ops_init);

    pub(super) const PRE_EXIT: NetHook = if R::HAS_PRE_EXIT {
        Some(Self::ops_pre_exit)
    } else {
        hooks::pre_exit_of::<T>()
    };

    pub(super) const EXIT_RTNL: RtnlHook = if R::HAS_EXIT_RTNL {
        Some(Self::ops_exit_rtnl)
    } else {
        hooks::exit_rtnl_of::<T>()
    };

    pub(super) const EXIT: NetHook = if R::HAS_EXIT {
        Some(Self::ops_exit)
    } else {
        hooks::exit_of::<T>()
    };

    /// The init hook of a type that has none of its own.
    pub(super) const fn zeroed() -> InitHook
    where
        T: Zeroable,
    {
        Some(Self::ops_init_zeroed)
    }

    /// # Safety
    ///
    /// The task is in a hook of `T`'s operations for `net`, whose init has succeeded and whose value is there. `R` is
    /// what these operations were made with.
    #[inline(always)]
    unsafe fn parts(net: *mut bindings::net) -> (Home<T>, *mut R::State) {
        // SAFETY: `ops_init()` has put the slot into the array of `net`, which is in a hook.
        let value = unsafe { HookSlot::<T>::new(T::OPERATIONS.core(), net) }.as_ptr();
        let state = if size_of::<R::State>() > 0 {
            // SAFETY: As in `HookSlot::new()`; `SIZE` is what C has allocated, which starts with the slot.
            unsafe {
                let slot = *slot::element::<T>((*net).gen, T::OPERATIONS.core().id());
                (&raw mut (*slot.cast::<SlotWith<T, R::State>>()).state).cast()
            }
        } else {
            ptr::dangling_mut()
        };
        // INVARIANT: By this function's safety requirement.
        (Home { net, value }, state)
    }

    /// Makes the resources of a value that has just been made, or drops it.
    ///
    /// # Safety
    ///
    /// As for [`Self::parts()`], and the resources have not been made.
    unsafe fn make(net: *mut bindings::net) -> c_int {
        // SAFETY: The namespace is in the init hook, whose slot holds a value now.
        let (home, state) = unsafe { Self::parts(net) };
        // SAFETY: The memory behind the value is that of the state, and stays until the exit hook.
        match unsafe { R::make(home, state) } {
            Ok(()) => 0,
            Err(error) => {
                // SAFETY: No other hook of `T` runs for this namespace. What had been made has been undone, and no
                // lookup has found the value: the gate is closed, or the namespace has not been set up.
                unsafe { HookSlot::<T>::new(T::OPERATIONS.core(), net).drop_value() };
                // SAFETY: A namespace that is in a hook is there.
                let identity = unsafe { Identity::from_raw(net) };
                T::OPERATIONS.core().refused(identity, error);
                error.to_errno()
            }
        }
    }

    /// # Safety
    ///
    /// As for [`hooks::ops_init()`].
    unsafe extern "C" fn ops_init(net: *mut bindings::net) -> c_int {
        // SAFETY: `ops_init()` calls this as it would call the plain hook.
        match unsafe { hooks::ops_init::<T>(net) } {
            // SAFETY: Init has succeeded.
            0 => unsafe { Self::make(net) },
            errno => errno,
        }
    }

    /// # Safety
    ///
    /// As for [`hooks::ops_init_zeroed()`].
    unsafe extern "C" fn ops_init_zeroed(net: *mut bindings::net) -> c_int
    where
        T: Zeroable,
    {
        // SAFETY: `ops_init()` calls this as it would call the plain hook, which succeeds always.
        unsafe {
            hooks::ops_init_zeroed::<T>(net);
            Self::make(net)
        }
    }

    /// # Safety
    ///
    /// As for [`hooks::ops_pre_exit()`].
    unsafe extern "C" fn ops_pre_exit(net: *mut bindings::net) {
        // SAFETY: `ops_undo_list()` calls this as it would call the plain hook. An init that has succeeded has made the
        // resources.
        unsafe {
            let (home, state) = Self::parts(net);
            R::pre_exit(home, state);
            if T::HAS_PRE_EXIT {
                hooks::ops_pre_exit::<T>(net);
            }
        }
    }

    /// # Safety
    ///
    /// As for [`hooks::ops_exit_rtnl()`].
    unsafe extern "C" fn ops_exit_rtnl(net: *mut bindings::net, list: *mut bindings::list_head) {
        // SAFETY: `ops_undo_list()` calls this as it would call the plain hook. An init that has succeeded has made the
        // resources.
        unsafe {
            let (home, state) = Self::parts(net);
            R::exit_rtnl(home, state, list);
            if T::HAS_EXIT_RTNL {
                hooks::ops_exit_rtnl::<T>(net, list);
            }
        }
    }

    /// # Safety
    ///
    /// As for [`hooks::ops_exit()`].
    unsafe extern "C" fn ops_exit(net: *mut bindings::net) {
        // SAFETY: `ops_undo_list()` calls this as it would call the plain hook. An init that has succeeded has made the
        // resources, and what is done between the hooks is what `Resource::exit()` asks for.
        unsafe {
            let (home, state) = Self::parts(net);
            R::exit(home, state);
            hooks::ops_exit::<T>(net);
        }
    }
}
