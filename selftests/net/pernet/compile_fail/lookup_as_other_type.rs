// SPDX-License-Identifier: GPL-2.0

//! The value of one type is read as another's.

include!("common/module.rs");

struct Other {
    hits: Atomic<u64>,
}

fn look_up(net: &Net) {
    COUNTERS.with(net, |counters: Pin<&Other>| counters.hits.load(Relaxed));
    //~ ERROR E0631
    //~ OK COUNTERS.with(net, |counters: Pin<&Counters>| counters.hits.load(Relaxed));
}
