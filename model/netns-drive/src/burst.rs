// SPDX-License-Identifier: GPL-2.0

//! Processes that make namespaces and let go of them while hooks come and go.

use crate::kernel;
use netns_model::{
    event::Errno,
    operations::{
        Hook,
        Slot, //
    },
    program::Operation,
    session::{
        Failure,
        Session,
        System, //
    },
    simulator::{
        Random,
        Simulator, //
    },
};
use std::{
    process::{
        Child,
        Command,
        Stdio, //
    },
    time::{
        Duration,
        Instant, //
    },
};

/// What has others make namespaces beside it.
pub trait Strangers: System {
    /// They are at work, until this goes or [`Self::stop`] is called.
    type Work;

    /// Has so many begin.
    fn start(&mut self, processes: u32, seed: u64) -> Result<Self::Work, String>;

    /// Has them come to their end, with all namespaces that they hold.
    fn stop(&mut self, work: Self::Work) -> Result<(), String>;
}

impl Strangers for Simulator {
    type Work = ();

    fn start(&mut self, processes: u32, _: u64) -> Result<(), String> {
        self.start_strangers(processes);
        Ok(())
    }

    fn stop(&mut self, (): ()) -> Result<(), String> {
        self.stop_strangers();
        Ok(())
    }
}

/// Processes, which end when their standard input does. They are not killed: a signal would have the kernel's own
/// inits fail, and that could not be told from a failure without a cause.
pub struct Workers(Vec<Child>);

impl Drop for Workers {
    fn drop(&mut self) {
        for worker in &mut self.0 {
            drop(worker.stdin.take());
        }
        for worker in &mut self.0 {
            let _ = worker.wait();
        }
    }
}

impl Strangers for crate::puppet::Puppet {
    type Work = Workers;

    fn start(&mut self, processes: u32, seed: u64) -> Result<Workers, String> {
        let mut workers = Workers(Vec::new());
        for index in 0..processes {
            let worker = Command::new("/proc/self/exe")
                .args(["churn", &(seed + u64::from(index)).to_string()])
                .stdin(Stdio::piped())
                .spawn()
                .map_err(|error| format!("cannot start a process: {error}"))?;
            workers.0.push(worker);
        }
        Ok(workers)
    }

    fn stop(&mut self, mut workers: Workers) -> Result<(), String> {
        for worker in &mut workers.0 {
            if let Ok(Some(status)) = worker.try_wait() {
                return Err(format!(
                    "a process that makes namespaces has ended: {status}"
                ));
            }
        }
        drop(workers);
        Ok(())
    }
}

/// What such a process does: it has a few namespaces, and changes them for others, until its input ends.
pub fn churn(seed: u64) -> Result<(), String> {
    let mut random = Random(seed);
    let mut held = Vec::new();
    while !kernel::input_has_ended() {
        if !held.is_empty() && random.below(2) == 0 {
            held.swap_remove(random.below(held.len()));
        }
        match kernel::unshare() {
            // A planned failure.
            Err(_) => continue,
            Ok(()) if held.len() < 3 && random.below(2) == 0 => {
                held.push(kernel::own_namespace()?.0)
            }
            Ok(()) => {}
        }
    }
    Ok(())
}

/// How many times as long a slow machine may take to see whatever there is to see.
const SLOW: u32 = 10;

/// Registers and unregisters by chance while others are at work, then drains. It takes longer than the given time if
/// there is something that it has not seen until then.
pub fn burst<S: Strangers>(
    session: &mut Session<'_, S>,
    processes: u32,
    time: Duration,
    seed: u64,
    mut progress: impl FnMut(&Session<'_, S>),
) -> Result<u64, Failure> {
    let mut random = Random(seed);
    // These come before there is somebody: without an init, the moment could not be seen.
    for slot in [Slot(8), Slot(10)] {
        if random.below(2) == 0 {
            session.run(&Operation::Register(slot))?;
        }
    }
    session.strangers(true)?;
    let work = session.system().start(processes, seed)?;
    let start = Instant::now();
    let mut operations = 0;
    while start.elapsed() < time
        || (start.elapsed() < time * SLOW && !session.counters().are_complete())
    {
        let slot = Slot(random.below(12) as u8);
        let operation = match random.below(8) {
            0..=2 if slot.operations().has(Hook::Init) => Operation::Register(slot),
            3 => Operation::Unregister(slot),
            4 => Operation::Plan(slot, 1 + random.below(3) as u32, Errno::ENOSPC),
            5 => Operation::Burst(1 + random.below(3)),
            _ => {
                session.system().idle();
                session.listen()?;
                continue;
            }
        };
        session.run(&operation)?;
        operations += 1;
        progress(session);
    }
    session.system().stop(work)?;
    // Who came while nobody saw it is seen now, and has to go, too.
    session.run(&Operation::Plan(Slot(11), 0, Errno::ENOMEM))?;
    session.run(&Operation::Register(Slot(11)))?;
    session.finish()?;
    session.strangers(false)?;
    Ok(operations)
}
