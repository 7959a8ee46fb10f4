// SPDX-License-Identifier: GPL-2.0

//! The parameters of the module, looked over and as text.

use crate::module_parameters as given;
use kernel::{
    fmt,
    prelude::*, //
};
use net::parameter;

/// Makes the struct from the names of the parameters, so that none is left out of the verdict.
macro_rules! parameters {
    ($($name:ident: $type:ty),+ $(,)?) => {
        pub(crate) struct Parameters {
            $(pub(crate) $name: $type,)+
        }

        impl Parameters {
            /// Returns what was given, or the defaults.
            pub(crate) fn values() -> Self {
                Self {
                    $($name: parameter(&given::$name),)+
                }
            }
        }

        impl fmt::Display for Parameters {
            /// `name=value` for each, with a space between.
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let mut space = "";
                $(
                    write!(f, "{space}{}={}", stringify!($name), self.$name)?;
                    space = " ";
                )+
                f.write_str(space.trim())
            }
        }
    };
}

parameters! {
    kinds: u32,
    irq_readers: u32,
    rcu_readers: u32,
    with_readers: u32,
    walkers: u32,
    irq_interval_us: u32,
    interval_us: u32,
    hold_us: u32,
    walk_us: u32,
    spin_us: u32,
    sleep_percent: u32,
    refuse_percent: u32,
    refuse_starts: u32,
    stutter: u32,
    stat_interval: u32,
    seed: u64,
}

impl Parameters {
    /// Returns what was given, if it can be done.
    ///
    /// # Errors
    ///
    /// `EINVAL`, and a line in the log that says which parameter is wrong.
    pub(crate) fn given() -> Result<Self> {
        let this = Self::values();
        this.within("kinds", this.kinds, 1, 0xff)?;
        this.within("irq_readers", this.irq_readers, 0, 16)?;
        this.within("rcu_readers", this.rcu_readers, 0, 16)?;
        this.within("with_readers", this.with_readers, 0, 64)?;
        this.within("walkers", this.walkers, 0, 16)?;
        // A timer that does not rest leaves nothing to the others.
        this.within("irq_interval_us", this.irq_interval_us, 50, 1_000_000)?;
        this.within("interval_us", this.interval_us, 50, 1_000_000)?;
        this.within("hold_us", this.hold_us, 0, 1_000_000)?;
        this.within("walk_us", this.walk_us, 0, 1_000_000)?;
        this.within("spin_us", this.spin_us, 0, 1000)?;
        this.within("sleep_percent", this.sleep_percent, 0, 100)?;
        this.within("refuse_percent", this.refuse_percent, 0, 100)?;
        this.within("refuse_starts", this.refuse_starts, 0, 1000)?;
        this.within("stutter", this.stutter, 0, 3600)?;
        this.within("stat_interval", this.stat_interval, 0, 3600)?;
        Ok(this)
    }

    fn within(&self, name: &str, value: u32, least: u32, most: u32) -> Result {
        if (least..=most).contains(&value) {
            return Ok(());
        }
        pr_err!("{name} is to be from {least} to {most}, not {value}\n");
        Err(EINVAL)
    }
}
