// SPDX-License-Identifier: GPL-2.0

//! The prefix of log lines has no end.

#![deny(unsafe_code)]

mod common;

use common::*;

/// Where `module!` makes its own prefix.
pub mod inner {
    use super::common::*;

    pernet_module! { type: Sample, name: "case", license: "GPL", }
}

type LocalModule = inner::PernetModule;

const __LOG_PREFIX: &[u8] = b"case";
//~ ERROR "assertion failed: core::matches"
//~ OK const __LOG_PREFIX: &[u8] = b"case\0";
