// SPDX-License-Identifier: GPL-2.0

//! A cursor is used by whoever reads on, and refers to what only one task may.

include!("common/module.rs");

use net::genetlink::{
    self,
    Dump,
    Permission,
    Request, //
};

#[derive(Clone, Copy, Zeroable)]
struct Place {
    next: u64,
    at: *const u8,
}

struct Get;

#[vtable]
impl genetlink::Command for Get {
    type Module = Sample;
    type Cursor = Place;
    //~ ERROR E0277
    //~ OK type Cursor = u64;
    const CMD: u8 = 1;
    const PERMISSION: Permission = Permission::NetAdmin;

    fn dumpit(_: Pin<&Sample>, _: &Request<'_>, _: &mut Self::Cursor, _: &mut Dump<'_>) -> Result {
        Ok(())
    }
}

impl genetlink::Serve for Sample {
    const NAME: &'static CStr = c"sample";
    type Commands = (Get,);
}
