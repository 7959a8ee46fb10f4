// SPDX-License-Identifier: GPL-2.0

//! What a module does apart from hooks, in process context.
//!
//! C header: [`include/linux/workqueue.h`](srctree/include/linux/workqueue.h)

use super::{
    super::bindings,
    registrar::Part,
    Module, //
};
use core::{
    cell::Cell,
    ptr, //
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
        Delta,
        Jiffies, //
    },
    types::Opaque, //
};

/// A work item of a module, which is given the module's state.
///
/// [`Registrar::add_chore()`](super::Registrar::add_chore) makes it ready to be queued. A work item of a namespace
/// ([`work::Work`](super::super::resource::work::Work)) is waited for by who removes the namespace or the module, with
/// locks held; a chore is waited for by who removes the module, and by nobody else, when all hooks have run. So it may
/// wait for what hooks wait for, a [`Teardown`](super::Teardown) say.
///
/// # Examples
///
/// ```ignore
/// static SWEEP: Chore<Sample> = Chore::new(Sample::sweep);
///
/// fn sweep(self: Pin<&Self>) {
///     self.forget_old_ones();
///     SWEEP.queue_after(Delta::from_secs(1));
/// }
/// ```
///
/// # Invariants
///
/// `phase` is [`IDLE`] or [`CLAIMED`], or [`READY`]. From when it is [`READY`] `work` is initialised, and `module`, which
/// is not written any more, points to the pinned state of the module, until `work` has been disabled.
#[repr(C)]
pub struct Chore<M: Module> {
    work: Opaque<bindings::delayed_work>,
    run: fn(Pin<&M>),
    module: Cell<*const M>,
    phase: Atomic<u32>,
}

const IDLE: u32 = 0;
const CLAIMED: u32 = 1;
const READY: u32 = 2;

// SAFETY: `work` is C's. `module` is written by who has changed the phase from `IDLE`, and read by the work item, which is
// queued by who has seen it `READY`.
unsafe impl<M: Module> Sync for Chore<M> {}

impl<M: Module> Chore<M> {
    /// Makes one that calls `run`. Process context, may sleep; one run at a time.
    pub const fn new(run: fn(Pin<&M>)) -> Self {
        // INVARIANT: Nothing has been made of it.
        Self {
            work: Opaque::uninit(),
            run,
            module: Cell::new(ptr::null()),
            phase: Atomic::new(IDLE),
        }
    }

    /// Queues it, to run as soon as may be; again, if it runs. Any context but NMI.
    ///
    /// Returns `false` if it is queued already, or cannot be.
    pub fn queue(&'static self) -> bool {
        self.queue_in(0)
    }

    /// The same, to run when this time has passed.
    pub fn queue_after(&'static self, delay: Delta) -> bool {
        let millis = delay.as_millis().clamp(0, i64::from(c_int::MAX));
        // CAST: It has just been made to fit.
        self.queue_in(msecs_to_jiffies(millis as u32))
    }

    fn queue_in(&'static self, jiffies: Jiffies) -> bool {
        if self.phase.load(Acquire) != READY {
            return false;
        }
        // SAFETY: By the type invariants it is initialised, and it is in a static. Once it is disabled C does not queue
        // it. A chore may wait for long, so that it is not for the queue of a CPU.
        unsafe {
            bindings::queue_delayed_work_on(
                bindings::wq_misc_consts_WORK_CPU_UNBOUND as c_int,
                bindings::system_dfl_wq,
                self.work.get(),
                jiffies,
            )
        }
    }

    /// Makes it ready.
    ///
    /// # Safety
    ///
    /// `module` stays, pinned and shared, until [`Part::stop()`] has returned.
    pub(super) unsafe fn prepare(&'static self, module: Pin<&M>) -> Result {
        if self.phase.cmpxchg(IDLE, CLAIMED, Full).is_err() {
            return Err(EEXIST);
        }
        self.module.set(ptr::from_ref(module.get_ref()));
        // SAFETY: Nobody but us uses it yet, and it stays where it is.
        unsafe { bindings::init_chore(self.work.get(), Some(Self::run)) };
        // INVARIANT: All of it has been written.
        self.phase.store(READY, Release);
        Ok(())
    }

    /// # Safety
    ///
    /// `work` is that of a [`Chore<M>`] that is [`READY`].
    unsafe extern "C" fn run(work: *mut bindings::work_struct) {
        // SAFETY: As the caller promises, and it is the first field. By the type invariants the state is there, and
        // `stop()` waits for us before it goes.
        let (chore, module) = unsafe {
            let work = container_of!(work, bindings::delayed_work, work);
            let chore = &*work.cast::<Self>();
            (chore, Pin::new_unchecked(&*chore.module.get()))
        };
        (chore.run)(module);
    }
}

// SAFETY: `disable_delayed_work_sync()` stops the timer, takes the item off its queue, waits until it does not run and
// keeps it from being queued; the worker has returned from `run()` then.
unsafe impl<M: Module> Part for Chore<M> {
    unsafe fn start(&'static self, _this: &'static ThisModule) -> Result {
        Ok(())
    }

    unsafe fn stop(&'static self) {
        // SAFETY: It is initialised, as the caller promises.
        unsafe { bindings::disable_delayed_work_sync(self.work.get()) };
    }
}
