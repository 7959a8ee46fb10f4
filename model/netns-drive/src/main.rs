// SPDX-License-Identifier: GPL-2.0

//! Drives a puppet module in a test kernel and judges what its hooks saw.

mod burst;
mod exact;
mod kernel;
mod ktap;
mod modes;
mod puppet;
mod random;
mod small;
mod tally;

use clap::{
    builder::PossibleValuesParser,
    value_parser,
    Arg,
    ArgMatches,
    Command, //
};
use modes::Options;
use std::{
    path::{
        Path,
        PathBuf, //
    },
    process::ExitCode,
    time::Duration, //
};

const ABOUT: &str = "\
Has a puppet module register hooks, makes and ends network namespaces beside it, and compares what the hooks saw with
the model of netns-model. Run it as root, in a test kernel: it loads a module that is made for tests.";

const AFTER: &str = "\
It writes KTAP, and at the end what was done in all. The status is 0 if all is well, 1 if something was not as it should
be, and 2 if it could not be found out. A program that fails is made as short as can be, and shown with its seed and the
command that runs it again.";

fn command() -> Command {
    let puppet = Arg::new("puppet")
        .long("puppet")
        .value_name("WHICH")
        .default_value("rust")
        .value_parser(PossibleValuesParser::new(["rust", "c", "simulated"]))
        .help("The module in Rust, its twin in C, or the model itself, which needs neither root nor a module");
    let module = Arg::new("module")
        .long("module")
        .value_name("PATH")
        .value_parser(value_parser!(PathBuf))
        .help("The module's file [default: /modules/pernet_puppet.ko or pernet_puppet_c.ko]");
    let patience = Arg::new("patience")
        .long("patience")
        .value_name("SECONDS")
        .default_value("30")
        .value_parser(value_parser!(u64).range(1..))
        .help("How long a namespace that nobody holds may stay while nothing happens");
    let number = |name: &'static str, default: &'static str, help: &'static str| {
        Arg::new(name)
            .long(name)
            .value_name("N")
            .default_value(default)
            .value_parser(value_parser!(u64))
            .help(help)
    };
    let max = number("max", "4", "The most operations in a program")
        .value_parser(value_parser!(u64).range(1..=8));
    let seed = Arg::new("seed")
        .long("seed")
        .value_name("N")
        .value_parser(value_parser!(u64))
        .help("What chance begins with [default: the time]");
    let length = number("length", "60", "The most operations in a program")
        .value_parser(value_parser!(u64).range(1..=100_000));
    Command::new("netns-drive")
        .version(env!("CARGO_PKG_VERSION"))
        .about(ABOUT)
        .after_help(AFTER)
        .max_term_width(120)
        .subcommand_required(true)
        .arg_required_else_help(true)
        .args([puppet.global(true), module.global(true), patience.global(true)])
        .subcommand(Command::new("programs").about("Every small program, each compared with the model").arg(&max))
        .subcommand(
            Command::new("random")
                .about("Long programs by chance, with faults, judged by the rules")
                .arg(number("operations", "10000", "How many operations in all"))
                .arg(number("seconds", "3600", "No more programs after so long"))
                .arg(&length)
                .arg(&seed),
        )
        .subcommand(
            Command::new("burst")
                .about("Processes make namespaces at once while hooks come and go, judged by the rules")
                .arg(number("processes", "3", "How many"))
                .arg(number("seconds", "10", "How long"))
                .arg(&seed),
        )
        .subcommand(
            Command::new("compare")
                .about("The same programs on both modules, which have to do the same")
                .arg(number("max", "3", "The most operations in a program that is one of all").value_parser(value_parser!(u64).range(0..=8)))
                .arg(number("operations", "1000", "How many operations in programs by chance"))
                .arg(&length)
                .arg(&seed),
        )
        .subcommand(
            Command::new("run")
                .about("One program, its events shown")
                .arg(Arg::new("program").required(true).help("Such as 'register 0; create; destroy 1', or a file of that"))
                .after_help(format!("The operations are:\n{}", netns_model::program::LANGUAGE)),
        )
        .subcommand(Command::new("load-module").hide(true).arg(Arg::new("path").required(true).value_parser(value_parser!(PathBuf))))
        .subcommand(Command::new("churn").hide(true).arg(Arg::new("seed").required(true).value_parser(value_parser!(u64))))
}

fn options(matches: &ArgMatches) -> Options {
    Options {
        puppet: matches
            .get_one::<String>("puppet")
            .cloned()
            .unwrap_or_default(),
        module: matches.get_one::<PathBuf>("module").cloned(),
        patience: Duration::from_secs(number(matches, "patience")),
    }
}

fn number(matches: &ArgMatches, name: &str) -> u64 {
    matches.get_one(name).copied().unwrap_or_default()
}

fn seed(matches: &ArgMatches) -> u64 {
    matches.get_one("seed").copied().unwrap_or_else(|| {
        let time = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        time.map_or(1, |time| u64::from(time.subsec_nanos()) ^ time.as_secs())
    })
}

fn main() -> ExitCode {
    let matches = command().get_matches();
    let result = match matches.subcommand() {
        Some(("load-module", matches)) => {
            let path = matches
                .get_one::<PathBuf>("path")
                .map_or(Path::new(""), PathBuf::as_path);
            kernel::load_module(path).map(|()| true)
        }
        Some(("churn", matches)) => burst::churn(number(matches, "seed")).map(|()| true),
        Some(("programs", matches)) => {
            modes::programs(&options(matches), number(matches, "max") as usize)
        }
        Some(("random", matches)) => {
            let bounds = modes::Bounds {
                operations: number(matches, "operations"),
                time: Duration::from_secs(number(matches, "seconds")),
                length: number(matches, "length") as usize,
            };
            modes::random(&options(matches), &bounds, seed(matches))
        }
        Some(("burst", matches)) => {
            let time = Duration::from_secs(number(matches, "seconds"));
            modes::burst(
                &options(matches),
                number(matches, "processes") as u32,
                time,
                seed(matches),
            )
        }
        Some(("compare", matches)) => {
            let [max, length] = ["max", "length"].map(|name| number(matches, name) as usize);
            modes::compare(
                &options(matches),
                max,
                number(matches, "operations"),
                length,
                seed(matches),
            )
        }
        Some(("run", matches)) => modes::run(
            &options(matches),
            matches
                .get_one::<String>("program")
                .map_or("", String::as_str),
        ),
        _ => Err("there is no such command; see netns-drive --help".into()),
    };
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(trouble) => {
            eprintln!("netns-drive: {trouble}");
            ExitCode::from(2)
        }
    }
}
