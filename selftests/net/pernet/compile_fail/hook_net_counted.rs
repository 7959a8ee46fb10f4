// SPDX-License-Identifier: GPL-2.0

//! The namespace of a hook is taken for one on which somebody holds a reference, or could.

include!("common/module.rs");

fn in_hook(net: HookNet<'_, Counters>, other: UncountedNet<'_>) {
    let _ = net.try_get();
    //~ ERROR E0599
    //~ OK let _ = other.try_get();
    let _: UncountedNet<'_> = net.into();
    //~ ERROR E0277
    //~ OK let _: HookNet<'_, Counters> = net.into();
    let _: &Net = &net;
    //~ ERROR E0308
    //~ OK let _: &Identity = &net;
    COUNTERS.with(&net, |_| ());
    //~ ERROR E0308
    //~ OK net.get(&COUNTERS);
}
