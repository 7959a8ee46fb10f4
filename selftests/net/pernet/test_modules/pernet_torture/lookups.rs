// SPDX-License-Identifier: GPL-2.0

//! Looking a value up in each way that there is, and judging what is found and what is not.
//!
//! What a lookup may find is judged by what the namespace says of itself, before and after, and not by what
//! the library makes of it.

use crate::{
    cases::{
        self,
        Checked, //
    },
    refusals::below,
    stamp::Stage,
    stats::{
        Fault,
        STATS, //
    }, //
};
use kernel::{
    sync::atomic::{
        Atomic,
        Relaxed, //
    },
    time::{
        delay::{
            fsleep,
            udelay, //
        },
        Delta, //
    }, //
};
use net::{
    namespace::{
        Identity,
        Namespaces,
        Net, //
    },
    pernet::{
        HookNet,
        Operations,
        PerNet,
        Phase, //
    },
    rcu::ReadLock, //
};

/// The ways to look up values of one type from outside of hooks, one of which is picked at random.
pub(crate) struct Lookups {
    pub(crate) rcu: fn(&Identity, ReadLock<'_>, Delta, &Atomic<u64>),
    pub(crate) with: fn(&Net, Delta),
    pub(crate) walk: fn(&Namespaces, Delta),
}

impl Lookups {
    pub(crate) const fn of<T: Checked>() -> Self {
        Self {
            rcu: rcu::<T>,
            with: with::<T>,
            walk: walk::<T>,
        }
    }
}

/// Those of all types that have a value.
pub(crate) fn all() -> &'static [Lookups] {
    &cases::LOOKUPS
}

/// Those of one of the types, at random.
pub(crate) fn any() -> &'static Lookups {
    let number = usize::try_from(below(cases::LOOKUPS.len() as u64)).unwrap_or(0);
    cases::LOOKUPS.get(number).unwrap_or(&cases::LOOKUPS[0])
}

/// Counts that nothing was found, or reports it when it was there from before the lookup until after it.
fn nothing<T: Checked>(net: &Identity, before: Phase) {
    let after = T::operations().phase(net);
    match before {
        Phase::Live if after == Phase::Live => Fault::Missing.report(T::NAME, net),
        Phase::Live => STATS.none_changing.add(1, Relaxed),
        Phase::Unregistered => STATS.none_unregistered.add(1, Relaxed),
        Phase::Setup => STATS.none_setup.add(1, Relaxed),
        Phase::Dying => STATS.none_dying.add(1, Relaxed),
    }
}

/// Looks up twice in one section of RCU, in any context, and goes on having the value for `spin`.
pub(crate) fn rcu<T: Checked>(net: &Identity, rcu: ReadLock<'_>, spin: Delta, found: &Atomic<u64>) {
    let operations = T::operations();
    let before = operations.phase(net);
    let was_counted = net.is_counted();
    let Some(value) = operations.get_rcu(net, rcu) else {
        return nothing::<T>(net, before);
    };
    if !was_counted || !net.is_initialized() {
        Fault::Untimely.report(T::NAME, net);
    }
    // The hooks that come after the grace period wait for this section.
    let generation = value.check(net, Stage::PreExit);
    udelay(spin);
    let is_counted = net.is_counted();
    let again = operations.get_rcu(net, rcu);
    match again.map(|again| again.check(net, Stage::PreExit)) {
        // It was gone, and is back.
        Some(_) if !is_counted => Fault::Untimely.report(T::NAME, net),
        Some(again) if again != generation => Fault::NotItsOwn.report(T::NAME, net),
        _ => {}
    }
    value.check(net, Stage::PreExit);
    found.add(1, Relaxed);
}

/// Sleeps with the value of a namespace that somebody holds, for `hold`. Process context.
pub(crate) fn with<T: Checked>(net: &Net, hold: Delta) {
    let before = T::operations().phase(net);
    let found = T::operations().with(net, |value| {
        // No exit hook may run: neither is the namespace going nor is the type being unregistered.
        let generation = value.check(net, Stage::New);
        fsleep(hold);
        if value.check(net, Stage::New) != generation {
            Fault::NotItsOwn.report(T::NAME, net);
        }
        STATS.found_with.add(1, Relaxed);
    });
    if found.is_none() {
        nothing::<T>(net, before);
    }
}

/// Walks over all values, and sleeps with one of them for `hold`. Process context.
pub(crate) fn walk<T: Checked>(list: &Namespaces, hold: Delta) {
    let mut hold = Some(hold);
    T::operations().for_each(list, |net, value| {
        // Who is on the list has not seen an exit hook.
        value.check(&net, Stage::New);
        if let Some(hold) = hold.take() {
            fsleep(hold);
            value.check(&net, Stage::New);
        }
        STATS.found_walk.add(1, Relaxed);
    });
}

/// Looks up in a hook of `T`: whatever is found is the right one, and not dropped.
pub(crate) fn hook<T: PerNet, U: Checked>(net: HookNet<'_, T>) {
    if let Some(value) = net.get(U::operations()) {
        value.check(&net, Stage::ExitBatch);
        STATS.found_hook.add(1, Relaxed);
    }
}

/// In its own hooks a type is not found: it is not registered, or the namespace is being made or is going. Returns
/// which of these it is.
pub(crate) fn own<T: PerNet>(
    net: HookNet<'_, T>,
    operations: &'static Operations<T>,
    name: &str,
) -> Phase {
    let phase = operations.phase(&net);
    match phase {
        Phase::Unregistered => STATS.own_unregistered.add(1, Relaxed),
        Phase::Setup => STATS.own_setup.add(1, Relaxed),
        Phase::Dying => STATS.own_dying.add(1, Relaxed),
        Phase::Live => Fault::Untimely.report(name, &net),
    }
    phase
}
