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
            holders: holders(places, inums),
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

fn holders(places: &Places, inums: &[u32]) -> HashMap<u32, Vec<Holder>> {
    let mut found: HashMap<u32, Vec<Holder>> = HashMap::new();
    if inums.is_empty() {
        return found;
    }
    let mut seen = Vec::new();
    let read = |folder: &Path| fs::read_dir(folder).into_iter().flatten().flatten();
    for process in read(&places.root.join("proc")) {
        let Some(pid) = number::<u32>(&process) else {
            continue;
        };
        for file in read(&process.path().join("fd")) {
            // What the link says is where the file was opened, which need not be there any more.
            let Some(inum) = places.inum(&file.path()) else {
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
        let files = [
            ("proc/12/comm", "keeper\n"),
            ("proc/12/fd/x", ""),
            ("proc/self/comm", ""),
            ("run/netns/red", ""),
            ("kept", ""),
        ];
        let places = machine("holders", &files);
        let inum = places.inum(&places.root.join("kept")).unwrap();
        symlink(places.root.join("kept"), places.root.join("proc/12/fd/7")).unwrap();
        symlink(
            places.root.join("run/netns/red"),
            places.root.join("proc/12/fd/8"),
        )
        .unwrap();
        symlink("/nowhere", places.root.join("proc/12/fd/9")).unwrap();
        let mountinfo = format!(
            "22 1 0:4 net:[{inum}] /mnt/kept rw shared:1 - nsfs nsfs rw\n23 1 0:5 / /proc rw - proc proc rw\n"
        );
        for pid in [12, 13] {
            let folder = places.root.join(format!("proc/{pid}/ns"));
            fs::create_dir_all(&folder).unwrap();
            symlink("mnt:[1]", folder.join("mnt")).unwrap();
            fs::write(folder.with_file_name("mountinfo"), &mountinfo).unwrap();
        }
        let evidence = Evidence::look(&places, &[inum]);
        let found = &evidence.holders[&inum];
        assert_eq!(found.len(), 2, "{found:?}");
        let is_file = |holder: &Holder| matches!(holder, Holder::File { pid: 12, fd: 7, comm } if comm == "keeper");
        assert!(found.iter().any(is_file));
        let is_mount =
            |holder: &Holder| matches!(holder, Holder::Mount { path, .. } if path == "/mnt/kept");
        assert!(found.iter().any(is_mount));
        assert_eq!((evidence.trackers, evidence.stale.len()), (false, 0));
    }
}
