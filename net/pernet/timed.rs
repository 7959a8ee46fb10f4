// SPDX-License-Identifier: GPL-2.0

//! Hooks between two looks at the clock, which cost nothing before somebody asks for them.
//!
//! `struct pernet_operations` points to the hooks of `hooks.rs`. When the clock is switched on,
//! each of its pointers that is not null is replaced by one to a function of this file, which calls
//! the other between two looks at the clock; when it is switched off, it is put back. C calls the one
//! or the other, however often it reads the pointer, and none becomes null: so there is no lock to take,
//! and it works while a teardown hangs.

use super::{
    super::bindings,
    PerNet, //
};
use kernel::{
    ffi::c_int,
    sync::atomic::{
        Atomic,
        Relaxed, //
    }, //
};

/// Returns the nanoseconds since the boot.
//
// The difference of two of the kernel crate's instants may panic.
#[inline(never)]
fn now() -> u64 {
    // CAST: They are not negative.
    // SAFETY: Hooks are called by tasks: not in an NMI, and not while timekeeping is suspended.
    unsafe { bindings::ktime_get() as u64 }
}

/// What has been measured of one hook of one type.
pub(super) struct Stats {
    /// Calls that have returned since the clock was switched on.
    pub(super) calls: Atomic<u64>,
    /// Calls that have not.
    pub(super) running: Atomic<u64>,
    /// Nanoseconds of all of them that have.
    pub(super) total: Atomic<u64>,
    /// Nanoseconds of the longest.
    pub(super) longest: Atomic<u64>,
}

impl Stats {
    const fn new() -> Self {
        Self {
            calls: Atomic::new(0),
            running: Atomic::new(0),
            total: Atomic::new(0),
            longest: Atomic::new(0),
        }
    }

    /// Calls a hook, and takes the time.
    #[inline(always)]
    fn time<R>(&self, hook: impl FnOnce() -> R) -> R {
        self.running.add(1, Relaxed);
        let start = now();
        let result = hook();
        self.add(now().wrapping_sub(start));
        result
    }

    /// Takes note of a call that has returned.
    #[inline(never)]
    fn add(&self, took: u64) {
        self.total.add(took, Relaxed);
        let mut longest = self.longest.load(Relaxed);
        while took > longest {
            match self.longest.cmpxchg(longest, took, Relaxed) {
                Ok(_) => break,
                Err(now) => longest = now,
            }
        }
        self.calls.add(1, Relaxed);
        self.running.fetch_sub(1, Relaxed);
    }

    /// Forgets all but the calls that have not returned.
    #[inline(never)]
    fn clear(&self) {
        self.calls.store(0, Relaxed);
        self.total.store(0, Relaxed);
        self.longest.store(0, Relaxed);
    }
}

/// A hook of one type, if it has it, and what is called instead of it.
///
/// # Invariants
///
/// Both are there or neither is.
pub(super) struct Phase<H> {
    plain: Option<H>,
    timed: Option<H>,
    stats: Stats,
}

impl<H: Copy> Phase<H> {
    const fn new(plain: Option<H>, timed: H) -> Self {
        // INVARIANT: One is there if the other is.
        Self {
            plain,
            timed: if plain.is_some() { Some(timed) } else { None },
            stats: Stats::new(),
        }
    }

    /// Returns what has been measured, if the type has the hook.
    pub(super) fn stats(&self) -> Option<&Stats> {
        self.plain.is_some().then_some(&self.stats)
    }

    /// Puts the one or the other where C finds it.
    ///
    /// # Safety
    ///
    /// `place` is that of the hook in `struct pernet_operations`, which stays; C reads it, and
    /// nobody else uses it.
    #[inline(always)]
    unsafe fn put(&self, place: *mut Option<H>, timed: bool) {
        if timed {
            self.stats.clear();
        }
        // SAFETY: C reads this while it is written, a word. By the type invariants it sees null
        // before and after, or one of two functions that may take the place of each other. It is
        // volatile, as that of `WRITE_ONCE()`.
        unsafe { place.write_volatile(if timed { self.timed } else { self.plain }) };
    }
}

type Init = unsafe extern "C" fn(*mut bindings::net) -> c_int;
type Net = unsafe extern "C" fn(*mut bindings::net);
type Rtnl = unsafe extern "C" fn(*mut bindings::net, *mut bindings::list_head);
type Batch = unsafe extern "C" fn(*mut bindings::list_head);

/// The hooks of one type.
pub(super) struct Timed {
    pub(super) init: Phase<Init>,
    pub(super) pre_exit: Phase<Net>,
    pub(super) exit_rtnl: Phase<Rtnl>,
    pub(super) exit: Phase<Net>,
    pub(super) exit_batch: Phase<Batch>,
}

impl Timed {
    /// Takes note of the hooks of `T`.
    pub(super) const fn of<T: PerNet>(ops: &bindings::pernet_operations) -> Self {
        Self {
            init: Phase::new(ops.init, init::<T>),
            pre_exit: Phase::new(ops.pre_exit, pre_exit::<T>),
            exit_rtnl: Phase::new(ops.exit_rtnl, exit_rtnl::<T>),
            exit: Phase::new(ops.exit, exit::<T>),
            exit_batch: Phase::new(ops.exit_batch, exit_batch::<T>),
        }
    }

    /// Switches the clock on, and begins anew, or off.
    ///
    /// Calls that are running stay what they were: a hook that has begun without the clock ends
    /// without it.
    ///
    /// # Safety
    ///
    /// `ops` are those that [`Self::of()`] was called with, where they stay; C uses them, and
    /// nobody else does.
    #[inline(never)]
    pub(super) unsafe fn switch(&self, ops: *mut bindings::pernet_operations, on: bool) {
        // SAFETY: These are the pointers that the phases were made of.
        unsafe {
            self.init.put(&raw mut (*ops).init, on);
            self.pre_exit.put(&raw mut (*ops).pre_exit, on);
            self.exit_rtnl.put(&raw mut (*ops).exit_rtnl, on);
            self.exit.put(&raw mut (*ops).exit, on);
            self.exit_batch.put(&raw mut (*ops).exit_batch, on);
        }
    }
}

/// Returns the hooks of `T`.
#[inline(always)]
fn timed_of<T: PerNet>() -> &'static Timed {
    &T::OPERATIONS.core().shown().timed
}

// What is called instead of a hook, and what that is for all types: it is called only where there
// is the hook.

/// # Safety
///
/// As for the hook.
unsafe extern "C" fn init<T: PerNet>(net: *mut bindings::net) -> c_int {
    // SAFETY: C calls this in the place of the hook, with the same arguments.
    unsafe { time_init(net, &timed_of::<T>().init) }
}

/// # Safety
///
/// As for the hook of that phase.
#[inline(never)]
unsafe fn time_init(net: *mut bindings::net, phase: &Phase<Init>) -> c_int {
    // CAST: It is small.
    let Some(hook) = phase.plain else {
        return -(bindings::EINVAL as c_int);
    };
    // SAFETY: C calls this in the place of the hook, with the same arguments.
    phase.stats.time(|| unsafe { hook(net) })
}

/// # Safety
///
/// As for the hook.
unsafe extern "C" fn pre_exit<T: PerNet>(net: *mut bindings::net) {
    // SAFETY: C calls this in the place of the hook, with the same arguments.
    unsafe { time_net(net, &timed_of::<T>().pre_exit) };
}

/// # Safety
///
/// As for the hook.
unsafe extern "C" fn exit<T: PerNet>(net: *mut bindings::net) {
    // SAFETY: C calls this in the place of the hook, with the same arguments.
    unsafe { time_net(net, &timed_of::<T>().exit) };
}

/// # Safety
///
/// As for the hook of that phase.
#[inline(never)]
unsafe fn time_net(net: *mut bindings::net, phase: &Phase<Net>) {
    if let Some(hook) = phase.plain {
        // SAFETY: C calls this in the place of the hook, with the same arguments.
        phase.stats.time(|| unsafe { hook(net) });
    }
}

/// # Safety
///
/// As for the hook.
unsafe extern "C" fn exit_rtnl<T: PerNet>(
    net: *mut bindings::net,
    dev_kill_list: *mut bindings::list_head,
) {
    // SAFETY: C calls this in the place of the hook, with the same arguments.
    unsafe { time_rtnl(net, dev_kill_list, &timed_of::<T>().exit_rtnl) };
}

/// # Safety
///
/// As for the hook of that phase.
#[inline(never)]
unsafe fn time_rtnl(
    net: *mut bindings::net,
    dev_kill_list: *mut bindings::list_head,
    phase: &Phase<Rtnl>,
) {
    if let Some(hook) = phase.plain {
        // SAFETY: C calls this in the place of the hook, with the same arguments.
        phase.stats.time(|| unsafe { hook(net, dev_kill_list) });
    }
}

/// # Safety
///
/// As for the hook.
unsafe extern "C" fn exit_batch<T: PerNet>(net_exit_list: *mut bindings::list_head) {
    // SAFETY: C calls this in the place of the hook, with the same arguments.
    unsafe { time_batch(net_exit_list, &timed_of::<T>().exit_batch) };
}

/// # Safety
///
/// As for the hook of that phase.
#[inline(never)]
unsafe fn time_batch(net_exit_list: *mut bindings::list_head, phase: &Phase<Batch>) {
    if let Some(hook) = phase.plain {
        // SAFETY: C calls this in the place of the hook, with the same arguments.
        phase.stats.time(|| unsafe { hook(net_exit_list) });
    }
}
