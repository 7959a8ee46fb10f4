// SPDX-License-Identifier: GPL-2.0

//! The device: commands are written to it, the trace is read.

use crate::{
    control::Command,
    Shared,
    Strings, //
};
use kernel::{
    fs::{
        File,
        Kiocb, //
    },
    iov::{
        IovIterDest,
        IovIterSource, //
    },
    miscdevice::{
        MiscDevice,
        MiscDeviceRegistration, //
    },
    prelude::*,
    sync::Arc, //
};

/// An open file.
pub(crate) struct Handle(Arc<Shared>);

impl Handle {
    fn new(shared: Arc<Shared>) -> Self {
        shared.control.file_opened();
        Self(shared)
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.0.control.file_closed();
    }
}

#[vtable]
impl MiscDevice for Handle {
    type Ptr = KBox<Self>;

    fn open(_: &File, _: &MiscDeviceRegistration<Self>) -> Result<Self::Ptr> {
        // A module that is on its way out has no strings.
        let shared = Strings::pull().ok_or(ENXIO)?;
        Ok(KBox::new(Self::new(shared), GFP_KERNEL)?)
    }

    fn read_iter(kiocb: Kiocb<'_, Self::Ptr>, iov: &mut IovIterDest<'_>) -> Result<usize> {
        kiocb.file().0.trace.read(iov)
    }

    fn write_iter(kiocb: Kiocb<'_, Self::Ptr>, iov: &mut IovIterSource<'_>) -> Result<usize> {
        let shared = &kiocb.file().0;
        // Longer than any command.
        let mut buffer = [0; 64];
        let len = iov.len();
        let line = buffer.get_mut(..len).ok_or(EINVAL)?;
        if iov.copy_from_iter(line) < len {
            return Err(EFAULT);
        }
        match Command::parse(line)? {
            Command::Order(order) => shared.control.give(order)?,
            Command::Plan(slot, plan) => shared.plans.set(slot, plan),
            Command::Clear => shared.trace.clear(),
        }
        Ok(len)
    }
}
