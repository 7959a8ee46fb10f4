// SPDX-License-Identifier: GPL-2.0

//! A module interferes with how it is undone.

include!("common/sample.rs");

pernet_module! { type: Sample, name: "case", license: "GPL", }
//~ ERROR E0119

impl Drop for PernetModule {
    //~ OK impl Drop for Sample {
    fn drop(&mut self) {}
}
