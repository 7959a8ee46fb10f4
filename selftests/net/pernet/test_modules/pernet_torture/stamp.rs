// SPDX-License-Identifier: GPL-2.0

//! What a value is known by: whose it is, which of all it is, and how far its hooks have got.

use crate::{
    refusals,
    stats::{
        Fault,
        STATS, //
    }, //
};
use kernel::{
    prelude::*,
    sync::atomic::{
        Atomic,
        Relaxed, //
    }, //
};
use net::namespace::Identity;

/// How far the hooks of a value have got, in the order in which they run.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u32)]
pub(crate) enum Stage {
    /// No hook but init has run, if that.
    New = 1,
    /// A grace period follows.
    PreExit,
    ExitRtnl,
    Exit,
    ExitBatch,
    Dropped,
}

/// In memory of its own, so that KASAN sees who looks too late, and written when it goes, so that the reader
/// sees it, too.
struct Memory {
    cookie: Atomic<u64>,
    generation: Atomic<u64>,
    // Not in one cache line, nor in a small slab, with the two.
    _room: [u8; 96],
}

static GENERATIONS: Atomic<u64> = Atomic::new(0);

const GONE: u64 = 0xdead_dead_dead_dead;

/// What a value is known by.
pub(crate) struct Stamp {
    cookie: u64,
    /// Its number among all values of this module.
    generation: u64,
    stage: Atomic<u32>,
    memory: KBox<Memory>,
}

impl Stamp {
    pub(crate) fn new(net: &Identity) -> Result<Self> {
        let cookie = net.cookie();
        let generation = GENERATIONS.fetch_add(1, Relaxed);
        let memory = KBox::new(
            Memory {
                cookie: Atomic::new(cookie),
                generation: Atomic::new(generation),
                _room: [0; 96],
            },
            GFP_KERNEL,
        )?;
        STATS.made.add(1, Relaxed);
        Ok(Self {
            cookie,
            generation,
            stage: Atomic::new(Stage::New as u32),
            memory,
        })
    }

    /// The same, unless the init is refused before it has made anything.
    pub(crate) fn new_unless(net: &Identity, refusal: Option<Error>) -> Result<Self> {
        match refusal {
            Some(refusals::BEFORE) => Err(refusals::BEFORE),
            _ => Self::new(net),
        }
    }

    /// Returns its generation, when it has been seen that this is the value of `net`, and that its hooks have
    /// got no further than `latest`.
    pub(crate) fn check(&self, name: &str, net: &Identity, latest: Stage) -> u64 {
        let of_net = self.cookie == net.cookie() && self.memory.cookie.load(Relaxed) == self.cookie;
        let intact = self.memory.generation.load(Relaxed) == self.generation;
        if !of_net || !intact {
            Fault::NotItsOwn.report(name, net);
        }
        if self.stage.load(Relaxed) > latest as u32 {
            Fault::TooLate.report(name, net);
        }
        self.generation
    }

    /// A hook runs: the value gets from one stage to another.
    pub(crate) fn advance(&self, name: &str, net: &Identity, from: Stage, to: Stage) {
        self.check(name, net, from);
        if self.stage.xchg(to as u32, Relaxed) != from as u32 {
            Fault::Disordered.report(name, net);
        }
    }
}

impl Drop for Stamp {
    fn drop(&mut self) {
        STATS.dropped.add(1, Relaxed);
        self.stage.store(Stage::Dropped as u32, Relaxed);
        self.memory.cookie.store(GONE, Relaxed);
        self.memory.generation.store(GONE, Relaxed);
    }
}
