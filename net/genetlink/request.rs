// SPDX-License-Identifier: GPL-2.0

//! What a command was asked.

use super::{
    super::bindings,
    message::{
        self,
        Buffer,
        Envelope, //
    },
    Message, //
};
use core::marker::PhantomData;
use kernel::{
    ffi::c_char,
    prelude::*,
    str::CStrExt,
    types::NotThreadSafe, //
};

/// What a command was asked, and who asks.
///
/// # Invariants
///
/// - `info` is that of a call of a command during `'r`; its family is registered;
/// - `info.attrs` is null, or has `largest + 1` elements, each of which is null or an attribute of the request.
pub struct Request<'r> {
    info: &'r bindings::genl_info,
    largest: u16,
    _not_send: NotThreadSafe,
    _call: PhantomData<fn(&'r ()) -> &'r ()>,
}

impl<'r> Request<'r> {
    /// # Safety
    ///
    /// As the invariants say, for the duration of `'r`.
    pub(super) unsafe fn new(info: *const bindings::genl_info, largest: u16) -> Self {
        // INVARIANT: By this function's safety requirement.
        Self {
            // SAFETY: As above; C does not write it during the call.
            info: unsafe { &*info },
            largest,
            _not_send: NotThreadSafe,
            _call: PhantomData,
        }
    }

    /// Returns the attribute's value, which is so long.
    fn payload<const LEN: usize>(&self, attribute: u16) -> Option<[u8; LEN]> {
        if self.info.attrs.is_null() || attribute > self.largest {
            return None;
        }
        // SAFETY: By the type invariants it has that many elements.
        let found = unsafe { *self.info.attrs.add(attribute.into()) };
        if found.is_null() {
            return None;
        }
        // SAFETY: By the type invariants it is an attribute, whose length C has checked.
        unsafe {
            if usize::from((*found).nla_len) != size_of::<bindings::nlattr>() + LEN {
                return None;
            }
            Some(found.add(1).cast::<[u8; LEN]>().read_unaligned())
        }
    }

    /// Returns a number of 32 bits, if it was given. It is among [`ATTRIBUTES`](super::Command::ATTRIBUTES).
    pub fn u32(&self, attribute: u16) -> Option<u32> {
        self.payload(attribute).map(u32::from_ne_bytes)
    }

    /// Returns a number of 64 bits, if it was given. It is among [`ATTRIBUTES`](super::Command::ATTRIBUTES).
    pub fn u64(&self, attribute: u16) -> Option<u64> {
        self.payload(attribute).map(u64::from_ne_bytes)
    }

    /// Returns whether a flag was given. It is among [`ATTRIBUTES`](super::Command::ATTRIBUTES).
    pub fn flag(&self, attribute: u16) -> bool {
        self.payload::<0>(attribute).is_some()
    }

    /// Says in addition to the error that the command is about to return what is wrong, in 65,530 bytes at most: an attribute
    /// has no room for a longer text, of which nothing is said.
    ///
    /// C: `NL_SET_ERR_MSG()`.
    pub fn explain(&self, message: &'static CStr) {
        let extack = self.info.extack;
        if extack.is_null()
            || message.to_bytes_with_nul().len()
                > usize::from(u16::MAX) - size_of::<bindings::nlattr>()
        {
            return;
        }
        // SAFETY: C has one for us during the call, and copies the text before the family can go, and with it the text.
        unsafe { (*extack)._msg = message.as_char_ptr().cast::<c_char>() };
    }

    /// Answers with a message.
    ///
    /// C: `genlmsg_reply()`. Process context; it may sleep.
    ///
    /// # Errors
    ///
    /// `ENOMEM`; what `fill` returns; and what C says of a receiver that is gone or does not read.
    pub fn reply(&self, fill: impl FnOnce(&mut Message<'_>) -> Result) -> Result {
        let buffer = Buffer::new()?;
        // SAFETY: The buffer is ours, and by the type invariants the family is registered.
        unsafe { message::write(buffer.get(), self.info.family, &self.envelope(0), fill) }?;
        // SAFETY: By the type invariants C's structure is that of a call. The buffer is given away.
        kernel::error::to_result(unsafe {
            bindings::genlmsg_reply(buffer.into_raw(), core::ptr::from_ref(self.info).cast_mut())
        })
    }

    /// Returns what the answer's header says.
    pub(super) fn envelope(&self, flags: u32) -> Envelope {
        Envelope {
            portid: self.info.snd_portid,
            seq: self.info.snd_seq,
            flags,
            // SAFETY: By the type invariants C's structure is that of a call, which has a header.
            cmd: unsafe { (*self.info.genlhdr).cmd },
        }
    }

    pub(super) fn family(&self) -> *const bindings::genl_family {
        self.info.family
    }
}

#[cfg(CONFIG_RUST_PERNET_KUNIT_TEST)]
#[kernel::macros::kunit_tests(rust_pernet_genetlink)]
mod tests {
    use super::*;
    use core::mem::MaybeUninit;

    /// The longest text that an attribute has room for, and one that is longer.
    static ROOM: [u8; 65_531] = text();
    static LONG: [u8; 65_532] = text();

    const fn text<const LEN: usize>() -> [u8; LEN] {
        let mut text = [b'x'; LEN];
        text[LEN - 1] = 0;
        text
    }

    #[test]
    fn a_text_that_has_no_room_is_not_said() -> Result {
        let text = |bytes| CStr::from_bytes_with_nul(bytes).map_err(|_| EINVAL);
        let (room, long) = (text(&ROOM)?, text(&LONG)?);
        let mut extack: bindings::netlink_ext_ack = pin_init::zeroed();
        let info = MaybeUninit::<bindings::genl_info>::zeroed();
        // SAFETY: It has numbers, pointers that may be null, and bytes.
        let mut info = unsafe { info.assume_init() };
        info.extack = &raw mut extack;
        // SAFETY: There are no attributes, and no caller reads the family.
        let request = unsafe { Request::new(&raw const info, 0) };
        request.explain(long);
        // SAFETY: It is a field of this function's own structure.
        assert!(unsafe { (*info.extack)._msg.is_null() });
        request.explain(room);
        // SAFETY: As above.
        assert_eq!(unsafe { (*info.extack)._msg }, room.as_char_ptr());
        Ok(())
    }
}
