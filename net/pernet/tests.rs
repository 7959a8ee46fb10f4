// SPDX-License-Identifier: GPL-2.0

//! KUnit tests of this folder's logic, on namespaces and registrations that the kernel knows nothing of.

#[cfg(CONFIG_DEBUG_FS)]
mod debugfs;
mod fake;
mod operations;
mod resources;
