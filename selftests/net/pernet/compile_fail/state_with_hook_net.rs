// SPDX-License-Identifier: GPL-2.0

//! The module's state has room for the namespace of a hook.

include!("common/module.rs");

struct Shared(Option<HookNet<'static, Counters>>);
//~ OK struct Shared(Option<NetRef>);

impl pernet::Module for Shared {
    //~ ERROR E0277
    fn init(_: &'static ThisModule) -> impl PinInit<Self, Error> {
        Ok(Self(None))
    }

    fn start(self: Pin<&Self>, _: &mut Registrar<'_, Self>) -> Result {
        Ok(())
    }
}
