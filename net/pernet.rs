// SPDX-License-Identifier: GPL-2.0

//! Code and data for every network namespace.
//!
//! C headers: [`include/net/net_namespace.h`](srctree/include/net/net_namespace.h),
//! [`include/net/netns/generic.h`](srctree/include/net/netns/generic.h)
//!
//! The kernel keeps a list of `struct pernet_operations`. Their hooks run for every network namespace:
//! for those that exist when the operations are registered, and for each that is made or dies later.
//! This module lets safe Rust take part:
//!
//! - [`PerNet`] is implemented by the value that lives in each namespace; its methods are the hooks;
//! - [`Operations`] is the static that the kernel's list links, one for each such type;
//! - [`Module`] is the module's shared state, which every hook is given;
//! - [`Resource`] is what a namespace has beside the value, and what calls back with it;
//! - [`Chore`] is what a module does apart from hooks;
//! - [`Registrar`] registers while the module starts, and only then;
//! - [`pernet_module!`] makes the kernel module out of it, as `module!` does of a plain one.
//!
//! debugfs shows what is registered, in `pernet-MODULE`, with the errors of inits.
//!
//! What is registered is unregistered when the module goes, or when it fails to start, last first, and
//! then the shared state is dropped. There is no handle that could be dropped too early or forgotten.
//!
//! # The life of a namespace
//!
//! | hook | when | holding | sees |
//! |---|---|---|---|
//! | [`init`] | it is made, or they are registered | `pernet_ops_rwsem` | no value yet |
//! | [`pre_exit`] | it dies, or they are unregistered | `pernet_ops_rwsem` | the value |
//! | | *an RCU grace period* | | |
//! | [`exit_rtnl`] | after that | and RTNL | the value, a list of devices to kill |
//! | [`exit`] | after that | `pernet_ops_rwsem` | the value |
//! | [`exit_batch`] | once for all that die together | `pernet_ops_rwsem` | all their values |
//! | `drop` | after the last of these | `pernet_ops_rwsem` | |
//!
//! [`init`]: PerNet::init
//! [`pre_exit`]: PerNet::pre_exit
//! [`exit_rtnl`]: PerNet::exit_rtnl
//! [`exit`]: PerNet::exit
//! [`exit_batch`]: PerNet::exit_batch
//!
//! All of them run in process context and may sleep. `pernet_ops_rwsem` is held for writing while
//! operations are registered or unregistered, and for reading while a namespace is made or dies, so
//! that hooks of several namespaces run at once, those of one namespace one after another. A hook must
//! not wait for anything that takes `pernet_ops_rwsem` for writing, such as
//! `register_netdevice_notifier()`; and it must not panic, since nobody would ever give it back.
//!
//! When `init` of one fails while a namespace is made, those that had succeeded see the exit hooks, the
//! last first, and `unshare(2)` returns the error. When it fails while operations are registered, the
//! namespaces before it see them, and [`Registrar::register()`] returns the error.
//!
//! # Examples
//!
//! ```
//! # use kernel::{
//! #     net::pernet::{self, *},
//! #     prelude::*,
//! #     time::{Instant, Monotonic},
//! # };
//! struct Uptime(Instant<Monotonic>);
//!
//! static UPTIME: Operations<Uptime> = Operations::new();
//!
//! #[vtable]
//! impl PerNet for Uptime {
//!     type Module = Sample;
//!     type Kind = Subsys;
//!     type After = ();
//!     const OPERATIONS: OperationsRef<Self> = OperationsRef::to(&UPTIME);
//!
//!     fn init(_: Pin<&Sample>, _: HookNet<'_, Self>) -> impl PinInit<Self, Error> {
//!         Ok(Self(Instant::now()))
//!     }
//!
//!     fn exit(self: Pin<&Self>, _: Pin<&Sample>, net: HookNet<'_, Self>) {
//!         pr_info!("{net} lived for {} ms\n", self.0.elapsed().as_millis());
//!     }
//! }
//!
//! struct Sample;
//!
//! impl pernet::Module for Sample {
//!     fn init(_: &'static ThisModule) -> impl PinInit<Self, Error> {
//!         Ok(Self)
//!     }
//!
//!     fn start(self: Pin<&Self>, registrar: &mut Registrar<'_, Self>) -> Result {
//!         registrar.register::<Uptime>()
//!     }
//! }
//! # kernel::pernet_claim!(Sample);
//! # let module = kernel::module::this_module::<crate::LocalModule>();
//! # // SAFETY: Examples are built into the kernel, whose text stays.
//! # let host = unsafe { Host::<Sample>::load(module, c"sample") };
//! # drop(KBox::try_pin_init(host, GFP_KERNEL)?);
//! # Ok::<(), Error>(())
//! ```
//!
//! What makes a module of that is
//!
//! ```ignore
//! pernet_module! {
//!     type: Sample,
//!     name: "uptime",
//!     license: "GPL",
//! }
//! ```
//
// From the ground to the roof: `registration.rs` has the C structure of a type and what goes with it, `registrar.rs` the
// list of those of a module, and `module.rs` the module's state, which undoes that list; `debugfs.rs` shows it. None of these
// knows the trait of this file. `hooks.rs` is what C calls; it finds the value with `slot.rs` and hands it to the user's
// `PerNet`, with `batch.rs` and `kill_list.rs` around the two lists that C passes. `with.rs` is the same for types that have
// resources. `operations.rs` is the user's static, which names all of these, and `lookup.rs` finds values by it.
// scripts/lib/layers.py has the order of all files, and fails if one uses what is above it.

mod after;
mod batch;
#[cfg(CONFIG_DEBUG_FS)]
mod debugfs;
// A module can go while what the examples make stays.
#[cfg(all(CONFIG_RUST_KERNEL_DOCTESTS, not(MODULE)))]
mod doctest;
mod gate;
mod hooks;
mod kill_list;
mod kind;
mod lookup;
mod module;
mod operations;
mod registrar;
mod registration;
#[cfg(CONFIG_DEBUG_FS)]
mod shown;
mod slot;
mod teardown;
#[cfg(CONFIG_RUST_PERNET_KUNIT_TEST)]
mod tests;
mod with;

pub(super) use gate::Gate;
pub use kill_list::DevKillList;
pub use kind::{
    Device,
    Kind,
    Subsys, //
};
pub use lookup::Phase;
pub use module::Module;
#[doc(hidden)]
pub use module::{
    Claim,
    Host, //
};
pub use operations::Operations;
pub(super) use registrar::Part;
pub use registrar::Registrar;
use registration::Core;
pub use registration::OperationsRef;
pub use teardown::Teardown;

pub use super::resource::module_work::Chore;
pub use super::resource::Resource;

#[doc(inline)]
pub use crate::pernet_module;

use super::{
    bindings,
    namespace::Identity,
    rcu::Invariant, //
};
use core::{
    marker::PhantomData,
    ops::Deref, //
};
use kernel::{
    fmt,
    prelude::*,
    types::NotThreadSafe, //
};

/// What lives in every network namespace, and the hooks around its life.
///
/// `Self` is the value of one namespace. It is made in place in the memory that the kernel allocates
/// for it (`net_generic`), is pinned there, and is dropped exactly once, after the last hook. Types that
/// have no size take no memory.
///
/// Every hook may be left out. Without [`init`](Self::init) the value is all zeroes, see
/// [`Operations::zeroed()`].
///
/// The value is shared by the hooks with whatever else finds it, so that it must be [`Sync`]; it is made
/// by one task and dropped by another, so that it must be [`Send`].
#[vtable]
pub trait PerNet: Send + Sync + Sized + 'static {
    /// The module that registers this, whose state every hook is given.
    type Module: Module;

    /// [`Subsys`], or [`Device`] for what makes network devices.
    type Kind: Kind;

    /// What is registered before this, so that every hook finds it: see [`After`].
    type After: After<Self::Module>;

    /// The static for this type. It is a constant, so that one type has one static.
    const OPERATIONS: OperationsRef<Self>;

    /// Makes the value of a namespace that is being set up, or that existed before.
    ///
    /// The namespace may have any count, zero too: one that lost its last reference and waits for
    /// `cleanup_net()` still gets an `init` from a registration.
    ///
    /// # Errors
    ///
    /// An error goes to whoever makes the namespace or registers. Nothing remains of the value, and its
    /// other hooks do not run for this namespace.
    fn init<'a>(
        _module: Pin<&'a Self::Module>,
        _net: HookNet<'a, Self>,
    ) -> impl PinInit<Self, Error> {
        // Not called: `Operations::new()` insists on the implementor's own.
        Err::<Self, _>(super::kernels::enosys())
    }

    /// The namespace is about to go: whatever finds the value without a reference, such as a packet
    /// handler, is unhooked here. An RCU grace period follows.
    fn pre_exit(self: Pin<&Self>, _module: Pin<&Self::Module>, _net: HookNet<'_, Self>) {}

    /// RTNL is held. Network devices are put on the list, to be unregistered together.
    ///
    /// It costs RTNL for every dying namespace; leave it out where there are no devices.
    fn exit_rtnl(
        self: Pin<&Self>,
        _module: Pin<&Self::Module>,
        _net: HookNet<'_, Self>,
        _kill: &mut DevKillList<'_>,
    ) {
    }

    /// The namespace goes.
    fn exit(self: Pin<&Self>, _module: Pin<&Self::Module>, _net: HookNet<'_, Self>) {}

    /// All the namespaces of one `cleanup_net()` go, or of an unregistration; each has seen `exit`.
    ///
    /// For what is cheaper once than once for each, such as waiting for a grace period. The batch is
    /// empty when `init` refused the very first namespace of a registration.
    fn exit_batch(_module: Pin<&Self::Module>, _batch: Batch<'_, Self>) {}
}

/// The namespace that a hook of `T` runs for.
///
/// It cannot be kept, sent to another task, or made into a [`NetRef`](super::namespace::NetRef): the
/// count may be zero, and while the namespace is being made it may be freed whatever the count is. It
/// carries the type, so that what only a device may do can ask for that, and [`after()`](Self::after) knows
/// what is there.
///
/// # Invariants
///
/// The task is in a hook of `T`'s operations for this namespace during `'h`, and `pernet_ops_rwsem` is held.
pub struct HookNet<'h, T: PerNet> {
    net: &'h Identity,
    _hook: Invariant<'h>,
    _type: PhantomData<fn(T) -> T>,
    // Not to be sent to another task.
    _not_send: NotThreadSafe,
}

impl<T: PerNet> HookNet<'_, T> {
    /// # Safety
    ///
    /// The task is in a hook of `T`'s operations for `net`, during the life of the result.
    #[inline(always)]
    unsafe fn from_raw(net: *mut bindings::net) -> Self {
        // INVARIANT: By this function's safety requirement.
        Self {
            // SAFETY: A namespace that is in a hook has its cookie and is not freed before the hook
            // returns: `copy_net_ns()` and `cleanup_net()` free after the last one, and
            // `pernet_ops_rwsem`, which the caller holds, keeps them from that.
            net: unsafe { Identity::from_raw(net) },
            _hook: PhantomData,
            _type: PhantomData,
            _not_send: NotThreadSafe,
        }
    }
}

impl<T: PerNet> Clone for HookNet<'_, T> {
    #[inline]
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: PerNet> Copy for HookNet<'_, T> {}

impl<T: PerNet> Deref for HookNet<'_, T> {
    type Target = Identity;

    #[inline]
    fn deref(&self) -> &Identity {
        self.net
    }
}

impl<T: PerNet> fmt::Display for HookNet<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self.net, f)
    }
}

/// The namespaces that [`PerNet::exit_batch`] is called for, each with its value.
///
/// It can be walked as often as one likes. It is empty when `init` refused the first namespace of a
/// registration.
///
/// # Examples
///
/// ```
/// # use kernel::{net::pernet::*, prelude::*, sync::atomic::Relaxed};
/// # kernel::pernet_doctest!(Example: Subsys, () {
/// fn exit_batch(_: Pin<&Sample>, batch: Batch<'_, Self>) {
///     for (net, value) in batch.iter() {
///         pr_info!("{net} saw {} packets\n", value.hits.load(Relaxed));
///     }
/// }
/// # });
/// # drop(load()?);
/// # Ok::<(), Error>(())
/// ```
///
/// # Invariants
///
/// The task is in `exit_batch` of `T`'s operations during `'b`. `head` is the list that C passed to it: of
/// namespaces, linked by `exit_list`, each with a value of `T`. It does not change during `'b`.
pub struct Batch<'b, T: PerNet> {
    head: *const bindings::list_head,
    _hook: PhantomData<fn(&'b T) -> &'b T>,
}

/// Keeps users from implementing [`After`].
mod sealed {
    pub trait Sealed {}
}

/// What [`PerNet::After`] may name: nothing, a type, or a pair of such.
///
/// A namespace makes the value of what was registered earlier before, and drops it after, so that hooks
/// find it there always: see [`HookNet::after()`].
///
/// # Examples
///
/// ```
/// # use kernel::{net::pernet::*, prelude::*};
/// # kernel::pernet_doctest!();
/// # type Limits = Counters;
/// # fn is_after<A: After<Sample>>() {}
/// # fn check() {
/// type None = ();
/// type One = Counters;
/// type Two = (Counters, Limits);
/// type Three = (Counters, (Limits, Counters));
/// # is_after::<One>();
/// # is_after::<Two>();
/// # is_after::<Three>();
/// # is_after::<None>();
/// # }
/// # check();
/// # drop(load()?);
/// # Ok::<(), Error>(())
/// ```
pub trait After<M: Module>: sealed::Sealed {
    /// The values of one namespace, in the shape that was named.
    type Values<'h>;

    /// Whether one of them is a device: a subsystem cannot come after it.
    #[doc(hidden)]
    const HAS_DEVICE: bool;

    /// Returns whether something is so of all of them.
    #[doc(hidden)]
    #[allow(private_interfaces)]
    fn all(is_so: &dyn Fn(&'static Core) -> bool) -> bool;

    /// Returns their values.
    ///
    /// # Safety
    ///
    /// The task is in a hook for `net`, during `'h`, of operations that were registered after all of these,
    /// by the same module.
    #[doc(hidden)]
    unsafe fn values<'h>(net: *mut bindings::net) -> Self::Values<'h>;
}
