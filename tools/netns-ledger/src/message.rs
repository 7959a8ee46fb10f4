// SPDX-License-Identifier: GPL-2.0

//! Messages of generic netlink: requests out of attributes, rows and events out of bytes.

use crate::{
    error::{
        Error,
        Result, //
    },
    row::{
        Creator,
        Event,
        Kind,
        Phase,
        Row,
        State,
        Stats, //
    },
    spec::{
        creator,
        netns,
        operation,
        stats, //
    },
};
use netlink_packet_core::{
    DefaultNla,
    Emitable,
    NetlinkBuffer,
    NlasIterator, //
};

/// A header of netlink.
pub const HEADER: usize = 16;
/// A header of generic netlink: command, version, and two bytes that are reserved.
pub const GENERIC: usize = 4;

/// A whole request.
pub fn request(
    kind: u16,
    flags: u16,
    sequence: u32,
    command: u8,
    attributes: &[DefaultNla],
) -> Vec<u8> {
    let length = HEADER + GENERIC + attributes.buffer_len();
    let mut bytes = vec![0; length];
    let mut header = NetlinkBuffer::new(&mut bytes);
    header.set_length(length as u32);
    header.set_message_type(kind);
    header.set_flags(flags);
    header.set_sequence_number(sequence);
    bytes[HEADER] = command;
    bytes[HEADER + 1] = 1;
    attributes.emit(&mut bytes[HEADER + GENERIC..]);
    bytes
}

/// An attribute with a `u64`.
pub fn long(kind: u16, value: u64) -> DefaultNla {
    DefaultNla::new(kind, value.to_ne_bytes().to_vec())
}

/// An attribute with a `u32`.
pub fn int(kind: u16, value: u32) -> DefaultNla {
    DefaultNla::new(kind, value.to_ne_bytes().to_vec())
}

/// An attribute with a string and its end.
pub fn string(kind: u16, value: &str) -> DefaultNla {
    DefaultNla::new(kind, [value.as_bytes(), b"\0"].concat())
}

/// Calls `each` with the number and the value of every attribute.
pub fn attributes(bytes: &[u8], mut each: impl FnMut(u16, &[u8]) -> Result<()>) -> Result<()> {
    for attribute in NlasIterator::new(bytes) {
        let attribute = attribute.map_err(|error| strange(&error.to_string()))?;
        each(attribute.kind(), attribute.value())?;
    }
    Ok(())
}

fn strange(what: &str) -> Error {
    Error::new(format!(
        "cannot read what the ledger says ({what}); are netns_ledger.ko and this command of the same version?"
    ))
}

/// A number out of a value.
pub fn number(value: &[u8]) -> Result<u64> {
    match value.len() {
        2 => Ok(u64::from(u16::from_ne_bytes([value[0], value[1]]))),
        4 => value
            .try_into()
            .map(u32::from_ne_bytes)
            .map(u64::from)
            .map_err(|_| strange("a number")),
        8 => value
            .try_into()
            .map(u64::from_ne_bytes)
            .map_err(|_| strange("a number")),
        length => Err(strange(&format!("a number of {length} bytes"))),
    }
}

fn small(value: &[u8]) -> Result<u32> {
    u32::try_from(number(value)?).map_err(|_| strange("a number that is too large"))
}

/// A text out of a value, up to its end.
pub fn text(value: &[u8]) -> String {
    let end = value
        .iter()
        .position(|byte| *byte == 0)
        .unwrap_or(value.len());
    String::from_utf8_lossy(&value[..end]).into_owned()
}

fn creator_of(bytes: &[u8]) -> Result<Creator> {
    let mut found = Creator {
        pid: 0,
        comm: String::new(),
        cgroup: None,
        cgroup_path: None,
    };
    attributes(bytes, |kind, value| {
        match kind {
            creator::PID => found.pid = small(value)?,
            creator::COMM => found.comm = text(value),
            creator::CGROUP => found.cgroup = Some(number(value)?),
            _ => {}
        }
        Ok(())
    })?;
    Ok(found)
}

/// A row out of the attributes of an answer.
pub fn row(bytes: &[u8]) -> Result<Row> {
    let mut cookie = None;
    let mut row = Row {
        cookie: 0,
        inum: 0,
        state: State::Active,
        phase: Phase::None,
        created: None,
        changed: 0,
        now: 0,
        refs: 0,
        active_refs: 0,
        devices: 0,
        owner: 0,
        creator: None,
        preexisting: false,
        seq: 0,
    };
    attributes(bytes, |kind, value| {
        match kind {
            netns::COOKIE => cookie = Some(number(value)?),
            netns::INUM => row.inum = small(value)?,
            netns::STATE => {
                row.state = match number(value)? {
                    0 => State::Active,
                    1 => State::Inactive,
                    2 => State::Dying,
                    state => return Err(strange(&format!("state {state}"))),
                }
            }
            netns::PHASE => {
                row.phase = match number(value)? {
                    0 => Phase::None,
                    1 => Phase::Queued,
                    2 => Phase::Devices,
                    3 => Phase::Subsystems,
                    phase => return Err(strange(&format!("phase {phase}"))),
                }
            }
            netns::CREATED => row.created = Some(number(value)?),
            netns::CHANGED => row.changed = number(value)?,
            netns::NOW => row.now = number(value)?,
            netns::REFS => row.refs = small(value)?,
            netns::ACTIVE_REFS => row.active_refs = small(value)?,
            netns::DEVICES => row.devices = small(value)?,
            netns::OWNER => row.owner = small(value)?,
            netns::CREATOR => row.creator = Some(creator_of(value)?),
            netns::PREEXISTING => row.preexisting = true,
            netns::SEQ => row.seq = number(value)?,
            _ => {}
        }
        Ok(())
    })?;
    row.cookie = cookie.ok_or_else(|| strange("a row without a cookie"))?;
    Ok(row)
}

/// An event out of a command and its attributes; none if the command is no event that is known.
pub fn event(command: u8, bytes: &[u8]) -> Result<Option<Event>> {
    let kind = match command {
        operation::CREATED => Kind::Created,
        operation::DYING => Kind::Dying,
        operation::DEVICES_GONE => Kind::DevicesGone,
        operation::DESTROYED => Kind::Destroyed,
        _ => return Ok(None),
    };
    let (mut seq, mut cookie) = (None, None);
    let mut event = Event {
        kind,
        seq: 0,
        now: 0,
        cookie: 0,
        inum: 0,
        owner: None,
        creator: None,
        devices: None,
        teardown: None,
        refused: false,
    };
    attributes(bytes, |kind, value| {
        match kind {
            netns::SEQ => seq = Some(number(value)?),
            netns::NOW => event.now = number(value)?,
            netns::COOKIE => cookie = Some(number(value)?),
            netns::INUM => event.inum = small(value)?,
            netns::OWNER => event.owner = Some(small(value)?),
            netns::CREATOR => event.creator = Some(creator_of(value)?),
            netns::DEVICES => event.devices = Some(small(value)?),
            netns::TEARDOWN => event.teardown = Some(number(value)?),
            netns::REFUSED => event.refused = true,
            _ => {}
        }
        Ok(())
    })?;
    event.seq = seq.ok_or_else(|| strange("an event without a number"))?;
    event.cookie = cookie.ok_or_else(|| strange("an event without a cookie"))?;
    Ok(Some(event))
}

/// The counters out of the attributes of an answer.
pub fn counters(bytes: &[u8]) -> Result<Stats> {
    let mut found = Stats::default();
    attributes(bytes, |kind, value| {
        match kind {
            stats::LIVE => found.live = small(value)?,
            stats::INACTIVE => found.inactive = small(value)?,
            stats::DYING => found.dying = small(value)?,
            stats::CREATED => found.created = number(value)?,
            stats::DESTROYED => found.destroyed = number(value)?,
            stats::REFUSED => found.refused = number(value)?,
            stats::LOST_EVENTS => found.lost_events = number(value)?,
            stats::LOST_ROWS => found.lost_rows = number(value)?,
            stats::SEQ => found.seq = number(value)?,
            stats::TEARDOWN_MAX => found.teardown_max = number(value)?,
            stats::TEARDOWN_SUM => found.teardown_sum = number(value)?,
            stats::TEARDOWN_LOG2 => found.teardown_log2.push(number(value)?),
            stats::CLEANUP_SINCE => found.cleanup_since = Some(number(value)?),
            stats::NOW => found.now = number(value)?,
            _ => {}
        }
        Ok(())
    })?;
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn bytes(attributes: &[DefaultNla]) -> Vec<u8> {
        let mut bytes = vec![0; attributes.buffer_len()];
        attributes.emit(&mut bytes);
        bytes
    }

    fn nest(kind: u16, inner: &[DefaultNla]) -> DefaultNla {
        // The flag that says that it is a nest.
        DefaultNla::new(kind | (1 << 15), bytes(inner))
    }

    #[test]
    fn a_row_is_read() {
        let found = row(&bytes(&[
            DefaultNla::new(1, Vec::new()),
            long(netns::COOKIE, 12),
            int(netns::INUM, 4_026_532_128),
            int(netns::STATE, 2),
            int(netns::PHASE, 2),
            long(netns::CREATED, 5),
            long(netns::CHANGED, 7),
            long(netns::NOW, 19),
            int(netns::DEVICES, 3),
            int(netns::OWNER, 1000),
            nest(
                netns::CREATOR,
                &[
                    int(creator::PID, 42),
                    string(creator::COMM, "dockerd"),
                    long(creator::CGROUP, 99),
                ],
            ),
            long(netns::SEQ, 4),
            // From a ledger that is newer.
            int(99, 1),
        ]))
        .unwrap();
        assert_eq!(
            (found.cookie, found.inum, found.devices, found.owner),
            (12, 4_026_532_128, 3, 1000)
        );
        assert_eq!(
            (found.state, found.phase, found.in_state(), found.age()),
            (State::Dying, Phase::Devices, 12, Some(14))
        );
        let creator = found.creator.unwrap();
        assert_eq!(
            (creator.pid, creator.comm.as_str(), creator.cgroup),
            (42, "dockerd", Some(99))
        );
        assert!(!found.preexisting);
    }

    #[test]
    fn an_event_is_read_and_others_are_passed_over() {
        let attributes = [
            long(netns::SEQ, 9),
            long(netns::NOW, 1),
            long(netns::COOKIE, 12),
            int(netns::INUM, 5),
            long(netns::TEARDOWN, 53_000_000),
            DefaultNla::new(netns::REFUSED, Vec::new()),
        ];
        let found = event(operation::DESTROYED, &bytes(&attributes))
            .unwrap()
            .unwrap();
        assert_eq!(
            (found.kind, found.seq, found.teardown, found.refused),
            (Kind::Destroyed, 9, Some(53_000_000), true)
        );
        assert_eq!(event(77, &bytes(&attributes)).unwrap(), None);
        assert!(event(operation::DYING, &bytes(&attributes[1..])).is_err());
    }

    #[test]
    fn the_histogram_is_read_in_its_order() {
        let mut attributes = vec![int(stats::LIVE, 3), long(stats::DESTROYED, 6)];
        attributes.extend((0..32).map(|i| long(stats::TEARDOWN_LOG2, i)));
        let found = counters(&bytes(&attributes)).unwrap();
        assert_eq!(found.teardown_log2, (0..32).collect::<Vec<u64>>());
        assert_eq!((found.live, found.cleanup_since), (3, None));
    }

    #[test]
    fn a_request_has_its_headers() {
        let bytes = request(
            31,
            0x301,
            7,
            operation::NETNS_GET,
            &[long(netns::COOKIE, 12)],
        );
        let header = NetlinkBuffer::new_checked(&bytes[..]).unwrap();
        assert_eq!(
            (
                header.length(),
                header.message_type(),
                header.flags(),
                header.sequence_number()
            ),
            (32, 31, 0x301, 7)
        );
        assert_eq!(bytes[16..20], [operation::NETNS_GET, 1, 0, 0]);
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200), command in 0u8..8) {
            let _ = row(&bytes);
            let _ = event(command, &bytes);
            let _ = counters(&bytes);
        }
    }
}
