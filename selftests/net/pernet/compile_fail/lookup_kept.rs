// SPDX-License-Identifier: GPL-2.0

//! What a lookup found is kept beyond it.

include!("common/module.rs");

fn with(net: &Net) {
    let _ = COUNTERS.with(net, |value| value);
    //~ ERROR "lifetime may not live long enough"
    //~ OK let _ = COUNTERS.with(net, |value| value.hits.load(Relaxed));
}

fn get_rcu(net: &Net) {
    let _ = rcu::read_lock(|rcu| COUNTERS.get_rcu(net, rcu));
    //~ ERROR "lifetime may not live long enough"
    //~ OK let _ = rcu::read_lock(|rcu| COUNTERS.get_rcu(net, rcu).map(|value| value.hits.load(Relaxed)));
}

fn for_each(list: &Namespaces) {
    let mut last = None;
    COUNTERS.for_each(list, |_, value| last = Some(value));
    //~ ERROR E0521
    //~ OK COUNTERS.for_each(list, |_, value| last = Some(value.hits.load(Relaxed)));
}

fn for_each_net(list: &Namespaces) {
    let mut last = None;
    COUNTERS.for_each(list, |net, _| last = Some(net));
    //~ ERROR E0521
    //~ OK COUNTERS.for_each(list, |net, _| last = net.try_get());
}

fn in_hook<'h>(net: HookNet<'h, Counters>) -> Option<Pin<&'static Counters>> {
    //~ OK fn in_hook<'h>(net: HookNet<'h, Counters>) -> Option<Pin<&'h Counters>> {
    net.get(&COUNTERS)
    //~ ERROR "lifetime may not live long enough"
}
