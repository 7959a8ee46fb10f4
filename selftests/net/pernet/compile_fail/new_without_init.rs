// SPDX-License-Identifier: GPL-2.0

//! Operations with an init hook for a type that has none.

include!("common/module.rs");

#[derive(Zeroable)]
struct Data(u32);

static DATA: Operations<Data> = Operations::new();
//~ ERROR "without an init hook, use Operations::zeroed()"
//~ OK static DATA: Operations<Data> = Operations::zeroed();

#[vtable]
impl PerNet for Data {
    type Module = Sample;
    type Kind = Subsys;
    type After = ();
    const OPERATIONS: OperationsRef<Self> = OperationsRef::to(&DATA);
}
