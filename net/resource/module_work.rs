// SPDX-License-Identifier: GPL-2.0

//! What a module does apart from hooks, in process context.
//!
//! C header: [`include/linux/workqueue.h`](srctree/include/linux/workqueue.h)

use super::{
    super::{
        bindings,
        pernet::{
            Module,
            Part,
            Registrar, //
        }, //
    },
    delayed::Delayed, //
};
use core::{
    cell::Cell,
    ptr, //
};
use kernel::{
    prelude::*,
    time::Delta, //
};

/// A work item of a module, which is given the module's state.
///
/// [`Registrar::add_chore()`](super::super::pernet::Registrar::add_chore) makes it ready to be queued. A work item of a namespace
/// ([`work::Work`](super::work::Work)) is waited for by who removes the namespace or the module, with
/// locks held; a chore is waited for by who removes the module, and by nobody else, when all hooks have run. So it may
/// wait for what hooks wait for, a [`Teardown`](super::super::pernet::Teardown) say.
///
/// # Examples
///
/// ```
/// # use kernel::{net::pernet::*, prelude::*, time::Delta};
/// # kernel::pernet_doctest!();
/// static SWEEP: Chore<Sample> = Chore::new(sweep);
///
/// fn sweep(_: Pin<&Sample>) {
///     // Whatever is to be done now and then.
///     SWEEP.queue_after(Delta::from_secs(1));
/// }
/// # drop(load()?);
/// # assert!(!SWEEP.queue());
/// # Ok::<(), Error>(())
/// ```
///
/// # Invariants
///
/// `module` is written by who has claimed `delayed`, before it is ready, and points to the pinned state of the module from
/// then on until it has been disabled.
#[repr(C)]
pub struct Chore<M: Module> {
    delayed: Delayed,
    run: fn(Pin<&M>),
    module: Cell<*const M>,
}

// SAFETY: `delayed` may be used by any task. `module` is written before it is ready, and read by the work item, which is
// queued when it is.
unsafe impl<M: Module> Sync for Chore<M> {}

impl<M: Module> Chore<M> {
    /// Makes one that calls `run`. Process context, may sleep; one run at a time.
    pub const fn new(run: fn(Pin<&M>)) -> Self {
        // INVARIANT: Nobody has claimed it.
        Self {
            delayed: Delayed::new(),
            run,
            module: Cell::new(ptr::null()),
        }
    }

    /// Queues it, to run as soon as may be; again, if it runs. Any context but NMI.
    ///
    /// Returns `false` if it is queued already, or cannot be.
    pub fn queue(&'static self) -> bool {
        self.queue_after(Delta::ZERO)
    }

    /// The same, to run when this time has passed.
    pub fn queue_after(&'static self, delay: Delta) -> bool {
        // SAFETY: It is one of the kernel's own queues; not that of a CPU, since a chore may wait for long.
        unsafe { self.delayed.queue(bindings::system_dfl_wq, delay) }
    }

    /// Makes it ready.
    ///
    /// # Safety
    ///
    /// `module` stays, pinned and shared, until [`Part::stop()`] has returned.
    unsafe fn prepare(&'static self, module: Pin<&M>) -> Result {
        if !self.delayed.claim() {
            return Err(EEXIST);
        }
        // INVARIANT: It has just been claimed.
        self.module.set(ptr::from_ref(module.get_ref()));
        // SAFETY: It has been claimed, and is in a static. The state stays until `stop()`
        // has disabled it.
        unsafe { self.delayed.ready(bindings::init_chore, Self::run) };
        Ok(())
    }

    /// # Safety
    ///
    /// `work` is that of a [`Chore<M>`] that is ready.
    unsafe extern "C" fn run(work: *mut bindings::work_struct) {
        // SAFETY: `prepare()` has passed this function with the work item of a `Chore<M>`, whose first field `delayed` is. By
        // the type invariants the state is there, and `stop()` waits for us before it goes.
        let (chore, module) = unsafe {
            let chore = &*Delayed::owner::<Self>(work);
            (chore, Pin::new_unchecked(&*chore.module.get()))
        };
        (chore.run)(module);
    }
}

// SAFETY: `Delayed::disable()` waits until it does not run and keeps it from being queued; the worker has returned from
// `run()` then.
unsafe impl<M: Module> Part for Chore<M> {
    unsafe fn start(&'static self, _this: &'static ThisModule) -> Result {
        Ok(())
    }

    unsafe fn stop(&'static self) {
        // SAFETY: `prepare()` has made it ready: `Registrations` stops no other.
        unsafe { self.delayed.disable() };
    }
}

impl<M: Module> Registrar<'_, M> {
    /// Makes a work item of the module's own ready to be queued; before that queueing it does nothing.
    ///
    /// It ends when the module goes or fails to start, after everything has been unregistered, and after a run that
    /// is going on has returned. No lock is held then that hooks are called with.
    ///
    /// # Errors
    ///
    /// `EEXIST` if it is ready already, `ENOSPC` if four are.
    pub fn add_chore(&mut self, chore: &'static Chore<M>) -> Result {
        // SAFETY: The state stays until the chore has been stopped, by what `add_part()` says.
        self.add_part(chore, |state| unsafe { chore.prepare(state) })
    }
}
