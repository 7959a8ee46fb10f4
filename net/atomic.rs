// SPDX-License-Identifier: GPL-2.0

//! Loads and stores of a `u64`, as the kernel crate's, but inline.
//!
//! Those of the kernel crate are calls of C functions, since C has them as macros and inline functions. A
//! hook or a lookup is so short that a call costs more than all the rest. So here is what the macros of
//! [`arch/x86/include/asm/barrier.h`](srctree/arch/x86/include/asm/barrier.h) become: a plain `mov` has Acquire and
//! Release ordering if the compiler keeps the order. Other architectures call the kernel crate's, and
//! read-modify-write operations are the kernel crate's everywhere.

use kernel::sync::atomic::Atomic;

#[cfg(not(target_arch = "x86_64"))]
use kernel::sync::atomic::{
    Acquire,
    Relaxed,
    Release, //
};

/// Whether whoever sees a store of another CPU by a volatile read sees what that CPU has stored before it, if the
/// compiler has kept the order, by volatile reads that come later and what depends on them.
pub(super) const STORES_ARE_SEEN_IN_ORDER: bool = cfg!(target_arch = "x86_64");

/// Keeps the compiler from moving accesses to memory across it, as C's `barrier()` does.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn barrier() {
    // SAFETY: It has no instruction, and may be thought to read and write any memory.
    unsafe { core::arch::asm!("", options(nostack, preserves_flags)) };
}

/// `READ_ONCE()`.
#[inline(always)]
pub(super) fn read(word: &Atomic<u64>) -> u64 {
    #[cfg(target_arch = "x86_64")]
    {
        // SAFETY: The pointer is valid and aligned. A volatile access of a machine word is a single one, as
        // that of `READ_ONCE()`, and may race with other such ones and with atomic operations.
        unsafe { word.as_ptr().read_volatile() }
    }
    #[cfg(not(target_arch = "x86_64"))]
    word.load(Relaxed)
}

/// `smp_load_acquire()`.
#[inline(always)]
pub(super) fn load_acquire(word: &Atomic<u64>) -> u64 {
    #[cfg(target_arch = "x86_64")]
    {
        let value = read(word);
        barrier();
        value
    }
    #[cfg(not(target_arch = "x86_64"))]
    word.load(Acquire)
}

/// `WRITE_ONCE()`.
#[inline(always)]
pub(super) fn write(word: &Atomic<u64>, value: u64) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: As in `read()`.
    unsafe {
        word.as_ptr().write_volatile(value)
    };
    #[cfg(not(target_arch = "x86_64"))]
    word.store(value, Relaxed);
}

/// `smp_store_release()`.
#[inline(always)]
pub(super) fn store_release(word: &Atomic<u64>, value: u64) {
    #[cfg(target_arch = "x86_64")]
    {
        barrier();
        write(word, value);
    }
    #[cfg(not(target_arch = "x86_64"))]
    word.store(value, Release);
}
