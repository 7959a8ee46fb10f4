// SPDX-License-Identifier: GPL-2.0

//! The types that are registered, in the order in which they are.

use crate::{
    lookups::Lookups,
    module_parameters,
    refusals,
    stamp::Stage,
    stats::STATS,
    values::*,
    Torture, //
};
use kernel::{
    prelude::*,
    sync::atomic::Relaxed, //
};
use net::{
    namespace::Identity,
    parameter,
    pernet::*, //
};

/// What tells one type from the others of the same form, which [`values`](crate::values) has.
pub(crate) trait Case: Send + Sync + Sized + 'static {
    type Value: PerNet;
    type Kind: Kind;
    type After: After<Torture>;
    const OPERATIONS: OperationsRef<Self::Value>;
    const NUMBER: usize;
    /// Whether a share of its inits is refused.
    const REFUSES: bool = false;

    fn operations() -> &'static Operations<Self::Value>;

    /// Looks at the values of what it comes after.
    fn check_after(net: HookNet<'_, Self::Value>);
}

/// A type whose values can be looked up.
pub(crate) trait Checked: PerNet {
    const NAME: &'static str;

    fn operations() -> &'static Operations<Self>;

    /// Returns the generation of the value, when it has been seen that it is that of `net` and that its hooks
    /// have got no further than `latest`.
    fn check(&self, net: &Identity, latest: Stage) -> u64;
}

/// What a type comes after, which is there in all its hooks.
pub(crate) trait Before {
    fn check(&self, net: &Identity);
}

impl Before for () {
    fn check(&self, _: &Identity) {}
}

impl<T: Checked> Before for Pin<&T> {
    fn check(&self, net: &Identity) {
        T::check(self, net, Stage::Exit);
    }
}

impl<A: Before, B: Before> Before for (A, B) {
    fn check(&self, net: &Identity) {
        self.0.check(net);
        self.1.check(net);
    }
}

/// Makes a type of one of the forms, with its static.
macro_rules! case {
    ($number:literal, $case:ident, $operations:ident: $form:ident, $kind:ident, after $after:ty
        $(, refuses $refuses:literal)?) => {
        pub(crate) struct $case;

        pub(crate) static $operations: Operations<$form<$case>> = Operations::new();

        impl Case for $case {
            type Value = $form<Self>;
            type Kind = $kind;
            type After = $after;
            const OPERATIONS: OperationsRef<Self::Value> = OperationsRef::to(&$operations);
            const NUMBER: usize = $number;
            $(const REFUSES: bool = $refuses;)?

            fn operations() -> &'static Operations<Self::Value> {
                &$operations
            }

            fn check_after(net: HookNet<'_, Self::Value>) {
                net.after().check(&net);
            }
        }
    };
}

/// The names of the types, by their number.
pub(crate) const NAMES: [&str; 8] = [
    "sleeper",
    "plain",
    "quiet",
    "batched",
    "refusing",
    "bare_dev",
    "dev",
    "dev_batched",
];

/// Lookups of the types that have a value.
pub(crate) const LOOKUPS: [Lookups; 6] = [
    Lookups::of::<Hooked<Plain>>(),
    Lookups::of::<Quiet>(),
    Lookups::of::<Batched<WithBatch>>(),
    Lookups::of::<Batched<Refusing>>(),
    Lookups::of::<Hooked<Dev>>(),
    Lookups::of::<Batched<DevBatched>>(),
];

case!(0, Sleeper, SLEEPER: Bare, Subsys, after ());
case!(1, Plain, PLAIN: Hooked, Subsys, after ());
pub(crate) static QUIET: Operations<Quiet> = Operations::zeroed();
case!(3, WithBatch, BATCHED: Batched, Subsys, after Hooked<Plain>);
case!(4, Refusing, REFUSING: Batched, Subsys, after (), refuses true);
case!(5, BareDev, BARE_DEV: Bare, Device, after ());
case!(6, Dev, DEV: Hooked, Device, after (Hooked<Plain>, Batched<WithBatch>));
case!(7, DevBatched, DEV_BATCHED: Batched, Device, after (Quiet, (Batched<WithBatch>, Hooked<Dev>)),
    refuses true);

/// Registers what the parameter `kinds` names.
pub(crate) fn register(registrar: &mut Registrar<'_, Torture>) -> Result {
    let is_wanted = |number: usize| parameter(&module_parameters::kinds) & (1 << number) != 0;
    if is_wanted(0) {
        registrar.register::<Bare<Sleeper>>()?;
    }
    if is_wanted(1) {
        registrar.register::<Hooked<Plain>>()?;
    }
    if is_wanted(2) {
        registrar.register::<Quiet>()?;
    }
    if is_wanted(3) {
        registrar.register::<Batched<WithBatch>>()?;
    }
    if is_wanted(4) {
        register_refusing(registrar)?;
    }
    if is_wanted(5) {
        registrar.register::<Bare<BareDev>>()?;
    }
    if is_wanted(6) {
        registrar.register::<Hooked<Dev>>()?;
    }
    if is_wanted(7) {
        registrar.register::<Batched<DevBatched>>()?;
    }
    Ok(())
}

/// Is refused in the first namespace, then in the second, and so on, until there are not so many or it has been
/// refused often enough. Each time all is undone.
fn register_refusing(registrar: &mut Registrar<'_, Torture>) -> Result {
    for nth in 1..=parameter(&module_parameters::refuse_starts) {
        refusals::plan_start(nth.into());
        let registered = registrar.register::<Batched<Refusing>>();
        refusals::plan_start(0);
        match registered {
            Err(refusals::BEFORE) => STATS.refused_starts.add(1, Relaxed),
            other => return other,
        }
    }
    registrar.register::<Batched<Refusing>>()
}
