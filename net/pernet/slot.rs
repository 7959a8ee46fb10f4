// SPDX-License-Identifier: GPL-2.0

//! Where the value of a namespace lives.
//!
//! `ops_init()` allocates `pernet_operations::size` zeroed bytes for each namespace before it calls the
//! init hook, keeps the address in an array of the namespace, and frees it when the exit hooks of *all*
//! operations have run.
//!
//! C header: [`include/net/netns/generic.h`](srctree/include/net/netns/generic.h)

use super::{
    super::bindings,
    PerNet, //
};
use core::{
    mem::size_of,
    ptr::NonNull, //
};
use kernel::{
    ffi::c_void,
    prelude::*, //
};

/// Returns the address of `T`'s value in `net`, as `net_generic()` does.
///
/// It is the same for all hooks of one namespace. `kzalloc()` aligns to the largest power of two that
/// divides the size, and the size of a Rust type is a multiple of its alignment.
///
/// # Safety
///
/// The caller is in a hook of `T`'s operations for `net`.
#[inline(always)]
pub(super) unsafe fn address<T: PerNet>(net: *mut bindings::net) -> *mut T {
    if size_of::<T>() == 0 {
        return NonNull::dangling().as_ptr();
    }
    // SAFETY: We are in a hook of these operations.
    let id = unsafe { T::OPERATIONS.core().id() };
    // CAST: `ptr` is at the start of `struct net_generic`, as `helpers.c` asserts; a `c_uint` is not
    // wider than a `usize`.
    // SAFETY: In a hook `pernet_ops_rwsem` is held, which is what `net_assign_generic()` relies on to
    // read `gen` without RCU. It has made the array longer than `id` before the init hook, and nobody
    // shortens it.
    unsafe { *(*net).gen.cast::<*mut c_void>().add(id as usize) }.cast()
}

/// Returns `T`'s value in `net`.
///
/// # Safety
///
/// The caller is in a hook of `T`'s operations for `net`, after init and before the value is dropped,
/// and does not use the result after that.
#[inline(always)]
pub(super) unsafe fn value<'a, T: PerNet>(net: *mut bindings::net) -> Pin<&'a T> {
    // SAFETY: Init has made a value at this address, or the type is `Zeroable` and the memory is zeroed.
    // It stays there until it is dropped; only shared references to it are given away until then.
    unsafe { Pin::new_unchecked(&*address::<T>(net)) }
}
