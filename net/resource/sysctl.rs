// SPDX-License-Identifier: GPL-2.0

//! Values in `/proc/sys/net`.
//!
//! C header: [`include/linux/sysctl.h`](srctree/include/linux/sysctl.h)

use super::{
    super::{
        bindings,
        names::are_same,
        pernet::{
            PerNet, //
        }, //
    },
    sealed::Sealed,
    Home,
    Resource, //
};
use core::{
    cell::UnsafeCell,
    mem::size_of,
    ops::RangeInclusive,
    ptr, //
};
use kernel::{
    ffi::{
        c_int,
        c_void, //
    },
    prelude::*,
    str::CStrExt, //
};

/// A number that users may read and write, and so may the module: like `READ_ONCE()` and `WRITE_ONCE()`.
#[repr(transparent)]
pub struct Int(UnsafeCell<c_int>);

// SAFETY: Whoever reads or writes it does so at once, with no part of it left out.
unsafe impl Sync for Int {}

impl Int {
    /// Makes one with a value to start with.
    pub const fn new(value: c_int) -> Self {
        Self(UnsafeCell::new(value))
    }

    /// Returns the value. Any context.
    #[inline(always)]
    pub fn load(&self) -> c_int {
        // SAFETY: The address is valid; the read is volatile, as that of `READ_ONCE()` is.
        unsafe { self.0.get().read_volatile() }
    }

    /// Sets the value, whatever its bounds are for users. Any context.
    #[inline(always)]
    pub fn store(&self, value: c_int) {
        // SAFETY: The address is valid; the write is volatile, as that of `WRITE_ONCE()` is.
        unsafe { self.0.get().write_volatile(value) };
    }
}

/// The same for what is 0 or 1.
#[repr(transparent)]
pub struct Bool(UnsafeCell<u8>);

// SAFETY: As for `Int`.
unsafe impl Sync for Bool {}

impl Bool {
    /// Makes one with a value to start with.
    pub const fn new(value: bool) -> Self {
        Self(UnsafeCell::new(value as u8))
    }

    /// Returns the value. Any context.
    #[inline(always)]
    pub fn load(&self) -> bool {
        // SAFETY: As in `Int::load()`.
        unsafe { self.0.get().read_volatile() != 0 }
    }

    /// Sets the value. Any context.
    #[inline(always)]
    pub fn store(&self, value: bool) {
        // SAFETY: As in `Int::store()`.
        unsafe { self.0.get().write_volatile(value.into()) };
    }
}

/// Where an [`Entry`] finds its value.
enum Field<T> {
    Int(fn(&T) -> &Int),
    Bool(fn(&T) -> &Bool),
}

/// One value of a table: its name, the field that it is, and what it may be.
pub struct Entry<T> {
    name: &'static CStr,
    field: Field<T>,
    mode: bindings::umode_t,
    // C is given their addresses.
    min: c_int,
    max: c_int,
}

impl<T> Entry<T> {
    /// A number within bounds. Users get `EINVAL` for others.
    pub const fn int(
        name: &'static CStr,
        field: fn(&T) -> &Int,
        bounds: RangeInclusive<c_int>,
    ) -> Self {
        Self {
            name,
            field: Field::Int(field),
            mode: 0o644,
            min: *bounds.start(),
            max: *bounds.end(),
        }
    }

    /// 0 or 1. Users get `EINVAL` for others.
    pub const fn bool(name: &'static CStr, field: fn(&T) -> &Bool) -> Self {
        Self {
            name,
            field: Field::Bool(field),
            mode: 0o644,
            min: 0,
            max: 1,
        }
    }

    /// A number that users may read only.
    pub const fn int_read_only(name: &'static CStr, field: fn(&T) -> &Int) -> Self {
        Self {
            mode: 0o444,
            ..Self::int(name, field, c_int::MIN..=c_int::MAX)
        }
    }

    /// 0 or 1, which users may read only.
    pub const fn bool_read_only(name: &'static CStr, field: fn(&T) -> &Bool) -> Self {
        Self {
            mode: 0o444,
            ..Self::bool(name, field)
        }
    }
}

/// What is in a [`Table`].
///
/// # Examples
///
/// ```
/// # use kernel::{net::{pernet::*, resource::sysctl::{self, Entry}}, prelude::*};
/// # struct Counters { enabled: sysctl::Bool, limit: sysctl::Int }
/// # kernel::pernet_doctest!(
/// #     Counters: Subsys = COUNTERS,
/// #     Counters { enabled: sysctl::Bool::new(true), limit: sysctl::Int::new(10) }
/// # );
/// # static COUNTERS: Operations<Counters> = Operations::new_with::<sysctl::Table>();
/// impl sysctl::Values for Counters {
///     const PATH: &'static CStr = c"net/counters";
///     const ENTRIES: &'static [Entry<Self>] = &[
///         Entry::bool(c"enabled", |counters| &counters.enabled),
///         Entry::int(c"limit", |counters| &counters.limit, 0..=100),
///     ];
/// }
/// # drop(load()?);
/// # Ok::<(), Error>(())
/// ```
pub trait Values<const N: usize = 0>: PerNet {
    /// The folder below `/proc/sys`: `net/NAME`.
    const PATH: &'static CStr;

    /// Its files, each of which is a field of the value.
    const ENTRIES: &'static [Entry<Self>];
}

/// A folder of values in `/proc/sys/net`.
///
/// Root of the namespace may write them.
///
/// # Errors
///
/// The namespace fails to be made with `EINVAL` if a field is not within the value, and with `ENOMEM`, also if there is a
/// file of one of the names in that folder: then C forgets what else was in it, so it is to be a folder of its own.
//
// `unregister_net_sysctl_table()` waits for callbacks, and lets nobody begin one: who has the file open gets an error.
// Then nobody has the value.
pub enum Table<const N: usize = 0> {}

impl<const N: usize> Sealed for Table<N> {}

/// Returns whether it is the path of a folder in `net`.
const fn is_below_net(path: &CStr) -> bool {
    let bytes = path.to_bytes();
    let net = b"net/";
    let mut i = 0;
    while i < bytes.len() {
        if i < net.len() && bytes[i] != net[i]
            || i >= net.len() && bytes[i] == b'/' && bytes[i - 1] == b'/'
        {
            return false;
        }
        i += 1;
    }
    i > net.len()
}

/// Returns whether no two entries have the same name.
const fn differ<T>(entries: &[Entry<T>]) -> bool {
    let mut i = 0;
    while i < entries.len() {
        let mut j = 0;
        while j < i {
            if are_same(entries[i].name.to_bytes(), entries[j].name.to_bytes()) {
                return false;
            }
            j += 1;
        }
        i += 1;
    }
    true
}

/// A table that is registered.
#[doc(hidden)]
pub struct Registered {
    header: *mut bindings::ctl_table_header,
    // What C looks at.
    _table: KVec<bindings::ctl_table>,
}

impl<T: Values<N>, const N: usize> Resource<T> for Table<N> {
    type State = Registered;

    #[allow(private_interfaces)]
    unsafe fn make(home: Home<T>, state: *mut Self::State) -> Result {
        const {
            assert!(is_below_net(T::PATH), "a path of net/ and a name");
            assert!(differ(T::ENTRIES), "each entry has a name of its own");
        }
        let entries: &'static [Entry<T>] = T::ENTRIES;
        let mut table = KVec::with_capacity(entries.len(), GFP_KERNEL)?;
        for entry in entries {
            // SAFETY: What is made of it is not used when `exit()` has returned.
            let value = unsafe { home.value() };
            // Not `push()`, which may panic as far as the compiler sees.
            table
                .push_within_capacity(entry.to_c(home, value)?)
                .map_err(|_| ENOMEM)?;
        }
        // SAFETY: The namespace is in a hook, after the sysctls' own init and before their exit. The table stays where
        // it is until it is unregistered, and so does what it points to: the entries are static, and the fields are
        // parts of the value.
        let header = unsafe {
            bindings::register_net_sysctl_sz(
                home.net,
                T::PATH.as_char_ptr(),
                // Linux 7.2 asks for more than it needs.
                table.as_ptr().cast_mut(),
                table.len(),
            )
        };
        if header.is_null() {
            return Err(ENOMEM);
        }
        // SAFETY: The caller gives us the memory.
        unsafe {
            state.write(Registered {
                header,
                _table: table,
            })
        };
        Ok(())
    }

    #[allow(private_interfaces)]
    unsafe fn exit(_home: Home<T>, state: *mut Self::State) {
        // SAFETY: `make()` has registered the table and written the state; it is dropped when C does not look at it any more.
        unsafe {
            bindings::unregister_net_sysctl_table((*state).header);
            ptr::drop_in_place(state);
        }
    }
}

impl<T> Entry<T> {
    /// Returns what C is told of it.
    fn to_c(&'static self, home: Home<T>, value: &T) -> Result<bindings::ctl_table> {
        let (data, size, handler): (*mut c_void, usize, bindings::proc_handler) = match self.field {
            Field::Int(field) => {
                let int = field(value);
                if !home.holds(int) {
                    return Err(EINVAL);
                }
                (
                    int.0.get().cast(),
                    size_of::<Int>(),
                    Some(bindings::proc_dointvec_minmax),
                )
            }
            Field::Bool(field) => {
                let bool = field(value);
                if !home.holds(bool) {
                    return Err(EINVAL);
                }
                (
                    bool.0.get().cast(),
                    size_of::<Bool>(),
                    Some(bindings::proc_dou8vec_minmax),
                )
            }
        };
        Ok(bindings::ctl_table {
            procname: self.name.as_char_ptr(),
            data,
            // CAST: One or four.
            maxlen: size as c_int,
            mode: self.mode,
            proc_handler: handler,
            extra1: (&raw const self.min).cast_mut().cast(),
            extra2: (&raw const self.max).cast_mut().cast(),
            ..pin_init::zeroed()
        })
    }
}
