// SPDX-License-Identifier: GPL-2.0

//! Two subsystems and two devices whose hooks log what happens to every network namespace.
//!
//! They are registered in the order `dev_a`, `sub_a`, `dev_b`, `sub_b`, and the log shows that the kernel
//! runs the subsystems' `init` before the devices' all the same.

#![forbid(unsafe_code)]

use core::marker::PhantomData;
use kernel::{
    prelude::*,
    sync::atomic::{
        Atomic,
        Relaxed, //
    },
    time::{
        Instant,
        Monotonic, //
    }, //
};
use net::pernet::{
    self,
    pernet_module,
    Batch,
    DevKillList,
    Device,
    HookNet,
    Kind,
    Operations,
    OperationsRef,
    PerNet,
    Registrar,
    Subsys, //
};

pernet_module! {
    type: RustPernet,
    name: "rust_pernet",
    authors: ["rust-pernet contributors"],
    description: "Logs the life of every network namespace",
    license: "GPL",
    params: {
        fail_nth: u64 {
            default: 0,
            description: "refuse the N-th init of sub_b with ENOSPC (0: none)",
        },
    },
}

/// What the four have in common with one another, shared by their hooks.
struct RustPernet {
    dev_a: Totals,
    sub_a: Totals,
    dev_b: Totals,
    sub_b: Totals,
}

/// What one of the four has seen in all namespaces.
struct Totals {
    inits: Atomic<u64>,
    refused: Atomic<u64>,
    exits: Atomic<u64>,
}

impl Totals {
    fn new() -> Self {
        Self {
            inits: Atomic::new(0),
            refused: Atomic::new(0),
            exits: Atomic::new(0),
        }
    }

    fn log<L: Logged>(&self) {
        pr_info!(
            "{} {}: {} inits, {} refused, {} exits\n",
            L::KIND,
            L::NAME,
            self.inits.load(Relaxed),
            self.refused.load(Relaxed),
            self.exits.load(Relaxed),
        );
    }
}

impl pernet::Module for RustPernet {
    fn init(_module: &'static ThisModule) -> impl PinInit<Self, Error> {
        Ok(Self {
            dev_a: Totals::new(),
            sub_a: Totals::new(),
            dev_b: Totals::new(),
            sub_b: Totals::new(),
        })
    }

    fn start(self: Pin<&Self>, registrar: &mut Registrar<'_, Self>) -> Result {
        registrar.register::<Record<DevA>>()?;
        registrar.register::<Record<SubA>>()?;
        registrar.register::<Record<DevB>>()?;
        registrar.register::<Record<SubB>>()
    }
}

impl Drop for RustPernet {
    fn drop(&mut self) {
        self.dev_a.log::<DevA>();
        self.sub_a.log::<SubA>();
        self.dev_b.log::<DevB>();
        self.sub_b.log::<SubB>();
    }
}

/// What tells one of the four from the others.
trait Logged: Send + Sync + Sized + 'static {
    type Kind: Kind;
    const KIND: &'static str;
    const NAME: &'static str;
    const OPERATIONS: OperationsRef<Record<Self>>;

    fn totals(module: &RustPernet) -> &Totals;

    /// Whether the init with this number is to be refused.
    fn refuses(_number: u64) -> bool {
        false
    }
}

/// What each of the four keeps in every namespace.
struct Record<L> {
    /// The number of this init among those of the same kind and name, from 1.
    number: u64,
    made: Instant<Monotonic>,
    _logged: PhantomData<L>,
}

/// Logs one event of one namespace.
fn log<L: Logged>(event: &str, net: HookNet<'_, Record<L>>) {
    pr_info!("{} {}: {event} net={net}\n", L::KIND, L::NAME);
}

#[vtable]
impl<L: Logged> PerNet for Record<L> {
    type Module = RustPernet;
    type Kind = L::Kind;
    type After = ();
    const OPERATIONS: OperationsRef<Self> = L::OPERATIONS;

    fn init(module: Pin<&RustPernet>, net: HookNet<'_, Self>) -> impl PinInit<Self, Error> {
        let totals = L::totals(module.get_ref());
        let number = totals.inits.fetch_add(1, Relaxed) + 1;
        if L::refuses(number) {
            totals.refused.fetch_add(1, Relaxed);
            let errno = ENOSPC.to_errno();
            pr_info!("{} {}: init net={net} err={errno}\n", L::KIND, L::NAME);
            return Err(ENOSPC);
        }
        log::<L>("init", net);
        Ok(Self {
            number,
            made: Instant::now(),
            _logged: PhantomData,
        })
    }

    fn pre_exit(self: Pin<&Self>, _module: Pin<&RustPernet>, net: HookNet<'_, Self>) {
        log::<L>("pre_exit", net);
    }

    fn exit_rtnl(
        self: Pin<&Self>,
        _module: Pin<&RustPernet>,
        net: HookNet<'_, Self>,
        _kill: &mut DevKillList<'_>,
    ) {
        log::<L>("exit_rtnl", net);
    }

    fn exit(self: Pin<&Self>, module: Pin<&RustPernet>, net: HookNet<'_, Self>) {
        L::totals(module.get_ref()).exits.fetch_add(1, Relaxed);
        log::<L>("exit", net);
        pr_debug!(
            "{} {}: number {} lived {} ms\n",
            L::KIND,
            L::NAME,
            self.number,
            self.made.elapsed().as_millis(),
        );
    }

    fn exit_batch(_module: Pin<&RustPernet>, batch: Batch<'_, Self>) {
        pr_info!(
            "{} {}: exit_batch nets={}\n",
            L::KIND,
            L::NAME,
            batch.iter().count()
        );
    }
}

static DEV_A: Operations<Record<DevA>> = Operations::new();
static SUB_A: Operations<Record<SubA>> = Operations::new();
static DEV_B: Operations<Record<DevB>> = Operations::new();
static SUB_B: Operations<Record<SubB>> = Operations::new();

struct DevA;

impl Logged for DevA {
    type Kind = Device;
    const KIND: &'static str = "device";
    const NAME: &'static str = "dev_a";
    const OPERATIONS: OperationsRef<Record<Self>> = OperationsRef::to(&DEV_A);

    fn totals(module: &RustPernet) -> &Totals {
        &module.dev_a
    }
}

struct SubA;

impl Logged for SubA {
    type Kind = Subsys;
    const KIND: &'static str = "subsys";
    const NAME: &'static str = "sub_a";
    const OPERATIONS: OperationsRef<Record<Self>> = OperationsRef::to(&SUB_A);

    fn totals(module: &RustPernet) -> &Totals {
        &module.sub_a
    }
}

struct DevB;

impl Logged for DevB {
    type Kind = Device;
    const KIND: &'static str = "device";
    const NAME: &'static str = "dev_b";
    const OPERATIONS: OperationsRef<Record<Self>> = OperationsRef::to(&DEV_B);

    fn totals(module: &RustPernet) -> &Totals {
        &module.dev_b
    }
}

struct SubB;

impl Logged for SubB {
    type Kind = Subsys;
    const KIND: &'static str = "subsys";
    const NAME: &'static str = "sub_b";
    const OPERATIONS: OperationsRef<Record<Self>> = OperationsRef::to(&SUB_B);

    fn totals(module: &RustPernet) -> &Totals {
        &module.sub_b
    }

    fn refuses(number: u64) -> bool {
        number == net::parameter(&module_parameters::fail_nth)
    }
}
