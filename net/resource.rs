// SPDX-License-Identifier: GPL-2.0

//! What belongs to a namespace beside data: files, sysctls, hooks, devices, work items.
//!
//! | resource | what the type implements | goes in |
//! |---|---|---|
//! | [`proc::File`]: a file in `/proc/net` | [`proc::Show`] | `exit` |
//! | [`sysctl::Table`]: values in `/proc/sys/net` | [`sysctl::Values`], with fields | `exit` |
//! | [`work::Work`]: a work item, which may run later | [`work::Run`], with a field | `exit` |
//! | [`netdev::Link`]: a network device | [`netdev::Driver`] | `exit_rtnl` |
//! | [`nf::Hooks`]: what sees packets | [`nf::Hook`] | `pre_exit` |
//!
//! They are listed where the operations are made, see [`Operations::new_with()`]; how they are made and go is told
//! at [`Resource`]. [`percpu::Counters`] are a field like others: nothing ties them to a namespace.
//!
//! Of one kind a type may have several: they differ in the number that both the trait and the resource take, which
//! is zero if it is left out.
//!
//! A callback gets the value of the namespace, which stays while it runs: what takes the resource down waits for
//! it. It may be called before `init` of later operations and while the module registers, when lookups do not
//! find anything; it is not called any more when the type's own hook of the phase runs in which the resource goes.
//! A callback must not wait for anybody who makes or removes a namespace or a module: they wait for it.
//!
//! # Examples
//!
//! ```
//! # use kernel::{
//! #     net::{namespace::Net, pernet::*, resource::{proc, sysctl::{self, Entry}}},
//! #     prelude::*,
//! #     seq_file::SeqFile,
//! # };
//! # struct Counters { enabled: sysctl::Bool }
//! # kernel::pernet_doctest!(
//! #     Counters: Subsys = COUNTERS,
//! #     Counters { enabled: sysctl::Bool::new(true) }
//! # );
//! # impl proc::Show for Counters {
//! #     const NAME: &'static CStr = c"counters";
//! #     fn show(self: Pin<&Self>, _: &Net, _: &SeqFile) -> Result {
//! #         Ok(())
//! #     }
//! # }
//! # impl sysctl::Values for Counters {
//! #     const PATH: &'static CStr = c"net/counters";
//! #     const ENTRIES: &'static [Entry<Self>] =
//! #         &[Entry::bool(c"enabled", |counters| &counters.enabled)];
//! # }
//! static COUNTERS: Operations<Counters> =
//!     Operations::new_with::<(proc::File, sysctl::Table)>();
//! # drop(load()?);
//! # Ok::<(), Error>(())
//! ```
//!
//! [`Operations::new_with()`]: super::pernet::Operations::new_with
//! [`Resource`]: super::pernet::Resource

pub mod netdev;
#[cfg(CONFIG_NETFILTER)]
pub mod nf;
pub mod percpu;
#[cfg(CONFIG_PROC_FS)]
pub mod proc;
#[cfg(CONFIG_SYSCTL)]
pub mod sysctl;
pub mod work;
