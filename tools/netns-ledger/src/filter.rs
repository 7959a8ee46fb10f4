// SPDX-License-Identifier: GPL-2.0

//! Which rows are wanted.

use crate::{
    error::{
        Error,
        Result, //
    },
    names::Entry,
    row::State,
    time::nanoseconds,
    users::Users,
};
use std::time::Duration;

/// What is asked for; all of it has to hold.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Filter {
    /// Only namespaces in this state; may be repeated.
    #[arg(long, value_enum, value_name = "STATE")]
    pub state: Vec<State>,
    /// Only namespaces that have been dying for longer than this, such as 5s.
    #[arg(long, value_name = "TIME", value_parser = crate::time::parse)]
    pub dying_longer_than: Option<Duration>,
    /// Only namespaces that have been inactive for longer than this.
    #[arg(long, value_name = "TIME", value_parser = crate::time::parse)]
    pub inactive_longer_than: Option<Duration>,
    /// Only namespaces whose user namespace this user owns, by name or number.
    #[arg(long, value_name = "USER")]
    pub owner: Option<String>,
    /// The number of that user.
    #[arg(skip)]
    pub uid: Option<u32>,
    /// Only rows that have this text in their name, state or creator.
    #[arg(skip)]
    pub text: String,
}

impl Filter {
    /// Looks the user up.
    ///
    /// # Errors
    ///
    /// When there is no such user.
    pub fn resolve(&mut self, users: &Users) -> Result<()> {
        if let Some(owner) = &self.owner {
            let uid = users.uid(owner);
            self.uid = Some(uid.ok_or_else(|| {
                Error::new(format!(
                    "there is no user '{owner}' in /etc/passwd; say the number."
                ))
            })?);
        }
        Ok(())
    }

    /// Whether a row is wanted. The two times are an "or" of each other: who asks for both wants what looks wrong.
    pub fn wants(&self, entry: &Entry) -> bool {
        let row = &entry.row;
        let longer = |state, than: Option<Duration>| {
            than.is_some_and(|than| row.state == state && row.in_state() > nanoseconds(than))
        };
        let times = (self.dying_longer_than.is_none() && self.inactive_longer_than.is_none())
            || longer(State::Dying, self.dying_longer_than)
            || longer(State::Inactive, self.inactive_longer_than);
        times
            && (self.state.is_empty() || self.state.contains(&row.state))
            && self.uid.is_none_or(|uid| uid == row.owner)
            && (self.text.is_empty()
                || [
                    entry.name(),
                    entry.creator(),
                    row.state.name().to_owned(),
                    row.phase.name().to_owned(),
                ]
                .iter()
                .any(|field| field.contains(&self.text)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::row::samples;

    fn entries() -> Vec<Entry> {
        let mut inactive = samples::row(2);
        inactive.state = State::Inactive;
        let mut other = samples::row(3);
        other.owner = 1000;
        [
            samples::row(1),
            inactive,
            other,
            samples::dying(4, 2_000_000_000),
        ]
        .into_iter()
        .map(|row| Entry {
            row,
            names: Vec::new(),
            container: None,
        })
        .collect()
    }

    fn wanted(filter: &Filter) -> Vec<u64> {
        entries()
            .iter()
            .filter(|entry| filter.wants(entry))
            .map(|entry| entry.row.cookie)
            .collect()
    }

    #[test]
    fn each_filter_takes_some_away() {
        let seconds = |n| Some(Duration::from_secs(n));
        let mut filter = Filter::default();
        assert_eq!(wanted(&filter), [1, 2, 3, 4]);
        filter.state = vec![State::Dying, State::Inactive];
        assert_eq!(wanted(&filter), [2, 4]);
        filter = Filter {
            dying_longer_than: seconds(1),
            ..Filter::default()
        };
        assert_eq!(wanted(&filter), [4]);
        filter.inactive_longer_than = seconds(9);
        assert_eq!(wanted(&filter), [2, 4]);
        filter.dying_longer_than = seconds(2);
        assert_eq!(wanted(&filter), [2]);
        filter = Filter {
            owner: Some("1000".to_owned()),
            ..Filter::default()
        };
        filter.resolve(&Users::default()).unwrap();
        assert_eq!(wanted(&filter), [3]);
        filter = Filter {
            text: "devices".to_owned(),
            ..Filter::default()
        };
        assert_eq!(wanted(&filter), [4]);
    }

    #[test]
    fn nobody_is_refused_in_a_sentence() {
        let mut filter = Filter {
            owner: Some("nobody-at-all".to_owned()),
            ..Filter::default()
        };
        assert!(filter
            .resolve(&Users::default())
            .unwrap_err()
            .text
            .contains("nobody-at-all"));
    }
}
