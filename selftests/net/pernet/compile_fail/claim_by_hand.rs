// SPDX-License-Identifier: GPL-2.0

//! A type says itself that it is the state of a module.

include!("common/module.rs");

struct Other;

impl pernet::Module for Other {
    fn init(_: &'static ThisModule) -> impl PinInit<Self, Error> {
        Ok(Self)
    }

    fn start(self: Pin<&Self>, _: &mut Registrar<'_, Self>) -> Result {
        Ok(())
    }
}

impl pernet::Claim for Other {
    //~ ERROR E0200
    //~ OK impl Other {
    fn claimed() -> &'static Atomic<bool> {
        static CLAIMED: Atomic<bool> = Atomic::<bool>::new(false);
        &CLAIMED
    }
}
