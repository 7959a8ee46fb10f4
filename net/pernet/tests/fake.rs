// SPDX-License-Identifier: GPL-2.0

//! A module and namespaces that nobody has made, for KUnit tests.

use super::super::{
    slot::Slot,
    *, //
};
use core::{
    mem::MaybeUninit,
    ptr, //
};
use kernel::ffi::{
    c_int,
    c_uint,
    c_void, //
};

/// The state of the module that is not there.
pub(in super::super) struct Fake;

impl Module for Fake {
    fn init(_: &'static ThisModule) -> impl PinInit<Self, Error> {
        Ok(Self)
    }

    fn start(self: Pin<&Self>, _: &mut Registrar<'_, Self>) -> Result {
        Ok(())
    }
}

pub(in super::super) static FAKE: Fake = Fake;

/// A namespace that nobody has made, and what belongs to it.
pub(in super::super) struct FakeNet(
    pub(in super::super) *mut bindings::net,
    KBox<FakeArray>,
    KVec<u64>,
);

/// The id of all slots here, and the length of the arrays.
pub(in super::super) const ID: usize = 3;
pub(in super::super) const LEN: c_uint = 4;

type FakeArray = [*mut c_void; LEN as usize];

impl FakeNet {
    pub(in super::super) fn new(cookie: u64) -> Result<Self> {
        let mut array = KBox::<FakeArray>::new([ptr::null_mut(); LEN as usize], GFP_KERNEL)?;
        array[0] = ptr::without_provenance_mut(LEN as usize);
        let net = KBox::into_raw(KBox::<bindings::net>::new_uninit(GFP_KERNEL)?);
        let net = net.cast::<bindings::net>();
        // SAFETY: It was allocated for one; what is read of it is set here, all else is zeroes.
        unsafe {
            net.write_bytes(0, 1);
            (*net).net_cookie = cookie;
            (*net).list.next = &raw mut (*net).list;
            (*net).ns.__bindgen_anon_1.__ns_ref.refs.counter = 1;
            (*net).gen = array.as_mut_ptr().cast();
        }
        Ok(Self(net, array, KVec::new()))
    }

    /// Does what `ops_init()` does before it calls the hook.
    pub(in super::super) fn with_slot<T: PerNet>(mut self) -> Result<Self> {
        self.2 = KVec::from_elem(0, Slot::<T>::SIZE.div_ceil(8), GFP_KERNEL)?;
        self.1[ID] = self.2.as_mut_ptr().cast();
        Ok(self)
    }

    /// Does what `ops_init()` does.
    pub(in super::super) fn made<T: PerNet>(cookie: u64) -> Result<Self> {
        let net = Self::new(cookie)?.with_slot::<T>()?;
        match net.init::<T>() {
            0 => Ok(net),
            errno => Err(Error::from_errno(errno)),
        }
    }

    pub(in super::super) fn set_len(&self, len: c_uint) {
        // SAFETY: The array begins with its length.
        unsafe { *(*self.0).gen.cast::<c_uint>() = len };
    }

    pub(in super::super) fn set_count(&self, count: c_int) {
        // SAFETY: The structure is there and ours.
        unsafe { (*self.0).ns.__bindgen_anon_1.__ns_ref.refs.counter = count };
    }

    pub(in super::super) fn set_listed(&self, listed: bool) {
        // SAFETY: As above.
        unsafe {
            (*self.0).list.next = if listed {
                &raw mut (*self.0).list
            } else {
                ptr::null_mut()
            };
        }
    }

    pub(in super::super) fn identity(&self) -> &Identity {
        // SAFETY: It has its cookie, and is freed with `self`.
        unsafe { Identity::from_raw(self.0) }
    }

    pub(in super::super) fn init<T: PerNet>(&self) -> c_int {
        // SAFETY: The slot is allocated; `pretend()` has set the id and the module.
        unsafe { ops::<T>().init.map_or(0, |init| init(self.0)) }
    }

    pub(in super::super) fn exit<T: PerNet>(&self) {
        if let Some(exit) = ops::<T>().exit {
            // SAFETY: Init has succeeded.
            unsafe { exit(self.0) };
        }
    }
}

impl Drop for FakeNet {
    fn drop(&mut self) {
        // SAFETY: It was made by `new()`, and nobody has it any more.
        drop(unsafe { KBox::from_raw(self.0.cast::<MaybeUninit<bindings::net>>()) });
    }
}

pub(in super::super) fn ops<T: PerNet>() -> &'static bindings::pernet_operations {
    // SAFETY: The kernel does not know them, so nobody writes them.
    unsafe { &*T::OPERATIONS.core().ops.get() }
}

/// Does what registering does, as far as hooks see it.
pub(in super::super) fn pretend<T: PerNet<Module = Fake>>() {
    let core = T::OPERATIONS.core();
    // SAFETY: Nobody else reads it.
    unsafe { *core.id.get() = ID as c_uint };
    core.module.set(ptr::from_ref(&FAKE).cast());
}
