// SPDX-License-Identifier: GPL-2.0

//! A file in /proc/net is called as the folder above it.

include!("common/module.rs");

use kernel::seq_file::SeqFile;
use net::resource::proc;

struct Data(u32);

static DATA: Operations<Data> = Operations::new_with::<proc::File>();

#[vtable]
impl PerNet for Data {
    type Module = Sample;
    type Kind = Subsys;
    type After = ();
    const OPERATIONS: OperationsRef<Self> = OperationsRef::to(&DATA);

    fn init(_: Pin<&Sample>, _: HookNet<'_, Self>) -> impl PinInit<Self, Error> {
        Ok(Self(0))
    }
}

impl proc::Show for Data {
    const NAME: &'static CStr = c"..";
    //~ ERROR "a name of 1 to 255 bytes"
    //~ OK const NAME: &'static CStr = c"...";

    fn show(self: Pin<&Self>, _: &Net, _: &SeqFile) -> Result {
        Ok(())
    }
}
