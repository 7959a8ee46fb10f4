// SPDX-License-Identifier: GPL-2.0

//! A crate is two modules.

include!("common/sample.rs");

macro_rules! modules {
    ($($name:literal)*) => {
        $(pernet_module! { type: Sample, name: $name, license: "GPL", })*
    };
}

modules! { "case" "again" }
//~ ERROR E0119 E0428 E0592
//~ OK modules! { "case" }
