// SPDX-License-Identifier: GPL-2.0

//! Operations are a constant, of which every use is another one.

include!("common/module.rs");

const OPERATIONS: &Operations<Counters> = &Operations::new();
//~ ERROR E0492
//~ OK static OPERATIONS: &Operations<Counters> = &COUNTERS;
