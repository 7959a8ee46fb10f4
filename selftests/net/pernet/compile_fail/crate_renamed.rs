// SPDX-License-Identifier: GPL-2.0

//! The case goes by the name of the kernel's crate, and may have anything in it that is not the kernel's.

include!("common/module.rs");

pub use real::{
    alloc, bindings, container_of, error, ffi, fmt, init, macros, module, module_param, page,
    prelude, seq_file, str, sync, task, time, types, uaccess, workqueue, InPlaceModule,
    ModuleMetadata, ThisModule,
};
extern crate kernel as real;
extern crate self as kernel;
//~ ERROR "`kernel` is ambiguous"
//~ OK extern crate self as own;
