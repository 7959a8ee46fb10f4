// SPDX-License-Identifier: GPL-2.0

//! Who makes namespaces: inits along the list, and the way back.

use super::{
    reading::Undo,
    Oracle,
    Record,
    Rule,
    Setup,
    Violation, //
};
use crate::{
    event::Event,
    operations::{
        Hook,
        Slot, //
    },
};

impl Setup {
    fn visible(&self) -> impl Iterator<Item = Slot> + '_ {
        self.list
            .iter()
            .copied()
            .filter(|slot| slot.operations().has(Hook::Init))
    }

    /// The init that comes next.
    fn next(&self) -> Option<Slot> {
        self.visible().nth(self.done)
    }

    /// Whether nothing has to follow.
    pub(super) fn is_complete(&self) -> bool {
        match &self.undo {
            Some(undo) => undo.is_complete(),
            None => self.failed.is_none() && self.next().is_none(),
        }
    }

    /// How much of the list there is to be undone. If it has not been seen which init failed, it may be any that
    /// could not have been seen.
    fn undo_lists(&self) -> Vec<Vec<Slot>> {
        let position = |nth: usize| {
            let slot = self.visible().nth(nth);
            slot.map_or(self.list.len(), |slot| {
                self.list
                    .iter()
                    .position(|other| *other == slot)
                    .unwrap_or(self.list.len())
            })
        };
        let (from, to) = match self.failed {
            Some(_) => (position(self.done), position(self.done)),
            None => (
                self.done
                    .checked_sub(1)
                    .map_or(0, |last| position(last) + 1),
                position(self.done),
            ),
        };
        (from..=to).map(|end| self.list[..end].to_vec()).collect()
    }
}

impl Oracle {
    pub(super) fn setup_begins(&mut self, event: &Event, rest: &[Record]) -> Result<(), Violation> {
        if self.namespaces.is_known(event.net)
            || self.setups.iter().any(|setup| setup.net == event.net)
        {
            return Err(self.blame(None, event, rest));
        }
        let own = self.create.filter(|(task, ..)| *task == event.task);
        if own.is_none() && !self.strangers {
            return Err(self.violation(
                Rule::Once,
                format!("{} is made, and nobody asked for it", event.net),
            ));
        }
        if self
            .cleanup
            .as_ref()
            .is_some_and(|cleanup| !cleanup.undo.is_complete())
            || self.setups.iter().any(|setup| !setup.is_complete())
        {
            self.counters.beside += 1;
        }
        self.setups.push(Setup {
            task: event.task,
            net: event.net,
            begin: own.map_or(self.now, |(_, begin, ..)| begin),
            list: self.list.slots(),
            done: 0,
            failed: None,
            faulty: own.is_some_and(|(_, _, faulty, _)| faulty),
            undo: None,
        });
        self.setup_goes_on(self.setups.len() - 1, event, rest)
    }

    pub(super) fn setup_goes_on(
        &mut self,
        index: usize,
        event: &Event,
        rest: &[Record],
    ) -> Result<(), Violation> {
        self.check_state(event, false, Some(true))?;
        let setup = &mut self.setups[index];
        if setup.undo.is_none() && event.hook == Hook::Init {
            if setup.next() != Some(event.slot) {
                let next = setup.next();
                return Err(self.blame_init(next, event, rest));
            }
            match event.err {
                None => setup.done += 1,
                Some(_) => {
                    setup.failed = event.err;
                    setup.undo = Some(Undo::of(&setup.undo_lists(), &[setup.net]));
                }
            }
            return Ok(());
        }
        if setup.undo.is_none() {
            if !setup.faulty {
                // Not undone but left out, perhaps.
                let what = format!("{} is undone, and no init has failed", setup.net);
                return Err(self.violation(Rule::Once, what));
            }
            setup.undo = Some(Undo::of(&setup.undo_lists(), &[setup.net]));
        }
        let result = setup
            .undo
            .as_mut()
            .map_or(Ok(()), |undo| undo.accept(event));
        result.map_err(|expected| self.blame(expected, event, rest))
    }

    fn blame_init(&self, next: Option<Slot>, event: &Event, rest: &[Record]) -> Violation {
        let comes = rest.iter().any(|record| {
            matches!(record, Record::Event(later) if later.hook == Hook::Init && later.task == event.task
                && later.net == event.net && Some(later.slot) == next)
        });
        match next {
            Some(slot) if self.list.contains(event.slot) && !self.has_been(event) => {
                let rule = if comes { Rule::Order } else { Rule::Once };
                self.violation(
                    rule,
                    format!(
                        "init of slot {} for {}, before that of slot {slot}",
                        event.slot, event.net
                    ),
                )
            }
            _ => self.blame(None, event, rest),
        }
    }

    /// The task goes on with something else, or is known to have returned.
    pub(super) fn finish_setup(&mut self, index: usize, rest: &[Record]) -> Result<(), Violation> {
        let setup = self.setups.remove(index);
        if !setup.is_complete() {
            let next = match &setup.undo {
                Some(undo) => undo.next(),
                None => {
                    let slot = setup.next();
                    let missing = rest.iter().any(|record| {
                        matches!(record, Record::Event(later) if later.task == setup.task && later.net == setup.net && Some(later.slot) == slot)
                    });
                    let rule = if missing { Rule::Exclusion } else { Rule::Once };
                    let slot = slot.map_or(String::new(), |slot| format!(" of slot {slot}"));
                    return Err(
                        self.violation(rule, format!("init{slot} for {} has not been", setup.net))
                    );
                }
            };
            return Err(self.unfinished(setup.task, next, rest));
        }
        if setup.undo.is_some() {
            self.counters.refused += 1;
            self.namespaces.refuse(setup.net);
        } else {
            self.counters.namespaces += 1;
            self.namespaces.add(setup.net, false, setup.begin, None);
        }
        Ok(())
    }
}
