// SPDX-License-Identifier: GPL-2.0

//! A socket of generic netlink.

use std::{
    io,
    mem::{
        size_of,
        size_of_val, //
    },
    os::fd::{
        AsRawFd,
        FromRawFd,
        OwnedFd, //
    },
};

/// Returns what a system call has, or its error.
fn checked(result: impl TryInto<i64>) -> io::Result<i64> {
    match result.try_into() {
        Ok(value) if value >= 0 => Ok(value),
        _ => Err(io::Error::last_os_error()),
    }
}

/// Gives up being root, with all capabilities.
pub(crate) fn become_user(uid: u32) -> io::Result<()> {
    // SAFETY: It has no requirements.
    checked(unsafe { libc::setuid(uid) }).map(|_| ())
}

pub(crate) struct Socket(OwnedFd);

impl Socket {
    pub(crate) fn new() -> io::Result<Self> {
        // SAFETY: It has no requirements.
        let fd = checked(unsafe {
            libc::socket(
                libc::AF_NETLINK,
                libc::SOCK_RAW | libc::SOCK_CLOEXEC,
                libc::NETLINK_GENERIC,
            )
        })?;
        // SAFETY: It is ours, and open.
        let socket = Self(unsafe { OwnedFd::from_raw_fd(fd as i32) });
        // SAFETY: All zeroes is an address.
        let mut address: libc::sockaddr_nl = unsafe { std::mem::zeroed() };
        address.nl_family = libc::AF_NETLINK as u16;
        // SAFETY: The address is there, and so long.
        checked(unsafe {
            libc::bind(
                socket.0.as_raw_fd(),
                (&raw const address).cast(),
                size_of::<libc::sockaddr_nl>() as u32,
            )
        })?;
        Ok(socket)
    }

    fn set<T>(&self, level: i32, option: i32, value: &T) -> io::Result<()> {
        // SAFETY: The value is there, and so long.
        checked(unsafe {
            libc::setsockopt(
                self.0.as_raw_fd(),
                level,
                option,
                std::ptr::from_ref(value).cast(),
                size_of_val(value) as u32,
            )
        })
        .map(|_| ())
    }

    /// Makes room for so many bytes that have not been read.
    pub(crate) fn set_buffer(&self, bytes: u64) -> io::Result<()> {
        self.set(libc::SOL_SOCKET, libc::SO_RCVBUFFORCE, &(bytes as i32))
    }

    pub(crate) fn join(&self, group: u32) -> io::Result<()> {
        self.set(libc::SOL_NETLINK, libc::NETLINK_ADD_MEMBERSHIP, &group)
    }

    pub(crate) fn send(&self, bytes: &[u8]) -> io::Result<()> {
        // SAFETY: The bytes are there.
        checked(unsafe {
            libc::send(self.0.as_raw_fd(), bytes.as_ptr().cast(), bytes.len(), 0) as i64
        })
        .map(|_| ())
    }

    /// Receives a datagram. With `wait` false it is `WouldBlock` if there is none.
    pub(crate) fn receive<'b>(&self, buffer: &'b mut [u8], wait: bool) -> io::Result<&'b [u8]> {
        let flags = if wait { 0 } else { libc::MSG_DONTWAIT };
        // SAFETY: There is so much room.
        let len = checked(unsafe {
            libc::recv(
                self.0.as_raw_fd(),
                buffer.as_mut_ptr().cast(),
                buffer.len(),
                flags,
            ) as i64
        })?;
        Ok(&buffer[..len as usize])
    }
}
