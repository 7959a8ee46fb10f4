// SPDX-License-Identifier: GPL-2.0

//! What proves something is made from a raw pointer, without unsafe.

include!("common/module.rs");

fn in_hook(net: HookNet<'_, Counters>) {
    let _ = Identity::from_raw(net.as_ptr());
    //~ ERROR E0133
    //~ OK let _ = Identity::cookie(&net);
    let _ = Net::from_raw(net.as_ptr());
    //~ ERROR E0133
    //~ OK let _ = Net::init_ns();
    let _ = UncountedNet::from_raw(net.as_ptr());
    //~ ERROR E0133
    //~ OK let _ = net;
}
