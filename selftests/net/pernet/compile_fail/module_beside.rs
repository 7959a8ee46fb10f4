// SPDX-License-Identifier: GPL-2.0

//! A crate has a plain module beside that with pernet operations.

include!("common/sample.rs");

pernet_module! { type: Sample, name: "case", license: "GPL", }
//~ ERROR E0428

struct Plain;

impl kernel::Module for Plain {
    fn init(_: &'static ThisModule) -> Result<Self> {
        Ok(Self)
    }
}

module! { type: Plain, name: "plain", license: "GPL", }
//~ OK
