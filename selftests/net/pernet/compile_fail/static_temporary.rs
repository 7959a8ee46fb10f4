// SPDX-License-Identifier: GPL-2.0

//! Operations that are no static: a constant's temporary, and a variable.

include!("common/module.rs");

struct Data;

static DATA: Operations<Data> = Operations::new();

#[vtable]
impl PerNet for Data {
    type Module = Sample;
    type Kind = Subsys;
    type After = ();
    const OPERATIONS: OperationsRef<Self> = OperationsRef::to(&Operations::new());
    //~ ERROR E0716
    //~ OK const OPERATIONS: OperationsRef<Self> = OperationsRef::to(&DATA);

    fn init(_: Pin<&Sample>, _: HookNet<'_, Self>) -> impl PinInit<Self, Error> {
        Ok(Self)
    }
}

fn look_up(net: &Net) {
    let operations: Operations<Counters> = Operations::new();
    operations.with(net, |_| ());
    //~ ERROR E0597
    //~ OK COUNTERS.with(net, |_| ());
}
