// SPDX-License-Identifier: GPL-2.0

//! A kernel module with pernet operations.

#[cfg(CONFIG_DEBUG_FS)]
use super::debugfs::File;
use super::{
    super::kernels::init_at,
    registrar::{
        Registrar,
        Registrations, //
    }, //
};
use kernel::{
    prelude::*,
    sync::atomic::{
        Atomic,
        Full, //
    },
    types::Opaque, //
};

/// The state of a module that has pernet operations, shared by all their hooks.
///
/// A module is loaded in two steps, since hooks run as soon as something is registered: first the state
/// is made, while nothing is registered; then [`start()`](Self::start) registers, and the hooks find the
/// state complete. When the module goes, or `start` fails, all is unregistered, the last first, and then
/// the state is dropped.
pub trait Module: Send + Sync + Sized + 'static {
    /// Makes the state. No hook runs yet.
    fn init(module: &'static ThisModule) -> impl PinInit<Self, Error>;

    /// Registers. Hooks run from the first registration on, on this and on other CPUs.
    ///
    /// # Errors
    ///
    /// An error makes the load of the module fail with it; what was registered is undone.
    fn start(self: Pin<&Self>, registrar: &mut Registrar<'_, Self>) -> Result;
}

/// A [`Module`] that [`pernet_module!`] makes a kernel module of.
///
/// The macro implements it, and so but once for each type: built into the kernel, one crate may be several modules, and two
/// of one type would register one static twice.
///
/// # Safety
///
/// [`claimed()`](Self::claimed) returns the same static always, which is `false` at first and is written only by
/// [`Host::load()`].
#[doc(hidden)]
pub unsafe trait Claim: Module {
    /// Returns what is set when the state is made.
    fn claimed() -> &'static Atomic<bool>;
}

/// Implements [`Claim`].
#[doc(hidden)]
#[macro_export]
macro_rules! pernet_claim {
    ($state:ty) => {
        // SAFETY: The function has a static of its own, which no other code can name.
        unsafe impl $crate::net::pernet::Claim for $state {
            fn claimed() -> &'static ::kernel::sync::atomic::Atomic<bool> {
                static CLAIMED: ::kernel::sync::atomic::Atomic<bool> =
                    ::kernel::sync::atomic::Atomic::<bool>::new(false);
                &CLAIMED
            }
        }
    };
}

/// The state of a loaded module together with what it has registered.
///
/// # Invariants
///
/// - `state` is initialised, and only shared references to it are used;
/// - there is no other `Host<M>`.
#[doc(hidden)]
#[pin_data(PinnedDrop)]
pub struct Host<M: Module> {
    #[cfg(CONFIG_DEBUG_FS)]
    file: File,
    registrations: Registrations,
    // Opaque, since hooks on other CPUs have references to it while we have an exclusive one to `self`.
    #[pin]
    state: Opaque<M>,
}

// SAFETY: The state is `Send`, and operations may be unregistered by any task.
unsafe impl<M: Module> Send for Host<M> {}

// SAFETY: The state is `Sync`, and a shared reference gives nothing else.
unsafe impl<M: Module> Sync for Host<M> {}

impl<M: Module> Host<M> {
    /// Makes the state, and then starts the module. `name` is what it is known by if it is built in.
    ///
    /// # Errors
    ///
    /// `EBUSY` when there has been one, and whatever [`Module::init()`] and [`Module::start()`] return.
    ///
    /// # Safety
    ///
    /// The first one is dropped before the text of the module goes.
    pub unsafe fn load(
        module: &'static ThisModule,
        name: &'static CStr,
    ) -> impl PinInit<Self, Error>
    where
        M: Claim,
    {
        // INVARIANT: The static is that of the type, and is set once, so that this is the only `Host<M>` from here on.
        try_pin_init!(Self {
            _: {
                if M::claimed().xchg(true, Full) {
                    return Err(EBUSY);
                }
            },
            #[cfg(CONFIG_DEBUG_FS)]
            file: File::new(),
            registrations: Registrations::new(),
            // SAFETY: The slot is that of the `M` in the `Opaque`, which is pinned as `self` is.
            state <- Opaque::try_ffi_init(move |slot| unsafe {
                init_at(slot, M::init(module))
            }),
        }? Error)
        .pin_chain(move |host| Self::start(host, module, name))
    }

    fn start(self: Pin<&mut Self>, module: &'static ThisModule, name: &'static CStr) -> Result {
        // SAFETY: Nothing is moved out of it.
        let this = unsafe { self.get_unchecked_mut() };
        // SAFETY: By the type invariants it is initialised and shared; it is pinned, as `self` is.
        let state = unsafe { Pin::new_unchecked(&*this.state.get()) };
        {
            // SAFETY: `drop` undoes the registrations before it drops the state.
            let mut registrar = unsafe { Registrar::new(&mut this.registrations, state) };
            state.start(&mut registrar)?;
        }
        // SAFETY: The module fails to load only if this does.
        unsafe { this.registrations.complete(module) }?;
        #[cfg(CONFIG_DEBUG_FS)]
        // SAFETY: The module does not fail to load any more. `this` is pinned, and dropping it removes the file before it
        // unregisters anything; there is no `Registrar` any more.
        unsafe {
            this.file.create(this.registrations.last(), module, name)
        };
        #[cfg(not(CONFIG_DEBUG_FS))]
        let _ = name;
        Ok(())
    }
}

#[pinned_drop]
impl<M: Module> PinnedDrop for Host<M> {
    fn drop(self: Pin<&mut Self>) {
        // SAFETY: Nothing is moved out of it.
        let this = unsafe { self.get_unchecked_mut() };
        #[cfg(CONFIG_DEBUG_FS)]
        this.file.remove();
        this.registrations.undo();
        // SAFETY: By the type invariants it is initialised; no hook runs any more, so that this is the
        // last reference to it.
        unsafe { core::ptr::drop_in_place(this.state.get()) };
    }
}

/// Makes a kernel module of a [`Module`].
///
/// It takes what `module!` takes, and the type comes first.
///
/// # Examples
///
/// ```ignore
/// pernet_module! {
///     type: Sample,
///     name: "sample",
///     authors: ["Rust for Linux Contributors"],
///     description: "Counts in every namespace",
///     license: "GPL",
/// }
/// ```
#[macro_export]
macro_rules! pernet_module {
    (type: $state:ty, $($info:tt)*) => {
        $crate::pernet_crates!();
        $crate::pernet_claim!($state);

        /// What `module!` loads: the state of the module and what it has registered.
        // Public, since a trait with `#[vtable]` that a public type implements names it.
        #[doc(hidden)]
        #[::kernel::prelude::pin_data]
        pub struct PernetModule {
            #[pin]
            host: $crate::net::pernet::Host<$state>,
        }

        impl ::kernel::InPlaceModule for PernetModule {
            fn init(
                module: &'static ::kernel::ThisModule,
            ) -> impl ::pin_init::PinInit<Self, ::kernel::error::Error> {
                const NAME: &::kernel::str::CStr = <PernetModule as ::kernel::ModuleMetadata>::NAME;

                ::kernel::prelude::try_pin_init!(Self {
                    // SAFETY: The first one is that of `init_module()`, which `module!` makes below, since
                    // no other code of the module runs before that: its parameters are of types that the
                    // kernel crate parses. `module!` keeps it in a static of its own, and drops it in
                    // `cleanup_module()`, or when it fails to load. `load()` makes no second one,
                    // and `::kernel` is the kernel crate: `pernet_crates!` sees to that.
                    host <- unsafe { $crate::net::pernet::Host::load(module, NAME) },
                }? ::kernel::error::Error)
            }
        }

        ::kernel::prelude::module! {
            type: PernetModule,
            $($info)*
        }
    };
}
