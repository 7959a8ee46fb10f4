// SPDX-License-Identifier: GPL-2.0

//! Random numbers, and which inits are refused.

use kernel::{
    prelude::*,
    sync::atomic::{
        Atomic,
        Relaxed, //
    }, //
};
use net::{
    namespace::Identity,
    pernet::Phase, //
};

static SEED: Atomic<u64> = Atomic::new(0);
static STATE: Atomic<u64> = Atomic::new(0);
static PERCENT: Atomic<u64> = Atomic::new(0);

/// How many inits it is until one of a registration is refused; 0: none is.
static COUNTDOWN: Atomic<u64> = Atomic::new(0);

/// What is told to whoever makes the namespace, which neither the kernel nor its limits do.
pub(crate) const BEFORE: Error = EDOM;
pub(crate) const HALF_WAY: Error = ERANGE;

/// What the random numbers start from, and how many of 100 inits are refused.
pub(crate) fn plan(seed: u64, percent: u32) {
    SEED.store(seed, Relaxed);
    STATE.store(seed, Relaxed);
    PERCENT.store(percent.into(), Relaxed);
}

/// The finaliser of SplitMix64: every bit of the result depends on every bit of `x`.
fn mix(x: u64) -> u64 {
    let x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

/// A random number less than `limit`, or 0. Any context.
pub(crate) fn below(limit: u64) -> u64 {
    let next = STATE.fetch_add(0x9e37_79b9_7f4a_7c15, Relaxed);
    mix(next).checked_rem(limit).unwrap_or(0)
}

/// The registration that follows is to be refused in its init number `nth`, from 1; 0: in none.
pub(crate) fn plan_start(nth: u64) {
    COUNTDOWN.store(nth, Relaxed);
}

/// Returns the error that the init of the type with this number is to be refused with, if it is. The same
/// namespace is refused by the same seed.
pub(crate) fn of(number: usize, net: &Identity, phase: Phase) -> Option<Error> {
    if phase == Phase::Unregistered {
        // Registering. There is one at a time.
        let left = COUNTDOWN.load(Relaxed);
        COUNTDOWN.store(left.saturating_sub(1), Relaxed);
        return (left == 1).then_some(BEFORE);
    }
    // CAST: There are few types.
    let which = (number as u64) << 56;
    let random = mix(SEED.load(Relaxed) ^ mix(net.cookie() ^ which));
    if random % 100 >= PERCENT.load(Relaxed) {
        return None;
    }
    Some(if random & (1 << 40) == 0 {
        BEFORE
    } else {
        HALF_WAY
    })
}

/// Refuses an init that has made a part of its value.
pub(crate) fn half_way(refusal: Option<Error>) -> Result {
    match refusal {
        Some(HALF_WAY) => Err(HALF_WAY),
        _ => Ok(()),
    }
}
