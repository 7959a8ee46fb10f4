// SPDX-License-Identifier: GPL-2.0

//! There is a second registrar.

#![deny(unsafe_code)]

mod common;

use common::*;

pernet_module! { type: Sample, name: "case", license: "GPL", }

fn in_start(registrar: &mut Registrar<'_, Sample>) {
    let _ = Clone::clone(&*registrar);
    //~ ERROR E0277
    //~ OK let _ = Clone::clone(&&*registrar);
    let _ = core::mem::take(registrar);
    //~ ERROR E0277
    //~ OK let _ = core::mem::take(&mut Some(registrar));
}
