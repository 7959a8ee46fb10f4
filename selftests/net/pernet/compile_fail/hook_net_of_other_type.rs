// SPDX-License-Identifier: GPL-2.0

//! The namespace of a hook is passed for that of a hook of another type.

include!("common/module.rs");

struct Data;

static DATA: Operations<Data> = Operations::new();

#[vtable]
impl PerNet for Data {
    type Module = Sample;
    type Kind = Subsys;
    type After = ();
    const OPERATIONS: OperationsRef<Self> = OperationsRef::to(&DATA);

    fn init(_: Pin<&Sample>, _: HookNet<'_, Self>) -> impl PinInit<Self, Error> {
        Ok(Self)
    }
}

fn exit_counters(net: HookNet<'_, Counters>) {
    pr_info!("{net}\n");
}

fn exit_data(net: HookNet<'_, Data>) {
    exit_counters(net);
    //~ ERROR E0308
    //~ OK pr_info!("{net}\n");
}
