// SPDX-License-Identifier: GPL-2.0

//! What proves something is made by hand, by its fields.

include!("common/module.rs");

fn hook_net(net: HookNet<'_, Counters>) {
    let _ = HookNet { ..net };
    //~ ERROR E0451
    //~ OK let _ = net;
}

fn batch(batch: Batch<'_, Counters>) {
    let _ = Batch { ..batch };
    //~ ERROR E0451
    //~ OK let _ = batch;
}

fn kill_list(kill: &mut DevKillList<'_>) {
    let _ = DevKillList { ..*kill };
    //~ ERROR E0451
    //~ OK let _ = kill;
}

fn registrar(make: fn() -> Registrar<'static, Sample>) {
    let _ = Registrar { ..make() };
    //~ ERROR E0451
    //~ OK let _ = make();
}

fn uncounted_net(net: UncountedNet<'_>) {
    let _ = UncountedNet { ..net };
    //~ ERROR E0451
    //~ OK let _ = net;
}

fn net_ref() {
    let _ = |net, tracker| NetRef { net, tracker };
    //~ ERROR E0451
    //~ OK let _ = |net: NetRef| net;
}

fn operations(make: fn() -> Operations<Counters>) {
    let _ = Operations { ..make() };
    //~ ERROR E0451
    //~ OK let _ = make();
}
