// SPDX-License-Identifier: GPL-2.0

//! Requests that are not well-formed.

use crate::{
    ledger::{
        self,
        COOKIE,
        INUM,
        NETNS_GET, //
    },
    message::{
        Message,
        Writer,
        ACK,
        DUMP, //
    },
    socket::Socket, //
};
use std::{
    collections::BTreeMap,
    io, //
};

/// Numbers by chance, the same for the same seed.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// Returns one below `end`.
    fn below(&mut self, end: u64) -> u64 {
        (self.next() >> 11) % end
    }

    fn bytes(&mut self, most: u64) -> Vec<u8> {
        let len = self.below(most + 1);
        (0..len).map(|_| self.below(256) as u8).collect()
    }
}

/// Makes a request out of one that could be answered, and breaks it in one way or some.
fn request(chance: &mut Chance, family: u16) -> Vec<u8> {
    let flags = match chance.below(8) {
        0 => DUMP,
        1 => chance.below(65536) as u16,
        2 => 0,
        _ => ACK,
    };
    let cmd = match chance.below(4) {
        0 => chance.below(256) as u8,
        1 => chance.below(8) as u8,
        _ => NETNS_GET,
    };
    let mut request = Writer::new(family, flags, cmd);
    for _ in 0..chance.below(4) {
        let (number, len) = match chance.below(6) {
            0 => (COOKIE, 8),
            1 => (INUM, 4),
            2 => (chance.below(40) as u16, 8),
            3 => (chance.below(65536) as u16, 16),
            4 => (COOKIE | chance.below(4) as u16, 12),
            _ => (chance.below(20) as u16, 300),
        };
        let value = chance.bytes(len);
        request = request.attribute(number, &value);
    }
    let mut bytes = request.finish();
    // The lengths, the version, what is reserved, the attributes: any byte but those of the family.
    for _ in 0..chance.below(4) {
        let at = chance.below(bytes.len() as u64) as usize;
        if !(4..6).contains(&at) {
            bytes[at] = chance.below(256) as u8;
        }
    }
    if chance.below(4) == 0 {
        bytes.truncate(chance.below(bytes.len() as u64) as usize);
    }
    if chance.below(8) == 0 {
        bytes.extend(chance.bytes(64));
    }
    bytes
}

/// Counts what has been answered so far.
fn drain(socket: &Socket, answers: &mut BTreeMap<i32, u64>) -> io::Result<()> {
    let mut buffer = vec![0; 65536];
    loop {
        match socket.receive(&mut buffer, false) {
            Ok(bytes) => {
                for message in Message::all(bytes) {
                    *answers.entry(message.errno().unwrap_or(-1)).or_default() += 1;
                }
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
            Err(error) if error.raw_os_error() == Some(libc::ENOBUFS) => {}
            Err(error) => return Err(error),
        }
    }
}

pub(crate) fn run(seed: u64, count: u64) -> io::Result<()> {
    let mut chance = Chance(seed.max(1));
    let mut answers = BTreeMap::new();
    let mut refused = 0u64;
    let mut socket = Socket::new()?;
    let family = ledger::family(&socket)?.id;
    for i in 0..count {
        match socket.send(&request(&mut chance, family)) {
            Ok(()) => {}
            // What is not even a message.
            Err(error) if matches!(error.raw_os_error(), Some(libc::EINVAL | libc::ENODATA)) => {
                refused += 1
            }
            Err(error) => return Err(error),
        }
        if i % 16 == 0 {
            drain(&socket, &mut answers)?;
        }
        // Now and then in the middle of a dump.
        if chance.below(500) == 0 {
            socket = Socket::new()?;
        }
    }
    drain(&socket, &mut answers)?;
    let data = answers.remove(&-1).unwrap_or(0);
    println!("sent {count} refused {refused} data {data}");
    for (errno, count) in answers {
        println!("errno {errno} {count}");
    }
    Ok(())
}
