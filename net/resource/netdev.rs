// SPDX-License-Identifier: GPL-2.0

//! Network devices.
//!
//! C header: [`include/linux/netdevice.h`](srctree/include/linux/netdevice.h)

use super::{
    super::{
        bindings,
        pernet::{
            Device,
            PerNet, //
        }, //
    },
    sealed::Sealed,
    Home,
    Resource, //
};
use core::{
    marker::PhantomData,
    mem::size_of,
    ptr::{
        self,
        NonNull, //
    }, //
};
use kernel::{
    error::to_result,
    prelude::*,
    str::CStrExt, //
};

/// What a [`Link`] is and does.
///
/// # Examples
///
/// ```
/// # use kernel::{net::{pernet::*, resource::netdev::{self, *}}, prelude::*};
/// # struct Sink;
/// # kernel::pernet_doctest!(Sink: Device = SINK, Sink);
/// # static SINK: Operations<Sink> = Operations::new_with::<netdev::Link>();
/// impl netdev::Driver for Sink {
///     const NAME: &'static CStr = c"sink0";
///
///     fn transmit(self: Pin<&Self>, _: &Frame<'_>) -> Outcome {
///         Outcome::Sent
///     }
/// }
/// # drop(load()?);
/// # Ok::<(), Error>(())
/// ```
pub trait Driver<const N: usize = 0>: PerNet<Kind = Device> {
    /// The name of the device, of 1 to 15 bytes; `%d` in it stands for the first number that is free.
    const NAME: &'static CStr;

    /// Called with each frame that is sent by the device, which is freed after that.
    ///
    /// Softirq or process context, with softirqs off: it must not sleep. CPUs may call it at once.
    fn transmit(self: Pin<&Self>, frame: &Frame<'_>) -> Outcome;
}

/// How a frame is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// As sent, with its bytes.
    Sent,
    /// As dropped.
    Dropped,
}

/// A frame that is sent by a device.
///
/// # Invariants
///
/// `skb` is a packet that `ndo_start_xmit` was called with, and is not freed during `'f`.
pub struct Frame<'f> {
    skb: *mut bindings::sk_buff,
    _transmit: PhantomData<&'f ()>,
}

impl Frame<'_> {
    /// Returns the bytes, with the header of the link layer.
    #[inline(always)]
    #[allow(clippy::len_without_is_empty)]
    pub fn len(&self) -> u32 {
        // SAFETY: By the type invariant the packet is there.
        unsafe { (*self.skb).len }
    }
}

/// A network device in every namespace, as `lo` and the devices of tunnels are: an Ethernet device without ARP, with a
/// random address. Only what is registered as a [`Device`] may have one: it comes after `lo`, and goes before
/// subsystems do.
///
/// Users may rename it and move it to another namespace. It stays a device of this value, and goes with that,
/// wherever it is, or with the namespace that it is in. Deleting it is `EOPNOTSUPP`. Its kind, which
/// `ip -details link` shows, is `pernet`. Netpoll, and so netconsole, cannot use it.
///
/// What [`transmit()`](Driver::transmit) returns is counted, and shown by `ip -statistics link`.
///
/// # Errors
///
/// The namespace fails to be made with `ENOMEM` or `ENOBUFS`, `EINVAL` for a name that is none, and `EEXIST` for one that
/// is taken.
//
// Whether there is still a device is a matter of RTNL. It is registered with RTNL held, and noted in the state; when it is
// unregistered, `ndo_uninit` is called with RTNL held and takes the note out. In `exit_rtnl` what is noted is put on the
// list, in whatever namespace it is.
//
// Who transmits without the locks of a queue, as packet sockets may, holds a reference on the device. The task that
// unregisters it waits for those in `netdev_run_todo()`, when it gives RTNL back. There are two such tasks: the one that
// unregisters the operations, and the one in `cleanup_net()` of this namespace or of the one that the device was moved to.
// Both hold `pernet_ops_rwsem` meanwhile, and `exit` comes after that, or wants that lock first. A user's `ip link del`
// would be a third, which holds nothing while it waits: hence there is no `dellink`.
//
// There are link operations at all since a device without would be moved to the initial namespace when the one that it was
// moved to dies. Their kind is not the user's to choose: others know the memory behind a device by it, as wireguard does.
pub enum Link<const N: usize = 0> {}

impl<const N: usize> Sealed for Link<N> {}

/// What the device knows of its value.
struct Private<T> {
    value: *const T,
    // Where the device is noted.
    noted: *mut *mut bindings::net_device,
}

/// Returns what was written behind a device.
///
/// # Safety
///
/// `dev` was made by [`Link::make()`] for a value of `T`.
#[inline(always)]
unsafe fn private<T>(dev: *mut bindings::net_device) -> *mut Private<T> {
    // CAST: `netdev_priv()` is at this distance, and aligned for anything.
    dev.cast::<u8>()
        .wrapping_add(bindings::NETDEV_PRIV_OFFSET)
        .cast()
}

impl<const N: usize> Link<N> {
    /// What the core calls.
    const fn ops<T: Driver<N>>() -> &'static bindings::net_device_ops {
        const {
            &bindings::net_device_ops {
                ndo_start_xmit: Some(transmit::<T, N>),
                ndo_uninit: Some(uninit::<T>),
                ndo_set_mac_address: Some(bindings::eth_mac_addr),
                ndo_validate_addr: Some(bindings::eth_validate_addr),
                ..pin_init::zeroed()
            }
        }
    }

    /// That it goes with the namespace that it is in. It is not registered: users do not make such devices.
    const fn link_ops() -> &'static bindings::rtnl_link_ops {
        const {
            &bindings::rtnl_link_ops {
                kind: c"pernet".to_bytes_with_nul().as_ptr(),
                ..pin_init::zeroed()
            }
        }
    }
}

impl<T: Driver<N>, const N: usize> Resource<T> for Link<N> {
    type State = *mut bindings::net_device;

    const HAS_EXIT_RTNL: bool = true;
    const HAS_EXIT: bool = false;

    #[allow(private_interfaces)]
    unsafe fn make(home: Home<T>, state: *mut Self::State) -> Result {
        const {
            let len = T::NAME.to_bytes().len();
            assert!(
                len > 0 && len < bindings::IFNAMSIZ as usize,
                "a name of 1 to 15 bytes"
            )
        };
        // SAFETY: The caller gives us the memory.
        unsafe { state.write(ptr::null_mut()) };
        // SAFETY: The name ends in a zero byte and is short enough; the two structures are static.
        let dev = NonNull::new(unsafe {
            bindings::alloc_link(
                home.net,
                T::NAME.as_char_ptr(),
                size_of::<Private<T>>(),
                Self::ops::<T>(),
                Self::link_ops(),
            )
        })
        .ok_or(ENOMEM)?
        .as_ptr();
        // SAFETY: The memory behind the device is ours.
        unsafe {
            private::<T>(dev).write(Private {
                value: home.value,
                noted: state,
            })
        };
        // SAFETY: We are in an init hook, which may sleep and does not have RTNL. `transmit` may be called with the
        // value until `exit_rtnl()` and what follows have gone by. A device that could not be registered is ours.
        unsafe {
            bindings::rtnl_net_lock(home.net);
            let result = to_result(bindings::register_netdevice(dev));
            match result {
                Ok(()) => state.write(dev),
                Err(_) => bindings::free_netdev(dev),
            }
            bindings::rtnl_net_unlock(home.net);
            result
        }
    }

    #[allow(private_interfaces)]
    unsafe fn exit_rtnl(_home: Home<T>, state: *mut Self::State, list: *mut bindings::list_head) {
        // SAFETY: RTNL is held, and is not given back between what makes a registered device one that is not and
        // `ndo_uninit`: so what is noted is registered. If it is on a list to be unregistered already, it is moved to this one.
        unsafe {
            if !(*state).is_null() {
                bindings::unregister_netdevice_queue(*state, list);
            }
        }
    }

    #[allow(private_interfaces)]
    unsafe fn undo(_home: Home<T>, state: *mut Self::State) {
        // SAFETY: As in `exit_rtnl()`; without a list the device goes at once, and with RTNL what refers to it. The helper
        // reads what is noted with RTNL held.
        unsafe { bindings::unregister_link(state) };
    }
}

/// # Safety
///
/// As the core calls `ndo_start_xmit`, of a device that [`Link<N>`] has made for a value of `T`.
unsafe extern "C" fn transmit<T: Driver<N>, const N: usize>(
    skb: *mut bindings::sk_buff,
    dev: *mut bindings::net_device,
) -> bindings::netdev_tx_t {
    // SAFETY: The value is pinned, and goes when nobody refers to the device any more: see `Link`.
    let value = unsafe { Pin::new_unchecked(&*(*private::<T>(dev)).value) };
    // INVARIANT: The frame is dropped at the end of this statement, and the packet is freed after it.
    let outcome = value.transmit(&Frame {
        skb,
        _transmit: PhantomData,
    });
    // SAFETY: The core gives the packet away to `ndo_start_xmit`, and no `Frame` is left of it. The device has the statistics
    // that this counts, by its `pcpu_stat_type`.
    unsafe {
        match outcome {
            Outcome::Sent => bindings::dev_dstats_tx_add(dev, (*skb).len),
            Outcome::Dropped => bindings::dev_dstats_tx_dropped(dev),
        }
        bindings::consume_skb(skb);
    }
    bindings::netdev_tx_NETDEV_TX_OK
}

/// # Safety
///
/// As the core calls `ndo_uninit`, of a device that [`Link`] has made for a value of `T`: RTNL is held.
unsafe extern "C" fn uninit<T>(dev: *mut bindings::net_device) {
    // SAFETY: The state is there: what is noted is unregistered in `exit_rtnl()` at the latest, and what could not be
    // registered before `make()` has returned. With RTNL held nobody else looks at it.
    unsafe { *(*private::<T>(dev)).noted = ptr::null_mut() };
}
