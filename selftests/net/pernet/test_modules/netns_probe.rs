// SPDX-License-Identifier: GPL-2.0

//! Finds network namespaces in every way that the library has, and tells what it found.
//!
//! For pernet_namespace.sh. What it found by file descriptor it holds until it is unloaded.

#![forbid(unsafe_code)]

use kernel::prelude::*;
use net::{
    namespace::{
        Identity,
        Namespaces,
        Net,
        NetRef, //
    },
    rcu, //
};

module! {
    type: Probe,
    name: "netns_probe",
    authors: ["rust-pernet contributors"],
    description: "Test module: finds network namespaces",
    license: "GPL",
    params: {
        fd: i32 {
            default: -1,
            description: "a file descriptor of insmod",
        },
        pid: i32 {
            default: 0,
            description: "a process",
        },
        nsid: i32 {
            default: -1,
            description: "what insmod's namespace calls another",
        },
    },
}

struct Probe {
    held: Option<NetRef>,
}

impl kernel::Module for Probe {
    fn init(_module: &'static ThisModule) -> Result<Self> {
        let current = Net::current()?;
        tell("init_ns", Ok(Net::init_ns()));
        tell("current", Ok(&current));
        tell_ref("by_fd", &Net::by_fd(net::parameter(&module_parameters::fd)));
        let pid = net::parameter(&module_parameters::pid);
        tell_ref("by_pid", &Net::by_pid(pid));
        tell_ref(
            "by_nsid",
            &current
                .by_nsid(net::parameter(&module_parameters::nsid))
                .ok_or(ENOENT),
        );
        walk();

        let held = Net::by_fd(net::parameter(&module_parameters::fd)).ok();
        if let Some(held) = &held {
            let same = Net::by_fd(net::parameter(&module_parameters::fd))?;
            let (copy, init_ns) = (held.clone(), Net::init_ns());
            let equal = ***held == **same && **copy == **same;
            let initial = ***held == **init_ns;
            pr_info!("equal {equal}, equal to init_ns {initial}\n");
        }
        Ok(Self { held })
    }
}

impl Drop for Probe {
    fn drop(&mut self) {
        if let Some(held) = &self.held {
            tell("held", Ok(held));
        }
    }
}

fn tell(how: &str, net: Result<&Identity>) {
    match net {
        Ok(net) => pr_info!(
            "{how} net={net} init={} dying={}\n",
            net.is_init(),
            net.is_dying()
        ),
        Err(error) => pr_info!("{how} err={}\n", error.to_errno()),
    }
}

fn tell_ref(how: &str, net: &Result<NetRef>) {
    match net {
        Ok(net) => tell(how, Ok(net)),
        Err(error) => tell(how, Err(*error)),
    }
}

fn walk() {
    let list = Namespaces::read();
    for net in list.iter() {
        tell("walk", Ok(&net));
    }
    if let Some(net) = list.iter().next() {
        pr_info!("first {net}, init_ns {}\n", Net::init_ns());
    }
    let alive = list.iter().filter_map(|net| net.try_get()).count();
    let seen = rcu::read_lock(|rcu| Namespaces::iter_rcu(rcu).count());
    pr_info!("walk alive {alive}, seen under RCU {seen}\n");
}
