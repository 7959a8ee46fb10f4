// SPDX-License-Identifier: GPL-2.0

//! The value of a namespace can be written by two tasks at once.

include!("common/module.rs");

struct Data(Cell<u64>);
//~ OK struct Data(u64);

static DATA: Operations<Data> = Operations::new();

#[vtable]
impl PerNet for Data {
    //~ ERROR "cannot be shared between threads safely"
    type Module = Sample;
    type Kind = Subsys;
    type After = ();
    const OPERATIONS: OperationsRef<Self> = OperationsRef::to(&DATA);

    fn init(_: Pin<&Sample>, _: HookNet<'_, Self>) -> impl PinInit<Self, Error> {
        Ok(Self(Default::default()))
    }
}
