// SPDX-License-Identifier: GPL-2.0

//! The name of a network device is too long; alloc_netdev_mqs() has a BUG_ON() for that.

include!("common/module.rs");

use net::resource::netdev::{self, *};

struct Data(u32);

static DATA: Operations<Data> = Operations::new_with::<netdev::Link>();

#[vtable]
impl PerNet for Data {
    type Module = Sample;
    type Kind = Device;
    type After = ();
    const OPERATIONS: OperationsRef<Self> = OperationsRef::to(&DATA);

    fn init(_: Pin<&Sample>, _: HookNet<'_, Self>) -> impl PinInit<Self, Error> {
        Ok(Self(0))
    }
}

impl netdev::Driver for Data {
    const NAME: &'static CStr = c"sixteen_bytes_xx";
    //~ ERROR "a name of 1 to 15 bytes"
    //~ OK const NAME: &'static CStr = c"fifteen_bytes_x";

    fn transmit(self: Pin<&Self>, _: &Frame<'_>) -> Outcome {
        Outcome::Sent
    }
}
