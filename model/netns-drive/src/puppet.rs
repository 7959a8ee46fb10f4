// SPDX-License-Identifier: GPL-2.0

//! A puppet module in the running kernel: loaded, steered, and its trace read.

use crate::kernel::{
    self,
    FailNth, //
};
use netns_model::{
    event::{
        Errno,
        Event,
        Net,
        Task, //
    },
    operations::{
        Hook,
        Slot, //
    },
    session::{
        Outcome,
        System, //
    },
};
use std::{
    collections::HashMap,
    fs::{
        File,
        OpenOptions, //
    },
    io::{
        Read,
        Write, //
    },
    os::fd::OwnedFd,
    path::{
        Path,
        PathBuf, //
    },
    process::{
        Child,
        Command,
        Stdio, //
    },
    thread,
    time::{
        Duration,
        Instant, //
    },
};

/// How long anything may take that is not a namespace's end.
const DEADLINE: Duration = Duration::from_secs(30);

/// Which of the two modules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The one in Rust.
    Rust,
    /// Its twin in C.
    C,
}

impl Kind {
    /// The name of the module, and of its device.
    pub fn module(self) -> &'static str {
        match self {
            Kind::Rust => "pernet_puppet",
            Kind::C => "pernet_puppet_c",
        }
    }
}

/// A loaded puppet.
pub struct Puppet {
    kind: Kind,
    module: PathBuf,
    /// What is there while the module is.
    loaded: Option<Loaded>,
    /// Where this process lives.
    home: OwnedFd,
    /// What holds each namespace: its file first, then sockets.
    nets: HashMap<Net, Vec<OwnedFd>>,
    existing: Vec<Net>,
    creator: Option<FailNth>,
}

struct Loaded {
    device: File,
    /// The process whose `finit_module()` does not return, since the module takes commands while it starts.
    loader: Child,
    faults: Option<FailNth>,
    /// The number of the next event.
    sequence: u64,
    /// Room for what is read.
    buffer: Vec<u8>,
}

impl Puppet {
    /// Loads the module, which must not be there.
    pub fn load(kind: Kind, module: &Path) -> Result<Self, String> {
        let mut puppet = Puppet {
            kind,
            module: module.to_path_buf(),
            loaded: None,
            home: kernel::own_namespace()?.0,
            nets: HashMap::new(),
            existing: Vec::new(),
            creator: FailNth::of(Task(std::process::id())),
        };
        puppet.start()?;
        Ok(puppet)
    }

    fn start(&mut self) -> Result<(), String> {
        let name = self.kind.module();
        if Path::new("/sys/module").join(name).exists() {
            return Err(format!(
                "{name} is loaded already; unload it with rmmod {name}"
            ));
        }
        let mut loader = Command::new("/proc/self/exe")
            .arg("load-module")
            .arg(&self.module)
            .stdin(Stdio::null())
            .spawn()
            .map_err(|error| {
                format!(
                    "cannot start a process to load {}: {error}",
                    self.module.display()
                )
            })?;
        let path = Path::new("/dev").join(name);
        let start = Instant::now();
        let device = loop {
            if let Ok(device) = OpenOptions::new().read(true).write(true).open(&path) {
                break device;
            }
            if let Ok(Some(status)) = loader.try_wait() {
                return Err(format!(
                    "loading {} has ended ({status}) before there was {}",
                    self.module.display(),
                    path.display()
                ));
            }
            if start.elapsed() > DEADLINE {
                let _ = loader.kill();
                return Err(format!("there is no {} after {DEADLINE:?}", path.display()));
            }
            thread::sleep(Duration::from_millis(1));
        };
        let faults = FailNth::of(Task(loader.id()));
        self.loaded = Some(Loaded {
            device,
            loader,
            faults,
            sequence: 0,
            buffer: vec![0; 1 << 16],
        });
        self.command("clear")?
            .map_err(|errno| format!("{name} does not clear its trace: {errno}"))?;
        self.existing = self.look_around()?;
        Ok(())
    }

    /// The namespaces that a registration visits.
    fn look_around(&mut self) -> Result<Vec<Net>, String> {
        let slot = Slot(2);
        let mut events = Vec::new();
        for command in [format!("register {slot}"), format!("unregister {slot}")] {
            self.command(&command)?
                .map_err(|errno| format!("{}: {command}: {errno}", self.kind.module()))?;
            self.read(&mut events)?;
        }
        Ok(events
            .iter()
            .filter(|event| event.hook == Hook::Init)
            .map(|event| event.net)
            .collect())
    }

    /// Lets go of everything, has the module finish its start, and unloads it.
    pub fn unload(&mut self) -> Result<(), String> {
        self.nets.clear();
        if self.loaded.is_none() {
            return Ok(());
        }
        let finished = self.command("done");
        let Some(Loaded {
            device, mut loader, ..
        }) = self.loaded.take()
        else {
            return Ok(());
        };
        drop(device);
        if !matches!(finished, Ok(Ok(()))) {
            let _ = loader.kill();
        }
        let status = loader
            .wait()
            .map_err(|error| format!("the loader is lost: {error}"))?;
        if status.success() {
            kernel::unload_module(self.kind.module())?;
        }
        Ok(())
    }

    /// Begins anew, whatever the state.
    pub fn restart(&mut self) -> Result<(), String> {
        self.unload()?;
        self.start()
    }

    /// Has the puppet execute a command.
    fn command(&mut self, line: &str) -> Result<Result<(), Errno>, String> {
        let Some(loaded) = &mut self.loaded else {
            return Err(format!("{} is not loaded", self.kind.module()));
        };
        match loaded.device.write(line.as_bytes()) {
            Ok(written) if written == line.len() => Ok(Ok(())),
            Ok(written) => Err(format!("the puppet has taken {written} bytes of '{line}'")),
            Err(error) => match error.raw_os_error() {
                Some(errno @ (libc::EBUSY | libc::ENXIO)) => Err(format!(
                    "the puppet does not take commands any more: {line}: {}",
                    Errno(errno)
                )),
                Some(errno) => Ok(Err(Errno(errno))),
                None => Err(format!("{line}: {error}")),
            },
        }
    }

    /// Has the loader execute a command, with an allocation failing.
    fn order(&mut self, line: &str, fault: Option<u32>) -> Result<Outcome<()>, String> {
        if let Some(faults) = self
            .loaded
            .as_ref()
            .and_then(|loaded| loaded.faults.as_ref())
            .filter(|_| fault.is_some())
        {
            faults.set(fault)?;
        }
        let result = self.command(line)?;
        let faults = self
            .loaded
            .as_ref()
            .and_then(|loaded| loaded.faults.as_ref())
            .filter(|_| fault.is_some());
        let injected = faults.map_or(Ok(false), FailNth::take)?;
        Ok(Outcome { result, injected })
    }

    fn make(&mut self, fault: Option<u32>) -> Result<Outcome<Net>, String> {
        let faults = self.creator.as_ref().filter(|_| fault.is_some());
        if let Some(faults) = faults {
            faults.set(fault)?;
        }
        let made = kernel::unshare();
        let injected = faults.map_or(Ok(false), FailNth::take)?;
        if let Err(errno) = made {
            return Ok(Outcome {
                result: Err(errno),
                injected,
            });
        }
        let (file, net) = kernel::own_namespace()?;
        kernel::enter(&self.home)?;
        self.nets.insert(net, vec![file]);
        Ok(Outcome {
            result: Ok(net),
            injected,
        })
    }
}

impl Drop for Puppet {
    fn drop(&mut self) {
        if let Err(error) = self.unload() {
            eprintln!("# {error}");
        }
    }
}

impl System for Puppet {
    fn loader(&self) -> Task {
        Task(self.loaded.as_ref().map_or(0, |loaded| loaded.loader.id()))
    }

    fn creator(&self) -> Task {
        Task(std::process::id())
    }

    fn existing(&mut self) -> Result<Vec<Net>, String> {
        Ok(self.existing.clone())
    }

    fn register(&mut self, slot: Slot, fault: Option<u32>) -> Result<Outcome<()>, String> {
        self.order(&format!("register {slot}"), fault)
    }

    fn unregister(&mut self, slot: Slot, fault: Option<u32>) -> Result<Outcome<()>, String> {
        self.order(&format!("unregister {slot}"), fault)
    }

    fn plan(&mut self, slot: Slot, nth: u32, errno: Errno) -> Result<(), String> {
        let line = format!("plan {slot} {nth} {}", errno.0);
        self.command(&line)?
            .map_err(|refused| format!("{line}: {refused}"))
    }

    fn create(&mut self, fault: Option<u32>) -> Result<Outcome<Net>, String> {
        self.make(fault)
    }

    fn refuse(&mut self) -> Result<Outcome<Net>, String> {
        let limit = kernel::NamespaceLimit::none()?;
        let outcome = self.make(None)?;
        limit.restore()?;
        Ok(outcome)
    }

    fn hold(&mut self, net: Net) -> Result<(), String> {
        let files = self
            .nets
            .get_mut(&net)
            .ok_or(format!("nobody holds {net}"))?;
        kernel::enter(&files[0])?;
        let socket = kernel::socket();
        kernel::enter(&self.home)?;
        files.push(socket?);
        Ok(())
    }

    fn put(&mut self, net: Net) -> Result<(), String> {
        let files = self
            .nets
            .get_mut(&net)
            .ok_or(format!("nobody holds {net}"))?;
        files.pop();
        if files.is_empty() {
            self.nets.remove(&net);
        }
        Ok(())
    }

    fn read(&mut self, events: &mut Vec<Event>) -> Result<(), String> {
        let Some(loaded) = &mut self.loaded else {
            return Ok(());
        };
        loop {
            let length = loaded
                .device
                .read(&mut loaded.buffer)
                .map_err(|error| format!("reading the trace: {error}"))?;
            if length == 0 {
                return Ok(());
            }
            let text = std::str::from_utf8(&loaded.buffer[..length])
                .map_err(|_| "the trace is no text")?;
            for line in text.lines() {
                let Some((sequence, event)) = Event::parse(line) else {
                    return Err(format!("the trace has the line '{line}'"));
                };
                if sequence != loaded.sequence {
                    return Err(format!(
                        "event {sequence} comes where number {} should: '{line}'",
                        loaded.sequence
                    ));
                }
                loaded.sequence += 1;
                events.push(event);
            }
        }
    }

    fn idle(&mut self) {
        thread::sleep(Duration::from_micros(200));
    }
}
