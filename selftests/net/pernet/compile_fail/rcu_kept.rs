// SPDX-License-Identifier: GPL-2.0

//! A section of RCU is kept, made by hand, taken from a guard that can be leaked, or used by another task.

include!("common/sample.rs");
use kernel::sync;

pernet_module! { type: Sample, name: "case", license: "GPL", }

fn kept() {
    let _ = rcu::read_lock(|rcu| rcu);
    //~ ERROR "lifetime may not live long enough"
    //~ OK let _ = rcu::read_lock(|rcu| { let _ = rcu; });
}

fn leaked(net: &Net, guard: &'static sync::rcu::Guard) {
    let _ = COUNTERS.get_rcu(net, guard);
    //~ ERROR E0308
    //~ OK let _ = (COUNTERS.phase(net), guard);
}

fn sent() {
    rcu::read_lock(|rcu| {
        other_task(rcu);
        //~ ERROR E0277
        //~ OK let _ = rcu;
    });
}

fn other_task<T: Send>(_: T) {}
