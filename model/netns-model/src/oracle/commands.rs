// SPDX-License-Identifier: GPL-2.0

//! What the driver does, and what has to have followed when that is done.

use super::{
    Command,
    Effect,
    Mark,
    Oracle,
    Plans,
    Rule,
    Violation, //
};
use crate::{
    event::{
        Errno,
        Net,
        Task, //
    },
    operations::{
        Hook,
        Slot, //
    },
};

impl Oracle {
    pub(super) fn mark(&mut self, mark: Mark) -> Result<(), Violation> {
        match mark {
            Mark::Register { slot, faulty } => {
                self.command = Some(Command {
                    slot,
                    registers: true,
                    faulty,
                    effect: None,
                });
                if slot.operations().has(Hook::Init) {
                    return Ok(());
                }
                self.finish_readers(&[])
            }
            Mark::Unregister(slot) => {
                self.command = Some(Command {
                    slot,
                    registers: false,
                    faulty: false,
                    effect: None,
                });
                Ok(())
            }
            Mark::Registered(result) => {
                self.finish_writer(&[])?;
                self.command
                    .take()
                    .map_or(Ok(()), |command| self.has_registered(command, result))
            }
            Mark::Unregistered(result) => {
                self.finish_writer(&[])?;
                self.command
                    .take()
                    .map_or(Ok(()), |command| self.has_unregistered(command, result))
            }
            Mark::Plan(slot, nth, errno) => {
                let plan = (nth > 0).then_some((nth, errno));
                let before = self
                    .plans
                    .remove(&slot)
                    .map_or(vec![None], |plans| plans.after);
                self.plans.insert(
                    slot,
                    Plans {
                        before,
                        after: vec![plan],
                        making: Some(plan),
                    },
                );
                self.planning = Some(slot);
                Ok(())
            }
            Mark::Planned => {
                if let Some(plans) = self
                    .planning
                    .take()
                    .and_then(|slot| self.plans.get_mut(&slot))
                {
                    if let Some(plan) = plans.making.take() {
                        plans.after.push(plan);
                    }
                    plans.before.clear();
                }
                Ok(())
            }
            Mark::Create {
                task,
                faulty,
                limited,
            } => {
                self.finish_own_setup(task)?;
                self.create = Some((task, self.now, faulty, limited));
                Ok(())
            }
            Mark::Created(result) => self.created(result),
            Mark::Put(net) => {
                self.puts += 1;
                let puts = self.puts;
                if let Some(entry) = self.namespaces.get_mut(net) {
                    entry.held = false;
                    entry.put = Some(puts);
                }
                Ok(())
            }
            Mark::Strangers(may) => {
                self.strangers = may;
                Ok(())
            }
            Mark::Drained => self.drained(),
        }
    }

    fn has_registered(
        &mut self,
        command: Command,
        result: Result<(), Errno>,
    ) -> Result<(), Violation> {
        let Command {
            slot,
            faulty,
            effect,
            ..
        } = command;
        let silent = self.list.contains(slot) && effect.is_none();
        let should = match effect {
            _ if silent => Err(Errno::EEXIST),
            Some(Effect::Inserted) => Ok(()),
            Some(Effect::Undone(Some(errno))) => Err(errno),
            _ if faulty && result == Err(Errno::ENOMEM) => return Ok(()),
            Some(Effect::Undone(None)) => {
                return Err(self.violation(
                    Rule::Errno,
                    format!("slot {slot} was undone, and nothing has failed"),
                ));
            }
            _ => Ok(()),
        };
        if result != should {
            return Err(self.wrong_result(&format!("registering slot {slot}"), should, result));
        }
        if effect.is_none() && result.is_ok() {
            // A walk that could be seen, was there one?
            let visited = slot.operations().has(Hook::Init);
            if let Some(entry) = self
                .namespaces
                .iter()
                .find(|entry| visited && (entry.held || self.is_registered()))
            {
                let what = format!(
                    "slot {slot} is registered, and its init has not been for {}",
                    entry.net
                );
                return Err(self.violation(Rule::Once, what));
            }
            self.list.insert(slot);
            self.counters.registrations += 1;
        }
        Ok(())
    }

    fn has_unregistered(
        &mut self,
        command: Command,
        result: Result<(), Errno>,
    ) -> Result<(), Violation> {
        let Command { slot, effect, .. } = command;
        let there = self.list.contains(slot);
        let should = if there || effect.is_some() {
            Ok(())
        } else {
            Err(Errno::ENOENT)
        };
        if result != should {
            return Err(self.wrong_result(&format!("unregistering slot {slot}"), should, result));
        }
        if let Some(entry) = self.namespaces.iter().next().filter(|_| there) {
            let what = format!(
                "slot {slot} is unregistered, and has not left {}",
                entry.net
            );
            return Err(self.violation(Rule::Once, what));
        }
        Ok(())
    }

    fn finish_own_setup(&mut self, task: Task) -> Result<(), Violation> {
        match self.setups.iter().position(|setup| setup.task == task) {
            Some(index) => self.finish_setup(index, &[]),
            None => Ok(()),
        }
    }

    fn created(&mut self, result: Result<Net, Errno>) -> Result<(), Violation> {
        let Some((task, begin, faulty, limited)) = self.create.take() else {
            return Ok(());
        };
        let setup = self
            .setups
            .iter()
            .find(|setup| setup.task == task)
            .map(|setup| (setup.net, setup.undo.is_some(), setup.failed));
        self.finish_own_setup(task)?;
        match (setup, result) {
            (Some((net, false, _)), Ok(made)) if net == made => {}
            (Some((net, true, _)), Ok(_)) => {
                return Err(self.violation(
                    Rule::Errno,
                    format!("an init has failed for {net}, and making it has succeeded"),
                ));
            }
            (Some((net, _, _)), Ok(made)) => {
                return Err(self.violation(
                    Rule::Once,
                    format!("the hooks ran for {net}, and what was made is {made}"),
                ));
            }
            (Some((net, false, _)), Err(errno)) => {
                return Err(self.violation(
                    Rule::Once,
                    format!("making {net} has failed with {errno}, and it was not undone"),
                ));
            }
            (Some((_, _, Some(should))), Err(errno)) if errno != should => {
                return Err(self.wrong_result("making a namespace", Err(should), Err(errno)));
            }
            (None, Ok(made)) => {
                if let Some(slot) = self.seen_to_come() {
                    let what = format!("{made} is made, and the init of slot {slot} has not been");
                    return Err(self.violation(Rule::Once, what));
                }
                self.counters.namespaces += 1;
                self.namespaces.add(made, false, begin, None);
            }
            (None, Err(errno)) if !faulty && !(limited && errno == Errno::ENOSPC) => {
                return Err(self.wrong_result("making a namespace", Ok(()), Err(errno)));
            }
            _ => {}
        }
        let now = self.now;
        if let Some(entry) = result.ok().and_then(|net| self.namespaces.get_mut(net)) {
            entry.held = true;
            entry.done = Some(now);
        }
        Ok(())
    }

    /// A slot whose init is seen when a namespace is made.
    fn seen_to_come(&self) -> Option<Slot> {
        self.list
            .slots()
            .into_iter()
            .find(|slot| slot.operations().has(Hook::Init))
    }

    fn wrong_result(
        &self,
        what: &str,
        should: Result<(), Errno>,
        is: Result<(), Errno>,
    ) -> Violation {
        let describe = |result: Result<(), Errno>| {
            result.map_or_else(|errno| format!("{errno}"), |()| "success".into())
        };
        self.violation(
            Rule::Errno,
            format!(
                "{what} should have led to {}, and has to {}",
                describe(should),
                describe(is)
            ),
        )
    }

    /// All that nobody holds is gone, and what began has come to its end.
    fn drained(&mut self) -> Result<(), Violation> {
        self.finish_readers(&[])?;
        let left = self
            .namespaces
            .iter()
            .find(|entry| !entry.held)
            .map(|entry| entry.net);
        if let Some(net) = left.filter(|_| self.is_registered()) {
            return Err(self.violation(
                Rule::Balance,
                format!("nobody holds {net}, and it has not been seen to go"),
            ));
        }
        let gone: Vec<_> = self
            .namespaces
            .iter()
            .filter(|entry| !entry.held)
            .map(|entry| entry.net)
            .collect();
        for net in gone {
            self.namespaces.remove(net);
        }
        let namespaces = self.namespaces.iter().count() as u64;
        for (slot, tally) in &self.tallies {
            let operations = slot.operations();
            let live = if self.list.contains(*slot) {
                namespaces
            } else {
                0
            };
            let ends = [
                (Hook::Exit, operations.has(Hook::Exit), tally.exits),
                (Hook::Drop, operations.has_value(), tally.drops),
            ];
            for (hook, there, count) in ends {
                if operations.has(Hook::Init) && there && tally.inits != count + live {
                    let what = format!("slot {slot} had {} inits and {count} {hook} events, and {live} namespaces are left", tally.inits);
                    return Err(self.violation(Rule::Balance, what));
                }
            }
        }
        Ok(())
    }
}
