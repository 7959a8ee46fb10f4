// SPDX-License-Identifier: GPL-2.0

//! The value of a namespace is larger than a page.

include!("common/module.rs");

#[derive(Zeroable)]
struct Data([u64; 513]);
//~ ERROR "allocate what is this large in init"
//~ OK struct Data([u64; 512]);

static DATA: Operations<Data> = Operations::zeroed();

#[vtable]
impl PerNet for Data {
    type Module = Sample;
    type Kind = Subsys;
    type After = ();
    const OPERATIONS: OperationsRef<Self> = OperationsRef::to(&DATA);
}
