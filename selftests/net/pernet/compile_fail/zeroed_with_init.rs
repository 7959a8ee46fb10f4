// SPDX-License-Identifier: GPL-2.0

//! Operations without an init hook for a type that has one.

include!("common/module.rs");

#[derive(Zeroable)]
struct Data(u32);

static DATA: Operations<Data> = Operations::zeroed();
//~ ERROR "with an init hook, use Operations::new()"
//~ OK static DATA: Operations<Data> = Operations::new();

#[vtable]
impl PerNet for Data {
    type Module = Sample;
    type Kind = Subsys;
    type After = ();
    const OPERATIONS: OperationsRef<Self> = OperationsRef::to(&DATA);

    fn init(_: Pin<&Sample>, _: HookNet<'_, Self>) -> impl PinInit<Self, Error> {
        Ok(Self(1))
    }
}
