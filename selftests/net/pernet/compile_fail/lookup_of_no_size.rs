// SPDX-License-Identifier: GPL-2.0

//! A type without a size has no value to be found.

include!("common/module.rs");

#[derive(Zeroable)]
struct Data;
//~ OK struct Data(u32);

static DATA: Operations<Data> = Operations::zeroed();

#[vtable]
impl PerNet for Data {
    type Module = Sample;
    type Kind = Subsys;
    type After = ();
    const OPERATIONS: OperationsRef<Self> = OperationsRef::to(&DATA);

    fn exit(self: Pin<&Self>, _: Pin<&Sample>, net: HookNet<'_, Self>) {
        net.get(&DATA);
        //~ ERROR "a type without a size has no value to look up"
    }
}
