// SPDX-License-Identifier: GPL-2.0

//! Work items.
//!
//! C header: [`include/linux/workqueue.h`](srctree/include/linux/workqueue.h)

use super::super::{
    bindings,
    namespace::UncountedNet,
    pernet::{
        Home,
        PerNet,
        Resource,
        Sealed, //
    }, //
};
use core::{
    cell::Cell,
    marker::PhantomData,
    ptr::{
        self,
        NonNull, //
    }, //
};
use kernel::{
    container_of,
    ffi::c_int,
    prelude::*,
    sync::atomic::{
        Acquire,
        Atomic,
        Full,
        Release, //
    },
    time::{
        msecs_to_jiffies,
        Delta, //
    },
    types::Opaque, //
};

/// A work item, which is a field of the value.
///
/// It can be queued from when the resource [`Work`] has been made until it is taken down, by whoever finds the value.
/// Before and after that queueing does nothing.
///
/// # Invariants
///
/// `state` is [`IDLE`] until a [`Work`] is made of it, which happens once. From when it is [`READY`]
/// - `work` is initialised, for a function that is given it;
/// - `net` and `value` are those of the namespace, and are not written any more.
#[repr(C)]
pub struct Item<T> {
    work: Opaque<bindings::delayed_work>,
    net: Cell<*mut bindings::net>,
    value: Cell<*const T>,
    state: Atomic<u32>,
}

const IDLE: u32 = 0;
const CLAIMED: u32 = 1;
const READY: u32 = 2;

// SAFETY: It is a pointer to what is `Sync` and a structure that any task may use. One that is `READY` refers to itself, and
// is moved when its value has been dropped at the earliest: then it is disabled, and C looks at nothing but that.
unsafe impl<T: Send + Sync> Send for Item<T> {}

// SAFETY: `net` and `value` are written by who has changed the state from `IDLE`, and read by who has seen it `READY`.
unsafe impl<T: Send + Sync> Sync for Item<T> {}

impl<T> Item<T> {
    /// Makes one that is not a resource yet.
    pub const fn new() -> Self {
        // INVARIANT: Nothing has been made of it.
        Self {
            work: Opaque::uninit(),
            net: Cell::new(ptr::null_mut()),
            value: Cell::new(ptr::null()),
            state: Atomic::new(IDLE),
        }
    }

    /// Queues it, to run as soon as may be. Any context but NMI.
    ///
    /// Returns `false` if it is queued already, or cannot be.
    pub fn queue(&self) -> bool {
        self.queue_in(0)
    }

    /// The same, to run when this time has passed.
    ///
    /// # Examples
    ///
    /// ```ignore
    /// self.tick.queue_after(Delta::from_millis(100));
    /// ```
    pub fn queue_after(&self, delay: Delta) -> bool {
        let millis = delay.as_millis().clamp(0, i64::from(c_int::MAX));
        // CAST: It has just been made to fit.
        self.queue_in(msecs_to_jiffies(millis as u32))
    }

    /// Returns the work item, of a pointer to all of this.
    fn work(&self) -> *mut bindings::delayed_work {
        Opaque::cast_into(&raw const self.work)
    }

    fn queue_in(&self, jiffies: kernel::time::Jiffies) -> bool {
        if self.state.load(Acquire) != READY {
            return false;
        }
        // SAFETY: By the type invariant it is initialised. Once it is disabled C does not queue it. It is not freed
        // before that, since `self` is borrowed, and when it is disabled it is not queued any more.
        unsafe {
            bindings::queue_delayed_work_on(
                bindings::wq_misc_consts_WORK_CPU_UNBOUND as c_int,
                bindings::system_percpu_wq,
                self.work(),
                jiffies,
            )
        }
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
/// ```ignore
/// struct Flows {
///     sweep: work::Item<Self>,
///     ...
/// }
///
/// impl work::Run for Flows {
///     fn item(&self) -> &work::Item<Self> {
///         &self.sweep
///     }
///
///     fn run(self: Pin<&Self>, _: UncountedNet<'_>) {
///         self.forget_old_ones();
///         self.sweep.queue_after(Delta::from_secs(1));
///     }
/// }
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
        if item.state.cmpxchg(IDLE, CLAIMED, Full).is_err() {
            return Err(EBUSY);
        }
        // SAFETY: Nobody but us uses it, and it stays where it is: it is a part of the value.
        unsafe { bindings::init_delayed_work(item.work(), Some(run::<T, N>)) };
        item.net.set(home.net);
        item.value.set(home.value);
        // SAFETY: The caller gives us the memory.
        unsafe { state.write(NonNull::from(item)) };
        // INVARIANT: All of it has been written.
        item.state.store(READY, Release);
        Ok(())
    }

    #[allow(private_interfaces)]
    unsafe fn exit(_home: Home<T>, state: *mut Self::State) {
        // SAFETY: The state is there, as the caller promises, and so is the item, as a part of the value.
        unsafe { bindings::disable_delayed_work_sync((*state).as_ref().work()) };
    }
}

/// # Safety
///
/// `work` is that of an [`Item`] that is [`READY`], for this `T` and `N`, and that is not dropped before this returns.
unsafe extern "C" fn run<T: Run<N>, const N: usize>(work: *mut bindings::work_struct) {
    // SAFETY: As the caller promises; the item is at the start of the structure.
    let item = unsafe {
        let work = container_of!(work, bindings::delayed_work, work);
        &*container_of!(Opaque::cast_from(work), Item<T>, work)
    };
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
