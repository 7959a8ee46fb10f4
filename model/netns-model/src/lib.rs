// SPDX-License-Identifier: GPL-2.0

//! How network namespaces live and die: the kernel's rules as a program, and a judge of traces.
//!
//! Code that wants to run for every network namespace registers hooks, as a subsystem or as a device. They run when a
//! namespace is made, for every namespace that exists when they are registered, and in several phases when a namespace
//! goes or they are unregistered.
//!
//! * [`kernel`] is the specification: what happens, if one thing is done after the other. Read that first.
//! * [`program`] is a small language of what can be done, and runs it on the specification.
//! * [`simulator`] has many tasks that do things at once, in an order that depends on a seed.
//! * [`oracle`] looks at a trace of what hooks saw, of that or of a real kernel, and says whether it can be: it knows
//!   the rules, not the moments. It shares no code with the specification, and each is tested with the other.
//! * [`search`] runs every program of a small system.
//! * [`drawing`] draws what happens, [`lists`] what it leads to.
//! * [`session`] runs a program on a [system](session::System), real or simulated, with the oracle beside it.
//!
//! # Example
//!
//! ```
//! use netns_model::program::{parse_program, Interpreter};
//!
//! // Slot 1 is a device, slot 2 a subsystem. The namespace sees the subsystem first, though it came later.
//! let program = parse_program("register 1; register 2; create; destroy 1").unwrap();
//! let mut interpreter = Interpreter::new();
//! let steps: Vec<_> = program.iter().map(|operation| interpreter.run(operation)).collect();
//!
//! let seen = |step: usize| -> Vec<String> {
//!     steps[step].events.iter().map(|event| format!("{} {} {}", event.slot, event.hook, event.net)).collect()
//! };
//! assert_eq!(seen(0), ["1 init 1"]); // the initial namespace
//! assert_eq!(seen(2), ["2 init 2", "1 init 2"]);
//! assert_eq!(
//!     seen(3),
//!     [
//!         "1 pre_exit 2", // the device goes first, in each phase
//!         "1 exit_rtnl 2",
//!         "1 exit 2",
//!         "1 exit_batch 0",
//!         "1 member 2",
//!         "1 drop 2",
//!         "2 exit 2",
//!         "2 drop 2"
//!     ]
//! );
//! ```

pub mod drawing;
pub mod event;
pub mod kernel;
pub mod lists;
pub mod operations;
pub mod oracle;
pub mod program;
pub mod search;
pub mod session;
pub mod simulator;
