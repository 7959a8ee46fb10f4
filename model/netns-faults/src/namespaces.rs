// SPDX-License-Identifier: GPL-2.0

//! Network namespaces that are held, and how many there are.

use crate::{
    fault::Faults,
    Failure, //
};
use nix::{
    errno::Errno,
    sched::{
        setns,
        unshare,
        CloneFlags, //
    },
};
use std::{
    fs::{
        self,
        File, //
    },
    thread,
    time::{
        Duration,
        Instant, //
    },
};

const OWN: &str = "/proc/thread-self/ns/net";
/// Between two looks at the count.
const PAUSE: Duration = Duration::from_millis(50);

const LIMIT: &str = "/proc/sys/user/max_net_namespaces";

/// The network namespace that this task has come from, for it to return to.
pub struct Home(File);

impl Home {
    /// Opens the namespace that the task is in.
    pub fn new() -> Result<Self, Failure> {
        open().map(Self)
    }

    /// Returns there. A namespace that was the task's own goes.
    pub fn go(&self) -> Result<(), Failure> {
        setns(&self.0, CloneFlags::CLONE_NEWNET).map_err(|errno| {
            Failure::Unable(format!("cannot return to the first namespace: {errno}"))
        })
    }

    /// Makes `count` namespaces, which live as long as the result does.
    pub fn hold(&self, count: u32) -> Result<Vec<File>, Failure> {
        (0..count)
            .map(|_| {
                unshare(CloneFlags::CLONE_NEWNET).map_err(|errno| {
                    Failure::Unable(format!("cannot make a namespace: {errno}"))
                })?;
                let held = open();
                self.go()?;
                held
            })
            .collect()
    }
}

fn open() -> Result<File, Failure> {
    File::open(OWN).map_err(|error| {
        Failure::Unable(format!(
            "cannot open {OWN} ({error}): this kernel has no network namespaces"
        ))
    })
}

/// Counts the namespaces of this user, those that are being freed included.
///
/// The kernel does not tell, but refuses one more than `max_net_namespaces` with `ENOSPC`, and takes one off
/// its count at the very end of `cleanup_net()`. So the limit is moved, and `unshare(2)` tried. None is made:
/// an allocation of `setup_net()` fails, which comes after the limit is looked at, and what it has done is
/// undone before `unshare(2)` returns.
pub struct Counter<'f> {
    faults: &'f Faults,
    home: &'f Home,
    /// The limit that is put back.
    before: String,
    /// The allocation of `unshare(2)` that fails.
    nth: u32,
}

impl<'f> Counter<'f> {
    /// Takes hold of the limit.
    pub fn new(faults: &'f Faults, home: &'f Home) -> Result<Self, Failure> {
        let before = fs::read_to_string(LIMIT)
            .map_err(|error| Failure::Unable(format!("cannot read {LIMIT}: {error}")))?;
        // The first ones are not yet of setup_net(), and it can do without some.
        for nth in 40..80 {
            let (result, _) = faults.inject(nth, || unshare(CloneFlags::CLONE_NEWNET))?;
            if result.is_err() {
                return Ok(Self {
                    faults,
                    home,
                    before,
                    nth,
                });
            }
            home.go()?;
        }
        Err(Failure::Unable(
            "unshare(2) never fails for want of memory".into(),
        ))
    }

    /// Returns how many there are when no more of them are going, as it seems.
    pub fn count(&self) -> Result<u32, Failure> {
        let mut last = self.now()?;
        let mut same = 0;
        while same < 3 {
            thread::sleep(PAUSE);
            let count = self.now()?;
            same = if count == last { same + 1 } else { 0 };
            last = count;
        }
        Ok(last)
    }

    fn now(&self) -> Result<u32, Failure> {
        let mut limit = 1;
        while !self.admits(limit)? {
            limit += 1;
        }
        Ok(limit - 1)
    }

    /// Waits until there are no more than `count`, and returns whether that is so before the time is up.
    pub fn falls_to(&self, count: u32, within: Duration) -> Result<bool, Failure> {
        let start = Instant::now();
        while !self.admits(count + 1)? {
            if start.elapsed() > within {
                return Ok(false);
            }
            thread::sleep(PAUSE);
        }
        Ok(true)
    }

    /// Whether one more is allowed with this limit.
    fn admits(&self, limit: u32) -> Result<bool, Failure> {
        let set = |limit: &str| {
            fs::write(LIMIT, limit)
                .map_err(|error| Failure::Unable(format!("cannot set {LIMIT}: {error}")))
        };
        set(&limit.to_string())?;
        let result = self
            .faults
            .inject(self.nth, || unshare(CloneFlags::CLONE_NEWNET));
        set(&self.before)?;
        match result? {
            (Err(Errno::ENOSPC), _) => Ok(false),
            (Err(_), true) => Ok(true),
            // What is cached moves the point now and then; this one goes again.
            (Ok(()), _) => self.home.go().map(|()| true),
            (Err(errno), false) => {
                Err(Failure::Found(format!("no namespace can be made: {errno}")))
            }
        }
    }
}
