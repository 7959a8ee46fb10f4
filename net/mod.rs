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
//! It is a crate of its own, which a module finds by its name:
//!
//! ```ignore
//! use net::pernet::{self, *};
//! ```

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

// What is called `crate::net` here and `$crate::net` in macros is a module of the kernel crate in the kernel's tree.
#[doc(hidden)]
pub extern crate self as net;

// `pr_warn!` and its like begin a line with it. In a module it is what `module!` makes.
const __LOG_PREFIX: &[u8] = b"pernet\0";
