// SPDX-License-Identifier: GPL-2.0

//! Holds a hook up until a test has got a namespace to where it wants it.

use kernel::{
    prelude::*,
    time::{
        delay::fsleep,
        Delta, //
    }, //
};
use net::namespace::Namespaces;

/// Waits until some namespace on the list has lost its last reference, as one has that is deleted while
/// `pernet_ops_rwsem` is held. Half a minute is enough.
pub(crate) fn until_one_is_uncounted() -> Result {
    pr_info!("waits\n");
    for _ in 0..3000 {
        if Namespaces::read().iter().any(|net| !net.is_counted()) {
            return Ok(());
        }
        fsleep(Delta::from_millis(10));
    }
    Err(ETIMEDOUT)
}
