// SPDX-License-Identifier: GPL-2.0

//! Finding the value of a namespace from elsewhere than its own hooks.

use super::{
    super::{
        namespace::{
            Identity,
            Namespaces,
            Net,
            UncountedNet, //
        },
        rcu::{
            self,
            ReadLock, //
        }, //
    },
    slot::{
        self,
        Slot, //
    },
    HookNet,
    Operations,
    PerNet, //
};
use kernel::prelude::*;

/// Where the life of a value stands, as far as it can be told from outside of the hooks.
///
/// Only [`Live`](Self::Live) ones are found by [`Operations::with()`] and [`Operations::get_rcu()`].
/// What is asked for may change while one looks at the answer, but not back: a namespace goes from `Setup`
/// to `Live` to `Dying`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// The operations are not registered, or are being registered or unregistered.
    Unregistered,
    /// The namespace is being made, or what had been made is being undone since a later init failed.
    Setup,
    /// The value is there.
    Live,
    /// The last reference to the namespace is gone; its exit hooks run, or will.
    Dying,
}

/// Lookups. Data of no size cannot be looked up: there is nothing to find.
impl<T: PerNet> Operations<T> {
    const IS_FOUND: () = assert!(
        Slot::<T>::SIZE > 0,
        "a type without a size has no value to look up"
    );

    /// Calls `f` with the value of a namespace that somebody holds a reference on.
    ///
    /// `f` may sleep, where the caller may. Unregistering waits until it returns, so that it must not wait for
    /// that, nor for ever: `rmmod` would, too, and says so in the log. Any context but NMI.
    ///
    /// Returns `None` if `T` is not registered. On machines other than x86 it may also be `None` in a namespace that
    /// another CPU has just set up.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::{net::namespace::Net, prelude::*, sync::atomic::Relaxed};
    /// # kernel::pernet_doctest!();
    /// # let loaded = load()?;
    /// let net = Net::current()?;
    /// let hits = COUNTERS.with(&net, |counters| counters.hits.load(Relaxed));
    /// # assert_eq!(hits, Some(1));
    /// # drop(loaded);
    /// # assert!(COUNTERS.with(&net, |_| ()).is_none());
    /// # Ok::<(), Error>(())
    /// ```
    #[inline]
    pub fn with<R>(&'static self, net: &Net, f: impl FnOnce(Pin<&T>) -> R) -> Option<R> {
        let () = Self::IS_FOUND;
        let _pass = self.core().gate().enter()?;
        // SAFETY:
        // - the gate was open, and `IS_FOUND` has seen to the size;
        // - we hold the pass and the RCU read side lock;
        // - by the invariant of `Net` this task has seen `net` set up, so that by that of `Core` it has had `T`'s init;
        // - the pass keeps `T` from being unregistered, and the reference to `net` keeps the namespace from dying, both
        //   until `f` has returned.
        let value = rcu::read_lock(|_| unsafe { slot::of_set_up::<T>(self.core(), net) })?;
        Some(f(value))
    }

    /// Returns the value of a namespace that somebody holds a reference on, for as long as the RCU read side
    /// lock is held.
    ///
    /// Any context but NMI. On x86 it costs no more than `net_generic()` in C: that the namespace has been made and is
    /// not dying need not be asked.
    ///
    /// Returns `None` when [`Self::with()`] does.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::{net::{namespace::Net, rcu}, prelude::*, sync::atomic::Relaxed};
    /// # kernel::pernet_doctest!();
    /// # let loaded = load()?;
    /// # let net = Net::current()?;
    /// let hits = rcu::read_lock(|rcu| Some(COUNTERS.get(&net, rcu)?.hits.load(Relaxed)));
    /// # assert_eq!(hits, Some(1));
    /// # drop(loaded);
    /// # Ok::<(), Error>(())
    /// ```
    #[inline]
    pub fn get<'r>(&'static self, net: &Net, _rcu: ReadLock<'r>) -> Option<Pin<&'r T>> {
        let () = Self::IS_FOUND;
        if !self.core().gate().is_open() {
            return None;
        }
        // SAFETY:
        // - the gate was open, and `IS_FOUND` has seen to the size;
        // - by the invariant of `ReadLock` we have held the RCU read side lock since before that;
        // - by the invariant of `Net` this task has seen `net` set up, so that by that of `Core` it has had `T`'s init;
        // - what drops the value or frees the slot comes after a grace period: that of unregistering, which
        //   begins after the gate was closed, or that of `cleanup_net()`, which begins after the reference to
        //   `net` was given back. So that it ends after `'r`.
        unsafe { slot::of_set_up(self.core(), net) }
    }

    /// Returns the value of any namespace, for as long as the RCU read side lock is held.
    ///
    /// Any context but NMI. Who has a [`Net`] uses [`Self::get()`].
    ///
    /// Returns `None` unless it is [`Phase::Live`].
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::{net::{namespace::Namespaces, rcu}, prelude::*, sync::atomic::Relaxed};
    /// # kernel::pernet_doctest!();
    /// # let loaded = load()?;
    /// rcu::read_lock(|rcu| {
    ///     for net in Namespaces::iter_rcu(rcu) {
    ///         if let Some(counters) = COUNTERS.get_rcu(&net, rcu) {
    ///             pr_info!("{net}: {} hits\n", counters.hits.load(Relaxed));
    ///         }
    ///     }
    /// });
    /// # drop(loaded);
    /// # Ok::<(), Error>(())
    /// ```
    #[inline]
    pub fn get_rcu<'r>(&'static self, net: &Identity, _rcu: ReadLock<'r>) -> Option<Pin<&'r T>> {
        let () = Self::IS_FOUND;
        if self.phase(net) != Phase::Live {
            return None;
        }
        // SAFETY:
        // - `phase()` has seen the gate open, and `IS_FOUND` has seen to the size;
        // - by the invariant of `ReadLock` we have held the RCU read side lock since before that;
        // - what drops the value or frees the slot comes after a grace period: that of unregistering, which
        //   begins after the gate was closed, or that of `cleanup_net()`, which begins after the count went
        //   to zero. We have seen neither, so that it ends after `'r`;
        // - `phase()` has seen `net` on the list, so that by the invariant of `Core` it has had `T`'s init, before it was
        //   put there or before the gate was opened.
        unsafe { slot::of_set_up(self.core(), net) }
    }

    /// Calls `f` with every namespace on the list and its value, oldest first, the initial one first of all.
    ///
    /// That includes namespaces whose last reference is gone but whose exit hooks have not begun to run.
    /// The locks that are held are those of [`Namespaces`], so that `f` must not do what that rules out;
    /// unregistering waits as for [`Self::with()`].
    ///
    /// Does nothing if `T` is not registered.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::{net::namespace::Namespaces, prelude::*, sync::atomic::Relaxed};
    /// # kernel::pernet_doctest!();
    /// # let loaded = load()?;
    /// let mut hits = 0;
    /// COUNTERS.for_each(&Namespaces::read(), |_, counters| {
    ///     hits += counters.hits.load(Relaxed);
    /// });
    /// # assert!(hits >= 1);
    /// # drop(loaded);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn for_each(
        &'static self,
        list: &Namespaces,
        mut f: impl FnMut(UncountedNet<'_>, Pin<&T>),
    ) {
        let () = Self::IS_FOUND;
        let Some(_pass) = self.core().gate().enter() else {
            return;
        };
        for net in list.iter() {
            // SAFETY:
            // - the gate was open, and `IS_FOUND` has seen to the size;
            // - we hold the pass and the RCU read side lock;
            // - the pass keeps it from being unregistered, until `f` has returned. A namespace on the list has
            //   been set up, and `cleanup_net()` takes it off before the exit hooks, which it cannot do while
            //   `net_rwsem` is held for reading, as it is by the invariant of `Namespaces`.
            let value = rcu::read_lock(|_| unsafe { slot::find(self.core(), &net) });
            if let Some(value) = value {
                f(net, value);
            }
        }
    }

    /// Returns where the life of the value in a namespace stands. Any context.
    #[inline]
    pub fn phase(&'static self, net: &Identity) -> Phase {
        if !self.core().gate().is_open() {
            Phase::Unregistered
        } else if !net.is_initialized() {
            Phase::Setup
        } else if !net.is_counted() {
            Phase::Dying
        } else {
            Phase::Live
        }
    }
}

impl<'h, T: PerNet> HookNet<'h, T> {
    /// Returns the value of other operations for this namespace, if it is there.
    ///
    /// It is if the namespace's init of `U` has succeeded and its last hook has not run, and `U` is registered:
    /// from when `register()` has returned until it begins to be undone. So what was registered before `T` is
    /// there in every hook, and what was registered after it in `pre_exit` and `exit_rtnl` only. What is always
    /// there can be named, see [`PerNet::After`].
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::{net::pernet::*, prelude::*, sync::atomic::Relaxed};
    /// # kernel::pernet_doctest!(Example: Subsys, () {
    /// fn exit(self: Pin<&Self>, _: Pin<&Sample>, net: HookNet<'_, Self>) {
    ///     if let Some(counters) = net.get(&COUNTERS) {
    ///         pr_info!("{net}: {} hits\n", counters.hits.load(Relaxed));
    ///     }
    /// }
    /// # });
    /// # drop(load()?);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn get<U: PerNet>(self, other: &'static Operations<U>) -> Option<Pin<&'h U>> {
        let () = Operations::<U>::IS_FOUND;
        if !other.core().gate().is_open() {
            return None;
        }
        // SAFETY:
        // - the gate was open, and `IS_FOUND` has seen to the size;
        // - by the type invariants we are in a hook, in which `pernet_ops_rwsem` is held, during `'h`;
        // - hooks of one namespace run one after another, so that `U` does not drop its value meanwhile, and
        //   the slots of a namespace are freed when its hooks are through. Unregistering `U` wants
        //   `pernet_ops_rwsem` for writing. The only one who has it is the task we are in, which is
        //   registering or unregistering something else, since the gate of `U` is open.
        unsafe { slot::find(other.core(), &self) }
    }
}
