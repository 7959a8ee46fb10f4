// SPDX-License-Identifier: GPL-2.0

//! Files in `/proc/net`.
//!
//! C header: [`include/linux/proc_fs.h`](srctree/include/linux/proc_fs.h)

use super::{
    super::{
        bindings,
        namespace::Net,
        pernet::{
            PerNet, //
        }, //
    },
    sealed::Sealed,
    Home,
    Resource, //
};
use kernel::{
    ffi::{
        c_int,
        c_void, //
    },
    prelude::*,
    seq_file::SeqFile,
    str::CStrExt, //
};

/// What a [`File`] shows.
///
/// # Examples
///
/// ```
/// # use kernel::{
/// #     net::{namespace::Net, pernet::*, resource::proc},
/// #     prelude::*,
/// #     seq_file::SeqFile,
/// #     seq_print,
/// #     sync::atomic::{Atomic, Relaxed},
/// # };
/// # struct Counters { hits: Atomic<u64> }
/// # kernel::pernet_doctest!(Counters: Subsys = COUNTERS, Counters { hits: Atomic::new(0) });
/// # static COUNTERS: Operations<Counters> = Operations::new_with::<proc::File>();
/// impl proc::Show for Counters {
///     const NAME: &'static CStr = c"counters";
///
///     fn show(self: Pin<&Self>, _: &Net, file: &SeqFile) -> Result {
///         seq_print!(file, "{}\n", self.hits.load(Relaxed));
///         Ok(())
///     }
/// }
/// # drop(load()?);
/// # Ok::<(), Error>(())
/// ```
pub trait Show<const N: usize = 0>: PerNet {
    /// The name of the file in `/proc/net`. It is an error in the kernel's log if there is one of that name.
    const NAME: &'static CStr;

    /// Writes what is to be read.
    ///
    /// Process context, may sleep. It is called again with more room if it has written more than there was.
    ///
    /// # Errors
    ///
    /// An error goes to who reads.
    fn show(self: Pin<&Self>, net: &Net, file: &SeqFile) -> Result;
}

/// A file in `/proc/net` that everybody may read.
///
/// Whoever has it open holds a reference on the namespace: it does not die before the file is closed. When the module
/// goes while the file is open, reading fails from then on.
///
/// # Errors
///
/// The namespace fails to be made with `ENOMEM`, also if the name is taken.
//
// `proc_reg_open()` counts on the entry and `single_open_net()` on the namespace; `remove_proc_entry()` waits for
// callbacks, closes the files that are open, and lets nobody open one: then nobody has the value.
pub enum File<const N: usize = 0> {}

impl<const N: usize> Sealed for File<N> {}

/// Returns whether it is the name of a file in the folder itself.
const fn is_plain(name: &CStr) -> bool {
    let bytes = name.to_bytes();
    if bytes.is_empty() {
        return false;
    }
    let mut i = 0;
    while i < bytes.len() {
        if bytes[i] == b'/' {
            return false;
        }
        i += 1;
    }
    let is_folder = bytes[0] == b'.' && (i == 1 || i == 2 && bytes[1] == b'.');
    i < 256 && !is_folder
}

impl<T: Show<N>, const N: usize> Resource<T> for File<N> {
    type State = ();

    #[allow(private_interfaces)]
    unsafe fn make(home: Home<T>, _state: *mut Self::State) -> Result {
        const {
            assert!(
                is_plain(T::NAME),
                "a name of 1 to 255 bytes without a slash, and not . or .."
            )
        };
        // SAFETY: The namespace is in a hook, after proc's own init and before its exit, so that it has its folder.
        // `show` may be called with the value until `exit()` has returned.
        let entry = unsafe {
            bindings::proc_create_net_single(
                T::NAME.as_char_ptr(),
                0o444,
                (*home.net).proc_net,
                Some(show::<T, N>),
                home.value.cast_mut().cast(),
            )
        };
        if entry.is_null() {
            return Err(ENOMEM);
        }
        Ok(())
    }

    #[allow(private_interfaces)]
    unsafe fn exit(home: Home<T>, _state: *mut Self::State) {
        // SAFETY: `make()` has created the file, and it is removed once. Its directory stays until proc's own exit.
        unsafe { bindings::remove_proc_entry(T::NAME.as_char_ptr(), (*home.net).proc_net) };
    }
}

/// # Safety
///
/// `seq` is a file of `single_open_net()`, open, of an entry that [`File<N>`] has made for a value of `T`, and that
/// is not removed before this returns.
unsafe extern "C" fn show<T: Show<N>, const N: usize>(
    seq: *mut bindings::seq_file,
    _data: *mut c_void,
) -> c_int {
    // SAFETY:
    // - `proc_get_inode()` has put there what the entry was made with, which is the value: it stays until the entry
    //   is removed, and is pinned;
    // - `single_open_net()` has put the namespace there, and holds a reference on it. Who opened the file had it
    //   from a process in the namespace, so that `setup_net()` has completed;
    // - `seq_read()` holds the lock of the file.
    let (value, net, file) = unsafe {
        let inode = (*(*seq).file).f_inode;
        (
            Pin::new_unchecked(&*(*inode).i_private.cast::<T>()),
            Net::from_raw((*seq).private.cast()),
            SeqFile::from_raw(seq),
        )
    };
    match T::show(value, net, file) {
        Ok(()) => 0,
        Err(error) => error.to_errno(),
    }
}
