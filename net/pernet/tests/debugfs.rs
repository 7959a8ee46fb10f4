// SPDX-License-Identifier: GPL-2.0

//! KUnit tests of what debugfs shows.

use super::{
    super::{
        debugfs::{
            for_each,
            nth, //
        },
        registration::Core,
        shown::{
            Shown,
            ERRNO_BITS, //
        },
        *, //
    },
    fake::{
        Fake,
        FakeNet, //
    }, //
};
use core::{
    cell::Cell,
    ptr, //
};
use kernel::{
    ffi::c_int,
    macros::kunit_tests, //
};

#[derive(Zeroable)]
struct OfDevice;

#[vtable]
impl PerNet for OfDevice {
    type Module = Fake;
    type Kind = Device;
    type After = ();
    const OPERATIONS: OperationsRef<Self> = OperationsRef::to(&FIRST);
}

#[derive(Zeroable)]
struct OfSubsys;

#[vtable]
impl PerNet for OfSubsys {
    type Module = Fake;
    type Kind = Subsys;
    type After = ();
    const OPERATIONS: OperationsRef<Self> = OperationsRef::to(&SECOND);
}

static FIRST: Operations<OfDevice> = Operations::zeroed();
static SECOND: Operations<OfSubsys> = Operations::zeroed();
static THIRD: Operations<OfDevice> = Operations::zeroed();
static FOURTH: Operations<OfSubsys> = Operations::zeroed();

/// Links these as registering them does.
fn linked() -> [&'static Core; 4] {
    let all = [FIRST.core(), SECOND.core(), THIRD.core(), FOURTH.core()];
    let mut before = None;
    for core in all {
        core.set_before(before);
        before = Some(core);
    }
    all
}

fn is(found: Option<&'static Core>, core: &'static Core) -> bool {
    found.is_some_and(|found| ptr::eq(found, core))
}

/// Returns what debugfs shows after an init has failed with this error, in a namespace with this cookie.
fn told_of(cookie: u64, error: Error) -> Result<(i64, Option<(i64, i64)>)> {
    let net = FakeNet::new(cookie)?;
    let shown = Shown::new(false, true);
    shown.refused(net.identity(), EIO);
    shown.refused(net.identity(), error);
    let refusals = shown.refusals() as i64;
    Ok((refusals, shown.last_refusal()))
}

#[kunit_tests(rust_pernet_debugfs)]
mod suite {
    use super::*;

    #[test]
    fn each_has_its_number_from_the_first() {
        let [first, second, third, fourth] = linked();
        assert!(is(nth(fourth, 1), first) && is(nth(fourth, 2), second));
        assert!(is(nth(fourth, 3), third) && is(nth(fourth, 4), fourth));
        assert!(is(nth(first, 1), first));
    }

    #[test]
    fn there_are_no_more() {
        let [first, .., fourth] = linked();
        assert!(nth(fourth, 5).is_none() && nth(fourth, 6).is_none());
        assert!(nth(fourth, 0).is_none() && nth(fourth, -1).is_none());
        assert!(nth(first, 2).is_none());
    }

    #[test]
    fn subsystems_come_before_devices() {
        let [first, second, third, fourth] = linked();
        // The numbers as decimal digits.
        let told = |last| {
            let digits = Cell::new(0);
            for_each(last, &|order, core| {
                let known = is(nth(last, order), core);
                digits.set(digits.get() * 10 + if known { order } else { 0 });
            });
            digits.get()
        };
        assert_eq!(told(fourth), 2413);
        assert_eq!(told(third), 213);
        assert_eq!(told(second), 21);
        assert_eq!(told(first), 1);
    }

    #[test]
    fn an_errno_and_a_cookie_fit_in_a_word() -> Result {
        // No errno is larger, and no cookie that is told.
        const ERRNO: i64 = bindings::MAX_ERRNO as i64;
        const COOKIE: i64 = i64::MAX >> ERRNO_BITS;
        let largest = Error::from_errno(-ERRNO as c_int);
        assert_eq!(told_of(7, ENOSPC)?, (2, Some((-28, 7))));
        assert_eq!(told_of(7, largest)?, (2, Some((-ERRNO, 7))));
        assert_eq!(told_of(COOKIE as u64, EPERM)?, (2, Some((-1, COOKIE))));
        assert_eq!(
            told_of(COOKIE as u64, largest)?,
            (2, Some((-ERRNO, COOKIE)))
        );
        Ok(())
    }

    #[test]
    fn without_a_refusal_there_is_no_error() {
        let shown = Shown::new(false, true);
        assert_eq!(shown.refusals(), 0);
        assert_eq!(shown.last_refusal(), None);
    }
}
