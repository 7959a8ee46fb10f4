// SPDX-License-Identifier: GPL-2.0

//! Tells when the value of a namespace is made and dropped, in whole and in part.
//!
//! `exit` has the exit hook and is dropped after it, `batch` has exit_batch, too, and is dropped after
//! that, `quiet` has data and not a single hook. For pernet_drop.sh.

#![forbid(unsafe_code)]

use core::marker::PhantomData;
use kernel::{
    new_mutex,
    prelude::*,
    sync::{
        atomic::{
            Atomic,
            Relaxed, //
        },
        Mutex, //
    },
};
use net::pernet::{self, *};

pernet_module! {
    type: Module,
    name: "pernet_drop",
    authors: ["rust-pernet contributors"],
    description: "Test module: tells when values are made and dropped",
    license: "GPL",
    params: {
        fail_nth: u64 {
            default: 0,
            description: "let the N-th init of batch fail half-way (0: none)",
        },
    },
}

struct Module {
    inits: Atomic<u64>,
}

impl pernet::Module for Module {
    fn init(_: &'static ThisModule) -> impl PinInit<Self, Error> {
        Ok(Self {
            inits: Atomic::new(0),
        })
    }

    fn start(self: Pin<&Self>, registrar: &mut Registrar<'_, Self>) -> Result {
        registrar.register::<Quiet>()?;
        registrar.register::<InExit>()?;
        registrar.register::<InBatch>()
    }
}

impl Drop for Module {
    fn drop(&mut self) {
        pr_info!("module drop\n");
    }
}

/// A part that tells when it is made and dropped, in memory of its own.
struct Part<W> {
    cookie: KBox<u64>,
    _whose: PhantomData<W>,
}

trait Whose: Send + Sync + 'static {
    const NAME: &'static str;
}

impl<W: Whose> Part<W> {
    fn new(net: &net::namespace::Identity) -> Result<Self> {
        let cookie = KBox::new(net.cookie(), GFP_KERNEL)?;
        pr_info!("{} made {cookie}\n", W::NAME);
        Ok(Self {
            cookie,
            _whose: PhantomData,
        })
    }
}

impl<W> Drop for Part<W> {
    fn drop(&mut self) {
        pr_info!("{} drop\n", self.cookie);
    }
}

/// No hooks, and data that starts as zeroes.
#[derive(Zeroable)]
struct Quiet {
    _hits: [u64; 4],
}

static QUIET: Operations<Quiet> = Operations::zeroed();

#[vtable]
impl PerNet for Quiet {
    type Module = Module;
    type Kind = Subsys;
    type After = ();
    const OPERATIONS: OperationsRef<Self> = OperationsRef::to(&QUIET);
}

struct Exit;

impl Whose for Exit {
    const NAME: &'static str = "exit";
}

struct InExit(Part<Exit>);

static IN_EXIT: Operations<InExit> = Operations::new();

#[vtable]
impl PerNet for InExit {
    type Module = Module;
    type Kind = Subsys;
    type After = ();
    const OPERATIONS: OperationsRef<Self> = OperationsRef::to(&IN_EXIT);

    fn init(_: Pin<&Module>, net: HookNet<'_, Self>) -> impl PinInit<Self, Error> {
        Part::new(&net).map(Self)
    }

    fn exit(self: Pin<&Self>, _: Pin<&Module>, net: HookNet<'_, Self>) {
        let own = *self.0.cookie == net.cookie();
        pr_info!("{} exit own {own}\n", net.cookie());
    }
}

struct Batched;

impl Whose for Batched {
    const NAME: &'static str = "batch";
}

/// Pinned, since a mutex is; in parts, since init may fail between them.
#[pin_data]
struct InBatch {
    part: Part<Batched>,
    #[pin]
    exits: Mutex<u32>,
    refused: (),
}

static IN_BATCH: Operations<InBatch> = Operations::new();

#[vtable]
impl PerNet for InBatch {
    type Module = Module;
    type Kind = Subsys;
    type After = ();
    const OPERATIONS: OperationsRef<Self> = OperationsRef::to(&IN_BATCH);

    fn init(module: Pin<&Module>, net: HookNet<'_, Self>) -> impl PinInit<Self, Error> {
        let number = module.inits.fetch_add(1, Relaxed) + 1;
        try_pin_init!(Self {
            part: Part::new(&net)?,
            exits <- new_mutex!(0),
            refused: if number == net::parameter(&module_parameters::fail_nth) { Err(EIO)? },
        }? Error)
    }

    fn exit(self: Pin<&Self>, _: Pin<&Module>, net: HookNet<'_, Self>) {
        *self.exits.lock() += 1;
        pr_info!("{} exit\n", net.cookie());
    }

    fn exit_batch(_: Pin<&Module>, batch: Batch<'_, Self>) {
        for (net, value) in batch {
            let own = *value.part.cookie == net.cookie();
            let exits = *value.exits.lock();
            pr_info!("{} batch own {own} exits {exits}\n", net.cookie());
        }
    }
}
