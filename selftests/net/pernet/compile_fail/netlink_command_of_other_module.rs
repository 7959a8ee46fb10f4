// SPDX-License-Identifier: GPL-2.0

//! A family has a command of another module, which would be given the wrong state.

include!("common/module.rs");

use net::genetlink::{
    self,
    Commands,
    Permission,
    Request, //
};

impl genetlink::Serve for Sample {
    const NAME: &'static CStr = c"sample";
    type Commands = (Get,);
}

struct Other;

impl pernet::Module for Other {
    fn init(_: &'static ThisModule) -> impl PinInit<Self, Error> {
        Ok(Self)
    }

    fn start(self: Pin<&Self>, _: &mut Registrar<'_, Self>) -> Result {
        Ok(())
    }
}

impl genetlink::Serve for Other {
    const NAME: &'static CStr = c"other";
    type Commands = (Get,);
    //~ ERROR E0271
    //~ OK type Commands = (OtherGet,);
}

struct Get;

#[vtable]
impl genetlink::Command for Get {
    type Module = Sample;
    type Cursor = u64;
    const CMD: u8 = 1;
    const PERMISSION: Permission = Permission::NetAdmin;

    fn doit(_: Pin<&Sample>, _: &Request<'_>) -> Result {
        Ok(())
    }
}

struct OtherGet;

#[vtable]
impl genetlink::Command for OtherGet {
    type Module = Other;
    type Cursor = u64;
    const CMD: u8 = 1;
    const PERMISSION: Permission = Permission::NetAdmin;

    fn doit(_: Pin<&Other>, _: &Request<'_>) -> Result {
        Ok(())
    }
}
