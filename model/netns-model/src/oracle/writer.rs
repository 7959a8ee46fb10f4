// SPDX-License-Identifier: GPL-2.0

//! Who registers and unregisters: what a task does that has the list for itself.

use super::{
    reading::Undo,
    Command,
    Effect,
    Oracle,
    Record,
    Rule,
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

impl Oracle {
    pub(super) fn writer_event(&mut self, event: &Event, rest: &[Record]) -> Result<(), Violation> {
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
}
