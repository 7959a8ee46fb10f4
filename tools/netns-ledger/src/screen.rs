// SPDX-License-Identifier: GPL-2.0

//! The terminal while it is ours, and as it was afterwards, whatever happens.

use crate::error::Result;
use crossterm::{
    cursor,
    queue,
    style::Print,
    terminal, //
};
use std::io::{
    self,
    Write, //
};

/// The terminal. It is given back when this goes, or when the program panics.
pub struct Screen(());

fn give_back() {
    // Nobody is left to be told.
    let _ = crossterm::execute!(io::stdout(), cursor::Show, terminal::LeaveAlternateScreen);
    let _ = terminal::disable_raw_mode();
}

impl Screen {
    /// Takes it.
    pub fn new() -> Result<Self> {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            give_back();
            before(info);
        }));
        terminal::enable_raw_mode()?;
        let screen = Self(());
        crossterm::execute!(io::stdout(), terminal::EnterAlternateScreen, cursor::Hide)?;
        Ok(screen)
    }

    /// Columns and rows.
    pub fn size(&self) -> (usize, usize) {
        // A serial line does not know.
        let size = terminal::size().unwrap_or((80, 24));
        (usize::from(size.0).max(20), usize::from(size.1).max(8))
    }

    /// Draws lines from the top. Each is cleared behind its text, so that nothing flickers.
    pub fn draw(&mut self, lines: &[String]) -> Result<()> {
        let mut out = io::BufWriter::new(io::stdout());
        for (row, line) in lines.iter().enumerate() {
            queue!(
                out,
                cursor::MoveTo(0, u16::try_from(row).unwrap_or(u16::MAX)),
                Print(line),
                terminal::Clear(terminal::ClearType::UntilNewLine)
            )?;
        }
        queue!(out, terminal::Clear(terminal::ClearType::FromCursorDown))?;
        out.flush()?;
        Ok(())
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        give_back();
    }
}
