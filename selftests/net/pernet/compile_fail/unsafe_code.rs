// SPDX-License-Identifier: GPL-2.0

//! A module that forbids unsafe code has some.

include!("common/module.rs");

fn in_hook(net: HookNet<'_, Counters>) {
    let _ = unsafe { (*net.as_ptr()).net_cookie };
    //~ ERROR "usage of an `unsafe` block"
    //~ OK let _ = net.cookie();
}
