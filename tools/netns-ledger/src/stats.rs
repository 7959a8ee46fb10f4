// SPDX-License-Identifier: GPL-2.0

//! `netns-ledger stats`: the counters, for people, for programs, and for Prometheus.

use crate::{
    client::Ledger,
    error::{
        Error,
        Result, //
    },
    prometheus,
    row::Stats,
    terminal::{
        Paint,
        Style, //
    },
    time::human,
};
use std::{
    fs,
    io::Write,
    path::{
        Path,
        PathBuf, //
    },
};

/// What is wanted.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Options {
    /// The text format of Prometheus, for node_exporter's textfile collector.
    #[arg(long, conflicts_with = "json")]
    pub prometheus: bool,
    /// A JSON object; times in nanoseconds.
    #[arg(long)]
    pub json: bool,
    /// Write to this file, which is replaced as a whole.
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// Writes them.
pub fn run(
    options: &Options,
    ledger: &mut dyn Ledger,
    paint: Paint,
    out: &mut dyn Write,
) -> Result<()> {
    let stats = ledger.stats()?;
    let paint = Paint(paint.0 && options.output.is_none());
    let text = if options.prometheus {
        prometheus::text(&stats)
    } else if options.json {
        serde_json::to_string_pretty(&stats).map_err(std::io::Error::from)? + "\n"
    } else {
        for_people(&stats, paint)
    };
    match &options.output {
        Some(path) => replace(path, &text),
        None => Ok(out.write_all(text.as_bytes())?),
    }
}

/// Nobody sees half a file.
pub fn replace(path: &Path, text: &str) -> Result<()> {
    let new = path.with_extension("new");
    fs::write(&new, text)
        .and_then(|()| fs::rename(&new, path))
        .map_err(|error| Error::new(format!("cannot write {}: {error}.", path.display())))
}

/// Ends that took less than this, of the bucket `i`; the last has no bound.
pub fn bound(i: usize) -> u64 {
    1 << (i + 10)
}

fn for_people(stats: &Stats, paint: Paint) -> String {
    let word = |style: Style, name: &str, count: u64| {
        let style = if count == 0 { Style::Plain } else { style };
        paint.text(style, &format!("{name} {count}"))
    };
    let title = |text: &str| paint.text(Style::Bold, &format!("{text:<11}"));
    let count = stats.teardowns();
    let mut text = format!(
        "{} {}  {}  {}\n{} created {}  destroyed {}  {}\n{} {}  {}\n{} ",
        title("namespaces"),
        word(Style::Good, "live", stats.live.into()),
        word(Style::Odd, "inactive", stats.inactive.into()),
        word(Style::Bad, "dying", stats.dying.into()),
        title("since load"),
        stats.created,
        stats.destroyed,
        word(Style::Odd, "refused", stats.refused),
        title("lost"),
        word(Style::Odd, "events", stats.lost_events),
        word(Style::Bad, "rows", stats.lost_rows),
        title("cleanup"),
    );
    text += &match stats.cleanup_for() {
        Some(time) => paint.text(Style::Bad, &format!("running for {}", human(time))),
        None => "none is running".to_owned(),
    };
    text += &format!("\n{} ", title("teardown"));
    if count == 0 {
        return text + "none yet\n";
    }
    text += &format!(
        "{count}, mean {}, longest {}\n",
        human(stats.teardown_sum / count),
        human(stats.teardown_max)
    );
    text + &histogram(&stats.teardown_log2, paint)
}

/// A bar for each bucket between the first and the last that have something.
fn histogram(buckets: &[u64], paint: Paint) -> String {
    let most = buckets.iter().copied().max().unwrap_or(0).max(1);
    let first = buckets.iter().position(|count| *count > 0).unwrap_or(0);
    let last = buckets.iter().rposition(|count| *count > 0).unwrap_or(0);
    let mut text = String::new();
    for (i, count) in buckets.iter().enumerate().take(last + 1).skip(first) {
        let label = if i + 1 == buckets.len() {
            format!(">= {}", human(bound(i - 1)))
        } else {
            format!("< {}", human(bound(i)))
        };
        // Whoever is there has a bar that can be seen.
        let bar = "#".repeat(((count * 40).div_ceil(most)) as usize);
        text += &format!(
            "  {label:>11}  {}  {count}\n",
            paint.text(Style::Good, &format!("{bar:<40}"))
        );
    }
    text
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use crate::client::fake::Fake;

    /// Counters after six ends.
    pub fn sample() -> Stats {
        let mut log2 = vec![0; 32];
        (log2[14], log2[16], log2[31]) = (4, 1, 1);
        Stats {
            live: 3,
            inactive: 1,
            dying: 1,
            created: 8,
            destroyed: 7,
            refused: 1,
            lost_events: 2,
            lost_rows: 0,
            seq: 21,
            teardown_max: 5_000_000_000_000,
            teardown_sum: 5_000_100_000_000,
            teardown_log2: log2,
            cleanup_since: Some(1_000_000_000),
            now: 3_500_000_000,
        }
    }

    #[test]
    fn people_get_a_drawing() {
        let text = for_people(&sample(), Paint(false));
        let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
        assert_eq!(lines[0], "namespaces  live 3  inactive 1  dying 1");
        assert_eq!(lines[1], "since load  created 8  destroyed 7  refused 1");
        assert_eq!(lines[2], "lost        events 2  rows 0");
        assert_eq!(lines[3], "cleanup     running for 2.5 s");
        assert_eq!(lines[4], "teardown    6, mean 13m 53s, longest 1h 23m");
        assert_eq!(lines[5], format!("      < 16 ms  {}  4", "#".repeat(40)));
        assert_eq!(lines[6], format!("      < 33 ms  {}  0", " ".repeat(40)));
        assert_eq!(
            lines[7],
            format!("      < 67 ms  {:<40}  1", "#".repeat(10))
        );
        assert_eq!(
            *lines.last().unwrap(),
            format!("   >= 18m 19s  {:<40}  1", "#".repeat(10))
        );
        assert!(for_people(&Stats::default(), Paint(false)).contains("none yet"));
    }

    #[test]
    fn json_has_the_names_of_the_spec() {
        let mut ledger = Fake {
            stats: sample(),
            ..Fake::default()
        };
        let mut out = Vec::new();
        let options = Options {
            json: true,
            ..Options::default()
        };
        run(&options, &mut ledger, Paint(false), &mut out).unwrap();
        let value: serde_json::Value = serde_json::from_slice(&out).unwrap();
        assert_eq!(value["lost-events"], 2);
        assert_eq!(value["teardown-log2"].as_array().unwrap().len(), 32);
        assert_eq!(value["cleanup-since"], 1_000_000_000);
    }

    #[test]
    fn a_file_is_replaced_as_a_whole() {
        let path = crate::names::tests::folder("replace").join("netns_ledger.prom");
        replace(&path, "a").unwrap();
        replace(&path, "b").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "b");
        assert!(!path.with_extension("new").exists());
        assert!(replace(Path::new("/nowhere/x"), "")
            .unwrap_err()
            .text
            .contains("/nowhere/x"));
    }
}
