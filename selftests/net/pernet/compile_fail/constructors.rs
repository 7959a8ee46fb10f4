// SPDX-License-Identifier: GPL-2.0

//! What proves something is made by a function that the library has for itself.

include!("common/module.rs");

fn functions() {
    let _ = HookNet::<Counters>::from_raw;
    //~ ERROR E0624
    //~ OK let _ = HookNet::<Counters>::clone;
    let _ = Batch::<Counters>::new;
    //~ ERROR E0624
    //~ OK let _ = Batch::<Counters>::iter;
    let _ = DevKillList::new;
    //~ ERROR E0624
    //~ OK let _ = DevKillList::dellink;
    let _ = Registrar::<Sample>::new;
    //~ ERROR E0624
    //~ OK let _ = Registrar::<Sample>::register::<Counters>;
    let _ = NetRef::from_counted;
    //~ ERROR E0624
    //~ OK let _ = NetRef::clone;
    let _ = Operations::<Counters>::of;
    //~ ERROR E0624
    //~ OK let _ = Operations::<Counters>::new;
}
