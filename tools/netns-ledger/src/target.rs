// SPDX-License-Identifier: GPL-2.0

//! What a namespace may be called on the command line, and which one is meant.

use crate::{
    client::{
        Key,
        Ledger, //
    },
    error::{
        Error,
        Result, //
    },
    names::Places,
    row::Row,
};
use std::{
    fs::File,
    path::PathBuf, //
};

/// A namespace, as the user calls it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A mount in `/run/netns`.
    Name(String),
    /// A file of it.
    Path(PathBuf),
    /// Who lives in it.
    Pid(u32),
    /// Its cookie.
    Cookie(u64),
    /// Its inode number.
    Inum(u32),
    /// A number without a word before it: a name, an inode number, a process or a cookie.
    Number(u64),
}

/// From here on the kernel has inode numbers of namespaces: no process has such a number, and no cookie so soon.
const FIRST_INUM: u64 = 0xeffffff0;

/// Reads what stands on the command line.
///
/// # Errors
///
/// Says how it is written.
pub fn parse(text: &str) -> std::result::Result<Target, String> {
    let number = |text: &str| {
        text.parse::<u64>()
            .map_err(|_| format!("'{text}' is no number"))
    };
    let small = |text: &str| {
        text.parse::<u32>()
            .map_err(|_| format!("'{text}' is no number that fits"))
    };
    match text.split_once(':') {
        Some(("name", name)) => Ok(Target::Name(name.to_owned())),
        Some(("path", path)) => Ok(Target::Path(path.into())),
        Some(("pid", pid)) => Ok(Target::Pid(small(pid)?)),
        Some(("cookie", cookie)) => Ok(Target::Cookie(number(cookie)?)),
        Some(("inum", inum)) => Ok(Target::Inum(small(inum)?)),
        _ if text.contains('/') => Ok(Target::Path(text.into())),
        _ if text.is_empty() => Err("say a name, a path, pid:N, cookie:N or inum:N".to_owned()),
        _ => Ok(text
            .parse()
            .map_or_else(|_| Target::Name(text.to_owned()), Target::Number)),
    }
}

fn none(what: &str) -> Error {
    Error::new(format!("there is no {what}."))
}

/// The row of the namespace that is meant.
///
/// # Errors
///
/// When there is none, or when it cannot be known which.
pub fn find(target: &Target, ledger: &mut dyn Ledger, places: &Places) -> Result<Row> {
    match target {
        Target::Name(name) => by_file(
            places.root.join("run/netns").join(name),
            ledger,
            places,
            || {
                format!(
                "namespace '{name}' in /run/netns ('netns-ledger list' has all; one whose name is deleted is known by its \
                 cookie or inum)"
            )
            },
        ),
        Target::Path(path) => by_file(path.clone(), ledger, places, || {
            format!("network namespace at {}", path.display())
        }),
        Target::Pid(pid) => by_file(
            places.root.join(format!("proc/{pid}/ns/net")),
            ledger,
            places,
            || format!("process {pid}"),
        ),
        Target::Cookie(cookie) => ledger.row(Key::Cookie(*cookie))?.ok_or_else(|| {
            none(&format!(
                "namespace with the cookie {cookie} in the ledger; it may be gone already"
            ))
        }),
        Target::Inum(inum) => ledger.row(Key::Inum(*inum))?.ok_or_else(|| {
            none(&format!(
                "namespace with the inum {inum} in the ledger; it may be gone already"
            ))
        }),
        Target::Number(number) => by_number(*number, ledger, places),
    }
}

fn by_number(number: u64, ledger: &mut dyn Ledger, places: &Places) -> Result<Row> {
    if places.root.join(format!("run/netns/{number}")).exists() {
        return find(&Target::Name(number.to_string()), ledger, places);
    }
    if let (true, Ok(inum)) = (number >= FIRST_INUM, u32::try_from(number)) {
        return find(&Target::Inum(inum), ledger, places);
    }
    let pid = u32::try_from(number)
        .ok()
        .filter(|pid| places.root.join(format!("proc/{pid}/ns")).exists());
    let row = ledger.row(Key::Cookie(number))?;
    match (pid, row) {
        (Some(pid), None) => find(&Target::Pid(pid), ledger, places),
        (None, Some(row)) => Ok(row),
        (Some(pid), Some(row)) => {
            // It does not matter which is meant if it is the same.
            match find(&Target::Pid(pid), ledger, places) {
                Ok(other) if other.cookie == row.cookie => Ok(row),
                _ => Err(Error::new(format!(
                    "{number} is a process, and the cookie of another namespace: say pid:{number} or cookie:{number}."
                ))),
            }
        }
        (None, None) => Err(none(&format!(
            "namespace, process, cookie or inum {number}"
        ))),
    }
}

/// The file is open while the ledger is asked, so that its inode number cannot be another's meanwhile; and closed when
/// this returns, since it would hold the namespace.
fn by_file(
    path: PathBuf,
    ledger: &mut dyn Ledger,
    places: &Places,
    what: impl Fn() -> String,
) -> Result<Row> {
    let held = File::open(&path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => none(&what()),
        std::io::ErrorKind::PermissionDenied => {
            Error::new(format!("cannot open {}: run this as root.", path.display()))
        }
        _ => Error::new(format!("cannot open {}: {error}.", path.display())),
    })?;
    let inum = places
        .inum(&path)
        .ok_or_else(|| Error::new(format!("{} is not a network namespace.", path.display())))?;
    let row = ledger.row(Key::Inum(inum))?;
    drop(held);
    row.ok_or_else(|| {
        none(&format!(
            "network namespace in the ledger that is {}",
            path.display()
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        client::fake::Fake,
        names::tests::machine,
        row::{
            samples,
            Dump, //
        },
    };

    #[test]
    fn a_word_before_the_number_says_what_it_is() {
        assert_eq!(parse("red"), Ok(Target::Name("red".to_owned())));
        assert_eq!(parse("name:7"), Ok(Target::Name("7".to_owned())));
        assert_eq!(
            parse("/proc/7/ns/net"),
            Ok(Target::Path("/proc/7/ns/net".into()))
        );
        assert_eq!(parse("./x:y"), Ok(Target::Path("./x:y".into())));
        assert_eq!(parse("pid:7"), Ok(Target::Pid(7)));
        assert_eq!(parse("cookie:7"), Ok(Target::Cookie(7)));
        assert_eq!(parse("inum:4026532128"), Ok(Target::Inum(4_026_532_128)));
        assert_eq!(parse("7"), Ok(Target::Number(7)));
        for wrong in ["", "pid:x", "inum:99999999999"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_number_is_what_it_can_be() {
        let places = machine(
            "number",
            &[
                ("run/netns/12", ""),
                ("proc/30/ns/net", ""),
                ("proc/31/ns/net", ""),
            ],
        );
        let inum = |path: &str| places.inum(&places.root.join(path)).unwrap();
        let row = |cookie, inum| Row {
            cookie,
            inum,
            ..samples::row(cookie)
        };
        let mut ledger = Fake::default();
        ledger.dumps.push_back(Dump {
            rows: vec![
                row(1, inum("run/netns/12")),
                row(12, 9),
                row(30, 10),
                row(50, inum("proc/30/ns/net")),
                row(31, inum("proc/31/ns/net")),
                row(40, 4_026_532_128),
            ],
            end: 0,
        });
        let mut cookie =
            |text: &str| find(&parse(text).unwrap(), &mut ledger, &places).map(|row| row.cookie);
        assert_eq!(cookie("12"), Ok(1), "a name comes first");
        assert_eq!(cookie("cookie:12"), Ok(12));
        assert_eq!(cookie("4026532128"), Ok(40));
        assert_eq!(cookie("40"), Ok(40));
        assert_eq!(cookie("pid:30"), Ok(50));
        assert_eq!(cookie("31"), Ok(31), "both are the same");
        assert!(cookie("30")
            .unwrap_err()
            .text
            .contains("pid:30 or cookie:30"));
        for unknown in ["99", "cookie:99", "red", "/nowhere", "pid:99", "inum:8"] {
            let error = cookie(unknown).unwrap_err();
            assert_eq!(
                (error.status, error.text.starts_with("there is no ")),
                (2, true),
                "{unknown}"
            );
        }
    }
}
