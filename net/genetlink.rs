// SPDX-License-Identifier: GPL-2.0

//! Generic netlink: a family of commands that user space calls, and the events that it is told of.
//!
//! C header: [`include/net/genetlink.h`](srctree/include/net/genetlink.h)
//!
//! - [`Serve`] is implemented by the module's state: the name of the family, its commands and its groups;
//! - [`Command`] is implemented by a type for each command; its methods are C's `doit` and `dumpit`;
//! - [`Family`] is the static that the kernel links, and that events are sent through;
//! - [`Request`] is what a command was asked, [`Message`] what it answers.
//!
//! [`Registrar::register_family()`](super::pernet::Registrar::register_family) names the family while the
//! module starts. It is registered when the module has started, after everything else and when nothing can fail
//! any more, and it is the first to go: so a command finds all pernet operations of its module registered.
//!
//! A family is there in the initial network namespace only. What it is asked is checked as strictly as the
//! kernel can: an attribute that a command does not name, of a wrong length, or with bytes behind it is refused
//! before the command is called. Commands of several senders run at once.
//!
//! Not supported: families of other namespaces, headers of one's own, attributes that are nested in a request.
//!
//! # Examples
//!
//! ```
//! # use kernel::{
//! #     net::{genetlink::{self, *}, pernet::{self, *}},
//! #     prelude::*,
//! # };
//! # const A_ID: u16 = 1;
//! # const A_VALUE: u16 = 2;
//! # struct Sample;
//! # impl pernet::Module for Sample {
//! #     fn init(_: &'static ThisModule) -> impl PinInit<Self, Error> {
//! #         Ok(Self)
//! #     }
//! #     fn start(self: Pin<&Self>, registrar: &mut Registrar<'_, Self>) -> Result {
//! #         registrar.register_family(&FAMILY)
//! #     }
//! # }
//! # impl Sample {
//! #     fn find(&self, id: u64) -> Option<u32> {
//! #         (id < 3).then_some(7)
//! #     }
//! #     fn find_from(&self, id: u64) -> Option<(u64, u32)> {
//! #         Some((id, self.find(id)?))
//! #     }
//! # }
//! struct RowGet;
//!
//! #[vtable]
//! impl genetlink::Command for RowGet {
//!     type Module = Sample;
//!     type Cursor = u64;
//!     const CMD: u8 = 1;
//!     const PERMISSION: Permission = Permission::NetAdmin;
//!     const ATTRIBUTES: &'static [Attribute] = &[Attribute::u64(A_ID)];
//!
//!     fn doit(sample: Pin<&Sample>, request: &Request<'_>) -> Result {
//!         let id = request.u64(A_ID).ok_or(EINVAL)?;
//!         let value = sample.find(id).ok_or(ENOENT)?;
//!         request.reply(|message| message.put_u32(A_VALUE, value))
//!     }
//!
//!     fn dumpit(
//!         sample: Pin<&Sample>,
//!         _: &Request<'_>,
//!         next: &mut u64,
//!         dump: &mut Dump<'_>,
//!     ) -> Result {
//!         while let Some((id, value)) = sample.find_from(*next) {
//!             dump.message(|message| message.put_u32(A_VALUE, value))?;
//!             *next = id + 1;
//!         }
//!         Ok(())
//!     }
//! }
//!
//! impl genetlink::Serve for Sample {
//!     const NAME: &'static CStr = c"sample";
//!     const GROUPS: &'static [Group] = &[Group::new(c"events", Permission::NetAdmin)];
//!     type Commands = (RowGet,);
//! }
//!
//! static FAMILY: genetlink::Family<Sample> = genetlink::Family::new();
//! # kernel::pernet_claim!(Sample);
//! # let module = kernel::module::this_module::<crate::LocalModule>();
//! # // SAFETY: Examples are built into the kernel, whose text stays.
//! # let host = unsafe { Host::<Sample>::load(module, c"sample") };
//! # drop(KBox::try_pin_init(host, GFP_KERNEL)?);
//! # Ok::<(), Error>(())
//! ```
//
// `kernel::net::netlink` has families that send events, and its types cannot be extended from another crate.
// `Family::const_new()` takes no operations, so that its families have no commands. `GenlMsg` and `NetlinkSkBuff`
// keep their buffer to themselves: no reply can be sent, no dump written into the buffer that C passes, and no u64
// attribute put. `multicast()` sends to all members of a group, without the check of each socket's capability
// that an event for CAP_NET_ADMIN needs. Linux 7.2 has none of it.

mod attribute;
mod command;
mod family;
mod message;
mod request;
mod table;

pub use attribute::Attribute;
pub use command::Command;
pub use family::{
    Family,
    Group,
    Serve, //
};
pub use message::{
    Dump,
    Message, //
};
pub use request::Request;
pub use table::{
    Commands,
    Permission, //
};
