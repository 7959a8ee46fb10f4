// SPDX-License-Identifier: GPL-2.0

//! The C side: the kernel crate's bindings, and what they lack.
//!
//! The latter are made by bindgen when a module is built, of `c/bindings_helper.h` and with the flags that the
//! kernel's own were made with: see `module.mk`. The functions of `c/helpers.c`, which stand for C's inline ones,
//! keep their names.

// Some kernels have structures of no size behind these pointers, as C does.
#![allow(improper_ctypes)]
#![allow(
    clippy::all,
    clippy::cast_lossless,
    clippy::ptr_as_ptr,
    clippy::ptr_cast_constness,
    clippy::ref_as_ptr,
    clippy::undocumented_unsafe_blocks,
    dead_code,
    missing_docs,
    non_camel_case_types,
    non_upper_case_globals,
    unreachable_pub,
    unsafe_op_in_unsafe_fn
)]

pub(super) use kernel::bindings::*;
use pin_init::MaybeZeroable;

// What is defined here goes before what the kernel crate has under the same name.
include!(env!("RUST_PERNET_BINDINGS"));

// SAFETY: It is what it stores. bindgen makes one for each file that has bit-fields, as `genl_family` does here.
unsafe impl<Storage: pin_init::Zeroable> pin_init::Zeroable for __BindgenBitfieldUnit<Storage> {}
