// SPDX-License-Identifier: GPL-2.0

//! There is a second registrar.

include!("common/module.rs");

fn in_start(registrar: &mut Registrar<'_, Sample>) {
    let _ = Clone::clone(&*registrar);
    //~ ERROR E0277
    //~ OK let _ = Clone::clone(&&*registrar);
    let _ = core::mem::take(registrar);
    //~ ERROR E0277
    //~ OK let _ = core::mem::take(&mut Some(registrar));
}
