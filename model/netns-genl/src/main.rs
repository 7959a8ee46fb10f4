// SPDX-License-Identifier: GPL-2.0

//! Talks to netns_ledger in a test kernel: asks, listens, makes namespaces whose cookies are known, and sends what
//! is not well-formed. It writes and reads the bytes of generic netlink by itself, so that it shares no mistake with a
//! library or with the command that people use.

use clap::{
    value_parser,
    Arg,
    ArgAction,
    ArgMatches,
    Command, //
};
use std::{
    io,
    process::ExitCode, //
};

mod fuzz;
mod ledger;
mod message;
mod namespaces;
mod socket;

const ABOUT: &str = "\
Talks to netns_ledger, a line for each message: a word, and name=value for each attribute. For the tests.";

fn command() -> Command {
    let number = |name: &'static str, default: &'static str| {
        Arg::new(name)
            .value_name("N")
            .value_parser(value_parser!(u64))
            .default_value(default)
    };
    Command::new("netns-genl")
        .about(ABOUT)
        .subcommand_required(true)
        .arg(
            Arg::new("uid")
                .long("uid")
                .value_parser(value_parser!(u32))
                .help("Become this user first"),
        )
        .subcommands([
            Command::new("get")
                .about("A row")
                .arg(number("cookie", "0").long("cookie"))
                .arg(number("inum", "0").long("inum")),
            Command::new("dump").about("All rows").arg(
                Arg::new("slowly")
                    .long("slowly")
                    .action(ArgAction::SetTrue)
                    .help("Ask, wait for a line of standard input, and read then"),
            ),
            Command::new("stats").about("What has been counted"),
            Command::new("events")
                .about("Listen until it is killed")
                .arg(number("buffer", "16777216").long("buffer")),
            Command::new("ambush")
                .about("Join all groups, those too that no family has yet, and listen until it is killed"),
            Command::new("living").about("The cookies of active namespaces, as listns(2) has them"),
            Command::new("make")
                .about("Make so many namespaces, one after another, and tell their cookies")
                .arg(number("count", "1").required(true)),
            Command::new("fit")
                .about("Make so many namespaces, each as soon as the one before the last is told to be gone")
                .arg(number("count", "1").required(true)),
            Command::new("fuzz")
                .about("Send so many malformed requests, and tell what was answered")
                .arg(number("seed", "1").long("seed"))
                .arg(number("count", "1000").required(true)),
        ])
}

fn run(matches: &ArgMatches) -> io::Result<()> {
    if let Some(&uid) = matches.get_one::<u32>("uid") {
        socket::become_user(uid)?;
    }
    let (name, matches) = matches.subcommand().unwrap_or(("", matches));
    let number = |name: &str| matches.get_one::<u64>(name).copied().unwrap_or(0);
    match name {
        "get" => ledger::get(number("cookie"), number("inum")),
        "dump" => ledger::dump(matches.get_flag("slowly")),
        "stats" => ledger::stats(),
        "events" => ledger::events(number("buffer")),
        "ambush" => ledger::ambush(),
        "living" => namespaces::living(),
        "make" => namespaces::make(number("count")),
        "fit" => namespaces::fit(number("count")),
        _ => fuzz::run(number("seed"), number("count")),
    }
}

fn main() -> ExitCode {
    match run(&command().get_matches()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("netns-genl: {error}");
            ExitCode::FAILURE
        }
    }
}
