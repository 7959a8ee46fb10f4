// SPDX-License-Identifier: GPL-2.0

//! A module has methods of its own on types that have one of that name by `Deref`. The library compiles, so that it does
//! not call them.

#![deny(unsafe_code)]

mod common;

use common::*;

pernet_module! { type: Sample, name: "case", license: "GPL", }

macro_rules! own {
    ($($name:ident)*) => { $(pub(crate) fn $name(&self) {})* };
}

macro_rules! own_of_all {
    ($($name:ident)*) => {
        impl<T: PerNet> HookNet<'_, T> { own!($($name)*); }
        impl Net { own!($($name)*); }
        impl NetRef { own!($($name)*); }
        impl UncountedNet<'_> { own!($($name)*); }
    };
}

own_of_all!(as_ptr cookie inum is_init is_dying is_counted refs active_refs devices is_initialized);

fn own(net: HookNet<'_, Counters>) {
    let _: *mut kernel::bindings::net = net.as_ptr();
    //~ ERROR E0308
    //~ OK let () = net.as_ptr();
    let _ = (net.teardown(), net.owner());
}
