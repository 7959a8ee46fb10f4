// SPDX-License-Identifier: GPL-2.0

//! A third kind of operations.

include!("common/module.rs");

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
