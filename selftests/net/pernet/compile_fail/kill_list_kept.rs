// SPDX-License-Identifier: GPL-2.0

//! A list of devices leaves its hook, and the time for which RTNL is held.

include!("common/module.rs");

fn in_hook<'h>(kill: &'h mut DevKillList<'_>) -> &'static mut DevKillList<'static> {
    //~ OK fn in_hook<'h, 'k>(kill: &'h mut DevKillList<'k>) -> &'h mut DevKillList<'k> {
    kill
    //~ ERROR "lifetime may not live long enough"
}
