// SPDX-License-Identifier: GPL-2.0

//! What can go wrong, as one sentence that says what to do, and the exit status that it has.

use std::{
    fmt,
    io, //
};

/// The exit status when something was found, or refused.
pub const FOUND: u8 = 1;
/// The exit status when it could not be done, or there is no such namespace.
pub const UNABLE: u8 = 2;
/// The exit status when the time was up, as timeout(1) has it.
pub const TIME_OUT: u8 = 124;

/// A sentence for the user, and the exit status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    /// The sentence. It is empty when the reader has gone away, which is nobody's fault.
    pub text: String,
    /// The exit status.
    pub status: u8,
}

/// What most functions here return.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// It could not be done.
    pub fn new(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            status: UNABLE,
        }
    }

    /// An errno of the ledger's, from an answer of netlink.
    pub fn kernel(what: &str, errno: i32) -> Self {
        match errno {
            EPERM => Self::new(format!(
                "{what}: this wants CAP_NET_ADMIN in the initial user namespace; run it as root, outside containers."
            )),
            errno => Self::new(format!("{what}: {}.", io::Error::from_raw_os_error(errno))),
        }
    }
}

/// Operation not permitted.
pub const EPERM: i32 = 1;
/// There is no such thing.
pub const ENOENT: i32 = 2;
/// The receive buffer has overflowed.
pub const ENOBUFS: i32 = 105;

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Writing is what mostly fails with these. Who reads us with head(1) is served.
impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            return Self {
                text: String::new(),
                status: 0,
            };
        }
        Self::new(format!("cannot write the output: {error}."))
    }
}
