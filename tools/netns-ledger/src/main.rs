// SPDX-License-Identifier: GPL-2.0

//! Shows the life of every network namespace, as `netns_ledger.ko` keeps it.
//!
//! `client.rs` asks the kernel, `row.rs` has what it answers; each subcommand is a file of its own, which knows a ledger
//! as a trait only. `follow.rs` is what keeps track when events are lost.

mod cli;
mod client;
mod container;
mod doctor;
mod error;
mod events;
mod filter;
mod follow;
mod holders;
mod list;
mod message;
mod names;
mod preflight;
mod prometheus;
mod resync;
mod row;
mod screen;
mod spec;
mod stats;
mod stop;
mod table;
mod target;
mod terminal;
mod time;
mod trace;
mod users;
mod wait;
mod watch;

use clap::Parser;
use cli::{
    Cli,
    Command, //
};
use client::{
    Ledger,
    Netlink, //
};
use error::{
    Result,
    FOUND, //
};
use names::Places;
use std::{
    io::{
        self,
        Write, //
    },
    process::ExitCode,
};
use stop::Stop;
use terminal::Paint;
use users::Users;

/// Does what was asked, and returns the exit status.
fn run(command: Command) -> Result<u8> {
    let places = Places::here();
    let paint = Paint::new();
    let mut out = io::BufWriter::new(io::stdout().lock());
    let mut status = 0;
    match command {
        Command::List(options) => list::run(
            options,
            &mut Netlink::open()?,
            &places,
            &Users::here(),
            paint,
            &mut out,
        )?,
        Command::Watch(options) => {
            // It draws by itself.
            drop(out);
            watch::run(
                &options,
                &mut Netlink::open()?,
                &places,
                &Users::here(),
                &Stop::by_signals()?,
            )?;
            return Ok(0);
        }
        Command::Events(options) => {
            let stop = Stop::by_signals()?;
            let mut ledger = Netlink::open()?;
            ledger.backlog = options.buffer.unwrap_or(ledger.backlog);
            events::run(&options, &mut ledger, &places, paint, &stop, &mut out)?;
        }
        Command::Wait(options) => {
            let stop = Stop::by_signals()?;
            status = wait::run(&options, &mut Netlink::open()?, &places, &stop, &mut out)?;
        }
        Command::Stats(options) => stats::run(&options, &mut Netlink::open()?, paint, &mut out)?,
        Command::Trace(options) => {
            let stop = Stop::by_signals()?;
            trace::run(
                &options,
                &mut Netlink::open()?,
                &places,
                &stop,
                time::now,
                &mut out,
            )?;
        }
        Command::Doctor(options) => {
            if doctor::run(&options, &mut Netlink::open()?, &places, paint, &mut out)? {
                status = FOUND;
            }
        }
        Command::Preflight(options) => {
            let ledger = Netlink::open().map(|ledger| Box::new(ledger) as Box<dyn Ledger>);
            preflight::run(&options, ledger, &places, time::monotonic, &mut out)?;
        }
        Command::Completions { shell } => cli::completions(shell, &mut out),
        Command::Man { folder } => cli::man(folder.as_deref(), &mut out)?,
    }
    out.flush()?;
    Ok(status)
}

fn main() -> ExitCode {
    match run(Cli::parse().command) {
        Ok(status) => ExitCode::from(status),
        Err(error) => {
            if !error.text.is_empty() {
                eprintln!("netns-ledger: {error}");
            }
            ExitCode::from(error.status)
        }
    }
}
