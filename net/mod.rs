// SPDX-License-Identifier: GPL-2.0

//! Network namespaces for Rust.
//!
//! - [`namespace`]: `struct net` and the ways to hold one;
//! - [`pernet`]: code and data for every network namespace;
//! - [`resource`]: what belongs to a namespace beside data: files, sysctls, hooks, devices, work;
//! - [`netlink`]: families of generic netlink, for what user space asks a module and is told by it;
//! - [`rcu`]: sections in which what is looked up stays;
//! - [`task`]: who the current task is.
//!
//! A module includes this library by its source, since Kbuild shares no Rust crate between external
//! modules:
//!
//! ```ignore
//! #[path = "../net/mod.rs"]
//! mod net;
//! ```

// The library is part of the user's crate, where names of the prelude can be shadowed and methods be added
// to these types. So unsafe code and what it rests on names macros of the prelude by `core::`, and calls a
// method that a type has by `Deref` on the type that it is a method of.

// A module rarely uses the whole library, and what it leaves out is not dead.
#![allow(dead_code, unreachable_pub, unused_imports)]

mod atomic;
mod bindings;
mod delayed;
mod kernels;
mod names;
pub mod namespace;
pub mod netlink;
pub mod pernet;
pub mod rcu;
pub mod resource;
pub mod task;

pub use kernels::parameter;

// The crates that the library stands on have the names that it knows them by: a name that is another's is
// ambiguous here.
#[allow(unused_extern_crates)]
mod given {
    pub(super) extern crate core;
    pub(super) extern crate kernel;
    pub(super) extern crate pin_init;
}
mod named {
    pub(super) use ::{
        core,
        kernel,
        pin_init, //
    };
}
mod same {
    use self::{
        core as _,
        kernel as _,
        pin_init as _, //
    };
    use super::{
        given::*,
        named::*, //
    };
}

// What `module!` makes; `pr_warn!` and its like read it up to its end.
const _: () = core::assert!(core::matches!(crate::__LOG_PREFIX, [.., 0]));
