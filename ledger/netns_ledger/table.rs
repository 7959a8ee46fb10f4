// SPDX-License-Identifier: GPL-2.0

//! All namespaces, what has happened to them, and telling of it.
//!
//! Everything here is behind one lock, so that events are numbered in the order in which they are sent and in which
//! the table changes.

use crate::{
    commands::FAMILY,
    row::{
        now,
        Row, //
    },
    spec::{
        cmd,
        netns,
        Phase,
        State, //
    }, //
};
use kernel::{
    alloc::flags::GFP_KERNEL_ACCOUNT,
    prelude::*,
    rbtree::{
        RBTree,
        RBTreeNode, //
    }, //
};
use net::{
    genetlink::Message,
    namespace::{
        Identity,
        Namespaces, //
    },
    pernet::Teardown,
    rcu, //
};

/// What has been counted since the ledger was loaded.
pub(crate) struct Counts {
    pub(crate) created: u64,
    pub(crate) destroyed: u64,
    pub(crate) refused: u64,
    pub(crate) lost_events: u64,
    pub(crate) lost_rows: u64,
    pub(crate) teardown_max: u64,
    pub(crate) teardown_sum: u64,
    /// How many ends took less than 2^(i + 10) nanoseconds, and not less than half of that.
    pub(crate) teardown_log2: [u64; 32],
}

/// The run of `cleanup_net()` that goes on, or was the last.
struct Cleanup {
    number: u64,
    /// When it was first seen; `None` when it has ended.
    since: Option<u64>,
    /// The first and the last namespace that waits for the end of it, by cookie. They are all of this run.
    ending: Option<(u64, u64)>,
    /// Who calls the hooks, since the first that was in the phase after the devices.
    teardown: Option<Teardown>,
}

/// Adds to what does not overflow in the life of a machine. A panic would be worse than a wrong number.
fn count(to: &mut u64, number: u64) {
    *to = to.wrapping_add(number);
}

pub(crate) struct Table {
    rows: RBTree<u64, Row>,
    /// The number of the last event.
    pub(crate) seq: u64,
    pub(crate) counts: Counts,
    cleanup: Cleanup,
}

impl Table {
    pub(crate) fn new() -> Self {
        Self {
            rows: RBTree::new(),
            seq: 0,
            counts: Counts {
                created: 0,
                destroyed: 0,
                refused: 0,
                lost_events: 0,
                lost_rows: 0,
                teardown_max: 0,
                teardown_sum: 0,
                teardown_log2: [0; 32],
            },
            cleanup: Cleanup {
                number: 0,
                since: None,
                ending: None,
                teardown: None,
            },
        }
    }

    // ---- What hooks tell ---------------------------------------------------------------

    /// Makes the row of a namespace that is in its init hook, or of none if there is no memory. Without the lock: who makes
    /// the namespace pays for it, and may be made to wait for memory of his own control group.
    pub(crate) fn row(net: &Identity, owner: u32) -> (bool, Option<RBTreeNode<u64, Row>>) {
        let row = Row::new(net, owner);
        let is_new = row.creator.is_some();
        (
            is_new,
            RBTreeNode::new(net.cookie(), row, GFP_KERNEL_ACCOUNT).ok(),
        )
    }

    /// A namespace is in its init hook. That there is no memory for a row is no reason to refuse it.
    pub(crate) fn created(
        &mut self,
        cookie: u64,
        (is_new, node): (bool, Option<RBTreeNode<u64, Row>>),
    ) {
        count(&mut self.counts.created, u64::from(is_new));
        let Some(node) = node else {
            count(&mut self.counts.lost_rows, 1);
            return;
        };
        self.rows.insert(node);
        if !is_new {
            return;
        }
        if let Some(row) = self.rows.get(&cookie) {
            Self::tell(
                &mut self.seq,
                &mut self.counts,
                cmd::CREATED_NTF,
                |message| {
                    message.put_u64(netns::COOKIE, cookie, netns::PAD)?;
                    message.put_u32(netns::INUM, row.inum)?;
                    message.put_u32(netns::OWNER, row.owner)?;
                    match &row.creator {
                        Some(creator) => creator.put(message),
                        None => Ok(()),
                    }
                },
            );
        }
    }

    /// `cleanup_net()` has begun with a namespace.
    pub(crate) fn dying(&mut self, net: &Identity) {
        let now = now();
        // It comes here with all of its namespaces before one has lost its devices. After that it is another run, and
        // the one before has ended, since they are one work item.
        if self.cleanup.since.is_none() || self.cleanup.teardown.is_some() {
            self.end_cleanup(now);
            count(&mut self.cleanup.number, 1);
            self.cleanup.since = Some(now);
        }
        let cookie = net.cookie();
        let Some(row) = self.rows.get_mut(&cookie) else {
            return;
        };
        row.die(net.devices(), now);
        let (inum, devices) = (row.inum, row.devices);
        Self::tell(&mut self.seq, &mut self.counts, cmd::DYING_NTF, |message| {
            message.put_u64(netns::COOKIE, cookie, netns::PAD)?;
            message.put_u32(netns::INUM, inum)?;
            message.put_u32(netns::DEVICES, devices)
        });
    }

    /// A namespace has lost its devices.
    pub(crate) fn devices_gone(&mut self, net: &Identity, teardown: Teardown) {
        self.cleanup.teardown = Some(teardown);
        let cookie = net.cookie();
        let Some(row) = self.rows.get_mut(&cookie) else {
            count(&mut self.counts.destroyed, 1);
            return;
        };
        row.phase = Phase::Subsystems;
        row.devices = 0;
        let (inum, took) = (row.inum, now().saturating_sub(row.dying));
        let (first, last) = self.cleanup.ending.unwrap_or((cookie, cookie));
        if last != cookie {
            if let Some(row) = self.rows.get_mut(&last) {
                row.next = cookie;
            }
        }
        self.cleanup.ending = Some((first, cookie));
        Self::tell(
            &mut self.seq,
            &mut self.counts,
            cmd::DEVICES_GONE_NTF,
            |message| {
                message.put_u64(netns::COOKIE, cookie, netns::PAD)?;
                message.put_u32(netns::INUM, inum)?;
                message.put_u64(netns::TEARDOWN, took, netns::PAD)
            },
        );
    }

    /// A later subsystem has refused a namespace, and it goes.
    pub(crate) fn refused(&mut self, net: &Identity) {
        count(&mut self.counts.destroyed, 1);
        count(&mut self.counts.refused, 1);
        let cookie = net.cookie();
        let Some(row) = self.rows.remove(&cookie) else {
            return;
        };
        Self::tell(
            &mut self.seq,
            &mut self.counts,
            cmd::DESTROYED_NTF,
            |message| {
                message.put_u64(netns::COOKIE, cookie, netns::PAD)?;
                message.put_u32(netns::INUM, row.inum)?;
                message.put_u64(netns::TEARDOWN, 0, netns::PAD)?;
                message.put_flag(netns::REFUSED)
            },
        );
    }

    // ---- The end of a cleanup ---------------------------------------------------------------

    /// Returns whose end is to be waited for, and its number.
    pub(crate) fn teardown(&self) -> Option<(Teardown, u64)> {
        Some((self.cleanup.teardown?, self.cleanup.number))
    }

    /// The run of that number has ended. If another one has begun it has been told of then.
    pub(crate) fn ended(&mut self, number: u64) {
        if self.cleanup.number == number {
            self.end_cleanup(now());
        }
    }

    fn end_cleanup(&mut self, now: u64) {
        self.cleanup.since = None;
        self.cleanup.teardown = None;
        let (mut next, _) = self.cleanup.ending.take().unwrap_or((0, 0));
        while let Some(row) = self.rows.remove(&next) {
            self.destroyed(next, &row, now);
            next = row.next;
        }
    }

    fn destroyed(&mut self, cookie: u64, row: &Row, now: u64) {
        let took = now.saturating_sub(row.dying);
        let counts = &mut self.counts;
        count(&mut counts.destroyed, 1);
        counts.teardown_max = counts.teardown_max.max(took);
        count(&mut counts.teardown_sum, took);
        let bits = (u64::BITS - took.leading_zeros()) as usize;
        let last = counts.teardown_log2.len() - 1;
        if let Some(length) = counts
            .teardown_log2
            .get_mut(bits.saturating_sub(10).min(last))
        {
            count(length, 1);
        }
        Self::tell(&mut self.seq, counts, cmd::DESTROYED_NTF, |message| {
            message.put_u64(netns::COOKIE, cookie, netns::PAD)?;
            message.put_u32(netns::INUM, row.inum)?;
            message.put_u64(netns::TEARDOWN, took, netns::PAD)
        });
    }

    /// Numbers an event, and sends it if anybody listens.
    fn tell(
        seq: &mut u64,
        counts: &mut Counts,
        event: u8,
        fill: impl FnOnce(&mut Message<'_>) -> Result,
    ) {
        count(seq, 1);
        let sent = FAMILY.multicast(0, event, |message| {
            message.put_u64(netns::SEQ, *seq, netns::PAD)?;
            message.put_u64(netns::NOW, now(), netns::PAD)?;
            fill(message)
        });
        count(&mut counts.lost_events, u64::from(sent.is_err()));
    }

    // ---- What is asked ---------------------------------------------------------------

    /// Looks at the namespaces on the kernel's list with these cookies, and counts their devices.
    pub(crate) fn look(&mut self, first: u64, last: u64) {
        self.walk(first, last, |row, net, now| {
            row.look(net, now);
            row.count_devices(net);
        });
    }

    /// Looks at all namespaces on the kernel's list.
    pub(crate) fn look_at_all(&mut self) {
        self.walk(0, u64::MAX, |row, net, now| row.look(net, now));
    }

    fn walk(&mut self, first: u64, last: u64, look: impl Fn(&mut Row, &Identity, u64)) {
        let now = now();
        rcu::read_lock(|rcu| {
            for net in Namespaces::iter_rcu(rcu) {
                let cookie = net.cookie();
                if cookie < first || cookie > last {
                    continue;
                }
                if let Some(row) = self.rows.get_mut(&cookie) {
                    look(row, &net, now);
                }
            }
        });
    }

    /// Returns the row of that cookie or the next one, as it was last looked at.
    pub(crate) fn from(&self, cookie: u64) -> Option<(u64, &Row)> {
        let cursor = self.rows.cursor_lower_bound(&cookie)?;
        // A cursor cannot be looked at for as long as the tree.
        let (&cookie, _) = cursor.current();
        Some((cookie, self.rows.get(&cookie)?))
    }

    /// Returns the cookie of the last of so many rows.
    pub(crate) fn last_of(&self, first: u64, count: usize) -> u64 {
        let Some((first, _)) = self.from(first) else {
            return first;
        };
        let mut last = first;
        for _ in 1..count {
            match last.checked_add(1).and_then(|next| self.from(next)) {
                Some((cookie, _)) => last = cookie,
                None => break,
            }
        }
        last
    }

    /// Returns the cookie of the namespace of that number, the newest one if several have it: the number of one that
    /// is gone may be given again before the end of its cleanup has been seen.
    pub(crate) fn by_inum(&self, inum: u32) -> Option<u64> {
        let found = self.rows.iter().filter(|(_, row)| row.inum == inum);
        found.map(|(&cookie, _)| cookie).last()
    }

    /// Returns how many namespaces are in each state.
    pub(crate) fn census(&self) -> [u32; 3] {
        let mut census = [0; 3];
        for row in self.rows.values() {
            let [active, inactive, dying] = &mut census;
            let count = match row.state {
                State::Active => active,
                State::Inactive => inactive,
                State::Dying => dying,
            };
            *count = u32::saturating_add(*count, 1);
        }
        census
    }

    /// Returns when the cleanup that goes on was first seen.
    pub(crate) fn cleanup_since(&self) -> Option<u64> {
        self.cleanup.since
    }
}
