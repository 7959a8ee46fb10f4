// SPDX-License-Identifier: GPL-2.0

//! `netns-ledger preflight`: whether a module with pernet operations may be loaded or unloaded now.
//!
//! Either waits for the cleanup that is running, in a state that no signal ends, and blocks whoever makes a namespace
//! meanwhile. With the ledger it is known since when one has been running. Without, it is looked for: a worker of
//! `cleanup_net()` that is there each time in a while, or what the kernel's log has said lately.

use crate::{
    client::Ledger,
    error::{
        Error,
        Result,
        FOUND, //
    },
    names::{
        Names,
        Places, //
    },
    row::{
        Phase,
        Row,
        State, //
    },
    time::{
        human,
        nanoseconds,
        SECOND, //
    },
};
use std::{
    fs,
    io::{
        Read,
        Write, //
    },
    os::unix::fs::OpenOptionsExt,
    path::Path,
    time::{
        Duration,
        Instant, //
    },
};

/// What is wanted.
#[derive(Debug, Clone, clap::Args)]
pub struct Options {
    /// How long a cleanup may have been running.
    #[arg(long, value_name = "TIME", default_value = "1s", value_parser = crate::time::parse)]
    pub max: Duration,
    /// Write nothing if it is safe.
    #[arg(long, short)]
    pub quiet: bool,
}

/// What the kernel says every ten seconds while a device is waited for.
const WAITING: &str = "unregister_netdevice: waiting for ";
/// So long it may be since it said so.
const LATELY: u64 = 12 * SECOND;

fn refuse(reason: String) -> Error {
    Error {
        text: format!(
            "not safe now: {reason}. Loading or unloading would wait for it, unkillably, and block new namespaces meanwhile; \
             see 'netns-ledger doctor'."
        ),
        status: FOUND,
    }
}

/// By what the ledger knows.
pub fn with_ledger(options: &Options, ledger: &mut dyn Ledger, places: &Places) -> Result<String> {
    let stats = ledger.stats()?;
    match stats.cleanup_for() {
        None => Ok("safe: no cleanup is running.".to_owned()),
        Some(time) if time <= nanoseconds(options.max) => Ok(format!(
            "safe: a cleanup has been running for {} only.",
            human(time)
        )),
        Some(time) => {
            let culprit = culprit(ledger.dump()?.rows);
            let which = culprit.map_or(String::new(), |row| {
                let phase = row.phase.name();
                let entry = Names::read(places).join(places, vec![row]).remove(0);
                format!(", at {} by {} ({phase})", entry.called(), entry.creator())
            });
            Err(refuse(format!(
                "a cleanup of namespaces has been running for {}{which}",
                human(time)
            )))
        }
    }
}

/// The one that others wait for: it has come farthest, or has been dying for longest.
pub fn culprit(rows: Vec<Row>) -> Option<Row> {
    rows.into_iter()
        .filter(|row| row.state == State::Dying && row.phase != Phase::Queued)
        .max_by_key(Row::in_state)
}

/// Workers that are in `cleanup_net()` now: their process ids.
pub fn workers(root: &Path) -> Vec<u32> {
    let processes = fs::read_dir(root.join("proc"))
        .into_iter()
        .flatten()
        .flatten();
    processes
        .filter_map(|entry| {
            let pid = entry.file_name().to_str()?.parse().ok()?;
            let comm = fs::read_to_string(entry.path().join("comm")).ok()?;
            if !comm.starts_with("kworker/") {
                return None;
            }
            // A worker that has work carries a plus; where there are no stacks it has to do.
            let busy = match fs::read_to_string(entry.path().join("stack")) {
                Ok(stack) if !stack.is_empty() => stack.contains("cleanup_net"),
                _ => comm.trim_end().ends_with("+netns"),
            };
            busy.then_some(pid)
        })
        .collect()
}

/// The last line of the kernel's log on a device that is waited for, if it is of late.
fn waiting(log: &str, now: u64) -> Option<String> {
    let (stamp, text) = log.lines().rev().find_map(|line| {
        let (header, text) = line.split_once(';')?;
        text.contains(WAITING)
            .then_some((header.split(',').nth(2)?, text))
    })?;
    let time = stamp.parse::<u64>().ok()?.saturating_mul(1_000);
    (now.saturating_sub(time) < LATELY).then(|| text.to_owned())
}

/// All that is in the kernel's log.
fn kernel_log(path: &Path) -> String {
    const NONBLOCK: i32 = 0o4000;
    let Ok(mut file) = fs::OpenOptions::new()
        .read(true)
        .custom_flags(NONBLOCK)
        .open(path)
    else {
        return String::new();
    };
    let mut log = Vec::new();
    let mut record = vec![0; 16_384];
    loop {
        match file.read(&mut record) {
            Ok(0) => break,
            Ok(length) => log.extend_from_slice(&record[..length]),
            // A record was overwritten before it was read.
            Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => {}
            Err(_) => break,
        }
    }
    String::from_utf8_lossy(&log).into_owned()
}

/// Without the ledger: looks now and again for as long as a cleanup may take.
pub fn without_ledger(options: &Options, root: &Path, now: fn() -> u64) -> Result<String> {
    if fs::read(root.join("proc/self/stack"))
        .is_err_and(|error| error.kind() == std::io::ErrorKind::PermissionDenied)
    {
        // What is not seen may be there.
        return Err(Error::new(
            "cannot see what the kernel's workers do; run this as root.",
        ));
    }
    let start = Instant::now();
    let mut busy = workers(root);
    while !busy.is_empty() && start.elapsed() <= options.max {
        std::thread::sleep(Duration::from_millis(50).min(options.max));
        let still = workers(root);
        busy.retain(|pid| still.contains(pid));
    }
    if let Some(pid) = busy.first() {
        return Err(refuse(format!(
            "kworker {pid} has been in cleanup_net() for {} at least ('cat /proc/{pid}/stack' shows where)",
            human(nanoseconds(start.elapsed()))
        )));
    }
    if let Some(line) = waiting(&kernel_log(&root.join("dev/kmsg")), now()) {
        return Err(refuse(format!(
            "the kernel said of late \"{}\"",
            crate::row::shown(line.trim())
        )));
    }
    Ok(
        "safe: no cleanup has been running for long, as far as can be seen without the ledger."
            .to_owned(),
    )
}

/// Tells.
pub fn run(
    options: &Options,
    ledger: Result<Box<dyn Ledger>>,
    places: &Places,
    now: fn() -> u64,
    out: &mut dyn Write,
) -> Result<()> {
    let said = match ledger {
        Ok(mut ledger) => with_ledger(options, ledger.as_mut(), places)?,
        // Without rights the stacks and the log cannot be seen either, and "safe" would be a guess.
        Err(error) if error.text.contains("CAP_NET_ADMIN") => return Err(error),
        Err(_) => without_ledger(options, &places.root, now)?,
    };
    if !options.quiet {
        writeln!(out, "{said}")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        client::fake::Fake,
        names::tests::machine,
        row::{
            samples,
            Dump,
            Stats, //
        },
    };

    fn options(max: u64) -> Options {
        Options {
            max: Duration::from_millis(max),
            quiet: false,
        }
    }

    #[test]
    fn the_ledger_knows_since_when_and_which() {
        let mut ledger = Fake::default();
        let places = machine("preflight", &[]);
        assert!(with_ledger(&options(1_000), &mut ledger, &places)
            .unwrap()
            .contains("no cleanup"));
        ledger.stats = Stats {
            now: 10 * SECOND,
            cleanup_since: Some(9_500_000_000),
            ..Stats::default()
        };
        assert!(with_ledger(&options(1_000), &mut ledger, &places)
            .unwrap()
            .contains("500 ms only"));
        ledger.stats.cleanup_since = Some(2 * SECOND);
        let mut behind = samples::dying(9, 9_000_000_000);
        behind.phase = Phase::Queued;
        ledger.dumps.push_back(Dump {
            rows: vec![behind, samples::dying(5, 8_000_000_000)],
            end: 0,
        });
        let error = with_ledger(&options(1_000), &mut ledger, &places).unwrap_err();
        assert_eq!(error.status, 1);
        assert!(
            error
                .text
                .contains("running for 8.0 s, at [cookie 5, inum 4026532005] by ip/77 (devices)"),
            "{}",
            error.text
        );
        assert!(with_ledger(&options(9_000), &mut ledger, &places).is_ok());
    }

    #[test]
    fn without_it_a_worker_that_stays_is_found() {
        let stack = "[<0>] synchronize_rcu+0x1/0x2\n[<0>] cleanup_net+0x1/0x2\n";
        let files = [
            ("proc/30/comm", "kworker/u4:1-events\n"),
            ("proc/30/stack", "[<0>] worker_thread+0x1\n"),
        ];
        let quiet = machine("quiet", &files);
        assert!(without_ledger(&options(10), &quiet.root, || 0)
            .unwrap()
            .starts_with("safe"));
        let stuck = machine(
            "stuck",
            &[
                ("proc/31/comm", "kworker/u4:2-netns\n"),
                ("proc/31/stack", stack),
                files[0],
                files[1],
            ],
        );
        let error = without_ledger(&options(10), &stuck.root, || 0).unwrap_err();
        assert!(error.text.contains("kworker 31"), "{}", error.text);
        // Where the kernel shows no stacks.
        let blind = machine(
            "blind",
            &[
                ("proc/32/comm", "kworker/u4:2+netns\n"),
                ("proc/33/comm", "kworker/u4:3-netns\n"),
            ],
        );
        assert!(without_ledger(&options(10), &blind.root, || 0)
            .unwrap_err()
            .text
            .contains("kworker 32"));
    }

    #[test]
    fn the_log_counts_while_it_is_fresh() {
        let log = "3,1,500,-;unregister_netdevice: waiting for veth0 to become free. Usage count = 2\n\
                   3,2,90000000,-;unregister_netdevice: waiting for lo to become free. Usage count = 2\n6,3,91000000,-;other\n";
        assert!(waiting(log, 95 * SECOND).unwrap().contains("lo"));
        assert_eq!(waiting(log, 103 * SECOND), None);
        assert_eq!(waiting("", SECOND), None);
    }
}
