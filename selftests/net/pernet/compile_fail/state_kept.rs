// SPDX-License-Identifier: GPL-2.0

//! A hook keeps a reference to the module's state, of which it does not know how long it lives.

include!("common/module.rs");

static STATE: SetOnce<&'static Sample> = SetOnce::new();

fn in_static(module: Pin<&Sample>) {
    STATE.populate(module.get_ref());
    //~ ERROR E0521
    //~ OK STATE.populate(&Sample);
}

struct Data(&'static Sample);

fn in_value(module: &Sample) -> impl PinInit<Data, Error> {
    Ok(Data(module))
    //~ ERROR "lifetime may not live long enough"
    //~ OK Ok(Data(&Sample))
}
