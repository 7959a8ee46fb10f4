// SPDX-License-Identifier: GPL-2.0

//! A crate is two modules, one of them in a part of it.

include!("common/sample.rs");

macro_rules! modules {
    ($($inside:ident)?) => {
        pernet_module! { type: Sample, name: "case", license: "GPL", }
        $(mod $inside {
            use super::*;
            pernet_module! { type: Sample, name: "again", license: "GPL", }
        })?
    };
}

modules! { inside }
//~ ERROR "is already defined"
//~ OK modules! {}
