// SPDX-License-Identifier: GPL-2.0

//! Takes the device `doomed0` of every network namespace that goes, and has no data and no other hook.
//!
//! For pernet_kill_list.sh.

#![forbid(unsafe_code)]

use kernel::prelude::*;
use net::pernet::{self, *};

pernet_module! {
    type: Module,
    name: "pernet_reap",
    authors: ["rust-pernet contributors"],
    description: "Test module: deletes devices in exit_rtnl",
    license: "GPL",
}

struct Module;

impl pernet::Module for Module {
    fn init(_: &'static ThisModule) -> impl PinInit<Self, Error> {
        Ok(Self)
    }

    fn start(self: Pin<&Self>, registrar: &mut Registrar<'_, Self>) -> Result {
        registrar.register::<Reap>()?;
        // The kernel would link the same list entry twice.
        assert_errno("second registration", registrar.register::<Reap>(), EEXIST);
        Ok(())
    }
}

fn assert_errno(what: &str, result: Result, expected: Error) {
    match result {
        Err(error) if error == expected => pr_info!("{what} refused\n"),
        other => pr_err!("{what}: {other:?}, not {expected:?}\n"),
    }
}

#[derive(Zeroable)]
struct Reap;

static REAP: Operations<Reap> = Operations::zeroed();

#[vtable]
impl PerNet for Reap {
    type Module = Module;
    type Kind = Device;
    type After = ();
    const OPERATIONS: OperationsRef<Self> = OperationsRef::to(&REAP);

    fn exit_rtnl(
        self: Pin<&Self>,
        _: Pin<&Module>,
        net: HookNet<'_, Self>,
        kill: &mut DevKillList<'_>,
    ) {
        if kill.dellink(c"doomed0").is_ok() {
            pr_info!("doomed0 queued net={net}\n");
            assert_errno("second time", kill.dellink(c"doomed0"), EBUSY);
            // Linux 7.2 has no name for it. CAST: It is small.
            let refused = Error::from_errno(-(kernel::bindings::EOPNOTSUPP as i32));
            assert_errno("lo", kill.dellink(c"lo"), refused);
            assert_errno("nothing", kill.dellink(c"nothing0"), ENODEV);
        }
    }
}
