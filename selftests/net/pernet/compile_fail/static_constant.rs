// SPDX-License-Identifier: GPL-2.0

//! Operations are a constant, of which every use is another one.

#![deny(unsafe_code)]

mod common;

use common::*;

pernet_module! { type: Sample, name: "case", license: "GPL", }

const OPERATIONS: &Operations<Counters> = &Operations::new();
//~ ERROR E0492
//~ OK static OPERATIONS: &Operations<Counters> = &COUNTERS;
