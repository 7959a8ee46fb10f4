// SPDX-License-Identifier: GPL-2.0

//! Lets every allocation of a system call on network namespaces fail, one after the other.
//!
//! A shell cannot do that: it allocates and forks. The N-th allocation of the call fails, for N from 1 until
//! the call succeeds without having had so many; after that, a namespace can be made, and none is left but
//! those that are held.

#![forbid(unsafe_code)]

use clap::{
    value_parser,
    Arg,
    ArgAction,
    ArgMatches,
    Command, //
};
use nix::{
    sched::{
        unshare,
        CloneFlags, //
    },
    sys::mman::{
        mlockall,
        MlockAllFlags, //
    },
};
use std::{
    fmt,
    path::PathBuf,
    process::ExitCode,
    time::{
        Duration,
        Instant, //
    },
};

mod fault;
mod namespaces;
mod operation;
mod sweep;

use fault::Faults;
use namespaces::{
    Counter,
    Home, //
};
use operation::{
    Insmod,
    Module,
    Operation,
    Rmmod,
    Unshare, //
};
use sweep::Sweep;

/// How long namespaces may take to go.
const DRAIN: Duration = Duration::from_secs(120);

const ABOUT: &str = "\
Lets every allocation of a system call fail, one after the other, and tells what comes of it. Run it as root, in a test
kernel: a fault may hit what it should not.";

const AFTER: &str = "\
The status is 0 when each fault led to success or to an expected error, 1 when one did not or something was left behind,
and 4 when it could not be tried.";

fn command() -> Command {
    let number = |name: &'static str, default: &'static str, help: &'static str| {
        Arg::new(name)
            .long(name)
            .value_name("N")
            .default_value(default)
            .global(true)
            .help(help)
    };
    let module = |name: &'static str, about: &'static str| {
        Command::new(name).about(about).args([
            Arg::new("file")
                .required(true)
                .value_parser(value_parser!(PathBuf))
                .help("The module"),
            Arg::new("parameter").num_args(0..).help("Its parameters"),
        ])
    };
    Command::new("netns-faults")
        .version(env!("CARGO_PKG_VERSION"))
        .about(ABOUT)
        .after_help(AFTER)
        .max_term_width(120)
        .subcommand_required(true)
        .arg_required_else_help(true)
        .args([
            number(
                "namespaces",
                "0",
                "How many namespaces live meanwhile, beside those that there are",
            )
            .value_parser(value_parser!(u32)),
            number("first", "1", "The first allocation to fail")
                .value_parser(value_parser!(u32).range(1..)),
            number("every", "1", "Only every N-th of them")
                .value_parser(value_parser!(u32).range(1..)),
        ])
        .subcommand(
            module("insmod", "Load a module").arg(
                Arg::new("devices")
                    .long("devices")
                    .action(ArgAction::SetTrue)
                    .help("It makes network devices: it may fail with what those fail with, too"),
            ),
        )
        .subcommand(module(
            "rmmod",
            "Unload a module, which is loaded without faults before; this may not fail",
        ))
        .subcommand(Command::new("unshare").about("Make a network namespace"))
}

fn number(matches: &ArgMatches, name: &str) -> u32 {
    matches.get_one(name).copied().unwrap_or_default()
}

fn module(matches: &ArgMatches) -> Result<Module, Failure> {
    let path: Option<&PathBuf> = matches.get_one("file");
    let parameters: Vec<String> = matches
        .get_many("parameter")
        .into_iter()
        .flatten()
        .cloned()
        .collect();
    Module::new(path.map_or("".as_ref(), PathBuf::as_path), &parameters)
}

/// Why there is no good end.
#[derive(Debug)]
pub enum Failure {
    /// What is tested is wrong.
    Found(String),
    /// It could not be tried.
    Unable(String),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Found(text) | Self::Unable(text) => f.write_str(text),
        }
    }
}

fn main() -> ExitCode {
    match run(&command().get_matches()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(failure) => {
            eprintln!("netns-faults: {failure}");
            ExitCode::from(match failure {
                Failure::Found(_) => 1,
                Failure::Unable(_) => 4,
            })
        }
    }
}

/// Returns whether all went as it should.
fn run(matches: &ArgMatches) -> Result<bool, Failure> {
    // A page fault between the fault's being set up and the call would get it instead.
    mlockall(MlockAllFlags::MCL_CURRENT | MlockAllFlags::MCL_FUTURE).map_err(|errno| {
        Failure::Unable(format!("cannot lock the memory of this program: {errno}"))
    })?;
    let faults = Faults::new()?;
    let home = Home::new()?;
    let counter = Counter::new(&faults, &home)?;
    let held = home.hold(number(matches, "namespaces"))?;
    let before = counter.count()?;

    let mut operation: Box<dyn Operation> = match matches.subcommand() {
        Some(("insmod", matches)) => Box::new(Insmod {
            module: module(matches)?,
            devices: matches.get_flag("devices"),
        }),
        Some(("rmmod", matches)) => Box::new(Rmmod(module(matches)?)),
        _ => Box::new(Unshare(&home)),
    };
    let start = Instant::now();
    let sweep = Sweep {
        first: number(matches, "first"),
        every: number(matches, "every"),
    };
    let tally = sweep.run(&faults, &mut *operation, tell)?;
    println!("{tally}, {:.1} s", start.elapsed().as_secs_f64());

    unshare(CloneFlags::CLONE_NEWNET)
        .map_err(|errno| Failure::Found(format!("no namespace can be made after that: {errno}")))?;
    home.go()?;
    if !counter.falls_to(before, DRAIN)? {
        return Err(Failure::Found(format!(
            "there were {before} namespaces and now there are {}, {} s later",
            counter.count()?,
            DRAIN.as_secs()
        )));
    }
    println!("namespaces {before} before and after");
    drop(held);
    Ok(tally.points > 0 && tally.unexpected == 0)
}

/// One line for points with equal results.
fn tell(first: u32, last: u32, result: nix::Result<()>) {
    let points = if first == last {
        first.to_string()
    } else {
        format!("{first}-{last}")
    };
    match result {
        Ok(()) => println!("  {points}: succeeded"),
        Err(errno) => println!("  {points}: {errno:?}"),
    }
}
