// SPDX-License-Identifier: GPL-2.0

//! The value of a namespace has room for a registrar.

include!("common/module.rs");

struct Data(Option<Registrar<'static, Sample>>);
//~ OK struct Data(Option<&'static Sample>);

static DATA: Operations<Data> = Operations::new();

#[vtable]
impl PerNet for Data {
    //~ ERROR E0277
    type Module = Sample;
    type Kind = Subsys;
    type After = ();
    const OPERATIONS: OperationsRef<Self> = OperationsRef::to(&DATA);

    fn init(_: Pin<&Sample>, _: HookNet<'_, Self>) -> impl PinInit<Self, Error> {
        Ok(Self(None))
    }
}
