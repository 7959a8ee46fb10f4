// SPDX-License-Identifier: GPL-2.0

//! KUnit tests of lists of resources, with resources that tell what is done to them.

use super::{
    super::{
        super::resource::{
            sealed,
            Home, //
        },
        slot::Slot,
        with::With,
        *, //
    },
    fake::Fake, //
};
use core::{
    mem::{
        size_of,
        MaybeUninit, //
    },
    ptr, //
};
use kernel::{
    macros::kunit_tests,
    sync::atomic::{
        Atomic,
        Relaxed, //
    }, //
};

/// A value with a hook for none of the phases.
#[derive(Zeroable)]
struct Value([u32; 4]);

static VALUE: Operations<Value> = Operations::zeroed();

#[vtable]
impl PerNet for Value {
    type Module = Fake;
    type Kind = Subsys;
    type After = ();
    const OPERATIONS: OperationsRef<Self> = OperationsRef::to(&VALUE);
}

const PRE_EXIT: u32 = 1;
const EXIT_RTNL: u32 = 2;
const EXIT: u32 = 4;

/// What was done, as decimal digits.
static DONE: Atomic<u64> = Atomic::new(0);

fn note(digit: u32) {
    DONE.store(DONE.load(Relaxed) * 10 + u64::from(digit), Relaxed);
}

/// Returns what was done meanwhile.
fn done(what: impl FnOnce()) -> u64 {
    DONE.store(0, Relaxed);
    what();
    DONE.load(Relaxed)
}

/// A resource that goes in some phases, and cannot be made if `PHASES` has [`REFUSED`].
struct Told<const DIGIT: u32, const PHASES: u32>;

const REFUSED: u32 = 8;

impl<const DIGIT: u32, const PHASES: u32> sealed::Sealed for Told<DIGIT, PHASES> {}

impl<const DIGIT: u32, const PHASES: u32> Resource<Value> for Told<DIGIT, PHASES> {
    type State = u32;

    const HAS_PRE_EXIT: bool = PHASES & PRE_EXIT != 0;
    const HAS_EXIT_RTNL: bool = PHASES & EXIT_RTNL != 0;
    const HAS_EXIT: bool = PHASES & EXIT != 0;

    #[allow(private_interfaces)]
    unsafe fn make(_: Home<Value>, state: *mut u32) -> Result {
        note(DIGIT);
        if PHASES & REFUSED != 0 {
            return Err(ENOSPC);
        }
        // SAFETY: The memory is that of a state.
        unsafe { state.write(DIGIT) };
        Ok(())
    }

    #[allow(private_interfaces)]
    unsafe fn pre_exit(_: Home<Value>, state: *mut u32) {
        // SAFETY: `make()` has written it.
        note(unsafe { *state });
    }

    #[allow(private_interfaces)]
    unsafe fn exit_rtnl(_: Home<Value>, state: *mut u32, _: *mut bindings::list_head) {
        // SAFETY: `make()` has written it.
        note(unsafe { *state });
    }

    #[allow(private_interfaces)]
    unsafe fn exit(_: Home<Value>, state: *mut u32) {
        // SAFETY: `make()` has written it.
        note(unsafe { *state });
    }
}

type Nested = (Told<1, EXIT>, (Told<2, EXIT>, Told<3, EXIT>), Told<4, EXIT>);
type Refused = (
    Told<1, EXIT>,
    (Told<2, EXIT>, Told<3, EXIT>, Told<4, REFUSED>),
    Told<5, EXIT>,
);

/// A namespace that no resource here looks at.
fn home(value: &Value) -> Home<Value> {
    Home {
        net: ptr::null_mut(),
        value,
    }
}

#[kunit_tests(rust_pernet_resources)]
mod suite {
    use super::*;

    #[test]
    fn only_hooks_that_are_needed_are_there() {
        type Of<R> = With<Value, R>;
        assert!(Of::<()>::PRE_EXIT.is_none() && Of::<()>::EXIT_RTNL.is_none());
        assert_eq!(Of::<()>::SIZE, Slot::<Value>::SIZE);
        type Early = Told<1, PRE_EXIT>;
        assert!(Of::<Early>::PRE_EXIT.is_some() && Of::<Early>::EXIT_RTNL.is_none());
        type Device = Told<1, EXIT_RTNL>;
        assert!(Of::<Device>::PRE_EXIT.is_none() && Of::<Device>::EXIT_RTNL.is_some());
        type Both = (Told<1, PRE_EXIT>, Told<2, EXIT_RTNL>, Told<3, EXIT>);
        assert!(Of::<Both>::PRE_EXIT.is_some() && Of::<Both>::EXIT_RTNL.is_some());
        assert!(Of::<Both>::SIZE >= Slot::<Value>::SIZE + 3 * size_of::<u32>());
    }

    #[test]
    fn a_list_is_made_in_order_and_goes_in_reverse() {
        let (value, mut state) = (Value([0; 4]), MaybeUninit::uninit());
        let made = done(|| {
            // SAFETY: The state is ours, and these look at nothing else.
            assert!(unsafe { Nested::make(home(&value), state.as_mut_ptr()) }.is_ok());
        });
        assert_eq!(made, 1234);
        // SAFETY: They have been made.
        let gone = done(|| unsafe { Nested::exit(home(&value), state.as_mut_ptr()) });
        assert_eq!(gone, 4321);
    }

    #[test]
    fn what_cannot_be_made_takes_those_before_along() {
        let (value, mut state) = (Value([0; 4]), MaybeUninit::uninit());
        let mut errno = 0;
        let made = done(|| {
            // SAFETY: The state is ours, and these look at nothing else.
            let result = unsafe { Refused::make(home(&value), state.as_mut_ptr()) };
            errno = result.map_or_else(Error::to_errno, |()| 0);
        });
        assert_eq!(made, 1234321);
        assert_eq!(errno, ENOSPC.to_errno());
    }

    #[test]
    fn a_part_of_a_value_is_known() {
        let value = Value([0; 4]);
        let (home, other) = (home(&value), Value([0; 4]));
        assert!(home.holds(&value) && home.holds(&value.0[0]) && home.holds(&value.0[3]));
        assert!(!home.holds(&other) && !home.holds(&other.0[0]) && !home.holds(&0_u64));
        // What begins within it may end behind it.
        // SAFETY: Nothing of it is read.
        assert!(!home.holds(unsafe { &*value.0[3..].as_ptr().cast::<[MaybeUninit<u8>; 5]>() }));
        assert!(!home.holds(&[value.0, other.0]));
    }
}
