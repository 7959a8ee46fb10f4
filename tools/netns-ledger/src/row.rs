// SPDX-License-Identifier: GPL-2.0

//! What the ledger tells: rows, events and counters. As JSON they have the names of the spec.

use serde::Serialize;

/// What a namespace is held by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// A task, an open file or a mount.
    Active,
    /// The kernel alone.
    Inactive,
    /// Nobody: it is being taken down.
    Dying,
}

impl State {
    /// As the spec spells it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Inactive => "inactive",
            Self::Dying => "dying",
        }
    }
}

/// How far the end of a dying namespace has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    /// It is not dying.
    None,
    /// Others come first.
    Queued,
    /// Its devices go.
    Devices,
    /// The rest of the kernel lets go of it.
    Subsystems,
}

impl Phase {
    /// As the spec spells it.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Queued => "queued",
            Self::Devices => "devices",
            Self::Subsystems => "subsystems",
        }
    }
}

/// Who made a namespace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Creator {
    /// Its process, as the initial namespace numbers it.
    pub pid: u32,
    /// The name of the task.
    pub comm: String,
    /// The inode number of the folder of its cgroup.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cgroup: Option<u64>,
    /// That folder, below the mount of cgroups. It is ours, not the ledger's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cgroup_path: Option<String>,
}

/// A namespace. Times are nanoseconds of `CLOCK_BOOTTIME`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs)]
pub struct Row {
    pub cookie: u64,
    pub inum: u32,
    pub state: State,
    pub phase: Phase,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created: Option<u64>,
    pub changed: u64,
    pub now: u64,
    pub refs: u32,
    pub active_refs: u32,
    pub devices: u32,
    pub owner: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub creator: Option<Creator>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub preexisting: bool,
    pub seq: u64,
}

impl Row {
    /// How long it has been in its state.
    pub fn in_state(&self) -> u64 {
        self.now.saturating_sub(self.changed)
    }

    /// How old it is, if the ledger has seen it come.
    pub fn age(&self) -> Option<u64> {
        Some(self.now.saturating_sub(self.created?))
    }
}

/// What has happened to a namespace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// It is being made.
    Created,
    /// Its end has begun.
    Dying,
    /// Its devices are gone.
    DevicesGone,
    /// It is gone.
    Destroyed,
}

impl Kind {
    /// As JSON has it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Dying => "dying",
            Self::DevicesGone => "devices-gone",
            Self::Destroyed => "destroyed",
        }
    }
}

/// An event. What the kind does not have is absent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs)]
pub struct Event {
    #[serde(rename = "event")]
    pub kind: Kind,
    pub seq: u64,
    pub now: u64,
    pub cookie: u64,
    pub inum: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub creator: Option<Creator>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub devices: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub teardown: Option<u64>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub refused: bool,
}

/// The counters. Times are nanoseconds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs)]
pub struct Stats {
    pub live: u32,
    pub inactive: u32,
    pub dying: u32,
    pub created: u64,
    pub destroyed: u64,
    pub refused: u64,
    pub lost_events: u64,
    pub lost_rows: u64,
    pub seq: u64,
    pub teardown_max: u64,
    pub teardown_sum: u64,
    pub teardown_log2: Vec<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cleanup_since: Option<u64>,
    pub now: u64,
}

impl Stats {
    /// How long the cleanup that is running has been.
    pub fn cleanup_for(&self) -> Option<u64> {
        Some(self.now.saturating_sub(self.cleanup_since?))
    }

    /// How many ends the histogram has.
    pub fn teardowns(&self) -> u64 {
        self.teardown_log2.iter().sum()
    }
}

/// The whole table, which may have changed while it was read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Dump {
    /// The rows, as they came.
    pub rows: Vec<Row>,
    /// The last event when all rows had been read.
    pub end: u64,
}

impl Dump {
    /// The rows have the effects of all events up to this one, and may have those of later ones.
    pub fn begin(&self) -> u64 {
        self.rows.iter().map(|row| row.seq).min().unwrap_or(0)
    }

    /// No row has the effect of an event that is later than this one.
    pub fn end(&self) -> u64 {
        self.end
            .max(self.rows.iter().map(|row| row.seq).max().unwrap_or(0))
    }
}

/// What may be made of bytes that somebody else has chosen, such as the name of a task, on a terminal.
pub fn shown(text: &str) -> String {
    text.chars()
        .map(|c| {
            if c.is_control() || ('\u{200b}'..='\u{202e}').contains(&c) {
                '?'
            } else {
                c
            }
        })
        .collect()
}

/// Rows and events for tests.
#[cfg(test)]
pub mod samples {
    use super::*;

    /// An active namespace that is ten seconds old.
    pub fn row(cookie: u64) -> Row {
        Row {
            cookie,
            inum: 4_026_532_000 + cookie as u32,
            state: State::Active,
            phase: Phase::None,
            created: Some(90_000_000_000),
            changed: 90_000_000_000,
            now: 100_000_000_000,
            refs: 3,
            active_refs: 1,
            devices: 1,
            owner: 0,
            creator: Some(Creator {
                pid: 77,
                comm: "ip".to_owned(),
                cgroup: Some(1),
                cgroup_path: None,
            }),
            preexisting: false,
            seq: 0,
        }
    }

    /// The same, dying for so many nanoseconds.
    pub fn dying(cookie: u64, since: u64) -> Row {
        Row {
            state: State::Dying,
            phase: Phase::Devices,
            changed: 100_000_000_000 - since,
            refs: 0,
            active_refs: 0,
            ..row(cookie)
        }
    }

    /// An event.
    pub fn event(kind: Kind, seq: u64, cookie: u64) -> Event {
        Event {
            kind,
            seq,
            now: 100_000_000_000 + seq * 1_000_000,
            cookie,
            inum: 4_026_532_000 + cookie as u32,
            owner: (kind == Kind::Created).then_some(0),
            creator: None,
            devices: (kind == Kind::Dying).then_some(1),
            teardown: (kind >= Kind::DevicesGone).then_some(5_000_000),
            refused: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_has_the_names_of_the_spec_and_leaves_out_what_is_absent() {
        let mut row = samples::row(12);
        row.preexisting = true;
        row.creator = None;
        row.created = None;
        let text = serde_json::to_string(&row).unwrap();
        assert_eq!(
            text,
            "{\"cookie\":12,\"inum\":4026532012,\"state\":\"active\",\"phase\":\"none\",\"changed\":90000000000,\
             \"now\":100000000000,\"refs\":3,\"active-refs\":1,\"devices\":1,\"owner\":0,\"preexisting\":true,\"seq\":0}"
        );
    }

    #[test]
    fn the_name_of_a_task_cannot_paint_the_terminal() {
        assert_eq!(shown("a\x1b[31mb\n\u{202e}c"), "a?[31mb??c");
    }
}
