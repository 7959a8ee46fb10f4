// SPDX-License-Identifier: GPL-2.0

//! The trace: what the hooks have seen, numbered, in memory that is there before the first of them runs.

use kernel::{
    fmt::{
        self,
        Write, //
    },
    iov::IovIterDest,
    new_mutex,
    new_spinlock,
    prelude::*,
    str::Formatter,
    sync::{
        Mutex,
        SpinLock, //
    },
    task::Pid, //
};
use net::namespace::Identity;

/// How many events it holds.
const ROOM: usize = 65_536;
/// Longer than any line.
const LINE: usize = 192;

#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Hook {
    Init,
    PreExit,
    ExitRtnl,
    Exit,
    ExitBatch,
    /// A namespace of the batch that the same task has told of just before.
    Member,
    Drop,
}

impl Hook {
    fn name(self) -> &'static str {
        match self {
            Self::Init => "init",
            Self::PreExit => "pre_exit",
            Self::ExitRtnl => "exit_rtnl",
            Self::Exit => "exit",
            Self::ExitBatch => "exit_batch",
            Self::Member => "member",
            Self::Drop => "drop",
        }
    }
}

/// One line of the trace: `SEQ SLOT HOOK COOKIE [WORD]... tid=N`.
#[derive(Clone, Copy)]
pub(crate) struct Event {
    seq: u64,
    cookie: u64,
    tid: Pid,
    slot: u8,
    hook: Hook,
    /// What init was planned to fail with.
    err: Option<Error>,
    /// The value was not what it should be.
    bad: bool,
    /// How many namespaces a batch has.
    nets: Option<usize>,
    initialized: Option<bool>,
    counted: Option<bool>,
}

impl Event {
    /// Something that the current task does to a slot, in the namespace with this cookie, or in none.
    pub(crate) fn new(slot: u8, hook: Hook, cookie: u64) -> Self {
        Self {
            seq: 0,
            cookie,
            tid: current!().pid(),
            slot,
            hook,
            err: None,
            bad: false,
            nets: None,
            initialized: None,
            counted: None,
        }
    }

    /// A hook for one namespace.
    pub(crate) fn of(slot: u8, hook: Hook, net: &Identity) -> Self {
        let tells = matches!(hook, Hook::Init | Hook::PreExit);
        Self {
            initialized: tells.then(|| net.is_initialized()),
            counted: Some(net.is_counted()),
            ..Self::new(slot, hook, net.cookie())
        }
    }

    pub(crate) fn failing(self, err: Option<Error>) -> Self {
        Self { err, ..self }
    }

    pub(crate) fn bad_if(self, bad: bool) -> Self {
        Self { bad, ..self }
    }

    pub(crate) fn with_nets(self, nets: usize) -> Self {
        Self {
            nets: Some(nets),
            ..self
        }
    }
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.hook.name();
        write!(f, "{} {} {name} {}", self.seq, self.slot, self.cookie)?;
        if let Some(err) = self.err {
            write!(f, " err={}", err.to_errno())?;
        }
        if self.bad {
            f.write_str(" bad")?;
        }
        if let Some(nets) = self.nets {
            write!(f, " nets={nets}")?;
        }
        if let Some(initialized) = self.initialized {
            write!(f, " initialized={}", u8::from(initialized))?;
        }
        if let Some(counted) = self.counted {
            write!(f, " count={}", u8::from(counted))?;
        }
        write!(f, " tid={}", self.tid)
    }
}

/// What a reader gets next.
enum Line {
    /// There was no room for so many events.
    Lost(u64),
    Event(Event),
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Lost(number) => write!(f, "lost {number}"),
            Self::Event(event) => event.fmt(f),
        }
    }
}

struct Ring {
    /// As long as there is room, whatever is in it.
    events: KVVec<Event>,
    /// Where the oldest is, and how many there are.
    oldest: usize,
    count: usize,
    /// The number of the next one.
    seq: u64,
    lost: u64,
}

impl Ring {
    fn add(&mut self, mut event: Event) {
        event.seq = self.seq;
        self.seq += 1;
        if self.count == ROOM {
            self.lost += 1;
            return;
        }
        self.events[(self.oldest + self.count) % ROOM] = event;
        self.count += 1;
    }

    fn next(&self) -> Option<Line> {
        if self.lost > 0 {
            return Some(Line::Lost(self.lost));
        }
        (self.count > 0).then(|| Line::Event(self.events[self.oldest]))
    }

    /// Takes what [`Self::next()`] has returned off. There may be more that is lost since then.
    fn forget(&mut self, line: &Line) {
        match line {
            Line::Lost(number) => self.lost -= number,
            Line::Event(_) => {
                self.oldest = (self.oldest + 1) % ROOM;
                self.count -= 1;
            }
        }
    }
}

#[pin_data]
pub(crate) struct Trace {
    /// Held by whoever takes something off.
    #[pin]
    reader: Mutex<()>,
    #[pin]
    ring: SpinLock<Ring>,
}

impl Trace {
    pub(crate) fn new() -> Result<impl PinInit<Self>> {
        let events = KVVec::from_elem(Event::new(0, Hook::Drop, 0), ROOM, GFP_KERNEL)?;
        Ok(pin_init!(Self {
            reader <- new_mutex!(()),
            ring <- new_spinlock!(Ring {
                events,
                oldest: 0,
                count: 0,
                seq: 0,
                lost: 0,
            }),
        }))
    }

    /// Any context; hooks on several CPUs do.
    pub(crate) fn add(&self, event: Event) {
        self.ring.lock().add(event);
    }

    pub(crate) fn clear(&self) {
        let _reader = self.reader.lock();
        let mut ring = self.ring.lock();
        (ring.count, ring.seq, ring.lost) = (0, 0, 0);
    }

    /// Gives as many whole lines as there are and as fit, and takes them off.
    pub(crate) fn read(&self, iov: &mut IovIterDest<'_>) -> Result<usize> {
        let _reader = self.reader.lock();
        let mut read = 0;
        let mut buffer = [0; LINE];
        loop {
            // The lock is given back at once: what follows may sleep.
            let line = self.ring.lock().next();
            let Some(line) = line else {
                return Ok(read);
            };
            let mut writer = Formatter::new(&mut buffer);
            writer.write_fmt(fmt!("{line}\n"))?;
            let len = writer.bytes_written();
            let text = &buffer[..len];
            let error = if text.len() > iov.len() {
                EINVAL
            } else if iov.copy_to_iter(text) < text.len() {
                EFAULT
            } else {
                self.ring.lock().forget(&line);
                read += text.len();
                continue;
            };
            return if read > 0 { Ok(read) } else { Err(error) };
        }
    }

    /// Writes what is left to the log.
    pub(crate) fn log(&self) {
        let _reader = self.reader.lock();
        loop {
            let line = self.ring.lock().next();
            let Some(line) = line else {
                return;
            };
            pr_info!("{line}\n");
            self.ring.lock().forget(&line);
        }
    }
}
