// SPDX-License-Identifier: GPL-2.0

//! What the events of each task mean.

use super::{
    reading::Undo,
    Cleanup,
    Command,
    Effect,
    Oracle,
    Plans,
    Record,
    Rule,
    Setup,
    Violation,
    Writer, //
};
use crate::{
    event::{
        Event,
        Net, //
    },
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

    // ---- Who registers --------------------------------------------------------------------------------------------

    fn writer_event(&mut self, event: &Event, rest: &[Record]) -> Result<(), Violation> {
        let Some(Command {
            slot,
            registers,
            effect,
            ..
        }) = self.command
        else {
            return Err(self.violation(
                Rule::Silence,
                "the loader ran a hook, and nobody told it to do anything",
            ));
        };
        if event.slot != slot || effect.is_some() {
            return Err(self.blame(None, event, rest));
        }
        match (&mut self.writer, registers) {
            (None, true) => {
                self.namespaces.walk();
                self.writer = Some(Writer::Register {
                    seen: Vec::new(),
                    failed: None,
                    undo: None,
                });
            }
            (None, false) if self.list.contains(slot) => {
                self.writer = Some(Writer::Unregister(Undo::open(&[slot])))
            }
            (None, false) => return Err(self.blame(None, event, rest)),
            _ => {}
        }
        self.check_state(
            event,
            true,
            self.namespaces
                .get(event.net)
                .is_some_and(|entry| entry.held)
                .then_some(true),
        )?;
        let result = match &mut self.writer {
            Some(Writer::Register {
                seen,
                undo: undo @ None,
                failed,
            }) if event.hook == Hook::Init => {
                if event.err.is_some() {
                    *failed = event.err;
                    *undo = Some(Undo::of(&[vec![slot]], seen));
                }
                let again = seen.contains(&event.net);
                seen.push(event.net);
                if again {
                    Err(None)
                } else {
                    return self.visit(event, rest);
                }
            }
            Some(Writer::Register { seen, undo, .. }) => {
                // It was not seen what failed.
                let of = || match slot.operations().has(Hook::Init) {
                    true => Undo::of(&[vec![slot]], seen),
                    false => Undo::open(&[slot]),
                };
                undo.get_or_insert_with(of).accept(event)
            }
            Some(Writer::Unregister(undo)) => undo.accept(event),
            None => Ok(()),
        };
        result.map_err(|expected| self.blame(expected, event, rest))
    }

    /// A walk over the list gets to the namespace of this event.
    fn visit(&mut self, event: &Event, rest: &[Record]) -> Result<(), Violation> {
        self.is_there(event.net, event)?;
        let Some(skipped) = self.namespaces.visit(event.net, self.is_registered()) else {
            return Ok(());
        };
        let comes = rest.iter().any(|record| {
            matches!(record, Record::Event(later) if (later.task, later.slot, later.hook, later.net)
                == (event.task, event.slot, event.hook, skipped))
        });
        let rule = if comes { Rule::ListOrder } else { Rule::Once };
        Err(self.violation(
            rule,
            format!(
                "slot {} gets to {} before {skipped}, which is older",
                event.slot, event.net
            ),
        ))
    }

    /// Makes sure that the namespace of this event can be in the list.
    fn is_there(&mut self, net: Net, event: &Event) -> Result<(), Violation> {
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

    /// Whoever had the list is through.
    pub(super) fn finish_writer(&mut self, rest: &[Record]) -> Result<(), Violation> {
        let Some(writer) = self.writer.take() else {
            return Ok(());
        };
        let Some(command) = self.command else {
            return Ok(());
        };
        let slot = command.slot;
        let (effect, undo) = match &writer {
            Writer::Register {
                undo: Some(undo),
                failed,
                ..
            } => (Effect::Undone(*failed), Some(undo)),
            Writer::Register { .. } => (Effect::Inserted, None),
            Writer::Unregister(undo) => (Effect::Removed, Some(undo)),
        };
        if let Some(undo) = undo.filter(|undo| !undo.is_complete()) {
            return Err(self.unfinished(self.loader, undo.next(), rest));
        }
        match &writer {
            Writer::Register { undo: Some(_), .. } => self.counters.undone += 1,
            Writer::Register { seen, .. } => {
                self.walked(slot, Hook::Init, seen, rest)?;
                self.list.insert(slot);
                self.counters.registrations += 1;
            }
            Writer::Unregister(undo) => {
                self.namespaces.walk();
                for net in undo.nets() {
                    let first = Event::new(slot, Hook::Exit, *net, self.loader);
                    self.is_there(*net, &first)?;
                    if let Some(skipped) = self.namespaces.visit(*net, true) {
                        let rule = if undo.nets().contains(&skipped) {
                            Rule::ListOrder
                        } else {
                            Rule::Once
                        };
                        return Err(self.violation(
                            rule,
                            format!("slot {slot} leaves {net} before {skipped}, which is older"),
                        ));
                    }
                }
                // Whoever nobody held could not go without being seen.
                if let Some(net) = self.namespaces.left_out(true) {
                    return Err(
                        self.violation(Rule::Once, format!("slot {slot} does not leave {net}"))
                    );
                }
                self.namespaces.walked(undo.nets());
                self.list.remove(slot);
            }
        }
        if let Some(command) = &mut self.command {
            command.effect = Some(effect);
        }
        Ok(())
    }

    /// A registration is through with the list.
    fn walked(
        &mut self,
        slot: Slot,
        hook: Hook,
        seen: &[Net],
        rest: &[Record],
    ) -> Result<(), Violation> {
        if let Some(net) = self.namespaces.left_out(self.is_registered()) {
            let comes = rest.iter().any(|record| {
                matches!(record, Record::Event(later) if (later.task, later.slot, later.hook, later.net) == (self.loader, slot, hook, net))
            });
            let rule = if comes { Rule::Exclusion } else { Rule::Once };
            return Err(self.violation(
                rule,
                format!("{hook} of slot {slot} for {net} has not been"),
            ));
        }
        self.namespaces.walked(seen);
        Ok(())
    }

    // ---- Who makes namespaces, and who ends them ------------------------------------------------------------------

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

    fn setup_begins(&mut self, event: &Event, rest: &[Record]) -> Result<(), Violation> {
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

    fn setup_goes_on(
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

    fn cleanup_event(&mut self, event: &Event, rest: &[Record]) -> Result<(), Violation> {
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

    /// The loader has the list: whoever used it is through.
    pub(super) fn finish_readers(&mut self, rest: &[Record]) -> Result<(), Violation> {
        while !self.setups.is_empty() {
            self.finish_setup(0, rest)?;
        }
        self.finish_cleanup(rest)
    }

    // ---- What an event says ---------------------------------------------------------------------------------------

    fn check_state(
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
