// SPDX-License-Identifier: GPL-2.0

//! Who holds a namespace from outside: open files and mounts, as `/proc` shows them; and what else the doctor looks at.

use crate::{
    names::Places,
    preflight, //
};
use std::{
    collections::HashMap,
    fs,
    path::Path, //
};

/// What holds a namespace.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Holder {
    /// An open file.
    File { pid: u32, fd: u32, comm: String },
    /// A mount, in the mount namespace of a process.
    Mount { pid: u32, path: String },
}

/// What was seen on this machine.
#[derive(Debug, Clone, Default)]
pub struct Evidence {
    /// Who holds these namespaces.
    pub holders: HashMap<u32, Vec<Holder>>,
    /// Workers in `cleanup_net()`.
    pub workers: Vec<u32>,
    /// Names without a namespace.
    pub stale: Vec<String>,
    /// Whether the kernel tracks references.
    pub trackers: bool,
}

impl Evidence {
    /// Looks for who holds these namespaces, and for all else.
    pub fn look(places: &Places, inums: &[u32]) -> Self {
        let names = places.mounts("run/netns");
        Self {
            holders: holders(&places.root, inums),
            workers: preflight::workers(&places.root),
            stale: names
                .into_iter()
                .filter(|(_, inum)| inum.is_none())
                .map(|(name, _)| name)
                .collect(),
            trackers: places.root.join("sys/kernel/debug/ref_tracker").exists(),
        }
    }
}

fn number<T: std::str::FromStr>(entry: &fs::DirEntry) -> Option<T> {
    entry.file_name().to_str()?.parse().ok()
}

/// A namespace in the form of `net:[4026531833]`.
fn inum_of(text: &str) -> Option<u32> {
    text.strip_prefix("net:[")?.strip_suffix(']')?.parse().ok()
}

fn holders(root: &Path, inums: &[u32]) -> HashMap<u32, Vec<Holder>> {
    let mut found: HashMap<u32, Vec<Holder>> = HashMap::new();
    if inums.is_empty() {
        return found;
    }
    let mut seen = Vec::new();
    let read = |folder: &Path| fs::read_dir(folder).into_iter().flatten().flatten();
    for process in read(&root.join("proc")) {
        let Some(pid) = number::<u32>(&process) else {
            continue;
        };
        for file in read(&process.path().join("fd")) {
            let Some(inum) = fs::read_link(file.path())
                .ok()
                .and_then(|link| inum_of(link.to_str()?))
            else {
                continue;
            };
            if let (true, Some(fd)) = (inums.contains(&inum), number(&file)) {
                let comm = fs::read_to_string(process.path().join("comm")).unwrap_or_default();
                let comm = comm.trim_end().to_owned();
                found
                    .entry(inum)
                    .or_default()
                    .push(Holder::File { pid, fd, comm });
            }
        }
        // One process of each mount namespace has all of its mounts.
        let Ok(mounts) = fs::read_link(process.path().join("ns/mnt")) else {
            continue;
        };
        if seen.contains(&mounts) {
            continue;
        }
        seen.push(mounts);
        for line in fs::read_to_string(process.path().join("mountinfo"))
            .unwrap_or_default()
            .lines()
        {
            let mut fields = line.split(' ').skip(3);
            if let (Some(Some(inum)), Some(path)) = (fields.next().map(inum_of), fields.next()) {
                if inums.contains(&inum) {
                    let path = path.to_owned();
                    found
                        .entry(inum)
                        .or_default()
                        .push(Holder::Mount { pid, path });
                }
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::names::tests::machine;
    use std::os::unix::fs::symlink;

    #[test]
    fn files_and_mounts_are_found_once() {
        let mountinfo = "22 1 0:4 net:[4026532128] /mnt/kept rw shared:1 - nsfs nsfs rw\n23 1 0:5 / /proc rw - proc proc rw\n";
        let places = machine(
            "holders",
            &[
                ("proc/12/comm", "agent\n"),
                ("proc/12/mountinfo", mountinfo),
                ("proc/13/mountinfo", mountinfo),
                ("proc/12/fd/x", ""),
                ("proc/self/comm", ""),
                ("run/netns/red", ""),
            ],
        );
        symlink("net:[4026532128]", places.root.join("proc/12/fd/7")).unwrap();
        symlink("net:[4026531833]", places.root.join("proc/12/fd/8")).unwrap();
        for pid in [12, 13] {
            let folder = places.root.join(format!("proc/{pid}/ns"));
            fs::create_dir_all(&folder).unwrap();
            symlink("mnt:[1]", folder.join("mnt")).unwrap();
        }
        let evidence = Evidence::look(&places, &[4_026_532_128]);
        let found = &evidence.holders[&4_026_532_128];
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found.iter().any(
            |holder| matches!(holder, Holder::File { pid: 12, fd: 7, comm } if comm == "agent")
        ));
        assert!(found
            .iter()
            .any(|holder| matches!(holder, Holder::Mount { path, .. } if path == "/mnt/kept")));
        assert_eq!((evidence.trackers, evidence.stale.len()), (false, 0));
    }
}
