// SPDX-License-Identifier: GPL-2.0

//! Ctrl-C and its like, which end what runs on and on, but not before it has written what it has.

use crate::error::{
    Error,
    Result, //
};
use std::sync::{
    atomic::{
        AtomicBool,
        Ordering, //
    },
    Arc, //
};

/// Whether it is time to end.
#[derive(Debug, Clone, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    /// It is when a signal says so.
    pub fn by_signals() -> Result<Self> {
        let stop = Self::default();
        for signal in [
            signal_hook::consts::SIGINT,
            signal_hook::consts::SIGTERM,
            signal_hook::consts::SIGHUP,
        ] {
            signal_hook::flag::register(signal, Arc::clone(&stop.0))
                .map_err(|error| Error::new(format!("cannot wait for signals: {error}.")))?;
        }
        Ok(stop)
    }

    /// It never is.
    #[cfg(test)]
    pub fn never() -> Self {
        Self::default()
    }

    /// Whether it is.
    pub fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
