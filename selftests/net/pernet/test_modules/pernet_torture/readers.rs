// SPDX-License-Identifier: GPL-2.0

//! Who looks values up, all the time: timers in an interrupt, and work items.
//!
//! There are no kernel threads in Rust in Linux 7.3. A work item of a system queue runs until it is told to
//! stop, and sleeps most of the time.

use crate::{
    lookups,
    parameters::Parameters,
    refusals::below,
    stats::{
        Totals,
        STATS, //
    }, //
};
use kernel::{
    impl_has_hr_timer,
    prelude::*,
    sync::{
        atomic::{
            Acquire,
            Atomic,
            Relaxed,
            Release, //
        },
        Arc,
        ArcBorrow, //
    },
    time::{
        delay::fsleep,
        hrtimer::{
            ArcHrTimerHandle,
            HrTimer,
            HrTimerCallback,
            HrTimerCallbackContext,
            HrTimerPointer,
            HrTimerRestart,
            RelativeMode, //
        },
        Delta,
        Instant,
        Monotonic, //
    },
    workqueue, //
};
use net::{
    namespace::{
        Namespaces,
        Net,
        NetRef, //
    },
    rcu, //
};

/// Of so many namespaces a section of RCU looks at one, so that interrupts stay short.
const STRIDE: u64 = 4;

/// How long a work item sleeps when it has nothing to do.
const REST: Delta = Delta::from_millis(20);

/// How many work items there are, and whether they are to end.
static WORKING: Atomic<u32> = Atomic::new(0);
static STOP: Atomic<bool> = Atomic::new(false);

/// When the readers work.
#[derive(Clone, Copy)]
struct Stutter {
    began: Instant<Monotonic>,
    milliseconds: i64,
}

impl Stutter {
    fn is_on(&self) -> bool {
        let periods = self
            .began
            .elapsed()
            .as_millis()
            .checked_div(self.milliseconds);
        periods.unwrap_or(0) & 1 == 0
    }
}

/// All readers. They have ended when it is dropped.
pub(crate) struct Readers {
    timers: KVec<ArcHrTimerHandle<Timer>>,
}

impl Readers {
    pub(crate) fn start(given: &Parameters) -> Result<Self> {
        let micros = |value: u32| Delta::from_micros(value.into());
        let stutter = Stutter {
            began: Instant::now(),
            milliseconds: i64::from(given.stutter).saturating_mul(1000),
        };
        let spin = micros(given.spin_us);
        let worker = Worker {
            stutter,
            interval: micros(given.interval_us),
            hold_us: given.hold_us.into(),
            walk: micros(given.walk_us),
            spin,
        };
        // Dropped if something fails, which ends what runs already.
        let mut this = Self {
            timers: KVec::new(),
        };
        for _ in 0..given.irq_readers {
            let interval = micros(given.irq_interval_us);
            let timer = Arc::pin_init(Timer::new(stutter, interval, spin), GFP_KERNEL)?;
            this.timers.push(timer.start(interval), GFP_KERNEL)?;
        }
        for _ in 0..given.rcu_readers {
            spawn(move || worker.run(Worker::look_under_rcu))?;
        }
        for _ in 0..given.with_readers {
            spawn(move || worker.run(Worker::look_and_sleep))?;
        }
        for _ in 0..given.walkers {
            spawn(move || worker.run(Worker::walk))?;
        }
        if given.stat_interval > 0 {
            let interval = Delta::from_secs(given.stat_interval.into());
            spawn(move || log(interval))?;
        }
        Ok(this)
    }
}

impl Drop for Readers {
    fn drop(&mut self) {
        // This waits for a callback that runs.
        self.timers.clear();
        STOP.store(true, Relaxed);
        while WORKING.load(Acquire) > 0 {
            fsleep(Delta::from_millis(10));
        }
        // There is no way to wait until a work item has returned: it has a second for its last instructions.
        fsleep(Delta::from_secs(1));
    }
}

/// Gives the readers the time to look at what has just been unregistered.
pub(crate) fn settle() {
    fsleep(Delta::from_millis(50));
}

fn spawn(work: impl FnOnce() + Send + 'static) -> Result {
    WORKING.fetch_add(1, Relaxed);
    let spawned = workqueue::system_long().try_spawn(GFP_KERNEL, move || {
        work();
        WORKING.fetch_sub(1, Release);
    });
    if spawned.is_err() {
        WORKING.fetch_sub(1, Relaxed);
    }
    Ok(spawned?)
}

/// Logs the counters again and again.
fn log(interval: Delta) {
    let mut last = Instant::<Monotonic>::now();
    while !STOP.load(Relaxed) {
        fsleep(REST);
        if last.elapsed() >= interval {
            last = Instant::now();
            pr_info!("stats: {Totals}\n");
        }
    }
}

/// Looks up in an interrupt.
#[pin_data]
struct Timer {
    #[pin]
    timer: HrTimer<Self>,
    stutter: Stutter,
    interval: Delta,
    spin: Delta,
}

impl_has_hr_timer! {
    impl HasHrTimer<Self> for Timer {
        mode: RelativeMode<Monotonic>, field: self.timer
    }
}

impl Timer {
    fn new(stutter: Stutter, interval: Delta, spin: Delta) -> impl PinInit<Self> {
        pin_init!(Self {
            timer <- HrTimer::new(),
            stutter,
            interval,
            spin,
        })
    }
}

impl HrTimerCallback for Timer {
    type Pointer<'a> = Arc<Self>;

    fn run(
        this: ArcBorrow<'_, Self>,
        mut timer: HrTimerCallbackContext<'_, Self>,
    ) -> HrTimerRestart {
        if this.stutter.is_on() {
            look_at_some(this.spin, &STATS.found_irq);
        }
        timer.forward_now(this.interval);
        HrTimerRestart::Restart
    }
}

/// Looks all types up in some namespaces, in one section of RCU.
fn look_at_some(spin: Delta, found: &Atomic<u64>) {
    let mut skip = below(STRIDE);
    rcu::read_lock(|rcu| {
        for net in Namespaces::iter_rcu(rcu) {
            if let Some(left) = skip.checked_sub(1) {
                skip = left;
                continue;
            }
            skip = STRIDE;
            for lookup in lookups::all() {
                (lookup.rcu)(&net, rcu, spin, found);
            }
        }
    });
}

/// What a work item does, and how fast.
#[derive(Clone, Copy)]
struct Worker {
    stutter: Stutter,
    interval: Delta,
    hold_us: u64,
    walk: Delta,
    spin: Delta,
}

impl Worker {
    fn run(self, look: fn(&Self)) {
        while !STOP.load(Relaxed) {
            if self.stutter.is_on() {
                look(&self);
                fsleep(self.interval);
            } else {
                fsleep(REST);
            }
        }
    }

    fn look_under_rcu(&self) {
        look_at_some(self.spin, &STATS.found_rcu);
    }

    fn look_and_sleep(&self) {
        let lookup = lookups::any();
        // Some let go at once, and some have it longer than it takes to get to the exit hooks.
        let micros = i64::try_from(below(self.hold_us)).unwrap_or(0);
        let hold = Delta::from_micros(micros);
        match any_net() {
            Some(net) => (lookup.with)(&net, hold),
            None => (lookup.with)(Net::init_ns(), hold),
        }
    }

    fn walk(&self) {
        (lookups::any().walk)(&Namespaces::read(), self.walk);
    }
}

/// Takes a reference on a namespace, if the one that was picked at random is there and has not lost its last.
fn any_net() -> Option<NetRef> {
    let list = Namespaces::read();
    let number = usize::try_from(below(16)).unwrap_or(0);
    let net = list.iter().nth(number)?;
    net.try_get()
}
