// SPDX-License-Identifier: GPL-2.0

//! Where the value of a namespace lives.
//!
//! `ops_init()` allocates `pernet_operations::size` zeroed bytes for each namespace before it calls the
//! init hook, keeps the address in an array of the namespace, and frees it when the exit hooks of *all*
//! operations have run. It leaves the address in the array then.
//!
//! C header: [`include/net/netns/generic.h`](srctree/include/net/netns/generic.h)

use super::{
    super::{
        atomic,
        bindings,
        namespace::Identity, //
    },
    registration::Core, //
};
use core::{
    cell::UnsafeCell,
    mem::{
        size_of,
        MaybeUninit, //
    },
    ptr, //
};
use kernel::{
    ffi::c_uint,
    prelude::*,
    sync::atomic::Atomic, //
};

/// What `net_generic()` returns for a type that has a size: its value, and whether it is there.
///
/// # Invariants
///
/// If `owner` is the cookie of a namespace, then `value` is its value. It is zero before init has
/// succeeded and from the last hook on.
//
// The cookie, and not a constant, since C publishes the address of this memory by a plain store: a CPU that
// learns the address early may see what the memory held before, and that may be another slot. Lookups in namespaces
// that were there when `T` was registered are ordered by the gate. Those in later ones may learn it early: a work item or a
// packet that is in the namespace while it is set up sees it on the list, and nothing orders that on a machine that does
// not show stores in order. No cookie is zero.
#[repr(C)]
pub(super) struct Slot<T> {
    owner: Atomic<u64>,
    value: UnsafeCell<MaybeUninit<T>>,
}

impl<T> Slot<T> {
    /// The bytes that C allocates for each namespace; none for a type without a size.
    ///
    /// `kzalloc()` aligns to the largest power of two that divides the size, and the size of a Rust type
    /// is a multiple of its alignment.
    pub(super) const SIZE: usize = if size_of::<T>() > 0 {
        size_of::<Self>()
    } else {
        0
    };
}

/// Returns where an array of slots has the one with this id.
///
/// # Safety
///
/// `generic` is the array of a namespace, and longer than `id`.
#[inline(always)]
pub(super) unsafe fn element<T>(
    generic: *mut bindings::net_generic,
    id: c_uint,
) -> *mut *mut Slot<T> {
    // CAST: `ptr` is at the start of `struct net_generic`, as `helpers.c` asserts; a `c_uint` is not wider
    // than a `usize`.
    // SAFETY: The array is longer than `id`.
    unsafe { generic.cast::<*mut Slot<T>>().add(id as usize) }
}

/// The slot of `T` in a namespace that is in a hook. It is the same for all hooks of a namespace.
///
/// # Invariants
///
/// The task is in a hook for `net`, which has a slot of `T`. `owner` and `value` are the two parts of that;
/// if `T` has no size, `owner` is null and `value` dangles.
pub(super) struct HookSlot<T> {
    net: *mut bindings::net,
    owner: *const Atomic<u64>,
    value: *mut T,
}

impl<T> HookSlot<T> {
    /// # Safety
    ///
    /// `core` is that of `T`'s operations. During the life of the result the task is in a hook for `net`: of these, or of others that
    /// were registered after them and are undone before. So `ops_init()` has assigned `T`'s slot in `net`,
    /// and it is not freed.
    #[inline(always)]
    pub(super) unsafe fn new(core: &Core, net: *mut bindings::net) -> Self {
        if Slot::<T>::SIZE == 0 {
            // INVARIANT: The caller is in a hook.
            return Self {
                net,
                owner: ptr::null(),
                value: ptr::dangling_mut(),
            };
        }
        // SAFETY:
        // - who is in that hook may read the id;
        // - in a hook `pernet_ops_rwsem` is held, which is what `net_assign_generic()` relies on to read
        //   `gen` without RCU. It has made the array longer than the id before the init hook, and nobody
        //   shortens it;
        // - `ops_init()` has put the slot there.
        unsafe {
            let slot = *element::<T>((*net).gen, core.id());
            // INVARIANT: This is what `net_generic()` does, and the caller is in a hook.
            Self {
                net,
                owner: &raw const (*slot).owner,
                value: (&raw mut (*slot).value).cast(),
            }
        }
    }

    /// Returns the address of the value.
    #[inline(always)]
    pub(super) fn as_ptr(&self) -> *mut T {
        self.value
    }

    /// Returns the value.
    ///
    /// # Safety
    ///
    /// Init has succeeded for the namespace, and the result is not used after the value is dropped.
    #[inline(always)]
    pub(super) unsafe fn value<'a>(&self) -> Pin<&'a T> {
        // SAFETY: Init has made a value at this address, or the type is `Zeroable` and the memory is
        // zeroed. It stays there until it is dropped; only shared references to it are given away until
        // then.
        unsafe { Pin::new_unchecked(&*self.value) }
    }

    /// Lets lookups find the value.
    ///
    /// # Safety
    ///
    /// The value has been made.
    #[inline(always)]
    pub(super) unsafe fn publish(&self) {
        if Slot::<T>::SIZE > 0 {
            // SAFETY: By the type invariants the slot is allocated and the namespace is in a hook.
            let (owner, net) = unsafe { (&*self.owner, Identity::from_raw(self.net)) };
            // INVARIANT: Init has made the value, or zeroes are one.
            atomic::store_release(owner, net.cookie());
        }
    }

    /// Hides the value from the hooks that follow, and drops it.
    ///
    /// # Safety
    ///
    /// This is the last hook of `T` for the namespace, init has succeeded for it, and nobody uses a reference
    /// to the value any more.
    #[inline(always)]
    pub(super) unsafe fn drop_value(&self) {
        if Slot::<T>::SIZE > 0 {
            // SAFETY: By the type invariants the slot is allocated.
            atomic::write(unsafe { &*self.owner }, 0);
        }
        // SAFETY: Init has made the value. Lookups have ended with the grace period before the exit hooks, or see the gate
        // closed, and `T` has no hook after this one. It is dropped in place.
        unsafe { ptr::drop_in_place(self.value) };
    }
}

/// Returns the value of `T` in a namespace that has one.
///
/// # Safety
///
/// - `core` is that of `T`'s operations, its gate has been seen open, and `T` has a size;
/// - the array of the slots is kept, as for [`find()`];
/// - `T`'s init has succeeded for the namespace, and that happened before; the value is dropped after `'a`.
#[inline(always)]
unsafe fn get<'a, T>(core: &Core, net: &Identity) -> Pin<&'a T> {
    // SAFETY: Seeing the gate open is seeing the id, and who is in here keeps it from being given back.
    let id = unsafe { core.id() };
    // SAFETY: The structure is there by the invariant of `Identity`. `net_assign_generic()` may replace the
    // array by a longer copy, which it does with `rcu_assign_pointer()`; the read is that of
    // `rcu_dereference()`.
    let generic = unsafe { (&raw const (*net.as_ptr()).gen).read_volatile() };
    // SAFETY: The array is kept. The slot was put into it before init was called, so that every array that
    // can be seen after that has it. As `net_generic()` does, this reads what does not change any more.
    let slot = unsafe { *element::<T>(generic, id) };
    // SAFETY: Init has made the value in the slot; it is pinned, only shared references to it are given away, and it is not
    // dropped during `'a`.
    unsafe { Pin::new_unchecked(&*(*slot).value.get().cast::<T>()) }
}

/// Returns the value of `T` in a namespace that has been set up, if that is seen.
///
/// `setup_net()` puts the namespace on the list by a plain store, after `down_write()`. That keeps the compiler's order, but
/// a machine may show the store to another CPU before those of the init hooks, and then the slot has to be looked at as
/// [`find()`] does.
///
/// # Safety
///
/// - as for [`find()`];
/// - `T`'s init has succeeded for the namespace before that was put on the list or the gate was opened, and this task has
///   seen both.
#[inline(always)]
pub(super) unsafe fn of_set_up<'a, T>(core: &Core, net: &Identity) -> Option<Pin<&'a T>> {
    if atomic::STORES_ARE_SEEN_IN_ORDER {
        // SAFETY: What keeps the array and the value is the same for both functions. The list entry was stored after what
        // init had stored, the compiler has kept that order, and a task that has seen the one sees the other. The gate
        // is opened with Release.
        return Some(unsafe { get(core, net) });
    }
    // SAFETY: By this function's safety requirements, of which the first are those of `find()`.
    unsafe { find(core, net) }
}

/// Finds the slot of a type in a namespace, if its value is there.
///
/// # Safety
///
/// - `core` is that of the type's operations, its gate has been seen open, and the type has a size. `T` is that type, or
///   `()` if nobody looks at the value;
/// - either the task has held the RCU read side lock since before the gate was seen open, or
///   [`Pass`](super::gate::Pass) keeps the registration and it holds that lock now, or `pernet_ops_rwsem`
///   is held: what frees the array of the slots waits for one of these;
/// - if the namespace's slot is freed or the value dropped, then only after `'a`. The slot of a namespace
///   that has not been set up is freed without a grace period.
#[inline(always)]
unsafe fn published<'a, T>(core: &Core, net: &Identity) -> Option<&'a Slot<T>> {
    // SAFETY: Seeing the gate open is seeing the id, and who is in here keeps it from being given back.
    let id = unsafe { core.id() };
    // SAFETY: The structure is there by the invariant of `Identity`. `net_assign_generic()` may replace the
    // array, which it does with `rcu_assign_pointer()`; the read is that of `rcu_dereference()`.
    let generic = unsafe { (&raw const (*net.as_ptr()).gen).read_volatile() };
    // CAST: `s.len` is at the start of `struct net_generic`, as `helpers.c` asserts.
    // SAFETY: `kfree_rcu()` or `net_free()` frees the array when the task is through, and `len` is constant.
    if id >= unsafe { *generic.cast::<c_uint>() } {
        return None;
    }
    // SAFETY: The array is kept and is longer than `id`. `net_assign_generic()` may write the element; the
    // read is volatile, as that of `rcu_dereference()`.
    let slot = unsafe { element::<T>(generic, id).read_volatile() };
    // SAFETY: It is null, or a slot of `T`, since the id is that of `T`'s operations; and `ops_free_list()` frees the slot
    // after `'a`.
    let slot = unsafe { slot.as_ref() }?;
    (atomic::load_acquire(&slot.owner) == net.cookie()).then_some(slot)
}

/// Returns whether the value is there of the type that `core` is of.
///
/// # Safety
///
/// As for [`published()`], whose `'a` is this call.
#[cfg(CONFIG_DEBUG_FS)]
pub(super) unsafe fn is_there(core: &Core, net: &Identity) -> bool {
    // SAFETY: The gate and the array are those of the type, whose value is not read here: the owner is at the start of
    // every slot.
    unsafe { published::<()>(core, net) }.is_some()
}

/// Finds the value of `T` in a namespace, if it is there.
///
/// # Safety
///
/// As for [`published()`].
#[inline(always)]
pub(super) unsafe fn find<'a, T>(core: &Core, net: &Identity) -> Option<Pin<&'a T>> {
    // SAFETY: `core` is that of `T`'s operations, and what keeps the array and the slot is the same for both functions.
    let slot = unsafe { published::<T>(core, net) }?;
    // SAFETY: By the invariant of `Slot` the value is there; it is pinned, only shared references to it are
    // given away, and what drops it waits for `'a`.
    Some(unsafe { Pin::new_unchecked(&*slot.value.get().cast::<T>()) })
}
