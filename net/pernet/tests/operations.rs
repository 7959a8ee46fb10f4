// SPDX-License-Identifier: GPL-2.0

//! KUnit tests of the library's own logic, on namespaces and registrations that the kernel knows nothing of.

#[cfg(CONFIG_DEBUG_FS)]
use super::super::shown::Shown;
use super::{
    super::{
        gate::Gate,
        registrar::Registrations,
        registration::Core,
        *, //
    },
    fake::{
        ops,
        pretend,
        Fake,
        FakeNet,
        FAKE,
        ID,
        LEN, //
    }, //
};
use crate::net::{
    namespace::Net,
    rcu, //
};
use core::{
    cell::{
        Cell,
        UnsafeCell, //
    },
    ptr, //
};
use kernel::{
    ffi::{
        c_int,
        c_uint, //
    },
    macros::kunit_tests,
    sync::atomic::{
        Atomic,
        Relaxed, //
    },
    types::Opaque, //
};

impl FakeNet {
    /// In a hook of `Nothing`, which looks at everything but the namespace's state.
    fn found<T: PerNet>(&self, operations: &'static Operations<T>) -> bool {
        // SAFETY: It has its cookie, is freed with `self`, and nobody else looks at it.
        let net = unsafe { HookNet::<Nothing>::from_raw(self.0) };
        net.get(operations).is_some()
    }

    /// Under RCU, which looks at the namespace's state first.
    fn found_outside<T: PerNet>(&self, operations: &'static Operations<T>) -> bool {
        rcu::read_lock(|rcu| operations.get_rcu(self.identity(), rcu).is_some())
    }
}

/// A list of namespaces by `exit_list`, as C passes to `exit_batch`.
fn batch<T: PerNet>(nets: &[FakeNet]) {
    let mut head = bindings::list_head::default();
    let mut last = &raw mut head;
    for net in nets {
        // SAFETY: All of these are there and ours.
        unsafe {
            let entry = &raw mut (*net.0).exit_list;
            (*last).next = entry;
            last = entry;
        }
    }
    // SAFETY: As above.
    unsafe { (*last).next = &raw mut head };
    if let Some(exit_batch) = ops::<T>().exit_batch {
        // SAFETY: Init has succeeded in all of them.
        unsafe { exit_batch(&raw mut head) };
    }
}

static DROPS: Atomic<u64> = Atomic::new(0);
/// The cookies that `exit_batch` was given, as decimal digits.
static BATCH: Atomic<u64> = Atomic::new(0);
static DROPS_AT_BATCH: Atomic<u64> = Atomic::new(0);

/// A part that counts its drops.
struct Part;

impl Drop for Part {
    fn drop(&mut self) {
        DROPS.add(1, Relaxed);
    }
}

/// Init fails if the cookie is 9, half-way.
#[pin_data]
struct Value {
    cookie: u64,
    _part: Part,
}

static VALUE: Operations<Value> = Operations::new();

#[vtable]
impl PerNet for Value {
    type Module = Fake;
    type Kind = Subsys;
    type After = ();
    const OPERATIONS: OperationsRef<Self> = OperationsRef::to(&VALUE);

    fn init(_: Pin<&Fake>, net: HookNet<'_, Self>) -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            _part: Part,
            cookie: if net.cookie() == 9 { Err(EIO)? } else { net.cookie() },
        }? Error)
    }
}

/// Dropped in exit_batch.
struct Batched(u64, Part);

static BATCHED: Operations<Batched> = Operations::new();

#[vtable]
impl PerNet for Batched {
    type Module = Fake;
    type Kind = Device;
    type After = Value;
    const OPERATIONS: OperationsRef<Self> = OperationsRef::to(&BATCHED);

    fn init(_: Pin<&Fake>, net: HookNet<'_, Self>) -> impl PinInit<Self, Error> {
        Ok(Self(net.cookie(), Part))
    }

    fn exit_batch(_: Pin<&Fake>, batch: Batch<'_, Self>) {
        let digits = |sum, (net, value): (HookNet<'_, Self>, Pin<&Self>)| {
            sum * 10 + if value.0 == net.cookie() { value.0 } else { 0 }
        };
        BATCH.store(batch.into_iter().fold(0, digits), Relaxed);
        DROPS_AT_BATCH.store(DROPS.load(Relaxed), Relaxed);
    }
}

/// Zeroes and not a single hook.
#[derive(Zeroable)]
#[allow(dead_code)]
struct Zeroes(u32);

static ZEROES: Operations<Zeroes> = Operations::zeroed();

#[vtable]
impl PerNet for Zeroes {
    type Module = Fake;
    type Kind = Subsys;
    type After = ();
    const OPERATIONS: OperationsRef<Self> = OperationsRef::to(&ZEROES);
}

/// Nothing at all.
#[derive(Zeroable)]
struct Nothing;

static NOTHING: Operations<Nothing> = Operations::zeroed();

#[vtable]
impl PerNet for Nothing {
    type Module = Fake;
    type Kind = Subsys;
    type After = ();
    const OPERATIONS: OperationsRef<Self> = OperationsRef::to(&NOTHING);
}

/// Registrations that the kernel knows nothing of: what was done, as decimal digits.
static DONE: Atomic<u64> = Atomic::new(0);

fn number(ops: *mut bindings::pernet_operations) -> u64 {
    let known = [&FIRST, &SECOND, &THIRD, &FOURTH];
    let is = |core: &&&Core| ptr::eq(core.ops.get(), ops);
    let at = known.iter().position(|core| is(&core)).unwrap_or(8);
    // A gate that is open while C is called is a lookup too early or too late.
    if known.get(at).is_some_and(|core| core.gate.is_open()) {
        9
    } else {
        at as u64 + 1
    }
}

unsafe extern "C" fn register(ops: *mut bindings::pernet_operations) -> c_int {
    DONE.store(DONE.load(Relaxed) * 10 + number(ops), Relaxed);
    if number(ops) == 3 {
        -(bindings::ENOSPC as c_int)
    } else {
        0
    }
}

unsafe extern "C" fn unregister(ops: *mut bindings::pernet_operations) {
    DONE.store(DONE.load(Relaxed) * 10 + number(ops), Relaxed);
}

const fn core() -> Core {
    Core {
        ops: Opaque::zeroed(),
        size: 0,
        register,
        unregister,
        id: UnsafeCell::new(0),
        module: Cell::new(ptr::null()),
        gate: Gate::closed(),
        name: core::any::type_name::<Fake>,
        after: <() as After<Fake>>::all,
        before: Cell::new(None),
        #[cfg(CONFIG_DEBUG_FS)]
        shown: Shown::new(false, false),
    }
}

static FIRST: Core = core();
static SECOND: Core = core();
/// This one is refused.
static THIRD: Core = core();
/// This one comes after the first.
static FOURTH: Core = Core {
    after: |is_so| is_so(&FIRST),
    ..core()
};

#[kunit_tests(rust_pernet)]
mod suite {
    use super::*;

    #[test]
    fn left_out_hooks_are_null() {
        let nothing = ops::<Nothing>();
        assert!(nothing.init.is_none() && nothing.exit.is_none() && nothing.exit_batch.is_none());
        assert!(nothing.pre_exit.is_none() && nothing.exit_rtnl.is_none());
        let value = ops::<Value>();
        assert!(value.init.is_some() && value.exit.is_some() && value.exit_batch.is_none());
        assert!(value.pre_exit.is_none() && value.exit_rtnl.is_none());
        let batched = ops::<Batched>();
        assert!(batched.exit.is_none() && batched.exit_batch.is_some());
        assert_eq!(NOTHING.core().size, 0);
        assert!(VALUE.core().size >= size_of::<Value>());
    }

    #[test]
    fn init_publishes_and_exit_hides() -> Result {
        pretend::<Value>();
        let net = FakeNet::new(5)?.with_slot::<Value>()?;
        VALUE.core().gate.open();
        let before = net.found(&VALUE);
        let errno = net.init::<Value>();
        let during = net.found(&VALUE);
        let cookie = rcu::read_lock(|rcu| Some(VALUE.get_rcu(net.identity(), rcu)?.cookie));
        DROPS.store(0, Relaxed);
        net.exit::<Value>();
        let after = net.found(&VALUE);
        VALUE.core().gate.close(VALUE.core().name);
        assert_eq!(errno, 0);
        assert_eq!((before, during, after), (false, true, false));
        assert_eq!(cookie, Some(5));
        assert_eq!(DROPS.load(Relaxed), 1);
        Ok(())
    }

    #[test]
    fn an_error_is_a_negative_errno() -> Result {
        pretend::<Value>();
        let net = FakeNet::new(9)?.with_slot::<Value>()?;
        DROPS.store(0, Relaxed);
        let errno = net.init::<Value>();
        VALUE.core().gate.open();
        let found = net.found(&VALUE);
        VALUE.core().gate.close(VALUE.core().name);
        assert_eq!(errno, -(bindings::EIO as c_int));
        assert!(!found);
        // What init had made before it failed.
        assert_eq!(DROPS.load(Relaxed), 1);
        Ok(())
    }

    #[test]
    fn zeroes_are_published() -> Result {
        pretend::<Zeroes>();
        let net = FakeNet::made::<Zeroes>(6)?;
        ZEROES.core().gate.open();
        let during = net.found(&ZEROES);
        net.exit::<Zeroes>();
        let after = net.found(&ZEROES);
        ZEROES.core().gate.close(ZEROES.core().name);
        assert_eq!((during, after), (true, false));
        Ok(())
    }

    #[test]
    fn what_is_not_there_is_not_found() -> Result {
        pretend::<Value>();
        let none = FakeNet::new(5)?;
        let net = FakeNet::made::<Value>(5)?;
        VALUE.core().gate.open();
        let found = net.found(&VALUE);
        let without_slot = none.found(&VALUE);
        net.set_len(ID as c_uint);
        let too_short = net.found(&VALUE);
        net.set_len(LEN);
        // The memory of another namespace's slot.
        // SAFETY: The structure is there and ours.
        unsafe { (*net.0).net_cookie = 4 };
        let of_another = net.found(&VALUE);
        VALUE.core().gate.close(VALUE.core().name);
        assert!(found);
        assert_eq!((without_slot, too_short, of_another), (false, false, false));
        Ok(())
    }

    #[test]
    fn phases() -> Result {
        pretend::<Value>();
        let net = FakeNet::made::<Value>(5)?;
        let phase = || (VALUE.phase(net.identity()), net.found_outside(&VALUE));
        let closed = phase();
        VALUE.core().gate.open();
        let live = phase();
        net.set_listed(false);
        let setup = phase();
        net.set_listed(true);
        net.set_count(0);
        let dying = phase();
        VALUE.core().gate.close(VALUE.core().name);
        assert_eq!(closed, (Phase::Unregistered, false));
        assert_eq!(live, (Phase::Live, true));
        assert_eq!(setup, (Phase::Setup, false));
        assert_eq!(dying, (Phase::Dying, false));
        Ok(())
    }

    #[test]
    fn a_batch_is_walked_in_order_and_dropped_after() -> Result {
        pretend::<Batched>();
        let nets = [
            FakeNet::made::<Batched>(1)?,
            FakeNet::made::<Batched>(2)?,
            FakeNet::made::<Batched>(3)?,
        ];
        DROPS.store(0, Relaxed);
        batch::<Batched>(&nets);
        assert_eq!(BATCH.load(Relaxed), 123);
        assert_eq!(DROPS_AT_BATCH.load(Relaxed), 0);
        assert_eq!(DROPS.load(Relaxed), 3);
        Ok(())
    }

    #[test]
    fn a_batch_may_be_empty() {
        pretend::<Batched>();
        DROPS.store(0, Relaxed);
        BATCH.store(7, Relaxed);
        batch::<Batched>(&[]);
        assert_eq!(BATCH.load(Relaxed), 0);
        assert_eq!(DROPS.load(Relaxed), 0);
    }

    #[test]
    fn registrations_are_undone_in_reverse() {
        let mut registrations = Registrations::new();
        DONE.store(0, Relaxed);
        // SAFETY: The functions that are called are those above, which run no hooks.
        let results = unsafe {
            [
                registrations.add(&FIRST, &FAKE),
                registrations.add(&SECOND, &FAKE),
                registrations.add(&FIRST, &FAKE),
                registrations.add(&THIRD, &FAKE),
            ]
        };
        assert_eq!(results, [Ok(()), Ok(()), Err(EEXIST), Err(ENOSPC)]);
        assert!(registrations.contains(&FIRST) && registrations.contains(&SECOND));
        assert!(!registrations.contains(&THIRD));
        assert!(FIRST.gate.is_open() && !THIRD.gate.is_open());
        registrations.undo();
        assert_eq!(DONE.load(Relaxed), 12321);
        assert!(!registrations.contains(&FIRST) && !FIRST.gate.is_open());
    }

    #[test]
    fn one_is_undone_before_the_others() {
        let mut registrations = Registrations::new();
        DONE.store(0, Relaxed);
        // SAFETY: As above.
        let results = unsafe {
            [
                registrations.add(&FIRST, &FAKE),
                registrations.add(&SECOND, &FAKE),
                registrations.add(&FOURTH, &FAKE),
                registrations.remove(&FIRST),
                registrations.remove(&THIRD),
                registrations.remove(&SECOND),
                registrations.remove(&SECOND),
                registrations.remove(&FOURTH),
                registrations.add(&SECOND, &FAKE),
                registrations.remove(&FIRST),
            ]
        };
        let (busy, gone) = (Err(EBUSY), Err(ENOENT));
        assert_eq!(results[..3], [Ok(()); 3]);
        assert_eq!(
            results[3..],
            [busy, gone, Ok(()), gone, Ok(()), Ok(()), Ok(())]
        );
        assert!(registrations.contains(&SECOND) && !registrations.contains(&FIRST));
        registrations.undo();
        assert_eq!(DONE.load(Relaxed), 12_424_212);
    }

    #[test]
    fn what_comes_after_is_known() {
        assert!(<() as After<Fake>>::all(&|_| false));
        assert!(!<Value as After<Fake>>::all(&|_| false));
        assert!(!<((), Value) as After<Fake>>::all(&|_| false));
        assert!(<(Value, Batched) as After<Fake>>::all(&|_| true));
        assert!(BATCHED.core().comes_after(VALUE.core()));
        assert!(!VALUE.core().comes_after(BATCHED.core()));
        assert!(<(Value, Batched) as After<Fake>>::HAS_DEVICE);
        assert!(!<(Value, Zeroes) as After<Fake>>::HAS_DEVICE);
    }

    #[test]
    fn a_count_that_has_overflowed_is_the_largest() -> Result {
        let net = FakeNet::new(7)?;
        net.set_count(3);
        assert_eq!(net.identity().refs(), 3);
        // `REFCOUNT_SATURATED`, and what it is after a `put_net()`.
        for count in [c_int::MIN / 2, c_int::MIN / 2 - 1] {
            net.set_count(count);
            assert_eq!(net.identity().refs(), u32::MAX);
            assert!(net.identity().is_counted());
        }
        Ok(())
    }

    #[test]
    fn the_initial_namespace_lives() {
        let net = Net::init_ns();
        assert!(net.is_init() && net.is_counted() && net.is_initialized() && !net.is_dying());
    }
}
