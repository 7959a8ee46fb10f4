// SPDX-License-Identifier: GPL-2.0

//! Counters that CPUs do not share.
//!
//! C header: [`include/linux/percpu.h`](srctree/include/linux/percpu.h)

use super::super::bindings;
use core::{
    mem::{
        align_of,
        size_of, //
    },
    ptr::NonNull, //
};
use kernel::prelude::*;

/// `N` counters of 64 bits, which each CPU has for itself.
///
/// Counting is an addition to memory that no other CPU writes, without a lock; reading adds them all up. A counter
/// wraps around.
///
/// # Examples
///
/// ```
/// # use kernel::{net::resource::percpu, prelude::*};
/// struct Traffic {
///     counters: percpu::Counters<2>,
/// }
///
/// let traffic = Traffic { counters: percpu::Counters::new()? };
///
/// // In the way of a packet of 60 bytes:
/// traffic.counters.add(0, 1);
/// traffic.counters.add(1, 60);
/// # assert_eq!(traffic.counters.sum(0), 1);
/// # Ok::<(), Error>(())
/// ```
///
/// # Invariants
///
/// `start` is a per-cpu pointer to `N` counters that this value owns.
pub struct Counters<const N: usize> {
    start: NonNull<u64>,
}

// SAFETY: They may be used from any task, and freed by any.
unsafe impl<const N: usize> Send for Counters<N> {}

// SAFETY: Each CPU writes its own, and what others read of them is 64 bits, or a value that is out of date.
unsafe impl<const N: usize> Sync for Counters<N> {}

impl<const N: usize> Counters<N> {
    /// Makes counters, all zero. May sleep.
    ///
    /// The memory is charged to the memory cgroup of whoever makes the namespace.
    ///
    /// # Errors
    ///
    /// `ENOMEM`.
    pub fn new() -> Result<Self> {
        const { assert!(N > 0 && N <= 1024, "1 to 1024 counters") };
        // SAFETY: The size is neither zero nor more than a unit of per-cpu memory, and the alignment is a power of
        // two.
        let start = unsafe {
            bindings::alloc_percpu_gfp(
                N * size_of::<u64>(),
                align_of::<u64>(),
                bindings::GFP_KERNEL_ACCOUNT,
            )
        };
        // INVARIANT: The memory is ours, and zeroed.
        Ok(Self {
            start: NonNull::new(start.cast()).ok_or(ENOMEM)?,
        })
    }

    /// Adds to one of them on this CPU. A number that is none of them is left alone.
    ///
    /// C: `this_cpu_add()`. Any context but NMI.
    #[inline(always)]
    pub fn add(&self, number: usize, amount: u64) {
        if number < N {
            // SAFETY: By the type invariant it is a counter of each CPU, of this one, too. A per-cpu pointer is not the
            // address of an object.
            unsafe { bindings::this_cpu_add_u64(self.start.as_ptr().wrapping_add(number), amount) };
        }
    }

    /// Returns the sum of all CPUs; zero for a number that is none of them. Any context.
    ///
    /// What is added meanwhile is in it or not. On a machine of 32 bits a part of it may be missing, too.
    pub fn sum(&self, number: usize) -> u64 {
        if number >= N {
            return 0;
        }
        // SAFETY: As in `add()`.
        unsafe { bindings::per_cpu_sum_u64(self.start.as_ptr().wrapping_add(number)) }
    }
}

impl<const N: usize> Drop for Counters<N> {
    fn drop(&mut self) {
        // SAFETY: By the type invariant we own the memory, and nobody borrows it any more.
        unsafe { bindings::free_percpu(self.start.as_ptr().cast()) };
    }
}
