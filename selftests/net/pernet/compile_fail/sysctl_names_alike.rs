// SPDX-License-Identifier: GPL-2.0

//! Two values of one name; C would forget all of that folder.

include!("common/module.rs");

use net::resource::sysctl::{self, *};

struct Data(Bool);

static DATA: Operations<Data> = Operations::new_with::<sysctl::Table>();

#[vtable]
impl PerNet for Data {
    type Module = Sample;
    type Kind = Subsys;
    type After = ();
    const OPERATIONS: OperationsRef<Self> = OperationsRef::to(&DATA);

    fn init(_: Pin<&Sample>, _: HookNet<'_, Self>) -> impl PinInit<Self, Error> {
        Ok(Self(Bool::new(false)))
    }
}

impl sysctl::Values for Data {
    const PATH: &'static CStr = c"net/case";
    const ENTRIES: &'static [Entry<Self>] = &[
        Entry::bool(c"one", |data| &data.0),
        Entry::bool(c"one", |data| &data.0),
        //~ ERROR "each entry has a name of its own"
        //~ OK Entry::bool(c"other", |data| &data.0),
    ];
}
