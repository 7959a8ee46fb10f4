// SPDX-License-Identifier: GPL-2.0

//! A subsystem has a network device.

include!("common/module.rs");

use net::resource::netdev::{self, *};

struct Data(u32);

static DATA: Operations<Data> = Operations::new_with::<netdev::Link>();

#[vtable]
impl PerNet for Data {
    type Module = Sample;
    type Kind = Subsys;
    //~ OK type Kind = Device;
    type After = ();
    const OPERATIONS: OperationsRef<Self> = OperationsRef::to(&DATA);

    fn init(_: Pin<&Sample>, _: HookNet<'_, Self>) -> impl PinInit<Self, Error> {
        Ok(Self(0))
    }
}

impl netdev::Driver for Data {
    //~ ERROR E0271
    const NAME: &'static CStr = c"case0";

    fn transmit(self: Pin<&Self>, _: &Frame<'_>) -> Outcome {
        Outcome::Sent
    }
}
