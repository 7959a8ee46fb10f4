// SPDX-License-Identifier: GPL-2.0

//! Who the current task is: what the kernel crate's `current!()` does not tell.
//!
//! C header: [`include/linux/sched.h`](srctree/include/linux/sched.h)

use super::bindings;
use kernel::prelude::*;

/// The name of a task: up to 15 bytes, which need not be text.
///
/// # Invariants
///
/// One of the bytes is zero.
#[derive(Clone, Copy)]
pub struct Comm([u8; bindings::TASK_COMM_LEN as usize]);

impl Comm {
    /// Returns that of the current task. Any context; in an interrupt it is that of the interrupted task.
    ///
    /// C: `get_task_comm()`.
    pub fn current() -> Self {
        let mut comm = [0; bindings::TASK_COMM_LEN as usize];
        // SAFETY: There is room for a name, and C ends it with a zero.
        unsafe { bindings::current_comm(comm.as_mut_ptr().cast()) };
        // INVARIANT: See above.
        Self(comm)
    }

    /// Returns it with a question mark in the place of each byte that is not a printable one of ASCII: anybody may name
    /// a task as he likes, and what prints or decodes a name may not expect that.
    pub fn printable(mut self) -> Self {
        // INVARIANT: The zeroes are left alone.
        for byte in &mut self.0 {
            if *byte != 0 && !(b' '..=b'~').contains(byte) {
                *byte = b'?';
            }
        }
        self
    }

    /// Returns it as a string.
    pub fn as_c_str(&self) -> &CStr {
        CStr::from_bytes_until_nul(&self.0).unwrap_or(c"")
    }
}

/// Returns the id of the current task's cgroup, which is the inode number of its folder in the unified hierarchy;
/// `None` on a kernel without cgroups.
///
/// C: `cgroup_id()` and `task_dfl_cgroup()`. Any context but NMI.
pub fn current_cgroup() -> Option<u64> {
    // SAFETY: There are no requirements.
    match unsafe { bindings::current_cgroup_id() } {
        0 => None,
        id => Some(id),
    }
}
