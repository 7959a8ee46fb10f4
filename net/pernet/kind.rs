// SPDX-License-Identifier: GPL-2.0

//! The two kinds of pernet operations.

use super::super::bindings;
use kernel::ffi::c_int;

mod sealed {
    pub trait Sealed {}
}

/// A kind of pernet operations: [`Subsys`] or [`Device`].
///
/// The kernel's list has all subsystems before all devices, whatever the order in which they were
/// registered. So a new namespace sees a subsystem's `init` before any device's, and a dying one sees
/// its exit after all devices have gone.
pub trait Kind: sealed::Sealed + 'static {
    /// Whether it is [`Device`].
    #[doc(hidden)]
    const IS_DEVICE: bool;

    /// Registers operations of this kind.
    #[doc(hidden)]
    const REGISTER: unsafe extern "C" fn(*mut bindings::pernet_operations) -> c_int;

    /// Unregisters operations of this kind.
    #[doc(hidden)]
    const UNREGISTER: unsafe extern "C" fn(*mut bindings::pernet_operations);
}

/// Registered by `register_pernet_subsys()`: everything but network devices.
pub enum Subsys {}

impl sealed::Sealed for Subsys {}

impl Kind for Subsys {
    const IS_DEVICE: bool = false;
    const REGISTER: unsafe extern "C" fn(*mut bindings::pernet_operations) -> c_int =
        bindings::register_pernet_subsys;
    const UNREGISTER: unsafe extern "C" fn(*mut bindings::pernet_operations) =
        bindings::unregister_pernet_subsys;
}

/// Registered by `register_pernet_device()`: what makes a network device in every namespace.
///
/// Its exit hooks run while other devices, `lo` among them, may still carry packets.
pub enum Device {}

impl sealed::Sealed for Device {}

impl Kind for Device {
    const IS_DEVICE: bool = true;
    const REGISTER: unsafe extern "C" fn(*mut bindings::pernet_operations) -> c_int =
        bindings::register_pernet_device;
    const UNREGISTER: unsafe extern "C" fn(*mut bindings::pernet_operations) =
        bindings::unregister_pernet_device;
}
