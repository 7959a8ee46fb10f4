// SPDX-License-Identifier: GPL-2.0

//! The value of a namespace holds a lock that only the task which took it may give back.

include!("common/module.rs");

struct Data(Option<MutexGuard<'static, u32>>);
//~ OK struct Data(Option<&'static Mutex<u32>>);

static DATA: Operations<Data> = Operations::new();

#[vtable]
impl PerNet for Data {
    //~ ERROR "cannot be sent between threads safely"
    type Module = Sample;
    type Kind = Subsys;
    type After = ();
    const OPERATIONS: OperationsRef<Self> = OperationsRef::to(&DATA);

    fn init(_: Pin<&Sample>, _: HookNet<'_, Self>) -> impl PinInit<Self, Error> {
        Ok(Self(None))
    }
}
