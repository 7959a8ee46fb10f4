// SPDX-License-Identifier: GPL-2.0

//! What the kernel offers: namespaces, modules, faults, limits.

use netns_model::event::{
    Errno,
    Net,
    Task, //
};
use nix::{
    kmod,
    poll::{
        self,
        PollFd,
        PollFlags,
        PollTimeout, //
    },
    sched::{
        self,
        CloneFlags, //
    },
};
use std::{
    ffi::CString,
    fs::{
        self,
        File,
        OpenOptions, //
    },
    io,
    os::{
        fd::{
            AsFd,
            AsRawFd,
            OwnedFd, //
        },
        unix::{
            fs::FileExt,
            net::UnixDatagram, //
        },
    },
    path::Path,
};

mod ioctl {
    // NS_GET_ID of <linux/nsfs.h>.
    nix::ioctl_read!(ns_get_id, 0xb7, 13, u64);
}

/// A file of the namespace that this task is in, and its cookie.
pub fn own_namespace() -> Result<(OwnedFd, Net), String> {
    let path = "/proc/thread-self/ns/net";
    let file = File::open(path).map_err(|error| format!("cannot open {path}: {error}"))?;
    let mut id = 0;
    // SAFETY: The kernel writes a u64 to where `id` is, and nothing else.
    unsafe { ioctl::ns_get_id(file.as_raw_fd(), &mut id) }
        .map_err(|errno| format!("this kernel does not tell a namespace's id: {errno}"))?;
    Ok((file.into(), Net(id)))
}

/// Goes into a namespace of its own, which is new.
pub fn unshare() -> Result<(), Errno> {
    // Not what nix makes of the error: hooks may fail with numbers that have no name, and nix has 0 for all of these.
    sched::unshare(CloneFlags::CLONE_NEWNET).map_err(|_| Errno(nix::errno::Errno::last_raw()))
}

/// Goes into another namespace.
pub fn enter(namespace: &OwnedFd) -> Result<(), String> {
    sched::setns(namespace.as_fd(), CloneFlags::CLONE_NEWNET)
        .map_err(|errno| format!("cannot enter a namespace: {errno}"))
}

/// A socket, which holds the namespace that it is made in, and lets go of it when it is closed.
pub fn socket() -> Result<OwnedFd, String> {
    UnixDatagram::unbound()
        .map(OwnedFd::from)
        .map_err(|error| format!("cannot make a socket: {error}"))
}

/// Whether nobody writes to the standard input any more.
pub fn input_has_ended() -> bool {
    let input = io::stdin();
    let mut polled = [PollFd::new(input.as_fd(), PollFlags::POLLIN)];
    poll::poll(&mut polled, PollTimeout::ZERO).is_ok_and(|ready| ready > 0)
}

/// Loads a module, and returns when its start has.
pub fn load_module(path: &Path) -> Result<(), String> {
    let file =
        File::open(path).map_err(|error| format!("cannot open {}: {error}", path.display()))?;
    kmod::finit_module(&file, c"", kmod::ModuleInitFlags::empty())
        .map_err(|errno| format!("cannot load {}: {errno}", path.display()))
}

/// Unloads one.
pub fn unload_module(name: &str) -> Result<(), String> {
    let module = CString::new(name).map_err(|_| format!("'{name}' is no module"))?;
    kmod::delete_module(&module, kmod::DeleteModuleFlags::O_NONBLOCK)
        .map_err(|errno| format!("cannot unload {name}: {errno}"))
}

/// A task whose allocations can be made to fail.
pub struct FailNth(File);

impl FailNth {
    /// None if this kernel has no failslab.
    pub fn of(Task(id): Task) -> Option<Self> {
        let failslab = Path::new("/sys/kernel/debug/failslab");
        // Every allocation counts, those that may sleep, too; and the log is not for what is wanted.
        fs::write(failslab.join("ignore-gfp-wait"), "N").ok()?;
        fs::write(failslab.join("verbose"), "0").ok()?;
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .open(format!("/proc/{id}/task/{id}/fail-nth"))
            .ok()?;
        Some(FailNth(file))
    }

    /// Has the nth allocation fail from here.
    pub fn set(&self, nth: Option<u32>) -> Result<(), String> {
        let text = nth.unwrap_or(0).to_string();
        self.0
            .write_at(text.as_bytes(), 0)
            .map(|_| ())
            .map_err(|error| format!("fail-nth: {error}"))
    }

    /// Has no more of them fail. Tells whether one has.
    pub fn take(&self) -> Result<bool, String> {
        let mut text = [0; 16];
        let length = self
            .0
            .read_at(&mut text, 0)
            .map_err(|error| format!("fail-nth: {error}"))?;
        let left = std::str::from_utf8(&text[..length])
            .unwrap_or("")
            .trim()
            .to_string();
        self.set(None)?;
        Ok(left == "0")
    }
}

/// The number of namespaces that there may be, lowered.
pub struct NamespaceLimit(String);

impl NamespaceLimit {
    const PATH: &'static str = "/proc/sys/user/max_net_namespaces";

    /// No more from here.
    pub fn none() -> Result<Self, String> {
        let limit =
            fs::read_to_string(Self::PATH).map_err(|error| format!("{}: {error}", Self::PATH))?;
        let limit = NamespaceLimit(limit);
        Self::write("0")?;
        Ok(limit)
    }

    /// As many as before.
    pub fn restore(self) -> Result<(), String> {
        Self::write(&self.0)
    }

    fn write(text: &str) -> Result<(), String> {
        fs::write(Self::PATH, text).map_err(|error| format!("{}: {error}", Self::PATH))
    }
}
