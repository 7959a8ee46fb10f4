// SPDX-License-Identifier: GPL-2.0

//! Commands, and the functions that C calls for them.

use super::{
    super::bindings,
    attribute::{
        largest,
        policy,
        Attribute,
        NUMBERS, //
    },
    family::{
        Family,
        Serve, //
    },
    message::Dump,
    request::Request,
    table::{
        Commands,
        Permission,
        Table,
        CAP_DO,
        CAP_DUMP, //
    }, //
};
use core::{
    marker::PhantomData,
    mem::{
        align_of,
        size_of, //
    },
    ptr::NonNull, //
};
use kernel::{
    build_error,
    error::VTABLE_DEFAULT_ERROR,
    ffi::{
        c_int,
        c_long, //
    },
    prelude::*, //
};

/// A command of a family.
///
/// It has one of the two methods, or both. Process context, may sleep. They run at once with those of other
/// senders, and with hooks. They must not wait for who loads or unloads a module with a family.
#[vtable]
pub trait Command: 'static {
    /// The module whose family it is of.
    type Module: Serve;

    /// Where a dump goes on: all zeroes when it begins. For a command without one, `u64` say.
    // `Send`, since whoever reads the dump goes on with it.
    type Cursor: Copy + Zeroable + Send;

    /// Its number.
    const CMD: u8;

    /// Who may call it.
    const PERMISSION: Permission;

    /// What the request of `doit` may have. That of `dumpit` has nothing.
    const ATTRIBUTES: &'static [Attribute] = &[];

    /// Does what is asked, and answers by [`Request::reply()`].
    ///
    /// # Errors
    ///
    /// An error goes to who asks.
    fn doit(_module: Pin<&Self::Module>, _request: &Request<'_>) -> Result {
        build_error!(VTABLE_DEFAULT_ERROR)
    }

    /// Adds the messages of a dump, as many as there is room for, and moves the cursor behind each of them.
    ///
    /// It is called again until it returns `Ok`, as the reader makes room, with anything happening in between.
    /// While a dump goes on the module cannot be unloaded.
    ///
    /// # Errors
    ///
    /// `EMSGSIZE` of [`Dump::message()`] is passed on. Another error ends the dump, and goes to who asks.
    fn dumpit(
        _module: Pin<&Self::Module>,
        _request: &Request<'_>,
        _cursor: &mut Self::Cursor,
        _dump: &mut Dump<'_>,
    ) -> Result {
        build_error!(VTABLE_DEFAULT_ERROR)
    }
}

impl<M> Table<M> {
    const fn with<C: Command<Module = M>>(mut self) -> Self {
        assert!(C::HAS_DOIT || C::HAS_DUMPIT, "a command has doit or dumpit");
        assert!(C::CMD > 0, "a command has a number");
        // INVARIANT: `C` is a command of `M`.
        if C::HAS_DOIT {
            self = self.add(Op::<C>::DOIT);
        }
        if C::HAS_DUMPIT {
            self = self.add(Op::<C>::DUMPIT);
        }
        self
    }
}

/// What C knows of a command.
struct Op<C>(PhantomData<C>);

impl<C: Command> Op<C> {
    const LARGEST: u16 = largest(C::ATTRIBUTES);
    const POLICY: &'static [bindings::nla_policy; NUMBERS] = &policy(C::ATTRIBUTES);
    // CAST: The flags are few.
    const PERMISSION: u8 = match C::PERMISSION {
        Permission::Anybody => 0,
        Permission::NetAdmin => bindings::GENL_ADMIN_PERM as u8,
    };

    const DOIT: bindings::genl_split_ops = bindings::genl_split_ops {
        __bindgen_anon_1: bindings::genl_split_ops__bindgen_ty_1 {
            __bindgen_anon_1: bindings::genl_split_ops__bindgen_ty_1__bindgen_ty_1 {
                pre_doit: None,
                doit: Some(Self::doit),
                post_doit: None,
            },
        },
        // Without a policy C refuses every attribute.
        policy: if Self::LARGEST > 0 {
            Self::POLICY.as_ptr()
        } else {
            core::ptr::null()
        },
        maxattr: Self::LARGEST as u32,
        cmd: C::CMD,
        flags: Self::PERMISSION | CAP_DO,
        internal_flags: 0,
        validate: 0,
    };

    const DUMPIT: bindings::genl_split_ops = bindings::genl_split_ops {
        __bindgen_anon_1: bindings::genl_split_ops__bindgen_ty_1 {
            __bindgen_anon_2: bindings::genl_split_ops__bindgen_ty_1__bindgen_ty_2 {
                start: None,
                dumpit: Some(Self::dumpit),
                done: None,
            },
        },
        policy: core::ptr::null(),
        maxattr: 0,
        cmd: C::CMD,
        flags: Self::PERMISSION | CAP_DUMP,
        internal_flags: 0,
        validate: 0,
    };

    /// # Safety
    ///
    /// `info` is that of a call of this command of a registered [`Family`] of `C::Module`, as in
    /// `genl_family_rcv_msg_doit()`.
    unsafe extern "C" fn doit(
        _skb: *mut bindings::sk_buff,
        info: *mut bindings::genl_info,
    ) -> c_int {
        // SAFETY: C has parsed so many attributes, and unregistering the family waits until we have returned:
        // `genl_rcv()` holds `cb_lock`.
        let request = unsafe { Request::new(info, Self::LARGEST) };
        // SAFETY: The family is a `Family` of that module, and is registered.
        let module = unsafe { Family::<C::Module>::module_of(request.family()) };
        match C::doit(module, &request) {
            Ok(()) => 0,
            Err(error) => error.to_errno(),
        }
    }

    /// # Safety
    ///
    /// `cb` is that of a dump of this command of a registered [`Family`] of `C::Module`, and `skb` is to be filled, as in
    /// `genl_dumpit()`.
    unsafe extern "C" fn dumpit(
        skb: *mut bindings::sk_buff,
        cb: *mut bindings::netlink_callback,
    ) -> c_int {
        const {
            assert!(
                size_of::<C::Cursor>() <= bindings::NETLINK_CTX_SIZE as usize
                    && align_of::<C::Cursor>() <= align_of::<c_long>(),
                "the cursor has 48 bytes at most"
            )
        };
        let Some(skb) = NonNull::new(skb) else {
            return EINVAL.to_errno();
        };
        // SAFETY: `genl_start()` has put it there, and the module that has the family cannot go while the dump goes
        // on: `__netlink_dump_start()` holds a reference on it. No attribute has been parsed.
        let request = unsafe {
            Request::new(
                &raw const (*(*cb).data.cast::<bindings::genl_dumpit_info>()).info,
                0,
            )
        };
        // SAFETY: The family is a `Family` of that module, and is registered.
        let module = unsafe { Family::<C::Module>::module_of(request.family()) };
        // SAFETY: It is zeroed when the dump begins, and nobody but us uses it; by the assertion above there is room.
        // Calls of one dump come one after another.
        let cursor = unsafe { &mut *(&raw mut (*cb).__bindgen_anon_1).cast::<C::Cursor>() };
        // INVARIANT: `netlink_dump()` has allocated the buffer for this call, and `cb` holds the family's module.
        let mut dump = Dump {
            skb,
            family: request.family(),
            to: request.envelope(bindings::NLM_F_MULTI),
            _call: PhantomData,
        };
        match C::dumpit(module, &request, cursor, &mut dump) {
            Ok(()) => 0,
            // `netlink_dump()` knows what `EMSGSIZE` means when something did fit.
            Err(error) => error.to_errno(),
        }
    }
}

macro_rules! tuple {
    ($($command:ident),+) => {
        impl<M, $($command: Command<Module = M>),+> Commands<M> for ($($command,)+) {
            #[allow(private_interfaces)]
            const TABLE: Table<M> = Table::new()$(.with::<$command>())+;
        }
    };
}

tuple!(A);
tuple!(A, B);
tuple!(A, B, C);
tuple!(A, B, C, D);
tuple!(A, B, C, D, E);
tuple!(A, B, C, D, E, F);
tuple!(A, B, C, D, E, F, G);
tuple!(A, B, C, D, E, F, G, H);
