// SPDX-License-Identifier: GPL-2.0

//! What is seen of the system: one line of a puppet's trace.

use crate::operations::{
    Hook,
    Slot,
    PUPPET, //
};
use std::fmt;

/// A network namespace, by its cookie.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Net(pub u64);

impl fmt::Display for Net {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// A task of the kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Task(pub u32);

/// An error number, positive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Errno(pub i32);

impl Errno {
    /// Not registered, or no such namespace.
    pub const ENOENT: Errno = Errno(2);
    /// An allocation failed.
    pub const ENOMEM: Errno = Errno(12);
    /// It is registered already.
    pub const EEXIST: Errno = Errno(17);
    /// The limit of namespaces is reached.
    pub const ENOSPC: Errno = Errno(28);

    const NAMES: [(Errno, &'static str); 8] = [
        (Errno(1), "EPERM"),
        (Errno::ENOENT, "ENOENT"),
        (Errno(4), "EINTR"),
        (Errno(5), "EIO"),
        (Errno::ENOMEM, "ENOMEM"),
        (Errno::EEXIST, "EEXIST"),
        (Errno(22), "EINVAL"),
        (Errno::ENOSPC, "ENOSPC"),
    ];

    /// By its name, or by its number.
    pub fn parse(word: &str) -> Option<Errno> {
        match Self::NAMES.iter().find(|(_, name)| *name == word) {
            Some((errno, _)) => Some(*errno),
            None => word
                .parse()
                .ok()
                .filter(|errno| (1..4096).contains(errno))
                .map(Errno),
        }
    }
}

impl fmt::Display for Errno {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match Self::NAMES.iter().find(|(errno, _)| errno == self) {
            Some((_, name)) => f.write_str(name),
            None => write!(f, "{}", self.0),
        }
    }
}

/// One event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event {
    /// Whose hook.
    pub slot: Slot,
    /// Which.
    pub hook: Hook,
    /// In which namespace; 0 for [`Hook::ExitBatch`], whose namespaces are told by the [`Hook::Member`]s behind it.
    pub net: Net,
    /// The task that it runs in.
    pub task: Task,
    /// The planned failure of an init.
    pub err: Option<Errno>,
    /// How many namespaces an [`Hook::ExitBatch`] has.
    pub nets: Option<usize>,
    /// The value of the namespace was not what it should be.
    pub bad: bool,
    /// `net_initialized()`: the namespace has been in the list.
    pub initialized: Option<bool>,
    /// `check_net()`: somebody holds the namespace.
    pub count: Option<bool>,
}

impl Event {
    /// One without any words.
    pub fn new(slot: Slot, hook: Hook, net: Net, task: Task) -> Event {
        Event {
            slot,
            hook,
            net,
            task,
            err: None,
            nets: None,
            bad: false,
            initialized: None,
            count: None,
        }
    }

    /// Reads a line `SEQ SLOT HOOK COOKIE [WORD]...` of a trace.
    pub fn parse(line: &str) -> Option<(u64, Event)> {
        let mut words = line.split_ascii_whitespace();
        let sequence = words.next()?.parse().ok()?;
        let slot = Slot(
            words
                .next()?
                .parse()
                .ok()
                .filter(|slot| usize::from(*slot) < PUPPET.len())?,
        );
        let name = words.next()?;
        let (hook, _) = Hook::NAMES.into_iter().find(|(_, known)| *known == name)?;
        let mut event = Event::new(slot, hook, Net(words.next()?.parse().ok()?), Task(0));
        let flag = |value: &str| match value {
            "0" => Some(false),
            "1" => Some(true),
            _ => None,
        };
        for word in words {
            match word.split_once('=') {
                None if word == "bad" => event.bad = true,
                Some(("tid", value)) => event.task = Task(value.parse().ok()?),
                Some(("err", value)) => event.err = Some(Errno(-value.parse::<i32>().ok()?)),
                Some(("nets", value)) => event.nets = Some(value.parse().ok()?),
                Some(("initialized", value)) => event.initialized = Some(flag(value)?),
                Some(("count", value)) => event.count = Some(flag(value)?),
                _ => return None,
            }
        }
        // What comes last makes sure that the line is whole.
        (event.task != Task(0)).then_some((sequence, event))
    }

    /// Whether two traces agree in this event. Their tasks may differ, and a word that one lacks does not count.
    pub fn agrees(&self, other: &Event) -> bool {
        let same = |a: Option<bool>, b: Option<bool>| a.is_none() || b.is_none() || a == b;
        (
            self.slot, self.hook, self.net, self.err, self.nets, self.bad,
        ) == (
            other.slot, other.hook, other.net, other.err, other.nets, other.bad,
        ) && same(self.initialized, other.initialized)
            && same(self.count, other.count)
    }
}

/// As in the trace, without its sequence number.
impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.slot, self.hook, self.net)?;
        if let Some(Errno(number)) = self.err {
            write!(f, " err=-{number}")?;
        }
        if self.bad {
            write!(f, " bad")?;
        }
        if let Some(nets) = self.nets {
            write!(f, " nets={nets}")?;
        }
        if let Some(initialized) = self.initialized {
            write!(f, " initialized={}", u8::from(initialized))?;
        }
        if let Some(count) = self.count {
            write!(f, " count={}", u8::from(count))?;
        }
        write!(f, " tid={}", self.task.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_can_be_read() {
        for line in [
            "0 init 4026531833 err=-28 initialized=1 count=0 tid=7",
            "3 exit 12 bad count=1 tid=7",
            "4 exit_batch 0 nets=0 tid=9",
            "4 member 12 tid=9",
        ] {
            let (sequence, event) = Event::parse(&format!("18 {line}")).unwrap();
            assert_eq!((sequence, event.to_string().as_str()), (18, line));
        }
    }

    #[test]
    fn half_a_line_is_none() {
        for line in [
            "",
            "1 0 init",
            "1 0 init 4",
            "1 0 init 4 count=1",
            "1 12 init 4 tid=1",
            "1 0 in 4 tid=1",
            "1 0 init 4 count=2 tid=1",
        ] {
            assert_eq!(Event::parse(line), None, "{line}");
        }
    }
}
