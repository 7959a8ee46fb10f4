// SPDX-License-Identifier: GPL-2.0

//! Looks values up while they come and go.
//!
//! A timer looks up under RCU, in an interrupt. The init hook of `Reader`, which is registered before `Value`
//! and so is there still when that is unregistered, sleeps with what it has found, in the context of whoever
//! makes a namespace. Both have ended when the module goes: the timer is cancelled by the state, and `Reader`
//! is unregistered. With `hold_ms` a work item sleeps with a value, too. For pernet_race.sh.
//!
//! There is no arithmetic in here that may overflow, nor anything else that panics, so that lint can see that
//! the library has none.

#![forbid(unsafe_code)]

use kernel::{
    impl_has_hr_timer,
    prelude::*,
    sync::{
        atomic::{
            Atomic,
            Relaxed, //
        },
        Arc,
        ArcBorrow,
        Completion, //
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
        Monotonic, //
    },
    workqueue, //
};
use net::{
    namespace::{
        Identity,
        Namespaces,
        Net, //
    },
    pernet::{self, *},
    rcu, //
};

pernet_module! {
    type: Module,
    name: "pernet_race",
    authors: ["rust-pernet contributors"],
    description: "Test module: looks values up while they come and go",
    license: "GPL",
    params: {
        hold_ms: i64 {
            default: 0,
            description: "a work item holds on to a value for so long",
        },
    },
}

const INTERVAL: Delta = Delta::from_millis(1);

/// How often the lookups have found what.
#[pin_data]
struct Found {
    #[pin]
    timer: HrTimer<Self>,
    #[pin]
    let_go: Completion,
    under_rcu: Atomic<u64>,
    counted: Atomic<u64>,
    walked: Atomic<u64>,
    in_hooks: Atomic<u64>,
    nothing: Atomic<u64>,
    wrong: Atomic<u64>,
}

impl_has_hr_timer! {
    impl HasHrTimer<Self> for Found {
        mode: RelativeMode<Monotonic>, field: self.timer
    }
}

impl Found {
    fn new() -> impl PinInit<Self> {
        pin_init!(Self {
            timer <- HrTimer::new(),
            let_go <- Completion::new(),
            under_rcu: Atomic::new(0),
            counted: Atomic::new(0),
            walked: Atomic::new(0),
            in_hooks: Atomic::new(0),
            nothing: Atomic::new(0),
            wrong: Atomic::new(0),
        })
    }

    fn hold(&self) {
        let net = Net::init_ns();
        VALUE.with(net, |value| {
            pr_info!("holds\n");
            let hold = net::parameter(&module_parameters::hold_ms);
            fsleep(Delta::from_millis(hold));
            self.count(&self.counted, net, Some(value));
            pr_info!("lets go\n");
        });
        self.let_go.complete_all();
    }

    fn count(&self, found: &Atomic<u64>, net: &Identity, value: Option<Pin<&Value>>) {
        match value {
            Some(value) if value.is_of(net) => found.add(1, Relaxed),
            Some(_) => self.wrong.add(1, Relaxed),
            None => self.nothing.add(1, Relaxed),
        }
    }
}

impl HrTimerCallback for Found {
    type Pointer<'a> = Arc<Self>;

    fn run(
        this: ArcBorrow<'_, Self>,
        mut timer: HrTimerCallbackContext<'_, Self>,
    ) -> HrTimerRestart {
        rcu::read_lock(|rcu| {
            for net in Namespaces::iter_rcu(rcu) {
                this.count(&this.under_rcu, &net, VALUE.get_rcu(&net, rcu));
            }
        });
        timer.forward_now(INTERVAL);
        HrTimerRestart::Restart
    }
}

struct Module {
    found: Arc<Found>,
    _timer: ArcHrTimerHandle<Found>,
}

impl Module {
    fn new() -> Result<Self> {
        let found = Arc::pin_init(Found::new(), GFP_KERNEL)?;
        Ok(Self {
            _timer: found.clone().start(INTERVAL),
            found,
        })
    }
}

impl pernet::Module for Module {
    fn init(_: &'static ThisModule) -> impl PinInit<Self, Error> {
        Self::new()
    }

    fn start(self: Pin<&Self>, registrar: &mut Registrar<'_, Self>) -> Result {
        registrar.register::<Reader>()?;
        registrar.register::<Value>()?;
        registrar.register::<Later>()?;
        if net::parameter(&module_parameters::hold_ms) > 0 {
            let found = self.found.clone();
            workqueue::system_long().try_spawn(GFP_KERNEL, move || found.hold())?;
        }
        Ok(())
    }
}

impl Drop for Module {
    fn drop(&mut self) {
        // Whoever was not kept out looks at what is gone.
        fsleep(Delta::from_millis(20));
        let found = &self.found;
        if net::parameter(&module_parameters::hold_ms) > 0 {
            found.let_go.wait_for_completion();
            // There is no way to wait until a work item has returned: it has a second for its last instructions.
            fsleep(Delta::from_secs(1));
        }
        pr_info!(
            "under RCU {}, counted {}, walked {}, in hooks {}, nothing {}, wrong {}\n",
            found.under_rcu.load(Relaxed),
            found.counted.load(Relaxed),
            found.walked.load(Relaxed),
            found.in_hooks.load(Relaxed),
            found.nothing.load(Relaxed),
            found.wrong.load(Relaxed),
        );
    }
}

/// Looks up in other namespaces than that of its hook.
#[derive(Zeroable)]
struct Reader;

static READER: Operations<Reader> = Operations::new();

#[vtable]
impl PerNet for Reader {
    type Module = Module;
    type Kind = Subsys;
    type After = ();
    const OPERATIONS: OperationsRef<Self> = OperationsRef::to(&READER);

    fn init(module: Pin<&Module>, net: HookNet<'_, Self>) -> impl PinInit<Self, Error> {
        // Of the initial one it runs when the module is loaded.
        let (found, times) = (&module.found, if net.is_init() { 0 } else { 20 });
        let net = Net::init_ns();
        for _ in 0..times {
            let slept = VALUE.with(net, |value| {
                fsleep(Delta::from_millis(1));
                found.count(&found.counted, net, Some(value));
            });
            if slept.is_none() {
                found.nothing.add(1, Relaxed);
            }
            VALUE.for_each(&Namespaces::read(), |net, value| {
                found.count(&found.walked, &net, Some(value));
            });
        }
        Ok::<_, Error>(Self)
    }
}

/// In memory of its own, so that KASAN sees who looks too late.
struct Value {
    cookie: KBox<u64>,
}

impl Value {
    fn is_of(&self, net: &Identity) -> bool {
        *self.cookie == net.cookie()
    }
}

static VALUE: Operations<Value> = Operations::new();

#[vtable]
impl PerNet for Value {
    type Module = Module;
    type Kind = Subsys;
    type After = ();
    const OPERATIONS: OperationsRef<Self> = OperationsRef::to(&VALUE);

    fn init(_: Pin<&Module>, net: HookNet<'_, Self>) -> impl PinInit<Self, Error> {
        Ok(Self {
            cookie: KBox::new(net.cookie(), GFP_KERNEL)?,
        })
    }
}

/// Looks up in hooks.
#[derive(Zeroable)]
struct Later;

static LATER: Operations<Later> = Operations::zeroed();

#[vtable]
impl PerNet for Later {
    type Module = Module;
    type Kind = Device;
    type After = Value;
    const OPERATIONS: OperationsRef<Self> = OperationsRef::to(&LATER);

    fn pre_exit(self: Pin<&Self>, module: Pin<&Module>, net: HookNet<'_, Self>) {
        let found = &module.found;
        found.count(&found.in_hooks, &net, net.get(&VALUE));
    }

    fn exit_batch(module: Pin<&Module>, batch: Batch<'_, Self>) {
        let found = &module.found;
        for (net, _) in batch {
            found.count(&found.in_hooks, &net, Some(net.after()));
        }
    }
}
