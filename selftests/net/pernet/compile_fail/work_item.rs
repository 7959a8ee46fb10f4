// SPDX-License-Identifier: GPL-2.0

//! A work item, which runs later, gets the namespace of a hook, and what a lookup found.

include!("common/module.rs");

use kernel::workqueue;

fn later<F: FnOnce() + Send + 'static>(f: F) {
    let _ = workqueue::system().try_spawn(GFP_KERNEL, f);
}

fn in_hook(net: &HookNet<'_, Counters>) {
    let (net, cookie): (&Identity, u64) = (net, net.cookie());
    later(move || pr_info!("{net} {cookie}\n"));
    //~ ERROR E0521
    //~ OK later(move || pr_info!("{cookie}\n"));
}

fn look_up(net: &Net) {
    COUNTERS.with(net, |value| {
        let hits = value.hits.load(Relaxed);
        later(move || pr_info!("{:p} {hits}\n", &*value));
        //~ ERROR E0521
        //~ OK later(move || pr_info!("{hits}\n"));
    });
}
