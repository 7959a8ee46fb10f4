// SPDX-License-Identifier: GPL-2.0

//! The value of one type is read as another's.

#![deny(unsafe_code)]

mod common;

use common::*;

pernet_module! { type: Sample, name: "case", license: "GPL", }

struct Other {
    hits: Atomic<u64>,
}

fn look_up(net: &Net) {
    COUNTERS.with(net, |counters: Pin<&Other>| counters.hits.load(Relaxed));
    //~ ERROR E0631
    //~ OK COUNTERS.with(net, |counters: Pin<&Counters>| counters.hits.load(Relaxed));
}
