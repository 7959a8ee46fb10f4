// SPDX-License-Identifier: GPL-2.0

//! A hook takes for granted what its type does not come after.

include!("common/module.rs");

#[derive(Zeroable)]
struct Data(u32);

static DATA: Operations<Data> = Operations::zeroed();

#[vtable]
impl PerNet for Data {
    type Module = Sample;
    type Kind = Subsys;
    type After = ();
    //~ OK type After = Counters;
    const OPERATIONS: OperationsRef<Self> = OperationsRef::to(&DATA);

    fn exit(self: Pin<&Self>, _: Pin<&Sample>, net: HookNet<'_, Self>) {
        let _ = net.after().hits.load(Relaxed);
        //~ ERROR E0609
    }
}
