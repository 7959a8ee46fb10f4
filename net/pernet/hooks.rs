// SPDX-License-Identifier: GPL-2.0

//! The functions that C calls.
//!
//! C source: [`net/core/net_namespace.c`](srctree/net/core/net_namespace.c): `ops_init()` calls
//! [`ops_init()`] here, and `ops_undo_list()` the others, in the order of this file. Each of them is called with
//! `pernet_ops_rwsem` held and, for one namespace, after the one before has returned. A namespace whose
//! init failed is not passed to any other.

use super::{
    super::{
        bindings,
        kernels::init_at, //
    },
    slot::{
        HookSlot,
        Slot, //
    },
    Batch,
    DevKillList,
    HookNet,
    PerNet, //
};
use core::mem::needs_drop;
use kernel::{
    error::from_result,
    ffi::c_int,
    prelude::*, //
};

pub(super) type InitHook = Option<unsafe extern "C" fn(*mut bindings::net) -> c_int>;
pub(super) type NetHook = Option<unsafe extern "C" fn(*mut bindings::net)>;
pub(super) type RtnlHook =
    Option<unsafe extern "C" fn(*mut bindings::net, *mut bindings::list_head)>;
type BatchHook = Option<unsafe extern "C" fn(*mut bindings::list_head)>;

/// Whether there is a value to publish and to hide, or at least to drop.
const fn has_value<T: PerNet>() -> bool {
    Slot::<T>::SIZE > 0 || needs_drop::<T>()
}

/// The value is dropped in the last hook that there is: `exit_batch` if the type has one.
const fn drops_in_exit<T: PerNet>() -> bool {
    has_value::<T>() && !T::HAS_EXIT_BATCH
}

/// The init hook of a type that has none of its own.
pub(super) const fn zeroed_of<T: PerNet + Zeroable>() -> InitHook {
    if Slot::<T>::SIZE > 0 {
        Some(ops_init_zeroed::<T>)
    } else {
        None
    }
}

pub(super) const fn pre_exit_of<T: PerNet>() -> NetHook {
    if T::HAS_PRE_EXIT {
        Some(ops_pre_exit::<T>)
    } else {
        None
    }
}

pub(super) const fn exit_rtnl_of<T: PerNet>() -> RtnlHook {
    if T::HAS_EXIT_RTNL {
        Some(ops_exit_rtnl::<T>)
    } else {
        None
    }
}

pub(super) const fn exit_of<T: PerNet>() -> NetHook {
    if T::HAS_EXIT || drops_in_exit::<T>() {
        Some(ops_exit::<T>)
    } else {
        None
    }
}

pub(super) const fn exit_batch_of<T: PerNet>() -> BatchHook {
    if T::HAS_EXIT_BATCH {
        Some(ops_exit_batch::<T>)
    } else {
        None
    }
}

/// What a hook for one namespace hands on: the module's state and the namespace.
///
/// # Safety
///
/// The caller is in a hook of `T`'s operations for `net`, and uses neither after it.
#[inline(always)]
unsafe fn arguments<'a, T: PerNet>(
    net: *mut bindings::net,
) -> (Pin<&'a T::Module>, HookNet<'a, T>) {
    // SAFETY: By this function's safety requirement; `T::Module` is the type that was registered with.
    unsafe { (T::OPERATIONS.core().module(), HookNet::from_raw(net)) }
}

/// The same for a namespace whose init has succeeded, and its value.
///
/// # Safety
///
/// As for [`arguments()`], after init and before the value is dropped.
#[inline(always)]
#[allow(clippy::type_complexity)]
unsafe fn arguments_and_value<'a, T: PerNet>(
    net: *mut bindings::net,
) -> ((Pin<&'a T::Module>, HookNet<'a, T>), Pin<&'a T>) {
    // SAFETY: The task is in a hook of `T`'s operations for `net`. The slot has its value from when init has succeeded until
    // it is dropped.
    unsafe {
        (
            arguments::<T>(net),
            HookSlot::<T>::new(T::OPERATIONS.core(), net).value(),
        )
    }
}

/// # Safety
///
/// `T`'s operations are being registered or are registered, `pernet_ops_rwsem` is held, and `net` is a
/// namespace whose slot for `T` is allocated and holds no value, as in `ops_init()`.
pub(super) unsafe extern "C" fn ops_init<T: PerNet>(net: *mut bindings::net) -> c_int {
    // SAFETY: We are in a hook of `T`'s operations for `net`.
    let (module, hook_net) = unsafe { arguments::<T>(net) };
    // SAFETY: As above.
    let slot = unsafe { HookSlot::<T>::new(T::OPERATIONS.core(), net) };
    // `setup_net()` would take a positive value for success and `ops_init()` for failure; `Error` has
    // negative ones only.
    from_result(|| {
        // SAFETY: The slot is memory that `ops_init()` has allocated for a `T`, and that holds none. On
        // an error nobody looks at it but `kfree()`. The value stays there until it is dropped.
        unsafe { init_at(slot.as_ptr(), T::init(module, hook_net)) }
            .inspect_err(|&error| T::OPERATIONS.core().refused(&hook_net, error))?;
        // SAFETY: The value has just been made.
        unsafe { slot.publish() };
        Ok(0)
    })
}

/// # Safety
///
/// As for [`ops_init()`], and the slot is all zeroes.
pub(super) unsafe extern "C" fn ops_init_zeroed<T: PerNet + Zeroable>(
    net: *mut bindings::net,
) -> c_int {
    // SAFETY: We are in a hook of `T`'s operations for `net`, and zeroes are a value of `T`.
    unsafe { HookSlot::<T>::new(T::OPERATIONS.core(), net).publish() };
    0
}

/// # Safety
///
/// `pernet_ops_rwsem` is held, and `net` has a value of `T`, as in `ops_pre_exit_list()`.
pub(super) unsafe extern "C" fn ops_pre_exit<T: PerNet>(net: *mut bindings::net) {
    // SAFETY: We are in a hook of `T`'s operations for `net`, whose init has succeeded.
    let ((module, hook_net), value) = unsafe { arguments_and_value::<T>(net) };
    value.pre_exit(module, hook_net);
}

/// # Safety
///
/// `pernet_ops_rwsem` and RTNL are held, `net` has a value of `T`, and `dev_kill_list` is a list of network
/// devices by their `unreg_list`, as in `ops_exit_rtnl_list()`.
pub(super) unsafe extern "C" fn ops_exit_rtnl<T: PerNet>(
    net: *mut bindings::net,
    dev_kill_list: *mut bindings::list_head,
) {
    // SAFETY: We are in a hook of `T`'s operations for `net`, whose init has succeeded.
    let ((module, hook_net), value) = unsafe { arguments_and_value::<T>(net) };
    // SAFETY: RTNL is held and the list is valid until we return.
    let mut kill = unsafe { DevKillList::new(net, dev_kill_list) };
    value.exit_rtnl(module, hook_net, &mut kill);
}

/// # Safety
///
/// `pernet_ops_rwsem` is held, and `net` has a value of `T`, which nobody looks at any more unless `T` has
/// an `exit_batch`, as in `ops_exit_list()`.
pub(super) unsafe extern "C" fn ops_exit<T: PerNet>(net: *mut bindings::net) {
    if T::HAS_EXIT {
        // SAFETY: We are in a hook of `T`'s operations for `net`, whose init has succeeded.
        let ((module, hook_net), value) = unsafe { arguments_and_value::<T>(net) };
        value.exit(module, hook_net);
    }
    if drops_in_exit::<T>() {
        // SAFETY: This is the last hook for `net`, and the only place that drops. Lookups have ended, see
        // `lookup.rs`.
        unsafe { HookSlot::<T>::new(T::OPERATIONS.core(), net).drop_value() };
    }
}

/// # Safety
///
/// `pernet_ops_rwsem` is held, and `net_exit_list` is a list of namespaces by their `exit_list`, each with a
/// value of `T`, which nobody looks at after this, as in `ops_exit_list()`.
unsafe extern "C" fn ops_exit_batch<T: PerNet>(net_exit_list: *mut bindings::list_head) {
    // SAFETY: We are in a hook of these operations; `T::Module` is the type that was registered with.
    let module = unsafe { T::OPERATIONS.core().module() };
    // SAFETY: The list is valid and does not change until we return, and init has succeeded in each of
    // its namespaces.
    let batch = unsafe { Batch::<T>::new(net_exit_list) };
    T::exit_batch(module, batch);

    if has_value::<T>() {
        // SAFETY: As above.
        for net in unsafe { Batch::<T>::new(net_exit_list) }.raw() {
            // SAFETY: As in `ops_exit()`.
            unsafe { HookSlot::<T>::new(T::OPERATIONS.core(), net).drop_value() };
        }
    }
}
