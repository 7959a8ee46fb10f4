// SPDX-License-Identifier: GPL-2.0

//! Netfilter hooks.
//!
//! C header: [`include/linux/netfilter.h`](srctree/include/linux/netfilter.h)

use super::{
    super::{
        bindings,
        namespace::UncountedNet,
        pernet::{
            PerNet, //
        }, //
    },
    sealed::Sealed,
    Home,
    Resource, //
};
use core::{
    marker::PhantomData,
    ptr, //
};
use kernel::{
    error::to_result,
    ffi::{
        c_uint,
        c_void, //
    },
    fmt,
    prelude::*, //
};

/// The protocol family of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Family {
    /// IPv4.
    Ipv4 = bindings::NFPROTO_IPV4 as u8,
    /// IPv6.
    Ipv6 = bindings::NFPROTO_IPV6 as u8,
}

impl Family {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Ipv4, Self::Ipv6];
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ipv4 => "ipv4",
            Self::Ipv6 => "ipv6",
        })
    }
}

/// Where on its way a packet is seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Stage {
    /// It has arrived.
    PreRouting = bindings::nf_inet_hooks_NF_INET_PRE_ROUTING as u8,
    /// It is for this namespace.
    LocalIn = bindings::nf_inet_hooks_NF_INET_LOCAL_IN as u8,
    /// It is for another.
    Forward = bindings::nf_inet_hooks_NF_INET_FORWARD as u8,
    /// It comes from this namespace.
    LocalOut = bindings::nf_inet_hooks_NF_INET_LOCAL_OUT as u8,
    /// It is about to leave.
    PostRouting = bindings::nf_inet_hooks_NF_INET_POST_ROUTING as u8,
}

impl Stage {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::PreRouting,
        Self::LocalIn,
        Self::Forward,
        Self::LocalOut,
        Self::PostRouting,
    ];
}

impl fmt::Display for Stage {
    /// As `nft` calls them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::PreRouting => "prerouting",
            Self::LocalIn => "input",
            Self::Forward => "forward",
            Self::LocalOut => "output",
            Self::PostRouting => "postrouting",
        })
    }
}

/// Where a hook sits.
#[derive(Clone, Copy, Debug)]
pub struct Point {
    /// Which packets it sees.
    pub family: Family,
    /// Where it sees them.
    pub stage: Stage,
    /// Those of one point are called in ascending order.
    pub priority: i32,
}

impl Point {
    /// Every stage of both families.
    pub const fn everywhere(priority: i32) -> [Self; 10] {
        let mut points = [Self {
            family: Family::Ipv4,
            stage: Stage::PreRouting,
            priority,
        }; 10];
        let mut i = 0;
        while i < points.len() {
            points[i].family = Family::ALL[i / Stage::ALL.len()];
            points[i].stage = Stage::ALL[i % Stage::ALL.len()];
            i += 1;
        }
        points
    }
}

/// What becomes of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Verdict {
    /// It is freed.
    Drop = bindings::NF_DROP,
    /// It goes on its way.
    Accept = bindings::NF_ACCEPT,
}

/// A packet in a hook.
///
/// # Invariants
///
/// During `'p` the task is in a netfilter hook that was called with `skb` and `state`, and holds the RCU read side lock.
pub struct Packet<'p> {
    skb: *mut bindings::sk_buff,
    state: *const bindings::nf_hook_state,
    _hook: PhantomData<&'p ()>,
}

impl<'p> Packet<'p> {
    /// Returns the bytes from the header of the network layer on.
    #[inline(always)]
    #[allow(clippy::len_without_is_empty)]
    pub fn len(&self) -> u32 {
        // SAFETY: By the type invariants the packet is there.
        unsafe { (*self.skb).len }
    }

    /// Returns the protocol family.
    #[inline(always)]
    pub fn family(&self) -> Family {
        // SAFETY: By the type invariants the state is there.
        match u32::from(unsafe { (*self.state).pf }) {
            bindings::NFPROTO_IPV6 => Family::Ipv6,
            _ => Family::Ipv4,
        }
    }

    /// Returns where it is.
    #[inline(always)]
    pub fn stage(&self) -> Stage {
        // SAFETY: By the type invariants the state is there.
        match u32::from(unsafe { (*self.state).hook }) {
            bindings::nf_inet_hooks_NF_INET_PRE_ROUTING => Stage::PreRouting,
            bindings::nf_inet_hooks_NF_INET_LOCAL_IN => Stage::LocalIn,
            bindings::nf_inet_hooks_NF_INET_FORWARD => Stage::Forward,
            bindings::nf_inet_hooks_NF_INET_LOCAL_OUT => Stage::LocalOut,
            _ => Stage::PostRouting,
        }
    }

    /// Returns the namespace. It may be dying.
    #[inline]
    pub fn net(&self) -> UncountedNet<'p> {
        // SAFETY: By the type invariants the state is there. The namespace is not freed while one of its hooks is
        // there, nor before who is in one has left it.
        unsafe { UncountedNet::from_raw((*self.state).net) }
    }
}

/// What sees the packets of a namespace.
///
/// # Examples
///
/// ```
/// # use kernel::{
/// #     net::{pernet::*, resource::nf::{self, *}},
/// #     prelude::*,
/// #     sync::atomic::{Atomic, Relaxed},
/// # };
/// # struct Counters { hits: Atomic<u64> }
/// # kernel::pernet_doctest!(Counters: Subsys = COUNTERS, Counters { hits: Atomic::new(0) });
/// # static COUNTERS: Operations<Counters> = Operations::new_with::<nf::Hooks>();
/// impl nf::Hook for Counters {
///     const POINTS: &'static [Point] = &[Point {
///         family: Family::Ipv4,
///         stage: Stage::LocalIn,
///         priority: 0,
///     }];
///
///     fn packet(self: Pin<&Self>, _: &Packet<'_>) -> Verdict {
///         self.hits.fetch_add(1, Relaxed);
///         Verdict::Accept
///     }
/// }
/// # drop(load()?);
/// # Ok::<(), Error>(())
/// ```
pub trait Hook<const N: usize = 0>: PerNet {
    /// Where it is hooked in.
    const POINTS: &'static [Point];

    /// Called with each packet that passes one of the points.
    ///
    /// Softirq or process context, under RCU: it must not sleep.
    fn packet(self: Pin<&Self>, packet: &Packet<'_>) -> Verdict;
}

/// Netfilter hooks.
///
/// # Errors
///
/// The namespace fails to be made with `ENOMEM`, or with `E2BIG` if there are more than a thousand of them at one point.
//
// They are unhooked in `pre_exit`. A packet that is in one of them then is in an RCU section that began before, and
// `ops_undo_list()` waits for a grace period between `pre_exit` and `exit`: so that the value and the array of the hooks,
// which who dumps the hooks reads under RCU, too, are dropped after that.
pub enum Hooks<const N: usize = 0> {}

impl<const N: usize> Sealed for Hooks<N> {}

impl<T: Hook<N>, const N: usize> Resource<T> for Hooks<N> {
    type State = KVec<bindings::nf_hook_ops>;

    const HAS_PRE_EXIT: bool = true;

    #[allow(private_interfaces)]
    unsafe fn make(home: Home<T>, state: *mut Self::State) -> Result {
        let mut hooks = KVec::with_capacity(T::POINTS.len(), GFP_KERNEL)?;
        for point in T::POINTS {
            // Not `push()`, which may panic as far as the compiler sees.
            hooks
                .push_within_capacity(bindings::nf_hook_ops {
                    hook: Some(packet::<T, N>),
                    priv_: home.value.cast_mut().cast(),
                    pf: point.family as u8,
                    hooknum: point.stage as c_uint,
                    priority: point.priority,
                    ..pin_init::zeroed()
                })
                .map_err(|_| ENOMEM)?;
        }
        // SAFETY: The array stays where it is until a grace period after it is unregistered; `packet` may be called
        // with the value until then. CAST: They are a handful.
        let result = to_result(unsafe {
            bindings::nf_register_net_hooks(home.net, hooks.as_ptr(), hooks.len() as c_uint)
        });
        if result.is_err() {
            // Some may have been registered for a while.
            // SAFETY: We are in a hook, which may sleep.
            unsafe { bindings::synchronize_net() };
            return result;
        }
        // SAFETY: The caller gives us the memory.
        unsafe { state.write(hooks) };
        Ok(())
    }

    #[allow(private_interfaces)]
    unsafe fn pre_exit(home: Home<T>, state: *mut Self::State) {
        // SAFETY: `make()` has registered them, and a grace period follows. CAST: As above.
        unsafe {
            let hooks = &*state;
            bindings::nf_unregister_net_hooks(home.net, hooks.as_ptr(), hooks.len() as c_uint);
        }
    }

    #[allow(private_interfaces)]
    unsafe fn exit(_home: Home<T>, state: *mut Self::State) {
        // SAFETY: The state is there, and a grace period has passed since the hooks were unregistered.
        unsafe { ptr::drop_in_place(state) };
    }
}

/// # Safety
///
/// `data` is a pinned value of `T` that stays until this has returned; the rest is as netfilter calls a hook.
unsafe extern "C" fn packet<T: Hook<N>, const N: usize>(
    data: *mut c_void,
    skb: *mut bindings::sk_buff,
    state: *const bindings::nf_hook_state,
) -> c_uint {
    // SAFETY: `make()` has registered the value with the hook. `nf_unregister_net_hooks()` and a grace period come before it is dropped.
    let value = unsafe { Pin::new_unchecked(&*data.cast::<T>()) };
    // INVARIANT: We are in a hook, and `nf_hook_slow()` or whoever calls it is under RCU.
    let packet = Packet {
        skb,
        state,
        _hook: PhantomData,
    };
    value.packet(&packet) as c_uint
}
