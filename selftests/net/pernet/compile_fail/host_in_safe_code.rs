// SPDX-License-Identifier: GPL-2.0

//! The module is loaded a second time, by hand.

include!("common/module.rs");

fn load(module: &'static ThisModule) -> impl PinInit<pernet::Host<Sample>, Error> {
    //~ OK fn load(module: &'static ThisModule) -> impl PinInit<Sample, Error> {
    pernet::Host::<Sample>::load(module, c"case")
    //~ ERROR E0133
    //~ OK <Sample as pernet::Module>::init(module)
}
