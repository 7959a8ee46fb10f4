// SPDX-License-Identifier: GPL-2.0

//! A crate is two modules of one type, one of them in a part of it, as it may be when it is built in.

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
//~ ERROR E0119
//~ OK modules! {}
