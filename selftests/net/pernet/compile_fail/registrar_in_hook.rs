// SPDX-License-Identifier: GPL-2.0

//! A hook asks for a registrar.

include!("common/module.rs");

#[derive(Zeroable)]
struct Data(u32);

static DATA: Operations<Data> = Operations::zeroed();

#[vtable]
impl PerNet for Data {
    type Module = Sample;
    type Kind = Subsys;
    type After = ();
    const OPERATIONS: OperationsRef<Self> = OperationsRef::to(&DATA);

    fn exit(self: Pin<&Self>, _: Pin<&Sample>, _: &mut Registrar<'_, Sample>) {}
    //~ ERROR E0053
    //~ OK fn exit(self: Pin<&Self>, _: Pin<&Sample>, _: HookNet<'_, Self>) {}
}
