// SPDX-License-Identifier: GPL-2.0

//! Tells what follows from a sequence of operations on network namespaces.

use clap::{
    value_parser,
    Arg,
    ArgAction,
    ArgMatches,
    Command, //
};
use netns_model::{
    drawing,
    event::Event,
    lists,
    operations::{
        Hook,
        Kind,
        Slot,
        PUPPET, //
    },
    program::{
        parse_program,
        Interpreter,
        LANGUAGE, //
    },
    search::{
        self,
        Bounds, //
    },
};
use std::{
    fs,
    io::{
        self,
        ErrorKind,
        Write, //
    },
    path::PathBuf,
    process::ExitCode,
    time::Instant, //
};

const ABOUT: &str = "\
Tells what the hooks of network namespaces see when hooks are registered, and namespaces made and ended.";

fn slots() -> String {
    let mut text = String::from("The slots, which are those of the puppet modules:\n");
    for slot in Slot::all() {
        let operations = slot.operations();
        let kind = if operations.kind == Kind::Subsys {
            "subsys"
        } else {
            "device"
        };
        let hooks: Vec<_> = operations.hooks.iter().map(Hook::to_string).collect();
        text += &format!(
            "  {:>2}  {kind}  {:<42} {:>5} bytes\n",
            slot.0,
            hooks.join(" "),
            operations.size
        );
    }
    text
}

fn command() -> Command {
    let program = Arg::new("program")
        .required(true)
        .action(ArgAction::Append)
        .help("Operations with a ; between them, or a file with one on each line");
    let svg = Arg::new("svg")
        .long("svg")
        .value_name("FILE")
        .value_parser(value_parser!(PathBuf))
        .help("Writes a drawing of the events, too");
    let lists = Arg::new("lists")
        .long("lists")
        .value_name("FILE")
        .value_parser(value_parser!(PathBuf))
        .help("Writes a drawing of the lists after each operation, too");
    let number = |name: &'static str, default: &'static str, help: &'static str| {
        Arg::new(name)
            .long(name)
            .value_name("N")
            .default_value(default)
            .value_parser(value_parser!(u64).range(1..=12))
            .help(help)
    };
    Command::new("netns-model")
        .version(env!("CARGO_PKG_VERSION"))
        .about(ABOUT)
        .max_term_width(120)
        .subcommand_required(true)
        .arg_required_else_help(true)
        .after_help(
            "Example: netns-model show 'register 0; register 1; create; destroy 1' --svg life.svg",
        )
        .subcommand(
            Command::new("show")
                .about("The events of a program")
                .args([program, svg, lists])
                .after_help(format!("The operations are:\n{LANGUAGE}\n\n{}", slots())),
        )
        .subcommand(
            Command::new("search")
                .about("Every program of a small system, each judged by the oracle")
                .arg(number(
                    "registrations",
                    "3",
                    "Slots, of those with all hooks first",
                ))
                .arg(number(
                    "namespaces",
                    "2",
                    "Namespaces that live at once, beside the initial one",
                ))
                .arg(number("operations", "6", "Operations in a program")),
        )
}

/// What cannot be told ends it with a status.
type Result<T> = std::result::Result<T, String>;

fn show(matches: &ArgMatches) -> Result<()> {
    let words: Vec<_> = matches
        .get_many::<String>("program")
        .into_iter()
        .flatten()
        .map(String::as_str)
        .collect();
    let text = match words[..] {
        [path] => fs::read_to_string(path).unwrap_or_else(|_| path.into()),
        _ => words.join(" "),
    };
    let program = parse_program(&text)?;
    if let Some(operation) = program.iter().find(|operation| !operation.is_predictable()) {
        return Err(format!(
            "what '{operation}' leads to depends on the kernel; netns-drive runs it on one"
        ));
    }
    let mut interpreter = Interpreter::new();
    let mut rows = vec![lists::Row::new("boot".into(), &interpreter)];
    let steps: Vec<_> = program
        .iter()
        .map(|operation| {
            let step = interpreter.run(operation);
            rows.push(lists::Row::new(operation.to_string(), &interpreter));
            step
        })
        .collect();
    let mut output = io::stdout().lock();
    let mut write = |line: String| writeln!(output, "{line}");
    for step in &steps {
        let result = step
            .result
            .map_or_else(|errno| format!(": {errno}"), |()| String::new());
        let lines = step
            .events
            .iter()
            .map(|event| describe(event, &interpreter));
        for line in std::iter::once(format!("{}{result}", step.operation)).chain(lines) {
            match write(line) {
                Err(error) if error.kind() == ErrorKind::BrokenPipe => return Ok(()),
                result => result.map_err(|error| format!("cannot write: {error}"))?,
            }
        }
    }
    let drawings: [(_, &dyn Fn() -> String); 2] = [
        ("svg", &|| drawing::draw(&steps, &interpreter)),
        ("lists", &|| lists::draw(&rows)),
    ];
    for (name, draw) in drawings {
        if let Some(path) = matches.get_one::<PathBuf>(name) {
            fs::write(path, draw())
                .map_err(|error| format!("cannot write {}: {error}", path.display()))?;
        }
    }
    Ok(())
}

fn describe(event: &Event, interpreter: &Interpreter) -> String {
    let kind = if event.slot.operations().kind == Kind::Subsys {
        "subsys"
    } else {
        "device"
    };
    let mut line = format!("    {kind} {:<2} {:<10} ", event.slot.0, event.hook);
    match event.nets {
        Some(nets) => line += &format!("of {nets}"),
        None => line += &interpreter.name(event.net),
    }
    if let Some(errno) = event.err {
        line += &format!(" fails with {errno}");
    }
    line
}

fn search(matches: &ArgMatches) -> Result<()> {
    let [registrations, namespaces, operations] = ["registrations", "namespaces", "operations"]
        .map(|name| {
            matches
                .get_one::<u64>(name)
                .map_or(0, |number| *number as usize)
        });
    // Those whose traces say most come first.
    let order = [0, 1, 3, 2, 4, 5, 6, 7, 8, 9, 10, 11];
    let bounds = Bounds {
        slots: order
            .iter()
            .take(registrations.min(PUPPET.len()))
            .copied()
            .map(Slot)
            .collect(),
        namespaces,
        operations,
    };
    let start = Instant::now();
    let found = search::search(&bounds)?;
    println!(
        "{} programs of up to {operations} operations on {registrations} slots and {namespaces} namespaces: \
         {} events, {} batches, {} registrations undone, {} namespaces refused, no violation; {:.1} s",
        found.programs,
        found.events,
        found.batches,
        found.undone,
        found.refused,
        start.elapsed().as_secs_f64()
    );
    Ok(())
}

fn main() -> ExitCode {
    let matches = command().get_matches();
    let result = match matches.subcommand() {
        Some(("show", matches)) => show(matches),
        Some(("search", matches)) => search(matches),
        _ => Err("there is no such command; see netns-model --help".into()),
    };
    if let Err(trouble) = result {
        eprintln!("netns-model: {trouble}");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}
