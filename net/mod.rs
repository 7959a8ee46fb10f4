// SPDX-License-Identifier: GPL-2.0

//! Network namespaces for Rust.
//!
//! - [`namespace`]: `struct net` and the ways to hold one;
//! - [`pernet`]: code and data for every network namespace.
//!
//! A module includes this library by its source, since Kbuild shares no Rust crate between external
//! modules:
//!
//! ```ignore
//! #[path = "../net/mod.rs"]
//! mod net;
//! ```

// A module rarely uses the whole library, and what it leaves out is not dead.
#![allow(dead_code, unreachable_pub, unused_imports)]

mod bindings;
pub mod namespace;
pub mod pernet;
