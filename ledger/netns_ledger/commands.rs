// SPDX-License-Identifier: GPL-2.0

//! What is asked, and the family that it is asked through.

use crate::{
    row::now,
    spec::{
        cmd,
        netns,
        stats, //
    },
    NetnsLedger, //
};
use kernel::prelude::*;
use net::genetlink::{
    self,
    Attribute,
    Dump,
    Family,
    Group,
    Permission,
    Request, //
};

pub(crate) static FAMILY: Family<NetnsLedger> = Family::new();

impl genetlink::Serve for NetnsLedger {
    const NAME: &'static CStr = c"netns-ledger";
    const GROUPS: &'static [Group] = &[Group::new(c"events", Permission::NetAdmin)];
    type Commands = (NetnsGet, StatsGet);
}

/// How many rows are looked at together. The kernel's list of namespaces is walked once for that.
const TOGETHER: usize = 64;

pub(crate) struct NetnsGet;

/// Where a dump goes on.
#[derive(Clone, Copy, Zeroable)]
pub(crate) struct Place {
    /// The next cookie.
    next: u64,
    /// The last event before the dump.
    seq: u64,
    begun: bool,
}

#[vtable]
impl genetlink::Command for NetnsGet {
    type Module = NetnsLedger;
    type Cursor = Place;
    const CMD: u8 = cmd::NETNS_GET;
    const PERMISSION: Permission = Permission::NetAdmin;
    const ATTRIBUTES: &'static [Attribute] =
        &[Attribute::u64(netns::COOKIE), Attribute::u32(netns::INUM)];

    fn doit(ledger: Pin<&NetnsLedger>, request: &Request<'_>) -> Result {
        let mut table = ledger.table.lock();
        let (cookie, inum) = (request.u64(netns::COOKIE), request.u32(netns::INUM));
        let cookie = match (cookie, inum) {
            (Some(cookie), _) => cookie,
            (None, Some(inum)) => table.by_inum(inum).ok_or(ENOENT)?,
            (None, None) => {
                request.explain(c"which namespace? Say its cookie or inum");
                return Err(EINVAL);
            }
        };
        table.look(cookie, cookie);
        let (_, row) = table
            .from(cookie)
            .filter(|&(found, row)| found == cookie && inum.is_none_or(|inum| row.inum == inum))
            .ok_or(ENOENT)?;
        let seq = table.seq;
        request.reply(|message| row.put(cookie, seq, message))
    }

    fn dumpit(
        ledger: Pin<&NetnsLedger>,
        _: &Request<'_>,
        place: &mut Place,
        dump: &mut Dump<'_>,
    ) -> Result {
        let mut table = ledger.table.lock();
        if !place.begun {
            (place.seq, place.begun) = (table.seq, true);
        }
        loop {
            let last = table.last_of(place.next, TOGETHER);
            table.look(place.next, last);
            while let Some((cookie, row)) = table.from(place.next) {
                if cookie > last {
                    break;
                }
                dump.message(|message| row.put(cookie, place.seq, message))?;
                place.next = cookie.wrapping_add(1);
            }
            if table.from(place.next).is_none() {
                return Ok(());
            }
        }
    }
}

pub(crate) struct StatsGet;

#[vtable]
impl genetlink::Command for StatsGet {
    type Module = NetnsLedger;
    type Cursor = u64;
    const CMD: u8 = cmd::STATS_GET;
    const PERMISSION: Permission = Permission::NetAdmin;

    fn doit(ledger: Pin<&NetnsLedger>, request: &Request<'_>) -> Result {
        let mut table = ledger.table.lock();
        table.look_at_all();
        let [live, inactive, dying] = table.census();
        let counts = &table.counts;
        request.reply(|message| {
            message.put_u32(stats::LIVE, live)?;
            message.put_u32(stats::INACTIVE, inactive)?;
            message.put_u32(stats::DYING, dying)?;
            let mut put = |attribute, value| message.put_u64(attribute, value, stats::PAD);
            put(stats::CREATED, counts.created)?;
            put(stats::DESTROYED, counts.destroyed)?;
            put(stats::REFUSED, counts.refused)?;
            put(stats::LOST_EVENTS, counts.lost_events)?;
            put(stats::LOST_ROWS, counts.lost_rows)?;
            put(stats::SEQ, table.seq)?;
            put(stats::TEARDOWN_MAX, counts.teardown_max)?;
            put(stats::TEARDOWN_SUM, counts.teardown_sum)?;
            for &count in &counts.teardown_log2 {
                put(stats::TEARDOWN_LOG2, count)?;
            }
            if let Some(since) = table.cleanup_since() {
                put(stats::CLEANUP_SINCE, since)?;
            }
            put(stats::NOW, now())
        })
    }
}
