// SPDX-License-Identifier: GPL-2.0

//! What a module has registered, as a file in debugfs.
//!
//! C headers: [`include/linux/debugfs.h`](srctree/include/linux/debugfs.h),
//! [`include/linux/seq_file.h`](srctree/include/linux/seq_file.h)
//!
//! `/sys/kernel/debug/pernet-MODULE` exists while the module is loaded, or always if it is built in, see
//! `Documentation/introspection.rst`. The module takes no part in it.
//!
//! The file is created when the module cannot fail to load any more, and removed before anything is
//! unregistered: what it shows does not change in between, except for numbers. So a reader takes no lock that a
//! hook is called with, and can read while a teardown hangs.
//
// `kernel::debugfs` cannot be used in a module: its `file_operations` are in the module's memory and have no
// `owner`. So `rmmod` succeeds while a file is open, and `full_proxy_release()` reads the operations when the
// file is closed, which is a page fault in Linux 7.3.4. Here `owner` is set, and `open()` gets a reference on the module.

use super::{
    super::{
        bindings,
        namespace::{
            Namespaces,
            UncountedNet, //
        },
        rcu::{
            self,
            ReadLock, //
        }, //
    },
    registration::Core,
    slot, //
};
use core::{
    marker::PhantomData,
    ptr, //
};
use kernel::{
    ffi::{
        c_int,
        c_void, //
    },
    prelude::*,
    types::Opaque, //
};

/// Returns what is done with the file. A task that has it open has a reference on `owner`, and so on these, which
/// are needed to close it.
const fn operations(owner: *mut bindings::module) -> bindings::file_operations {
    bindings::file_operations {
        owner,
        open: Some(open),
        read: Some(bindings::seq_read),
        llseek: Some(bindings::seq_lseek),
        release: Some(bindings::single_release),
        ..pin_init::zeroed()
    }
}

/// The same for what is built in, whose file may be open for longer than it exists.
const BUILT_IN: &bindings::file_operations = &operations(ptr::null_mut());

/// The file of a module, while it is loaded.
///
/// # Invariants
///
/// `dentry` is that of the file, or null or an error if there is none. While there is one `operations` does not change.
pub(super) struct File {
    dentry: *mut bindings::dentry,
    // Opaque, since C reads it while the file is open.
    operations: Opaque<bindings::file_operations>,
}

impl File {
    pub(super) const fn new() -> Self {
        // INVARIANT: There is none.
        Self {
            dentry: ptr::null_mut(),
            operations: Opaque::new(pin_init::zeroed()),
        }
    }

    /// Creates the file, if there is anything to show. It is no error if that fails.
    ///
    /// # Safety
    ///
    /// - this is called once. `self` stays where it is until [`Self::remove()`] has returned and no task has the file
    ///   open, and what `last` leads to stays registered until then;
    /// - `module` is this module, and does not fail to load any more.
    pub(super) unsafe fn create(
        &mut self,
        last: Option<&'static Core>,
        module: &'static ThisModule,
        name: &CStr,
    ) {
        let Some(last) = last else { return };
        let operations = if module.as_ptr().is_null() {
            ptr::from_ref(BUILT_IN)
        } else {
            // SAFETY: There is no file yet, so that C does not read it.
            unsafe { *self.operations.get() = operations(module.as_ptr()) };
            self.operations.get().cast_const()
        };
        let mut path = [0u8; 80];
        // SAFETY: C writes no more than `path` has, and a zero at the end; the argument is that of the format. The data and
        // the operations stay as long as the file, and `open()` is for such data.
        // INVARIANT: It is that of the file, if it has been created.
        unsafe {
            bindings::snprintf(
                path.as_mut_ptr().cast(),
                path.len(),
                c"pernet-%s".as_char_ptr(),
                name.as_char_ptr(),
            );
            self.dentry = bindings::debugfs_create_file_full(
                path.as_ptr().cast(),
                0o444,
                ptr::null_mut(),
                ptr::from_ref(last).cast_mut().cast(),
                ptr::null(),
                operations,
            );
        }
    }

    /// Removes the file, and waits for readers.
    pub(super) fn remove(&mut self) {
        // SAFETY: By the type invariant it is ours, or null or an error, which C ignores.
        unsafe { bindings::debugfs_remove(self.dentry) };
        // INVARIANT: There is none any more.
        self.dentry = ptr::null_mut();
    }
}

/// # Safety
///
/// `inode` is that of a [`File`], which `file` is being opened for.
unsafe extern "C" fn open(inode: *mut bindings::inode, file: *mut bindings::file) -> c_int {
    // SAFETY: debugfs keeps the file from being removed while it is opened, and its inode has what it was made with.
    unsafe { bindings::single_open(file, Some(show), (*inode).i_private) }
}

/// # Safety
///
/// `seq` is one of [`open()`], locked, and debugfs keeps the file from being removed before this
/// returns.
unsafe extern "C" fn show(seq: *mut bindings::seq_file, _data: *mut c_void) -> c_int {
    // SAFETY: `single_open()` has put there what the file was created with, which is in a static; `seq_read()` holds the lock
    // of `seq`.
    let (last, table) = unsafe { (&*(*seq).private.cast::<Core>(), Table::new(seq)) };
    show_registrations(last, table);
    0
}

/// Shows a line for each registration.
fn show_registrations(last: &'static Core, table: Table<'_>) {
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
        table.number(8, Some(shown.refusals() as i64));
        table.number(5, refusal.map(|(error, _)| error));
        table.number(8, refusal.map(|(_, net)| net));
        table.end(core);
    });
}

/// Calls `tell` with each registration of a module and its number, in the order of the kernel's
/// list, in which the inits of a new namespace run: all subsystems come before all devices.
#[inline(never)]
pub(super) fn for_each(last: &'static Core, tell: &dyn Fn(i64, &'static Core)) {
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
pub(super) fn nth(last: &'static Core, order: i64) -> Option<&'static Core> {
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

/// Returns in how many of the listed namespaces a type is.
fn namespaces(core: &Core) -> i64 {
    rcu::read_lock(|rcu| {
        let mut number = 0i64;
        for net in Namespaces::iter_rcu(rcu) {
            if is_in(core, net, rcu) {
                number = number.wrapping_add(1);
            }
        }
        number
    })
}

/// Returns whether a type is in a namespace: has its value there, if it has values.
fn is_in(core: &Core, net: UncountedNet<'_>, _rcu: ReadLock<'_>) -> bool {
    if !core.gate().is_open() || !net.is_initialized() {
        return false;
    }
    // SAFETY: The gate is seen open, in an RCU read-side critical section. The slots of a namespace that has been
    // set up are freed after a grace period.
    !core.shown().has_value || unsafe { slot::is_there(core, &net) }
}

/// The file while it is read.
///
/// # Invariants
///
/// It is open, and no other task uses it during `'a`.
#[derive(Clone, Copy)]
struct Table<'a>(*mut bindings::seq_file, PhantomData<&'a ()>);

// By C's functions, since Rust's would be more text than all the rest of a small module.
//
// CAST: No number here needs more than an `i64`.
impl Table<'_> {
    /// # Safety
    ///
    /// `file` is open, and no other task uses it during the life of the result.
    unsafe fn new(file: *mut bindings::seq_file) -> Self {
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
