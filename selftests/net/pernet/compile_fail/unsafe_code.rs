// SPDX-License-Identifier: GPL-2.0

//! A module that denies unsafe code has some.

#![deny(unsafe_code)]

mod common;

use common::*;

pernet_module! { type: Sample, name: "case", license: "GPL", }

fn in_hook(net: HookNet<'_, Counters>) {
    let _ = unsafe { (*net.as_ptr()).net_cookie };
    //~ ERROR "usage of an `unsafe` block"
    //~ OK let _ = net.cookie();
}
