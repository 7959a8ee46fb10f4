// SPDX-License-Identifier: GPL-2.0

//! What the examples in this documentation stand on.
//!
//! In the kernel's tree they are KUnit tests, and register for real: [`pernet_doctest!`] makes a module's state,
//! `Sample`, and a value of each namespace, `Counters`, and `load()` does what loading that module does.
//!
//! [`pernet_doctest!`]: crate::pernet_doctest

/// Makes `Sample`, `Counters`, `COUNTERS` and `load()`. With a type, its kind, what it comes after and hooks, it makes that,
/// too, and `EXAMPLE`; it is registered behind `Counters`. And with a type that is there, its kind, its static and a value
/// it makes `Sample` and `load()` for that.
#[doc(hidden)]
#[macro_export]
macro_rules! pernet_doctest {
    () => {
        $crate::pernet_doctest!(@module Counters);
        $crate::pernet_doctest!(@type Counters, COUNTERS, Subsys, () {});
    };
    ($value:ident: $kind:ident, $after:ty { $($hook:tt)* }) => {
        $crate::pernet_doctest!(@module Counters, $value);
        $crate::pernet_doctest!(@type Counters, COUNTERS, Subsys, () {});
        $crate::pernet_doctest!(@type $value, EXAMPLE, $kind, $after { $($hook)* });
    };
    ($value:ident: $kind:ident = $operations:ident, $init:expr) => {
        $crate::pernet_doctest!(@module $value);
        $crate::pernet_doctest!(@impl $value, $operations, $kind, (), $init, {});
    };
    (@type $value:ident, $operations:ident, $kind:ident, $after:ty { $($hook:tt)* }) => {
        #[allow(dead_code)]
        struct $value {
            hits: $crate::sync::atomic::Atomic<u64>,
        }

        static $operations: $crate::net::pernet::Operations<$value> =
            $crate::net::pernet::Operations::new();

        $crate::pernet_doctest!(
            @impl $value, $operations, $kind, $after,
            $value { hits: $crate::sync::atomic::Atomic::<u64>::new(1) },
            { $($hook)* }
        );
    };
    (
        @impl $value:ident, $operations:ident, $kind:ident, $after:ty, $init:expr, { $($hook:tt)* }
    ) => {
        #[$crate::prelude::vtable]
        impl $crate::net::pernet::PerNet for $value {
            type Module = Sample;
            type Kind = $crate::net::pernet::$kind;
            type After = $after;
            const OPERATIONS: $crate::net::pernet::OperationsRef<Self> =
                $crate::net::pernet::OperationsRef::to(&$operations);

            fn init<'a>(
                _: ::core::pin::Pin<&'a Sample>,
                _: $crate::net::pernet::HookNet<'a, Self>,
            ) -> impl ::pin_init::PinInit<Self, $crate::error::Error> {
                Ok($init)
            }

            $($hook)*
        }
    };
    (@module $($value:ident),+) => {
        // What `load()` returns may be leaked, and a module's text goes all the same.
        #[cfg(MODULE)]
        compile_error!("an example is not a module");

        struct Sample;

        $crate::pernet_claim!(Sample);

        impl $crate::net::pernet::Module for Sample {
            fn init(
                _: &'static $crate::ThisModule,
            ) -> impl ::pin_init::PinInit<Self, $crate::error::Error> {
                Ok(Self)
            }

            fn start(
                self: ::core::pin::Pin<&Self>,
                registrar: &mut $crate::net::pernet::Registrar<'_, Self>,
            ) -> $crate::error::Result {
                $(registrar.register::<$value>()?;)+
                Ok(())
            }
        }

        /// Returns the state of the module when it has started; it is unloaded when that is dropped.
        #[cfg(not(MODULE))]
        fn load() -> $crate::error::Result<
            ::core::pin::Pin<$crate::alloc::KBox<$crate::net::pernet::Host<Sample>>>,
        > {
            let module = $crate::module::this_module::<crate::LocalModule>();
            let host =
                // SAFETY: This is built into the kernel and not a module, so that its text stays.
                unsafe { $crate::net::pernet::Host::<Sample>::load(module, c"sample") };
            <$crate::alloc::KBox<_> as $crate::init::InPlaceInit<_>>::try_pin_init(
                host,
                $crate::alloc::flags::GFP_KERNEL,
            )
        }
    };
}
