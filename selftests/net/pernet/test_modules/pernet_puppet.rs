// SPDX-License-Identifier: GPL-2.0

//! A module whose registrations are steered from user space, and which traces every hook.
//!
//! `/dev/pernet_puppet` takes commands, a line for each write(2), and gives the trace:
//!
//! ```text
//! register SLOT          register_pernet_*(); a slot is one of those in pernet_puppet/slots.rs
//! unregister SLOT
//! plan SLOT NTH ERRNO    the NTH init of the slot from now on fails with ERRNO (NTH 0: none does)
//! clear                  empties the trace, whose numbers begin at 0 again
//! done                   the module is loaded
//! fail ERRNO             it is not, and what is registered is undone
//! ```
//!
//! A module registers while it starts, so that insmod does not return before `done` or `fail`, or a signal;
//! and it is insmod's task, the loader, that registers. A write returns when its command is executed: that of
//! `fail` when everything is undone. Then the loader waits until the device is closed by all. What nobody has
//! read when the module goes is written to the log.
//!
//! `pernet_puppet_c.ko` does the same in C. For pernet_puppet.sh and pernet_model.sh.

#![forbid(unsafe_code)]

#[path = "pernet_puppet/control.rs"]
mod control;
#[path = "pernet_puppet/device.rs"]
mod device;
#[path = "pernet_puppet/slots.rs"]
mod slots;
#[path = "pernet_puppet/trace.rs"]
mod trace;

use control::{
    Control,
    Plans,
    Request, //
};
use device::Handle;
use kernel::{
    miscdevice::{
        MiscDeviceOptions,
        MiscDeviceRegistration, //
    },
    new_mutex,
    prelude::*,
    sync::{
        Arc,
        Mutex, //
    }, //
};
use net::{
    namespace::Net,
    pernet::{self, *}, //
};
use slots::Names;
use trace::Trace;

pernet_module! {
    type: Puppet,
    name: "pernet_puppet",
    authors: ["rust-pernet contributors"],
    description: "Test module: registrations that are steered from user space",
    license: "GPL",
}

/// What hooks, open files and the loader share.
#[pin_data]
struct Shared {
    #[pin]
    control: Control,
    #[pin]
    plans: Plans,
    #[pin]
    trace: Trace,
    #[pin]
    names: Names,
    #[pin]
    device: Mutex<Option<Pin<KBox<MiscDeviceRegistration<Handle>>>>>,
}

impl Shared {
    fn new() -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            control <- Control::new(),
            plans <- Plans::new(),
            trace <- Trace::new()?,
            names <- Names::new()?,
            device <- new_mutex!(None),
        }? Error)
    }
}

struct Puppet {
    shared: Arc<Shared>,
}

impl pernet::Module for Puppet {
    fn init(_: &'static ThisModule) -> impl PinInit<Self, Error> {
        Ok(Self {
            shared: Arc::pin_init(Shared::new(), GFP_KERNEL)?,
        })
    }

    fn start(self: Pin<&Self>, registrar: &mut Registrar<'_, Self>) -> Result {
        registrar.register::<Strings>()?;
        let name = c"pernet_puppet";
        let device = MiscDeviceRegistration::register(MiscDeviceOptions { name });
        *self.shared.device.lock() = Some(KBox::pin_init(device, GFP_KERNEL)?);

        self.shared.control.serve(|request| match request {
            Request::Register(slot) => slots::register(registrar, slot),
            Request::Unregister(slot) => slots::unregister(registrar, slot),
        })
    }
}

impl Drop for Puppet {
    fn drop(&mut self) {
        // What was registered is undone.
        self.shared.control.end();
        // Nobody opens it any more.
        *self.shared.device.lock() = None;
        // An open file keeps a module from being unloaded, but not one that fails to load from being freed.
        self.shared.control.wait_until_closed();
        self.shared.trace.log();
    }
}

/// Leads to the state of the module from where nobody hands it over: the opening of a file, and the drop of a
/// value. It is registered first, and in the initial namespace, so that it is found as long as any slot is.
struct Strings(Arc<Shared>);

static STRINGS: Operations<Strings> = Operations::new();

#[vtable]
impl PerNet for Strings {
    type Module = Puppet;
    type Kind = Subsys;
    type After = ();
    const OPERATIONS: OperationsRef<Self> = OperationsRef::to(&STRINGS);

    fn init(puppet: Pin<&Puppet>, _: HookNet<'_, Self>) -> impl PinInit<Self, Error> {
        Ok::<_, Error>(Self(puppet.shared.clone()))
    }
}

impl Strings {
    /// Finds the state; `None` before the module has registered and after it has undone that.
    fn pull() -> Option<Arc<Shared>> {
        STRINGS.with(Net::init_ns(), |strings| strings.0.clone())
    }
}
