// SPDX-License-Identifier: GPL-2.0

//! Reads events from a ledger and keeps a follower fed: what `events`, `trace` and `watch` share.

use crate::{
    client::{
        Ledger,
        Next, //
    },
    error::Result,
    follow::{
        Follower,
        Told, //
    },
    row::Dump,
};
use std::time::Duration;

/// Subscribes before it looks, so that nothing falls between.
pub fn start(ledger: &mut dyn Ledger) -> Result<(Follower, Dump)> {
    ledger.subscribe()?;
    let dump = ledger.dump()?;
    Ok((Follower::new(&dump), dump))
}

/// Waits for one message, and tells what comes of it. A dump is taken when it is needed.
pub fn step(
    ledger: &mut dyn Ledger,
    follower: &mut Follower,
    patience: Duration,
) -> Result<Vec<Told>> {
    let mut told = Vec::new();
    let patience = if follower.hurries() {
        Duration::ZERO
    } else {
        patience
    };
    match ledger.next(patience)? {
        Next::Event(event) => follower.event(event, &mut told),
        Next::Overrun => follower.overrun(),
        Next::Nothing => follower.idle(&mut told),
    }
    if follower.wants_dump() {
        let dump = ledger.dump()?;
        follower.dump(&dump, &mut told);
    }
    Ok(told)
}
