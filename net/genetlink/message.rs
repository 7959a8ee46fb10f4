// SPDX-License-Identifier: GPL-2.0

//! Messages that are being written, and who they go to.

use super::super::bindings;
use core::{
    marker::PhantomData,
    ptr::{
        self,
        NonNull, //
    }, //
};
use kernel::{
    error::to_result,
    ffi::{
        c_int,
        c_void, //
    },
    prelude::*,
    str::CStrExt,
    types::NotThreadSafe, //
};

/// A message that attributes are put into.
///
/// Each of the methods returns `EMSGSIZE` when there is no room left. The message is not sent then, whatever is made
/// of the error.
///
/// # Invariants
///
/// `skb` is a socket buffer that ends in a message, whose header is there; nobody else uses it during `'m`.
pub struct Message<'m> {
    skb: NonNull<bindings::sk_buff>,
    failed: Failed,
    _skb: PhantomData<&'m mut ()>,
    _not_send: NotThreadSafe,
}

/// Whether something could not be put. It is no `bool`, since that could be copied, and a message with it: then what fails in
/// the one would not be noted in the other.
struct Failed(bool);

impl Message<'_> {
    fn put(&mut self, attribute: u16, len: usize, data: *const c_void) -> Result {
        if len > usize::from(u16::MAX) - size_of::<bindings::nlattr>() {
            return self.noted(Err(EMSGSIZE));
        }
        // CAST: It is not longer than that.
        let len = len as c_int;
        // SAFETY: By the type invariants the buffer is ours. Callers pass so many bytes.
        let result = unsafe { bindings::nla_put(self.skb.as_ptr(), attribute.into(), len, data) };
        self.noted(to_result(result))
    }

    fn noted(&mut self, result: Result) -> Result {
        self.failed.0 |= result.is_err();
        result
    }

    /// Puts a number of 32 bits.
    pub fn put_u32(&mut self, attribute: u16, value: u32) -> Result {
        self.put(attribute, size_of::<u32>(), ptr::from_ref(&value).cast())
    }

    /// Puts a number of 64 bits, at an address that is aligned to it where the machine wants that.
    ///
    /// `pad` is the attribute of the same set that stands for nothing, or zero if there is none.
    ///
    /// C: `nla_put_u64_64bit()`.
    pub fn put_u64(&mut self, attribute: u16, value: u64, pad: u16) -> Result {
        // SAFETY: By the type invariants the buffer is ours, and there are so many bytes.
        let result = unsafe {
            bindings::nla_put_64bit(
                self.skb.as_ptr(),
                attribute.into(),
                size_of::<u64>() as c_int,
                ptr::from_ref(&value).cast(),
                pad.into(),
            )
        };
        self.noted(to_result(result))
    }

    /// Puts a string, with the zero behind it.
    pub fn put_string(&mut self, attribute: u16, value: &CStr) -> Result {
        let bytes = value.to_bytes_with_nul();
        self.put(attribute, bytes.len(), value.as_char_ptr().cast())
    }

    /// Puts an attribute without a value.
    pub fn put_flag(&mut self, attribute: u16) -> Result {
        self.put(attribute, 0, ptr::null())
    }

    /// Puts an attribute that holds those that `fill` puts.
    ///
    /// # Errors
    ///
    /// `EMSGSIZE`, and what `fill` returns; then nothing of it is left in the message.
    pub fn nest(&mut self, attribute: u16, fill: impl FnOnce(&mut Self) -> Result) -> Result {
        let skb = self.skb.as_ptr();
        // SAFETY: By the type invariants the buffer is ours.
        let start = unsafe { bindings::nla_nest_start(skb, attribute.into()) };
        if start.is_null() {
            return self.noted(Err(EMSGSIZE));
        }
        let result = fill(self);
        // SAFETY: The attribute begins there. What has been put since lies behind it: nests end in the order in
        // which they are calls.
        unsafe {
            match result {
                Ok(()) => bindings::nla_nest_end(skb, start),
                Err(_) => bindings::nla_nest_cancel(skb, start),
            }
        }
        self.noted(result)
    }
}

/// Who a message is from and for.
pub(super) struct Envelope {
    pub(super) portid: u32,
    pub(super) seq: u32,
    pub(super) flags: u32,
    pub(super) cmd: u8,
}

/// Writes a message behind what is in the buffer, or nothing if that fails.
///
/// # Safety
///
/// `skb` is a socket buffer for netlink that nobody else uses, `family` is registered.
pub(super) unsafe fn write(
    skb: NonNull<bindings::sk_buff>,
    family: *const bindings::genl_family,
    to: &Envelope,
    fill: impl FnOnce(&mut Message<'_>) -> Result,
) -> Result {
    // SAFETY: The buffer is netlink's and no other task uses it; `family` is registered, so that it has its number and its
    // header's length.
    let header = unsafe {
        bindings::genlmsg_put(
            skb.as_ptr(),
            to.portid,
            to.seq,
            family,
            to.flags as c_int,
            to.cmd,
        )
    };
    if header.is_null() {
        return Err(EMSGSIZE);
    }
    let result = {
        // INVARIANT: The header is there, and the buffer is the caller's. It ends in this message up to the end of this
        // block, at which the value is dropped.
        let mut message = Message {
            skb,
            failed: Failed(false),
            _skb: PhantomData,
            _not_send: NotThreadSafe,
        };
        match fill(&mut message) {
            Ok(()) if message.failed.0 => Err(EMSGSIZE),
            result => result,
        }
    };
    // SAFETY: `genlmsg_put()` has returned the header, of the last message in the buffer. No `Message` is left of it, so that
    // nothing is put behind the length that this writes.
    unsafe {
        match result {
            Ok(()) => bindings::genlmsg_end(skb.as_ptr(), header),
            Err(_) => bindings::genlmsg_cancel(skb.as_ptr(), header),
        }
    }
    result
}

/// A socket buffer of one's own.
///
/// # Invariants
///
/// It is for netlink, and this value owns it.
pub(super) struct Buffer(NonNull<bindings::sk_buff>);

impl Buffer {
    /// Allocates one of the usual size, which is that of a page. It may sleep.
    pub(super) fn new() -> Result<Self> {
        let (size, gfp) = (bindings::GENLMSG_DEFAULT_SIZE, bindings::GFP_KERNEL);
        // SAFETY: There are no requirements.
        let skb = unsafe { bindings::genlmsg_new(size, gfp) };
        // INVARIANT: It has just been made for us.
        NonNull::new(skb).map(Self).ok_or(ENOMEM)
    }

    pub(super) fn get(&self) -> NonNull<bindings::sk_buff> {
        self.0
    }

    /// Returns it to be given away.
    pub(super) fn into_raw(self) -> *mut bindings::sk_buff {
        let skb = self.0.as_ptr();
        core::mem::forget(self);
        skb
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        // SAFETY: By the type invariants it is ours.
        unsafe { bindings::nlmsg_free(self.0.as_ptr()) };
    }
}

/// A part of the answer to a dump, with room for some messages.
///
/// # Invariants
///
/// `skb` is the buffer that C wants filled during `'d`, for a dump of a command of `family`, which is registered.
pub struct Dump<'d> {
    pub(super) skb: NonNull<bindings::sk_buff>,
    pub(super) family: *const bindings::genl_family,
    pub(super) to: Envelope,
    pub(super) _call: PhantomData<&'d mut ()>,
}

impl Dump<'_> {
    /// Adds a message.
    ///
    /// # Errors
    ///
    /// `EMSGSIZE` when this part is full: the command returns that, and is called again with the next part, and
    /// with the cursor as it has left it. And what `fill` returns. Nothing has been added then.
    pub fn message(&mut self, fill: impl FnOnce(&mut Message<'_>) -> Result) -> Result {
        // SAFETY: `netlink_dump()` has allocated the buffer for this call, and the family of a command that is called is
        // registered.
        unsafe { write(self.skb, self.family, &self.to, fill) }
    }
}
