// SPDX-License-Identifier: GPL-2.0

//! A namespace of a walk, or of a reference, is looked at when what keeps it is gone.

include!("common/module.rs");

fn after_unlock() {
    let list = Namespaces::read();
    let net = list.iter().last();
    drop(list);
    //~ ERROR E0505
    //~ OK let _ = &list;
    let _ = net.map(|net| net.cookie());
}

fn after_section() {
    let _ = rcu::read_lock(|rcu| Namespaces::iter_rcu(rcu).last());
    //~ ERROR "lifetime may not live long enough"
    //~ OK let _ = rcu::read_lock(|rcu| Namespaces::iter_rcu(rcu).last().map(|net| net.cookie()));
}

fn after_put(owned: NetRef) {
    let net: &Net = &owned;
    drop(owned);
    //~ ERROR E0505
    //~ OK let _ = &owned;
    let _ = net.cookie();
}
