// SPDX-License-Identifier: GPL-2.0

//! A module registers what belongs to another one.

include!("common/module.rs");

struct Shared;

impl pernet::Module for Shared {
    fn init(_: &'static ThisModule) -> impl PinInit<Self, Error> {
        Ok(Self)
    }

    fn start(self: Pin<&Self>, registrar: &mut Registrar<'_, Self>) -> Result {
        registrar.register::<Counters>()
        //~ ERROR E0271
        //~ OK registrar.register::<Data>()
    }
}

#[derive(Zeroable)]
struct Data(u32);

static DATA: Operations<Data> = Operations::zeroed();

#[vtable]
impl PerNet for Data {
    type Module = Shared;
    type Kind = Subsys;
    type After = ();
    const OPERATIONS: OperationsRef<Self> = OperationsRef::to(&DATA);
}
