// SPDX-License-Identifier: GPL-2.0

//! A static for each of the types that a function is used with.

include!("common/module.rs");

fn operations_of<T: PerNet<After = ()> + Zeroable>() -> &'static Operations<Counters> {
    static OPERATIONS: Operations<T> = Operations::zeroed();
    //~ ERROR E0401
    //~ OK static OPERATIONS: Operations<Counters> = Operations::new();
    &OPERATIONS
}
