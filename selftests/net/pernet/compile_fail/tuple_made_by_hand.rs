// SPDX-License-Identifier: GPL-2.0

//! What proves something is made by hand, from what is in it.

include!("common/module.rs");

fn namespaces() {
    let _ = Namespaces(kernel::types::NotThreadSafe);
    //~ ERROR E0423
    //~ OK let _ = Namespaces::read();
}

fn net() {
    let _ = &Net(kernel::types::Opaque::zeroed());
    //~ ERROR E0423
    //~ OK let _ = Net::init_ns();
}

fn identity() {
    let _: &Identity = &Identity(kernel::types::Opaque::zeroed());
    //~ ERROR E0423
    //~ OK let _: &Identity = Net::init_ns();
}

fn operations_ref() {
    let _ = OperationsRef(NonNull::from(&COUNTERS));
    //~ ERROR E0423
    //~ OK let _ = OperationsRef::to(&COUNTERS);
}
