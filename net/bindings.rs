// SPDX-License-Identifier: GPL-2.0

//! The C side: the kernel crate's bindings, and what they lack.
//!
//! Types and functions that the kernel crate has bound come from there. The rest are symbols that the
//! kernel exports, and the functions of `helpers.c`, which stand for C's inline ones and keep their
//! names.

pub(super) use kernel::bindings::*;

// Some kernels have structures of no size behind these pointers, as C does.
#[allow(improper_ctypes)]
extern "C" {
    /// `net_rwsem` of `net/core/net_namespace.c`: protects [`net_namespace_list`].
    pub(super) static mut net_rwsem: rw_semaphore;

    #[link_name = "rust_helper_get_net_track"]
    pub(super) fn get_net_track(net: *mut net, tracker: *mut netns_tracker, gfp: gfp_t)
        -> *mut net;

    #[link_name = "rust_helper_put_net_track"]
    pub(super) fn put_net_track(net: *mut net, tracker: *mut netns_tracker);

    #[link_name = "rust_helper_put_net"]
    pub(super) fn put_net(net: *mut net);

    #[link_name = "rust_helper_maybe_get_net"]
    pub(super) fn maybe_get_net(net: *mut net) -> *mut net;

    #[link_name = "rust_helper_netns_tracker_alloc"]
    pub(super) fn netns_tracker_alloc(net: *mut net, tracker: *mut netns_tracker, gfp: gfp_t);

    #[link_name = "rust_helper_get_net_ns_by_fd"]
    pub(super) fn get_net_ns_by_fd(fd: kernel::ffi::c_int) -> *mut net;

    #[link_name = "rust_helper_dellink_by_name"]
    pub(super) fn dellink_by_name(
        net: *mut net,
        name: *const kernel::ffi::c_char,
        dev_kill_list: *mut list_head,
    ) -> kernel::ffi::c_int;
}
