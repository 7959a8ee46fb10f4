// SPDX-License-Identifier: GPL-2.0

//! Who ends namespaces: a batch of them, in phases.

use super::{
    reading::Undo,
    Cleanup,
    Oracle,
    Record,
    Rule,
    Violation, //
};
use crate::{
    event::{
        Event,
        Net, //
    },
    operations::Hook, //
};

impl Oracle {
    pub(super) fn cleanup_event(
        &mut self,
        event: &Event,
        rest: &[Record],
    ) -> Result<(), Violation> {
        if let Some(cleanup) = &mut self.cleanup {
            let complete = cleanup.undo.is_complete();
            let same = cleanup.task == event.task;
            if same && complete {
                // Another of the same batch, or the first of the next: that cannot be seen if there is only one hook,
                // but who was let go of later is of the next.
                let put = |net: &Net| self.namespaces.get(*net)?.put;
                let last = cleanup.undo.nets().iter().rev().find_map(put);
                let follows = last
                    .zip(put(&event.net))
                    .is_none_or(|(last, next)| next < last);
                let mut longer = cleanup.undo.clone();
                if follows && longer.accept(event).is_ok() {
                    cleanup.undo = longer;
                    return self.cleanup_has(event, rest);
                }
            } else if same {
                return match cleanup.undo.accept(event) {
                    Ok(()) => self.cleanup_has(event, rest),
                    Err(expected) => Err(self.blame(expected, event, rest)),
                };
            }
            self.finish_cleanup(rest)?;
        }
        let mut undo = Undo::open(&self.list.slots());
        undo.accept(event)
            .map_err(|expected| self.blame(expected, event, rest))?;
        self.cleanup = Some(Cleanup {
            task: event.task,
            undo,
        });
        self.cleanup_has(event, rest)
    }

    /// Checks the namespace of this event.
    fn cleanup_has(&mut self, event: &Event, rest: &[Record]) -> Result<(), Violation> {
        self.check_state(event, true, Some(false))?;
        if event.hook == Hook::ExitBatch {
            return Ok(());
        }
        if let Some(index) = self.setups.iter().position(|setup| setup.net == event.net) {
            self.finish_setup(index, rest)?;
        }
        self.is_there(event.net, event)?;
        if self
            .namespaces
            .get(event.net)
            .is_some_and(|entry| entry.held)
        {
            return Err(self.violation(
                Rule::Held,
                format!(
                    "{} of slot {} for {}, which is held",
                    event.hook, event.slot, event.net
                ),
            ));
        }
        Ok(())
    }

    /// The batch is through.
    pub(super) fn finish_cleanup(&mut self, rest: &[Record]) -> Result<(), Violation> {
        let Some(Cleanup { task, undo }) = self.cleanup.take() else {
            return Ok(());
        };
        if !undo.is_complete() {
            return Err(self.unfinished(task, undo.next(), rest));
        }
        let nets = undo.nets();
        let newest = nets
            .iter()
            .filter_map(|net| self.namespaces.get(*net)?.put)
            .max();
        let mut last: Option<(Net, u64)> = None;
        for net in nets {
            let Some(put) = self.namespaces.get(*net).and_then(|entry| entry.put) else {
                continue;
            };
            if let Some((before, earlier)) = last.filter(|(_, earlier)| *earlier < put) {
                let what = format!("{before}, let go of as number {earlier}, goes before {net}, which was number {put}");
                return Err(self.violation(Rule::LastFirst, what));
            }
            last = Some((*net, put));
        }
        for net in nets {
            self.namespaces.remove(*net);
        }
        if let Some(left) = newest.and_then(|newest| {
            self.namespaces
                .iter()
                .find(|entry| entry.put.is_some_and(|put| put < newest))
        }) {
            let what = format!(
                "{} was let go of before one of a batch, and is left behind",
                left.net
            );
            return Err(self.violation(Rule::LastFirst, what));
        }
        self.counters.batches += u64::from(nets.len() > 1);
        self.counters.largest = self.counters.largest.max(nets.len());
        Ok(())
    }
}
