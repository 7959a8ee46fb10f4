// SPDX-License-Identifier: GPL-2.0

//! The command line, and what is made from it: completions and man pages.

use crate::{
    doctor,
    error::Result,
    events,
    list,
    preflight,
    stats,
    trace,
    wait,
    watch, //
};
use clap::{
    CommandFactory,
    Parser,
    Subcommand, //
};
use clap_complete::Shell;
use std::{
    fs::File,
    io::Write,
    path::{
        Path,
        PathBuf, //
    },
};

const AFTER: &str = "\
It wants the module netns_ledger, CAP_NET_ADMIN in the initial user namespace, and the initial network namespace.

Exit status: 0 if all went well; 1 if doctor has found something, preflight refuses, or the command of wait has \
failed; 2 if it could not be done, the command line is wrong, or there is no such namespace; 124 if the time of wait \
is up; 130 if wait was interrupted.

Colours are for terminals only; NO_COLOR=1 switches them off.";

/// Shows the life of every network namespace: which there are, who made them, what they wait for, when they are gone.
#[derive(Debug, Parser)]
#[command(name = "netns-ledger", version, after_help = AFTER, max_term_width = 110, disable_help_subcommand = true)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// The table of all namespaces.
    List(list::Options),
    /// The table as it changes; q quits, s sorts, / filters.
    Watch(watch::Options),
    /// A line for each namespace that comes or goes, until Ctrl-C.
    Events(events::Options),
    /// Wait until a namespace is really gone.
    Wait(wait::Options),
    /// The counters, and how long ends took.
    Stats(stats::Options),
    /// Record a file for Perfetto or chrome://tracing.
    Trace(trace::Options),
    /// What looks leaked or stuck, and what to do next.
    Doctor(doctor::Options),
    /// Whether a module with pernet operations may be loaded or unloaded now.
    Preflight(preflight::Options),
    /// The completions for a shell.
    Completions {
        /// Which.
        #[arg(value_enum)]
        shell: Shell,
    },
    /// The man page, or all of them into a folder.
    #[command(hide = true)]
    Man {
        /// The folder.
        folder: Option<PathBuf>,
    },
}

/// Writes completions.
pub fn completions(shell: Shell, out: &mut dyn Write) {
    clap_complete::generate(shell, &mut Cli::command(), "netns-ledger", &mut { out });
}

/// Writes man pages.
pub fn man(folder: Option<&Path>, out: &mut dyn Write) -> Result<()> {
    let mut command = Cli::command().disable_help_subcommand(true);
    command.build();
    let Some(folder) = folder else {
        clap_mangen::Man::new(command).render(&mut { out })?;
        return Ok(());
    };
    for part in command.get_subcommands().filter(|part| !part.is_hide_set()) {
        let name = format!("netns-ledger-{}", part.get_name());
        let mut file = File::create(folder.join(format!("{name}.8")))?;
        clap_mangen::Man::new(part.clone())
            .section("8")
            .render(&mut file)?;
    }
    let mut file = File::create(folder.join("netns-ledger.8"))?;
    clap_mangen::Man::new(command)
        .section("8")
        .render(&mut file)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn it_is_read_as_documented() {
        for line in [
            "list --sort since --state dying --dying-longer-than 5s --owner root --json",
            "events --snapshot --json --count 3",
            "wait red --timeout 30s -- ip netns del red",
            "wait cookie:12 --quiet",
            "stats --prometheus -o x.prom",
            "trace -o t.json --duration 5s",
            "preflight --max 2s",
            "completions bash",
        ] {
            let words = std::iter::once("netns-ledger").chain(line.split(' '));
            assert!(Cli::try_parse_from(words).is_ok(), "{line}");
        }
        for line in [
            "",
            "frobnicate",
            "wait",
            "list --sort colour",
            "wait pid:x",
            "stats --json --prometheus",
        ] {
            let words = std::iter::once("netns-ledger").chain(line.split_whitespace());
            assert_eq!(
                Cli::try_parse_from(words).unwrap_err().exit_code(),
                2,
                "{line}"
            );
        }
    }

    #[test]
    fn every_command_has_a_man_page() {
        let folder = crate::names::tests::folder("man");
        man(Some(&folder), &mut Vec::new()).unwrap();
        for name in ["netns-ledger", "netns-ledger-wait", "netns-ledger-doctor"] {
            let text = std::fs::read_to_string(folder.join(format!("{name}.8"))).unwrap();
            assert!(text.contains(".SH NAME") && text.contains(name.rsplit('-').next().unwrap()));
        }
        assert!(!folder.join("netns-ledger-man.8").exists());
    }
}
