// SPDX-License-Identifier: GPL-2.0

//! The module's state can be written by two hooks at once.

include!("common/module.rs");

struct Shared(Cell<u64>);
//~ OK struct Shared(u64);

impl pernet::Module for Shared {
    //~ ERROR "cannot be shared between threads safely"
    fn init(_: &'static ThisModule) -> impl PinInit<Self, Error> {
        Ok(Self(Default::default()))
    }

    fn start(self: Pin<&Self>, _: &mut Registrar<'_, Self>) -> Result {
        Ok(())
    }
}
