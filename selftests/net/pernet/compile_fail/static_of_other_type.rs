// SPDX-License-Identifier: GPL-2.0

//! A type names another type's static: its data would be read as its own.

include!("common/module.rs");

#[derive(Zeroable)]
struct Data(u32);

static DATA: Operations<Data> = Operations::zeroed();

#[vtable]
impl PerNet for Data {
    type Module = Sample;
    type Kind = Subsys;
    type After = ();
    const OPERATIONS: OperationsRef<Self> = OperationsRef::to(&COUNTERS);
    //~ ERROR E0308
    //~ OK const OPERATIONS: OperationsRef<Self> = OperationsRef::to(&DATA);
}
