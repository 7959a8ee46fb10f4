// SPDX-License-Identifier: GPL-2.0

//! A ledger that is made up.

use super::*;

/// What it answers, in turn. The last dump and the last counters are given again and again.
#[derive(Default)]
pub struct Fake {
    pub dumps: VecDeque<Dump>,
    pub stats: Stats,
    pub next: VecDeque<Next>,
    /// The order of what was asked.
    pub asked: Vec<&'static str>,
}

impl Ledger for Fake {
    fn dump(&mut self) -> Result<Dump> {
        self.asked.push("dump");
        if self.dumps.len() > 1 {
            return Ok(self.dumps.pop_front().unwrap_or_default());
        }
        Ok(self.dumps.front().cloned().unwrap_or_default())
    }

    fn row(&mut self, key: Key) -> Result<Option<Row>> {
        self.asked.push("row");
        let dump = self.dump()?;
        self.asked.pop();
        Ok(dump.rows.into_iter().find(|row| match key {
            Key::Cookie(cookie) => row.cookie == cookie,
            Key::Inum(inum) => row.inum == inum,
        }))
    }

    fn stats(&mut self) -> Result<Stats> {
        self.asked.push("stats");
        Ok(self.stats.clone())
    }

    fn subscribe(&mut self) -> Result<()> {
        self.asked.push("subscribe");
        Ok(())
    }

    fn next(&mut self, _: Duration) -> Result<Next> {
        Ok(self.next.pop_front().unwrap_or(Next::Nothing))
    }
}
