// SPDX-License-Identifier: GPL-2.0

//! A module loads itself as an example does, and may forget what it has registered.

include!("common/module.rs");

#[macro_use]
#[path = "common/../../../../../net/pernet/doctest.rs"]
mod doctest;

fn example() {
    pernet_doctest!();
    //~ ERROR "an example is not a module" E0433
    //~ OK
}
