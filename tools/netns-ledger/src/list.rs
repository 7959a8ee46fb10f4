// SPDX-License-Identifier: GPL-2.0

//! `netns-ledger list`.

use crate::{
    client::Ledger,
    error::Result,
    filter::Filter,
    names::{
        Entry,
        Names,
        Places, //
    },
    table::{
        self,
        Column, //
    },
    terminal::Paint,
    users::Users,
};
use std::io::Write;

/// What is wanted.
#[derive(Debug, Clone, clap::Args)]
pub struct Options {
    /// The column that the rows are ordered by.
    #[arg(long, value_enum, value_name = "COLUMN", default_value = "cookie")]
    pub sort: Column,
    /// The other way round.
    #[arg(long)]
    pub reverse: bool,
    #[command(flatten)]
    /// Which rows.
    pub filter: Filter,
    /// A JSON array, an object for each namespace; times in nanoseconds of CLOCK_BOOTTIME.
    #[arg(long)]
    pub json: bool,
}

/// The rows that are wanted, in their order.
pub fn entries(
    ledger: &mut dyn Ledger,
    places: &Places,
    filter: &Filter,
    sort: Column,
    reverse: bool,
) -> Result<Vec<Entry>> {
    let rows = ledger.dump()?.rows;
    let mut entries = Names::read(places).join(places, rows);
    entries.retain(|entry| filter.wants(entry));
    table::sort(&mut entries, sort, reverse);
    Ok(entries)
}

/// Writes the table.
pub fn run(
    mut options: Options,
    ledger: &mut dyn Ledger,
    places: &Places,
    users: &Users,
    paint: Paint,
    out: &mut dyn Write,
) -> Result<()> {
    options.filter.resolve(users)?;
    let entries = entries(
        ledger,
        places,
        &options.filter,
        options.sort,
        options.reverse,
    )?;
    if options.json {
        serde_json::to_writer_pretty(&mut *out, &entries).map_err(std::io::Error::from)?;
        writeln!(out)?;
        return Ok(());
    }
    for line in table::lines(&entries, users, paint, None) {
        writeln!(out, "{line}")?;
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
            State, //
        },
    };

    fn listed(options: Options) -> String {
        let mut ledger = Fake::default();
        ledger.dumps.push_back(Dump {
            rows: vec![samples::dying(8, 1_000), samples::row(2)],
            end: 0,
        });
        let mut out = Vec::new();
        run(
            options,
            &mut ledger,
            &machine("list", &[]),
            &Users::default(),
            Paint(false),
            &mut out,
        )
        .unwrap();
        String::from_utf8(out).unwrap()
    }

    fn options() -> Options {
        Options {
            sort: Column::Cookie,
            reverse: false,
            filter: Filter::default(),
            json: false,
        }
    }

    #[test]
    fn a_table_has_a_line_for_each() {
        let text = listed(options());
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines.len(), 3);
        assert!(lines[1].starts_with("active"));
    }

    #[test]
    fn json_has_what_is_wanted() {
        let mut options = options();
        options.json = true;
        options.filter.state = vec![State::Dying];
        let found: serde_json::Value = serde_json::from_str(&listed(options)).unwrap();
        assert_eq!(found.as_array().unwrap().len(), 1);
        assert_eq!(found[0]["cookie"], 8);
        assert_eq!(found[0]["phase"], "devices");
        assert_eq!(found[0]["creator"]["comm"], "ip");
        assert_eq!(found[0]["names"], serde_json::json!([]));
        assert!(found[0].get("container").is_none());
    }
}
