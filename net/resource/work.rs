// SPDX-License-Identifier: GPL-2.0

//! Work items.
//!
//! C header: [`include/linux/workqueue.h`](srctree/include/linux/workqueue.h)

use super::{
    super::{
        bindings,
        namespace::UncountedNet,
        pernet::{
            PerNet, //
        }, //
    },
    delayed::Delayed,
    sealed::Sealed,
    Home,
    Resource, //
};
use core::{
    cell::Cell,
    ptr::{
        self,
        NonNull, //
    }, //
};
use kernel::{
    prelude::*,
    time::Delta, //
};

/// A work item, which is a field of the value.
///
/// It can be queued from when the resource [`Work`] has been made until it is taken down, by whoever finds the value.
/// Before and after that queueing does nothing.
///
/// # Invariants
///
/// `net` and `value` are written by who has claimed `delayed`, before it is ready, which happens once: they are those of
/// the namespace from then on.
#[repr(C)]
pub struct Item<T> {
    delayed: Delayed,
    net: Cell<*mut bindings::net>,
    value: Cell<*const T>,
}

// SAFETY: It is a pointer to what is `Sync` and a structure that any task may use. One that is ready refers to itself, and
// is moved when its value has been dropped at the earliest: then it is disabled, and C looks at nothing but that.
unsafe impl<T: Send + Sync> Send for Item<T> {}

// SAFETY: `delayed` may be used by any task. `net` and `value` are written before it is ready, and read by the work item,
// which is queued when it is.
unsafe impl<T: Send + Sync> Sync for Item<T> {}

impl<T> Item<T> {
    /// Makes one that is not a resource yet.
    pub const fn new() -> Self {
        // INVARIANT: Nobody has claimed it.
        Self {
            delayed: Delayed::new(),
            net: Cell::new(ptr::null_mut()),
            value: Cell::new(ptr::null()),
        }
    }

    /// Queues it, to run as soon as may be. Any context but NMI.
    ///
    /// Returns `false` if it is queued already, or cannot be.
    pub fn queue(&self) -> bool {
        self.queue_after(Delta::ZERO)
    }

    /// The same, to run when this time has passed.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::{
    /// #     net::{namespace::UncountedNet, pernet::*, resource::work},
    /// #     prelude::*,
    /// #     time::Delta,
    /// # };
    /// # struct Flows { sweep: work::Item<Self> }
    /// # kernel::pernet_doctest!(Flows: Subsys = FLOWS, Flows { sweep: work::Item::new() });
    /// # static FLOWS: Operations<Flows> = Operations::new_with::<work::Work>();
    /// # impl work::Run for Flows {
    /// #     fn item(&self) -> &work::Item<Self> { &self.sweep }
    /// #     fn run(self: Pin<&Self>, _: UncountedNet<'_>) {
    /// self.sweep.queue_after(Delta::from_millis(100));
    /// #     }
    /// # }
    /// # drop(load()?);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn queue_after(&self, delay: Delta) -> bool {
        // SAFETY: It is one of the kernel's own queues.
        unsafe { self.delayed.queue(bindings::system_percpu_wq, delay) }
    }
}

impl<T> Default for Item<T> {
    fn default() -> Self {
        Self::new()
    }
}

/// What a work item does.
///
/// # Examples
///
/// ```
/// # use kernel::{
/// #     net::{namespace::UncountedNet, pernet::*, resource::work},
/// #     prelude::*,
/// #     time::Delta,
/// # };
/// # kernel::pernet_doctest!(Flows: Subsys = FLOWS, Flows { sweep: work::Item::new() });
/// # static FLOWS: Operations<Flows> = Operations::new_with::<work::Work>();
/// struct Flows {
///     sweep: work::Item<Self>,
///     // What it sweeps.
/// }
///
/// impl work::Run for Flows {
///     fn item(&self) -> &work::Item<Self> {
///         &self.sweep
///     }
///
///     fn run(self: Pin<&Self>, _: UncountedNet<'_>) {
///         // Whatever is to be done now and then.
///         self.sweep.queue_after(Delta::from_secs(1));
///     }
/// }
/// # drop(load()?);
/// # Ok::<(), Error>(())
/// ```
pub trait Run<const N: usize = 0>: PerNet {
    /// Returns the field. It is called once for each value.
    fn item(&self) -> &Item<Self>;

    /// Called once for each time that the item was queued. Process context, may sleep.
    ///
    /// It must not wait for who removes the namespace or the module: they wait for it.
    fn run(self: Pin<&Self>, net: UncountedNet<'_>);
}

/// A work item, and one that runs later: a field of the value, and what it does.
///
/// # Errors
///
/// The namespace fails to be made with `EINVAL` if the item is not within the value, and with `EBUSY` if it is another
/// resource already.
//
// `disable_delayed_work_sync()` stops the timer, takes the item off its queue, waits until it does not run, and keeps it
// from being queued again: then nobody has the value, and no instruction of `run` is left to be done, as the worker has
// returned from it. The order of two of them does not matter to that: one that is disabled is queued by nobody.
pub enum Work<const N: usize = 0> {}

impl<const N: usize> Sealed for Work<N> {}

impl<T: Run<N>, const N: usize> Resource<T> for Work<N> {
    type State = NonNull<Item<T>>;

    #[allow(private_interfaces)]
    unsafe fn make(home: Home<T>, state: *mut Self::State) -> Result {
        // SAFETY: What is made of it is not used when `exit()` has returned.
        let item = T::item(unsafe { home.value() });
        if !home.holds(item) {
            return Err(EINVAL);
        }
        if !item.delayed.claim() {
            return Err(EBUSY);
        }
        // INVARIANT: It has just been claimed.
        item.net.set(home.net);
        item.value.set(home.value);
        // SAFETY: The caller gives us the memory.
        unsafe { state.write(NonNull::from(item)) };
        // SAFETY: We have claimed it, and it stays where it is, as a part of the value, which stays until `exit()` has
        // returned, and with it the namespace.
        unsafe { item.delayed.ready(bindings::init_delayed_work, run::<T, N>) };
        Ok(())
    }

    #[allow(private_interfaces)]
    unsafe fn exit(_home: Home<T>, state: *mut Self::State) {
        // SAFETY: `make()` has written the state and made the item ready, which is a part of the value.
        unsafe { (*state).as_ref().delayed.disable() };
    }
}

/// # Safety
///
/// `work` is that of an [`Item`] that is ready, for this `T` and `N`, and that is not dropped before this returns.
unsafe extern "C" fn run<T: Run<N>, const N: usize>(work: *mut bindings::work_struct) {
    // SAFETY: `make()` has passed this function with the work item of an `Item<T>`, whose first field `delayed` is.
    let item = unsafe { &*Delayed::owner::<Item<T>>(work) };
    // SAFETY: By the invariants of `Item` this is the value, which is pinned, and its namespace. Neither goes before
    // `Work::exit()`, which waits for us.
    let (value, net) = unsafe {
        (
            Pin::new_unchecked(&*item.value.get()),
            UncountedNet::from_raw(item.net.get()),
        )
    };
    value.run(net);
}
