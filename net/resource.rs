// SPDX-License-Identifier: GPL-2.0

//! What belongs to a namespace beside data: files, sysctls, hooks, devices, work items.
//!
//! | resource | what the type implements | goes in |
//! |---|---|---|
//! | [`proc::File`]: a file in `/proc/net` | [`proc::Show`] | `exit` |
//! | [`sysctl::Table`]: values in `/proc/sys/net` | [`sysctl::Values`], with fields | `exit` |
//! | [`work::Work`]: a work item, which may run later | [`work::Run`], with a field | `exit` |
//! | [`netdev::Link`]: a network device | [`netdev::Driver`] | `exit_rtnl` |
//! | [`nf::Hooks`]: what sees packets | [`nf::Hook`] | `pre_exit` |
//!
//! They are listed where the operations are made, see [`Operations::new_with()`]; how they are made and go is told
//! at [`Resource`]. [`percpu::Counters`] are a field like others: nothing ties them to a namespace.
//!
//! Of one kind a type may have several: they differ in the number that both the trait and the resource take, which
//! is zero if it is left out.
//!
//! A callback gets the value of the namespace, which stays while it runs: what takes the resource down waits for
//! it. It may be called before `init` of later operations and while the module registers, when lookups do not
//! find anything; it is not called any more when the type's own hook of the phase runs in which the resource goes.
//! A callback must not wait for anybody who makes or removes a namespace or a module: they wait for it.
//!
//! # Examples
//!
//! ```
//! # use kernel::{
//! #     net::{namespace::Net, pernet::*, resource::{proc, sysctl::{self, Entry}}},
//! #     prelude::*,
//! #     seq_file::SeqFile,
//! # };
//! # struct Counters { enabled: sysctl::Bool }
//! # kernel::pernet_doctest!(
//! #     Counters: Subsys = COUNTERS,
//! #     Counters { enabled: sysctl::Bool::new(true) }
//! # );
//! # impl proc::Show for Counters {
//! #     const NAME: &'static CStr = c"counters";
//! #     fn show(self: Pin<&Self>, _: &Net, _: &SeqFile) -> Result {
//! #         Ok(())
//! #     }
//! # }
//! # impl sysctl::Values for Counters {
//! #     const PATH: &'static CStr = c"net/counters";
//! #     const ENTRIES: &'static [Entry<Self>] =
//! #         &[Entry::bool(c"enabled", |counters| &counters.enabled)];
//! # }
//! static COUNTERS: Operations<Counters> =
//!     Operations::new_with::<(proc::File, sysctl::Table)>();
//! # drop(load()?);
//! # Ok::<(), Error>(())
//! ```
//!
//! [`Operations::new_with()`]: super::pernet::Operations::new_with
//
// A user names the resources of a type, and never owns one. They lie behind the value, in the same memory; they are
// made once the value exists, and each is taken down in the phase of the namespace's teardown in which the kernel
// needs it. So there is nothing that could be moved out of the life of its namespace.

mod delayed;
pub(super) mod module_work;
pub mod netdev;
#[cfg(CONFIG_NETFILTER)]
pub mod nf;
pub mod percpu;
#[cfg(CONFIG_PROC_FS)]
pub mod proc;
#[cfg(CONFIG_SYSCTL)]
pub mod sysctl;
mod tuple;
pub mod work;

use super::{
    bindings,
    pernet::PerNet, //
};
use core::{
    mem::size_of,
    ptr, //
};
use kernel::prelude::*;

/// Keeps users from implementing [`Resource`].
pub(super) mod sealed {
    pub trait Sealed {}
}

/// A resource of a namespace, or a list of them: up to eight in a tuple, which may hold tuples.
///
/// [`Operations::new_with()`](super::pernet::Operations::new_with) takes such a list. What is there to be listed is in
/// [`net::resource`](self), and what the type has to say about each is a trait that is named
/// there, too.
///
/// They are made in the order of the list, after `init` has succeeded; an error takes down those before it, the
/// last first, drops the value and goes to the task that makes the namespace or registers. Their callbacks run from
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
pub(super) struct Home<T> {
    pub(super) net: *mut bindings::net,
    pub(super) value: *const T,
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
    pub(super) unsafe fn value<'a>(self) -> &'a T {
        // SAFETY: By the type invariants the value is there, and shared until the resources have been taken down.
        unsafe { &*self.value }
    }

    /// Returns whether something lies within the value.
    pub(super) fn holds<U>(self, part: &U) -> bool {
        let (start, at) = (self.value as usize, ptr::from_ref(part) as usize);
        size_of::<T>()
            .checked_sub(size_of::<U>())
            .is_some_and(|last| at >= start && at - start <= last)
    }
}
