// SPDX-License-Identifier: GPL-2.0

//! The counters in the text format of Prometheus. Times are seconds.

use crate::{
    row::Stats,
    stats::bound, //
};
use std::fmt::Write;

fn metric(text: &mut String, name: &str, kind: &str, help: &str) {
    // Writing to a string does not fail.
    let _ = writeln!(
        text,
        "# HELP netns_ledger_{name} {help}\n# TYPE netns_ledger_{name} {kind}"
    );
}

fn value(text: &mut String, name: &str, value: impl std::fmt::Display) {
    let _ = writeln!(text, "netns_ledger_{name} {value}");
}

fn seconds(nanoseconds: u64) -> String {
    format!(
        "{}.{:09}",
        nanoseconds / 1_000_000_000,
        nanoseconds % 1_000_000_000
    )
}

/// All of them.
pub fn text(stats: &Stats) -> String {
    let mut text = String::new();
    let t = &mut text;
    metric(t, "namespaces", "gauge", "Network namespaces by state.");
    for (state, count) in [
        ("active", stats.live),
        ("inactive", stats.inactive),
        ("dying", stats.dying),
    ] {
        value(t, &format!("namespaces{{state=\"{state}\"}}"), count);
    }
    for (name, help, count) in [
        (
            "created_total",
            "Network namespaces made since the ledger was loaded.",
            stats.created,
        ),
        (
            "destroyed_total",
            "Network namespaces gone, the refused among them.",
            stats.destroyed,
        ),
        (
            "refused_total",
            "Network namespaces that a subsystem refused.",
            stats.refused,
        ),
        (
            "lost_events_total",
            "Events that could not be sent to all who listen.",
            stats.lost_events,
        ),
        (
            "lost_rows_total",
            "Network namespaces without a row, for want of memory.",
            stats.lost_rows,
        ),
    ] {
        metric(t, name, "counter", help);
        value(t, name, count);
    }
    metric(
        t,
        "teardown_seconds",
        "histogram",
        "How long the ends of network namespaces took.",
    );
    let mut sum = 0;
    for (i, count) in stats.teardown_log2.iter().enumerate() {
        sum += count;
        // The last bucket has no bound.
        if i + 1 < stats.teardown_log2.len() {
            value(
                t,
                &format!("teardown_seconds_bucket{{le=\"{}\"}}", seconds(bound(i))),
                sum,
            );
        }
    }
    value(t, "teardown_seconds_bucket{le=\"+Inf\"}", sum);
    value(t, "teardown_seconds_sum", seconds(stats.teardown_sum));
    value(t, "teardown_seconds_count", sum);
    metric(
        t,
        "teardown_max_seconds",
        "gauge",
        "The longest end of a network namespace.",
    );
    value(t, "teardown_max_seconds", seconds(stats.teardown_max));
    metric(
        t,
        "cleanup_running_seconds",
        "gauge",
        "How long the cleanup that is running has been; 0 if none is.",
    );
    value(
        t,
        "cleanup_running_seconds",
        seconds(stats.cleanup_for().unwrap_or(0)),
    );
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::tests::sample;

    /// The value of a line.
    fn of(text: &str, name: &str) -> f64 {
        let line = text
            .lines()
            .find_map(|line| line.strip_prefix(&format!("netns_ledger_{name} ")));
        line.unwrap_or_else(|| panic!("no {name}")).parse().unwrap()
    }

    #[test]
    fn the_format_is_that_of_prometheus() {
        let text = text(&sample());
        for line in text.lines() {
            let is_comment = line.starts_with("# HELP netns_ledger_")
                || line.starts_with("# TYPE netns_ledger_");
            let (name, value) = line.rsplit_once(' ').unwrap();
            assert!(
                is_comment || (name.starts_with("netns_ledger_") && value.parse::<f64>().is_ok()),
                "{line}"
            );
        }
        assert!(text.ends_with('\n'));
        assert_eq!(of(&text, "namespaces{state=\"dying\"}"), 1.0);
        assert_eq!(of(&text, "destroyed_total"), 7.0);
        assert_eq!(of(&text, "cleanup_running_seconds"), 2.5);
    }

    #[test]
    fn buckets_add_up_and_their_bounds_are_seconds() {
        let text = text(&sample());
        let buckets: Vec<(f64, f64)> = text
            .lines()
            .filter_map(|line| {
                let (le, count) = line
                    .strip_prefix("netns_ledger_teardown_seconds_bucket{le=\"")?
                    .split_once("\"} ")?;
                Some((
                    if le == "+Inf" {
                        f64::INFINITY
                    } else {
                        le.parse().unwrap()
                    },
                    count.parse().unwrap(),
                ))
            })
            .collect();
        assert_eq!(buckets.len(), 32);
        assert!(buckets.is_sorted_by(|a, b| a.0 < b.0 && a.1 <= b.1));
        assert_eq!(buckets[0].0, 0.000_001_024);
        assert_eq!(buckets[14], (0.016_777_216, 4.0));
        assert_eq!(buckets[31].1, of(&text, "teardown_seconds_count"));
        assert_eq!(of(&text, "teardown_seconds_sum"), 5_000.1);
    }
}
