// SPDX-License-Identifier: GPL-2.0

//! The module's state has room for the registrar.

include!("common/module.rs");

struct Shared(Option<&'static mut Registrar<'static, Self>>);
//~ OK struct Shared(Option<&'static mut u32>);

impl pernet::Module for Shared {
    //~ ERROR E0277
    fn init(_: &'static ThisModule) -> impl PinInit<Self, Error> {
        Ok(Self(None))
    }

    fn start(self: Pin<&Self>, _: &mut Registrar<'_, Self>) -> Result {
        Ok(())
    }
}
