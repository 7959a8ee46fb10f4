// SPDX-License-Identifier: GPL-2.0

//! What a module has registered, to be read in debugfs.
//!
//! C header: [`include/linux/debugfs.h`](srctree/include/linux/debugfs.h)
//!
//! `/sys/kernel/debug/pernet/MODULE/` has a file while the module is loaded, or always if it is
//! built in, see `Documentation/introspection.rst`. A module has no part in it.
//!
//! They are made when the module cannot fail to load any more, and removed before anything is
//! unregistered: what they show does not change in between, but for numbers. So who reads takes no
//! lock that a hook is called with, and can read while a teardown hangs.

use super::{
    super::bindings,
    operations::Core,
    shown::{
        show_registrations,
        Table, //
    }, //
};
use core::ptr::{
    self,
    NonNull, //
};
use kernel::{
    error::from_err_ptr,
    ffi::{
        c_int,
        c_void, //
    },
    prelude::*,
    types::Opaque, //
};

/// One file.
struct File {
    name: &'static CStr,
    mode: u16,
    show: fn(&'static Core, Table<'_>),
}

const COUNT: usize = 1;

// A kernel that is locked down lets files be read that nobody may write.
static FILES: [File; COUNT] = [
    File {
        name: c"registrations",
        mode: 0o444,
        show: show_registrations,
    },
];

/// What an inode leads to.
struct Entry {
    file: &'static File,
    last: &'static Core,
}

/// Returns what is done with a file. Who has one open has a reference on `owner`, and so on these, which
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

/// The same for what is built in, whose files may be open for longer than they are there.
const BUILT_IN: &bindings::file_operations = &operations(ptr::null_mut());

/// The files of a module, while it is loaded.
///
/// # Invariants
///
/// `dir` is that of the module, or there is none. If there is, `entries` is set, and so is `operations` if
/// the module is not built in; they do not change before all files have been removed.
pub(super) struct Files {
    dir: Option<NonNull<bindings::dentry>>,
    // Opaque, since who reads has them, too.
    entries: Opaque<[Option<Entry>; COUNT]>,
    operations: Opaque<bindings::file_operations>,
}

impl Files {
    pub(super) const fn new() -> Self {
        // INVARIANT: There is none.
        Self {
            dir: None,
            entries: Opaque::new([const { None }; COUNT]),
            operations: Opaque::new(pin_init::zeroed()),
        }
    }

    /// Makes the files, if there is anything to show. It is no error if that fails. What is built in has no
    /// `struct module`, and `name` for that of its directory.
    ///
    /// # Safety
    ///
    /// - `self` stays where it is until [`Self::remove()`] has returned, and so does what `last`
    ///   leads to;
    /// - `module` is this module, and does not fail to load any more.
    pub(super) unsafe fn make(
        &mut self,
        last: Option<&'static Core>,
        module: &'static ThisModule,
        name: &'static CStr,
    ) {
        let Some(last) = last else { return };
        if self.dir.is_some() {
            return;
        }
        // SAFETY: There is no file, so that nobody else has these.
        unsafe { *self.entries.get() = FILES.each_ref().map(|file| Some(Entry { file, last })) };
        let this = module.as_ptr();
        let (name, operations) = if this.is_null() {
            (name.as_char_ptr(), ptr::from_ref(BUILT_IN))
        } else {
            // SAFETY: As above.
            unsafe { *self.operations.get() = operations(this) };
            // SAFETY: A module that does not go has its name, which is a string that ends.
            let name = unsafe { &raw const (*this).name };
            (name.cast(), self.operations.get().cast_const())
        };
        let Some(parent) = parent(c"pernet") else {
            return;
        };
        // SAFETY: The name is a string, and the parent a directory that stays.
        self.dir = valid(unsafe { bindings::debugfs_create_dir(name, parent.as_ptr()) });
        // SAFETY: `parent()` has got a reference.
        unsafe { bindings::dput(parent.as_ptr()) };
        // INVARIANT: It is that of the module, if it has been made.
        let Some(dir) = self.dir else { return };
        for (index, file) in FILES.iter().enumerate() {
            // SAFETY: The entries and the operations stay as long as the files: `self` stays where it is until
            // `remove()`, and `BUILT_IN` is a static. The functions of the operations are for entries.
            unsafe {
                bindings::debugfs_create_file_full(
                    file.name.as_char_ptr(),
                    file.mode,
                    dir.as_ptr(),
                    self.entries.get().cast::<Option<Entry>>().add(index).cast(),
                    ptr::null(),
                    operations,
                )
            };
        }
    }

    /// Removes the files, and waits for who reads.
    pub(super) fn remove(&mut self) {
        if let Some(dir) = self.dir.take() {
            // SAFETY: By the type invariant it is ours.
            unsafe { bindings::debugfs_remove(dir.as_ptr()) };
        }
    }
}

/// Returns what debugfs has returned, unless that is an error.
fn valid(dentry: *mut bindings::dentry) -> Option<NonNull<bindings::dentry>> {
    NonNull::new(from_err_ptr(dentry).ok()?)
}

/// Returns the directory of all modules, with a reference.
///
/// Whoever needs it first makes it, and nobody removes it: in the kernel tree it would be made at
/// boot. One that is not ours is left alone, since who has made it may remove it, and what is in it.
///
/// It may sleep.
pub(super) fn parent(name: &CStr) -> Option<NonNull<bindings::dentry>> {
    // Where the inodes of other directories have null. It is the same in all modules, and nobody else has a pointer
    // to the second byte of a namespace.
    let ours = (&raw const bindings::init_net)
        .cast_mut()
        .wrapping_byte_add(1)
        .cast::<c_void>();
    let mark = |dir: NonNull<bindings::dentry>| {
        // SAFETY: A dentry that somebody has a reference on keeps its inode, and so does one of ours, which nobody
        // removes.
        unsafe { &raw mut (*(*dir.as_ptr()).d_inode).i_private }
    };
    let name = name.as_char_ptr();
    // SAFETY: The name is a string; without a parent it is in the root of debugfs, which is mounted since the
    // kernel has made its own directories there.
    let found = || NonNull::new(unsafe { bindings::debugfs_lookup(name, ptr::null_mut()) });
    let dir = found().or_else(|| {
        // Another module may be as quick: then this fails, and it is there.
        // SAFETY: As above.
        if let Some(made) = valid(unsafe { bindings::debugfs_create_dir(name, ptr::null_mut()) }) {
            // SAFETY: We have made it, and what is in its inode; others look, but do not write.
            unsafe { mark(made).write_volatile(ours) };
        }
        found()
    })?;
    for _ in 0..10 {
        // SAFETY: We have a reference. Who has just made it may be writing this, a word.
        let found = unsafe { mark(dir).read_volatile() };
        if found == ours {
            return Some(dir);
        }
        if !found.is_null() {
            break;
        }
        // SAFETY: The caller may sleep.
        unsafe { bindings::msleep(1) };
    }
    // SAFETY: `debugfs_lookup()` has got a reference.
    unsafe { bindings::dput(dir.as_ptr()) };
    None
}

/// # Safety
///
/// `inode` is one of a file that [`Files::make()`] has made, and `file` is being opened.
unsafe extern "C" fn open(inode: *mut bindings::inode, file: *mut bindings::file) -> c_int {
    // SAFETY: debugfs keeps the file from being removed while it is opened, and its inode has what it was made with.
    unsafe { bindings::single_open(file, Some(show), (*inode).i_private) }
}

/// Returns what a file leads to.
///
/// # Safety
///
/// `seq` is one of [`open()`], and debugfs keeps the file from being removed during `'a`.
unsafe fn entry<'a>(seq: *mut bindings::seq_file) -> Option<&'a Entry> {
    // SAFETY: `single_open()` has put there what the file was made with: one of `Files::entries`.
    unsafe { (*(*seq).private.cast::<Option<Entry>>()).as_ref() }
}

/// # Safety
///
/// `seq` is one of [`open()`], locked, and debugfs keeps the file from being removed before this
/// returns.
unsafe extern "C" fn show(seq: *mut bindings::seq_file, _data: *mut c_void) -> c_int {
    // SAFETY: `single_open()` has set `seq` up, and `seq_read()` holds its lock.
    let (entry, table) = unsafe { (entry(seq), Table::new(seq)) };
    if let Some(entry) = entry {
        (entry.file.show)(entry.last, table);
    }
    0
}
