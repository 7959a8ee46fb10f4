// SPDX-License-Identifier: GPL-2.0

//! `netns-ledger doctor`: what looks leaked or stuck, and what to do next.
//!
//! What is said of a finding is made here out of what was seen; who sees is `holders.rs`.

use crate::{
    client::Ledger,
    error::Result,
    holders::{
        Evidence,
        Holder, //
    },
    names::{
        Entry,
        Names,
        Places, //
    },
    row::{
        shown,
        Phase,
        State, //
    },
    terminal::{
        Paint,
        Style, //
    },
    time::{
        count,
        human,
        nanoseconds, //
    },
};
use serde::Serialize;
use std::{
    io::Write,
    time::Duration, //
};

/// What is wanted.
#[derive(Debug, Clone, clap::Args)]
pub struct Options {
    /// A namespace that has been dying for longer than this is stuck.
    #[arg(long, value_name = "TIME", default_value = "1s", value_parser = crate::time::parse)]
    pub dying: Duration,
    /// One that has been inactive, or empty, for longer than this is leaked.
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = crate::time::parse)]
    pub inactive: Duration,
    /// A JSON array, an object for each finding.
    #[arg(long)]
    pub json: bool,
}

/// Something that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// `stuck`, `leaked`, `empty`, or `stale`.
    pub kind: &'static str,
    /// What is seen.
    pub text: String,
    /// What to run next.
    pub next: Vec<String>,
    /// The namespace, if there still is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub netns: Option<Entry>,
}

fn by(entry: &Entry) -> String {
    match &entry.row.creator {
        Some(creator) => {
            let cgroup = creator
                .cgroup_path
                .as_ref()
                .map_or(String::new(), |path| format!(" in {}", shown(path)));
            format!("made by {}{cgroup}", entry.creator())
        }
        None => "older than the ledger, so nobody knows who made it".to_owned(),
    }
}

fn dying(entry: &Entry, evidence: &Evidence) -> Finding {
    let row = &entry.row;
    let mut next = Vec::new();
    let what = match row.phase {
        Phase::Queued => "waits for others, which are taken down before it",
        Phase::Subsystems => {
            "has no devices left, but the rest of the kernel does not let go of it"
        }
        _ => "waits for references on its network devices",
    };
    if row.phase != Phase::Queued {
        if row.phase != Phase::Subsystems {
            next.push("dmesg | grep 'unregister_netdevice: waiting'".to_owned());
            next.push(match evidence.trackers {
                true => "grep . /sys/kernel/debug/ref_tracker/netdev*".to_owned(),
                false => "boot a kernel with CONFIG_NET_DEV_REFCNT_TRACKER, whose debugfs shows who holds a device".to_owned(),
            });
        }
        next.extend(
            evidence
                .workers
                .iter()
                .map(|pid| format!("cat /proc/{pid}/stack")),
        );
    }
    next.push(format!("netns-ledger wait cookie:{}", row.cookie));
    let devices = if row.devices > 0 {
        format!(", {}", count(row.devices.into(), "device"))
    } else {
        String::new()
    };
    Finding {
        kind: "stuck",
        text: format!(
            "{} has been dying for {}{devices}: it {what}; {}",
            entry.called(),
            human(row.in_state()),
            by(entry)
        ),
        next,
        netns: Some(entry.clone()),
    }
}

fn inactive(entry: &Entry, evidence: &Evidence) -> Finding {
    let row = &entry.row;
    let mut next = vec![match evidence.trackers {
        true => format!("cat /sys/kernel/debug/ref_tracker/netns-*-{}-refcnt", row.inum),
        false => "boot a kernel with CONFIG_NET_NS_REFCNT_TRACKER, whose debugfs shows who holds a reference".to_owned(),
    }];
    next.push("cat /proc/net/sockstat; ss -a --tcp state fin-wait-1 (a socket that still closes holds its namespace)".to_owned());
    Finding {
        kind: "leaked",
        text: format!(
            "{} has been inactive for {}: nobody can enter it, and the kernel holds {} on it; {}",
            entry.called(),
            human(row.in_state()),
            count(row.refs.into(), "reference"),
            by(entry)
        ),
        next,
        netns: Some(entry.clone()),
    }
}

/// An active namespace in which nobody lives, and that has no name.
fn empty(entry: &Entry, holders: &[Holder]) -> Finding {
    let inum = entry.row.inum;
    let mut next: Vec<String> = holders
        .iter()
        .map(|holder| match holder {
            Holder::File { pid, fd, .. } => format!("ls -l /proc/{pid}/fd/{fd}"),
            Holder::Mount { pid, path } => format!("nsenter -t {pid} -m umount {}", shown(path)),
        })
        .collect();
    let held = match holders.first() {
        Some(Holder::File { pid, fd, comm }) => {
            format!("file {fd} of process {pid} ({}) holds it", shown(comm))
        }
        Some(Holder::Mount { pid, path }) => format!(
            "a mount on {} holds it, which process {pid} sees",
            shown(path)
        ),
        None => "an open socket, or a file on its way between processes, may hold it".to_owned(),
    };
    let more = if holders.len() > 1 {
        format!(", and {} more", holders.len() - 1)
    } else {
        String::new()
    };
    if next.is_empty() {
        next.push(format!("lsfd -Q 'INODE == {inum}'"));
        next.push(format!("grep -l 'net:\\[{inum}\\]' /proc/*/mountinfo"));
    }
    Finding {
        kind: "empty",
        text: format!(
            "{} has nobody in it and no name: {held}{more}; {}",
            entry.called(),
            by(entry)
        ),
        next,
        netns: Some(entry.clone()),
    }
}

/// What a container runtime has left behind.
fn left(entry: &Entry, runtime: &str) -> Finding {
    let mut next: Vec<String> = entry
        .names
        .iter()
        .map(|name| format!("ip netns del {}", shown(name)))
        .collect();
    next.insert(
        0,
        match runtime {
            "docker" => "docker ps --all --no-trunc".to_owned(),
            "podman" => "podman ps --all --external".to_owned(),
            _ => "crictl pods".to_owned(),
        },
    );
    Finding {
        kind: "empty",
        text: format!(
            "{} is a container's, and nobody lives in it; {}",
            entry.called(),
            by(entry)
        ),
        next,
        netns: Some(entry.clone()),
    }
}

/// All that is found.
pub fn examine(
    entries: &[Entry],
    names: &Names,
    evidence: &Evidence,
    options: &Options,
) -> Vec<Finding> {
    let (slow, old) = (nanoseconds(options.dying), nanoseconds(options.inactive));
    let mut found = Vec::new();
    for entry in entries {
        let row = &entry.row;
        let is_old = row.age().is_none_or(|age| age > old);
        let is_empty =
            !names.inhabitants.contains_key(&row.inum) && row.state == State::Active && is_old;
        let mounted =
            |c: &&crate::container::Container| !entry.names.is_empty() || c.runtime == "docker";
        match &entry.container {
            _ if row.state == State::Dying && row.in_state() > slow => {
                found.push(dying(entry, evidence))
            }
            _ if row.state == State::Inactive && row.in_state() > old => {
                found.push(inactive(entry, evidence))
            }
            container if is_empty => match container.as_ref().filter(mounted) {
                Some(container) => found.push(left(entry, &container.runtime)),
                None if entry.names.is_empty() => {
                    found.push(empty(
                        entry,
                        evidence.holders.get(&row.inum).map_or(&[], Vec::as_slice),
                    ));
                }
                None => {}
            },
            _ => {}
        }
    }
    found.extend(evidence.stale.iter().map(|name| Finding {
        kind: "stale",
        text: format!("/run/netns/{} is a name without a namespace", shown(name)),
        next: vec![format!("ip netns del {}", shown(name))],
        netns: None,
    }));
    // Who others wait for comes before them.
    found.sort_by_key(|finding| {
        let row = finding.netns.as_ref().map(|entry| &entry.row);
        (
            ["stuck", "leaked", "empty", "stale"]
                .iter()
                .position(|kind| *kind == finding.kind),
            row.is_some_and(|row| row.phase == Phase::Queued),
            std::cmp::Reverse(row.map_or(0, |row| row.in_state())),
        )
    });
    found
}

/// Tells, and returns whether something was found.
pub fn run(
    options: &Options,
    ledger: &mut dyn Ledger,
    places: &Places,
    paint: Paint,
    out: &mut dyn Write,
) -> Result<bool> {
    let rows = ledger.dump()?.rows;
    let stats = ledger.stats()?;
    let names = Names::read(places);
    let entries = names.join(places, rows);
    let nameless: Vec<u32> = entries
        .iter()
        .filter(|entry| entry.names.is_empty() && !names.inhabitants.contains_key(&entry.row.inum))
        .map(|entry| entry.row.inum)
        .collect();
    let found = examine(
        &entries,
        &names,
        &Evidence::look(places, &nameless),
        options,
    );
    if options.json {
        serde_json::to_writer_pretty(&mut *out, &found).map_err(std::io::Error::from)?;
        writeln!(out)?;
        return Ok(!found.is_empty());
    }
    for finding in &found {
        let style = if finding.kind == "stuck" {
            Style::Bad
        } else {
            Style::Odd
        };
        writeln!(
            out,
            "{}: {}.",
            paint.text(style, finding.kind),
            finding.text
        )?;
        for next in &finding.next {
            writeln!(out, "    {} {next}", paint.text(Style::Dim, "next:"))?;
        }
    }
    if stats.lost_rows > 0 {
        writeln!(
            out,
            "{} namespaces have no row, for want of memory: what is above may not be all.",
            stats.lost_rows
        )?;
    }
    if found.is_empty() {
        writeln!(
            out,
            "{}, and nothing looks leaked or stuck.",
            count(entries.len() as u64, "namespace")
        )?;
    }
    Ok(!found.is_empty())
}

#[cfg(test)]
#[path = "doctor_tests.rs"]
mod tests;
