// SPDX-License-Identifier: GPL-2.0

//! Whether somebody looks at what is written, and with what colours.

use crate::row::{
    Kind,
    State, //
};
use std::io::IsTerminal;

/// What is drawn in which way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// As all else.
    Plain,
    /// It is as it should be.
    Good,
    /// It may be worth a look.
    Odd,
    /// It is worth a look.
    Bad,
    /// It is not so important.
    Dim,
    /// It is a headline.
    Bold,
}

impl Style {
    /// That of a state.
    pub fn of(state: State) -> Self {
        match state {
            State::Active => Self::Good,
            State::Inactive => Self::Odd,
            State::Dying => Self::Bad,
        }
    }

    /// That of an event.
    pub fn of_event(kind: Kind) -> Self {
        match kind {
            Kind::Created => Self::Good,
            Kind::Dying => Self::Bad,
            Kind::DevicesGone | Kind::Destroyed => Self::Dim,
        }
    }

    fn code(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Good => "\x1b[32m",
            Self::Odd => "\x1b[33m",
            Self::Bad => "\x1b[31;1m",
            Self::Dim => "\x1b[2m",
            Self::Bold => "\x1b[1m",
        }
    }
}

/// Draws, or does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Paint(pub bool);

impl Paint {
    /// Draws if standard output is a terminal that can, and its user does not object: <https://no-color.org>.
    pub fn new() -> Self {
        Self(
            std::io::stdout().is_terminal()
                && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
                && std::env::var_os("TERM").is_none_or(|term| term != "dumb"),
        )
    }

    /// The text in that style.
    pub fn text(self, style: Style, text: &str) -> String {
        if self.0 && style != Style::Plain {
            format!("{}{text}\x1b[0m", style.code())
        } else {
            text.to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pipe_gets_plain_text() {
        assert_eq!(Paint(false).text(Style::Bad, "dying"), "dying");
        assert_eq!(
            Paint(true).text(Style::Bad, "dying"),
            "\x1b[31;1mdying\x1b[0m"
        );
        assert_eq!(Paint(true).text(Style::Plain, "x"), "x");
    }
}
