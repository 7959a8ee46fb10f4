// SPDX-License-Identifier: GPL-2.0

//! A subsystem comes after a device, which the kernel's list has behind it.

include!("common/module.rs");

#[derive(Zeroable)]
struct Link(u32);

static LINK: Operations<Link> = Operations::zeroed();

#[vtable]
impl PerNet for Link {
    type Module = Sample;
    type Kind = Device;
    type After = ();
    const OPERATIONS: OperationsRef<Self> = OperationsRef::to(&LINK);
}

#[derive(Zeroable)]
struct Data(u32);

static DATA: Operations<Data> = Operations::zeroed();

#[vtable]
impl PerNet for Data {
    type Module = Sample;
    type Kind = Subsys;
    //~ ERROR "a subsystem cannot come after a device"
    //~ OK type Kind = Device;
    type After = (Counters, Link);
    const OPERATIONS: OperationsRef<Self> = OperationsRef::to(&DATA);
}
