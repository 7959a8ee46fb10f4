// SPDX-License-Identifier: GPL-2.0

//! A type without an init hook is not valid as all zeroes.

include!("common/module.rs");

/// Not derived.
//~ OK #[derive(Zeroable)]
struct Data(Option<KBox<u32>>);

static DATA: Operations<Data> = Operations::zeroed();
//~ ERROR E0277

#[vtable]
impl PerNet for Data {
    type Module = Sample;
    type Kind = Subsys;
    type After = ();
    const OPERATIONS: OperationsRef<Self> = OperationsRef::to(&DATA);
}
