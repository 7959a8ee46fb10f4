// SPDX-License-Identifier: GPL-2.0

//! How network namespaces live and die, as one task sees it.
//!
//! This is `net/core/net_namespace.c` as a program that can be read and run: the algorithm of Linux 2.6.24, where it
//! began, with the phases of today's kernel. Functions and fields have the names that they have there. What differs:
//!
//! * There are no other operations than ours. A kernel that has booted has its own, loopback's being the first device.
//! * One thing happens after the other. `pernet_ops_rwsem` has nobody to exclude, `queue_work()` queues, and the work
//!   is done when [`Kernel::cleanup_net`] is called. [`crate::simulator`] has many tasks.
//! * A hook leaves an [`Event`], and does what the puppet modules do: it fails if that is planned, it makes the value of
//!   its namespace or drops it.

use crate::{
    event::{
        Errno,
        Event,
        Net,
        Task, //
    },
    operations::{
        Hook,
        Kind,
        Slot, //
    },
};
use std::collections::{
    BTreeMap,
    BTreeSet, //
};

/// What is known of a namespace that is not free yet: a `struct net`.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Namespace {
    /// How many hold it. `check_net()` is whether there are any.
    count: u32,
    /// `net_initialized()`: whether it has been in the list, ever.
    initialized: bool,
    /// `net_generic()`: the slots whose data is there.
    generic: BTreeSet<Slot>,
}

/// The state of the whole system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kernel {
    /// What is registered. Subsystems come before devices.
    pernet_list: Vec<Slot>,
    /// The first device of the list. None is the head of the list, and before it is at the end.
    first_device: Option<Slot>,
    /// The namespaces that can be found, oldest first.
    net_namespace_list: Vec<Net>,
    /// Those that nobody holds any more and that wait for [`Self::cleanup_net`], the last one first: a `llist`.
    cleanup_list: Vec<Net>,
    nets: BTreeMap<Net, Namespace>,
    next_cookie: u64,
    /// The init of a slot that is to fail: how many from now, and with what.
    plans: BTreeMap<Slot, (u32, Errno)>,
    /// The allocation that is to fail: how many from now.
    fault: Option<u32>,
    /// The task that runs.
    current: Task,
    trace: Vec<Event>,
}

/// The lists of a [`Kernel`] as they are at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lists {
    /// What is registered, in the order of inits.
    pub pernet_list: Vec<Slot>,
    /// The mark: subsystems are put before it. None is the head of the list.
    pub first_device: Option<Slot>,
    /// The namespaces that can be found, oldest first.
    pub net_namespace_list: Vec<Net>,
    /// Those of them that nobody holds any more.
    pub cleanup_list: Vec<Net>,
}

impl Default for Kernel {
    fn default() -> Self {
        Self::new()
    }
}

impl Kernel {
    /// The initial namespace. It is held for ever.
    pub const INIT_NET: Net = Net(1);

    /// A kernel that has booted: there is the initial namespace, and nothing is registered.
    pub fn new() -> Self {
        let mut kernel = Kernel {
            pernet_list: Vec::new(),
            first_device: None,
            net_namespace_list: Vec::new(),
            cleanup_list: Vec::new(),
            nets: BTreeMap::new(),
            next_cookie: Self::INIT_NET.0,
            plans: BTreeMap::new(),
            fault: None,
            current: Task(1),
            trace: Vec::new(),
        };
        kernel
            .copy_net_ns()
            .expect("nobody is registered who could refuse");
        kernel
    }

    /// The events since the last call.
    pub fn take_trace(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.trace)
    }

    /// From now on this task runs.
    pub fn switch_to(&mut self, task: Task) {
        self.current = task;
    }

    /// The init of `slot` fails with `errno` the `nth` time from now on; never if that is 0.
    pub fn plan(&mut self, slot: Slot, nth: u32, errno: Errno) {
        if nth > 0 {
            self.plans.insert(slot, (nth, errno));
        } else {
            self.plans.remove(&slot);
        }
    }

    /// Whether an init is to fail.
    pub(crate) fn failure_is_planned(&self) -> bool {
        !self.plans.is_empty()
    }

    /// The nth allocation from now on fails, or none does.
    pub fn fail_allocation(&mut self, nth: Option<u32>) {
        self.fault = nth;
    }

    /// Whether an allocation is still to fail.
    pub fn allocation_is_to_fail(&self) -> bool {
        self.fault.is_some()
    }

    /// What is registered, in the order of inits.
    pub fn registered(&self) -> &[Slot] {
        &self.pernet_list
    }

    /// The namespaces that can be found, oldest first.
    pub fn namespaces(&self) -> &[Net] {
        &self.net_namespace_list
    }

    /// All lists.
    pub fn lists(&self) -> Lists {
        Lists {
            pernet_list: self.pernet_list.clone(),
            first_device: self.first_device,
            net_namespace_list: self.net_namespace_list.clone(),
            cleanup_list: self.cleanup_list.clone(),
        }
    }

    /// Whether somebody holds it: `check_net()`.
    pub fn is_held(&self, net: Net) -> bool {
        self.nets
            .get(&net)
            .is_some_and(|namespace| namespace.count > 0)
    }

    /// The namespace that will be made next.
    pub fn next_net(&self) -> Net {
        Net(self.next_cookie)
    }

    /// Whether namespaces wait for [`Self::cleanup_net`].
    pub fn cleanup_is_queued(&self) -> bool {
        !self.cleanup_list.is_empty()
    }

    // ---- Registration ---------------------------------------------------------------------------------------------

    /// Puts a subsystem before the first device, and runs its init for every namespace that exists.
    pub fn register_pernet_subsys(&mut self, slot: Slot) -> Result<(), Errno> {
        let first_device = self.first_device;
        self.register_pernet_operations(first_device, slot)
    }

    /// Puts a device at the end, and runs its init for every namespace that exists. If there was none, it is the first
    /// now; not before it is known to stay.
    pub fn register_pernet_device(&mut self, slot: Slot) -> Result<(), Errno> {
        self.register_pernet_operations(None, slot)?;
        if self.first_device.is_none() {
            self.first_device = Some(slot);
        }
        Ok(())
    }

    /// Runs the exits of a subsystem for every namespace that exists.
    pub fn unregister_pernet_subsys(&mut self, slot: Slot) {
        self.unregister_pernet_operations(slot);
    }

    /// Runs the exits of a device for every namespace that exists. If it was the first, the next one is, which is a
    /// device, too, or the head of the list.
    pub fn unregister_pernet_device(&mut self, slot: Slot) {
        if self.first_device == Some(slot) {
            let next = self.position(slot) + 1;
            self.first_device = self.pernet_list.get(next).copied();
        }
        self.unregister_pernet_operations(slot);
    }

    /// Either of the two, as the slot's kind is. A module that is written well does not register twice.
    pub fn register(&mut self, slot: Slot) -> Result<(), Errno> {
        match slot.operations().kind {
            _ if self.pernet_list.contains(&slot) => Err(Errno::EEXIST),
            Kind::Subsys => self.register_pernet_subsys(slot),
            Kind::Device => self.register_pernet_device(slot),
        }
    }

    /// Either of the two, as the slot's kind is.
    pub fn unregister(&mut self, slot: Slot) -> Result<(), Errno> {
        match slot.operations().kind {
            _ if !self.pernet_list.contains(&slot) => return Err(Errno::ENOENT),
            Kind::Subsys => self.unregister_pernet_subsys(slot),
            Kind::Device => self.unregister_pernet_device(slot),
        }
        Ok(())
    }

    /// If the init fails for a namespace, those before it are undone, in the order of the list, and the operations
    /// leave the list as if they had never been there. The namespace itself has nothing that could be undone.
    fn register_pernet_operations(
        &mut self,
        before: Option<Slot>,
        slot: Slot,
    ) -> Result<(), Errno> {
        let position = before.map_or(self.pernet_list.len(), |next| self.position(next));
        self.pernet_list.insert(position, slot);
        let mut net_exit_list = Vec::new();
        if slot.operations().visits() {
            // This meets namespaces that nobody holds any more, which wait to be cleaned up.
            for net in self.net_namespace_list.clone() {
                if let Err(errno) = self.ops_init(slot, net) {
                    self.pernet_list.remove(position);
                    self.ops_undo_list(&[slot], &net_exit_list);
                    return Err(errno);
                }
                net_exit_list.push(net);
            }
        }
        Ok(())
    }

    fn unregister_pernet_operations(&mut self, slot: Slot) {
        let position = self.position(slot);
        self.pernet_list.remove(position);
        let net_exit_list = self.net_namespace_list.clone();
        self.ops_undo_list(&[slot], &net_exit_list);
    }

    fn position(&self, slot: Slot) -> usize {
        self.pernet_list
            .iter()
            .position(|registered| *registered == slot)
            .expect("it is registered")
    }

    // ---- A namespace's life ---------------------------------------------------------------------------------------

    /// Makes a namespace, as `unshare(CLONE_NEWNET)` does, and holds it for the caller.
    pub fn copy_net_ns(&mut self) -> Result<Net, Errno> {
        self.kmalloc()?;
        let net = Net(self.next_cookie);
        self.next_cookie += 1;
        self.nets.insert(
            net,
            Namespace {
                count: 1,
                initialized: false,
                generic: BTreeSet::new(),
            },
        );
        let result = self.setup_net(net);
        if result.is_err() {
            self.net_free(net);
        }
        result.map(|()| net)
    }

    /// Runs every init, in the order of the list; the namespace can be found when all have succeeded. If one fails,
    /// those before it are undone, in reverse.
    fn setup_net(&mut self, net: Net) -> Result<(), Errno> {
        let pernet_list = self.pernet_list.clone();
        for (index, slot) in pernet_list.iter().enumerate() {
            if let Err(errno) = self.ops_init(*slot, net) {
                self.ops_undo_list(&pernet_list[..index], &[net]);
                return Err(errno);
            }
        }
        self.list_add_tail(net);
        Ok(())
    }

    /// From here on everybody can find it.
    pub(crate) fn list_add_tail(&mut self, net: Net) {
        self.net_namespace_list.push(net);
        self.net_mut(net).initialized = true;
    }

    /// Undoes the last [`Self::list_add_tail`]: for the simulator, which does it later.
    pub(crate) fn list_pop_tail(&mut self, net: Net) {
        assert_eq!(self.net_namespace_list.pop(), Some(net));
        self.net_mut(net).initialized = false;
    }

    /// Holds a namespace once more.
    pub fn get_net(&mut self, net: Net) {
        self.net_mut(net).count += 1;
    }

    /// Lets go of it.
    pub fn put_net(&mut self, net: Net) {
        let count = &mut self.net_mut(net).count;
        *count -= 1;
        if *count == 0 {
            self.__put_net(net);
        }
    }

    /// Nobody holds it any more: that is for [`Self::cleanup_net`], in a task that may sleep.
    fn __put_net(&mut self, net: Net) {
        self.cleanup_list.insert(0, net);
    }

    /// Ends all namespaces that nobody holds any more, together: nobody can find them, then every phase runs for all of
    /// them, then they are freed.
    pub fn cleanup_net(&mut self) {
        let net_kill_list = std::mem::take(&mut self.cleanup_list);
        self.net_namespace_list
            .retain(|net| !net_kill_list.contains(net));
        let pernet_list = self.pernet_list.clone();
        self.ops_undo_list(&pernet_list, &net_kill_list);
        for net in net_kill_list {
            self.net_free(net);
        }
    }

    /// The kernel of 2.6.24 said so if somebody still held it: «network namespace not free!»
    fn net_free(&mut self, net: Net) {
        let freed = self.nets.remove(&net).expect("it is freed once");
        assert!(freed.generic.is_empty(), "data of {net} is left");
    }

    // ---- What both have in common ---------------------------------------------------------------------------------

    /// Makes the data, if there is to be some, and runs the init. If that fails the data goes at once.
    fn ops_init(&mut self, slot: Slot, net: Net) -> Result<(), Errno> {
        let operations = slot.operations();
        if operations.has_value() {
            self.kmalloc()?;
        }
        if operations.has(Hook::Init) {
            let planned = self.due(slot);
            let event = self.hook(slot, Hook::Init, net);
            event.err = planned;
            if let Some(errno) = planned {
                return Err(errno);
            }
        }
        if operations.has_value() {
            self.net_mut(net).generic.insert(slot);
        }
        Ok(())
    }

    /// Ends some operations for some namespaces: the last operations first, and one phase after the other.
    ///
    /// Between the first phase and the others readers under RCU come to their end. Data is freed when all is done, but
    /// a value of a puppet's is dropped in the last hook that sees it.
    fn ops_undo_list(&mut self, ops_list: &[Slot], net_exit_list: &[Net]) {
        let reverse = || ops_list.iter().rev().copied();

        for slot in reverse() {
            for net in net_exit_list {
                self.call(slot, Hook::PreExit, *net);
            }
        }
        // synchronize_rcu()
        for net in net_exit_list {
            for slot in reverse() {
                self.call(slot, Hook::ExitRtnl, *net);
            }
        }
        for slot in reverse() {
            self.ops_exit_list(slot, net_exit_list);
        }
    }

    fn ops_exit_list(&mut self, slot: Slot, net_exit_list: &[Net]) {
        let operations = slot.operations();
        let batch = operations.has(Hook::ExitBatch);
        for net in net_exit_list {
            self.call(slot, Hook::Exit, *net);
            if !batch {
                self.drop_value(slot, *net);
            }
        }
        if batch {
            let mut event = Event::new(slot, Hook::ExitBatch, Net(0), self.current);
            event.nets = Some(net_exit_list.len());
            self.trace.push(event);
            for net in net_exit_list {
                self.trace
                    .push(Event::new(slot, Hook::Member, *net, self.current));
            }
            for net in net_exit_list {
                self.drop_value(slot, *net);
            }
        }
    }

    fn drop_value(&mut self, slot: Slot, net: Net) {
        if self.net_mut(net).generic.remove(&slot) {
            self.trace
                .push(Event::new(slot, Hook::Drop, net, self.current));
        }
    }

    /// Calls a hook, if there is one. What has a value has it in each of them.
    fn call(&mut self, slot: Slot, hook: Hook, net: Net) {
        let operations = slot.operations();
        assert!(
            !operations.has_value() || self.net_mut(net).generic.contains(&slot),
            "{hook} of {slot} without data"
        );
        if operations.has(hook) {
            self.hook(slot, hook, net);
        }
    }

    fn hook(&mut self, slot: Slot, hook: Hook, net: Net) -> &mut Event {
        let mut event = Event::new(slot, hook, net, self.current);
        let namespace = &self.nets[&net];
        event.count = Some(namespace.count > 0);
        if matches!(hook, Hook::Init | Hook::PreExit) {
            event.initialized = Some(namespace.initialized);
        }
        self.trace.push(event);
        self.trace.last_mut().expect("it was just put there")
    }

    /// Counts an init of a slot. Tells whether it is the one that is to fail.
    fn due(&mut self, slot: Slot) -> Option<Errno> {
        let (left, errno) = self.plans.get_mut(&slot)?;
        *left -= 1;
        let errno = *errno;
        (*left == 0).then(|| {
            self.plans.remove(&slot);
            errno
        })
    }

    /// An allocation, which may be made to fail.
    fn kmalloc(&mut self) -> Result<(), Errno> {
        match &mut self.fault {
            Some(1) => {
                self.fault = None;
                Err(Errno::ENOMEM)
            }
            Some(left) => {
                *left -= 1;
                Ok(())
            }
            None => Ok(()),
        }
    }

    fn net_mut(&mut self, net: Net) -> &mut Namespace {
        self.nets.get_mut(&net).expect("there is such a namespace")
    }

    /// What holds whatever happened: it panics if the state is none that there can be.
    pub fn check_invariants(&self) {
        let kinds: Vec<_> = self
            .pernet_list
            .iter()
            .map(|slot| slot.operations().kind)
            .collect();
        let devices = kinds.iter().position(|kind| *kind == Kind::Device);
        assert_eq!(
            self.first_device,
            devices.map(|first| self.pernet_list[first]),
            "the mark is the first device"
        );
        assert!(
            kinds[devices.unwrap_or(kinds.len())..]
                .iter()
                .all(|kind| *kind == Kind::Device),
            "subsystems come first"
        );
        assert!(
            self.net_namespace_list.is_sorted(),
            "the list is in the order of creation"
        );
        assert_eq!(self.net_namespace_list.first(), Some(&Self::INIT_NET));
        assert_eq!(
            self.net_namespace_list.len(),
            self.nets.len(),
            "whatever is not free can be found"
        );
        let with_value: BTreeSet<_> = self
            .pernet_list
            .iter()
            .copied()
            .filter(|slot| slot.operations().has_value())
            .collect();
        for (net, namespace) in &self.nets {
            assert!(self.net_namespace_list.contains(net) && namespace.initialized);
            assert_eq!(
                namespace.count == 0,
                self.cleanup_list.contains(net),
                "who is held does not wait for the end"
            );
            assert_eq!(
                namespace.generic, with_value,
                "each has the data of all that is registered"
            );
        }
    }
}
