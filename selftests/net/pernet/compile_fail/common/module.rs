// SPDX-License-Identifier: GPL-2.0

// The same, and what makes a kernel module of it.

include!("sample.rs");

pernet_module! { type: Sample, name: "case", license: "GPL", }
