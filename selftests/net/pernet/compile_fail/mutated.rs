// SPDX-License-Identifier: GPL-2.0

//! What others have, too, is borrowed for writing.

include!("common/module.rs");

#[derive(Zeroable)]
struct Data(u64);

static DATA: Operations<Data> = Operations::zeroed();

#[vtable]
impl PerNet for Data {
    type Module = Sample;
    type Kind = Subsys;
    type After = ();
    const OPERATIONS: OperationsRef<Self> = OperationsRef::to(&DATA);

    fn exit(self: Pin<&Self>, _: Pin<&Sample>, mut net: HookNet<'_, Self>) {
        self.0 = 1;
        //~ ERROR E0594
        //~ OK let _ = self.0;
        let _: &mut Identity = &mut net;
        //~ ERROR E0596
        //~ OK let _: &Identity = &net;
    }
}

struct State(u64);

fn in_hook(state: Pin<&State>) {
    state.0 = 1;
    //~ ERROR E0594
    //~ OK let _ = state.0;
}

fn elsewhere(mut net: NetRef) {
    DATA.with(&net, |value| value.0 = 1);
    //~ ERROR E0594
    //~ OK DATA.with(&net, |value| value.0);
    let _: &mut Net = &mut net;
    //~ ERROR E0596
    //~ OK let _: &Net = &net;
}
