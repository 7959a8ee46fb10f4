// SPDX-License-Identifier: GPL-2.0

//! The names of users, from `/etc/passwd` alone: a static program has no other way.

use std::{
    collections::HashMap,
    fs,
    path::Path, //
};

/// Users by their number.
#[derive(Debug, Clone, Default)]
pub struct Users(HashMap<u32, String>);

impl Users {
    /// Those of this machine.
    pub fn here() -> Self {
        Self::read(Path::new("/etc/passwd"))
    }

    fn read(path: &Path) -> Self {
        let text = fs::read_to_string(path).unwrap_or_default();
        Self(
            text.lines()
                .filter_map(|line| {
                    let mut fields = line.split(':');
                    let (name, _, uid) = (fields.next()?, fields.next()?, fields.next()?);
                    Some((uid.parse().ok()?, name.to_owned()))
                })
                .collect(),
        )
    }

    /// What a user is called, or the number.
    pub fn name(&self, uid: u32) -> String {
        self.0.get(&uid).cloned().unwrap_or_else(|| uid.to_string())
    }

    /// The number of a user, who may be given by it.
    pub fn uid(&self, user: &str) -> Option<u32> {
        user.parse().ok().or_else(|| {
            self.0
                .iter()
                .find(|(_, name)| *name == user)
                .map(|(uid, _)| *uid)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_have_names_and_numbers() {
        let path = crate::names::tests::folder("users").join("passwd");
        fs::write(
            &path,
            "root:x:0:0:root:/root:/bin/sh\nbroken\nann:x:1000:1000::/home/ann:/bin/sh\n",
        )
        .unwrap();
        let users = Users::read(&path);
        assert_eq!(
            (users.name(0).as_str(), users.name(7).as_str()),
            ("root", "7")
        );
        assert_eq!(
            (users.uid("ann"), users.uid("12"), users.uid("bob")),
            (Some(1000), Some(12), None)
        );
    }
}
