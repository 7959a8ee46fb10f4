// SPDX-License-Identifier: GPL-2.0

//! Who answers: the ledger in the kernel, over netlink. Everything else here knows the trait only, and is tested with
//! one that is made up.

use crate::{
    error::{
        Error,
        Result,
        ENOBUFS,
        ENOENT,
        EPERM, //
    },
    message,
    row::{
        Dump,
        Event,
        Row,
        Stats, //
    },
    spec::{
        self,
        netns,
        operation, //
    },
};
use netlink_packet_core::{
    DefaultNla,
    NetlinkBuffer, //
};
use netlink_sys::{
    protocols::NETLINK_GENERIC,
    Socket,
    SocketAddr, //
};
use nix::{
    errno::Errno,
    poll::{
        poll,
        PollFd,
        PollFlags,
        PollTimeout, //
    },
};
use std::{
    collections::VecDeque,
    os::fd::AsFd,
    path::Path,
    time::Duration, //
};

/// How a namespace is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// By the number that no other has had.
    Cookie(u64),
    /// By its inode number.
    Inum(u32),
}

/// What listening has brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// An event.
    Event(Event),
    /// Events have been lost, since they came faster than they were read.
    Overrun,
    /// None, in that time. A signal ends the wait, too.
    Nothing,
}

/// The ledger.
pub trait Ledger {
    /// All rows.
    fn dump(&mut self) -> Result<Dump>;
    /// One row, if there is such a namespace.
    fn row(&mut self, key: Key) -> Result<Option<Row>>;
    /// The counters.
    fn stats(&mut self) -> Result<Stats>;
    /// Has events kept from here on.
    fn subscribe(&mut self) -> Result<()>;
    /// The next event.
    fn next(&mut self, patience: Duration) -> Result<Next>;
}

const REQUEST: u16 = 0x1;
const DUMP: u16 = 0x300;
/// The table has changed under a dump.
const INTERRUPTED: u16 = 0x10;
const ERROR: u16 = 2;
const DONE: u16 = 3;
const CONTROLLER: u16 = 16;
/// How much an answer of the kernel's may have.
const BUFFER: usize = 1 << 16;
/// Some thousand events.
const BACKLOG: u32 = 4 << 20;

/// The ledger in the kernel.
pub struct Netlink {
    requests: Socket,
    events: Option<Socket>,
    queue: VecDeque<Event>,
    family: u16,
    group: u32,
    sequence: u32,
    buffer: Vec<u8>,
    /// How many bytes of events may wait to be read. An ordinary system gives less than it is asked for.
    pub backlog: u32,
}

fn socket() -> Result<Socket> {
    let open = || {
        let mut socket = Socket::new(NETLINK_GENERIC)?;
        socket.bind_auto()?;
        socket.connect(&SocketAddr::new(0, 0))?;
        Ok(socket)
    };
    open().map_err(|error: std::io::Error| {
        Error::new(format!(
            "cannot open a socket for generic netlink: {error}."
        ))
    })
}

/// What an answer has: its command, and its attributes.
type Answer = (u8, Vec<u8>);

impl Netlink {
    /// Finds the family.
    ///
    /// # Errors
    ///
    /// Says what to do if it is not there.
    pub fn open() -> Result<Self> {
        let mut client = Self {
            requests: socket()?,
            events: None,
            queue: VecDeque::new(),
            family: 0,
            group: 0,
            sequence: 0,
            buffer: vec![0; BUFFER],
            backlog: BACKLOG,
        };
        let name = message::string(2, spec::FAMILY);
        let answers = match client.ask(CONTROLLER, REQUEST, 3, &[name]) {
            Ok(answers) => answers,
            Err(ENOENT) => return Err(absent(Path::new("/"))),
            Err(errno) => return Err(Error::kernel("cannot look for the ledger", errno)),
        };
        for (_, bytes) in answers {
            client.learn(&bytes)?;
        }
        Ok(client)
    }

    /// Learns the numbers of the family and of its group from the controller's answer.
    fn learn(&mut self, bytes: &[u8]) -> Result<()> {
        let (mut family, mut group) = (0, 0);
        message::attributes(bytes, |kind, value| {
            match kind {
                1 => family = message::number(value)? as u16,
                7 => message::attributes(value, |_, one| {
                    let (mut name, mut id) = (String::new(), 0);
                    message::attributes(one, |kind, value| {
                        match kind {
                            1 => name = message::text(value),
                            2 => id = message::number(value)? as u32,
                            _ => {}
                        }
                        Ok(())
                    })?;
                    if name == spec::GROUP {
                        group = id;
                    }
                    Ok(())
                })?,
                _ => {}
            }
            Ok(())
        })?;
        (self.family, self.group) = (family, group);
        Ok(())
    }

    /// Asks, and returns all that is answered, or the errno.
    fn ask(
        &mut self,
        kind: u16,
        flags: u16,
        command: u8,
        attributes: &[DefaultNla],
    ) -> std::result::Result<Vec<Answer>, i32> {
        // A table that changes all the time has to be taken as it is in the end.
        for attempt in 0.. {
            let (answers, interrupted) = self.ask_once(kind, flags, command, attributes)?;
            if !interrupted || attempt == 8 {
                return Ok(answers);
            }
        }
        Ok(Vec::new())
    }

    fn ask_once(
        &mut self,
        kind: u16,
        flags: u16,
        command: u8,
        attributes: &[DefaultNla],
    ) -> std::result::Result<(Vec<Answer>, bool), i32> {
        let errno = |error: std::io::Error| error.raw_os_error().unwrap_or(5);
        self.sequence += 1;
        let request = message::request(kind, flags, self.sequence, command, attributes);
        self.requests.send(&request, 0).map_err(errno)?;
        let mut answers = Vec::new();
        let mut interrupted = false;
        loop {
            let length = match self.requests.recv(&mut &mut self.buffer[..], 0) {
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
                result => result.map_err(errno)?,
            };
            let mut rest = &self.buffer[..length];
            while let Ok(header) = NetlinkBuffer::new_checked(rest) {
                let end = (header.length() as usize)
                    .next_multiple_of(4)
                    .min(rest.len());
                let payload = header.payload();
                if header.sequence_number() == self.sequence {
                    interrupted |= header.flags() & INTERRUPTED != 0;
                    match header.message_type() {
                        ERROR | DONE => {
                            let code = payload
                                .get(..4)
                                .and_then(|code| code.try_into().ok())
                                .map_or(0, i32::from_ne_bytes);
                            return if code == 0 {
                                Ok((answers, interrupted))
                            } else {
                                Err(-code)
                            };
                        }
                        _ if payload.len() >= message::GENERIC => {
                            answers.push((payload[0], payload[message::GENERIC..].to_vec()));
                            if flags & DUMP != DUMP {
                                return Ok((answers, false));
                            }
                        }
                        _ => {}
                    }
                }
                rest = &rest[end..];
            }
        }
    }

    fn ask_ledger(
        &mut self,
        flags: u16,
        command: u8,
        attributes: &[DefaultNla],
    ) -> std::result::Result<Vec<Answer>, i32> {
        self.ask(self.family, REQUEST | flags, command, attributes)
    }

    /// Puts what one read of the socket brings into the queue.
    fn fetch(&mut self) -> Result<Next> {
        let Some(socket) = &self.events else {
            return Ok(Next::Nothing);
        };
        let length = match socket.recv(&mut &mut self.buffer[..], 0) {
            Ok(length) => length,
            Err(error) if error.raw_os_error() == Some(ENOBUFS) => return Ok(Next::Overrun),
            Err(error)
                if [
                    std::io::ErrorKind::WouldBlock,
                    std::io::ErrorKind::Interrupted,
                ]
                .contains(&error.kind()) =>
            {
                return Ok(Next::Nothing)
            }
            Err(error) => return Err(Error::new(format!("cannot read events: {error}."))),
        };
        let mut rest = &self.buffer[..length];
        while let Ok(header) = NetlinkBuffer::new_checked(rest) {
            let end = (header.length() as usize)
                .next_multiple_of(4)
                .min(rest.len());
            let payload = header.payload();
            if header.message_type() == self.family && payload.len() >= message::GENERIC {
                self.queue
                    .extend(message::event(payload[0], &payload[message::GENERIC..])?);
            }
            rest = &rest[end..];
        }
        // A message may have nothing that is known, and there may be others behind it.
        self.next(Duration::ZERO)
    }
}

/// Why the family is not there.
fn absent(root: &Path) -> Error {
    if root.join("sys/module/netns_ledger").exists() {
        Error::new(
            "the ledger answers in the initial network namespace only: run this outside containers, or by \
             'nsenter --net=/proc/1/ns/net netns-ledger ...'.",
        )
    } else {
        Error::new("the ledger is not loaded: 'modprobe netns_ledger', and 'netns-ledger preflight' tells whether it is safe now.")
    }
}

impl Ledger for Netlink {
    fn dump(&mut self) -> Result<Dump> {
        let answers = self
            .ask_ledger(DUMP, operation::NETNS_GET, &[])
            .map_err(|errno| gone_or("cannot read the table", errno))?;
        let rows = answers
            .iter()
            .map(|(_, bytes)| message::row(bytes))
            .collect::<Result<_>>()?;
        // A table of many rows comes in parts, and nobody holds it in between.
        let end = self.stats()?.seq;
        Ok(Dump { rows, end })
    }

    fn row(&mut self, key: Key) -> Result<Option<Row>> {
        let attribute = match key {
            Key::Cookie(cookie) => message::long(netns::COOKIE, cookie),
            Key::Inum(inum) => message::int(netns::INUM, inum),
        };
        match self.ask_ledger(0, operation::NETNS_GET, &[attribute]) {
            Ok(answers) => answers
                .first()
                .map(|(_, bytes)| message::row(bytes))
                .transpose(),
            // A family that is gone is told of in the same way.
            Err(ENOENT) if Path::new("/sys/module/netns_ledger").exists() => Ok(None),
            Err(errno) => Err(gone_or("cannot read a row", errno)),
        }
    }

    fn stats(&mut self) -> Result<Stats> {
        let answers = self
            .ask_ledger(0, operation::STATS_GET, &[])
            .map_err(|errno| gone_or("cannot read the counters", errno))?;
        match answers.first() {
            Some((_, bytes)) => message::counters(bytes),
            None => Err(Error::new("the ledger has not answered.")),
        }
    }

    fn subscribe(&mut self) -> Result<()> {
        if self.events.is_some() {
            return Ok(());
        }
        let socket = socket()?;
        // As much as may be had.
        let _ = socket.set_rx_buf_sz(self.backlog);
        let join = || {
            socket.add_membership(self.group)?;
            socket.set_non_blocking(true)
        };
        join().map_err(|error| {
            Error::kernel(
                "cannot listen to events",
                error.raw_os_error().unwrap_or(EPERM),
            )
        })?;
        self.events = Some(socket);
        Ok(())
    }

    fn next(&mut self, patience: Duration) -> Result<Next> {
        if let Some(event) = self.queue.pop_front() {
            return Ok(Next::Event(event));
        }
        let Some(socket) = &self.events else {
            return Ok(Next::Nothing);
        };
        // Rounded up, or the last millisecond would be spent in a loop.
        let patience = PollTimeout::try_from(patience + Duration::from_micros(999))
            .unwrap_or(PollTimeout::MAX);
        match poll(
            &mut [PollFd::new(socket.as_fd(), PollFlags::POLLIN)],
            patience,
        ) {
            Ok(0) | Err(Errno::EINTR) => Ok(Next::Nothing),
            Ok(_) => self.fetch(),
            Err(errno) => Err(Error::new(format!("cannot wait for events: {errno}."))),
        }
    }
}

/// An errno, or that the module has been unloaded under us.
fn gone_or(what: &str, errno: i32) -> Error {
    if errno == ENOENT && !Path::new("/sys/module/netns_ledger").exists() {
        return Error::new(
            "the ledger has been unloaded: 'modprobe netns_ledger', then start this again.",
        );
    }
    Error::kernel(what, errno)
}

#[cfg(test)]
#[path = "client_fake.rs"]
pub mod fake;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_finds_no_ledger_is_told_why() {
        let empty = std::env::temp_dir().join("netns-ledger-no-such-folder");
        assert!(absent(&empty).text.contains("modprobe netns_ledger"));
        let root = crate::names::tests::folder("absent");
        std::fs::create_dir_all(root.join("sys/module/netns_ledger")).unwrap();
        assert!(absent(&root).text.contains("initial network namespace"));
    }

    #[test]
    fn a_refusal_says_which_right_is_lacking() {
        assert!(Error::kernel("x", EPERM).text.contains("CAP_NET_ADMIN"));
        assert!(Error::kernel("x", 22).text.contains("Invalid argument"));
    }
}
