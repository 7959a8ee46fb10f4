// SPDX-License-Identifier: GPL-2.0

//! A type comes after what lives in no namespace.

include!("common/module.rs");

#[derive(Zeroable)]
struct Data(u32);

static DATA: Operations<Data> = Operations::zeroed();

#[vtable]
impl PerNet for Data {
    type Module = Sample;
    type Kind = Subsys;
    type After = Sample;
    //~ ERROR E0277
    //~ OK type After = Counters;
    const OPERATIONS: OperationsRef<Self> = OperationsRef::to(&DATA);
}
