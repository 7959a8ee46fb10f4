// SPDX-License-Identifier: GPL-2.0

//! A type comes after one that another module registers.

include!("common/module.rs");

#[derive(Zeroable)]
struct Data(u32);

static DATA: Operations<Data> = Operations::zeroed();

#[vtable]
impl PerNet for Data {
    type Module = Shared;
    //~ OK type Module = Sample;
    type Kind = Subsys;
    type After = Counters;
    //~ ERROR E0271
    const OPERATIONS: OperationsRef<Self> = OperationsRef::to(&DATA);
}

struct Shared;

impl pernet::Module for Shared {
    fn init(_: &'static ThisModule) -> impl PinInit<Self, Error> {
        Ok(Self)
    }

    fn start(self: Pin<&Self>, _: &mut Registrar<'_, Self>) -> Result {
        Ok(())
    }
}
