// SPDX-License-Identifier: GPL-2.0

//! The numbers of `Documentation/netlink/specs/netns-ledger.yaml`, which come from the order of what is listed there.

/// Commands and events.
pub(crate) mod cmd {
    pub(crate) const NETNS_GET: u8 = 1;
    pub(crate) const STATS_GET: u8 = 2;
    pub(crate) const CREATED_NTF: u8 = 3;
    pub(crate) const DYING_NTF: u8 = 4;
    pub(crate) const DEVICES_GONE_NTF: u8 = 5;
    pub(crate) const DESTROYED_NTF: u8 = 6;
}

/// Attributes of a namespace.
pub(crate) mod netns {
    pub(crate) const PAD: u16 = 1;
    pub(crate) const COOKIE: u16 = 2;
    pub(crate) const INUM: u16 = 3;
    pub(crate) const STATE: u16 = 4;
    pub(crate) const PHASE: u16 = 5;
    pub(crate) const CREATED: u16 = 6;
    pub(crate) const CHANGED: u16 = 7;
    pub(crate) const NOW: u16 = 8;
    pub(crate) const REFS: u16 = 9;
    pub(crate) const ACTIVE_REFS: u16 = 10;
    pub(crate) const DEVICES: u16 = 11;
    pub(crate) const OWNER: u16 = 12;
    pub(crate) const CREATOR: u16 = 13;
    pub(crate) const PREEXISTING: u16 = 14;
    pub(crate) const SEQ: u16 = 15;
    pub(crate) const TEARDOWN: u16 = 16;
    pub(crate) const REFUSED: u16 = 17;
}

/// Attributes of who made one.
pub(crate) mod creator {
    pub(crate) const PID: u16 = 1;
    pub(crate) const COMM: u16 = 2;
    pub(crate) const CGROUP: u16 = 3;
}

/// Attributes of what has happened in all.
pub(crate) mod stats {
    pub(crate) const PAD: u16 = 1;
    pub(crate) const LIVE: u16 = 2;
    pub(crate) const INACTIVE: u16 = 3;
    pub(crate) const DYING: u16 = 4;
    pub(crate) const CREATED: u16 = 5;
    pub(crate) const DESTROYED: u16 = 6;
    pub(crate) const REFUSED: u16 = 7;
    pub(crate) const LOST_EVENTS: u16 = 8;
    pub(crate) const LOST_ROWS: u16 = 9;
    pub(crate) const SEQ: u16 = 10;
    pub(crate) const TEARDOWN_MAX: u16 = 11;
    pub(crate) const TEARDOWN_SUM: u16 = 12;
    pub(crate) const TEARDOWN_LOG2: u16 = 13;
    pub(crate) const CLEANUP_SINCE: u16 = 14;
    pub(crate) const NOW: u16 = 15;
}

/// What a namespace is held by.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    Active = 0,
    Inactive = 1,
    Dying = 2,
}

/// How far the end of a dying namespace has come.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    None = 0,
    Queued = 1,
    Devices = 2,
    Subsystems = 3,
}
