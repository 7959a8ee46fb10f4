// SPDX-License-Identifier: GPL-2.0

//! The name of a family that genl_register_family() has a BUG_ON() for, if it has not one group.

include!("common/module.rs");

use net::genetlink::{
    self,
    Dump,
    Permission,
    Request, //
};

static FAMILY: genetlink::Family<Sample> = genetlink::Family::new();

impl genetlink::Serve for Sample {
    const NAME: &'static CStr = c"NET_DM";
    //~ ERROR "a family that the kernel knows by its name"
    //~ OK const NAME: &'static CStr = c"NET_DMX";
    type Commands = (Get,);
}

struct Get;

#[vtable]
impl genetlink::Command for Get {
    type Module = Sample;
    type Cursor = u64;
    const CMD: u8 = 1;
    const PERMISSION: Permission = Permission::NetAdmin;

    fn dumpit(_: Pin<&Sample>, _: &Request<'_>, _: &mut u64, _: &mut Dump<'_>) -> Result {
        Ok(())
    }
}
