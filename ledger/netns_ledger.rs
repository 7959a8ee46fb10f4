// SPDX-License-Identifier: GPL-2.0

//! The life of every network namespace, for user space to ask for and to listen to.
//!
//! A row for each, see [`table`]; what is asked and told is in `Documentation/netlink/specs/netns-ledger.yaml`, and
//! [`commands`] answers it. A namespace is never held: what changes without a hook is looked at when somebody asks,
//! and now and then.

#![forbid(unsafe_code)]

#[path = "netns_ledger/commands.rs"]
mod commands;
#[path = "netns_ledger/row.rs"]
mod row;
#[path = "netns_ledger/spec.rs"]
mod spec;
#[path = "netns_ledger/table.rs"]
mod table;

use commands::FAMILY;
use kernel::{
    new_mutex,
    prelude::*,
    sync::Mutex,
    time::Delta, //
};
use net::pernet::{self, *};
use table::Table;

pernet_module! {
    type: NetnsLedger,
    name: "netns_ledger",
    authors: ["rust-pernet contributors"],
    description: "The life of every network namespace, over generic netlink",
    license: "GPL",
    params: {
        scan_ms: u32 {
            default: 1000,
            description: "milliseconds between looks for inactive namespaces (0: only when asked)",
        },
    },
}

#[pin_data]
struct NetnsLedger {
    #[pin]
    table: Mutex<Table>,
}

/// Waits for the end of a cleanup.
static WAITER: Chore<NetnsLedger> = Chore::new(NetnsLedger::wait);

/// Looks at all namespaces.
static SCAN: Chore<NetnsLedger> = Chore::new(NetnsLedger::scan);

impl pernet::Module for NetnsLedger {
    fn init(_: &'static ThisModule) -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            table <- new_mutex!(Table::new()),
        }? Error)
    }

    fn start(self: Pin<&Self>, registrar: &mut Registrar<'_, Self>) -> Result {
        registrar.add_chore(&WAITER)?;
        registrar.add_chore(&SCAN)?;
        registrar.register::<Life>()?;
        registrar.register_family(&FAMILY)?;
        Self::scan_later();
        Ok(())
    }
}

impl NetnsLedger {
    fn wait(self: Pin<&Self>) {
        let Some((teardown, run)) = self.table.lock().teardown() else {
            return;
        };
        teardown.wait();
        self.table.lock().ended(run);
    }

    fn scan(self: Pin<&Self>) {
        self.table.lock().look_at_all();
        Self::scan_later();
    }

    fn scan_later() {
        match net::parameter(&module_parameters::scan_ms) {
            0 => {}
            millis => {
                SCAN.queue_after(Delta::from_millis(millis.into()));
            }
        }
    }
}

/// A namespace. All that is known of it is in the table.
struct Life;

static LIFE: Operations<Life> = Operations::new();

#[vtable]
impl PerNet for Life {
    type Module = NetnsLedger;
    type Kind = Subsys;
    type After = ();
    const OPERATIONS: OperationsRef<Self> = OperationsRef::to(&LIFE);

    fn init(ledger: Pin<&NetnsLedger>, net: HookNet<'_, Self>) -> impl PinInit<Self, Error> {
        let row = Table::row(&net, net.owner());
        ledger.table.lock().created(net.cookie(), row);
        Ok(Self)
    }

    fn pre_exit(self: Pin<&Self>, ledger: Pin<&NetnsLedger>, net: HookNet<'_, Self>) {
        // One that is refused is told of when it goes.
        if net.is_dying() {
            ledger.table.lock().dying(&net);
        }
    }

    fn exit(self: Pin<&Self>, ledger: Pin<&NetnsLedger>, net: HookNet<'_, Self>) {
        if let Some(teardown) = net.teardown() {
            ledger.table.lock().devices_gone(&net, teardown);
            WAITER.queue();
        } else if !net.is_initialized() {
            ledger.table.lock().refused(&net);
        }
        // Else the ledger goes, and not the namespace.
    }
}
