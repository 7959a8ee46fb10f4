// SPDX-License-Identifier: GPL-2.0

//! As many registrations as a parameter says. Its C twin is many_c.c.

#![forbid(unsafe_code)]

use kernel::prelude::*;
use net::{
    namespace::Identity,
    pernet::{self, *}, //
};

pernet_module! {
    type: Many,
    name: "many_rust",
    authors: ["rust-pernet contributors"],
    description: "Many registrations, in Rust",
    license: "GPL",
    params: {
        count: u32 {
            default: 1,
            description: "how many to register, 1 to 64",
        },
    },
}

struct Many;

impl pernet::Module for Many {
    fn init(_: &'static ThisModule) -> impl PinInit<Self, Error> {
        Ok::<_, Error>(Self)
    }

    fn start(self: Pin<&Self>, registrar: &mut Registrar<'_, Self>) -> Result {
        let count = net::parameter(&module_parameters::count);
        if !(1..=64).contains(&count) {
            return Err(EINVAL);
        }
        register(registrar, count)
    }
}

struct One<const N: u64> {
    cookie: u64,
    number: u64,
}

#[inline(never)]
fn exit(cookie: u64, number: u64, net: &Identity) {
    if cookie != net.cookie() {
        pr_warn!(
            "number {number} of namespace {} is another's\n",
            net.cookie()
        );
    }
}

macro_rules! many {
    ($($static:ident $n:literal)*) => {
        $(
            static $static: Operations<One<$n>> = Operations::new();

            #[vtable]
            impl PerNet for One<$n> {
                type Module = Many;
                type Kind = Subsys;
                type After = ();
                const OPERATIONS: OperationsRef<Self> = OperationsRef::to(&$static);

                fn init(_: Pin<&Many>, net: HookNet<'_, Self>) -> impl PinInit<Self, Error> {
                    Ok(Self { cookie: net.cookie(), number: $n })
                }

                fn exit(self: Pin<&Self>, _: Pin<&Many>, net: HookNet<'_, Self>) {
                    exit(self.cookie, self.number, &net);
                }
            }
        )*

        fn register(registrar: &mut Registrar<'_, Many>, count: u32) -> Result {
            $(
                if $n < count {
                    registrar.register::<One<$n>>()?;
                }
            )*
            Ok(())
        }
    };
}

many! {
    S00 0 S01 1 S02 2 S03 3 S04 4 S05 5 S06 6 S07 7 S08 8 S09 9 S10 10 S11 11 S12 12 S13 13 S14 14 S15 15
    S16 16 S17 17 S18 18 S19 19 S20 20 S21 21 S22 22 S23 23 S24 24 S25 25 S26 26 S27 27 S28 28 S29 29 S30 30 S31 31
    S32 32 S33 33 S34 34 S35 35 S36 36 S37 37 S38 38 S39 39 S40 40 S41 41 S42 42 S43 43 S44 44 S45 45 S46 46 S47 47
    S48 48 S49 49 S50 50 S51 51 S52 52 S53 53 S54 54 S55 55 S56 56 S57 57 S58 58 S59 59 S60 60 S61 61 S62 62 S63 63
}
