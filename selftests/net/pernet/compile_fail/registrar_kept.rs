// SPDX-License-Identifier: GPL-2.0

//! The registrar is kept beyond the start of the module, moved, or used twice at once.

include!("common/module.rs");

fn kept<'r>(registrar: &'r mut Registrar<'_, Sample>) -> &'static mut Registrar<'static, Sample> {
    //~ OK fn kept<'r, 's>(registrar: &'r mut Registrar<'s, Sample>) -> &'r mut Registrar<'s, Sample> {
    registrar
    //~ ERROR "lifetime may not live long enough"
}

fn moved(registrar: &mut Registrar<'_, Sample>) {
    let mine = *registrar;
    //~ ERROR E0507
    //~ OK let mine = registrar;
}

fn shared(registrar: &mut Registrar<'_, Sample>) -> Result {
    let first = &mut *registrar;
    let second = &mut *registrar;
    //~ ERROR E0499
    //~ OK let second = &mut *first;
    second.register::<Counters>()?;
    first.register::<Counters>()
}
