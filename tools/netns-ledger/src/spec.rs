// SPDX-License-Identifier: GPL-2.0

//! The numbers of `Documentation/netlink/specs/netns-ledger.yaml`. A test compares them with the file.

/// The name of the family.
pub const FAMILY: &str = "netns-ledger";
/// The name of the group that events go to.
pub const GROUP: &str = "events";

/// The operations, by their place in the list.
pub mod operation {
    #![allow(missing_docs)]
    pub const NETNS_GET: u8 = 1;
    pub const STATS_GET: u8 = 2;
    pub const CREATED: u8 = 3;
    pub const DYING: u8 = 4;
    pub const DEVICES_GONE: u8 = 5;
    pub const DESTROYED: u8 = 6;
}

/// The attributes of a creator.
pub mod creator {
    #![allow(missing_docs)]
    pub const PID: u16 = 1;
    pub const COMM: u16 = 2;
    pub const CGROUP: u16 = 3;
}

/// The attributes of a namespace, and of an event.
pub mod netns {
    #![allow(missing_docs)]
    pub const COOKIE: u16 = 2;
    pub const INUM: u16 = 3;
    pub const STATE: u16 = 4;
    pub const PHASE: u16 = 5;
    pub const CREATED: u16 = 6;
    pub const CHANGED: u16 = 7;
    pub const NOW: u16 = 8;
    pub const REFS: u16 = 9;
    pub const ACTIVE_REFS: u16 = 10;
    pub const DEVICES: u16 = 11;
    pub const OWNER: u16 = 12;
    pub const CREATOR: u16 = 13;
    pub const PREEXISTING: u16 = 14;
    pub const SEQ: u16 = 15;
    pub const TEARDOWN: u16 = 16;
    pub const REFUSED: u16 = 17;
}

/// The attributes of the counters.
pub mod stats {
    #![allow(missing_docs)]
    pub const LIVE: u16 = 2;
    pub const INACTIVE: u16 = 3;
    pub const DYING: u16 = 4;
    pub const CREATED: u16 = 5;
    pub const DESTROYED: u16 = 6;
    pub const REFUSED: u16 = 7;
    pub const LOST_EVENTS: u16 = 8;
    pub const LOST_ROWS: u16 = 9;
    pub const SEQ: u16 = 10;
    pub const TEARDOWN_MAX: u16 = 11;
    pub const TEARDOWN_SUM: u16 = 12;
    pub const TEARDOWN_LOG2: u16 = 13;
    pub const CLEANUP_SINCE: u16 = 14;
    pub const NOW: u16 = 15;
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPEC: &str = include_str!("../../../Documentation/netlink/specs/netns-ledger.yaml");

    /// The names below a line of the spec, in its order: of the things that are as deep as the first.
    fn names_after(line: &str, list: &str) -> Vec<String> {
        let mut lines = SPEC.lines().skip_while(|text| *text != line);
        let deep = |text: &str| text.len() - text.trim_start().len();
        let mut found = Vec::new();
        let mut depth = None;
        for text in lines
            .by_ref()
            .skip_while(|text| text.trim() != list)
            .skip(1)
        {
            if text.trim().is_empty() {
                continue;
            }
            if depth.is_some_and(|depth| deep(text) + 2 < depth) {
                break;
            }
            if let Some(name) = text.trim().strip_prefix("name: ") {
                if *depth.get_or_insert(deep(text)) == deep(text) {
                    found.push(name.to_owned());
                }
            }
        }
        found
    }

    #[test]
    fn the_operations_have_the_numbers_of_the_spec() {
        let names = names_after("operations:", "list:");
        let number = |name: &str| {
            names
                .iter()
                .position(|n| n == name)
                .map_or(0, |at| at as u8 + 1)
        };
        assert_eq!(number("netns-get"), operation::NETNS_GET);
        assert_eq!(number("stats-get"), operation::STATS_GET);
        assert_eq!(number("created-ntf"), operation::CREATED);
        assert_eq!(number("dying-ntf"), operation::DYING);
        assert_eq!(number("devices-gone-ntf"), operation::DEVICES_GONE);
        assert_eq!(number("destroyed-ntf"), operation::DESTROYED);
        assert_eq!(names_after("mcast-groups:", "list:"), [GROUP]);
        assert!(SPEC.contains(&format!("\nname: {FAMILY}\n")));
    }

    #[test]
    fn the_attributes_have_the_numbers_of_the_spec() {
        let sets: [(&str, &[(&str, u16)]); 3] = [
            (
                "    name: creator",
                &[
                    ("pid", creator::PID),
                    ("comm", creator::COMM),
                    ("cgroup", creator::CGROUP),
                ],
            ),
            (
                "    name: netns",
                &[
                    ("pad", 1),
                    ("cookie", netns::COOKIE),
                    ("inum", netns::INUM),
                    ("state", netns::STATE),
                    ("phase", netns::PHASE),
                    ("created", netns::CREATED),
                    ("changed", netns::CHANGED),
                    ("now", netns::NOW),
                    ("refs", netns::REFS),
                    ("active-refs", netns::ACTIVE_REFS),
                    ("devices", netns::DEVICES),
                    ("owner", netns::OWNER),
                    ("creator", netns::CREATOR),
                    ("preexisting", netns::PREEXISTING),
                    ("seq", netns::SEQ),
                    ("teardown", netns::TEARDOWN),
                    ("refused", netns::REFUSED),
                ],
            ),
            (
                "    name: stats",
                &[
                    ("pad", 1),
                    ("live", stats::LIVE),
                    ("inactive", stats::INACTIVE),
                    ("dying", stats::DYING),
                    ("created", stats::CREATED),
                    ("destroyed", stats::DESTROYED),
                    ("refused", stats::REFUSED),
                    ("lost-events", stats::LOST_EVENTS),
                    ("lost-rows", stats::LOST_ROWS),
                    ("seq", stats::SEQ),
                    ("teardown-max", stats::TEARDOWN_MAX),
                    ("teardown-sum", stats::TEARDOWN_SUM),
                    ("teardown-log2", stats::TEARDOWN_LOG2),
                    ("cleanup-since", stats::CLEANUP_SINCE),
                    ("now", stats::NOW),
                ],
            ),
        ];
        for (set, attributes) in sets {
            let names = names_after(set, "attributes:");
            let ours: Vec<&str> = attributes.iter().map(|(name, _)| *name).collect();
            assert_eq!(names, ours, "{set}");
            for (place, (name, number)) in attributes.iter().enumerate() {
                assert_eq!(*number as usize, place + 1, "{name}");
            }
        }
    }
}
