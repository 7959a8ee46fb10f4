// SPDX-License-Identifier: GPL-2.0

//! The value of what a type comes after is kept beyond the hook.

include!("common/module.rs");

#[derive(Zeroable)]
struct Data(u32);

static DATA: Operations<Data> = Operations::zeroed();

#[vtable]
impl PerNet for Data {
    type Module = Sample;
    type Kind = Subsys;
    type After = Counters;
    const OPERATIONS: OperationsRef<Self> = OperationsRef::to(&DATA);
}

fn in_hook<'h>(net: HookNet<'h, Data>) -> Pin<&'static Counters> {
    //~ OK fn in_hook<'h>(net: HookNet<'h, Data>) -> Pin<&'h Counters> {
    net.after()
    //~ ERROR "lifetime may not live long enough"
}
