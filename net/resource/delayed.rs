// SPDX-License-Identifier: GPL-2.0

//! What a work item of a namespace and one of a module have in common.
//!
//! C header: [`include/linux/workqueue.h`](srctree/include/linux/workqueue.h)

use super::super::bindings;
use kernel::{
    container_of,
    ffi::c_int,
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

/// A delayed work item of C's, which nobody can queue before it is ready.
///
/// # Invariants
///
/// `phase` goes from [`IDLE`] to [`CLAIMED`] to [`READY`], each once. From when it is [`READY`] `work` is initialised, and
/// stays where it is until it has been disabled.
#[repr(C)]
pub(super) struct Delayed {
    work: Opaque<bindings::delayed_work>,
    phase: Atomic<u32>,
}

const IDLE: u32 = 0;
const CLAIMED: u32 = 1;
const READY: u32 = 2;

impl Delayed {
    /// Makes one that is not ready.
    pub(super) const fn new() -> Self {
        // INVARIANT: Nothing has been made of it.
        Self {
            work: Opaque::uninit(),
            phase: Atomic::new(IDLE),
        }
    }

    /// Returns whether the caller is the first who asks; nobody else will be.
    pub(super) fn claim(&self) -> bool {
        self.phase.cmpxchg(IDLE, CLAIMED, Full).is_ok()
    }

    /// Makes it ready to be queued. What the caller has written before is seen by `run`.
    ///
    /// `init` is `INIT_DELAYED_WORK()` in a function of its own for each kind, which lockdep knows by it.
    ///
    /// # Safety
    ///
    /// The caller has claimed it, and calls this once. It stays where it is until [`Self::disable()`] has returned, and
    /// so does all that `run` needs, which is given a pointer to `work`.
    pub(super) unsafe fn ready(
        &self,
        init: unsafe extern "C" fn(*mut bindings::delayed_work, bindings::work_func_t),
        run: unsafe extern "C" fn(*mut bindings::work_struct),
    ) {
        // SAFETY: Nobody but the caller uses it before it is `READY`, and it stays where it is.
        unsafe { init(self.work(), Some(run)) };
        // INVARIANT: It is initialised.
        self.phase.store(READY, Release);
    }

    /// Queues it, to run when this time has passed. Returns `false` if it is queued already, not ready or disabled. Any
    /// context but NMI.
    ///
    /// # Safety
    ///
    /// `queue` is a workqueue that does not go.
    pub(super) unsafe fn queue(
        &self,
        queue: *mut bindings::workqueue_struct,
        delay: Delta,
    ) -> bool {
        if self.phase.load(Acquire) != READY {
            return false;
        }
        let millis = delay.as_millis().clamp(0, i64::from(c_int::MAX));
        // CAST: It has just been made to fit.
        let jiffies = msecs_to_jiffies(millis as u32);
        // SAFETY: By the type invariants it is initialised and stays where it is; once it is disabled C does not queue it,
        // and until then it is not freed.
        unsafe {
            bindings::queue_delayed_work_on(
                bindings::wq_misc_consts_WORK_CPU_UNBOUND as c_int,
                queue,
                self.work(),
                jiffies,
            )
        }
    }

    /// Stops the timer, takes it off its queue, waits until it does not run, and keeps it from being queued again. The
    /// worker has returned from `run` then.
    ///
    /// # Safety
    ///
    /// It has been made ready.
    pub(super) unsafe fn disable(&self) {
        // SAFETY: By the type invariants it is initialised.
        unsafe { bindings::disable_delayed_work_sync(self.work()) };
    }

    /// Returns what `work` is a part of, which comes first in it.
    ///
    /// # Safety
    ///
    /// `work` is what `run` was given, of a [`Delayed`] that is the first field of a `T` with the representation of C.
    pub(super) unsafe fn owner<T>(work: *mut bindings::work_struct) -> *const T {
        // SAFETY: A work item that `init` has set up is the `work` of a `struct delayed_work`.
        let work = unsafe { container_of!(work, bindings::delayed_work, work) };
        // `Opaque` is transparent, and the first field here.
        work.cast_const().cast()
    }

    fn work(&self) -> *mut bindings::delayed_work {
        self.work.get()
    }
}
