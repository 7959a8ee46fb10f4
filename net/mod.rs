// SPDX-License-Identifier: GPL-2.0

//! Network namespaces for Rust.
//!
//! - [`namespace`]: `struct net` and the ways to hold one;
//! - [`pernet`]: code and data for every network namespace;
//! - [`resource`]: what belongs to a namespace beside data: files, sysctls, hooks, devices, work;
//! - [`genetlink`]: families of generic netlink, for what user space asks a module, and the answers;
//! - [`rcu`]: sections in which what is looked up stays;
//! - [`task`]: who the current task is.
//!
//! It is a crate of its own, which a module finds by its name:
//!
//! ```ignore
//! use net::pernet::{self, *};
//! ```

mod atomic;
mod bindings;
pub mod genetlink;
mod kernels;
mod names;
pub mod namespace;
pub mod pernet;
pub mod rcu;
pub mod resource;
pub mod task;

pub use kernels::parameter;

// What is called `crate::net` here and `$crate::net` in macros is a module of the kernel crate in the kernel's tree.
#[doc(hidden)]
pub extern crate self as net;

/// What the kernel's macros and [`pernet_module!`] call `::core`, `::kernel` and `::pin_init`.
#[doc(hidden)]
pub mod given {
    pub use ::{
        core,
        kernel,
        pin_init, //
    };
}

/// Refuses a module where one of these names is that of another crate: a name that is both is ambiguous.
#[doc(hidden)]
#[macro_export]
macro_rules! pernet_crates {
    () => {
        mod pernet_crates {
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
                use super::named::*;
                use $crate::net::given::*;
            }
        }
    };
}

// `pr_warn!` and its like begin a line with it. In a module it is what `module!` makes.
const __LOG_PREFIX: &[u8] = b"pernet\0";
