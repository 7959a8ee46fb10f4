// SPDX-License-Identifier: GPL-2.0

//! What is wrong with a trace, and which rule says so.

use super::{
    reading::Expected,
    Command,
    Mark,
    Oracle,
    Record, //
};
use crate::{
    event::{
        Event,
        Task, //
    },
    operations::{
        Hook,
        Slot, //
    },
};
use std::fmt;

/// A rule that a trace can break.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rule {
    /// Whatever has been initialised sees each phase of its end, once; whatever has not sees none.
    Once,
    /// Operations follow each other as the list says, in reverse at the end.
    Order,
    /// A registration visits namespaces in the order of their list.
    ListOrder,
    /// One phase is over before the next begins.
    Phases,
    /// All operations of a batch see the same namespaces in the same order.
    SameNets,
    /// Who was let go of last goes first, and nobody is left behind.
    LastFirst,
    /// Registrations have the list for themselves, and there is one batch at a time.
    Exclusion,
    /// A value is there in every hook, it is what it should be, and it is dropped once.
    Value,
    /// A namespace that somebody holds lives.
    Held,
    /// No hook runs of what is not registered.
    Silence,
    /// The error of an init reaches who asked, and there is no other.
    Errno,
    /// An init fails when that was planned, and only then.
    Plan,
    /// What hooks are told of the namespace's state fits.
    State,
    /// When all has come to its end, inits and exits are equal in number.
    Balance,
}

impl Rule {
    /// In a few words.
    pub fn title(self) -> &'static str {
        match self {
            Rule::Once => "exactly once",
            Rule::Order => "order of operations",
            Rule::ListOrder => "order of namespaces",
            Rule::Phases => "phases",
            Rule::SameNets => "same order in a batch",
            Rule::LastFirst => "last put first",
            Rule::Exclusion => "exclusion",
            Rule::Value => "the value lives and is dropped once",
            Rule::Held => "who is held lives",
            Rule::Silence => "silence",
            Rule::Errno => "the error arrives",
            Rule::Plan => "planned failures",
            Rule::State => "state of the namespace",
            Rule::Balance => "balance",
        }
    }
}

/// A trace that cannot be.
#[derive(Clone, Debug)]
pub struct Violation {
    /// Which rule it breaks.
    pub rule: Rule,
    /// In a sentence.
    pub what: String,
    /// The last records up to the one that breaks it.
    pub records: Vec<Record>,
}

/// The sentence, and the records that matter below it.
impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "rule \"{}\": {}", self.rule.title(), self.what)?;
        let skip = self.records.len().saturating_sub(24);
        for record in &self.records[skip..] {
            match record {
                Record::Event(event) => write!(f, "\n    {event}")?,
                Record::Mark(mark) => write!(f, "\n  {mark:?}")?,
            }
        }
        Ok(())
    }
}

impl std::error::Error for Violation {}

impl Expected {
    fn describe(&self) -> String {
        match self.net {
            Some(_) if self.hook == Hook::ExitBatch => format!("exit_batch of slot {}", self.slot),
            Some(net) => format!("{} of slot {} for {net}", self.hook, self.slot),
            None => format!("{} of slot {}", self.hook, self.slot),
        }
    }
}

impl Oracle {
    pub(super) fn violation(&self, rule: Rule, what: impl Into<String>) -> Violation {
        Violation {
            rule,
            what: what.into(),
            records: self.history.iter().copied().collect(),
        }
    }

    /// Says which rule it breaks that this event came and not the one that was expected.
    pub(super) fn blame(
        &self,
        expected: Option<Expected>,
        event: &Event,
        rest: &[Record],
    ) -> Violation {
        let Event {
            slot, hook, net, ..
        } = event;
        let got = if *hook == Hook::ExitBatch {
            format!("exit_batch of slot {slot}")
        } else {
            format!("{hook} of slot {slot} for {net}")
        };
        if !self.may_be_seen(*slot) {
            return self.violation(Rule::Silence, format!("{got}, which is not registered"));
        }
        if self.has_been(event) {
            let rule = if *hook == Hook::Drop {
                Rule::Value
            } else {
                Rule::Once
            };
            return self.violation(rule, format!("{got}, a second time"));
        }
        let Some(expected) = expected else {
            return self.violation(Rule::Once, format!("{got}, which has no cause"));
        };
        let missing = expected.describe();
        let later = later(event.task, rest).any(|later| expected.meets(later));
        let (rule, what) = match expected {
            // A value that goes too early, or late, or not at all.
            _ if *hook == Hook::Drop && expected.hook != Hook::Drop => {
                (Rule::Value, format!("{got}, before {missing}"))
            }
            Expected {
                hook: Hook::Drop, ..
            } => (Rule::Value, format!("{got}, and {missing} has not been")),
            _ if !later => (Rule::Once, format!("{got}, and {missing} is left out")),
            _ if phase(expected.hook) != phase(*hook) => {
                (Rule::Phases, format!("{got}, before {missing}"))
            }
            _ if expected.slot == *slot && expected.hook == *hook => {
                (Rule::SameNets, format!("{got}, before {missing}"))
            }
            // RTNL's phase goes by namespace.
            _ if expected.hook == Hook::ExitRtnl
                && expected.net.is_some_and(|first| first != *net) =>
            {
                (Rule::SameNets, format!("{got}, before {missing}"))
            }
            _ if expected.slot == *slot => (Rule::Phases, format!("{got}, before {missing}")),
            _ => (Rule::Order, format!("{got}, before {missing}")),
        };
        self.violation(rule, what)
    }

    /// Says what is wrong if a task stops before it is through: whether it goes on later.
    pub(super) fn unfinished(
        &self,
        task: Task,
        expected: Option<Expected>,
        rest: &[Record],
    ) -> Violation {
        let missing = expected.map_or("what has to follow".into(), |expected| expected.describe());
        if later(task, rest).any(|later| expected.is_some_and(|expected| expected.meets(later))) {
            return self.violation(
                Rule::Exclusion,
                format!(
                    "this came before {missing}, while the task {} was not through",
                    task.0
                ),
            );
        }
        let rule = if expected.is_some_and(|expected| expected.hook == Hook::Drop) {
            Rule::Value
        } else {
            Rule::Once
        };
        self.violation(
            rule,
            format!("{missing} is left out by the task {}", task.0),
        )
    }

    /// Whether the slot is registered, or may be just now.
    pub(super) fn may_be_seen(&self, slot: Slot) -> bool {
        let comes = |command: Command| command.slot == slot && command.effect.is_none();
        self.list.contains(slot) || self.command.is_some_and(comes)
    }

    /// Whether this has happened before, since the slot was registered.
    pub(super) fn has_been(&self, event: &Event) -> bool {
        let same = |past: &Event| {
            (past.slot, past.hook, past.net) == (event.slot, event.hook, event.net)
                && (event.hook != Hook::ExitBatch && event.hook != Hook::Member
                    || past.task != event.task)
        };
        self.history
            .iter()
            .rev()
            .skip(1)
            .take_while(|record| !matches!(record, Record::Mark(Mark::Register { slot, .. }) if *slot == event.slot))
            .any(|record| matches!(record, Record::Event(past) if same(past)))
    }
}

fn later(task: Task, rest: &[Record]) -> impl Iterator<Item = &Event> {
    rest.iter().filter_map(move |record| match record {
        Record::Event(event) if event.task == task => Some(event),
        _ => None,
    })
}

/// Phases of the end, as the list of operations is gone through.
fn phase(hook: Hook) -> u8 {
    match hook {
        Hook::Init => 0,
        Hook::PreExit => 1,
        Hook::ExitRtnl => 2,
        Hook::Exit | Hook::ExitBatch | Hook::Member | Hook::Drop => 3,
    }
}
