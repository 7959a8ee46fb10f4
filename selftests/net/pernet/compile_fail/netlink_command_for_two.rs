// SPDX-License-Identifier: GPL-2.0

//! Two commands of one number are for different people, which genl_register_family() warns of.

include!("common/module.rs");

use net::genetlink::{
    self,
    Dump,
    Permission,
    Request, //
};

static FAMILY: genetlink::Family<Sample> = genetlink::Family::new();

impl genetlink::Serve for Sample {
    const NAME: &'static CStr = c"sample";
    type Commands = (Get, GetAll);
}

struct Get;

#[vtable]
impl genetlink::Command for Get {
    type Module = Sample;
    type Cursor = u64;
    const CMD: u8 = 1;
    const PERMISSION: Permission = Permission::Anybody;
    //~ ERROR "commands come in the order of their numbers"
    //~ OK const PERMISSION: Permission = Permission::NetAdmin;

    fn doit(_: Pin<&Sample>, _: &Request<'_>) -> Result {
        Ok(())
    }
}

struct GetAll;

#[vtable]
impl genetlink::Command for GetAll {
    type Module = Sample;
    type Cursor = u64;
    const CMD: u8 = 1;
    const PERMISSION: Permission = Permission::NetAdmin;

    fn dumpit(_: Pin<&Sample>, _: &Request<'_>, _: &mut u64, _: &mut Dump<'_>) -> Result {
        Ok(())
    }
}
