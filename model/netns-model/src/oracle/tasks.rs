// SPDX-License-Identifier: GPL-2.0

//! Which task an event is of, and what is the same for all of them.

use super::{
    Oracle,
    Plans,
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
    pub(super) fn event(&mut self, event: &Event, rest: &[Record]) -> Result<(), Violation> {
        self.counters.events += 1;
        if event.bad {
            let what = format!(
                "{} of slot {} for {} did not find the value as it should be",
                event.hook, event.slot, event.net
            );
            return Err(self.violation(Rule::Value, what));
        }
        if !self.may_be_seen(event.slot) {
            return Err(self.blame(None, event, rest));
        }
        let tally = self.tallies.entry(event.slot).or_default();
        match event.hook {
            Hook::Init if event.err.is_none() => tally.inits += 1,
            Hook::Exit => tally.exits += 1,
            Hook::Drop => tally.drops += 1,
            _ => {}
        }
        if event.hook == Hook::Init {
            self.planned(event)?;
        }
        if event.task == self.loader {
            self.finish_readers(rest)?;
            self.writer_event(event, rest)
        } else {
            self.finish_writer(rest)?;
            self.reader_event(event, rest)
        }
    }

    fn reader_event(&mut self, event: &Event, rest: &[Record]) -> Result<(), Violation> {
        let index = self
            .setups
            .iter()
            .position(|setup| setup.task == event.task);
        match (index, event.hook) {
            (Some(index), Hook::Init) if self.setups[index].net != event.net => {
                self.finish_setup(index, rest)?;
                self.setup_begins(event, rest)
            }
            (Some(index), _) => self.setup_goes_on(index, event, rest),
            (None, Hook::Init) => self.setup_begins(event, rest),
            // It begins with its end: what failed, and all before it, could not be seen.
            (None, _) if self.create.is_some_and(|(task, ..)| task == event.task) => {
                self.setup_begins(event, rest)
            }
            (None, _) => self.cleanup_event(event, rest),
        }
    }

    /// The loader has the list: whoever used it is through.
    pub(super) fn finish_readers(&mut self, rest: &[Record]) -> Result<(), Violation> {
        while !self.setups.is_empty() {
            self.finish_setup(0, rest)?;
        }
        self.finish_cleanup(rest)
    }

    /// Makes sure that the namespace of this event can be in the list.
    pub(super) fn is_there(&mut self, net: Net, event: &Event) -> Result<(), Violation> {
        if self.namespaces.get(net).is_some() {
            return Ok(());
        }
        // If there was somebody to see it come, it would be known.
        let unseen = !self
            .list
            .slots()
            .iter()
            .any(|slot| slot.operations().has(Hook::Init));
        if self.namespaces.is_known(net) || !self.strangers || !unseen {
            let what = format!(
                "{} of slot {} for {net}, which is not there",
                event.hook, event.slot
            );
            return Err(self.violation(Rule::Once, what));
        }
        self.namespaces.add(net, false, 0, None);
        Ok(())
    }

    pub(super) fn check_state(
        &self,
        event: &Event,
        initialized: bool,
        count: Option<bool>,
    ) -> Result<(), Violation> {
        let wrong = |word: &str, is: bool| {
            let Event {
                slot, hook, net, ..
            } = event;
            Err(self.violation(
                Rule::State,
                format!(
                    "{hook} of slot {slot} for {net} was told {word}={}",
                    u8::from(is)
                ),
            ))
        };
        match (event.initialized, event.count) {
            (Some(is), _) if is != initialized => wrong("initialized", is),
            (_, Some(is)) if count.is_some_and(|count| count != is) => wrong("count", is),
            _ => Ok(()),
        }
    }

    /// An init fails if that was planned, and only then.
    fn planned(&mut self, event: &Event) -> Result<(), Violation> {
        let plans = self.plans.entry(event.slot).or_insert_with(|| Plans {
            before: Vec::new(),
            after: vec![None],
            making: None,
        });
        if let Some(making) = plans.making {
            plans.after.push(making);
        }
        for states in [&mut plans.before, &mut plans.after] {
            *states = states
                .iter()
                .filter_map(|plan| match (*plan, event.err) {
                    (None, None) => Some(None),
                    (Some((1, planned)), Some(errno)) if planned == errno => Some(None),
                    (Some((left @ 2.., errno)), None) => Some(Some((left - 1, errno))),
                    _ => None,
                })
                .collect();
            states.dedup();
        }
        if plans.before.is_empty() && plans.after.is_empty() {
            let what = match event.err {
                Some(errno) => format!(
                    "init of slot {} for {} fails with {errno}, which was not planned",
                    event.slot, event.net
                ),
                None => format!(
                    "init of slot {} for {} should have failed",
                    event.slot, event.net
                ),
            };
            return Err(self.violation(Rule::Plan, what));
        }
        Ok(())
    }
}
