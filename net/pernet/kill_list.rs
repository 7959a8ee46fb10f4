// SPDX-License-Identifier: GPL-2.0

//! Network devices that go with their namespace.
//!
//! C source: [`net/core/net_namespace.c`](srctree/net/core/net_namespace.c), `ops_exit_rtnl_list()`

use super::super::{
    bindings,
    rcu::Invariant, //
};
use core::marker::PhantomData;
use kernel::{
    error::to_result,
    prelude::*, //
};

/// The devices that are unregistered together once [`exit_rtnl`](super::PerNet::exit_rtnl) has run for
/// all operations and namespaces, with one grace period for all.
///
/// # Invariants
///
/// During `'h` RTNL is held, `net` is a namespace in an `exit_rtnl` hook, and `list` is what C passed to
/// it.
pub struct DevKillList<'h> {
    net: *mut bindings::net,
    list: *mut bindings::list_head,
    _hook: Invariant<'h>,
}

impl DevKillList<'_> {
    /// # Safety
    ///
    /// The task is in an `exit_rtnl` hook for `net`, which was called with `list`, during the lifetime of
    /// the result.
    #[inline]
    pub(super) unsafe fn new(net: *mut bindings::net, list: *mut bindings::list_head) -> Self {
        // INVARIANT: By this function's safety requirement.
        Self {
            net,
            list,
            _hook: PhantomData,
        }
    }

    /// Puts a device of this namespace on the list, as `ip link del` does: by its driver's `dellink`.
    ///
    /// # Errors
    ///
    /// - `ENODEV`: the namespace has no device of that name or alternative name;
    /// - `EOPNOTSUPP`: the device cannot be deleted, such as `lo` and hardware;
    /// - `EBUSY`: it is on the list already.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::{net::pernet::*, prelude::*};
    /// # kernel::pernet_doctest!(Example: Device, () {
    /// fn exit_rtnl(
    ///     self: Pin<&Self>,
    ///     _: Pin<&Sample>,
    ///     net: HookNet<'_, Self>,
    ///     kill: &mut DevKillList<'_>,
    /// ) {
    ///     if kill.dellink(c"tun0").is_ok() {
    ///         pr_info!("{net} loses its tunnel\n");
    ///     }
    /// }
    /// # });
    /// # drop(load()?);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn dellink(&mut self, name: &CStr) -> Result {
        // SAFETY: By the type invariants the namespace and the list are valid and RTNL is held; the name
        // ends in a zero byte.
        to_result(unsafe { bindings::dellink_by_name(self.net, name.as_char_ptr(), self.list) })
    }
}
