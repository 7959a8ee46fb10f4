// SPDX-License-Identifier: GPL-2.0

//! The kernel's fault injection: the N-th allocation that this task makes in the kernel fails.
//!
//! `Documentation/fault-injection/fault-injection.rst` of the kernel tells of `fail-nth` and `failslab`.

use crate::Failure;
use std::{
    fs::{
        self,
        File,
        OpenOptions, //
    },
    io::Write,
    os::unix::fs::FileExt,
    path::Path, //
};

const FAILSLAB: &str = "/sys/kernel/debug/failslab";

/// A setting of `failslab`, put back when it goes.
struct Setting {
    path: String,
    before: String,
}

impl Setting {
    fn new(name: &str, value: &str) -> Result<Self, Failure> {
        let path = format!("{FAILSLAB}/{name}");
        let set = || -> std::io::Result<String> {
            let before = fs::read_to_string(&path)?;
            fs::write(&path, value)?;
            Ok(before)
        };
        match set() {
            Ok(before) => Ok(Self { path, before }),
            Err(error) => Err(Failure::Unable(format!(
                "cannot set {path} ({error}): run this as root, on a kernel with CONFIG_FAILSLAB and \
                 CONFIG_FAULT_INJECTION_DEBUG_FS, with debugfs mounted on /sys/kernel/debug"
            ))),
        }
    }
}

impl Drop for Setting {
    fn drop(&mut self) {
        // There is nobody left to tell.
        let _ = fs::write(&self.path, &self.before);
    }
}

/// Lets allocations of this task fail.
pub struct Faults {
    fail_nth: File,
    _settings: [Setting; 2],
}

impl Faults {
    /// Prepares `failslab`, and opens `fail-nth`.
    ///
    /// # Errors
    ///
    /// [`Failure::Unable`] where the kernel has no fault injection, or not for this user.
    pub fn new() -> Result<Self, Failure> {
        let settings = [
            // Without this, whoever may sleep is spared, and so nearly everybody here.
            Setting::new("ignore-gfp-wait", "N")?,
            // A fault is not to be told with a call trace, which is what a bug looks like.
            Setting::new("verbose", "0")?,
        ];
        let path = Path::new("/proc/thread-self/fail-nth");
        let fail_nth = OpenOptions::new()
            .read(true)
            .write(true)
            .open(path)
            .map_err(|error| {
                Failure::Unable(format!(
                    "cannot open {} ({error}): this kernel has no CONFIG_FAULT_INJECTION",
                    path.display()
                ))
            })?;
        Ok(Self {
            fail_nth,
            _settings: settings,
        })
    }

    /// Runs `call` with its `nth` allocation failing, and returns whether it had so many, too.
    ///
    /// `call` is to be a system call and nothing else: all that the kernel allocates for this task counts.
    ///
    /// # Errors
    ///
    /// [`Failure::Unable`] when `fail-nth` cannot be written or read.
    pub fn inject<R>(&self, nth: u32, call: impl FnOnce() -> R) -> Result<(R, bool), Failure> {
        let unable = |error| Failure::Unable(format!("cannot use fail-nth: {error}"));
        // Neither a write nor a read of it allocates.
        let mut text = [0; 12];
        let mut rest = &mut text[..];
        write!(rest, "{nth}").map_err(unable)?;
        let length = 12 - rest.len();
        self.fail_nth
            .write_all_at(&text[..length], 0)
            .map_err(unable)?;
        let result = call();
        let read = self.fail_nth.read_at(&mut text, 0);
        self.fail_nth.write_all_at(b"0", 0).map_err(unable)?;
        // What is left of the count; none if the fault was injected.
        let hit = text[..read.map_err(unable)?].trim_ascii() == b"0";
        Ok((result, hit))
    }
}
