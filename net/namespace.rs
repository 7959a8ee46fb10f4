// SPDX-License-Identifier: GPL-2.0

//! Network namespaces: `struct net` and the ways to hold one.
//!
//! C headers: [`include/net/net_namespace.h`](srctree/include/net/net_namespace.h),
//! [`include/linux/ns_common.h`](srctree/include/linux/ns_common.h)
//!
//! A namespace is referred to in four ways. They differ in what they prove, and each can be had only
//! where that is true:
//!
//! | type | proves | from |
//! |---|---|---|
//! | [`&Net`](Net) | somebody holds a reference while it is borrowed | a [`NetRef`], `init_net` |
//! | [`NetRef`] | this value holds a reference, with its tracker | [`Net::get()`] and others |
//! | [`UncountedNet`] | the memory is there; the count may be zero | a walk, see [`Namespaces`] |
//! | [`HookNet`] | the namespace is in a pernet hook | the hook's argument |
//!
//! All of them deref to [`Identity`], which is what a namespace always has: a cookie, an inode number,
//! and whether it is the initial one or dying.
//!
//! [`HookNet`]: super::pernet::HookNet
//!
//! # Examples
//!
//! ```
//! # use kernel::{net::namespace::*, prelude::*};
//! let net = Net::current()?;
//! pr_info!("in namespace {net}, initial: {}\n", net.is_init());
//!
//! let list = Namespaces::read();
//! let alive = list.iter().filter(|net| !net.is_dying()).count();
//! # assert!(alive >= 1);
//! # Ok::<(), Error>(())
//! ```
//
// `struct net` has two counts. `ns.__ns_ref` keeps the namespace working: at zero `cleanup_net()` takes
// it down. `passive` keeps its memory; `net_passive_dec()` is not exported, so no type here uses it.

mod walk;

pub use walk::{
    Iter,
    Namespaces, //
};

use super::bindings;
use core::{
    marker::PhantomData,
    ops::Deref,
    ptr::NonNull, //
};
use kernel::{
    error::from_err_ptr,
    fmt,
    prelude::*,
    sync::rcu,
    task::{
        Pid,
        Task, //
    },
    types::Opaque, //
};

/// What tells one namespace from another, in any state of its life.
///
/// Being able to name a `&Identity` says that the memory is there, and nothing about the count.
///
/// Displayed as `cookie/inum`, for example `7/4026531840`.
///
/// # Invariants
///
/// `self` is a `struct net` that has its cookie, and that is not freed while the reference lasts.
#[repr(transparent)]
pub struct Identity(Opaque<bindings::net>);

// SAFETY: What `Identity` reads is constant once the cookie is set, or read as C reads it without a lock.
unsafe impl Sync for Identity {}

impl Identity {
    /// Creates a reference to an [`Identity`] from a valid pointer.
    ///
    /// # Safety
    ///
    /// `ptr` points to a `struct net` for which `setup_net()` has begun, and that is not freed for the
    /// duration of `'a`.
    #[inline]
    pub unsafe fn from_raw<'a>(ptr: *const bindings::net) -> &'a Self {
        // SAFETY: `Identity` is transparent over `struct net`, and `net_free()` is not called during `'a`.
        unsafe { &*ptr.cast() }
    }

    /// Returns the pointer to the `struct net`.
    #[inline]
    pub fn as_ptr(&self) -> *mut bindings::net {
        self.0.get()
    }

    /// Returns the cookie: the number that no other namespace has had or will have since boot.
    ///
    /// It is what `NS_GET_ID`, `SO_NETNS_COOKIE` and `listns(2)` tell.
    #[inline]
    pub fn cookie(&self) -> u64 {
        // SAFETY: By the type invariant the structure is there, and `setup_net()` has set the cookie
        // before it runs the first hook; nobody changes it.
        unsafe { (*self.as_ptr()).net_cookie }
    }

    /// Returns the inode number, which is what `ls -l /proc/PID/ns/net` shows and may be used again.
    #[inline]
    pub fn inum(&self) -> u32 {
        // SAFETY: By the type invariant the structure is there, and `ns_common_init()` has set the
        // number before `setup_net()`; nobody changes it.
        unsafe { (*self.as_ptr()).ns.inum }
    }

    /// Returns whether this is `init_net`, the namespace of the first process, which never dies.
    #[inline]
    pub fn is_init(&self) -> bool {
        core::ptr::eq(self.as_ptr(), &raw const bindings::init_net)
    }

    /// Returns whether `cleanup_net()` has taken the namespace off the list of namespaces.
    ///
    /// A `false` may be out of date by the time it is looked at, a `true` stays true.
    #[inline]
    pub fn is_dying(&self) -> bool {
        // SAFETY: By the type invariant the structure is there. `cleanup_net()` may set the field
        // meanwhile, which C reads without a lock too; the read is volatile, as `READ_ONCE()` is.
        unsafe { (&raw const (*self.as_ptr()).is_dying).read_volatile() }
    }

    /// Returns whether somebody holds a reference.
    ///
    /// A `true` may be out of date by the time it is looked at, a `false` stays false. While a namespace is
    /// being made it is `true`, and no reference can be had all the same.
    ///
    /// C: `check_net()`.
    #[inline]
    pub fn is_counted(&self) -> bool {
        // SAFETY: By the type invariant the structure is there. The count may change meanwhile; the read is
        // volatile, as that of `refcount_read()` is.
        unsafe {
            (&raw const (*self.as_ptr()).ns.__bindgen_anon_1.__ns_ref.refs.counter).read_volatile()
                != 0
        }
    }

    /// Returns how many references there are, each of which keeps it from dying. For a count that has overflowed, which C
    /// has made one that stays, it is `u32::MAX`.
    ///
    /// It may be out of date by the time it is looked at, but zero stays zero.
    ///
    /// C: `ns_ref_read()`.
    #[inline]
    pub fn refs(&self) -> u32 {
        // SAFETY: As in `is_counted()`.
        let count = unsafe {
            (&raw const (*self.as_ptr()).ns.__bindgen_anon_1.__ns_ref.refs.counter).read_volatile()
        };
        // `REFCOUNT_SATURATED` is negative, and what is taken and put after that leaves it so.
        u32::try_from(count).unwrap_or(u32::MAX)
    }

    /// Returns how many of those that keep it in use there are: tasks, open files and mounts. With none it is inactive:
    /// `listns(2)` does not list it, and nobody can enter it. It may become active again.
    ///
    /// It may be out of date by the time it is looked at.
    ///
    /// C: `ns_ref_active_read()`.
    #[inline]
    pub fn active_refs(&self) -> u32 {
        // SAFETY: By the type invariant the structure is there.
        unsafe { bindings::net_active_refs(self.as_ptr()) }
    }

    /// Returns how many network devices it has. Any context but NMI.
    ///
    /// C: `for_each_netdev_rcu()`.
    pub fn devices(&self) -> u32 {
        // SAFETY: By the type invariant the structure is there. The function looks whether the list has been made, and
        // walks under RCU.
        unsafe { bindings::net_devices(self.as_ptr()) }
    }

    /// Returns whether the namespace has been made: the init hooks of all operations have succeeded.
    ///
    /// A `false` may be out of date by the time it is looked at, a `true` stays true. A machine may show another CPU that
    /// it is `true` before it shows what the inits have stored, as C's `net_initialized()` does: `setup_net()` stores this
    /// without Release, so that an Acquire here would order nothing.
    ///
    /// C: `net_initialized()`.
    #[inline]
    pub fn is_initialized(&self) -> bool {
        // SAFETY: By the type invariant the structure is there. `setup_net()` may link the list entry
        // meanwhile; the read is volatile, as `READ_ONCE()` is.
        !unsafe { (&raw const (*self.as_ptr()).list.next).read_volatile() }.is_null()
    }
}

impl PartialEq for Identity {
    /// Compares as `net_eq()` does: by address.
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        core::ptr::eq(self, other)
    }
}

impl Eq for Identity {}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.cookie(), self.inum())
    }
}

/// A network namespace that somebody holds a reference on.
///
/// # Invariants
///
/// While a `&Net` exists the count of the namespace is not zero, and who made the `&Net` has seen its `setup_net()` to be
/// through with all inits. That says nothing about what the inits have stored: see [`Identity::is_initialized()`].
#[repr(transparent)]
pub struct Net(Identity);

impl Deref for Net {
    type Target = Identity;

    #[inline]
    fn deref(&self) -> &Identity {
        &self.0
    }
}

impl fmt::Display for Net {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl Net {
    /// Creates a reference to a [`Net`] from a valid pointer.
    ///
    /// # Safety
    ///
    /// `ptr` points to a `struct net` whose `setup_net()` is seen to be through with all inits, and whose count is not
    /// zero for the duration of `'a`. The `net` of a pernet hook is neither.
    #[inline]
    pub unsafe fn from_raw<'a>(ptr: *const bindings::net) -> &'a Self {
        // SAFETY: `Net` is transparent over `struct net`, and a count that is not zero keeps `net_free()` from being
        // called.
        unsafe { &*ptr.cast() }
    }

    /// Returns `init_net`. It has existed since boot, and is not counted.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::net::namespace::Net;
    /// assert!(Net::init_ns().is_init());
    /// ```
    #[inline]
    pub fn init_ns() -> &'static Self {
        // SAFETY: `init_net` is a static of the kernel that `net_ns_init()` has set up before any
        // module is loaded; `__ns_ref_put()` never lets its count go.
        unsafe { Self::from_raw(&raw const bindings::init_net) }
    }

    /// Takes a reference on the namespace of the current task.
    ///
    /// Any context but NMI; in an interrupt it is that of the interrupted task.
    ///
    /// # Errors
    ///
    /// `ESRCH` in a task that is exiting and has given up its namespaces.
    pub fn current() -> Result<NetRef> {
        // SAFETY: The current task exists, and nobody else writes its `nsproxy`: `setns()`, `unshare()`
        // and the exit are the task's own doing.
        let nsproxy = unsafe { (*Task::current_raw()).nsproxy };
        if nsproxy.is_null() {
            return Err(ESRCH);
        }
        // SAFETY: The `nsproxy` of the current task holds a reference on its `net_ns`, which
        // `copy_net_ns()` has set up. The task does not change its namespaces while it is here.
        Ok(unsafe { Self::from_raw((*nsproxy).net_ns.cast()) }.get())
    }

    /// Takes a reference on the namespace that a file descriptor of the current process refers to, such
    /// as one of `/proc/PID/ns/net` or `/run/netns/NAME`.
    ///
    /// C: `get_net_ns_by_fd()`. Process context.
    ///
    /// # Errors
    ///
    /// `EBADF` when the descriptor is not open, `EINVAL` when it is not a network namespace, and always
    /// on a kernel without `CONFIG_NET_NS`.
    pub fn by_fd(fd: c_int) -> Result<NetRef> {
        // SAFETY: The current task exists; nobody else writes the field.
        if unsafe { (*Task::current_raw()).files }.is_null() {
            return Err(EBADF);
        }
        // SAFETY: The current task has files; there are no requirements on the value of `fd`.
        let net = from_err_ptr(unsafe { bindings::get_net_ns_by_fd(fd) })?;
        let net = NonNull::new(net).ok_or(EINVAL)?;
        // SAFETY: On success the function has taken a reference for us, on a namespace that is open in
        // a file and so has been set up.
        Ok(unsafe { NetRef::from_counted(net, bindings::GFP_KERNEL) })
    }

    /// Takes a reference on the namespace of the process `pid`, as the current process numbers it.
    ///
    /// C: `get_net_ns_by_pid()`. Process context; it does not sleep.
    ///
    /// # Errors
    ///
    /// `ESRCH` when there is no such process, or it is exiting, or the current one has exited.
    pub fn by_pid(pid: Pid) -> Result<NetRef> {
        // SAFETY: The current task exists. Only itself gives up its number, in `release_task()`, or its
        // parent once it does not run any more.
        if unsafe { (*Task::current_raw()).thread_pid }.is_null() {
            return Err(ESRCH);
        }
        // SAFETY: The current task has a number, and so a process namespace to look in; there are no
        // requirements on the value of `pid`.
        let net = from_err_ptr(unsafe { bindings::get_net_ns_by_pid(pid) })?;
        let net = NonNull::new(net).ok_or(ESRCH)?;
        // SAFETY: On success the function has taken a reference for us, on a namespace that is in use
        // by a task and so has been set up.
        Ok(unsafe { NetRef::from_counted(net, bindings::GFP_ATOMIC) })
    }

    /// Takes a reference on the namespace that this one knows as `nsid`; see `ip netns set`.
    ///
    /// C: `get_net_ns_by_id()`. Any context but NMI.
    pub fn by_nsid(&self, nsid: i32) -> Option<NetRef> {
        let _guard = rcu::read_lock();
        // SAFETY: By the type invariant the structure is there.
        let net = NonNull::new(unsafe { bindings::get_net_ns_by_id(self.0.as_ptr(), nsid) })?;
        // SAFETY: The function has taken a reference for us, which keeps the memory of all but a namespace
        // whose `setup_net()` is failing. The function relies on finding none of those, and so do we; one
        // that began to fail after the RCU section did is kept by that, too, since `ops_undo_list()` waits
        // for a grace period. It has its cookie: who gave it a number had it from a hook or a reference, and released
        // `nsid_lock` after that.
        if !unsafe { Identity::from_raw(net.as_ptr()) }.is_initialized() {
            // SAFETY: Gives back the reference that was taken above, which has no tracker yet.
            unsafe { bindings::put_net(net.as_ptr()) };
            return None;
        }
        // SAFETY: We own a reference, and have seen the namespace on the list, where `setup_net()` puts it after all
        // inits. What those have stored may not be seen yet.
        Some(unsafe { NetRef::from_counted(net, bindings::GFP_ATOMIC) })
    }

    /// Takes a reference of one's own.
    ///
    /// C: `get_net_track()`. Any context but NMI.
    ///
    /// A reference that lives in per-namespace data keeps its namespace from ever dying when it is that
    /// very namespace; hold those of others only.
    #[inline]
    pub fn get(&self) -> NetRef {
        let mut tracker = NetRef::no_tracker();
        // SAFETY: By the type invariant the count is not zero, so it may be raised. The tracker is ours.
        unsafe { bindings::get_net_track(self.0.as_ptr(), &mut tracker, bindings::GFP_ATOMIC) };
        // INVARIANT: The reference was taken just now, and is given back by `drop`.
        NetRef {
            net: NonNull::from(&self.0).cast(),
            tracker,
        }
    }
}

/// A reference on a network namespace that this value owns.
///
/// As long as it lives the namespace does not begin to die. On a kernel with
/// `CONFIG_NET_NS_REFCNT_TRACKER` one that is never dropped is told, with the stack that took it, when
/// the namespace goes.
///
/// # Invariants
///
/// `net` is a namespace whose `setup_net()` was seen to be through with all inits, and on which this value owns one count,
/// known to the namespace's `refcnt_tracker` by `tracker`.
pub struct NetRef {
    net: NonNull<bindings::net>,
    tracker: bindings::netns_tracker,
}

// SAFETY: `put_net()` may be called from any task, not only from the one that took the reference.
unsafe impl Send for NetRef {}

// SAFETY: A `&NetRef` gives a `&Net` and nothing else, and `Net` is `Sync`.
unsafe impl Sync for NetRef {}

impl NetRef {
    #[inline]
    fn no_tracker() -> bindings::netns_tracker {
        // A null pointer for «no tracker yet», or it has no size.
        pin_init::zeroed()
    }

    /// Makes a [`NetRef`] of a count that the caller owns.
    ///
    /// # Safety
    ///
    /// `net` is a namespace whose `setup_net()` is seen to be through with all inits. The caller owns one count on it that
    /// has no tracker, and passes it on.
    unsafe fn from_counted(net: NonNull<bindings::net>, gfp: bindings::gfp_t) -> Self {
        let mut tracker = Self::no_tracker();
        // SAFETY: The caller's count keeps the namespace, and the tracker is ours.
        unsafe { bindings::netns_tracker_alloc(net.as_ptr(), &mut tracker, gfp) };
        // INVARIANT: The count is the caller's, and has its tracker now.
        Self { net, tracker }
    }
}

impl Deref for NetRef {
    type Target = Net;

    #[inline]
    fn deref(&self) -> &Net {
        // SAFETY: By the type invariants the namespace has been set up, and the count that we own keeps
        // it as long as `self` is borrowed.
        unsafe { Net::from_raw(self.net.as_ptr()) }
    }
}

impl Clone for NetRef {
    #[inline]
    fn clone(&self) -> Self {
        self.get()
    }
}

impl Drop for NetRef {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: By the type invariants we own a count, and `tracker` is what it is known by.
        unsafe { bindings::put_net_track(self.net.as_ptr(), &mut self.tracker) };
    }
}

impl fmt::Display for NetRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&**self, f)
    }
}

/// A namespace that is in memory, and perhaps not counted any more.
///
/// What a walk over the list of namespaces gives: one on it may have lost its last reference and wait
/// for `cleanup_net()`.
///
/// # Invariants
///
/// The `struct net` is not freed during `'g`.
#[derive(Clone, Copy)]
pub struct UncountedNet<'g> {
    net: &'g Identity,
    // Under RCU the guard is a matter of this task.
    _not_send: PhantomData<*mut ()>,
}

impl<'g> UncountedNet<'g> {
    /// Wraps a `struct net` that is kept in memory by something other than its count.
    ///
    /// # Safety
    ///
    /// As for [`Identity::from_raw()`], for the duration of `'g`.
    #[inline]
    pub unsafe fn from_raw(ptr: *const bindings::net) -> Self {
        Self {
            // SAFETY: What keeps the memory instead of the count does so during `'g`.
            net: unsafe { Identity::from_raw(ptr) },
            _not_send: PhantomData,
        }
    }

    /// Takes a reference, unless the namespace is dying or not yet set up.
    ///
    /// C: `maybe_get_net()` and `net_initialized()`. Any context but NMI.
    pub fn try_get(self) -> Option<NetRef> {
        // Before `setup_net()` is through, a failing init of another subsystem would free the namespace
        // whatever its count is.
        if !self.net.is_initialized() {
            return None;
        }
        // SAFETY: By the type invariant the structure is there; a count of zero is left alone.
        let net = NonNull::new(unsafe { bindings::maybe_get_net(self.net.as_ptr()) })?;
        // SAFETY: We own the count that was just taken, and have seen the namespace on the list, where `setup_net()` puts
        // it after all inits. What those have stored may not be seen yet.
        Some(unsafe { NetRef::from_counted(net, bindings::GFP_ATOMIC) })
    }
}

impl Deref for UncountedNet<'_> {
    type Target = Identity;

    #[inline]
    fn deref(&self) -> &Identity {
        self.net
    }
}

impl fmt::Display for UncountedNet<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self.net, f)
    }
}
