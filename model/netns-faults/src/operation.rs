// SPDX-License-Identifier: GPL-2.0

//! The system calls whose allocations are to fail.

use crate::{
    namespaces::Home,
    Failure, //
};
use nix::{
    errno::Errno,
    kmod::{
        delete_module,
        finit_module,
        DeleteModuleFlags,
        ModuleInitFlags, //
    },
    sched::{
        unshare,
        CloneFlags, //
    },
};
use std::{
    ffi::CString,
    fs::File,
    path::{
        Path,
        PathBuf, //
    },
};

/// A system call, and what leads to it and back again.
pub trait Operation {
    /// Puts things so that the call can be tried. There are no faults.
    fn prepare(&mut self) -> Result<(), Failure>;

    /// The system call, and nothing else.
    fn call(&self) -> nix::Result<()>;

    /// The errors that the call may give when an allocation fails.
    fn expected(&self) -> &'static [Errno];

    /// Takes back what a call that succeeded has done. There are no faults.
    fn undo(&mut self) -> Result<(), Failure>;
}

/// `unshare(CLONE_NEWNET)`.
pub struct Unshare<'h>(pub &'h Home);

impl Operation for Unshare<'_> {
    fn prepare(&mut self) -> Result<(), Failure> {
        Ok(())
    }

    fn call(&self) -> nix::Result<()> {
        unshare(CloneFlags::CLONE_NEWNET)
    }

    fn expected(&self) -> &'static [Errno] {
        &[
            Errno::ENOMEM,
            // The kernel's own init hooks have others, too: proc_net_ns_init(),
            Errno::EEXIST,
            // uevent_net_init(),
            Errno::ENODEV,
            // nl_fib_lookup_init(),
            Errno::EAFNOSUPPORT,
            // those that make a socket,
            Errno::ENFILE,
            // device_add() of a loopback whose name was not to be had,
            Errno::EINVAL,
            // and those that register sysctls of devices and neighbours.
            Errno::ENOBUFS,
        ]
    }

    fn undo(&mut self) -> Result<(), Failure> {
        self.0.go()
    }
}

/// A module that is loaded from a file.
pub struct Module {
    path: PathBuf,
    file: File,
    name: CString,
    parameters: CString,
}

impl Module {
    /// Opens the file. The module's name is the file's.
    pub fn new(path: &Path, parameters: &[String]) -> Result<Self, Failure> {
        let unable = |error| Failure::Unable(format!("cannot open {}: {error}", path.display()));
        let file = File::open(path).map_err(unable)?;
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        let text = |text: String| {
            CString::new(text).map_err(|_| {
                Failure::Unable("neither a path nor a parameter may contain a zero byte".into())
            })
        };
        let module = Self {
            path: path.into(),
            file,
            name: text(stem.replace('-', "_"))?,
            parameters: text(parameters.join(" "))?,
        };
        if module.is_loaded() {
            return Err(Failure::Unable(format!(
                "{stem} is loaded already; unload it first"
            )));
        }
        Ok(module)
    }

    fn is_loaded(&self) -> bool {
        Path::new("/sys/module")
            .join(&*self.name.to_string_lossy())
            .exists()
    }

    fn load(&self) -> nix::Result<()> {
        finit_module(&self.file, &self.parameters, ModuleInitFlags::empty())
    }

    fn unload(&self) -> nix::Result<()> {
        delete_module(&self.name, DeleteModuleFlags::O_NONBLOCK)
    }

    fn unable(&self, what: &str, errno: Errno) -> Failure {
        Failure::Unable(format!(
            "cannot {what} {}, with no fault injected: {errno}; see dmesg",
            self.path.display()
        ))
    }
}

/// `finit_module()`, which runs the module's init.
pub struct Insmod {
    /// The module.
    pub module: Module,
    /// Whether it makes network devices.
    pub devices: bool,
}

impl Operation for Insmod {
    fn prepare(&mut self) -> Result<(), Failure> {
        Ok(())
    }

    fn call(&self) -> nix::Result<()> {
        self.module.load()
    }

    fn expected(&self) -> &'static [Errno] {
        if self.devices {
            // register_netdevice() has some others, as for unshare() above.
            &[Errno::ENOMEM, Errno::ENOBUFS, Errno::EINVAL]
        } else {
            &[Errno::ENOMEM]
        }
    }

    fn undo(&mut self) -> Result<(), Failure> {
        self.module
            .unload()
            .map_err(|errno| self.module.unable("unload", errno))
    }
}

/// `delete_module()`, which runs the module's exit.
pub struct Rmmod(pub Module);

impl Operation for Rmmod {
    fn prepare(&mut self) -> Result<(), Failure> {
        // It is still there when a fault has kept it from going.
        if self.0.is_loaded() {
            return Ok(());
        }
        self.0.load().map_err(|errno| self.0.unable("load", errno))
    }

    fn call(&self) -> nix::Result<()> {
        self.0.unload()
    }

    fn expected(&self) -> &'static [Errno] {
        // An unload has no way to fail.
        &[]
    }

    fn undo(&mut self) -> Result<(), Failure> {
        Ok(())
    }
}
