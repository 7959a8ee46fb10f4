// SPDX-License-Identifier: GPL-2.0

//! What netns_ledger is asked, and what it tells.

use crate::{
    message::{
        Attribute,
        Message,
        Writer,
        ACK,
        CONTROL,
        DUMP, //
    },
    socket::Socket,
};
use std::{
    fmt::Write as _,
    io::{
        self,
        Write as _, //
    }, //
};

pub(crate) const NETNS_GET: u8 = 1;
pub(crate) const STATS_GET: u8 = 2;
pub(crate) const COOKIE: u16 = 2;
pub(crate) const INUM: u16 = 3;

const NETNS: [&str; 17] = [
    "pad",
    "cookie",
    "inum",
    "state",
    "phase",
    "created",
    "changed",
    "now",
    "refs",
    "active-refs",
    "devices",
    "owner",
    "creator",
    "preexisting",
    "seq",
    "teardown",
    "refused",
];
const CREATOR: [&str; 3] = ["pid", "comm", "cgroup"];
const STATS: [&str; 15] = [
    "pad",
    "live",
    "inactive",
    "dying",
    "created",
    "destroyed",
    "refused",
    "lost-events",
    "lost-rows",
    "seq",
    "teardown-max",
    "teardown-sum",
    "teardown-log2",
    "cleanup-since",
    "now",
];
const STATES: [&str; 3] = ["active", "inactive", "dying"];
const PHASES: [&str; 4] = ["none", "queued", "devices", "subsystems"];

/// The controller of generic netlink.
mod control {
    pub(super) const FAMILY: u16 = 16;
    pub(super) const GET: u8 = 3;
    pub(super) const ID: u16 = 1;
    pub(super) const NAME: u16 = 2;
    pub(super) const GROUPS: u16 = 7;
    pub(super) const GROUP_ID: u16 = 2;
}

/// Where the ledger is.
pub(crate) struct Family {
    pub(crate) id: u16,
    pub(crate) group: u32,
}

pub(crate) fn family(socket: &Socket) -> io::Result<Family> {
    let request = Writer::new(control::FAMILY, 0, control::GET);
    socket.send(&request.attribute(control::NAME, b"netns-ledger\0").finish())?;
    let mut family = Family { id: 0, group: 0 };
    let mut buffer = vec![0; 65536];
    for message in Message::all(socket.receive(&mut buffer, true)?) {
        if let Some(errno) = message.errno() {
            return Err(io::Error::from_raw_os_error(errno));
        }
        for attribute in message.attributes() {
            match attribute.number {
                control::ID => {
                    family.id = u16::from_ne_bytes(attribute.value.try_into().unwrap_or_default());
                }
                control::GROUPS => {
                    family.group = Attribute::all(attribute.value)
                        .flat_map(|group| Attribute::all(group.value))
                        .find(|field| field.number == control::GROUP_ID)
                        .map_or(0, |field| field.integer() as u32);
                }
                _ => {}
            }
        }
    }
    Ok(family)
}

fn tell(cmd: u8, line: &mut String, attribute: &Attribute<'_>) {
    let names: &[&str] = if cmd == STATS_GET { &STATS } else { &NETNS };
    let name = names[usize::from(attribute.number) - 1];
    let _ = match name {
        "pad" => Ok(()),
        "creator" => {
            for field in Attribute::all(attribute.value) {
                let name = CREATOR[usize::from(field.number) - 1];
                let _ = match name {
                    "comm" => write!(line, " comm={}", field.text()),
                    _ => write!(line, " {name}={}", field.integer()),
                };
            }
            Ok(())
        }
        "state" => write!(line, " state={}", STATES[attribute.integer() as usize]),
        "phase" => write!(line, " phase={}", PHASES[attribute.integer() as usize]),
        _ if attribute.value.is_empty() => write!(line, " {name}"),
        _ => write!(line, " {name}={}", attribute.integer()),
    };
}

/// Writes a message as a line.
fn print(message: &Message<'_>) -> io::Result<()> {
    let cmd = message.cmd();
    let mut line = String::from(match cmd {
        NETNS_GET => "netns",
        STATS_GET => "stats",
        3 => "created",
        4 => "dying",
        5 => "devices-gone",
        6 => "destroyed",
        _ => panic!("a message of kind {cmd}"),
    });
    for attribute in message.attributes() {
        tell(cmd, &mut line, &attribute);
    }
    writeln!(io::stdout(), "{line}")
}

/// Prints what is answered until it ends.
fn answers(socket: &Socket) -> io::Result<()> {
    let mut buffer = vec![0; 65536];
    loop {
        for message in Message::all(socket.receive(&mut buffer, true)?) {
            match message.errno() {
                Some(0) => return Ok(()),
                Some(errno) => return Err(io::Error::from_raw_os_error(errno)),
                None => print(&message)?,
            }
        }
    }
}

pub(crate) fn get(cookie: u64, inum: u64) -> io::Result<()> {
    let socket = Socket::new()?;
    let mut request = Writer::new(family(&socket)?.id, ACK, NETNS_GET);
    if cookie > 0 {
        request = request.attribute(COOKIE, &cookie.to_ne_bytes());
    }
    if inum > 0 {
        request = request.attribute(INUM, &(inum as u32).to_ne_bytes());
    }
    socket.send(&request.finish())?;
    answers(&socket)
}

pub(crate) fn stats() -> io::Result<()> {
    let socket = Socket::new()?;
    socket.send(&Writer::new(family(&socket)?.id, ACK, STATS_GET).finish())?;
    answers(&socket)
}

pub(crate) fn dump(slowly: bool) -> io::Result<()> {
    let family = family(&Socket::new()?)?.id;
    // The kernel makes the first part of a dump as large as what was read of the socket before: a page of a new one.
    let socket = Socket::new()?;
    socket.send(&Writer::new(family, DUMP, NETNS_GET).finish())?;
    if slowly {
        println!("asked");
        io::stdin().read_line(&mut String::new())?;
    }
    answers(&socket)
}

const DESTROYED: u8 = 6;

/// Who listens to the end of namespaces.
pub(crate) struct Ends(Socket);

impl Ends {
    pub(crate) fn new() -> io::Result<Self> {
        let socket = Socket::new()?;
        let family = family(&socket)?;
        socket.join(family.group)?;
        Ok(Self(socket))
    }

    /// Returns when that one is told to be gone.
    pub(crate) fn wait(&self, cookie: u64) -> io::Result<()> {
        let mut buffer = vec![0; 65536];
        loop {
            let bytes = self.0.receive(&mut buffer, true)?;
            let told = Message::all(bytes)
                .filter(|message| message.cmd() == DESTROYED)
                .flat_map(|message| message.attributes())
                .any(|field| field.number == COOKIE && field.integer() == cookie);
            if told {
                return Ok(());
            }
        }
    }
}

/// Prints events, and the word "lost" where the kernel says that some could not be kept.
pub(crate) fn events(buffer: u64) -> io::Result<()> {
    let socket = Socket::new()?;
    let family = family(&socket)?;
    // That wants a capability, too.
    if buffer > 0 {
        socket.set_buffer(buffer)?;
    }
    socket.join(family.group)?;
    println!("listening");
    let mut buffer = vec![0; 65536];
    loop {
        match socket.receive(&mut buffer, true) {
            Ok(bytes) => Message::all(bytes).try_for_each(|message| print(&message))?,
            Err(error) if error.raw_os_error() == Some(libc::ENOBUFS) => println!("lost"),
            Err(error) => return Err(error),
        }
    }
}

pub(crate) fn ambush() -> io::Result<()> {
    let socket = Socket::new()?;
    // C refuses those that are out of its range, or of a family that asks for a capability.
    let joined = (1..=1024).filter(|&group| socket.join(group).is_ok());
    println!("listening to {}", joined.count());
    let mut buffer = vec![0; 65536];
    loop {
        let bytes = socket.receive(&mut buffer, true)?;
        for message in Message::all(bytes).filter(|message| message.kind != CONTROL) {
            println!("{} of {}", message.cmd(), message.kind);
        }
    }
}
