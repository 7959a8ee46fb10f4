// SPDX-License-Identifier: GPL-2.0

//! What the commands do.

use crate::{
    burst::{
        self,
        Strangers, //
    },
    exact,
    ktap::Report,
    puppet::{
        Kind,
        Puppet, //
    },
    random::{
        self,
        Verdict, //
    },
    small,
    tally::Tally, //
};
use netns_model::{
    program::{
        parse_program,
        write_program,
        Operation, //
    },
    session::{
        Failure,
        Session, //
    },
    simulator::Simulator,
};
use proptest::{
    strategy::{
        Strategy,
        ValueTree, //
    },
    test_runner::{
        Config,
        RngAlgorithm,
        TestRng,
        TestRunner, //
    },
};
use std::{
    fs,
    path::{
        Path,
        PathBuf, //
    },
    time::{
        Duration,
        Instant, //
    },
};

/// What all commands know.
pub struct Options {
    /// "rust", "c" or "simulated".
    pub puppet: String,
    /// Where its module is, if not where it is expected.
    pub module: Option<PathBuf>,
    /// How long a namespace's end may take.
    pub patience: Duration,
}

impl Options {
    fn kind(&self) -> Kind {
        if self.puppet == "c" {
            Kind::C
        } else {
            Kind::Rust
        }
    }

    fn module(&self, kind: Kind) -> PathBuf {
        self.module.clone().unwrap_or_else(|| {
            Path::new("/modules")
                .join(kind.module())
                .with_extension("ko")
        })
    }

    fn load(&self) -> Result<Puppet, String> {
        let kind = self.kind();
        Puppet::load(kind, &self.module(kind))
    }

    /// How to call for the same module again.
    fn again(&self, command: &str) -> String {
        let module = self.module.as_ref().map_or(String::new(), |module| {
            format!(" --module {}", module.display())
        });
        format!("netns-drive {command} --puppet {}{module}", self.puppet)
    }
}

/// A system that can begin anew after a failure.
trait Restart: Strangers {
    fn restart(&mut self) -> Result<(), String>;
}

impl Restart for Simulator {
    fn restart(&mut self) -> Result<(), String> {
        *self = Simulator::new(1);
        Ok(())
    }
}

impl Restart for Puppet {
    fn restart(&mut self) -> Result<(), String> {
        Puppet::restart(self)
    }
}

/// Calls a function with the system that the options ask for.
macro_rules! with_system {
    ($options:expr, $system:ident => $call:expr) => {
        if $options.puppet == "simulated" {
            let mut $system = Simulator::new(1);
            $call
        } else {
            let mut $system = $options.load()?;
            let result = $call;
            $system.unload()?;
            result
        }
    };
}

/// Every program of up to `max` operations.
pub fn programs(options: &Options, max: usize) -> Result<bool, String> {
    with_system!(options, system => programs_on(&mut system, options, max))
}

fn programs_on<S: Restart>(system: &mut S, options: &Options, max: usize) -> Result<bool, String> {
    /// So many are enough to see what is wrong.
    const ENOUGH: usize = 10;
    let mut report = Report::new(max);
    let mut tally = Tally::default();
    for length in 1..=max {
        let mut done = 0;
        let planned = small::count(length);
        let mut wrong = Vec::new();
        small::programs(length, &mut |program| {
            let mut session = match Session::new(system, options.patience) {
                Ok(session) => session,
                Err(failure) => return Err(failure.to_string()),
            };
            let result = exact::against_model(&mut session, program);
            tally.add(&session);
            tally.programs += 1;
            tally.operations += program.len() as u64;
            done += 1;
            report.progress(|| format!("{length} operations: {done} of {planned} programs"));
            if let Err(failure) = result {
                if let Failure::Trouble(trouble) = failure {
                    return Err(trouble);
                }
                let again = options.again(&format!("run '{}'", write_program(program)));
                wrong.push(exact::describe(&failure, program, &again));
                system.restart()?;
            }
            if wrong.len() < ENOUGH {
                Ok(())
            } else {
                Err(format!("{}\nThat is enough.", wrong.join("\n")))
            }
        })?;
        let wrong = (!wrong.is_empty()).then(|| wrong.join("\n"));
        report.test(
            &format!("{done} programs of {length} operations"),
            wrong.as_deref(),
        );
    }
    report.note(&tally.to_string());
    Ok(report.end())
}

/// How much is done by chance.
pub struct Bounds {
    /// Operations in all.
    pub operations: u64,
    /// How long programs are begun.
    pub time: Duration,
    /// Operations in a program.
    pub length: usize,
}

/// Programs by chance.
pub fn random(options: &Options, bounds: &Bounds, seed: u64) -> Result<bool, String> {
    with_system!(options, system => random_on(&mut system, options, bounds, seed))
}

fn random_on<S: Restart>(
    system: &mut S,
    options: &Options,
    bounds: &Bounds,
    seed: u64,
) -> Result<bool, String> {
    let Bounds {
        operations,
        time,
        length,
    } = *bounds;
    let start = Instant::now();
    let mut report = Report::new(1);
    report.note(&format!("seed {seed}"));
    let mut tally = Tally::default();
    let mut wrong = None;
    while tally.operations < operations && start.elapsed() < time && wrong.is_none() {
        let own = seed.wrapping_add(tally.programs);
        let seen = |session: &Session<'_, S>, program: &[Operation]| {
            tally.add(session);
            tally.operations += program.len() as u64;
        };
        let verdict = random::one(
            system,
            own,
            length,
            options.patience,
            random::run,
            seen,
            S::restart,
            false,
        );
        tally.programs += 1;
        report.progress(|| {
            format!(
                "{} of {operations} operations, {} events",
                tally.operations, tally.events
            )
        });
        if let Verdict::Failed(program, failure) = verdict {
            if let Failure::Trouble(trouble) = failure {
                return Err(format!("{trouble} (seed {own})"));
            }
            let again = options.again(&format!(
                "random --seed {own} --length {length} --operations 1"
            ));
            wrong = Some(exact::describe(&failure, &program, &again));
        }
    }
    report.test(
        &format!(
            "{} operations by chance, from seed {seed}",
            tally.operations
        ),
        wrong.as_deref(),
    );
    report.note(&tally.to_string());
    Ok(report.end())
}

/// Processes at work at once.
pub fn burst(options: &Options, processes: u32, time: Duration, seed: u64) -> Result<bool, String> {
    with_system!(options, system => burst_on(&mut system, options, processes, time, seed))
}

fn burst_on<S: Restart>(
    system: &mut S,
    options: &Options,
    processes: u32,
    time: Duration,
    seed: u64,
) -> Result<bool, String> {
    let mut report = Report::new(1);
    report.note(&format!("seed {seed}"));
    let mut tally = Tally {
        programs: 1,
        ..Tally::default()
    };
    let mut session =
        Session::new(system, options.patience).map_err(|failure| failure.to_string())?;
    let result = burst::burst(&mut session, processes, time, seed, |session| {
        report.progress(|| {
            format!(
                "{} namespaces, {} events",
                session.counters().namespaces,
                session.counters().events
            )
        });
    });
    tally.add(&session);
    let wrong = match result {
        Ok(operations) => {
            tally.operations = operations;
            None
        }
        Err(Failure::Trouble(trouble)) => return Err(trouble),
        Err(failure) => {
            system.restart()?;
            let seconds = time.as_secs();
            let again = options.again(&format!(
                "burst --processes {processes} --seconds {seconds} --seed {seed}"
            ));
            Some(format!("{failure}\nagain: {again}"))
        }
    };
    report.test(
        &format!(
            "{processes} processes at work for {} s, from seed {seed}",
            time.as_secs()
        ),
        wrong.as_deref(),
    );
    report.note(&tally.to_string());
    Ok(report.end())
}

/// The same programs on both modules.
pub fn compare(
    options: &Options,
    max: usize,
    operations: u64,
    length: usize,
    seed: u64,
) -> Result<bool, String> {
    if options.module.is_some() || options.puppet == "simulated" {
        return Err(
            "compare takes both modules from /modules; leave --module and --puppet out".into(),
        );
    }
    let [rust, c] = [Kind::Rust, Kind::C].map(|kind| Puppet::load(kind, &options.module(kind)));
    let mut systems = [rust?, c?];
    let mut report = Report::new(2);
    report.note(&format!("seed {seed}"));
    let mut tally = Tally::default();
    let mut one = |program: &[Operation], report: &mut Report| -> Result<Option<String>, String> {
        report.progress(|| format!("{} programs", tally.programs));
        tally.programs += 1;
        tally.operations += program.len() as u64;
        match exact::against_each_other(&mut systems, options.patience, program) {
            Ok(events) => {
                tally.events += events;
                Ok(None)
            }
            Err(Failure::Trouble(trouble)) => Err(trouble),
            Err(failure) => {
                for system in &mut systems {
                    system.restart()?;
                }
                Ok(Some(format!(
                    "{failure}\nprogram: {}",
                    write_program(program)
                )))
            }
        }
    };
    let mut wrong = None;
    for length in 1..=max {
        // The first one that differs ends it.
        let _ = small::programs(length, &mut |program| match one(program, &mut report) {
            Ok(None) => Ok(()),
            Ok(difference) => {
                wrong = difference;
                Err(None)
            }
            Err(trouble) => Err(Some(trouble)),
        })
        .or_else(|trouble| trouble.map_or(Ok(()), Err))?;
    }
    report.test(
        &format!("programs of up to {max} operations do the same on both"),
        wrong.as_deref(),
    );
    let mut wrong = None;
    let mut done = 0;
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let mut runner = TestRunner::new_with_rng(
        Config::default(),
        TestRng::from_seed(RngAlgorithm::ChaCha, &bytes),
    );
    while done < operations && wrong.is_none() {
        let program = random::programs(length, true)
            .new_tree(&mut runner)
            .map_err(|reason| reason.to_string())?
            .current();
        done += program.len() as u64;
        wrong = one(&program, &mut report)?;
    }
    report.test(
        &format!("{done} operations by chance do the same on both, from seed {seed}"),
        wrong.as_deref(),
    );
    report.note(&tally.to_string());
    for system in &mut systems {
        system.unload()?;
    }
    Ok(report.end())
}

/// One program.
pub fn run(options: &Options, text: &str) -> Result<bool, String> {
    let text = match fs::read_to_string(text) {
        Ok(file) => file,
        Err(_) => text.to_string(),
    };
    let program = parse_program(&text)?;
    with_system!(options, system => run_on(&mut system, options, &program))
}

fn run_on<S: Restart>(
    system: &mut S,
    options: &Options,
    program: &[Operation],
) -> Result<bool, String> {
    let mut session =
        Session::new(system, options.patience).map_err(|failure| failure.to_string())?;
    let mut steps = || -> Result<(), Failure> {
        for operation in program {
            let step = session.run(operation)?;
            println!(
                "{operation}{}",
                step.result
                    .map_or_else(|errno| format!(": {errno}"), |()| String::new())
            );
            for event in &step.events {
                println!("    {event}");
            }
        }
        session.finish()
    };
    if let Err(failure) = steps() {
        println!("{failure}");
        system.restart()?;
        return Ok(false);
    }
    if program.iter().all(Operation::is_predictable) {
        let mut session =
            Session::new(system, options.patience).map_err(|failure| failure.to_string())?;
        if let Err(failure) = exact::against_model(&mut session, program) {
            println!("{failure}");
            system.restart()?;
            return Ok(false);
        }
    }
    Ok(true)
}
