// SPDX-License-Identifier: GPL-2.0

//! Machines with something wrong, and one without.

use super::*;
use crate::{
    container::Container,
    names::Inhabitant,
    row::{
        samples,
        Row, //
    },
};

fn options() -> Options {
    Options {
        dying: Duration::from_secs(1),
        inactive: Duration::from_secs(5),
        json: false,
    }
}

fn entry(row: Row, names: &[&str]) -> Entry {
    Entry {
        row,
        names: names.iter().map(|name| (*name).to_owned()).collect(),
        container: None,
    }
}

fn inhabited(entries: &[Entry]) -> Names {
    let mut names = Names::default();
    for entry in entries {
        names.inhabitants.insert(
            entry.row.inum,
            Inhabitant {
                pid: 9,
                count: 1,
                cgroup: String::new(),
            },
        );
    }
    names
}

#[test]
fn a_machine_that_is_well_has_no_findings() {
    let young = Row {
        created: Some(99_000_000_000),
        ..samples::row(3)
    };
    let entries = [
        entry(samples::row(1), &[]),
        entry(samples::row(2), &["red"]),
        entry(young, &[]),
        entry(samples::dying(4, 900_000_000), &[]),
    ];
    assert_eq!(
        examine(
            &entries,
            &inhabited(&entries[..1]),
            &Evidence::default(),
            &options()
        ),
        []
    );
}

#[test]
fn who_is_stuck_is_named_with_its_creator() {
    let mut queued = samples::dying(6, 3_000_000_000);
    queued.phase = Phase::Queued;
    let evidence = Evidence {
        workers: vec![77],
        trackers: true,
        ..Evidence::default()
    };
    let entries = [
        entry(queued, &[]),
        entry(samples::dying(5, 2_000_000_000), &[]),
    ];
    let found = examine(&entries, &Names::default(), &evidence, &options());
    assert_eq!(found.len(), 2);
    assert_eq!(
        found[0].text,
        "[cookie 5, inum 4026532005] has been dying for 2.0 s, 1 device: it waits for references on its network devices; \
         made by ip/77"
    );
    assert!(found[0].next.contains(&"cat /proc/77/stack".to_owned()));
    assert!(found[0]
        .next
        .iter()
        .any(|next| next.contains("ref_tracker")));
    assert!(found[1].text.contains("waits for others"));
}

#[test]
fn a_leak_is_named_with_its_references() {
    let mut row = samples::row(5);
    row.state = State::Inactive;
    let found = examine(
        &[entry(row, &[])],
        &Names::default(),
        &Evidence::default(),
        &options(),
    );
    assert_eq!(found[0].kind, "leaked");
    assert!(
        found[0].text.contains("inactive for 10 s")
            && found[0].text.contains("3 references")
            && found[0].text.contains("ip/77")
    );
    assert!(found[0].next[0].contains("CONFIG_NET_NS_REFCNT_TRACKER"));
}

#[test]
fn an_empty_namespace_is_told_with_who_holds_it() {
    let mut evidence = Evidence::default();
    let row = samples::row(5);
    let holder = Holder::File {
        pid: 12,
        fd: 7,
        comm: "keeper".to_owned(),
    };
    evidence.holders.insert(row.inum, vec![holder]);
    let found = examine(&[entry(row, &[])], &Names::default(), &evidence, &options());
    assert!(
        found[0]
            .text
            .contains("file 7 of process 12 (keeper) holds it"),
        "{}",
        found[0].text
    );
    let unknown = examine(
        &[entry(samples::row(6), &[])],
        &Names::default(),
        &evidence,
        &options(),
    );
    assert!(unknown[0].next[0].starts_with("lsfd"));
}

#[test]
fn what_runtimes_leave_and_names_without_namespaces() {
    let mut left = entry(samples::row(5), &["cni-1"]);
    left.container = Some(Container::new("cni", "1"));
    let evidence = Evidence {
        stale: vec!["old".to_owned()],
        ..Evidence::default()
    };
    let found = examine(&[left], &Names::default(), &evidence, &options());
    assert_eq!(
        found.iter().map(|finding| finding.kind).collect::<Vec<_>>(),
        ["empty", "stale"]
    );
    assert_eq!(found[0].next, ["crictl pods", "ip netns del cni-1"]);
    assert_eq!(found[1].next, ["ip netns del old"]);
}
