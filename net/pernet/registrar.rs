// SPDX-License-Identifier: GPL-2.0

//! Registering, and undoing it in reverse order.

use super::{
    super::rcu::Invariant,
    registration::Core, //
};
use core::marker::PhantomData;
use kernel::{
    prelude::*,
    types::NotThreadSafe, //
};

/// Registers pernet operations while the module starts.
///
/// [`Module::start()`](super::Module::start) is given one, and it ends with that: a hook cannot reach it, so that nothing can be
/// registered from inside a hook, which would wait for itself.
///
/// # Invariants
///
/// `registrations` and `state` are those of the same [`Host`](super::Host).
pub struct Registrar<'r, M> {
    registrations: &'r mut Registrations,
    state: Pin<&'r M>,
    _start: Invariant<'r>,
    // As `Operations` is in its type.
    _module: PhantomData<fn(M) -> M>,
    // Not to be sent to another task.
    _not_send: NotThreadSafe,
}

impl<'r, M> Registrar<'r, M> {
    /// # Safety
    ///
    /// `state` stays, pinned and without an exclusive reference to it, until `registrations` have been
    /// undone.
    pub(super) unsafe fn new(registrations: &'r mut Registrations, state: Pin<&'r M>) -> Self {
        Self {
            registrations,
            state,
            _start: PhantomData,
            _module: PhantomData,
            _not_send: NotThreadSafe,
        }
    }

    /// Registers operations.
    ///
    /// # Safety
    ///
    /// `M` is the [`PerNet::Module`](super::PerNet::Module) of the type of `core`.
    pub(super) unsafe fn add(&mut self, core: &'static Core) -> Result {
        // SAFETY: The state is of that type, and is in the same `Host`, which undoes the registration before it drops the
        // state.
        unsafe { self.registrations.add(core, self.state.get_ref()) }
    }

    /// Unregisters operations.
    pub(super) fn remove(&mut self, core: &'static Core) -> Result {
        self.registrations.remove(core)
    }

    /// Takes a part that ends after everything has been unregistered, if `prepare` succeeds, which starts it. The state
    /// that `prepare` is given stays until the part has been stopped.
    ///
    /// # Errors
    ///
    /// `ENOSPC` if there are four, and what `prepare` returns.
    pub(in super::super) fn add_part(
        &mut self,
        part: &'static dyn Part,
        prepare: impl FnOnce(Pin<&'r M>) -> Result,
    ) -> Result {
        let registrations = &mut *self.registrations;
        let slot = registrations
            .parts
            .get_mut(registrations.ready)
            .ok_or(ENOSPC)?;
        prepare(self.state)?;
        // INVARIANT: It has been started.
        *slot = Some(part);
        registrations.ready = registrations.ready.saturating_add(1);
        Ok(())
    }

    /// Takes the part that is started after everything else and ends first, and calls `prepare` before. The state that
    /// `prepare` is given stays until the part has been stopped.
    ///
    /// # Errors
    ///
    /// `EBUSY` if there is one.
    //
    // There is one, and nothing comes after it: a dump holds a reference on the module, but a module that fails to
    // load goes all the same.
    pub(in super::super) fn set_last_part(
        &mut self,
        part: &'static dyn Part,
        prepare: impl FnOnce(Pin<&'r M>),
    ) -> Result {
        if self.registrations.last_part.is_some() {
            return Err(EBUSY);
        }
        prepare(self.state);
        self.registrations.last_part = Some(part);
        Ok(())
    }
}

/// What a module has beside pernet operations while it is loaded.
///
/// # Safety
///
/// When `stop()` has returned, nothing that `start()` has begun uses the module's state or text.
pub(in super::super) unsafe trait Part {
    /// Begins.
    ///
    /// # Safety
    ///
    /// It has not been started, or has been stopped; the state of the module stays until it has been stopped; and
    /// `this` is the module that it is a part of, which does not fail to load after this has succeeded.
    unsafe fn start(&'static self, this: &'static ThisModule) -> Result;

    /// Ends, and waits.
    ///
    /// # Safety
    ///
    /// It has been started, and nobody else calls this at the same time.
    unsafe fn stop(&'static self);
}

/// What a module has registered; the last first.
///
/// # Invariants
///
/// - `last`, and what [`Core`] links behind it, is registered; nothing else does it;
/// - the first `ready` of `parts` are there and have been started;
/// - `last_part` has been started if `is_complete`.
pub(super) struct Registrations {
    last: Option<&'static Core>,
    parts: [Option<&'static dyn Part>; 4],
    ready: usize,
    last_part: Option<&'static dyn Part>,
    is_complete: bool,
}

impl Registrations {
    pub(super) const fn new() -> Self {
        Self {
            last: None,
            parts: [None; 4],
            ready: 0,
            last_part: None,
            is_complete: false,
        }
    }

    /// Starts the last part, if there is one.
    ///
    /// # Safety
    ///
    /// `this` is the module whose registrations these are, and it does not fail to load after this has succeeded.
    pub(super) unsafe fn complete(&mut self, this: &'static ThisModule) -> Result {
        if let Some(part) = self.last_part {
            // SAFETY: It was named once, and has not been started. `this` does not fail to load after this, and `Host`
            // undoes these registrations, and with them this part, before it drops the state.
            unsafe { part.start(this) }?;
            // INVARIANT: It has been started.
            self.is_complete = true;
        }
        Ok(())
    }

    /// Returns what was registered last.
    #[cfg(CONFIG_DEBUG_FS)]
    pub(super) fn last(&self) -> Option<&'static Core> {
        self.last
    }

    /// Registers these operations, if what they come after is among these registrations.
    ///
    /// # Safety
    ///
    /// `state` is of the [`PerNet::Module`](super::PerNet::Module) of the type of `core`. It stays, pinned and without an exclusive
    /// reference to it, until these registrations have been undone.
    pub(super) unsafe fn add<M>(&mut self, core: &'static Core, state: &M) -> Result {
        if !core.comes_after_only(|other| self.contains(other)) {
            pr_err!("{} comes after what is not registered\n", core.name());
            return Err(EINVAL);
        }
        // SAFETY:
        // - the state is pinned in a `Host`, which undoes these registrations before it drops the state;
        // - `core` is that of a type of this module, and `Host` sees to it that there is one
        //   `Registrations` for a module, which `self` is an exclusive reference to;
        // - `Host` undoes these registrations before the module's text goes.
        unsafe { core.register(core::ptr::from_ref(state).cast(), self.last) }?;
        // INVARIANT: `core` is registered, and links what was `last`.
        self.last = Some(core);
        Ok(())
    }

    /// Returns whether these operations are among them.
    pub(super) fn contains(&self, core: &'static Core) -> bool {
        let mut next = self.last;
        while let Some(registered) = next {
            if core::ptr::eq(registered, core) {
                return true;
            }
            next = registered.before();
        }
        false
    }

    /// Unregisters one of them, unless another one comes after it.
    pub(super) fn remove(&mut self, core: &'static Core) -> Result {
        let mut later: Option<&'static Core> = None;
        let mut next = self.last;
        loop {
            match next {
                None => return Err(ENOENT),
                Some(found) if core::ptr::eq(found, core) => break,
                Some(found) if found.comes_after(core) => return Err(EBUSY),
                Some(found) => {
                    later = Some(found);
                    next = found.before();
                }
            }
        }
        // SAFETY: By the type invariant what we have found is registered, by this `Registrations`, which `self`
        // is an exclusive reference to.
        let before = unsafe { core.unregister() };
        // INVARIANT: Nothing links `core` any more.
        match later {
            Some(later) => later.set_before(before),
            None => self.last = before,
        }
        Ok(())
    }

    /// Unregisters everything: the last part, then the operations, the last first, and then the other parts, which hooks
    /// queue and which may wait for what hooks wait for.
    pub(super) fn undo(&mut self) {
        if let Some(part) = self.last_part.take().filter(|_| self.is_complete) {
            // SAFETY: By the type invariant it has been started.
            unsafe { part.stop() };
        }
        while let Some(core) = self.last {
            // SAFETY: By the type invariant it is registered, by this `Registrations`, which `self` is an
            // exclusive reference to.
            self.last = unsafe { core.unregister() };
        }
        // Counted, or all four are written out in every module.
        while let Some(last) = self.ready.checked_sub(1) {
            self.ready = last;
            if let Some(&Some(part)) = self.parts.get(last) {
                // SAFETY: By the type invariant it has been started.
                unsafe { part.stop() };
            }
        }
    }
}
