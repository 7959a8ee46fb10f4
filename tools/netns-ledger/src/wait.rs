// SPDX-License-Identifier: GPL-2.0

//! `netns-ledger wait`: returns when a namespace is really gone.
//!
//! It listens before it looks. What it has seen of the namespace is a small state machine, so that every order of
//! events and losses can be tried.

use crate::{
    client::{
        Key,
        Ledger,
        Next, //
    },
    error::{
        Error,
        Result,
        FOUND,
        TIME_OUT, //
    },
    names::{
        Names,
        Places, //
    },
    row::{
        Event,
        Kind,
        Row, //
    },
    stop::Stop,
    target::{
        self,
        Target, //
    },
    time::human,
};
use serde_json::json;
use std::{
    io::Write,
    process::Command,
    time::{
        Duration,
        Instant, //
    },
};

/// What is wanted.
#[derive(Debug, Clone, clap::Args)]
pub struct Options {
    /// The namespace: a name in /run/netns, a path, or a number; pid:N, cookie:N, inum:N and name:N say what a
    /// number is.
    #[arg(required = true, value_name = "NAMESPACE", value_parser = target::parse)]
    pub target: Target,
    /// Give up after this time, such as 30s, with the status 124.
    #[arg(long, value_name = "TIME", value_parser = crate::time::parse)]
    pub timeout: Option<Duration>,
    /// Write one line of JSON.
    #[arg(long)]
    pub json: bool,
    /// Write nothing; the status tells.
    #[arg(long, short, conflicts_with = "json")]
    pub quiet: bool,
    /// A command to run when the namespace has been found, such as: -- ip netns del red.
    #[arg(last = true, value_name = "COMMAND")]
    pub command: Vec<String>,
}

/// How a namespace ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct End {
    /// How long it took, if the last event of it was seen.
    pub teardown: Option<u64>,
    /// A subsystem refused it.
    pub refused: bool,
}

/// What is known of the end of one namespace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiter {
    cookie: u64,
    last: Option<u64>,
    /// Whether to look for its row.
    pub doubtful: bool,
    /// How it ended, if it has.
    pub end: Option<End>,
}

impl Waiter {
    /// For this namespace, which has been seen after events were subscribed to.
    pub fn new(cookie: u64) -> Self {
        Self {
            cookie,
            last: None,
            doubtful: false,
            end: None,
        }
    }

    /// An event, of it or of another.
    pub fn event(&mut self, event: &Event) {
        // A gap may have had the event that is waited for.
        self.doubtful |= self.last.is_some_and(|last| event.seq != last + 1);
        self.last = Some(event.seq);
        if event.cookie == self.cookie && event.kind == Kind::Destroyed && self.end.is_none() {
            self.end = Some(End {
                teardown: event.teardown,
                refused: event.refused,
            });
        }
    }

    /// Events have been lost, or there have been none for long.
    pub fn doubt(&mut self) {
        self.doubtful = true;
    }

    /// Whether its row was there.
    pub fn looked(&mut self, there: bool) {
        self.doubtful = false;
        if !there && self.end.is_none() {
            self.end = Some(End {
                teardown: None,
                refused: false,
            });
        }
    }
}

/// So long it does not look. The ledger may have been unloaded, and would tell nobody.
const PATIENCE: Duration = Duration::from_secs(1);

/// Waits for the end of a namespace that was seen after the subscription.
fn until_gone(
    ledger: &mut dyn Ledger,
    cookie: u64,
    deadline: Option<Instant>,
    stop: &Stop,
) -> Result<Option<End>> {
    let mut waiter = Waiter::new(cookie);
    let mut patience = PATIENCE;
    loop {
        if let Some(end) = waiter.end {
            return Ok(Some(end));
        }
        let left = deadline.map_or(Duration::MAX, |deadline| {
            deadline.saturating_duration_since(Instant::now())
        });
        if left.is_zero() || stop.is_set() {
            return Ok(None);
        }
        match ledger.next(left.min(patience))? {
            Next::Event(event) => waiter.event(&event),
            // What is still to be read may have more to say than that the row is gone.
            Next::Overrun => patience = Duration::ZERO,
            Next::Nothing => {
                patience = PATIENCE;
                waiter.doubt();
            }
        }
        if waiter.doubtful && waiter.end.is_none() {
            waiter.looked(ledger.row(Key::Cookie(cookie))?.is_some());
        }
    }
}

/// Waits, and returns the exit status.
pub fn run(
    options: &Options,
    ledger: &mut dyn Ledger,
    places: &Places,
    stop: &Stop,
    out: &mut dyn Write,
) -> Result<u8> {
    let start = Instant::now();
    ledger.subscribe()?;
    let row = target::find(&options.target, ledger, places)?;
    let called = called(&row, places, options.quiet);
    if let [program, arguments @ ..] = &options.command[..] {
        let status = Command::new(program)
            .args(arguments)
            .status()
            .map_err(|error| Error::new(format!("cannot run {program}: {error}.")))?;
        if !status.success() {
            return Err(Error {
                text: format!("{program} has failed ({status}); not waiting for {called}."),
                status: FOUND,
            });
        }
    }
    let deadline = options.timeout.map(|timeout| start + timeout);
    let end = until_gone(ledger, row.cookie, deadline, stop)?;
    let waited = crate::time::nanoseconds(start.elapsed());
    if options.json {
        let line = json!({
            "cookie": row.cookie,
            "inum": row.inum,
            "gone": end.is_some(),
            "teardown": end.as_ref().and_then(|end| end.teardown),
            "waited": waited,
        });
        writeln!(out, "{line}")?;
    } else if let (Some(end), false) = (&end, options.quiet) {
        let took = match end.teardown {
            Some(teardown) => format!("its end took {}", human(teardown)),
            None => "the event of its end was lost".to_owned(),
        };
        writeln!(out, "{called} is gone: {took}; waited {}.", human(waited))?;
    }
    if end.is_some() {
        return Ok(0);
    }
    let status = if stop.is_set() { 130 } else { TIME_OUT };
    if options.quiet || options.json {
        return Ok(status);
    }
    Err(Error {
        text: format!(
            "{called} is not gone after {}: {}.",
            human(waited),
            why(ledger, row.cookie)?
        ),
        status,
    })
}

fn called(row: &Row, places: &Places, quiet: bool) -> String {
    // Names take a walk through /proc, which nobody waits for.
    if quiet {
        return format!("cookie {}", row.cookie);
    }
    Names::read(places)
        .join(places, vec![row.clone()])
        .remove(0)
        .called()
}

/// What it is held by.
fn why(ledger: &mut dyn Ledger, cookie: u64) -> Result<String> {
    Ok(match ledger.row(Key::Cookie(cookie))? {
        None => "it has gone just now".to_owned(),
        Some(row) => {
            use crate::row::State;
            let since = human(row.in_state());
            match row.state {
                State::Active => format!(
                    "tasks, files or mounts hold it ({} of them)",
                    row.active_refs
                ),
                State::Inactive => format!(
                    "the kernel alone has held it for {since}, by {} references",
                    row.refs
                ),
                State::Dying => format!(
                    "it has been dying for {since} ({}); see 'netns-ledger doctor'",
                    row.phase.name()
                ),
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        client::fake::Fake,
        names::tests::machine,
        row::{
            samples,
            Dump, //
        },
    };
    use proptest::prelude::*;

    fn options(timeout: Option<Duration>) -> Options {
        Options {
            target: Target::Cookie(5),
            timeout,
            json: false,
            quiet: false,
            command: Vec::new(),
        }
    }

    fn dump(cookies: &[u64]) -> Dump {
        Dump {
            rows: cookies.iter().map(|cookie| samples::row(*cookie)).collect(),
            end: 0,
        }
    }

    fn wait(ledger: &mut Fake, options: &Options) -> (Result<u8>, String) {
        let mut out = Vec::new();
        let status = run(
            options,
            ledger,
            &machine("wait", &[]),
            &Stop::never(),
            &mut out,
        );
        (status, String::from_utf8(out).unwrap())
    }

    #[test]
    fn it_listens_before_it_looks() {
        let mut ledger = Fake::default();
        ledger.dumps.push_back(dump(&[5]));
        ledger
            .next
            .push_back(Next::Event(samples::event(Kind::Destroyed, 9, 5)));
        let (status, text) = wait(&mut ledger, &options(None));
        assert_eq!(status, Ok(0));
        assert!(
            text.starts_with("[cookie 5, inum 4026532005] is gone: its end took 5.0 ms; waited "),
            "{text}"
        );
        assert_eq!(ledger.asked[..2], ["subscribe", "row"]);
    }

    #[test]
    fn a_loss_makes_it_look_again() {
        let mut ledger = Fake::default();
        ledger.dumps.extend([dump(&[5]), dump(&[4])]);
        ledger.next.extend([
            Next::Event(samples::event(Kind::Created, 3, 7)),
            Next::Overrun,
            Next::Nothing,
        ]);
        let (status, text) = wait(&mut ledger, &options(None));
        assert_eq!(status, Ok(0));
        assert!(text.contains("the event of its end was lost"), "{text}");
    }

    #[test]
    fn the_time_is_up_with_a_reason() {
        let mut ledger = Fake::default();
        ledger.dumps.push_back(Dump {
            rows: vec![samples::dying(5, 2_000_000_000)],
            end: 0,
        });
        let error = wait(&mut ledger, &options(Some(Duration::from_millis(5))))
            .0
            .unwrap_err();
        assert_eq!(error.status, 124);
        assert!(
            error.text.contains("dying for 2.0 s (devices)"),
            "{}",
            error.text
        );
        let absent = wait(&mut Fake::default(), &options(None)).0.unwrap_err();
        assert_eq!(absent.status, 2);
    }

    #[test]
    fn a_command_that_fails_ends_it() {
        let mut ledger = Fake::default();
        ledger.dumps.push_back(dump(&[5]));
        let mut options = options(None);
        options.command = vec!["false".to_owned()];
        assert_eq!(wait(&mut ledger, &options).0.unwrap_err().status, 1);
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
        /// Whatever is lost, it ends when the namespace has, and not before.
        #[test]
        fn it_ends_when_the_namespace_has(
            others in proptest::collection::vec(0u8..4, 0..20), end in 0usize..20, lost in any::<u32>(),
        ) {
            let mut waiter = Waiter::new(5);
            let end = end.min(others.len());
            for at in 0..=others.len() {
                let event = if at == end {
                    samples::event(Kind::Destroyed, at as u64 + 1, 5)
                } else {
                    let kinds = [Kind::Created, Kind::Dying, Kind::DevicesGone, Kind::Destroyed];
                    samples::event(kinds[others[at % others.len()] as usize], at as u64 + 1, 6)
                };
                if (lost >> at) & 1 == 0 {
                    waiter.event(&event);
                }
                if waiter.doubtful {
                    waiter.looked(at < end);
                }
                prop_assert!(waiter.end.is_none() || at >= end);
            }
            waiter.doubt();
            waiter.looked(false);
            prop_assert!(waiter.end.is_some());
        }
    }
}
