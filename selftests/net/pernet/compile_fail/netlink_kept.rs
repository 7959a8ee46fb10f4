// SPDX-License-Identifier: GPL-2.0

//! A request or a message is looked at when it is gone, or one message takes the place of another.

include!("common/module.rs");

use net::genetlink::{
    Message,
    Request, //
};

fn kept(request: &Request<'_>) -> Result {
    let mut kept: Option<&mut Message<'_>> = None;
    request.reply(|message| {
        kept = Some(message);
        //~ ERROR E0521
        //~ OK let _ = message;
        Ok(())
    })?;
    kept.map_or(Ok(()), |message| message.put_flag(1))
}

fn swapped(request: &Request<'_>) -> Result {
    request.reply(|outer| {
        request.reply(|inner| {
            core::mem::swap(outer, inner);
            //~ ERROR E0521
            //~ OK let _ = (&outer, inner);
            Ok(())
        })
    })
}
