// SPDX-License-Identifier: GPL-2.0

//! A subsystem makes what only a device may make.

include!("common/module.rs");

/// Stands for what makes a network device.
fn make_link<T: PerNet<Kind = Device>>(_: HookNet<'_, T>) {}

#[derive(Zeroable)]
struct Data(u32);

static DATA: Operations<Data> = Operations::zeroed();

#[vtable]
impl PerNet for Data {
    type Module = Sample;
    type Kind = Subsys;
    //~ OK type Kind = Device;
    type After = ();
    const OPERATIONS: OperationsRef<Self> = OperationsRef::to(&DATA);

    fn exit(self: Pin<&Self>, _: Pin<&Sample>, net: HookNet<'_, Self>) {
        make_link(net);
        //~ ERROR E0271
    }
}
