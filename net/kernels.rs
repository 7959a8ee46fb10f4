// SPDX-License-Identifier: GPL-2.0

//! What the kernel crates of Linux 7.2 and of later kernels do not have in common.

use super::bindings;
use core::{
    borrow::Borrow,
    mem::MaybeUninit, //
};
use kernel::{
    ffi::c_int,
    module_param::ModuleParamAccess,
    prelude::*, //
};

/// Makes a value in memory that has none. Linux 7.2 lacks `pin_init::raw_try_init()`, which does this.
///
/// # Safety
///
/// The caller owns the memory. On success the value does not move until it is dropped, on an error nobody looks at it.
pub(super) unsafe fn init_at<T: 'static, E>(
    slot: *mut T,
    init: impl PinInit<T, E>,
) -> Result<(), E> {
    // SAFETY: The caller has it alone, and no reference to it is left when this returns: the one that
    // `write_pin_init()` gives back, which has to be `'static` to be pinned, is dropped at once.
    let memory = unsafe { &mut *slot.cast::<MaybeUninit<T>>() };
    InPlaceWrite::write_pin_init(memory, init).map(|_| ())
}

/// `ENOSYS`, of which Linux 7.2 lacks the name.
pub(super) fn enosys() -> Error {
    // CAST: It is small.
    Error::from_errno(-(bindings::ENOSYS as c_int))
}

/// The value of a parameter of a module: Linux 7.2 gives a reference to it, and later ones a copy.
pub fn parameter<T: Copy>(access: &ModuleParamAccess<T>) -> T {
    *Borrow::<T>::borrow(&access.value())
}
