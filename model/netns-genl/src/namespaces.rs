// SPDX-License-Identifier: GPL-2.0

//! Namespaces as the kernel itself tells of them.

use crate::ledger::Ends;
use std::{
    fs::File,
    io,
    mem::size_of,
    os::fd::AsRawFd, //
};

/// `listns(2)`.
const SYS_LISTNS: libc::c_long = 470;

/// `NS_GET_ID`.
const NS_GET_ID: libc::c_ulong = 0x8008_b70d;

#[repr(C)]
struct Request {
    size: u32,
    spare: u32,
    ns_id: u64,
    ns_type: u32,
    spare2: u32,
    user_ns_id: u64,
}

/// Prints the cookies of the active network namespaces.
pub(crate) fn living() -> io::Result<()> {
    let mut ids = [0u64; 512];
    let mut request = Request {
        size: size_of::<Request>() as u32,
        spare: 0,
        ns_id: 0,
        ns_type: libc::CLONE_NEWNET as u32,
        spare2: 0,
        user_ns_id: 0,
    };
    loop {
        // SAFETY: Request and room are there, and so large.
        let count = unsafe {
            libc::syscall(
                SYS_LISTNS,
                &raw const request,
                ids.as_mut_ptr(),
                ids.len(),
                0,
            )
        };
        let count = usize::try_from(count).map_err(|_| io::Error::last_os_error())?;
        for id in &ids[..count] {
            println!("{id}");
            request.ns_id = *id;
        }
        if count < ids.len() {
            return Ok(());
        }
    }
}

fn cookie() -> io::Result<u64> {
    let file = File::open("/proc/self/ns/net")?;
    let mut id = 0u64;
    // SAFETY: It is open, and there is room for the answer.
    if unsafe { libc::ioctl(file.as_raw_fd(), NS_GET_ID, &raw mut id) } < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(id)
}

/// Makes namespaces, each as the one before dies.
pub(crate) fn make(count: u64) -> io::Result<()> {
    for _ in 0..count {
        loop {
            // SAFETY: It has no requirements.
            if unsafe { libc::unshare(libc::CLONE_NEWNET) } == 0 {
                break;
            }
            let error = io::Error::last_os_error();
            if error.raw_os_error() != Some(libc::ENOSPC) {
                return Err(error);
            }
            // There are as many as may be; they go.
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        println!("{} {}", cookie()?, std::process::id());
    }
    Ok(())
}

/// Makes namespaces, each as soon as the one before the last is told to be gone. If only two may be there beside those of
/// others, it fails if one is told to be gone while it is still counted.
pub(crate) fn fit(count: u64) -> io::Result<()> {
    let ends = Ends::new()?;
    let mut last = None;
    for _ in 0..count {
        // SAFETY: It has no requirements.
        if unsafe { libc::unshare(libc::CLONE_NEWNET) } < 0 {
            return Err(io::Error::last_os_error());
        }
        if let Some(last) = last {
            ends.wait(last)?;
        }
        last = Some(cookie()?);
    }
    Ok(())
}
