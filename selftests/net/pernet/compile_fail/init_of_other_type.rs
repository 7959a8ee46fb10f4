// SPDX-License-Identifier: GPL-2.0

//! The init hook makes a value of another type.

include!("common/module.rs");

struct Data;
struct Other;

static DATA: Operations<Data> = Operations::new();

#[vtable]
impl PerNet for Data {
    type Module = Sample;
    type Kind = Subsys;
    type After = ();
    const OPERATIONS: OperationsRef<Self> = OperationsRef::to(&DATA);

    fn init(_: Pin<&Sample>, _: HookNet<'_, Self>) -> impl PinInit<Self, Error> {
        //~ ERROR E0277
        Ok(Other)
        //~ OK Ok(Data)
    }
}
