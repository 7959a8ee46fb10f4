// SPDX-License-Identifier: GPL-2.0

//! Registering, and undoing it in reverse order.

#[cfg(CONFIG_DEBUG_FS)]
use super::debugfs::File;
use super::{
    super::genetlink::{
        Family,
        Serve, //
    },
    operations::Core,
    Chore,
    Invariant,
    Module,
    PerNet, //
};
use core::marker::PhantomData;
use kernel::{
    prelude::*,
    types::NotThreadSafe, //
};

/// Registers pernet operations while the module starts.
///
/// [`Module::start()`] is given one, and it ends with that: a hook cannot reach it, so that nothing can be
/// registered from inside a hook, which would wait for itself.
///
/// # Invariants
///
/// `registrations` and `state` are those of the same [`Host`](super::Host).
pub struct Registrar<'r, M: Module> {
    registrations: &'r mut Registrations,
    state: Pin<&'r M>,
    _start: Invariant<'r>,
    // As `Operations` is in its type.
    _module: PhantomData<fn(M) -> M>,
    // Not to be sent to another task.
    _not_send: NotThreadSafe,
}

impl<'r, M: Module> Registrar<'r, M> {
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

    /// Registers `T`: its `init` runs for every namespace that exists, oldest first, and from then on its
    /// hooks run for all.
    ///
    /// It is unregistered when the module goes or fails to start, after what is registered later. Then its
    /// exit hooks run for every namespace.
    ///
    /// C: `register_pernet_subsys()` or `register_pernet_device()`, by [`PerNet::Kind`]. Process context,
    /// without RTNL and without [`Namespaces`](super::super::namespace::Namespaces), which would wait for
    /// each other. It waits for namespaces that are being made or are dying.
    ///
    /// # Errors
    ///
    /// - `EEXIST`: it is registered already;
    /// - `EINVAL`: what it names in [`PerNet::After`] is not;
    /// - `ENOMEM`;
    /// - what `T::init` returned for a namespace. The exit hooks have run for those before it, and
    ///   nothing stays registered.
    #[inline]
    pub fn register<T: PerNet<Module = M>>(&mut self) -> Result {
        // SAFETY: `T`'s module is `M`, and the hooks of its operations are those of exactly `T`, by the
        // invariant of `Operations`. `state` is in the same `Host`, which undoes the registration before it drops
        // the state.
        unsafe {
            self.registrations
                .add(T::OPERATIONS.core(), self.state.get_ref())
        }
    }

    /// Unregisters `T` before the module goes: its exit hooks run for every namespace, oldest first, and none
    /// of its hooks runs after this has returned.
    ///
    /// Waits for lookups that have found a value of `T`, so that it must not be called by one.
    ///
    /// C: `unregister_pernet_subsys()` or `unregister_pernet_device()`. As for [`Self::register()`].
    ///
    /// # Errors
    ///
    /// - `ENOENT`: it is not registered;
    /// - `EBUSY`: what names it in [`PerNet::After`] is.
    pub fn unregister<T: PerNet<Module = M>>(&mut self) -> Result {
        self.registrations.remove(T::OPERATIONS.core())
    }
}

impl<'r, M: Module> Registrar<'r, M> {
    /// Makes a work item of the module's own ready to be queued; before that queueing it does nothing.
    ///
    /// It ends when the module goes or fails to start, after everything has been unregistered, and after a run that
    /// is going on has returned. No lock is held then that hooks are called with.
    ///
    /// # Errors
    ///
    /// `EEXIST` if it is ready already, `ENOSPC` if four are.
    pub fn add_chore(&mut self, chore: &'static Chore<M>) -> Result {
        let registrations = &mut *self.registrations;
        let slot = registrations
            .chores
            .get_mut(registrations.ready)
            .ok_or(ENOSPC)?;
        // SAFETY: The state is in a `Host`, which undoes the registrations before it drops the state, and the chore is among
        // them from here on.
        unsafe { chore.prepare(self.state) }?;
        // INVARIANT: It has been made ready.
        *slot = Some(chore);
        registrations.ready = registrations.ready.saturating_add(1);
        Ok(())
    }

    /// Names the family of the module.
    ///
    /// It is registered when [`Module::start()`] has succeeded, after everything else, and is the first to be
    /// unregistered. Its commands run from then on, on this and on other CPUs.
    ///
    /// C: `genl_register_family()`.
    ///
    /// # Errors
    ///
    /// `EBUSY` if one has been named. Registering it may fail, too, and the load of the module with it: with
    /// `EEXIST` if there is a family of that name, and `ENOMEM`.
    //
    // There is one, and nothing comes after it: a dump holds a reference on the module, but a module that fails to
    // load goes all the same.
    pub fn register_family(&mut self, family: &'static Family<M>) -> Result
    where
        M: Serve,
    {
        if self.registrations.family.is_some() {
            return Err(EBUSY);
        }
        // SAFETY: A `Family<M>` is registered by the `Registrations` of the only `Host<M>` that is ever made, see `Claim`.
        // This is that one, has none yet, and is borrowed exclusively. The state is in the same `Host`, which undoes the
        // registrations before it drops the state.
        unsafe { family.set_module(self.state) };
        self.registrations.family = Some(family);
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
/// - the first `ready` of `chores` are there and have been made ready;
/// - `family` has been started if `serving`.
pub(super) struct Registrations {
    last: Option<&'static Core>,
    chores: [Option<&'static dyn Part>; 4],
    ready: usize,
    family: Option<&'static dyn Part>,
    serving: bool,
    #[cfg(CONFIG_DEBUG_FS)]
    file: File,
}

impl Registrations {
    pub(super) const fn new() -> Self {
        Self {
            last: None,
            chores: [None; 4],
            ready: 0,
            family: None,
            serving: false,
            #[cfg(CONFIG_DEBUG_FS)]
            file: File::new(),
        }
    }

    /// Registers the family, if there is one, and shows all in debugfs, if that is there: by `name` if it is built in.
    ///
    /// # Safety
    ///
    /// `this` is the module whose registrations these are, and it does not fail to load after this has succeeded. These
    /// stay where they are until they have been undone.
    pub(super) unsafe fn serve(
        &mut self,
        this: &'static ThisModule,
        name: &'static CStr,
    ) -> Result {
        if let Some(family) = self.family {
            // SAFETY: It was named once, and has not been started. `this` does not fail to load after this, and `Host`
            // undoes these registrations, and with them the family, before it drops the state.
            unsafe { family.start(this) }?;
            // INVARIANT: It has been started.
            self.serving = true;
        }
        #[cfg(CONFIG_DEBUG_FS)]
        // SAFETY: `self` stays where it is until `undo()`. What is shown is in statics, and `undo()` unregisters nothing before
        // it has removed the file; there is no `Registrar` any more.
        unsafe {
            self.file.create(self.last, this, name)
        };
        #[cfg(not(CONFIG_DEBUG_FS))]
        let _ = name;
        Ok(())
    }

    /// Registers these operations, if what they come after is among these registrations.
    ///
    /// # Safety
    ///
    /// `state` is of the [`PerNet::Module`] of the type of `core`. It stays, pinned and without an exclusive
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

    /// Unregisters everything: the file in debugfs, the family, then the operations, the last first, and then the chores, which hooks
    /// queue and which may wait for what hooks wait for.
    pub(super) fn undo(&mut self) {
        #[cfg(CONFIG_DEBUG_FS)]
        self.file.remove();
        if let Some(family) = self.family.take().filter(|_| self.serving) {
            // SAFETY: By the type invariant it has been started.
            unsafe { family.stop() };
        }
        while let Some(core) = self.last {
            // SAFETY: By the type invariant it is registered, by this `Registrations`, which `self` is an
            // exclusive reference to.
            self.last = unsafe { core.unregister() };
        }
        // Counted, or all four are written out in every module.
        while let Some(last) = self.ready.checked_sub(1) {
            self.ready = last;
            if let Some(&Some(chore)) = self.chores.get(last) {
                // SAFETY: By the type invariant it has been made ready.
                unsafe { chore.stop() };
            }
        }
    }
}
