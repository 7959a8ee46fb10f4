// SPDX-License-Identifier: GPL-2.0

//! The commands, and how they get from whoever writes them to the loader, and back with an answer.

use crate::slots::SLOTS;
use kernel::{
    new_condvar,
    new_mutex,
    new_spinlock,
    prelude::*,
    sync::{
        CondVar,
        Mutex,
        SpinLock, //
    },
    time::{
        delay::fsleep,
        Delta, //
    }, //
};

const MAX_ERRNO: u32 = 4095;

/// One line of what is written to the device.
pub(crate) enum Command {
    /// For the loader.
    Order(Order),
    Plan(u8, Plan),
    Clear,
}

/// What the loader executes.
pub(crate) enum Order {
    Request(Request),
    Done,
    Fail(Error),
}

pub(crate) enum Request {
    Register(u8),
    Unregister(u8),
}

impl Command {
    /// # Errors
    ///
    /// `EINVAL` for everything that is none.
    pub(crate) fn parse(line: &[u8]) -> Result<Self> {
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        let mut words = core::str::from_utf8(line).map_err(|_| EINVAL)?.split(' ');
        let mut word = || words.next();
        let command = match (word(), word(), word(), word(), word()) {
            (Some("register"), Some(slot), None, ..) => {
                Self::Order(Order::Request(Request::Register(parse_slot(slot)?)))
            }
            (Some("unregister"), Some(slot), None, ..) => {
                Self::Order(Order::Request(Request::Unregister(parse_slot(slot)?)))
            }
            (Some("plan"), Some(slot), Some(nth), Some(errno), None) => {
                Self::Plan(parse_slot(slot)?, Plan::parse(nth, errno)?)
            }
            (Some("clear"), None, ..) => Self::Clear,
            (Some("done"), None, ..) => Self::Order(Order::Done),
            (Some("fail"), Some(errno), None, ..) => Self::Order(Order::Fail(parse_errno(errno)?)),
            _ => return Err(EINVAL),
        };
        Ok(command)
    }
}

fn parse_number(word: &str) -> Result<u32> {
    word.parse().map_err(|_| EINVAL)
}

fn parse_slot(word: &str) -> Result<u8> {
    word.parse()
        .ok()
        .filter(|&slot| usize::from(slot) < SLOTS)
        .ok_or(EINVAL)
}

fn parse_errno(word: &str) -> Result<Error> {
    match parse_number(word)? {
        number @ 1..=MAX_ERRNO => Ok(Error::from_errno(-i32::try_from(number)?)),
        _ => Err(EINVAL),
    }
}

/// Which init of a slot is to fail.
#[derive(Clone, Copy)]
pub(crate) struct Plan {
    /// Counts down to it; 0: none.
    nth: u32,
    error: Error,
}

impl Plan {
    const NONE: Self = Self {
        nth: 0,
        error: EINVAL,
    };

    fn parse(nth: &str, errno: &str) -> Result<Self> {
        match parse_number(nth)? {
            0 => parse_number(errno).map(|_| Self::NONE),
            nth => Ok(Self {
                nth,
                error: parse_errno(errno)?,
            }),
        }
    }
}

#[pin_data]
pub(crate) struct Plans {
    #[pin]
    of: SpinLock<[Plan; SLOTS]>,
}

impl Plans {
    pub(crate) fn new() -> impl PinInit<Self> {
        pin_init!(Self {
            of <- new_spinlock!([Plan::NONE; SLOTS]),
        })
    }

    pub(crate) fn set(&self, slot: u8, plan: Plan) {
        self.of.lock()[usize::from(slot)] = plan;
    }

    /// Returns the error that an init of this slot that runs now is planned to fail with. No plan is changed before
    /// `told` has returned, so that what it writes down stands where the plan says.
    pub(crate) fn check(&self, slot: u8, told: impl FnOnce(Result)) -> Result {
        let mut plans = self.of.lock();
        let plan = &mut plans[usize::from(slot)];
        let planned = match plan.nth {
            1 => Err(plan.error),
            _ => Ok(()),
        };
        plan.nth = plan.nth.saturating_sub(1);
        told(planned);
        planned
    }
}

/// Where orders meet the loader.
#[pin_data]
pub(crate) struct Control {
    /// Held by whoever waits for an answer.
    #[pin]
    turn: Mutex<()>,
    #[pin]
    desk: Mutex<Desk>,
    /// Something on the desk is different.
    #[pin]
    changed: CondVar,
}

struct Desk {
    order: Option<Order>,
    answer: Option<Result>,
    /// The loader takes no orders any more.
    ended: bool,
    /// How many files are open.
    files: usize,
}

impl Control {
    pub(crate) fn new() -> impl PinInit<Self> {
        pin_init!(Self {
            turn <- new_mutex!(()),
            desk <- new_mutex!(Desk {
                order: None,
                answer: None,
                ended: false,
                files: 0,
            }),
            changed <- new_condvar!(),
        })
    }

    /// Has the loader execute an order, and waits until it has.
    ///
    /// # Errors
    ///
    /// `EBUSY` when it takes none any more: when it is undoing what was registered, after that is done.
    pub(crate) fn give(&self, order: Order) -> Result {
        let _turn = self.turn.lock();
        let mut desk = self.desk.lock();
        desk.order = Some(order);
        self.changed.notify_all();
        loop {
            if let Some(answer) = desk.answer.take() {
                return answer;
            }
            if desk.ended {
                // What it took and did not answer was to fail, and it has.
                return desk.order.take().map_or(Ok(()), |_| Err(EBUSY));
            }
            self.changed.wait(&mut desk);
        }
    }

    /// The loader executes what it is ordered to, until that is to end.
    ///
    /// # Errors
    ///
    /// The one that was ordered; `EINTR` when a signal comes.
    pub(crate) fn serve(&self, mut execute: impl FnMut(Request) -> Result) -> Result {
        loop {
            let order = self.take()?;
            let answer = match order {
                Order::Request(request) => execute(request),
                Order::Done => {
                    self.answer(Ok(()), true);
                    return Ok(());
                }
                // Answered when all is undone.
                Order::Fail(error) => return Err(error),
            };
            self.answer(answer, false);
        }
    }

    fn take(&self) -> Result<Order> {
        let mut desk = self.desk.lock();
        loop {
            if let Some(order) = desk.order.take() {
                return Ok(order);
            }
            if self.changed.wait_interruptible(&mut desk) {
                return Err(EINTR);
            }
        }
    }

    fn answer(&self, answer: Result, ended: bool) {
        let mut desk = self.desk.lock();
        desk.answer = Some(answer);
        desk.ended = ended;
        self.changed.notify_all();
    }

    /// Says that what was registered is undone, if the module goes.
    pub(crate) fn end(&self) {
        self.desk.lock().ended = true;
        self.changed.notify_all();
    }

    pub(crate) fn file_opened(&self) {
        self.desk.lock().files += 1;
    }

    pub(crate) fn file_closed(&self) {
        self.desk.lock().files -= 1;
        self.changed.notify_all();
    }

    pub(crate) fn wait_until_closed(&self) {
        let mut desk = self.desk.lock();
        if desk.files == 0 {
            return;
        }
        while desk.files > 0 {
            self.changed.wait(&mut desk);
        }
        drop(desk);
        // There is no safe way to wait until whoever closed the last one has left the text of this module: it
        // has this long for its last instructions.
        fsleep(Delta::from_millis(200));
    }
}
