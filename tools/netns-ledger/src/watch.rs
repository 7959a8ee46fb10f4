// SPDX-License-Identifier: GPL-2.0

//! `netns-ledger watch`: the table as it changes, as top(1) does.

use crate::{
    client::Ledger,
    error::{
        Error,
        Result, //
    },
    events,
    filter::Filter,
    follow::Told,
    list,
    names::{
        Entry,
        Places, //
    },
    resync,
    row::Stats,
    screen::Screen,
    stop::Stop,
    table::{
        self,
        Column, //
    },
    terminal::{
        Paint,
        Style, //
    },
    time::human,
    users::Users,
};
use crossterm::event::{
    self,
    KeyCode,
    KeyEvent,
    KeyEventKind,
    KeyModifiers, //
};
use std::{
    collections::{
        HashMap,
        VecDeque, //
    },
    io::IsTerminal,
    time::{
        Duration,
        Instant, //
    },
};

/// What is wanted.
#[derive(Debug, Clone, clap::Args)]
pub struct Options {
    /// The column that the rows are ordered by.
    #[arg(long, value_enum, value_name = "COLUMN", default_value = "state")]
    pub sort: Column,
    #[command(flatten)]
    /// Which rows.
    pub filter: Filter,
    /// How often it is looked at when there are no events.
    #[arg(long, value_name = "TIME", default_value = "1s", value_parser = crate::time::parse)]
    pub interval: Duration,
}

/// How many of the last events are shown.
const EVENTS: usize = 6;
/// No more often than this is it drawn.
const FRAME: Duration = Duration::from_millis(100);

/// What is shown, and how.
pub struct View {
    sort: Column,
    reverse: bool,
    filter: Filter,
    /// Whether the filter is being typed.
    typing: bool,
    /// The first row that is shown.
    top: usize,
    quit: bool,
    events: VecDeque<Told>,
    entries: Vec<Entry>,
    stats: Stats,
    /// What namespaces were called while they had names. Who is stuck has none any more.
    remembered: HashMap<u64, String>,
}

impl View {
    fn new(options: &Options) -> Self {
        Self {
            sort: options.sort,
            reverse: false,
            filter: options.filter.clone(),
            typing: false,
            top: 0,
            quit: false,
            events: VecDeque::new(),
            entries: Vec::new(),
            stats: Stats::default(),
            remembered: HashMap::new(),
        }
    }

    /// Keeps the names of those that have some, and gives them to those that have none any more.
    fn remember(&mut self, entries: &mut [Entry]) {
        let mut remembered = HashMap::new();
        for entry in entries {
            let cookie = entry.row.cookie;
            let before = self.remembered.remove(&cookie);
            let name = Some(entry.name()).filter(|name| !name.is_empty());
            if let (None, Some(before)) = (&name, &before) {
                entry.names.push(format!("was {before}"));
            }
            remembered.extend(name.or(before).map(|name| (cookie, name)));
        }
        self.remembered = remembered;
    }

    fn key(&mut self, key: KeyEvent) {
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        match key.code {
            KeyCode::Char('c' | 'd') if control => self.quit = true,
            KeyCode::Char(c) if self.typing && !control => self.filter.text.push(c),
            KeyCode::Backspace if self.typing => {
                self.filter.text.pop();
            }
            KeyCode::Enter if self.typing => self.typing = false,
            KeyCode::Esc => {
                self.filter.text.clear();
                self.typing = false;
            }
            KeyCode::Char('q') => self.quit = true,
            KeyCode::Char('s') => self.sort = self.sort.next(),
            KeyCode::Char('r') => self.reverse = !self.reverse,
            KeyCode::Char('/') => self.typing = true,
            KeyCode::Down | KeyCode::Char('j') => {
                self.top = (self.top + 1).min(self.entries.len().saturating_sub(1))
            }
            KeyCode::Up | KeyCode::Char('k') => self.top = self.top.saturating_sub(1),
            KeyCode::Home => self.top = 0,
            _ => {}
        }
    }

    fn hear(&mut self, told: Vec<Told>) {
        self.events.extend(told);
        while self.events.len() > EVENTS {
            self.events.pop_front();
        }
    }

    /// The lines of a screen of that size.
    fn lines(&self, users: &Users, paint: Paint, columns: usize, rows: usize) -> Vec<String> {
        let stats = &self.stats;
        let cleanup = stats.cleanup_for().map_or("none".to_owned(), human);
        let mean = stats
            .teardown_sum
            .checked_div(stats.teardowns())
            .map_or("-".to_owned(), human);
        let mut lines = vec![
            paint.text(
                Style::Bold,
                &table::cut(
                    &format!(
                        "netns-ledger   live {}   inactive {}   dying {}   created {}   destroyed {}",
                        stats.live, stats.inactive, stats.dying, stats.created, stats.destroyed
                    ),
                    columns,
                ),
            ),
            table::cut(
                &format!(
                    "teardown: mean {mean}, longest {}   cleanup running: {cleanup}   lost events: {}",
                    human(stats.teardown_max),
                    stats.lost_events
                ),
                columns,
            ),
            String::new(),
        ];
        // A small screen is for the table.
        let heard = self.events.len().min(rows / 4);
        let below = heard + 2;
        let room = rows.saturating_sub(lines.len() + below).max(2);
        let mut table = table::lines(&self.entries, users, paint, Some(columns));
        let headline = table.remove(0);
        let hidden = table.len().saturating_sub(self.top + room - 1);
        lines.push(headline);
        lines.extend(table.into_iter().skip(self.top).take(room - 1));
        while lines.len() + below < rows {
            lines.push(String::new());
        }
        lines.push(paint.text(Style::Dim, &"-".repeat(columns)));
        for told in self.events.iter().skip(self.events.len() - heard) {
            lines.push(self.event_line(told, paint, columns));
        }
        let filter = match (&self.filter.text, self.typing) {
            (text, true) => format!("filter: {text}_"),
            (text, false) if text.is_empty() => "/ filter".to_owned(),
            (text, false) => format!("/ filter: {text} (Esc: none)"),
        };
        let order = if self.reverse { ", reversed" } else { "" };
        let more = if hidden > 0 {
            format!("   {hidden} more below")
        } else {
            String::new()
        };
        let sort = self.sort.title().to_lowercase();
        let keys = format!("q quit   s sort: {sort}{order}   r reverse   {filter}{more}");
        lines.push(paint.text(Style::Dim, &table::cut(&keys, columns)));
        lines.truncate(rows);
        lines
    }

    fn event_line(&self, told: &Told, paint: Paint, columns: usize) -> String {
        let plain = events::line_of(told, Paint(false));
        // A line that is cut is not painted, or the cut could be in a colour's code.
        if plain.chars().count() > columns {
            return table::cut(&plain, columns);
        }
        events::line_of(told, paint)
    }
}

/// Shows it until the user has enough.
pub fn run(
    options: &Options,
    ledger: &mut dyn Ledger,
    places: &Places,
    users: &Users,
    stop: &Stop,
) -> Result<()> {
    if !std::io::stdout().is_terminal() || !std::io::stdin().is_terminal() {
        return Err(Error::new(
            "watch wants a terminal; for a pipe there are 'list' and 'events'.",
        ));
    }
    let mut options = options.clone();
    options.filter.resolve(users)?;
    let paint = Paint::new();
    // Before the screen is taken: an error is to be seen.
    let (mut follower, _) = resync::start(ledger)?;
    let mut view = View::new(&options);
    let mut screen = Screen::new()?;
    let mut looked: Option<Instant> = None;
    let mut changed = true;
    while !view.quit && !stop.is_set() {
        loop {
            let told = resync::step(ledger, &mut follower, Duration::ZERO)?;
            if told.is_empty() {
                break;
            }
            changed = true;
            view.hear(told);
        }
        if changed || looked.is_none_or(|looked| looked.elapsed() >= options.interval) {
            let mut entries =
                list::entries(ledger, places, &Filter::default(), view.sort, view.reverse)?;
            view.remember(&mut entries);
            entries.retain(|entry| view.filter.wants(entry));
            view.entries = entries;
            view.stats = ledger.stats()?;
            (looked, changed) = (Some(Instant::now()), false);
            let (columns, rows) = screen.size();
            screen.draw(&view.lines(users, paint, columns, rows))?;
        }
        if event::poll(FRAME)? {
            match event::read()? {
                event::Event::Key(key) if key.kind != KeyEventKind::Release => view.key(key),
                _ => {}
            }
            changed = true;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::row::{
        samples,
        Kind, //
    };

    fn view() -> View {
        let mut view = View::new(&Options {
            sort: Column::State,
            filter: Filter::default(),
            interval: Duration::from_secs(1),
        });
        view.stats = crate::stats::tests::sample();
        view.entries = (1..30)
            .map(|cookie| Entry {
                row: samples::row(cookie),
                names: Vec::new(),
                container: None,
            })
            .collect();
        view.hear(
            (1..20)
                .map(|seq| Told::Event(samples::event(Kind::Created, seq, seq)))
                .collect(),
        );
        view
    }

    fn press(view: &mut View, keys: &str) {
        for c in keys.chars() {
            let code = match c {
                '\n' => KeyCode::Enter,
                '\x1b' => KeyCode::Esc,
                '\x08' => KeyCode::Backspace,
                c => KeyCode::Char(c),
            };
            view.key(KeyEvent::new(code, KeyModifiers::NONE));
        }
    }

    #[test]
    fn the_screen_is_full_and_not_fuller() {
        for (columns, rows) in [(80, 24), (40, 12), (200, 60)] {
            let lines = view().lines(&Users::default(), Paint(false), columns, rows);
            assert_eq!(lines.len(), rows);
            for line in &lines {
                assert!(line.chars().count() <= columns, "{line}");
            }
            assert!(lines[rows - 1].starts_with("q quit"));
            assert!(lines[rows - 2].contains(" created "));
        }
    }

    #[test]
    fn who_has_lost_its_name_is_still_known() {
        let mut view = view();
        let mut entries = view.entries[..1].to_vec();
        entries[0].names.push("red".to_owned());
        view.remember(&mut entries);
        entries[0].names.clear();
        for _ in 0..2 {
            let mut later = entries.clone();
            view.remember(&mut later);
            assert_eq!(later[0].name(), "was red");
        }
        view.remember(&mut []);
        assert!(view.remembered.is_empty());
    }

    #[test]
    fn keys_do_what_they_say() {
        let mut view = view();
        press(&mut view, "sr");
        assert_eq!((view.sort, view.reverse), (Column::Since, true));
        press(&mut view, "/qx\x08s");
        assert_eq!(
            (view.filter.text.as_str(), view.typing, view.quit),
            ("qs", true, false)
        );
        press(&mut view, "\n");
        assert!(!view.typing);
        press(&mut view, "\x1bjj");
        assert_eq!((view.filter.text.as_str(), view.top), ("", 2));
        press(&mut view, "q");
        assert!(view.quit);
        view.quit = false;
        view.key(KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL));
        assert!(view.quit);
    }
}
