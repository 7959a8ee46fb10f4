// SPDX-License-Identifier: GPL-2.0

//! What is told of a module's registrations.
//!
//! Nothing is counted while all goes well: a read scans the list of namespaces for those that have a value, and an
//! init that fails is noted when it does.

use super::{
    super::{
        bindings,
        namespace::{
            Identity,
            Namespaces, //
        },
        rcu, //
    },
    operations::Core,
    slot::Slot,
    Kind,
    PerNet, //
};
use core::marker::PhantomData;
use kernel::{
    ffi::c_int,
    prelude::*,
    sync::atomic::{
        Atomic,
        Relaxed, //
    }, //
};

/// What is shown of one registration, beside what [`Core`] has.
pub(super) struct Shown {
    // Whether it has a value to be found.
    pub(super) has_value: bool,
    is_device: bool,
    refusals: Atomic<u64>,
    // The cookie of the namespace, and the errno in the lower bits: one word, so that they belong
    // together.
    last: Atomic<u64>,
}

/// No errno needs more, see `MAX_ERRNO`; and no kernel makes so many namespaces that a cookie needs
/// the rest.
const ERRNO_BITS: u32 = 12;

impl Shown {
    pub(super) const fn of<T: PerNet>() -> Self {
        Self {
            has_value: Slot::<T>::SIZE > 0,
            is_device: <T::Kind as Kind>::IS_DEVICE,
            refusals: Atomic::new(0),
            last: Atomic::new(0),
        }
    }

    /// Takes note of an init that has failed.
    #[cold]
    #[inline(never)]
    pub(super) fn refused(&self, net: &Identity, error: Error) {
        let errno = u64::from(error.to_errno().unsigned_abs());
        self.last.store(net.cookie() << ERRNO_BITS | errno, Relaxed);
        self.refusals.fetch_add(1, Relaxed);
    }

    /// Returns the error of the last init that has failed, and the cookie of the namespace.
    fn last_refusal(&self) -> Option<(i64, i64)> {
        // CAST: It is a cookie and an errno, and neither of them has all bits.
        match self.last.load(Relaxed) as i64 {
            0 => None,
            last => {
                let (net, errno) = (last >> ERRNO_BITS, last & ((1 << ERRNO_BITS) - 1));
                Some((errno.wrapping_neg(), net))
            }
        }
    }
}

/// Calls `tell` with each registration of a module and its number, in the order of the kernel's
/// list, in which the inits of a new namespace run: all subsystems come before all devices.
#[inline(never)]
fn for_each(last: &'static Core, tell: &dyn Fn(i64, &'static Core)) {
    for is_device in [false, true] {
        let mut order = 1;
        while let Some(core) = nth(last, order) {
            if core.shown().is_device == is_device {
                tell(order, core);
            }
            order = order.wrapping_add(1);
        }
    }
}

/// Returns the one with this number, from the last.
#[inline(never)]
fn nth(last: &'static Core, order: i64) -> Option<&'static Core> {
    // They are linked from the last to the first: one walks ahead, and when it has left that many
    // behind, another follows.
    let (mut ahead, mut left) = (Some(last), order);
    let mut core = last;
    while let Some(next) = ahead {
        ahead = next.before();
        left = left.wrapping_sub(1);
        if left < 0 {
            core = core.before()?;
        }
    }
    (left <= 0).then_some(core)
}

/// A file that is being read.
///
/// # Invariants
///
/// It is open, and nobody else uses it during `'a`.
#[derive(Clone, Copy)]
pub(super) struct Table<'a>(*mut bindings::seq_file, PhantomData<&'a ()>);

// By C's functions, since Rust's would be more text than all the rest of a small module.
//
// CAST: No number here needs more than an `i64`.
impl Table<'_> {
    /// # Safety
    ///
    /// `file` is open, and nobody else uses it during the life of the result.
    pub(super) unsafe fn new(file: *mut bindings::seq_file) -> Self {
        // INVARIANT: `seq_read()` holds the lock of the file while it is shown.
        Self(file, PhantomData)
    }

    /// Writes the first line.
    fn head(self, columns: &CStr) {
        // SAFETY: By the type invariant; the argument is that of the format.
        unsafe { bindings::seq_printf(self.0, c"%s".as_char_ptr(), columns.as_char_ptr()) };
    }

    /// Writes a word at the left of its column.
    #[inline(never)]
    fn word(self, width: c_int, word: &CStr) {
        // SAFETY: By the type invariant; the arguments are those of the format.
        unsafe { bindings::seq_printf(self.0, c"%-*s ".as_char_ptr(), width, word.as_char_ptr()) };
    }

    /// Writes a number at the right of its column, or a dash where there is none.
    #[inline(never)]
    fn number(self, width: c_int, number: Option<i64>) {
        // SAFETY: By the type invariant; the arguments are those of the formats.
        unsafe {
            match number {
                Some(number) => {
                    bindings::seq_printf(self.0, c"%*lld ".as_char_ptr(), width, number)
                }
                None => {
                    bindings::seq_printf(self.0, c"%*s ".as_char_ptr(), width, c"-".as_char_ptr())
                }
            }
        };
    }

    /// Ends the line with the name of a type, which may have blanks.
    #[inline(never)]
    fn end(self, core: &Core) {
        let name = core.name();
        // By no format: one takes no more than 32767 bytes.
        // SAFETY: By the type invariant; so many bytes are there.
        unsafe {
            bindings::seq_write(self.0, name.as_ptr().cast(), name.len());
            bindings::seq_putc(self.0, b'\n');
        }
    }
}

/// Returns in how many of the listed namespaces a type is.
fn namespaces(core: &Core) -> i64 {
    rcu::read_lock(|rcu| {
        let mut number = 0i64;
        for net in Namespaces::iter_rcu(rcu) {
            if core.is_in(net, rcu) {
                number = number.wrapping_add(1);
            }
        }
        number
    })
}

/// Shows a line for each registration.
pub(super) fn show_registrations(last: &'static Core, table: Table<'_>) {
    table.head(c"order kind     id  size   nets refusals error      net type\n");
    for_each(last, &|order, core| {
        let shown = core.shown();
        let refusal = shown.last_refusal();
        table.number(5, Some(order));
        table.word(
            6,
            if shown.is_device {
                c"device"
            } else {
                c"subsys"
            },
        );
        table.number(4, core.shown_id().map(i64::from));
        table.number(5, Some(core.size() as i64));
        table.number(6, Some(namespaces(core)));
        table.number(8, Some(shown.refusals.load(Relaxed) as i64));
        table.number(5, refusal.map(|(error, _)| error));
        table.number(8, refusal.map(|(_, net)| net));
        table.end(core);
    });
}

#[cfg(CONFIG_RUST_PERNET_KUNIT_TEST)]
#[kernel::macros::kunit_tests(rust_pernet_shown)]
mod tests {
    use super::{
        super::{
            operations::fake::{
                Fake,
                FakeNet, //
            },
            *, //
        },
        *,
    };
    use core::{
        cell::Cell,
        ptr, //
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

    /// Returns what is told after an init has failed with this error, in a namespace with this cookie.
    fn told_of(cookie: u64, error: Error) -> Result<(i64, Option<(i64, i64)>)> {
        let net = FakeNet::new(cookie)?;
        let shown = Shown::of::<OfSubsys>();
        shown.refused(net.identity(), EIO);
        shown.refused(net.identity(), error);
        let refusals = shown.refusals.load(Relaxed) as i64;
        Ok((refusals, shown.last_refusal()))
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
        let shown = Shown::of::<OfSubsys>();
        assert_eq!(shown.refusals.load(Relaxed), 0);
        assert_eq!(shown.last_refusal(), None);
    }
}
