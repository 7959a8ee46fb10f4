// SPDX-License-Identifier: GPL-2.0

//! Two types have one static.

include!("common/module.rs");

/// What they are.
struct Data<T>(core::marker::PhantomData<fn(T) -> T>);

static DATA: Operations<Data<u32>> = Operations::new();

#[vtable]
impl<T: 'static> PerNet for Data<T> {
    //~ OK impl PerNet for Data<u32> {
    type Module = Sample;
    type Kind = Subsys;
    type After = ();
    const OPERATIONS: OperationsRef<Self> = OperationsRef::to(&DATA);
    //~ ERROR E0308

    fn init(_: Pin<&Sample>, _: HookNet<'_, Self>) -> impl PinInit<Self, Error> {
        Ok(Self(core::marker::PhantomData))
    }
}
