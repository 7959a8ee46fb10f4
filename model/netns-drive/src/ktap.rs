// SPDX-License-Identifier: GPL-2.0

//! What is told: lines of KTAP, and how far it has got.

use std::{
    io::{
        self,
        IsTerminal,
        Write, //
    },
    time::{
        Duration,
        Instant, //
    },
};

/// The lines.
pub struct Report {
    tests: usize,
    failed: usize,
    terminal: bool,
    told: Instant,
    start: Instant,
}

impl Report {
    /// Begins with a plan of so many.
    pub fn new(planned: usize) -> Self {
        println!("KTAP version 1\n1..{planned}");
        Report {
            tests: 0,
            failed: 0,
            terminal: io::stderr().is_terminal(),
            told: Instant::now(),
            start: Instant::now(),
        }
    }

    /// One test; `wrong` is what was wrong, on as many lines as it takes.
    pub fn test(&mut self, title: &str, wrong: Option<&str>) {
        self.erase();
        self.tests += 1;
        match wrong {
            None => println!("ok {} {title}", self.tests),
            Some(what) => {
                self.failed += 1;
                println!("not ok {} {title}", self.tests);
                self.note(what);
            }
        }
        let _ = io::stdout().flush();
    }

    /// A remark.
    pub fn note(&mut self, text: &str) {
        self.erase();
        for line in text.lines() {
            println!("# {line}");
        }
    }

    /// How far it has got, now and then: on a terminal what stands there, elsewhere a remark a minute.
    pub fn progress(&mut self, text: impl FnOnce() -> String) {
        let interval = if self.terminal {
            Duration::from_millis(200)
        } else {
            Duration::from_secs(60)
        };
        if self.told.elapsed() < interval {
            return;
        }
        let seconds = self.start.elapsed().as_secs();
        if self.terminal {
            eprint!("\r\x1b[K  {seconds:4} s  {}", text());
        } else {
            println!("# {seconds} s: {}", text());
        }
        self.told = Instant::now();
    }

    fn erase(&self) {
        if self.terminal {
            eprint!("\r\x1b[K");
        }
    }

    /// The last line. Tells whether all is well.
    pub fn end(mut self) -> bool {
        self.note(&format!(
            "Totals: pass:{} fail:{}",
            self.tests - self.failed,
            self.failed
        ));
        self.failed == 0
    }
}
