// SPDX-License-Identifier: GPL-2.0

//! A third kind of operations.

#![deny(unsafe_code)]

mod common;

use common::*;

pernet_module! { type: Sample, name: "case", license: "GPL", }

enum Mine {}

/// What `Kind` has.
trait Ordinary {
    const IS_DEVICE: bool;
    const REGISTER: unsafe extern "C" fn(*mut kernel::bindings::pernet_operations) -> i32;
    const UNREGISTER: unsafe extern "C" fn(*mut kernel::bindings::pernet_operations);
}

impl Kind for Mine {
    //~ ERROR E0277
    //~ OK impl Ordinary for Mine {
    const IS_DEVICE: bool = Subsys::IS_DEVICE;
    const REGISTER: unsafe extern "C" fn(*mut kernel::bindings::pernet_operations) -> i32 =
        Subsys::REGISTER;
    const UNREGISTER: unsafe extern "C" fn(*mut kernel::bindings::pernet_operations) =
        Subsys::UNREGISTER;
}
