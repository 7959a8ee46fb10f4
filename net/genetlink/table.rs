// SPDX-License-Identifier: GPL-2.0

//! The table of commands that C looks into.

use super::super::bindings;
use core::marker::PhantomData;

/// Who may do something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Permission {
    /// Everybody in the initial network namespace.
    Anybody,
    /// Who has `CAP_NET_ADMIN` in the initial user namespace, and had it when the socket was opened.
    NetAdmin,
}

const MOST: usize = 16;

// CAST: The flags are few.
pub(super) const CAP_DO: u8 = bindings::GENL_CMD_CAP_DO as u8;
pub(super) const CAP_DUMP: u8 = bindings::GENL_CMD_CAP_DUMP as u8;

/// The table of a family's commands.
///
/// # Invariants
///
/// The first `len` are complete, and their functions are those of commands of exactly `M`.
pub(super) struct Table<M> {
    pub(super) ops: [bindings::genl_split_ops; MOST],
    pub(super) len: u8,
    _module: PhantomData<fn(M) -> M>,
}

impl<M> Table<M> {
    pub(super) const fn new() -> Self {
        // INVARIANT: It is empty.
        Self {
            ops: pin_init::zeroed(),
            len: 0,
            _module: PhantomData,
        }
    }

    pub(super) const fn add(mut self, op: bindings::genl_split_ops) -> Self {
        let len = self.len as usize;
        assert!(len < MOST, "too many commands");
        assert!(
            len == 0
                || self.ops[len - 1].cmd < op.cmd
                // `doit` and `dumpit` of one; C warns of two that are for different people.
                || self.ops[len - 1].cmd == op.cmd
                    && self.ops[len - 1].flags ^ op.flags == CAP_DO | CAP_DUMP
                    && op.flags & CAP_DUMP != 0,
            "commands come in the order of their numbers, each once"
        );
        self.ops[len] = op;
        self.len += 1;
        self
    }
}

/// A list of commands: up to eight in a tuple, in the order of their numbers.
pub trait Commands<M> {
    #[doc(hidden)]
    #[allow(private_interfaces)]
    const TABLE: Table<M>;
}
