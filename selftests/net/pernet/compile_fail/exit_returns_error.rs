// SPDX-License-Identifier: GPL-2.0

//! An exit hook returns an error, for which there is nobody.

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

    fn exit(self: Pin<&Self>, _: Pin<&Sample>, _: HookNet<'_, Self>) -> Result {
        //~ ERROR E0053
        //~ OK fn exit(self: Pin<&Self>, _: Pin<&Sample>, _: HookNet<'_, Self>) {
        Err(EIO)
        //~ OK Err::<(), _>(EIO).unwrap_or_default()
    }
}
