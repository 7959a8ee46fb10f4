// SPDX-License-Identifier: GPL-2.0

//! A group whose name is too long; genl_validate_assign_mc_groups() and others take it for a string.

include!("common/module.rs");

use net::genetlink::{
    self,
    Dump,
    Group,
    Permission,
    Request, //
};

static FAMILY: genetlink::Family<Sample> = genetlink::Family::new();

impl genetlink::Serve for Sample {
    const NAME: &'static CStr = c"case";
    const GROUPS: &'static [Group] = &[Group::new(c"sixteen_bytes_xx", Permission::NetAdmin)];
    //~ ERROR "a group has a name of 1 to 15 bytes"
    //~ OK const GROUPS: &'static [Group] = &[Group::new(c"fifteen_bytes_x", Permission::NetAdmin)];
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
