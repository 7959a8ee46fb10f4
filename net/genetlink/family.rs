// SPDX-License-Identifier: GPL-2.0

//! The static that the kernel's list of families links.

use super::{
    super::{
        bindings,
        names::are_same,
        pernet::{
            Gate,
            Module,
            Part,
            Registrar, //
        }, //
    },
    message::{
        self,
        Buffer,
        Envelope, //
    },
    table::{
        Commands,
        Permission,
        Table, //
    },
    Message, //
};
use core::{
    cell::Cell,
    marker::PhantomData,
    ptr, //
};
use kernel::{
    error::to_result,
    ffi::{
        c_char,
        c_uint, //
    },
    prelude::*,
    types::Opaque, //
};

/// A module that has a family.
pub trait Serve: Module {
    /// The name of the family: 1 to 15 bytes. `EEXIST` when the module is loaded, if it is taken; `insmod` is told `EBUSY`.
    const NAME: &'static CStr;

    /// The version, which every message has.
    const VERSION: u32 = 1;

    /// The groups that events go to.
    const GROUPS: &'static [Group] = &[];

    /// Its commands.
    type Commands: Commands<Self>;
}

/// Writes a name, and the zero behind it; nothing of one that is too long.
const fn name<const LEN: usize>(called: &CStr) -> [c_char; LEN] {
    let bytes = called.to_bytes();
    let mut to = [0; LEN];
    let mut i = 0;
    while bytes.len() < LEN && i < bytes.len() {
        // CAST: It is a byte either way.
        to[i] = bytes[i] as c_char;
        i += 1;
    }
    to
}

/// Writes the name of a family.
const fn family_name<const LEN: usize>(called: &CStr) -> [c_char; LEN] {
    // `genl_register_family()` takes these for those that it has fixed numbers for, and has a `BUG_ON()` for their groups.
    let taken: [&[u8]; 3] = [b"NET_DM", b"VFS_DQUOT", b"pmcraid"];
    let mut i = 0;
    while i < taken.len() {
        assert!(
            !are_same(called.to_bytes(), taken[i]),
            "the name of a family that the kernel knows by its name"
        );
        i += 1;
    }
    let name = name(called);
    assert!(name[0] != 0, "a name has 1 to 15 bytes");
    name
}

/// A group that one listens to for events.
#[repr(transparent)]
pub struct Group(bindings::genl_multicast_group);

impl Group {
    /// Makes one, with a name of 1 to 15 bytes. A family whose groups have another one does not compile.
    //
    // It may be called at any time, in a hook, too, and must not panic: what is wrong has no name.
    pub const fn new(called: &CStr, who: Permission) -> Self {
        Self(bindings::genl_multicast_group {
            name: name(called),
            flags: match who {
                Permission::Anybody => 0,
                Permission::NetAdmin => bindings::GENL_MCAST_CAP_NET_ADMIN,
            },
        })
    }
}

/// A family of generic netlink: what C calls a `static struct genl_family`, and the state of its module.
///
/// It does nothing by itself; [`Registrar::register_family()`] sees to it that it is registered.
///
/// [`Registrar::register_family()`]: super::super::pernet::Registrar::register_family
///
/// # Examples
///
/// ```
/// # use kernel::{
/// #     net::{genetlink::{self, *}, pernet::{self, *}},
/// #     prelude::*,
/// # };
/// # struct Sample;
/// # impl pernet::Module for Sample {
/// #     fn init(_: &'static ThisModule) -> impl PinInit<Self, Error> {
/// #         Ok(Self)
/// #     }
/// #     fn start(self: Pin<&Self>, registrar: &mut Registrar<'_, Self>) -> Result {
/// #         registrar.register_family(&FAMILY)
/// #     }
/// # }
/// # struct RowGet;
/// # #[vtable]
/// # impl genetlink::Command for RowGet {
/// #     type Module = Sample;
/// #     type Cursor = u64;
/// #     const CMD: u8 = 1;
/// #     const PERMISSION: Permission = Permission::NetAdmin;
/// #     fn doit(_: Pin<&Sample>, _: &Request<'_>) -> Result {
/// #         Ok(())
/// #     }
/// # }
/// # impl genetlink::Serve for Sample {
/// #     const NAME: &'static CStr = c"pernet_doctest";
/// #     const GROUPS: &'static [Group] = &[Group::new(c"events", Permission::NetAdmin)];
/// #     type Commands = (RowGet,);
/// # }
/// static FAMILY: genetlink::Family<Sample> = genetlink::Family::new();
/// # kernel::pernet_claim!(Sample);
/// # let module = kernel::module::this_module::<crate::LocalModule>();
/// # // SAFETY: Examples are built into the kernel, whose text stays.
/// # let host = unsafe { Host::<Sample>::load(module, c"sample") };
/// # drop(KBox::try_pin_init(host, GFP_KERNEL)?);
/// # Ok::<(), Error>(())
/// ```
///
/// # Invariants
///
/// - the functions of `raw` are those of commands of exactly `M`;
/// - while `raw` is registered, `module` points to the state of the module, which is pinned and shared;
/// - while `gate` is open, `raw` is registered.
//
// C finds the rest by `raw`, which comes first.
#[repr(C)]
pub struct Family<M: Serve> {
    raw: Opaque<bindings::genl_family>,
    module: Cell<*const M>,
    gate: Gate,
    _module: PhantomData<fn(M) -> M>,
}

// SAFETY: `module` and the fields of `raw` that are not constant are written by the task that loads the module, before
// the family is registered or by registering it; they are read by commands, and by who has passed the gate.
unsafe impl<M: Serve> Sync for Family<M> {}

impl<M: Serve> Family<M> {
    const NAME: [c_char; bindings::GENL_NAMSIZ as usize] = family_name(M::NAME);
    const TABLE: Table<M> = <M::Commands as Commands<M>>::TABLE;
    const GROUPS: u8 = {
        let groups = M::GROUPS;
        assert!(groups.len() <= 255, "too many groups");
        let mut i = 0;
        while i < groups.len() {
            assert!(
                groups[i].0.name[0] != 0,
                "a group has a name of 1 to 15 bytes"
            );
            i += 1;
        }
        // CAST: It has just been made sure of.
        groups.len() as u8
    };

    /// Makes the family of a module.
    // It is for a static. What may be wrong is constant, so that it does not panic when it is called elsewhere.
    #[allow(clippy::new_without_default)]
    pub const fn new() -> Self {
        let table: &'static Table<M> = &Self::TABLE;
        // INVARIANT: Nothing is registered, and the commands are those of `M`.
        Self {
            raw: Opaque::new(bindings::genl_family {
                name: Self::NAME,
                version: M::VERSION,
                split_ops: (&raw const table.ops).cast(),
                n_split_ops: table.len,
                mcgrps: M::GROUPS.as_ptr().cast(),
                n_mcgrps: Self::GROUPS,
                ..pin_init::zeroed()
            }),
            module: Cell::new(ptr::null()),
            gate: Gate::closed(),
            _module: PhantomData,
        }
    }

    /// Returns the state of the module that a family is of.
    ///
    /// # Safety
    ///
    /// `raw` is that of a `Family<M>` that is registered, and stays so as long as the result is used.
    pub(super) unsafe fn module_of<'a>(raw: *const bindings::genl_family) -> Pin<&'a M> {
        // SAFETY: It is the first field of a `Family`. By the type invariants the state is there.
        unsafe { Pin::new_unchecked(&*(*raw.cast::<Self>()).module.get()) }
    }

    /// Takes note of the state of the module.
    ///
    /// # Safety
    ///
    /// It is not registered, and nobody else calls this. The state stays, pinned and shared, until the family has been
    /// unregistered.
    pub(in super::super) unsafe fn set_module(&self, module: Pin<&M>) {
        self.module.set(ptr::from_ref(module.get_ref()));
    }

    /// Sends an event to all who listen to a group, by its place in [`Serve::GROUPS`].
    ///
    /// To a group for [`Permission::NetAdmin`] listens who had `CAP_NET_ADMIN` in the initial user namespace when the socket
    /// was opened, and when it joined: C lets anybody join a group that no family has yet.
    ///
    /// Where nobody listens, and while the family is not registered, nothing is done. Unregistering waits for
    /// this. Process context; it may sleep.
    ///
    /// C: `genlmsg_multicast()`.
    ///
    /// # Errors
    ///
    /// `ENOMEM`, `ENOBUFS`: somebody has not got it. `EINVAL`: there is no such group. And what `fill` returns.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::{
    /// #     net::{genetlink::{self, *}, pernet::{self, *}},
    /// #     prelude::*,
    /// # };
    /// # struct Sample;
    /// # impl pernet::Module for Sample {
    /// #     fn init(_: &'static ThisModule) -> impl PinInit<Self, Error> {
    /// #         Ok(Self)
    /// #     }
    /// #     fn start(self: Pin<&Self>, registrar: &mut Registrar<'_, Self>) -> Result {
    /// #         registrar.register_family(&FAMILY)
    /// #     }
    /// # }
    /// # struct RowGet;
    /// # #[vtable]
    /// # impl genetlink::Command for RowGet {
    /// #     type Module = Sample;
    /// #     type Cursor = u64;
    /// #     const CMD: u8 = 1;
    /// #     const PERMISSION: Permission = Permission::NetAdmin;
    /// #     fn doit(_: Pin<&Sample>, _: &Request<'_>) -> Result {
    /// #         Ok(())
    /// #     }
    /// # }
    /// # impl genetlink::Serve for Sample {
    /// #     const NAME: &'static CStr = c"pernet_doctest";
    /// #     const GROUPS: &'static [Group] = &[Group::new(c"events", Permission::NetAdmin)];
    /// #     type Commands = (RowGet,);
    /// # }
    /// # static FAMILY: genetlink::Family<Sample> = genetlink::Family::new();
    /// # const CMD_CREATED: u8 = 2;
    /// # const A_COOKIE: u16 = 1;
    /// # const A_PAD: u16 = 2;
    /// # let net = kernel::net::namespace::Net::current()?;
    /// # kernel::pernet_claim!(Sample);
    /// # let module = kernel::module::this_module::<crate::LocalModule>();
    /// # // SAFETY: Examples are built into the kernel, whose text stays.
    /// # let host = unsafe { Host::<Sample>::load(module, c"sample") };
    /// # let loaded = KBox::try_pin_init(host, GFP_KERNEL)?;
    /// FAMILY.multicast(0, CMD_CREATED, |message| message.put_u64(A_COOKIE, net.cookie(), A_PAD))?;
    /// # drop(loaded);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn multicast(
        &'static self,
        group: usize,
        cmd: u8,
        fill: impl FnOnce(&mut Message<'_>) -> Result,
    ) -> Result {
        let Some(_pass) = self.gate.enter() else {
            return Ok(());
        };
        let Some(Group(called)) = M::GROUPS.get(group) else {
            return Err(EINVAL);
        };
        // CAST: There are 255 at most.
        let group = group as c_uint;
        let family = self.raw.get();
        // SAFETY: By the type invariants the family is registered, and stays so while we hold the pass.
        if unsafe { bindings::genl_has_listeners(family, &raw mut bindings::init_net, group) == 0 }
        {
            return Ok(());
        }
        let buffer = Buffer::new()?;
        let to = Envelope {
            portid: 0,
            seq: 0,
            flags: 0,
            cmd,
        };
        // SAFETY: The buffer is ours; the family as above.
        unsafe { message::write(buffer.get(), family, &to, fill) }?;
        // SAFETY: As above; the buffer is given away.
        let result = to_result(unsafe {
            let (skb, gfp) = (buffer.into_raw(), bindings::GFP_KERNEL);
            match called.flags {
                0 => bindings::genlmsg_multicast(family, skb, 0, group, gfp),
                _ => bindings::genlmsg_multicast_to_admins(family, skb, group, gfp),
            }
        });
        match result {
            // The last one has gone meanwhile.
            Err(error) if error == ESRCH => Ok(()),
            other => other,
        }
    }
}

// SAFETY: `stop()` waits for commands and dumps, and for events by the gate.
unsafe impl<M: Serve> Part for Family<M> {
    unsafe fn start(&'static self, this: &'static ThisModule) -> Result {
        let family = self.raw.get();
        // SAFETY: It is not registered, so that nobody else looks at it. It is in a static.
        unsafe {
            (*family).module = this.as_ptr();
            // Commands look after themselves; and it is not shown elsewhere.
            (*family).set_parallel_ops(1);
            (*family).set_netnsok(0);
        }
        // SAFETY: It is complete, and in a static. By the type invariants its commands are those of `M`, whose state is
        // there. Dumps hold a reference on the module; as it does not fail to load after this, it does not go while
        // there is one.
        to_result(unsafe { bindings::genl_register_family(family) })?;
        // INVARIANT: It is registered now.
        self.gate.open();
        Ok(())
    }

    unsafe fn stop(&'static self) {
        self.gate.close(core::any::type_name::<Self>);
        // SAFETY: `start()` has registered it. When this has returned no command runs, since they run under `cb_lock`. Nor
        // does a dump: `__netlink_dump_start()` holds a reference on the module while one goes on, so that the module is
        // not unloaded; and it does not fail to load once the family is registered.
        unsafe { bindings::genl_unregister_family(self.raw.get()) };
    }
}

impl<M: Serve> Registrar<'_, M> {
    /// Names the family of the module.
    ///
    /// It is registered when [`Module::start()`] has succeeded, after everything else, and is the first to be
    /// unregistered. Its commands run from then on, on this and on other CPUs.
    ///
    /// C: `genl_register_family()`.
    ///
    /// # Errors
    ///
    /// `EBUSY` if one has been named. Registering it may fail, too, and the load of the module with it: with
    /// `EEXIST` if there is a family of that name, and `ENOMEM`.
    pub fn register_family(&mut self, family: &'static Family<M>) -> Result {
        self.set_last_part(family, |state| {
            // SAFETY: A `Family<M>` is registered by the `Registrations` of the only `Host<M>` that is ever made, see
            // `Claim`. `set_last_part()` calls this for the first family only. The state is in the same `Host`, which stops
            // the family before it drops the state.
            unsafe { family.set_module(state) }
        })
    }
}
