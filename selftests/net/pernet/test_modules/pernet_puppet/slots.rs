// SPDX-License-Identifier: GPL-2.0

//! The slots: what can be registered. They differ in kind, in hooks, and in the size of their data.

use crate::{
    trace::{
        Event,
        Hook, //
    },
    Puppet,
    Strings, //
};
use core::{
    hint::black_box,
    mem::size_of,
    ptr, //
};
use kernel::{
    new_spinlock,
    prelude::*,
    sync::SpinLock, //
};
use net::{
    namespace::Identity,
    pernet::*, //
};
use pin_init::{
    init_array_from_fn,
    pin_init_scope, //
};

/// How many there are.
pub(crate) const SLOTS: usize = 12;

/// What a slot has in each namespace.
trait Data: PerNet<Module = Puppet> {
    const SLOT: u8;

    /// Returns whether it is as it should be in this namespace.
    fn is_of(&self, net: &Identity) -> bool;

    /// A hook has been called for it.
    fn seen(&self, hook: Hook, puppet: &Puppet, net: &Identity) {
        let event = Event::of(Self::SLOT, hook, net);
        puppet.shared.trace.add(event.bad_if(!self.is_of(net)));
    }
}

/// The cookie of the namespace, the number of the slot, and a pattern that depends on both.
#[repr(C)]
struct Value<const SLOT: u8, const WORDS: usize> {
    cookie: u64,
    slot: u32,
    pattern: [u32; WORDS],
}

type Small<const SLOT: u8> = Value<SLOT, 1>;
type Large<const SLOT: u8> = Value<SLOT, 1021>;
const _: () = assert!(size_of::<Small<0>>() == 16 && size_of::<Large<0>>() == 4096);

impl<const SLOT: u8, const WORDS: usize> Value<SLOT, WORDS> {
    fn make(net: &Identity) -> impl Init<Self, Error> {
        let own = net.cookie();
        try_init!(Self {
            cookie: own,
            slot: SLOT.into(),
            pattern <- init_array_from_fn(move |index| word(SLOT, own, index)),
        }? Error)
    }

    fn has(&self, cookie: u64) -> bool {
        let mut words = self.pattern.iter().enumerate();
        self.cookie == cookie
            && self.slot == SLOT.into()
            && words.all(|(index, &found)| found == word(SLOT, cookie, index))
    }
}

/// One word of the pattern.
fn word(slot: u8, cookie: u64, index: usize) -> u32 {
    // CAST: The lower bits will do.
    (cookie as u32 ^ (u32::from(slot) << 24)).wrapping_add(index as u32)
}

impl<const SLOT: u8, const WORDS: usize> Data for Value<SLOT, WORDS>
where
    Self: PerNet<Module = Puppet>,
{
    const SLOT: u8 = SLOT;

    fn is_of(&self, net: &Identity) -> bool {
        self.has(net.cookie())
    }
}

impl<const SLOT: u8, const WORDS: usize> Drop for Value<SLOT, WORDS> {
    fn drop(&mut self) {
        if let Some(shared) = Strings::pull() {
            let event = Event::new(SLOT, Hook::Drop, self.cookie);
            shared.trace.add(event.bad_if(!self.has(self.cookie)));
        }
        // Whoever looks at it after this sees that.
        self.slot = u32::MAX;
        black_box(self);
    }
}

/// 16 bytes that no init has made.
#[derive(Zeroable)]
struct Zeroes<const SLOT: u8>([u64; 2]);

impl<const SLOT: u8> Data for Zeroes<SLOT>
where
    Self: PerNet<Module = Puppet>,
{
    const SLOT: u8 = SLOT;

    fn is_of(&self, _: &Identity) -> bool {
        self.0 == [0; 2]
    }

    fn seen(&self, hook: Hook, puppet: &Puppet, net: &Identity) {
        let event = Event::of(SLOT, hook, net);
        puppet.shared.trace.add(event.bad_if(!self.is_of(net)));
        if hook == Hook::Exit {
            puppet.shared.names.give(self, net.cookie());
        }
    }
}

impl<const SLOT: u8> Drop for Zeroes<SLOT> {
    fn drop(&mut self) {
        if let Some(shared) = Strings::pull() {
            let cookie = shared.names.take(self);
            let event = Event::new(SLOT, Hook::Drop, cookie.unwrap_or(0));
            shared
                .trace
                .add(event.bad_if(self.0 != [0; 2] || cookie.is_none()));
        }
        self.0 = [u64::MAX; 2];
        black_box(self);
    }
}

/// No data.
#[derive(Zeroable)]
struct Nothing<const SLOT: u8>;

impl<const SLOT: u8> Nothing<SLOT> {
    fn make(_: &Identity) -> impl Init<Self, Error> {
        Ok(Self)
    }
}

impl<const SLOT: u8> Data for Nothing<SLOT>
where
    Self: PerNet<Module = Puppet>,
{
    const SLOT: u8 = SLOT;

    fn is_of(&self, _: &Identity) -> bool {
        true
    }
}

/// Whose namespaces the zeroes are of which the exit hook has run and which are about to be dropped.
#[pin_data]
pub(crate) struct Names {
    #[pin]
    of: SpinLock<KVec<(usize, u64)>>,
}

impl Names {
    pub(crate) fn new() -> Result<impl PinInit<Self>> {
        // As many as there are tasks between the two.
        let of = KVec::with_capacity(256, GFP_KERNEL)?;
        Ok(pin_init!(Self {
            of <- new_spinlock!(of),
        }))
    }

    fn give<const SLOT: u8>(&self, value: &Zeroes<SLOT>, cookie: u64) {
        let address = ptr::from_ref(value).addr();
        // Without room for it there, its drop is told as bad.
        let _ = self.of.lock().push_within_capacity((address, cookie));
    }

    fn take<const SLOT: u8>(&self, value: &Zeroes<SLOT>) -> Option<u64> {
        let address = ptr::from_ref(value).addr();
        let mut of = self.of.lock();
        let index = of.iter().position(|&(given, _)| given == address)?;
        Some(of.remove(index).ok()?.1)
    }
}

impl Puppet {
    /// An init has been called, and may be planned to fail.
    fn begun(&self, slot: u8, net: &Identity) -> Result {
        let event = Event::of(slot, Hook::Init, net);
        self.shared.plans.check(slot, |planned| {
            self.shared.trace.add(event.failing(planned.err()));
        })
    }

    fn seen_batch<T: Data>(&self, batch: Batch<'_, T>) {
        let event = Event::new(T::SLOT, Hook::ExitBatch, 0);
        self.shared.trace.add(event.with_nets(batch.iter().count()));
        for (net, value) in batch {
            value.seen(Hook::Member, self, &net);
        }
    }
}

/// Makes the slots, and what finds them by their number.
macro_rules! slots {
    ($($slot:literal $static:ident $kind:ident $data:ident [$($hook:ident)*] $new:ident;)*) => {
        $(
            static $static: Operations<$data<$slot>> = Operations::$new();

            hooks! { $data<$slot> { $($hook)* } {
                type Module = Puppet;
                type Kind = $kind;
                type After = ();
                const OPERATIONS: OperationsRef<Self> = OperationsRef::to(&$static);
            } }
        )*

        pub(crate) fn register(registrar: &mut Registrar<'_, Puppet>, slot: u8) -> Result {
            match slot {
                $($slot => registrar.register::<$data<$slot>>(),)*
                _ => Err(EINVAL),
            }
        }

        pub(crate) fn unregister(registrar: &mut Registrar<'_, Puppet>, slot: u8) -> Result {
            match slot {
                $($slot => registrar.unregister::<$data<$slot>>(),)*
                _ => Err(EINVAL),
            }
        }
    };
}

/// Adds one hook after the other to what is in the braces at the end.
macro_rules! hooks {
    ($type:ty { init $($hook:ident)* } { $($has:tt)* }) => {
        hooks! { $type { $($hook)* } { $($has)*
            fn init(puppet: Pin<&Puppet>, net: HookNet<'_, Self>) -> impl PinInit<Self, Error> {
                pin_init_scope(move || {
                    puppet.begun(Self::SLOT, &net)?;
                    Ok(Self::make(&net))
                })
            }
        } }
    };
    ($type:ty { pre_exit $($hook:ident)* } { $($has:tt)* }) => {
        hooks! { $type { $($hook)* } { $($has)*
            fn pre_exit(self: Pin<&Self>, puppet: Pin<&Puppet>, net: HookNet<'_, Self>) {
                self.seen(Hook::PreExit, &puppet, &net);
            }
        } }
    };
    ($type:ty { exit_rtnl $($hook:ident)* } { $($has:tt)* }) => {
        hooks! { $type { $($hook)* } { $($has)*
            fn exit_rtnl(
                self: Pin<&Self>,
                puppet: Pin<&Puppet>,
                net: HookNet<'_, Self>,
                _: &mut DevKillList<'_>,
            ) {
                self.seen(Hook::ExitRtnl, &puppet, &net);
            }
        } }
    };
    ($type:ty { exit $($hook:ident)* } { $($has:tt)* }) => {
        hooks! { $type { $($hook)* } { $($has)*
            fn exit(self: Pin<&Self>, puppet: Pin<&Puppet>, net: HookNet<'_, Self>) {
                self.seen(Hook::Exit, &puppet, &net);
            }
        } }
    };
    ($type:ty { exit_batch } { $($has:tt)* }) => {
        hooks! { $type { } { $($has)*
            fn exit_batch(puppet: Pin<&Puppet>, batch: Batch<'_, Self>) {
                puppet.seen_batch(batch);
            }
        } }
    };
    ($type:ty { } { $($has:tt)* }) => {
        #[vtable]
        impl PerNet for $type {
            $($has)*
        }
    };
}

slots! {
    0 S0 Subsys Small [init pre_exit exit_rtnl exit exit_batch] new;
    1 S1 Device Small [init pre_exit exit_rtnl exit exit_batch] new;
    2 S2 Subsys Small [init exit] new;
    3 S3 Device Large [init exit] new;
    4 S4 Subsys Small [init exit_batch] new;
    5 S5 Device Nothing [init pre_exit exit] new;
    6 S6 Subsys Nothing [init exit_rtnl] new;
    7 S7 Device Large [init exit_batch] new;
    8 S8 Subsys Zeroes [pre_exit exit] zeroed;
    9 S9 Subsys Small [init] new;
    10 S10 Device Nothing [exit] zeroed;
    11 S11 Subsys Nothing [init pre_exit exit_rtnl exit exit_batch] new;
}
