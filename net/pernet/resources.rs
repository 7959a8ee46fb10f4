// SPDX-License-Identifier: GPL-2.0

//! What a namespace has beside the value: objects of C that call back with it.
//!
//! A user names the resources of a type, and never owns one. They lie behind the value, in the same memory; they
//! are made once the value is there, and each is taken down in the phase of the namespace's death in which the
//! kernel needs it. So there is nothing that could be moved out of the life of its namespace.

mod list;
#[cfg(CONFIG_RUST_PERNET_KUNIT_TEST)]
mod tests;

use super::{
    super::{
        bindings,
        namespace::Identity, //
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

/// Keeps users from implementing [`Resource`].
pub(in super::super) mod sealed {
    pub trait Sealed {}
}

/// A resource of a namespace, or a list of them: up to eight in a tuple, which may hold tuples.
///
/// [`Operations::new_with()`](super::Operations::new_with) takes such a list. What is there to be listed is in
/// [`net::resource`](super::super::resource), and what the type has to say about each is a trait that is named
/// there, too.
///
/// They are made in the order of the list, after `init` has succeeded; an error takes down those before it, the
/// last first, drops the value and goes to whoever makes the namespace or registers. Their callbacks run from
/// then on, before `init` of later operations, and while the namespace cannot be looked up yet. They
/// are taken down in reverse, in three phases, in each of them before the type's own hook of that name:
///
/// | phase | what goes | what has ended when the next phase begins |
/// |---|---|---|
/// | `pre_exit` | netfilter hooks | their callbacks, by the grace period that follows |
/// | `exit_rtnl` | network devices | their callbacks: the devices are gone |
/// | `exit` | files, sysctls, work items | their callbacks, which are waited for |
pub trait Resource<T: PerNet>: sealed::Sealed {
    /// What is kept for each namespace.
    #[doc(hidden)]
    type State;

    #[doc(hidden)]
    const HAS_PRE_EXIT: bool = false;

    #[doc(hidden)]
    const HAS_EXIT_RTNL: bool = false;

    #[doc(hidden)]
    const HAS_EXIT: bool = true;

    /// Makes it, and writes the state if that succeeds. Callbacks may run from here on.
    ///
    /// # Safety
    ///
    /// `state` is memory of its own for a state, zeroed if nothing has been made in it before. It stays where it
    /// is until [`Self::exit()`] has returned.
    #[doc(hidden)]
    #[allow(private_interfaces)]
    unsafe fn make(home: Home<T>, state: *mut Self::State) -> Result;

    /// Unhooks what finds the value under RCU. A grace period follows.
    ///
    /// # Safety
    ///
    /// It has been made, and this phase has not been yet.
    #[doc(hidden)]
    #[allow(private_interfaces)]
    unsafe fn pre_exit(_home: Home<T>, _state: *mut Self::State) {}

    /// Puts devices on the list of those that go.
    ///
    /// # Safety
    ///
    /// As for [`Self::pre_exit()`], after that; RTNL is held, and `list` is what C passed to the hook.
    #[doc(hidden)]
    #[allow(private_interfaces)]
    unsafe fn exit_rtnl(_home: Home<T>, _state: *mut Self::State, _list: *mut bindings::list_head) {
    }

    /// Takes down what is left and drops the state. No callback runs when it has returned.
    ///
    /// # Safety
    ///
    /// As for [`Self::pre_exit()`], after the other phases, a grace period, and the end of the devices on the list.
    #[doc(hidden)]
    #[allow(private_interfaces)]
    unsafe fn exit(_home: Home<T>, _state: *mut Self::State) {}

    /// All phases at once, since something that comes later could not be made. Without RTNL.
    ///
    /// # Safety
    ///
    /// It has been made, and none of the phases has been.
    #[doc(hidden)]
    #[allow(private_interfaces)]
    unsafe fn undo(home: Home<T>, state: *mut Self::State) {
        // SAFETY: The phases are in order; `synchronize_net()` waits for a grace period. What has devices has its
        // own `undo()`.
        unsafe {
            if Self::HAS_PRE_EXIT {
                Self::pre_exit(home, state);
                bindings::synchronize_net();
            }
            Self::exit(home, state);
        }
    }
}

/// A namespace and the value in it that resources belong to.
///
/// # Invariants
///
/// The task is in a hook of `T`'s operations for `net`. `value` is its value, which has been made, is pinned, and
/// is shared until the resources have been taken down; if `T` has no size, it dangles.
pub(in super::super) struct Home<T> {
    pub(in super::super) net: *mut bindings::net,
    pub(in super::super) value: *const T,
}

impl<T> Clone for Home<T> {
    #[inline(always)]
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Home<T> {}

impl<T> Home<T> {
    /// Returns the value.
    ///
    /// # Safety
    ///
    /// The result is not used any more when the resources have been taken down.
    pub(in super::super) unsafe fn value<'a>(self) -> &'a T {
        // SAFETY: By the type invariants the value is there, and shared until the resources have been taken down.
        unsafe { &*self.value }
    }

    /// Returns whether something lies within the value.
    pub(in super::super) fn holds<U>(self, part: &U) -> bool {
        let (start, at) = (self.value as usize, ptr::from_ref(part) as usize);
        size_of::<T>()
            .checked_sub(size_of::<U>())
            .is_some_and(|last| at >= start && at - start <= last)
    }
}

impl sealed::Sealed for () {}

impl<T: PerNet> Resource<T> for () {
    type State = ();

    const HAS_EXIT: bool = false;

    #[allow(private_interfaces)]
    unsafe fn make(_home: Home<T>, _state: *mut Self::State) -> Result {
        Ok(())
    }
}

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

    pub(super) const INIT: InitHook = Some(Self::init);

    pub(super) const PRE_EXIT: NetHook = if R::HAS_PRE_EXIT {
        Some(Self::pre_exit)
    } else {
        hooks::pre_exit_of::<T>()
    };

    pub(super) const EXIT_RTNL: RtnlHook = if R::HAS_EXIT_RTNL {
        Some(Self::exit_rtnl)
    } else {
        hooks::exit_rtnl_of::<T>()
    };

    pub(super) const EXIT: NetHook = if R::HAS_EXIT {
        Some(Self::exit)
    } else {
        hooks::exit_of::<T>()
    };

    /// The init hook of a type that has none of its own.
    pub(super) const fn zeroed() -> InitHook
    where
        T: Zeroable,
    {
        Some(Self::init_zeroed)
    }

    /// # Safety
    ///
    /// The task is in a hook of `T`'s operations for `net`, whose init has succeeded and whose value is there. `R` is
    /// what these operations were made with.
    #[inline(always)]
    unsafe fn parts(net: *mut bindings::net) -> (Home<T>, *mut R::State) {
        // SAFETY: `ops_init()` has put the slot into the array of `net`, which is in a hook.
        let value = unsafe { HookSlot::<T>::new(net) }.as_ptr();
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
                unsafe { HookSlot::<T>::new(net).drop_value() };
                // SAFETY: A namespace that is in a hook is there.
                let identity = unsafe { Identity::from_raw(net) };
                T::OPERATIONS.core().refused(identity, error);
                error.to_errno()
            }
        }
    }

    /// # Safety
    ///
    /// As for [`hooks::init()`].
    unsafe extern "C" fn init(net: *mut bindings::net) -> c_int {
        // SAFETY: `ops_init()` calls this as it would call the plain hook.
        match unsafe { hooks::init::<T>(net) } {
            // SAFETY: Init has succeeded.
            0 => unsafe { Self::make(net) },
            errno => errno,
        }
    }

    /// # Safety
    ///
    /// As for [`hooks::zeroed()`].
    unsafe extern "C" fn init_zeroed(net: *mut bindings::net) -> c_int
    where
        T: Zeroable,
    {
        // SAFETY: `ops_init()` calls this as it would call the plain hook, which succeeds always.
        unsafe {
            hooks::zeroed::<T>(net);
            Self::make(net)
        }
    }

    /// # Safety
    ///
    /// As for [`hooks::pre_exit()`].
    unsafe extern "C" fn pre_exit(net: *mut bindings::net) {
        // SAFETY: `ops_undo_list()` calls this as it would call the plain hook. An init that has succeeded has made the
        // resources.
        unsafe {
            let (home, state) = Self::parts(net);
            R::pre_exit(home, state);
            if T::HAS_PRE_EXIT {
                hooks::pre_exit::<T>(net);
            }
        }
    }

    /// # Safety
    ///
    /// As for [`hooks::exit_rtnl()`].
    unsafe extern "C" fn exit_rtnl(net: *mut bindings::net, list: *mut bindings::list_head) {
        // SAFETY: `ops_undo_list()` calls this as it would call the plain hook. An init that has succeeded has made the
        // resources.
        unsafe {
            let (home, state) = Self::parts(net);
            R::exit_rtnl(home, state, list);
            if T::HAS_EXIT_RTNL {
                hooks::exit_rtnl::<T>(net, list);
            }
        }
    }

    /// # Safety
    ///
    /// As for [`hooks::exit()`].
    unsafe extern "C" fn exit(net: *mut bindings::net) {
        // SAFETY: `ops_undo_list()` calls this as it would call the plain hook. An init that has succeeded has made the
        // resources, and what is done between the hooks is what `Resource::exit()` asks for.
        unsafe {
            let (home, state) = Self::parts(net);
            R::exit(home, state);
            hooks::exit::<T>(net);
        }
    }
}
