// SPDX-License-Identifier: GPL-2.0

//! A third kind of operations.

#![deny(unsafe_code)]

mod common;

use common::*;

pernet_module! { type: Sample, name: "case", license: "GPL", }

enum Mine {}

/// What `Kind` has, but for the constants whose types nobody else can name.
trait Ordinary {
    const IS_DEVICE: bool;
}

impl Kind for Mine {
    //~ ERROR E0277 E0046
    //~ OK impl Ordinary for Mine {
    const IS_DEVICE: bool = Subsys::IS_DEVICE;
}
