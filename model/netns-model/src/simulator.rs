// SPDX-License-Identifier: GPL-2.0

//! The system with many tasks, which do things at once in an order that depends on a seed.
//!
//! `pernet_ops_rwsem` is what they share: those that make namespaces, and the one that ends them, may go on beside each
//! other; who registers is alone. The steps of a task are those of [`Kernel`]: what it will do is known when it gets
//! the lock, since the list stays as it is.

use crate::{
    event::{
        Errno,
        Event,
        Net,
        Task, //
    },
    kernel::Kernel,
    operations::Slot,
    session::{
        Outcome,
        System, //
    },
};
use std::collections::VecDeque;

/// SplitMix64: small, and the same everywhere.
#[derive(Clone, Debug)]
pub struct Random(pub u64);

impl Random {
    /// The next 64 bits.
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    /// One of 0 to `bound` - 1.
    pub fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound.max(1) as u64) as usize
    }
}

/// What a task does when all its events have been.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// The namespace comes into the list.
    Setup(Net),
    /// The setup was undone.
    Refused,
    Cleanup,
    /// The lock is free again.
    Writer,
}

/// A task that has the lock.
#[derive(Clone, Debug)]
struct Job {
    task: Task,
    events: VecDeque<Event>,
    end: End,
}

/// Somebody else who makes namespaces and lets go of them.
#[derive(Clone, Debug)]
struct Stranger {
    task: Task,
    nets: Vec<Net>,
}

/// Changes what a task does: a system with a bug.
pub type Bug = fn(&mut Vec<Event>);

/// The system.
#[derive(Clone, Debug)]
pub struct Simulator {
    kernel: Kernel,
    random: Random,
    jobs: Vec<Job>,
    strangers: Vec<Stranger>,
    /// Whether they go on making namespaces.
    busy: bool,
    /// Who registers waits for the lock: nobody else gets it.
    waiting: bool,
    seen: Vec<Event>,
    bug: Option<Bug>,
}

const LOADER: Task = Task(2);
const CREATOR: Task = Task(3);
const WORKER: Task = Task(4);
const FIRST_STRANGER: u32 = 100;

impl Simulator {
    /// One with a seed.
    pub fn new(seed: u64) -> Self {
        Simulator {
            kernel: Kernel::new(),
            random: Random(seed),
            jobs: Vec::new(),
            strangers: Vec::new(),
            busy: false,
            waiting: false,
            seen: Vec::new(),
            bug: None,
        }
    }

    /// One that does something wrong.
    pub fn with_bug(seed: u64, bug: Bug) -> Self {
        Simulator {
            bug: Some(bug),
            ..Self::new(seed)
        }
    }

    /// From now on so many others make namespaces.
    pub fn start_strangers(&mut self, count: u32) {
        self.busy = true;
        self.strangers = (0..count)
            .map(|index| Stranger {
                task: Task(FIRST_STRANGER + index),
                nets: Vec::new(),
            })
            .collect();
    }

    /// They come to their end and let go of what they have.
    pub fn stop_strangers(&mut self) {
        self.busy = false;
        while !self.jobs.is_empty() {
            self.step_jobs();
        }
        for net in std::mem::take(&mut self.strangers)
            .into_iter()
            .flat_map(|stranger| stranger.nets)
        {
            self.kernel.put_net(net);
        }
    }

    /// One of those who can do something does it.
    pub fn step(&mut self) {
        let choices = self.jobs.len() + self.strangers.len() + 1;
        let choice = self.random.below(choices);
        if choice < self.jobs.len() {
            self.go_on(choice);
        } else if choice < self.jobs.len() + self.strangers.len() {
            self.stranger(choice - self.jobs.len());
        } else if self.kernel.cleanup_is_queued() && self.is_free(WORKER) {
            self.kernel.switch_to(WORKER);
            self.kernel.cleanup_net();
            self.begin(WORKER, End::Cleanup);
        }
    }

    /// One of those who have the lock goes on.
    fn step_jobs(&mut self) {
        let choice = self.random.below(self.jobs.len());
        self.go_on(choice);
    }

    /// Whether the task is idle and may have the lock, beside others.
    fn is_free(&self, task: Task) -> bool {
        !self.waiting
            && !self
                .jobs
                .iter()
                .any(|job| job.task == task || job.end == End::Writer)
    }

    fn begin(&mut self, task: Task, end: End) {
        let mut events = self.kernel.take_trace();
        if let Some(bug) = self.bug {
            bug(&mut events);
        }
        self.jobs.push(Job {
            task,
            events: events.into(),
            end,
        });
    }

    fn go_on(&mut self, index: usize) {
        if let Some(event) = self.jobs[index].events.pop_front() {
            self.seen.push(event);
            return;
        }
        let job = self.jobs.swap_remove(index);
        if let End::Setup(net) = job.end {
            self.kernel.list_add_tail(net);
            if let Some(stranger) = self
                .strangers
                .iter_mut()
                .find(|stranger| stranger.task == job.task)
            {
                stranger.nets.push(net);
            }
        }
    }

    fn stranger(&mut self, index: usize) {
        let Stranger { task, nets } = &self.strangers[index];
        let (task, count) = (*task, nets.len());
        if count > 0 && self.random.below(3) == 0 {
            let net = self.strangers[index]
                .nets
                .swap_remove(self.random.below(count));
            self.kernel.put_net(net);
        } else if self.busy && count < 4 && self.is_free(task) {
            let _ = self.setup(task);
        }
    }

    fn setup(&mut self, task: Task) -> Result<Net, Errno> {
        // Which init fails depends on who comes first, and that is known when it has begun.
        let fails = |job: &Job| job.events.iter().any(|event| event.err.is_some());
        let makes = |job: &Job| matches!(job.end, End::Setup(_) | End::Refused);
        while self
            .jobs
            .iter()
            .any(|job| makes(job) && self.kernel.failure_is_planned() || fails(job))
        {
            self.step_jobs();
        }
        self.kernel.switch_to(task);
        let result = self.kernel.copy_net_ns();
        let end = match result {
            // It is listed when all has been seen.
            Ok(net) => {
                self.kernel.list_pop_tail(net);
                End::Setup(net)
            }
            Err(_) => End::Refused,
        };
        self.begin(task, end);
        result
    }

    fn wait_for(&mut self, task: Task) {
        while self.jobs.iter().any(|job| job.task == task) {
            self.step();
        }
    }

    fn write(
        &mut self,
        fault: Option<u32>,
        act: impl FnOnce(&mut Kernel) -> Result<(), Errno>,
    ) -> Outcome<()> {
        self.waiting = true;
        while !self.jobs.is_empty() {
            self.step();
        }
        self.waiting = false;
        self.kernel.switch_to(LOADER);
        self.kernel.fail_allocation(fault);
        let result = act(&mut self.kernel);
        let injected = fault.is_some() && !self.kernel.allocation_is_to_fail();
        self.kernel.fail_allocation(None);
        self.begin(LOADER, End::Writer);
        self.wait_for(LOADER);
        Outcome { result, injected }
    }
}

impl System for Simulator {
    fn loader(&self) -> Task {
        LOADER
    }

    fn creator(&self) -> Task {
        CREATOR
    }

    fn existing(&mut self) -> Result<Vec<Net>, String> {
        Ok(self.kernel.namespaces().to_vec())
    }

    fn register(&mut self, slot: Slot, fault: Option<u32>) -> Result<Outcome<()>, String> {
        Ok(self.write(fault, |kernel| kernel.register(slot)))
    }

    fn unregister(&mut self, slot: Slot, fault: Option<u32>) -> Result<Outcome<()>, String> {
        Ok(self.write(fault, |kernel| kernel.unregister(slot)))
    }

    fn plan(&mut self, slot: Slot, nth: u32, errno: Errno) -> Result<(), String> {
        // What a task will do is known since it began; who began before does not know of this.
        while !self.jobs.is_empty() {
            self.step_jobs();
        }
        self.kernel.plan(slot, nth, errno);
        Ok(())
    }

    fn create(&mut self, fault: Option<u32>) -> Result<Outcome<Net>, String> {
        self.kernel.fail_allocation(fault);
        let result = self.setup(CREATOR);
        let injected = fault.is_some() && !self.kernel.allocation_is_to_fail();
        self.kernel.fail_allocation(None);
        self.wait_for(CREATOR);
        Ok(Outcome { result, injected })
    }

    fn refuse(&mut self) -> Result<Outcome<Net>, String> {
        Ok(Outcome {
            result: Err(Errno::ENOSPC),
            injected: false,
        })
    }

    fn hold(&mut self, net: Net) -> Result<(), String> {
        self.kernel.get_net(net);
        Ok(())
    }

    fn put(&mut self, net: Net) -> Result<(), String> {
        self.kernel.put_net(net);
        Ok(())
    }

    fn read(&mut self, events: &mut Vec<Event>) -> Result<(), String> {
        events.append(&mut self.seen);
        Ok(())
    }

    fn idle(&mut self) {
        for _ in 0..self.random.below(8) {
            self.step();
        }
    }
}
