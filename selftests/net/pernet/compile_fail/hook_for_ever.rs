// SPDX-License-Identifier: GPL-2.0

//! A hook asks for what is there for ever.

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

    fn exit(self: Pin<&'static Self>, _: Pin<&Sample>, _: HookNet<'_, Self>) {}
    //~ ERROR E0308
    //~ OK fn exit(self: Pin<&Self>, _: Pin<&Sample>, _: HookNet<'_, Self>) {}

    fn exit_batch(_: Pin<&'static Sample>, _: Batch<'_, Self>) {}
    //~ ERROR E0308
    //~ OK fn exit_batch(_: Pin<&Sample>, _: Batch<'_, Self>) {}
}
