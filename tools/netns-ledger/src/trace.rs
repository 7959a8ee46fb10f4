// SPDX-License-Identifier: GPL-2.0

//! `netns-ledger trace`: what happens to namespaces, as a file for Perfetto or chrome://tracing.
//!
//! A namespace is a track. Its states are slices, and in that of its end there are those of the phases. Events tell of
//! most; that a namespace has become inactive, or waits for its end, is seen in dumps.

use crate::{
    client::Ledger,
    error::Result,
    follow::Told,
    names::{
        Names,
        Places, //
    },
    resync,
    row::{
        Creator,
        Event,
        Kind,
        Phase,
        Row,
        State, //
    },
    stats,
    stop::Stop,
    time::human,
};
use serde_json::{
    json,
    Value, //
};
use std::{
    collections::BTreeMap,
    io::Write,
    path::PathBuf,
    time::{
        Duration,
        Instant, //
    },
};

/// What is wanted.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Options {
    /// The file to write; "-" is standard output.
    #[arg(long, short, value_name = "FILE", default_value = "netns-trace.json")]
    pub output: PathBuf,
    /// End after this time, such as 10s; without, Ctrl-C ends it.
    #[arg(long, short, value_name = "TIME", value_parser = crate::time::parse)]
    pub duration: Option<Duration>,
}

/// How often the table is looked at.
const LOOK: Duration = Duration::from_millis(250);

/// A slice, from a time in nanoseconds to another.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Slice {
    name: &'static str,
    from: u64,
    to: u64,
}

/// One namespace.
#[derive(Debug, Clone, Default)]
struct Track {
    inum: u32,
    name: String,
    creator: Option<Creator>,
    state: Option<(State, u64)>,
    phase: Option<(Phase, u64)>,
    slices: Vec<Slice>,
    teardown: Option<u64>,
    gone: bool,
}

impl Track {
    fn close(&mut self, now: u64) {
        // What is longer comes first, so that what is in it is drawn on it.
        for (name, from) in [
            self.state.take().map(|(s, f)| (s.name(), f)),
            self.phase.take().map(|(p, f)| (p.name(), f)),
        ]
        .into_iter()
        .flatten()
        {
            self.slices.push(Slice {
                name,
                from,
                to: now.max(from),
            });
        }
    }

    fn enter(&mut self, state: State, from: u64) {
        match self.state {
            Some((old, since)) if old == state || from <= since => {}
            _ if self.gone => {}
            _ => {
                self.close(from);
                self.state = Some((state, from));
            }
        }
    }

    fn enter_phase(&mut self, phase: Phase, from: u64) {
        match self.phase {
            // Phases go one way.
            Some((old, _)) if old >= phase => {}
            _ if self.gone || phase == Phase::None => {}
            old => {
                if let Some((old, since)) = old {
                    self.slices.push(Slice {
                        name: old.name(),
                        from: since,
                        to: from.max(since),
                    });
                }
                self.phase = Some((phase, from));
            }
        }
    }
}

/// All that has been recorded.
#[derive(Debug, Clone, Default)]
pub struct Recorder {
    start: u64,
    tracks: BTreeMap<u64, Track>,
    lost: u64,
    marks: Vec<(u64, String)>,
}

impl Recorder {
    /// Begins at that time.
    pub fn new(start: u64) -> Self {
        Self {
            start,
            ..Self::default()
        }
    }

    /// A row of a dump. What was before the recording is cut off.
    pub fn row(&mut self, row: &Row) {
        let begin = row.changed.max(self.start);
        let track = self.track(row.cookie, row.inum);
        track.creator = track.creator.take().or_else(|| row.creator.clone());
        if row.state == State::Active && track.state.is_some_and(|(state, _)| state == State::Dying)
        {
            return;
        }
        track.enter(row.state, begin);
        // A row of the ledger has no time of its phase: it is the end's for the first, and now for another.
        if row.state == State::Dying {
            let from = if row.phase == Phase::Queued || track.phase.is_none() {
                begin
            } else {
                row.now
            };
            track.enter_phase(row.phase, from);
        }
    }

    /// What it is called.
    pub fn name(&mut self, cookie: u64, name: String) {
        if let Some(track) = self.tracks.get_mut(&cookie) {
            // A name stays when it has been taken away.
            if !name.is_empty() {
                track.name = name;
            }
        }
    }

    /// An event.
    pub fn event(&mut self, event: &Event) {
        let track = self.track(event.cookie, event.inum);
        match event.kind {
            Kind::Created => {
                track.creator = event.creator.clone();
                track.enter(State::Active, event.now);
            }
            Kind::Dying => {
                track.enter(State::Dying, event.now);
                track.enter_phase(Phase::Devices, event.now);
            }
            Kind::DevicesGone => {
                track.enter(State::Dying, event.now);
                track.enter_phase(Phase::Subsystems, event.now);
            }
            Kind::Destroyed => {
                track.close(event.now);
                (track.gone, track.teardown) = (true, event.teardown);
            }
        }
    }

    /// What follows from the stream.
    pub fn told(&mut self, told: &Told, now: u64) {
        match told {
            Told::Event(event) => self.event(event),
            Told::Lost(from, to) => {
                self.lost += to - from + 1;
                self.marks
                    .push((now, format!("lost {} events", to - from + 1)));
            }
            Told::Learnt(Kind::Destroyed, row) => {
                let track = self.track(row.cookie, row.inum);
                track.close(now);
                track.gone = true;
            }
            Told::Learnt(_, row) => self.row(row),
            Told::Repaired(_) => {}
        }
    }

    fn track(&mut self, cookie: u64, inum: u32) -> &mut Track {
        let track = self.tracks.entry(cookie).or_default();
        track.inum = inum;
        track
    }

    /// Ends at that time, and returns the whole file.
    pub fn finish(mut self, end: u64) -> Value {
        let micro = |time: u64| time.saturating_sub(self.start) as f64 / 1_000.0;
        let mut events = vec![
            json!({ "ph": "M", "name": "process_name", "pid": 1, "args": { "name": "network namespaces" } }),
        ];
        for (order, (cookie, track)) in self.tracks.iter_mut().enumerate() {
            track.close(end);
            let name = if track.name.is_empty() {
                format!("cookie {cookie}")
            } else {
                format!("{} ({cookie})", track.name)
            };
            let tid = order + 1;
            events.push(json!({ "ph": "M", "name": "thread_name", "pid": 1, "tid": tid, "args": { "name": name } }));
            events.push(json!({ "ph": "M", "name": "thread_sort_index", "pid": 1, "tid": tid, "args": { "sort_index": tid } }));
            let mut args =
                json!({ "cookie": cookie, "inum": track.inum, "creator": track.creator });
            if let Some(teardown) = track.teardown {
                args["teardown"] = json!(teardown);
            }
            // Readers want the outer slice first.
            track
                .slices
                .sort_by_key(|slice| (slice.from, std::cmp::Reverse(slice.to), rank(slice.name)));
            for slice in &track.slices {
                events.push(json!({
                    "ph": "X",
                    "name": slice.name,
                    "cat": "netns",
                    "pid": 1,
                    "tid": tid,
                    "ts": micro(slice.from),
                    "dur": (slice.to - slice.from) as f64 / 1_000.0,
                    "args": args,
                }));
            }
        }
        for (time, text) in &self.marks {
            events.push(json!({ "ph": "i", "s": "g", "name": text, "pid": 1, "tid": 0, "ts": micro(*time) }));
        }
        json!({
            "traceEvents": events,
            "displayTimeUnit": "ms",
            "otherData": { "clock": "CLOCK_BOOTTIME", "start": self.start, "end": end, "lost-events": self.lost },
        })
    }
}

/// A state holds phases.
fn rank(name: &str) -> u8 {
    u8::from(!["active", "inactive", "dying"].contains(&name))
}

/// Records until the time is up or a signal comes, and writes the file.
pub fn run(
    options: &Options,
    ledger: &mut dyn Ledger,
    places: &Places,
    stop: &Stop,
    clock: fn() -> u64,
    out: &mut dyn Write,
) -> Result<()> {
    let start = clock();
    let mut recorder = Recorder::new(start);
    let (mut follower, dump) = resync::start(ledger)?;
    let look = |recorder: &mut Recorder, rows: Vec<Row>| {
        for row in &rows {
            recorder.row(row);
        }
        for entry in Names::read(places).join(places, rows) {
            recorder.name(entry.row.cookie, entry.name());
        }
    };
    look(&mut recorder, dump.rows);
    let begun = Instant::now();
    let mut looked = begun;
    while !stop.is_set()
        && options
            .duration
            .is_none_or(|duration| begun.elapsed() < duration)
    {
        let patience = options.duration.map_or(LOOK, |duration| {
            duration.saturating_sub(begun.elapsed()).min(LOOK)
        });
        let told = resync::step(ledger, &mut follower, patience)?;
        for told in &told {
            recorder.told(told, clock());
        }
        // Not between events that have not been read: their time comes before that of the dump.
        if told.is_empty() && looked.elapsed() >= LOOK {
            look(&mut recorder, ledger.dump()?.rows);
            looked = Instant::now();
        }
    }
    let (count, lost) = (recorder.tracks.len(), recorder.lost);
    let end = clock();
    let text = recorder.finish(end).to_string() + "\n";
    if options.output.as_os_str() == "-" {
        out.write_all(text.as_bytes())?;
        return Ok(());
    }
    stats::replace(&options.output, &text)?;
    let losses = if lost > 0 {
        format!(", {lost} events lost")
    } else {
        String::new()
    };
    writeln!(
        out,
        "{count} namespaces in {}{losses}: {}. Open it in https://ui.perfetto.dev or chrome://tracing.",
        human(end.saturating_sub(start)),
        options.output.display()
    )?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::row::samples;

    fn slices(value: &Value, name: &str) -> Vec<(String, f64, f64)> {
        let events = value["traceEvents"].as_array().unwrap();
        let tid = events
            .iter()
            .find(|event| event["name"] == "thread_name" && event["args"]["name"] == name)
            .map(|event| event["tid"].clone())
            .unwrap();
        events
            .iter()
            .filter(|event| event["ph"] == "X" && event["tid"] == tid)
            .map(|event| {
                (
                    event["name"].as_str().unwrap().to_owned(),
                    event["ts"].as_f64().unwrap(),
                    event["dur"].as_f64().unwrap(),
                )
            })
            .collect()
    }

    fn slice(name: &str, from: f64, long: f64) -> (String, f64, f64) {
        (name.to_owned(), from, long)
    }

    #[test]
    fn a_life_is_a_track() {
        let start = 100_000_000_000;
        let mut recorder = Recorder::new(start);
        recorder.row(&samples::row(1));
        recorder.event(&samples::event(Kind::Created, 1, 5));
        recorder.name(5, "red".to_owned());
        recorder.name(5, String::new());
        let mut row = samples::row(5);
        (row.state, row.changed, row.now) = (State::Inactive, start + 2_000_000, start + 3_000_000);
        recorder.row(&row);
        (row.state, row.phase, row.changed) = (State::Dying, Phase::Queued, start + 5_000_000);
        recorder.row(&row);
        recorder.event(&samples::event(Kind::Dying, 6, 5));
        recorder.event(&samples::event(Kind::DevicesGone, 8, 5));
        recorder.event(&samples::event(Kind::Destroyed, 9, 5));
        let value = recorder.finish(start + 10_000_000);
        assert_eq!(
            slices(&value, "red (5)"),
            [
                slice("active", 1_000.0, 1_000.0),
                slice("inactive", 2_000.0, 3_000.0),
                slice("dying", 5_000.0, 4_000.0),
                slice("queued", 5_000.0, 1_000.0),
                slice("devices", 6_000.0, 2_000.0),
                slice("subsystems", 8_000.0, 1_000.0),
            ]
        );
        // Who was there before, and is there still, fills the whole.
        assert_eq!(slices(&value, "cookie 1"), [slice("active", 0.0, 10_000.0)]);
    }

    #[test]
    fn a_stuck_namespace_has_an_open_end() {
        let mut recorder = Recorder::new(100_000_000_000);
        recorder.row(&samples::dying(5, 2_000_000_000));
        let value = recorder.finish(100_001_000_000);
        assert_eq!(
            slices(&value, "cookie 5"),
            [slice("dying", 0.0, 1_000.0), slice("devices", 0.0, 1_000.0)]
        );
    }

    #[test]
    fn what_was_lost_is_told() {
        let mut recorder = Recorder::new(0);
        recorder.told(&Told::Lost(3, 5), 10);
        let value = recorder.finish(20);
        assert_eq!(value["otherData"]["lost-events"], 3);
    }
}
