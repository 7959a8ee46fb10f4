// SPDX-License-Identifier: GPL-2.0

//! The library's KUnit tests, which run when the module is loaded. For pernet_kunit.sh.

#![deny(unsafe_code)]

// They are private to it, so the library is part of this crate.
#[allow(dead_code, unreachable_pub, unsafe_code, unused_imports)]
#[path = "../../../../net/mod.rs"]
mod net;

use kernel::prelude::*;

module! {
    type: Tests,
    name: "pernet_kunit",
    authors: ["rust-pernet contributors"],
    description: "Test module: KUnit tests of the library",
    license: "GPL",
}

struct Tests;

impl kernel::Module for Tests {
    fn init(_: &'static ThisModule) -> Result<Self> {
        Ok(Self)
    }
}
