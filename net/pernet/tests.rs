// SPDX-License-Identifier: GPL-2.0

//! KUnit tests of this directory, on namespaces and registrations that are not on the kernel's lists.

#[cfg(CONFIG_DEBUG_FS)]
mod debugfs;
mod fake;
mod operations;
mod resources;
