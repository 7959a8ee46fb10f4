// SPDX-License-Identifier: GPL-2.0

//! Without `#[vtable]` nothing says which hooks there are.

include!("common/module.rs");

#[derive(Zeroable)]
struct Data(u32);

static DATA: Operations<Data> = Operations::zeroed();

// Nothing here.
//~ OK #[vtable]
impl PerNet for Data {
    //~ ERROR E0046
    type Module = Sample;
    type Kind = Subsys;
    type After = ();
    const OPERATIONS: OperationsRef<Self> = OperationsRef::to(&DATA);
}
