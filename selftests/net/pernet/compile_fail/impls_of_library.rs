// SPDX-License-Identifier: GPL-2.0

//! A module adds a drop, copies and methods to what is the library's. Every public type is here, as scripts/lib/cases.py
//! makes sure of.

include!("common/sample.rs");

// A type without a path may be any as far as rustc sees, also one that must not have a drop.
pernet_module! { type: Sample, name: "case", license: "GPL", }
//~ ERROR E0119
//~ OK pernet_module! { type: Sample, name: "case", license: "GPL", }

use net::{
    genetlink,
    resource::*,
    task, //
};

/// `Copy` of what has a drop or a part that is not, is refused by all compilers, but not in the same words.
macro_rules! impls {
    ($type:ty $(; $copy:ident)?) => {
        impl Drop for $type {
            fn drop(&mut self) {}
        }

        impl Clone for $type {
            fn clone(&self) -> Self {
                loop {}
            }
        }

        impl $type {
            fn own(&self) {}
        }

        $(impl $copy for $type {})?
    };
}

/// The same for what has no path, and is known by the trait that it is a type of.
macro_rules! impls_of_hidden {
    ($name:ident = $type:ty) => {
        impl Drop for $type {
            fn drop(&mut self) {}
        }

        impl Clone for $type {
            fn clone(&self) -> Self {
                loop {}
            }
        }
    };
}

impl sysctl::Values for Counters {
    const PATH: &'static CStr = c"net/case";
    const ENTRIES: &'static [sysctl::Entry<Self>] = &[];
}

impl genetlink::Serve for Sample {
    const NAME: &'static CStr = c"case";
    type Commands = (Get,);
}

struct Get;

#[vtable]
impl genetlink::Command for Get {
    type Module = Sample;
    type Cursor = u64;
    const CMD: u8 = 1;
    const PERMISSION: genetlink::Permission = genetlink::Permission::NetAdmin;

    fn doit(_: Pin<&Sample>, _: &genetlink::Request<'_>) -> Result {
        Ok(())
    }
}

impls!(Identity);
//~ ERROR E0116 E0117 E0120
//~ OK
impls!(Iter<'static>; Copy);
//~ ERROR E0116 E0117 E0120
//~ OK
impls!(Namespaces);
//~ ERROR E0116 E0117 E0120
//~ OK
impls!(Net);
//~ ERROR E0116 E0117 E0120
//~ OK
impls!(NetRef);
//~ ERROR E0116 E0117 E0120
//~ OK
impls!(UncountedNet<'static>; Copy);
//~ ERROR E0116 E0117 E0120
//~ OK
impls!(Batch<'static, Counters>; Copy);
//~ ERROR E0116 E0117 E0120
//~ OK
impls_of_hidden!(BatchIter = <Batch<'static, Counters> as IntoIterator>::IntoIter);
//~ ERROR E0117 E0120
//~ OK
impls!(Chore<Sample>);
//~ ERROR E0116 E0117 E0120
//~ OK
impls!(DevKillList<'static>; Copy);
//~ ERROR E0116 E0117 E0120
//~ OK
impls!(Device; Copy);
//~ ERROR E0116 E0117 E0120
//~ OK
impls!(HookNet<'static, Counters>; Copy);
//~ ERROR E0116 E0117 E0120
//~ OK
impls!(pernet::Host<Sample>);
//~ ERROR E0116 E0117 E0120
//~ OK
impls!(Operations<Counters>);
//~ ERROR E0116 E0117 E0120
//~ OK
impls!(OperationsRef<Counters>; Copy);
//~ ERROR E0116 E0117 E0120
//~ OK
impls!(Phase; Copy);
//~ ERROR E0116 E0117 E0120
//~ OK
impls!(Registrar<'static, Sample>);
//~ ERROR E0116 E0117 E0120
//~ OK
impls!(Subsys; Copy);
//~ ERROR E0116 E0117 E0120
//~ OK
impls!(Teardown; Copy);
//~ ERROR E0116 E0117 E0120
//~ OK
impls!(genetlink::Attribute; Copy);
//~ ERROR E0116 E0117 E0120
//~ OK
impls!(genetlink::Dump<'static>);
//~ ERROR E0116 E0117 E0120
//~ OK
impls!(genetlink::Family<Sample>);
//~ ERROR E0116 E0117 E0120
//~ OK
impls!(genetlink::Group);
//~ ERROR E0116 E0117 E0120
//~ OK
impls!(genetlink::Message<'static>);
//~ ERROR E0116 E0117 E0120
//~ OK
impls!(genetlink::Permission; Copy);
//~ ERROR E0116 E0117 E0120
//~ OK
impls!(genetlink::Request<'static>; Copy);
//~ ERROR E0116 E0117 E0120
//~ OK
impls!(rcu::ReadLock<'static>; Copy);
//~ ERROR E0116 E0117 E0120
//~ OK
impls!(task::Comm; Copy);
//~ ERROR E0116 E0117 E0120
//~ OK
impls!(netdev::Frame<'static>; Copy);
//~ ERROR E0116 E0117 E0120
//~ OK
impls!(netdev::Link; Copy);
//~ ERROR E0116 E0117 E0120
//~ OK
impls!(netdev::Outcome; Copy);
//~ ERROR E0116 E0117 E0120
//~ OK
impls!(nf::Family; Copy);
//~ ERROR E0116 E0117 E0120
//~ OK
impls!(nf::Hooks; Copy);
//~ ERROR E0116 E0117 E0120
//~ OK
impls!(nf::Packet<'static>; Copy);
//~ ERROR E0116 E0117 E0120
//~ OK
impls!(nf::Point);
//~ ERROR E0116 E0117 E0120
//~ OK
impls!(nf::Stage; Copy);
//~ ERROR E0116 E0117 E0120
//~ OK
impls!(nf::Verdict; Copy);
//~ ERROR E0116 E0117 E0120
//~ OK
impls!(percpu::Counters<1>);
//~ ERROR E0116 E0117 E0120
//~ OK
impls!(proc::File; Copy);
//~ ERROR E0116 E0117 E0120
//~ OK
impls!(sysctl::Bool);
//~ ERROR E0116 E0117 E0120
//~ OK
impls!(sysctl::Entry<Counters>);
//~ ERROR E0116 E0117 E0120
//~ OK
impls!(sysctl::Int);
//~ ERROR E0116 E0117 E0120
//~ OK
impls_of_hidden!(Registered = <sysctl::Table as pernet::Resource<Counters>>::State);
//~ ERROR E0117 E0120
//~ OK
impls!(sysctl::Table; Copy);
//~ ERROR E0116 E0117 E0120
//~ OK
impls!(work::Item<Counters>);
//~ ERROR E0116 E0117 E0120
//~ OK
impls!(work::Work; Copy);
//~ ERROR E0116 E0117 E0120
//~ OK
