// SPDX-License-Identifier: GPL-2.0

//! Safe code that means harm, or is odd: whatever it does, the library does not use what is not there.
//!
//! It starts itself again, lies about its hooks, names itself as what comes before, and has values of every odd size.
//! For pernet_hostile.sh.

#![forbid(unsafe_code)]
// Some types only have to have a size.
#![allow(dead_code)]

use core::{
    convert::Infallible,
    marker::PhantomData, //
};
use kernel::{
    prelude::*,
    sync::atomic::{
        Atomic,
        Relaxed, //
    }, //
};
use net::{
    genetlink,
    namespace::*,
    pernet::{self, *}, //
};

pernet_module! {
    type: Module,
    name: "pernet_hostile",
    authors: ["rust-pernet contributors"],
    description: "Test module: safe code that means harm",
    license: "GPL",
}

struct Module {
    starts: Atomic<u32>,
}

/// How many values have been made and dropped.
static MADE: Atomic<u64> = Atomic::new(0);
static DROPPED: Atomic<u64> = Atomic::new(0);

impl Module {
    const fn new() -> Self {
        Self {
            starts: Atomic::new(0),
        }
    }
}

/// Another state, that nothing is registered with.
static OTHER: Module = Module::new();

impl pernet::Module for Module {
    fn init(_: &'static ThisModule) -> impl PinInit<Self, Error> {
        Ok(Self::new())
    }

    fn start(self: Pin<&Self>, registrar: &mut Registrar<'_, Self>) -> Result {
        // The registrar knows whose state it is.
        if self.starts.fetch_add(1, Relaxed) == 0 && OTHER.starts.fetch_add(1, Relaxed) == 0 {
            Pin::static_ref(&OTHER).start(registrar)?;
            return Ok(());
        }
        let errno = |result: Result| result.err().map(Error::to_errno);
        pr_info!("uninhabited {:?}\n", errno(registrar.register::<Never>()));
        pr_info!("no init {:?}\n", errno(registrar.register::<NoInit>()));
        pr_info!("after itself {:?}\n", errno(registrar.register::<Itself>()));
        registrar.register::<NoSize>()?;
        registrar.register::<Aligned>()?;
        registrar.register::<Page>()?;
        registrar.register::<Denies>()?;
        registrar.register::<Claims>()?;
        registrar.register::<Long>()?;
        pr_info!("twice {:?}\n", errno(registrar.register::<Page>()));

        pr_info!("spare {:?}\n", SPARE.phase(Net::init_ns()));
        Ok(())
    }
}

impl Drop for Module {
    fn drop(&mut self) {
        let made = MADE.load(Relaxed);
        let same = made > 0 && made == DROPPED.load(Relaxed);
        pr_info!("state {} all dropped {same}\n", self.starts.load(Relaxed));
    }
}

/// A part that counts.
struct Part;

impl Part {
    fn new() -> Self {
        MADE.add(1, Relaxed);
        Self
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        DROPPED.add(1, Relaxed);
    }
}

macro_rules! operations {
    ($type:ty, $static:ident, $make:ident) => {
        static $static: Operations<$type> = Operations::$make();
    };
}

/// There can be none.
struct Never(u64, Infallible);
operations!(Never, NEVER, new);

#[vtable]
impl PerNet for Never {
    type Module = Module;
    type Kind = Subsys;
    type After = ();
    const OPERATIONS: OperationsRef<Self> = OperationsRef::to(&NEVER);

    fn init(_: Pin<&Module>, net: HookNet<'_, Self>) -> impl PinInit<Self, Error> {
        if let Some(never) = net.get(&NEVER) {
            match never.get_ref().1 {}
        }
        Err::<Self, _>(EIO)
    }
}

/// Comes after itself.
#[derive(Zeroable)]
struct Itself(u64);
operations!(Itself, ITSELF, zeroed);

#[vtable]
impl PerNet for Itself {
    type Module = Module;
    type Kind = Subsys;
    type After = Itself;
    const OPERATIONS: OperationsRef<Self> = OperationsRef::to(&ITSELF);
}

/// No size, but an alignment and a drop.
#[repr(align(64))]
struct NoSize(());
operations!(NoSize, NO_SIZE, new);

impl Drop for NoSize {
    fn drop(&mut self) {
        DROPPED.add(1, Relaxed);
    }
}

#[vtable]
impl PerNet for NoSize {
    type Module = Module;
    type Kind = Subsys;
    type After = ();
    const OPERATIONS: OperationsRef<Self> = OperationsRef::to(&NO_SIZE);

    fn init(_: Pin<&Module>, _: HookNet<'_, Self>) -> impl PinInit<Self, Error> {
        // In a hook, and of a name that is too long: the family that had it would not compile.
        let _ = genetlink::Group::new(c"sixteen_bytes_xx", genetlink::Permission::NetAdmin);
        MADE.add(1, Relaxed);
        Ok(Self(()))
    }

    fn exit_batch(_: Pin<&Module>, batch: Batch<'_, Self>) {
        let addresses = batch
            .into_iter()
            .map(|(_, value)| core::ptr::from_ref(value.get_ref()).addr());
        let aligned = addresses
            .into_iter()
            .all(|address| core::hint::black_box(address) % 64 == 0);
        pr_info!("no size aligned {aligned}\n");
    }
}

#[repr(align(2048))]
struct Aligned(Part);
operations!(Aligned, ALIGNED, new);

#[vtable]
impl PerNet for Aligned {
    type Module = Module;
    type Kind = Subsys;
    type After = NoSize;
    const OPERATIONS: OperationsRef<Self> = OperationsRef::to(&ALIGNED);

    fn init(_: Pin<&Module>, net: HookNet<'_, Self>) -> impl PinInit<Self, Error> {
        let NoSize(()) = net.after().get_ref();
        Ok(Self(Part::new()))
    }

    fn exit(self: Pin<&Self>, _: Pin<&Module>, _: HookNet<'_, Self>) {
        let address = core::hint::black_box(core::ptr::from_ref(self.get_ref()).addr());
        let aligned = address % 2048 == 0;
        pr_info!("2048 aligned {aligned}\n");
    }
}

/// As large as it may be.
#[derive(Zeroable)]
struct Page([u64; 512]);
operations!(Page, PAGE, zeroed);
// A second one, which nobody registers.
operations!(Page, SPARE, zeroed);

#[vtable]
impl PerNet for Page {
    type Module = Module;
    type Kind = Device;
    type After = (Aligned, (NoSize, Aligned));
    const OPERATIONS: OperationsRef<Self> = OperationsRef::to(&PAGE);

    fn exit(self: Pin<&Self>, module: Pin<&Module>, net: HookNet<'_, Self>) {
        let (one, (_, again)) = net.after();
        // It is the state of the module that was registered with, whoever's `start()` did it.
        let same = core::ptr::eq(&*one, &*again) && !core::ptr::eq(&*module, &OTHER);
        let zero = self.0.iter().all(|word| *word == 0);
        pr_info!("page zero {zero} same {same}\n");
    }
}

// `#[vtable]` does not write what is there, and it is not true.

/// Says that it has an init, and has none.
struct NoInit(KBox<u64>);
operations!(NoInit, NO_INIT, new);

#[vtable]
impl PerNet for NoInit {
    const HAS_INIT: bool = true;
    const HAS_PRE_EXIT: bool = true;
    const HAS_EXIT_RTNL: bool = true;
    const HAS_EXIT: bool = true;
    const HAS_EXIT_BATCH: bool = true;
    type Module = Module;
    type Kind = Subsys;
    type After = ();
    const OPERATIONS: OperationsRef<Self> = OperationsRef::to(&NO_INIT);
}

/// Has an exit and an exit_batch, and says that it has not.
struct Denies(Part);
operations!(Denies, DENIES, new);

#[vtable]
impl PerNet for Denies {
    const HAS_INIT: bool = true;
    const HAS_PRE_EXIT: bool = false;
    const HAS_EXIT_RTNL: bool = false;
    const HAS_EXIT: bool = false;
    const HAS_EXIT_BATCH: bool = false;
    type Module = Module;
    type Kind = Subsys;
    type After = ();
    const OPERATIONS: OperationsRef<Self> = OperationsRef::to(&DENIES);

    fn init(_: Pin<&Module>, _: HookNet<'_, Self>) -> impl PinInit<Self, Error> {
        Ok(Self(Part::new()))
    }

    fn exit(self: Pin<&Self>, _: Pin<&Module>, _: HookNet<'_, Self>) {
        pr_info!("denied, and called\n");
    }

    fn exit_batch(_: Pin<&Module>, _: Batch<'_, Self>) {
        pr_info!("denied, and called\n");
    }
}

/// Says that it has all, and has an init only.
struct Claims(Part);
operations!(Claims, CLAIMS, new);

#[vtable]
impl PerNet for Claims {
    const HAS_INIT: bool = true;
    const HAS_PRE_EXIT: bool = true;
    const HAS_EXIT_RTNL: bool = true;
    const HAS_EXIT: bool = true;
    const HAS_EXIT_BATCH: bool = true;
    type Module = Module;
    type Kind = Device;
    type After = Denies;
    const OPERATIONS: OperationsRef<Self> = OperationsRef::to(&CLAIMS);

    fn init(_: Pin<&Module>, _: HookNet<'_, Self>) -> impl PinInit<Self, Error> {
        Ok(Self(Part::new()))
    }
}

/// Has a name of 80,000 characters.
#[derive(Zeroable)]
struct Named<T: 'static>(PhantomData<T>);
type Four<T> = (T, T, T, T);
type Long = Named<Four<Four<Four<Four<Four<Four<Four<u64>>>>>>>>;
operations!(Long, LONG, zeroed);

#[vtable]
impl PerNet for Long {
    type Module = Module;
    type Kind = Subsys;
    type After = ();
    const OPERATIONS: OperationsRef<Self> = OperationsRef::to(&LONG);
}
