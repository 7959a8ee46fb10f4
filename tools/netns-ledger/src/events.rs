// SPDX-License-Identifier: GPL-2.0

//! `netns-ledger events`: a line for each event, and for each loss what became of it.

use crate::{
    client::Ledger,
    error::Result,
    follow::Told,
    names::{
        Entry,
        Names,
        Places, //
    },
    resync,
    row::{
        shown,
        Event,
        Kind, //
    },
    stop::Stop,
    terminal::{
        Paint,
        Style, //
    },
    time::{
        count,
        human,
        SECOND, //
    },
};
use serde::Serialize;
use serde_json::json;
use std::{
    io::Write,
    time::{
        Duration,
        Instant, //
    },
};

/// What is wanted.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Options {
    /// First a line for each namespace that lives.
    #[arg(long)]
    pub snapshot: bool,
    /// A JSON object on each line.
    #[arg(long)]
    pub json: bool,
    /// End after so many events.
    #[arg(long, value_name = "N")]
    pub count: Option<u64>,
    /// End after this time, such as 10s.
    #[arg(long, value_name = "TIME", value_parser = crate::time::parse)]
    pub duration: Option<Duration>,
    /// How many bytes of events may wait to be read; net.core.rmem_max is the limit.
    #[arg(long, value_name = "BYTES")]
    pub buffer: Option<u32>,
}

/// Writes lines until it is stopped.
pub fn run(
    options: &Options,
    ledger: &mut dyn Ledger,
    places: &Places,
    paint: Paint,
    stop: &Stop,
    out: &mut dyn Write,
) -> Result<()> {
    let (mut follower, dump) = resync::start(ledger)?;
    if options.snapshot {
        for entry in Names::read(places).join(places, dump.rows) {
            writeln!(
                out,
                "{}",
                if options.json {
                    snapshot_json(&entry)
                } else {
                    snapshot_line(&entry, paint)
                }
            )?;
        }
    }
    out.flush()?;
    let end = options.duration.map(|duration| Instant::now() + duration);
    let mut events = 0;
    while !stop.is_set() && options.count.is_none_or(|most| events < most) {
        let mut patience = Duration::from_secs(1);
        if let Some(end) = end {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            patience = patience.min(left);
        }
        for told in resync::step(ledger, &mut follower, patience)? {
            events += u64::from(matches!(told, Told::Event(_)));
            writeln!(
                out,
                "{}",
                if options.json {
                    json_of(&told)
                } else {
                    line_of(&told, paint)
                }
            )?;
        }
        out.flush()?;
    }
    Ok(())
}

/// A row as a line of the stream. What kind of line it is comes first, as in events.
#[derive(Serialize)]
struct Line<'a, T: Serialize> {
    event: &'static str,
    #[serde(flatten)]
    of: &'a T,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    resync: bool,
}

fn written(line: &impl Serialize) -> String {
    // Nothing here has a key that is no text.
    serde_json::to_string(line).unwrap_or_default()
}

fn snapshot_json(entry: &Entry) -> String {
    written(&Line {
        event: "snapshot",
        of: entry,
        resync: false,
    })
}

fn snapshot_line(entry: &Entry, paint: Paint) -> String {
    let row = &entry.row;
    let state = paint.text(Style::of(row.state), &format!("{:<12}", row.state.name()));
    let age = row.age().map_or("older than the ledger".to_owned(), |age| {
        format!("{} old, by {}", human(age), entry.creator())
    });
    format!(
        "{} {:>6} {state} {}, {age}",
        clock(row.now),
        "-",
        entry.called()
    )
}

fn json_of(told: &Told) -> String {
    match told {
        Told::Event(event) => written(event),
        Told::Lost(from, to) => json!({ "event": "lost", "from": from, "to": to }).to_string(),
        Told::Learnt(kind, row) => written(&Line {
            event: kind.name(),
            of: &**row,
            resync: true,
        }),
        Told::Repaired(differences) => {
            json!({ "event": "resynced", "differences": differences }).to_string()
        }
    }
}

/// Seconds since boot, as dmesg(1) has them.
fn clock(now: u64) -> String {
    format!("[{:>5}.{:06}]", now / SECOND, now % SECOND / 1_000)
}

/// One event, or what has to be said of the stream.
pub fn line_of(told: &Told, paint: Paint) -> String {
    match told {
        Told::Event(event) => {
            let kind = paint.text(Style::of_event(event.kind), &format!("{:<12}", event.kind.name()));
            let which = format!("cookie {} inum {}", event.cookie, event.inum);
            format!("{} {:>6} {kind} {which}{}", clock(event.now), event.seq, detail(event))
        }
        Told::Lost(from, to) => paint.text(
            Style::Odd,
            &format!("-- lost {}, {from} to {to}: they came faster than they were read; looking at the table", count(to - from + 1, "event")),
        ),
        Told::Learnt(kind, row) => {
            let style = Style::of_event(*kind);
            let kind = paint.text(style, &format!("{:<12}", kind.name()));
            format!("{} {:>6} {kind} cookie {} inum {}, by the table", clock(row.now), "-", row.cookie, row.inum)
        }
        Told::Repaired(0) => paint.text(Style::Odd, "-- the table shows no change: what the lost events made is gone again"),
        Told::Repaired(found) => paint.text(Style::Odd, &format!("-- all is known again, by {}", count(*found as u64, "difference"))),
    }
}

fn detail(event: &Event) -> String {
    let mut text = String::new();
    if let Some(creator) = &event.creator {
        text += &format!(", by {}/{}", shown(&creator.comm), creator.pid);
    }
    if let (Kind::Created, Some(owner)) = (event.kind, event.owner.filter(|owner| *owner != 0)) {
        text += &format!(", owner {owner}");
    }
    if let Some(devices) = event.devices {
        text += &format!(", {}", count(devices.into(), "device"));
    }
    if let Some(teardown) = event.teardown {
        text += &format!(", after {}", human(teardown));
    }
    if event.refused {
        text += ", a subsystem refused it";
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        client::{
            fake::Fake,
            Next, //
        },
        names::tests::machine,
        row::{
            samples,
            Dump,
            Row, //
        },
    };

    fn stream(json: bool) -> Vec<String> {
        let rows = |cookies: &[u64], seq| Dump {
            rows: cookies
                .iter()
                .map(|cookie| Row {
                    seq,
                    ..samples::row(*cookie)
                })
                .collect(),
            end: seq,
        };
        let mut ledger = Fake::default();
        ledger.dumps.extend([rows(&[1], 4), rows(&[1, 6], 9)]);
        ledger.next.extend([
            Next::Event(samples::event(Kind::Created, 5, 2)),
            Next::Overrun,
            Next::Event(samples::event(Kind::Dying, 6, 2)),
            Next::Nothing,
            Next::Nothing,
        ]);
        let options = Options {
            snapshot: true,
            json,
            count: None,
            duration: Some(Duration::from_millis(20)),
            buffer: None,
        };
        let mut out = Vec::new();
        run(
            &options,
            &mut ledger,
            &machine(&format!("events-{json}"), &[]),
            Paint(false),
            &Stop::never(),
            &mut out,
        )
        .unwrap();
        assert_eq!(ledger.asked[..2], ["subscribe", "dump"]);
        String::from_utf8(out)
            .unwrap()
            .lines()
            .map(str::to_owned)
            .collect()
    }

    #[test]
    fn a_loss_is_told_and_made_good() {
        assert_eq!(
            stream(false),
            [
                "[  100.000000]      - active       [cookie 1, inum 4026532001], 10 s old, by ip/77",
                "[  100.005000]      5 created      cookie 2 inum 4026532002",
                "[  100.006000]      6 dying        cookie 2 inum 4026532002, 1 device",
                "-- lost 3 events, 7 to 9: they came faster than they were read; looking at the table",
                "[  100.006000]      - destroyed    cookie 2 inum 4026532002, by the table",
                "[  100.000000]      - created      cookie 6 inum 4026532006, by the table",
                "-- all is known again, by 2 differences",
            ]
        );
    }

    #[test]
    fn each_line_is_json() {
        let lines: Vec<serde_json::Value> = stream(true)
            .iter()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        let events: Vec<_> = lines
            .iter()
            .map(|line| line["event"].as_str().unwrap())
            .collect();
        assert_eq!(
            events,
            [
                "snapshot",
                "created",
                "dying",
                "lost",
                "destroyed",
                "created",
                "resynced"
            ]
        );
        assert_eq!(lines[4]["resync"], true);
        assert_eq!((&lines[3]["from"], &lines[3]["to"]), (&json!(7), &json!(9)));
    }
}
