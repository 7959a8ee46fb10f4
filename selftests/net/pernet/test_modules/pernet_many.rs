// SPDX-License-Identifier: GPL-2.0

//! Registers more types than the arrays of the namespaces were made for, refuses one, reuses its id, and
//! tries to start the module again from inside a hook.
//!
//! `watcher` is registered first, and looks all others up in a namespace that is being made. For
//! pernet_many.sh.

#![forbid(unsafe_code)]

use kernel::{
    prelude::*,
    sync::atomic::{
        Atomic,
        Relaxed, //
    },
    InPlaceModule, //
};
use net::{
    namespace::{
        Identity,
        Namespaces,
        Net, //
    },
    pernet::{self, *},
    rcu, //
};

pernet_module! {
    type: Module,
    name: "pernet_many",
    authors: ["rust-pernet contributors"],
    description: "Test module: many registrations, and ids that are used again",
    license: "GPL",
    params: {
        fail: u64 {
            default: 0,
            description: "1: the state fails to be made, 2: start fails when all is registered",
        },
    },
}

struct Module {
    this: &'static ThisModule,
    /// How many fillers are registered.
    fillers: Atomic<u64>,
}

impl pernet::Module for Module {
    fn init(this: &'static ThisModule) -> impl PinInit<Self, Error> {
        if net::parameter(&module_parameters::fail) == 1 {
            return Err(EIO);
        }
        Ok(Self {
            this,
            fillers: Atomic::new(0),
        })
    }

    fn start(self: Pin<&Self>, registrar: &mut Registrar<'_, Self>) -> Result {
        registrar.register::<Watcher>()?;
        self.register_fillers(registrar)?;

        let refused = registrar.register::<Refused>();
        pr_info!("refused: {:?}\n", refused.map_err(Error::to_errno));
        registrar.register::<Reuser>()?;
        tell("refused", &REFUSED, |value| value.0);
        tell("reuser", &REUSER, |value| value.0);
        if net::parameter(&module_parameters::fail) == 2 {
            return Err(ENOSPC);
        }
        Ok(())
    }
}

impl Drop for Module {
    fn drop(&mut self) {
        tell("dropped", &REUSER, |value| value.0);
    }
}

/// What is found in the initial namespace in each way, and the phase.
fn tell<T: PerNet>(name: &str, operations: &'static Operations<T>, read: fn(&T) -> u64) {
    let net = Net::init_ns();
    let rcu = rcu::read_lock(|rcu| Some(read(operations.get_rcu(net, rcu)?.get_ref())));
    let with = operations.with(net, |value| read(value.get_ref()));
    let mut walk = 0;
    operations.for_each(&Namespaces::read(), |_, _| walk += 1);
    pr_info!(
        "{name}: rcu {rcu:?} with {with:?} walk {walk} {:?}\n",
        operations.phase(net)
    );
}

/// A type that does nothing but be one more, and be aligned more strictly than most.
#[repr(align(64))]
struct Filler<const N: u64> {
    number: u64,
    cookie: u64,
}

/// How many namespaces have a value of this filler, all of them its own; or what is wrong.
fn count<const N: u64>(filler: &'static Operations<Filler<N>>) -> Result<u32, &'static str>
where
    Filler<N>: PerNet,
{
    let (mut found, mut wrong) = (0, false);
    filler.for_each(&Namespaces::read(), |net, value| {
        found += 1;
        wrong |= !value.is_of(&net);
    });
    let under_rcu = rcu::read_lock(|rcu| {
        Namespaces::iter_rcu(rcu)
            .filter_map(|net| Some(filler.get_rcu(&net, rcu)?.is_of(&net)))
            .fold(
                0u32,
                |sum, own| {
                    if own {
                        sum.saturating_add(1)
                    } else {
                        u32::MAX
                    }
                },
            )
    });
    match (wrong, under_rcu == found) {
        (false, true) => Ok(found),
        (true, _) => Err("it is another's"),
        (_, false) => Err("RCU differs from the walk"),
    }
}

impl<const N: u64> Filler<N> {
    fn is_of(&self, net: &Identity) -> bool {
        // The compiler would know what a reference is aligned to.
        let address = core::hint::black_box(core::ptr::from_ref(self).addr());
        self.number == N && self.cookie == net.cookie() && address % 64 == 0
    }
}

macro_rules! fillers {
    ($($static:ident $n:literal)*) => {
        $(
            static $static: Operations<Filler<$n>> = Operations::new();

            #[vtable]
            impl PerNet for Filler<$n> {
                type Module = Module;
                type Kind = Subsys;
                type After = ();
                const OPERATIONS: OperationsRef<Self> = OperationsRef::to(&$static);

                fn init(module: Pin<&Module>, net: HookNet<'_, Self>) -> impl PinInit<Self, Error> {
                    if net.get(&$static).is_some() {
                        pr_err!("wrong: {} has filler {} before its init\n", net.cookie(), $n);
                    }
                    // The namespaces that come after this one have arrays that are too short for it.
                    if module.fillers.load(Relaxed) <= $n && count(&$static) != Ok(0) {
                        pr_err!("wrong: filler {} is found while it is registered\n", $n);
                    }
                    Ok(Self { number: $n, cookie: net.cookie() })
                }
            }
        )*

        impl Module {
            fn register_fillers(&self, registrar: &mut Registrar<'_, Self>) -> Result {
                $(
                    registrar.register::<Filler<$n>>()?;
                    self.fillers.store($n + 1, Relaxed);
                )*
                $(pr_info!("filler {}: {:?}\n", $n, count(&$static));)*
                Ok(())
            }
        }

        /// How many fillers a namespace has in a hook, and whether they are its own.
        fn in_hook<T: PerNet>(net: HookNet<'_, T>) -> (u32, bool) {
            let (mut found, mut own) = (0, true);
            $(
                if let Some(filler) = net.get(&$static) {
                    found += 1;
                    own &= filler.is_of(&net);
                }
            )*
            (found, own)
        }
    };
}

fillers! {
    F0 0 F1 1 F2 2 F3 3 F4 4 F5 5 F6 6 F7 7 F8 8 F9 9 F10 10 F11 11
}

macro_rules! with_one_number {
    ($type:ident $static:ident $init:expr) => {
        struct $type(u64);

        static $static: Operations<$type> = Operations::new();

        #[vtable]
        impl PerNet for $type {
            type Module = Module;
            type Kind = Subsys;
            type After = ();
            const OPERATIONS: OperationsRef<Self> = OperationsRef::to(&$static);

            fn init(_: Pin<&Module>, net: HookNet<'_, Self>) -> impl PinInit<Self, Error> {
                let init: fn(&Identity) -> Result<u64> = $init;
                init(&net).map(Self)
            }
        }
    };
}

// The first namespace is refused, so that the batch that is undone is empty.
with_one_number!(Refused REFUSED |_| Err(EIO));
// It gets the id of `Refused`, which the kernel hands out again at once.
with_one_number!(Reuser REUSER |_| Ok(0x600d));

#[derive(Zeroable)]
struct Watcher;

static WATCHER: Operations<Watcher> = Operations::new();

#[vtable]
impl PerNet for Watcher {
    type Module = Module;
    type Kind = Subsys;
    type After = ();
    const OPERATIONS: OperationsRef<Self> = OperationsRef::to(&WATCHER);

    fn init(module: Pin<&Module>, net: HookNet<'_, Self>) -> impl PinInit<Self, Error> {
        // Whoever gets a registrar in a hook would wait for himself.
        let again = KBox::<PernetModule>::pin_init(
            <PernetModule as InPlaceModule>::init(module.this),
            GFP_KERNEL,
        );
        pr_info!(
            "{} init: again {:?}\n",
            net.cookie(),
            again.err().map(Error::to_errno)
        );
        let (fillers, own) = in_hook(net);
        pr_info!("{} init: fillers {fillers} own {own}\n", net.cookie());
        Ok::<_, Error>(Self)
    }

    fn pre_exit(self: Pin<&Self>, _: Pin<&Module>, net: HookNet<'_, Self>) {
        let (fillers, own) = in_hook(net);
        pr_info!("{} pre_exit: fillers {fillers} own {own}\n", net.cookie());
    }

    fn exit(self: Pin<&Self>, _: Pin<&Module>, net: HookNet<'_, Self>) {
        let (fillers, own) = in_hook(net);
        pr_info!("{} exit: fillers {fillers} own {own}\n", net.cookie());
    }
}
