// SPDX-License-Identifier: GPL-2.0

//! The table of namespaces: its columns, their order, their widths.

use crate::{
    names::Entry,
    row::{
        shown,
        Phase, //
    },
    terminal::{
        Paint,
        Style, //
    },
    time::human,
    users::Users,
};
use clap::ValueEnum;
use std::cmp::Ordering;

/// A column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Column {
    /// `active`, `inactive`, or how far its end has come.
    State,
    /// How long it has been in that state.
    Since,
    /// How old it is.
    Age,
    /// The number that no other has had.
    Cookie,
    /// The inode number.
    Inum,
    /// References.
    Refs,
    /// Active references.
    Active,
    /// Network devices.
    Devices,
    /// The owner of its user namespace.
    Owner,
    /// Who made it.
    Creator,
    /// What it is called.
    Name,
}

/// The columns, as they are shown.
pub const COLUMNS: [Column; 11] = [
    Column::State,
    Column::Since,
    Column::Age,
    Column::Cookie,
    Column::Inum,
    Column::Refs,
    Column::Active,
    Column::Devices,
    Column::Owner,
    Column::Creator,
    Column::Name,
];

impl Column {
    /// Its headline.
    pub fn title(self) -> &'static str {
        match self {
            Self::State => "STATE",
            Self::Since => "SINCE",
            Self::Age => "AGE",
            Self::Cookie => "COOKIE",
            Self::Inum => "INUM",
            Self::Refs => "REFS",
            Self::Active => "ACTIVE",
            Self::Devices => "DEVS",
            Self::Owner => "OWNER",
            Self::Creator => "CREATOR",
            Self::Name => "NAME",
        }
    }

    fn is_text(self) -> bool {
        matches!(self, Self::State | Self::Owner | Self::Creator | Self::Name)
    }

    fn cell(self, entry: &Entry, users: &Users) -> String {
        let row = &entry.row;
        match self {
            Self::State if row.phase != Phase::None => format!("dying:{}", row.phase.name()),
            Self::State => row.state.name().to_owned(),
            Self::Since => human(row.in_state()),
            Self::Age => row.age().map_or("-".to_owned(), human),
            Self::Cookie => row.cookie.to_string(),
            Self::Inum => row.inum.to_string(),
            Self::Refs => row.refs.to_string(),
            Self::Active => row.active_refs.to_string(),
            Self::Devices => row.devices.to_string(),
            Self::Owner => shown(&users.name(row.owner)),
            Self::Creator => entry.creator(),
            Self::Name => match entry.name() {
                name if name.is_empty() => "-".to_owned(),
                name => shown(&name),
            },
        }
    }

    /// How two rows are ordered. Numbers and times that matter come first when they are large.
    pub fn compare(self, a: &Entry, b: &Entry) -> Ordering {
        let by = match self {
            Self::State => (b.row.state, b.row.phase, b.row.in_state()).cmp(&(
                a.row.state,
                a.row.phase,
                a.row.in_state(),
            )),
            Self::Since => b.row.in_state().cmp(&a.row.in_state()),
            // Who is older than the ledger is the oldest of all.
            Self::Age => a.row.created.cmp(&b.row.created),
            Self::Cookie => Ordering::Equal,
            Self::Inum => a.row.inum.cmp(&b.row.inum),
            Self::Refs => b.row.refs.cmp(&a.row.refs),
            Self::Active => b.row.active_refs.cmp(&a.row.active_refs),
            Self::Devices => b.row.devices.cmp(&a.row.devices),
            Self::Owner => a.row.owner.cmp(&b.row.owner),
            Self::Creator => a.creator().cmp(&b.creator()),
            Self::Name => {
                // Who has none comes last.
                let key = |entry: &Entry| (entry.name().is_empty(), entry.name());
                key(a).cmp(&key(b))
            }
        };
        by.then(a.row.cookie.cmp(&b.row.cookie))
    }

    /// The one behind it.
    pub fn next(self) -> Self {
        let at = COLUMNS
            .iter()
            .position(|column| *column == self)
            .unwrap_or(0);
        COLUMNS[(at + 1) % COLUMNS.len()]
    }
}

/// Puts rows in the order of a column.
pub fn sort(entries: &mut [Entry], column: Column, reverse: bool) {
    entries.sort_by(|a, b| column.compare(a, b));
    if reverse {
        entries.reverse();
    }
}

/// Shortens what is wider than a screen.
pub fn cut(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(width.saturating_sub(1)).collect();
    if width > 0 {
        short.push('…');
    }
    short
}

/// The lines of the table, the headline first. `width` is that of the screen; a pipe has none.
pub fn lines(entries: &[Entry], users: &Users, paint: Paint, width: Option<usize>) -> Vec<String> {
    let mut cells: Vec<Vec<String>> = vec![COLUMNS
        .iter()
        .map(|column| column.title().to_owned())
        .collect()];
    cells.extend(entries.iter().map(|entry| {
        COLUMNS
            .iter()
            .map(|column| column.cell(entry, users))
            .collect()
    }));
    let widths: Vec<usize> = (0..COLUMNS.len())
        .map(|at| {
            cells
                .iter()
                .map(|line| line[at].chars().count())
                .max()
                .unwrap_or(0)
        })
        .collect();
    let mut lines = Vec::new();
    for (number, line) in cells.iter().enumerate() {
        let mut text = String::new();
        let mut styled = String::new();
        for (at, cell) in line.iter().enumerate() {
            let last = at + 1 == COLUMNS.len();
            let padding = " ".repeat(widths[at] - cell.chars().count());
            let mut padded = match COLUMNS[at].is_text() {
                true if last => cell.clone(),
                true => format!("{cell}{padding}"),
                false => format!("{padding}{cell}"),
            };
            if !last {
                padded.push_str("  ");
            }
            if let Some(width) = width {
                padded = cut(&padded, width.saturating_sub(text.chars().count()));
            }
            text.push_str(&padded);
            let style = match (number, COLUMNS[at]) {
                (0, _) => Style::Bold,
                (_, Column::State) => Style::of(entries[number - 1].row.state),
                _ => Style::Plain,
            };
            styled.push_str(&paint.text(style, &padded));
        }
        lines.push(if paint.0 { styled } else { text });
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::row::{
        samples,
        Row,
        State, //
    };
    use proptest::prelude::*;

    fn entry(row: Row, name: &str) -> Entry {
        Entry {
            row,
            names: (!name.is_empty())
                .then(|| name.to_owned())
                .into_iter()
                .collect(),
            container: None,
        }
    }

    fn three() -> Vec<Entry> {
        let mut quiet = samples::row(3);
        quiet.state = State::Inactive;
        quiet.refs = 17;
        quiet.changed -= 5_000_000_000;
        vec![
            entry(samples::row(9), "red"),
            entry(quiet, ""),
            entry(samples::dying(5, 4_200_000_000), "blue"),
        ]
    }

    #[test]
    fn the_layout_is_in_columns() {
        let lines = lines(&three(), &Users::default(), Paint(false), None);
        assert_eq!(
            lines,
            [
                "STATE          SINCE   AGE  COOKIE        INUM  REFS  ACTIVE  DEVS  OWNER  CREATOR  NAME",
                "active          10 s  10 s       9  4026532009     3       1     1  0      ip/77    red",
                "inactive        15 s  10 s       3  4026532003    17       1     1  0      ip/77    -",
                "dying:devices  4.2 s  10 s       5  4026532005     0       0     1  0      ip/77    blue",
            ]
        );
    }

    #[test]
    fn a_screen_gets_colour_and_no_line_is_too_wide() {
        let painted = lines(&three(), &Users::default(), Paint(true), None);
        assert!(painted[3].starts_with("\x1b[31;1mdying:devices  \x1b[0m"));
        for line in lines(&three(), &Users::default(), Paint(false), Some(30)) {
            assert!(line.chars().count() <= 30, "{line}");
        }
    }

    #[test]
    fn what_is_worth_a_look_comes_first() {
        let cookies = |column, reverse| {
            let mut entries = three();
            sort(&mut entries, column, reverse);
            entries
                .iter()
                .map(|entry| entry.row.cookie)
                .collect::<Vec<_>>()
        };
        assert_eq!(cookies(Column::State, false), [5, 3, 9]);
        assert_eq!(cookies(Column::Since, false), [3, 9, 5]);
        assert_eq!(cookies(Column::Cookie, false), [3, 5, 9]);
        assert_eq!(cookies(Column::Cookie, true), [9, 5, 3]);
        assert_eq!(cookies(Column::Refs, false), [3, 9, 5]);
        assert_eq!(cookies(Column::Name, false), [5, 9, 3]);
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn no_name_makes_a_line_wider_than_the_screen(name in ".{0,40}", width in 0usize..200) {
            let lines = lines(&[entry(samples::row(1), &name)], &Users::default(), Paint(false), Some(width));
            for line in lines {
                prop_assert!(line.chars().count() <= width, "{line}");
            }
        }
    }
}
