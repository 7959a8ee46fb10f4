// SPDX-License-Identifier: GPL-2.0

//! What is known of a namespace.

use crate::spec::{
    creator,
    netns,
    Phase,
    State, //
};
use kernel::{
    current,
    prelude::*,
    time::{
        BootTime,
        ClockSource, //
    }, //
};
use net::{
    genetlink::Message,
    namespace::Identity,
    task::{
        self,
        Comm, //
    }, //
};

/// Nanoseconds of `CLOCK_BOOTTIME`.
pub(crate) fn now() -> u64 {
    // CAST: It is not negative.
    BootTime::ktime_get() as u64
}

/// Who made a namespace.
pub(crate) struct Creator {
    pid: u32,
    comm: Comm,
    cgroup: Option<u64>,
}

impl Creator {
    /// Is the current task.
    fn current() -> Self {
        Self {
            // CAST: That of a task is positive.
            pid: current!().group_leader().pid() as u32,
            comm: Comm::current().printable(),
            cgroup: task::current_cgroup(),
        }
    }

    pub(crate) fn put(&self, message: &mut Message<'_>) -> Result {
        message.nest(netns::CREATOR, |message| {
            message.put_u32(creator::PID, self.pid)?;
            message.put_string(creator::COMM, self.comm.as_c_str())?;
            match self.cgroup {
                Some(id) => message.put_u64(creator::CGROUP, id, 0),
                None => Ok(()),
            }
        })
    }
}

/// What is known of a namespace. Its cookie is its key.
pub(crate) struct Row {
    pub(crate) inum: u32,
    pub(crate) owner: u32,
    /// `None` of a namespace that is older than the ledger.
    pub(crate) creator: Option<Creator>,
    /// When it was made, or first seen.
    pub(crate) created: u64,
    pub(crate) changed: u64,
    pub(crate) state: State,
    pub(crate) phase: Phase,
    pub(crate) refs: u32,
    pub(crate) active_refs: u32,
    pub(crate) devices: u32,
    /// When its end began.
    pub(crate) dying: u64,
    /// The cookie of the next one that has nothing but devices behind it, or zero.
    pub(crate) next: u64,
}

impl Row {
    /// Makes that of a namespace that is in its init hook.
    pub(crate) fn new(net: &Identity, owner: u32) -> Self {
        let now = now();
        let mut row = Self {
            inum: net.inum(),
            owner,
            // Who loads the ledger has not made those that were there before.
            creator: (!net.is_initialized()).then(Creator::current),
            created: now,
            changed: now,
            state: State::Active,
            phase: Phase::None,
            refs: 0,
            active_refs: 0,
            devices: 0,
            dying: 0,
            next: 0,
        };
        if net.is_initialized() {
            row.look(net, now);
        }
        row
    }

    /// Counts the devices of a namespace that is on the kernel's list.
    pub(crate) fn count_devices(&mut self, net: &Identity) {
        if !matches!(self.phase, Phase::Devices | Phase::Subsystems) {
            self.devices = net.devices();
        }
    }

    /// Takes in what changes without a hook, of a namespace that is on the kernel's list.
    pub(crate) fn look(&mut self, net: &Identity, now: u64) {
        // One whose end has begun is not on the list any more, and does not come back.
        if matches!(self.phase, Phase::Devices | Phase::Subsystems) {
            return;
        }
        self.refs = net.refs();
        self.active_refs = net.active_refs();
        let state = if self.refs == 0 {
            State::Dying
        } else if self.active_refs == 0 {
            State::Inactive
        } else {
            State::Active
        };
        if state == State::Dying {
            self.phase = Phase::Queued;
        }
        self.come_to(state, now);
    }

    fn come_to(&mut self, state: State, now: u64) {
        if self.state != state {
            self.state = state;
            self.changed = now;
        }
    }

    /// Its end begins.
    pub(crate) fn die(&mut self, devices: u32, now: u64) {
        self.come_to(State::Dying, now);
        self.phase = Phase::Devices;
        (self.refs, self.active_refs, self.devices) = (0, 0, devices);
        self.dying = now;
    }

    /// Puts all of it.
    pub(crate) fn put(&self, cookie: u64, seq: u64, message: &mut Message<'_>) -> Result {
        message.put_u64(netns::COOKIE, cookie, netns::PAD)?;
        message.put_u32(netns::INUM, self.inum)?;
        message.put_u32(netns::STATE, self.state as u32)?;
        message.put_u32(netns::PHASE, self.phase as u32)?;
        if self.creator.is_some() {
            message.put_u64(netns::CREATED, self.created, netns::PAD)?;
        }
        message.put_u64(netns::CHANGED, self.changed, netns::PAD)?;
        message.put_u64(netns::NOW, now(), netns::PAD)?;
        message.put_u32(netns::REFS, self.refs)?;
        message.put_u32(netns::ACTIVE_REFS, self.active_refs)?;
        message.put_u32(netns::DEVICES, self.devices)?;
        message.put_u32(netns::OWNER, self.owner)?;
        match &self.creator {
            Some(creator) => creator.put(message)?,
            None => message.put_flag(netns::PREEXISTING)?,
        }
        message.put_u64(netns::SEQ, seq, netns::PAD)
    }
}
