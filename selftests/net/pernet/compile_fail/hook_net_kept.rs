// SPDX-License-Identifier: GPL-2.0

//! The namespace of a hook is kept in the module's state, in a static, in the value, and by whoever calls.

include!("common/module.rs");

struct State {
    last: Mutex<Option<&'static Identity>>,
}

fn in_state(state: Pin<&State>, net: HookNet<'_, Counters>) {
    *state.last.lock() = Some(&net);
    //~ ERROR E0521 E0597
    //~ OK *state.last.lock() = Some(Net::init_ns());
}

static FIRST: SetOnce<&'static Identity> = SetOnce::new();

fn in_static(net: HookNet<'_, Counters>) {
    FIRST.populate(&net);
    //~ ERROR E0521 E0597
    //~ OK FIRST.populate(Net::init_ns());
}

struct Data(&'static Identity);

fn in_value(net: HookNet<'_, Counters>) -> impl PinInit<Data, Error> {
    Ok(Data(&net))
    //~ ERROR E0597 "lifetime may not live long enough"
    //~ OK Ok(Data(Net::init_ns()))
}

fn by_caller<'h>(net: HookNet<'h, Counters>) -> HookNet<'static, Counters> {
    //~ OK fn by_caller<'h>(net: HookNet<'h, Counters>) -> HookNet<'h, Counters> {
    net
    //~ ERROR "lifetime may not live long enough"
}
