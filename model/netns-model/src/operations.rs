// SPDX-License-Identifier: GPL-2.0

//! What can be registered: the twelve slots of the puppet modules.

use std::fmt;

/// A place of the table [`PUPPET`]: one `struct pernet_operations`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slot(pub u8);

/// Which pair of functions registers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `register_pernet_subsys()`: before all devices in the list.
    Subsys,
    /// `register_pernet_device()`: at the end of the list.
    Device,
}

/// What an event tells of: a hook of `struct pernet_operations`, or what goes with one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Hook {
    /// The namespace is made, or the operations are registered.
    Init,
    /// First phase of the end: readers may still be there.
    PreExit,
    /// Second phase, under RTNL.
    ExitRtnl,
    /// Third phase, for one namespace.
    Exit,
    /// Third phase, for all namespaces that go together.
    ExitBatch,
    /// A namespace of the batch that the [`Hook::ExitBatch`] before it was told of.
    Member,
    /// The value of the namespace is dropped, in the last hook that saw it.
    Drop,
}

impl Hook {
    /// All of them, with the words of the trace.
    pub const NAMES: [(Hook, &'static str); 7] = [
        (Hook::Init, "init"),
        (Hook::PreExit, "pre_exit"),
        (Hook::ExitRtnl, "exit_rtnl"),
        (Hook::Exit, "exit"),
        (Hook::ExitBatch, "exit_batch"),
        (Hook::Member, "member"),
        (Hook::Drop, "drop"),
    ];
}

impl fmt::Display for Hook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (_, name) = Self::NAMES[*self as usize];
        f.pad(name)
    }
}

/// A `struct pernet_operations`.
#[derive(Clone, Copy, Debug)]
pub struct Operations {
    /// Subsystem or device.
    pub kind: Kind,
    /// The hooks that there are and that are traced.
    pub hooks: &'static [Hook],
    /// Bytes of data in each namespace.
    pub size: usize,
}

impl Operations {
    /// Whether there is such a hook.
    pub fn has(&self, hook: Hook) -> bool {
        self.hooks.contains(&hook)
    }

    /// Whether there is a value in each namespace, which is dropped in the end.
    pub fn has_value(&self) -> bool {
        self.size > 0
    }

    /// Whether a registration visits the namespaces that exist: C's `ops->init || ops->id`.
    pub fn visits(&self) -> bool {
        self.has(Hook::Init) || self.has_value()
    }
}

const fn operations(kind: Kind, hooks: &'static [Hook], size: usize) -> Operations {
    Operations { kind, hooks, size }
}

use Hook::{
    Exit,
    ExitBatch,
    ExitRtnl,
    Init,
    PreExit, //
};
use Kind::{
    Device,
    Subsys, //
};

const ALL: &[Hook] = &[Init, PreExit, ExitRtnl, Exit, ExitBatch];

/// The slots of the puppet modules.
pub const PUPPET: [Operations; 12] = [
    operations(Subsys, ALL, 16),
    operations(Device, ALL, 16),
    operations(Subsys, &[Init, Exit], 16),
    operations(Device, &[Init, Exit], 4096),
    operations(Subsys, &[Init, ExitBatch], 16),
    operations(Device, &[Init, PreExit, Exit], 0),
    operations(Subsys, &[Init, ExitRtnl], 0),
    operations(Device, &[Init, ExitBatch], 4096),
    operations(Subsys, &[PreExit, Exit], 16),
    operations(Subsys, &[Init], 16),
    operations(Device, &[Exit], 0),
    operations(Subsys, ALL, 0),
];

impl Slot {
    /// All of them.
    pub fn all() -> impl Iterator<Item = Slot> {
        (0..PUPPET.len() as u8).map(Slot)
    }

    /// What is registered there.
    pub fn operations(self) -> &'static Operations {
        &PUPPET[usize::from(self.0)]
    }
}

impl fmt::Display for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_in_the_order_of_the_hooks() {
        for (index, (hook, _)) in Hook::NAMES.into_iter().enumerate() {
            assert_eq!(hook as usize, index);
        }
    }

    /// The oracle counts on it: nobody leaves the list, and no namespace goes, without an event.
    #[test]
    fn each_slot_is_seen_to_go() {
        for slot in Slot::all() {
            let operations = slot.operations();
            assert!(
                operations.has_value() || operations.hooks.iter().any(|hook| *hook != Hook::Init)
            );
        }
    }
}
