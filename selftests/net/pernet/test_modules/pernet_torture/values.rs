// SPDX-License-Identifier: GPL-2.0

//! The forms that the types have: which hooks, and whether there is a value.

use crate::{
    cases::*,
    lookups,
    module_parameters as given,
    refusals::{
        self,
        below, //
    },
    stamp::{
        Stage,
        Stamp, //
    },
    stats::{
        Fault,
        Tally,
        STATS,
        TALLIES, //
    },
    Torture, //
};
use core::marker::PhantomData;
use kernel::{
    prelude::*,
    sync::atomic::Relaxed,
    time::Delta, //
};
use net::{
    namespace::{
        Identity,
        Namespaces,
        Net, //
    },
    parameter,
    pernet::*,
    rcu, //
};

fn tally<C: Case>() -> &'static Tally {
    &TALLIES[C::NUMBER]
}

/// What the init of every type does first: returns the error that it is to be refused with.
fn enter<C: Case>(net: HookNet<'_, C::Value>) -> Option<Error> {
    let phase = look_around::<C>(net);
    if !C::REFUSES {
        return None;
    }
    let refusal = refusals::of(C::NUMBER, &net, phase);
    if refusal.is_some() {
        tally::<C>().refused.add(1, Relaxed);
    }
    refusal
}

/// What the init of every type does last, when nothing can fail any more.
fn succeed<C: Case>(net: HookNet<'_, C::Value>) {
    tally::<C>().inits.add(1, Relaxed);
    if C::operations().phase(&net) == Phase::Unregistered && !net.is_init() {
        STATS.inits_of_living.add(1, Relaxed);
    }
}

/// Looks everything up in the namespace of a hook, in the two ways that there are. Returns the phase of the type
/// itself, which is not found in its own hooks.
fn look_around<C: Case>(net: HookNet<'_, C::Value>) -> Phase {
    C::check_after(net);
    lookups::hook::<_, Hooked<Plain>>(net);
    lookups::hook::<_, Quiet>(net);
    lookups::hook::<_, Batched<WithBatch>>(net);
    lookups::hook::<_, Batched<Refusing>>(net);
    lookups::hook::<_, Hooked<Dev>>(net);
    lookups::hook::<_, Batched<DevBatched>>(net);
    rcu::read_lock(|rcu| {
        for lookup in &LOOKUPS {
            (lookup.rcu)(&net, rcu, Delta::ZERO, &STATS.found_hook);
        }
    });
    lookups::own(net, C::operations(), NAMES[C::NUMBER])
}

/// No value, and all hooks but `exit_rtnl` and `exit_batch`. Some of its inits sleep with a value of the initial
/// namespace, in the context of whoever makes one.
///
/// As the sleeper is registered first, it is there until all others have been unregistered.
pub(crate) struct Bare<C>(PhantomData<C>);

#[vtable]
impl<C: Case<Value = Self>> PerNet for Bare<C> {
    type Module = Torture;
    type Kind = C::Kind;
    type After = C::After;
    const OPERATIONS: OperationsRef<Self> = C::OPERATIONS;

    fn init(_: Pin<&Torture>, net: HookNet<'_, Self>) -> impl PinInit<Self, Error> {
        enter::<C>(net);
        // Whoever registers does not sleep.
        if !net.is_initialized() && below(100) < parameter(&given::sleep_percent).into() {
            let hold = Delta::from_micros(parameter(&given::walk_us).into());
            let lookup = lookups::any();
            (lookup.with)(Net::init_ns(), hold);
            (lookup.walk)(&Namespaces::read(), Delta::ZERO);
        }
        succeed::<C>(net);
        Ok::<_, Error>(Self(PhantomData))
    }

    fn pre_exit(self: Pin<&Self>, _: Pin<&Torture>, net: HookNet<'_, Self>) {
        look_around::<C>(net);
        tally::<C>().pre_exits.add(1, Relaxed);
    }

    fn exit(self: Pin<&Self>, _: Pin<&Torture>, net: HookNet<'_, Self>) {
        look_around::<C>(net);
        tally::<C>().exits.add(1, Relaxed);
    }
}

/// A value and all hooks but `exit_batch`.
#[pin_data]
pub(crate) struct Hooked<C: Case> {
    stamp: Stamp,
    refused: (),
    _case: PhantomData<C>,
}

impl<C: Case<Value = Self>> Checked for Hooked<C> {
    const NAME: &'static str = NAMES[C::NUMBER];

    fn operations() -> &'static Operations<Self> {
        C::operations()
    }

    fn check(&self, net: &Identity, latest: Stage) -> u64 {
        self.stamp.check(Self::NAME, net, latest)
    }
}

#[vtable]
impl<C: Case<Value = Self>> PerNet for Hooked<C> {
    type Module = Torture;
    type Kind = C::Kind;
    type After = C::After;
    const OPERATIONS: OperationsRef<Self> = C::OPERATIONS;

    fn init(_: Pin<&Torture>, net: HookNet<'_, Self>) -> impl PinInit<Self, Error> {
        let refusal = enter::<C>(net);
        try_pin_init!(Self {
            stamp: Stamp::new_unless(&net, refusal)?,
            refused: refusals::half_way(refusal)?,
            _case: PhantomData,
            _: { succeed::<C>(net) },
        }? Error)
    }

    fn pre_exit(self: Pin<&Self>, _: Pin<&Torture>, net: HookNet<'_, Self>) {
        look_around::<C>(net);
        self.stamp
            .advance(Self::NAME, &net, Stage::New, Stage::PreExit);
        tally::<C>().pre_exits.add(1, Relaxed);
    }

    fn exit_rtnl(
        self: Pin<&Self>,
        _: Pin<&Torture>,
        net: HookNet<'_, Self>,
        _: &mut DevKillList<'_>,
    ) {
        look_around::<C>(net);
        self.stamp
            .advance(Self::NAME, &net, Stage::PreExit, Stage::ExitRtnl);
    }

    fn exit(self: Pin<&Self>, _: Pin<&Torture>, net: HookNet<'_, Self>) {
        look_around::<C>(net);
        self.stamp
            .advance(Self::NAME, &net, Stage::ExitRtnl, Stage::Exit);
        tally::<C>().exits.add(1, Relaxed);
    }
}

/// A value and all hooks but `exit_rtnl`.
#[pin_data]
pub(crate) struct Batched<C: Case> {
    stamp: Stamp,
    refused: (),
    _case: PhantomData<C>,
}

impl<C: Case<Value = Self>> Checked for Batched<C> {
    const NAME: &'static str = NAMES[C::NUMBER];

    fn operations() -> &'static Operations<Self> {
        C::operations()
    }

    fn check(&self, net: &Identity, latest: Stage) -> u64 {
        self.stamp.check(Self::NAME, net, latest)
    }
}

#[vtable]
impl<C: Case<Value = Self>> PerNet for Batched<C> {
    type Module = Torture;
    type Kind = C::Kind;
    type After = C::After;
    const OPERATIONS: OperationsRef<Self> = C::OPERATIONS;

    fn init(_: Pin<&Torture>, net: HookNet<'_, Self>) -> impl PinInit<Self, Error> {
        let refusal = enter::<C>(net);
        try_pin_init!(Self {
            stamp: Stamp::new_unless(&net, refusal)?,
            refused: refusals::half_way(refusal)?,
            _case: PhantomData,
            _: { succeed::<C>(net) },
        }? Error)
    }

    fn pre_exit(self: Pin<&Self>, _: Pin<&Torture>, net: HookNet<'_, Self>) {
        look_around::<C>(net);
        self.stamp
            .advance(Self::NAME, &net, Stage::New, Stage::PreExit);
        tally::<C>().pre_exits.add(1, Relaxed);
    }

    fn exit(self: Pin<&Self>, _: Pin<&Torture>, net: HookNet<'_, Self>) {
        look_around::<C>(net);
        self.stamp
            .advance(Self::NAME, &net, Stage::PreExit, Stage::Exit);
    }

    fn exit_batch(_: Pin<&Torture>, batch: Batch<'_, Self>) {
        let mut size = 0u64;
        for (net, value) in batch {
            look_around::<C>(net);
            value
                .stamp
                .advance(Self::NAME, &net, Stage::Exit, Stage::ExitBatch);
            tally::<C>().exits.add(1, Relaxed);
            size = size.saturating_add(1);
        }
        let batches = match size {
            0 => &STATS.batches_of_none,
            1 => &STATS.batches_of_one,
            _ => &STATS.batches_of_more,
        };
        batches.add(1, Relaxed);
    }
}

/// A value that starts as zeroes and stays so, and no hook at all.
#[derive(Zeroable)]
pub(crate) struct Quiet {
    zeroes: [u64; 16],
}

impl Checked for Quiet {
    const NAME: &'static str = "quiet";

    fn operations() -> &'static Operations<Self> {
        &QUIET
    }

    fn check(&self, net: &Identity, _: Stage) -> u64 {
        if self.zeroes.iter().any(|&word| word != 0) {
            Fault::NotItsOwn.report(Self::NAME, net);
        }
        0
    }
}

#[vtable]
impl PerNet for Quiet {
    type Module = Torture;
    type Kind = Subsys;
    type After = ();
    const OPERATIONS: OperationsRef<Self> = OperationsRef::to(&QUIET);
}
