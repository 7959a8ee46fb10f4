// SPDX-License-Identifier: GPL-2.0

//! The language of programs: what is done to the system, one operation after the other.

use crate::{
    event::{
        Errno,
        Event,
        Net,
        Task, //
    },
    kernel::Kernel,
    operations::{
        Slot,
        PUPPET, //
    },
};
use std::{
    collections::BTreeMap,
    fmt,
    str::FromStr, //
};

/// What [`Operation`]s there are, for people.
pub const LANGUAGE: &str = "\
  register SLOT          register what slot 0 to 11 has
  unregister SLOT        undo that
  plan SLOT NTH ERRNO    its NTH init from now on fails with ERRNO, such as ENOSPC or 28; 0: none does
  create                 make a namespace; the first is 1, the next, though the first was refused, 2
  hold N                 hold namespace N once more
  put N                  let go of it
  destroy N              let go of it for good, and wait until it is gone
  drain                  wait until all are gone that nobody holds
  burst COUNT            make so many, let go of them all, do not wait
  refuse                 try to make a namespace while the limit is 0
  fault NTH OPERATION    register, unregister or create, with the NTH allocation in it failing";

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Operation {
    /// Registers.
    Register(Slot),
    /// Unregisters.
    Unregister(Slot),
    /// Plans the failure of an init.
    Plan(Slot, u32, Errno),
    /// Makes a namespace and holds it.
    Create,
    /// Holds a namespace once more.
    Hold(usize),
    /// Lets go of it.
    Put(usize),
    /// Lets go of it until nobody holds it, and drains.
    Destroy(usize),
    /// Waits until all are gone that nobody holds.
    Drain,
    /// Makes so many, and lets go of them, the first one first.
    Burst(usize),
    /// Tries to make one while the limit is 0.
    Refuse,
    /// Does it while the nth allocation fails.
    Fault(u32, Box<Operation>),
}

impl Operation {
    /// Whether it can be said what follows.
    pub fn is_predictable(&self) -> bool {
        !matches!(self, Operation::Fault(..))
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Operation::Register(slot) => write!(f, "register {slot}"),
            Operation::Unregister(slot) => write!(f, "unregister {slot}"),
            Operation::Plan(slot, nth, errno) => write!(f, "plan {slot} {nth} {errno}"),
            Operation::Create => write!(f, "create"),
            Operation::Hold(number) => write!(f, "hold {number}"),
            Operation::Put(number) => write!(f, "put {number}"),
            Operation::Destroy(number) => write!(f, "destroy {number}"),
            Operation::Drain => write!(f, "drain"),
            Operation::Burst(count) => write!(f, "burst {count}"),
            Operation::Refuse => write!(f, "refuse"),
            Operation::Fault(nth, operation) => write!(f, "fault {nth} {operation}"),
        }
    }
}

impl FromStr for Operation {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let words: Vec<_> = text.split_ascii_whitespace().collect();
        parse(&words)
            .ok_or_else(|| format!("'{}' is no operation; there are:\n{LANGUAGE}", text.trim()))
    }
}

fn parse(words: &[&str]) -> Option<Operation> {
    let slot = |word: &str| {
        word.parse()
            .ok()
            .filter(|slot| usize::from(*slot) < PUPPET.len())
            .map(Slot)
    };
    let number = |word: &str| word.parse().ok().filter(|number| *number > 0);
    Some(match words {
        ["register", of] => Operation::Register(slot(of)?),
        ["unregister", of] => Operation::Unregister(slot(of)?),
        ["plan", of, nth, errno] => {
            Operation::Plan(slot(of)?, nth.parse().ok()?, Errno::parse(errno)?)
        }
        ["create"] => Operation::Create,
        ["hold", of] => Operation::Hold(number(of)?),
        ["put", of] => Operation::Put(number(of)?),
        ["destroy", of] => Operation::Destroy(number(of)?),
        ["drain"] => Operation::Drain,
        ["burst", count] => Operation::Burst(number(count)?),
        ["refuse"] => Operation::Refuse,
        ["fault", nth, rest @ ..] => match parse(rest)? {
            operation @ (Operation::Register(_) | Operation::Unregister(_) | Operation::Create) => {
                Operation::Fault(
                    nth.parse().ok().filter(|nth| *nth > 0)?,
                    Box::new(operation),
                )
            }
            _ => return None,
        },
        _ => return None,
    })
}

/// Reads a program: operations with a `;` or a new line between them. A `#` starts a comment.
pub fn parse_program(text: &str) -> Result<Vec<Operation>, String> {
    text.lines()
        .map(|line| line.split_once('#').map_or(line, |(code, _)| code))
        .flat_map(|line| line.split(';'))
        .filter(|operation| !operation.trim().is_empty())
        .map(str::parse)
        .collect()
}

/// Writes it as [`parse_program`] reads it.
pub fn write_program(program: &[Operation]) -> String {
    let operations: Vec<_> = program.iter().map(Operation::to_string).collect();
    operations.join("; ")
}

/// An operation that was done.
#[derive(Clone, Debug)]
pub struct Step {
    /// Which.
    pub operation: Operation,
    /// How it ended.
    pub result: Result<(), Errno>,
    /// What the hooks saw.
    pub events: Vec<Event>,
}

/// Runs programs on the model.
#[derive(Clone, Debug)]
pub struct Interpreter {
    /// The state.
    pub kernel: Kernel,
    /// The namespaces that were made, and how often each is held.
    made: Vec<(Net, u32)>,
    /// What programs call them.
    names: BTreeMap<Net, String>,
}

impl Default for Interpreter {
    fn default() -> Self {
        Self::new()
    }
}

impl Interpreter {
    /// The task that registers, the one that makes namespaces, the one that ends them.
    pub const TASKS: [Task; 3] = [Task(2), Task(3), Task(4)];

    /// Nothing has been done yet.
    pub fn new() -> Self {
        let names = BTreeMap::from([(Kernel::INIT_NET, "init".into())]);
        Interpreter {
            kernel: Kernel::new(),
            made: Vec::new(),
            names,
        }
    }

    /// The system that it is done to.
    pub fn kernel(&self) -> &Kernel {
        &self.kernel
    }

    /// What a program calls a namespace: by its number, or "init"; those of a burst have no name, but a "+".
    pub fn name(&self, net: Net) -> String {
        self.names
            .get(&net)
            .cloned()
            .unwrap_or_else(|| format!("+{net}"))
    }

    /// The namespace with that number, if it was made and is held.
    pub fn held(&self, number: usize) -> Option<Net> {
        let (net, references) = self.made.get(number.checked_sub(1)?)?;
        (*references > 0).then_some(*net)
    }

    /// How many have been made, or refused.
    pub fn created(&self) -> usize {
        self.made.len()
    }

    /// Does one operation.
    ///
    /// # Panics
    ///
    /// If it is not [predictable](Operation::is_predictable).
    pub fn run(&mut self, operation: &Operation) -> Step {
        let [registrar, creator, _] = Self::TASKS;
        let result = match operation {
            Operation::Register(slot) => {
                self.kernel.switch_to(registrar);
                self.kernel.register(*slot)
            }
            Operation::Unregister(slot) => {
                self.kernel.switch_to(registrar);
                self.kernel.unregister(*slot)
            }
            Operation::Plan(slot, nth, errno) => {
                self.kernel.plan(*slot, *nth, *errno);
                Ok(())
            }
            Operation::Create => {
                self.kernel.switch_to(creator);
                self.names
                    .insert(self.kernel.next_net(), (self.made.len() + 1).to_string());
                let result = self.kernel.copy_net_ns();
                self.made.push(result.map_or((Net(0), 0), |net| (net, 1)));
                result.map(|_| ())
            }
            Operation::Hold(number) => self.held(*number).map_or(Err(Errno::ENOENT), |net| {
                self.kernel.get_net(net);
                self.made[number - 1].1 += 1;
                Ok(())
            }),
            Operation::Put(number) => self.put(*number),
            Operation::Destroy(number) => {
                let result = self.put(*number);
                while self.put(*number).is_ok() {}
                self.drain();
                result
            }
            Operation::Drain => {
                self.drain();
                Ok(())
            }
            Operation::Burst(count) => {
                self.kernel.switch_to(creator);
                let made: Vec<_> = (0..*count).map(|_| self.kernel.copy_net_ns()).collect();
                made.iter()
                    .flatten()
                    .for_each(|net| self.kernel.put_net(*net));
                made.into_iter().find_map(Result::err).map_or(Ok(()), Err)
            }
            Operation::Refuse => Err(Errno::ENOSPC),
            Operation::Fault(..) => panic!("nobody knows what '{operation}' leads to"),
        };
        Step {
            operation: operation.clone(),
            result,
            events: self.kernel.take_trace(),
        }
    }

    fn put(&mut self, number: usize) -> Result<(), Errno> {
        let net = self.held(number).ok_or(Errno::ENOENT)?;
        self.made[number - 1].1 -= 1;
        self.kernel.put_net(net);
        Ok(())
    }

    fn drain(&mut self) {
        let [_, _, worker] = Self::TASKS;
        if self.kernel.cleanup_is_queued() {
            self.kernel.switch_to(worker);
            self.kernel.cleanup_net();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_can_be_read() {
        let text = "register 0; unregister 11; plan 1 2 ENOSPC; plan 1 0 71; create; hold 1; put 1; destroy 2; drain; \
            burst 3; refuse; fault 12 create; fault 1 register 3";
        assert_eq!(write_program(&parse_program(text).unwrap()), text);
        assert_eq!(
            parse_program("create # one\n\n ;drain").unwrap(),
            [Operation::Create, Operation::Drain]
        );
    }

    #[test]
    fn what_makes_no_sense_is_told() {
        for text in [
            "register 12",
            "register",
            "plan 1 1 EWHAT",
            "plan 1 1 -5",
            "put 0",
            "fault 0 create",
            "fault 1 drain",
            "burst",
        ] {
            assert!(parse_program(text)
                .unwrap_err()
                .starts_with(&format!("'{text}' is no operation")));
        }
    }
}
