// SPDX-License-Identifier: GPL-2.0

//! What namespaces are called outside the kernel, as well as can be found out.
//!
//! Names are the mounts in `/run/netns`. Containers are told by the mounts that runtimes leave, then by the cgroup of who
//! lives in the namespace, then by that of its creator.

use crate::{
    container::Container,
    row::{
        Row,
        State, //
    },
};
use serde::Serialize;
use std::{
    collections::HashMap,
    fs,
    os::unix::fs::MetadataExt,
    path::{
        Path,
        PathBuf, //
    },
};

/// A row and what is known of it beside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// What the ledger has.
    #[serde(flatten)]
    pub row: Row,
    /// Its names in `/run/netns`.
    pub names: Vec<String>,
    /// The container that it belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub container: Option<Container>,
}

impl Entry {
    /// What a person would call it: its names, or its container.
    pub fn name(&self) -> String {
        match &self.container {
            _ if !self.names.is_empty() => self.names.join(","),
            Some(container) => container.to_string(),
            None if self.row.inum == INITIAL_INUM => "(initial)".to_owned(),
            None => String::new(),
        }
    }

    /// It, in a sentence.
    pub fn called(&self) -> String {
        let name = crate::row::shown(&self.name());
        let space = if name.is_empty() { "" } else { " " };
        format!(
            "{name}{space}[cookie {}, inum {}]",
            self.row.cookie, self.row.inum
        )
    }

    /// Who made it.
    pub fn creator(&self) -> String {
        match &self.row.creator {
            Some(creator) => format!("{}/{}", crate::row::shown(&creator.comm), creator.pid),
            None => "preexisting".to_owned(),
        }
    }
}

/// What the kernel gives to the initial one.
pub const INITIAL_INUM: u32 = 4_026_531_833;

/// Somebody who lives in a namespace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inhabitant {
    /// A process, the first that was found.
    pub pid: u32,
    /// How many.
    pub count: u32,
    /// Its cgroup.
    pub cgroup: String,
}

/// Where to look.
#[derive(Debug, Clone)]
pub struct Places {
    /// The root of the file system.
    pub root: PathBuf,
    /// The device of the files of namespaces. Other files in `/run/netns` are what is left of names.
    pub device: Option<u64>,
}

impl Places {
    /// This machine.
    pub fn here() -> Self {
        Self {
            root: PathBuf::from("/"),
            device: fs::metadata("/proc/self/ns/net")
                .ok()
                .map(|file| file.dev()),
        }
    }

    /// The namespace that a file is, without opening it.
    pub fn inum(&self, path: &Path) -> Option<u32> {
        let file = fs::metadata(path).ok()?;
        if self.device.is_some_and(|device| device != file.dev()) {
            return None;
        }
        u32::try_from(file.ino()).ok()
    }

    /// The files of a folder: their names, and the namespaces that they are.
    pub fn mounts(&self, folder: &str) -> Vec<(String, Option<u32>)> {
        let mut found: Vec<_> = fs::read_dir(self.root.join(folder))
            .into_iter()
            .flatten()
            .flatten()
            .map(|entry| {
                (
                    entry.file_name().to_string_lossy().into_owned(),
                    self.inum(&entry.path()),
                )
            })
            .collect();
        found.sort();
        found
    }

    /// Who lives where.
    pub fn inhabitants(&self) -> HashMap<u32, Inhabitant> {
        let mut found: HashMap<u32, Inhabitant> = HashMap::new();
        for entry in fs::read_dir(self.root.join("proc"))
            .into_iter()
            .flatten()
            .flatten()
        {
            let Some(pid) = entry
                .file_name()
                .to_str()
                .and_then(|name| name.parse::<u32>().ok())
            else {
                continue;
            };
            let Some(inum) = self.inum(&entry.path().join("ns/net")) else {
                continue;
            };
            found
                .entry(inum)
                .and_modify(|inhabitant| {
                    inhabitant.count += 1;
                    inhabitant.pid = inhabitant.pid.min(pid);
                })
                .or_insert(Inhabitant {
                    pid,
                    count: 1,
                    cgroup: String::new(),
                });
        }
        for inhabitant in found.values_mut() {
            let text =
                fs::read_to_string(self.root.join(format!("proc/{}/cgroup", inhabitant.pid)));
            inhabitant.cgroup = text
                .ok()
                .and_then(|text| unified(&text))
                .unwrap_or_default();
        }
        found
    }

    /// The folders of cgroups that have these numbers.
    pub fn cgroups(&self, wanted: &[u64]) -> HashMap<u64, String> {
        let top = self.root.join("sys/fs/cgroup");
        let mut found = HashMap::new();
        let mut folders = vec![top.clone()];
        while let Some(folder) = folders.pop() {
            if wanted.iter().all(|id| found.contains_key(id)) {
                break;
            }
            if let Ok(file) = fs::metadata(&folder) {
                if wanted.contains(&file.ino()) {
                    let path = folder.strip_prefix(&top).unwrap_or(&folder);
                    found.insert(file.ino(), format!("/{}", path.display()));
                }
            }
            let inner = fs::read_dir(&folder).into_iter().flatten().flatten();
            folders.extend(
                inner
                    .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()))
                    .map(|entry| entry.path()),
            );
        }
        found
    }
}

/// The path in the one hierarchy of cgroups, or in that of systemd.
fn unified(text: &str) -> Option<String> {
    let line = |start: &str| {
        text.lines()
            .find_map(|line| line.strip_prefix(start).map(str::to_owned))
    };
    line("0::").or_else(|| {
        text.lines().find_map(|line| {
            line.split_once(":name=systemd:")
                .map(|(_, path)| path.to_owned())
        })
    })
}

/// All that was found at a moment.
#[derive(Debug, Clone, Default)]
pub struct Names {
    names: HashMap<u32, Vec<String>>,
    containers: HashMap<u32, Container>,
    /// Who lives where.
    pub inhabitants: HashMap<u32, Inhabitant>,
}

impl Names {
    /// Looks.
    pub fn read(places: &Places) -> Self {
        let mut found = Self {
            inhabitants: places.inhabitants(),
            ..Self::default()
        };
        for (inum, inhabitant) in &found.inhabitants {
            if let Some(container) = Container::of_cgroup(&inhabitant.cgroup) {
                found.containers.insert(*inum, container);
            }
        }
        for (name, inum) in places.mounts("run/netns") {
            let Some(inum) = inum else { continue };
            if let Some(container) = Container::of_mount(&name) {
                found.containers.entry(inum).or_insert(container);
            }
            found.names.entry(inum).or_default().push(name);
        }
        for (name, inum) in places.mounts("run/docker/netns") {
            if let (Some(inum), true) = (inum, name != "default") {
                found
                    .containers
                    .entry(inum)
                    .or_insert_with(|| Container::new("docker", &name));
            }
        }
        found
    }

    /// Rows with their names.
    pub fn join(&self, places: &Places, rows: Vec<Row>) -> Vec<Entry> {
        let wanted: Vec<u64> = rows
            .iter()
            .filter_map(|row| row.creator.as_ref()?.cgroup)
            .collect();
        let cgroups = if wanted.is_empty() {
            HashMap::new()
        } else {
            places.cgroups(&wanted)
        };
        rows.into_iter()
            .map(|row| self.entry(row, &cgroups))
            .collect()
    }

    fn entry(&self, mut row: Row, cgroups: &HashMap<u64, String>) -> Entry {
        if let Some(creator) = &mut row.creator {
            creator.cgroup_path = creator.cgroup.and_then(|id| cgroups.get(&id).cloned());
        }
        let of_creator = || Container::of_cgroup(row.creator.as_ref()?.cgroup_path.as_deref()?);
        // Nobody can refer to a dying namespace, and its inode number may be another's by now.
        let of_inum = row.state != State::Dying;
        let container = self
            .containers
            .get(&row.inum)
            .filter(|_| of_inum)
            .cloned()
            .or_else(of_creator);
        Entry {
            names: self
                .names
                .get(&row.inum)
                .filter(|_| of_inum)
                .cloned()
                .unwrap_or_default(),
            container,
            row,
        }
    }
}

/// Tests of this and of others that need a folder.
#[cfg(test)]
pub mod tests {
    use super::*;
    use crate::row::samples;

    /// An empty folder of that name.
    pub fn folder(name: &str) -> PathBuf {
        let path = std::env::temp_dir().join(format!("netns-ledger-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        path
    }

    /// A machine in a folder, with files in place of namespaces.
    pub fn machine(name: &str, files: &[(&str, &str)]) -> Places {
        let root = folder(name);
        for (path, text) in files {
            let path = root.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        Places { root, device: None }
    }

    fn row_of(places: &Places, path: &str) -> Row {
        Row {
            inum: places.inum(&places.root.join(path)).unwrap(),
            creator: None,
            ..samples::row(5)
        }
    }

    #[test]
    fn names_are_the_mounts_of_run_netns() {
        let places = machine("names", &[("run/netns/red", ""), ("run/netns/blue", "")]);
        fs::hard_link(
            places.root.join("run/netns/red"),
            places.root.join("run/netns/rouge"),
        )
        .unwrap();
        let row = row_of(&places, "run/netns/red");
        let entries = Names::read(&places).join(&places, vec![row]);
        assert_eq!(entries[0].names, ["red", "rouge"]);
        assert_eq!(entries[0].container, None);
    }

    #[test]
    fn a_file_of_another_kind_is_no_namespace() {
        let mut places = machine("stale", &[("run/netns/red", "")]);
        places.device = Some(u64::MAX);
        assert_eq!(places.mounts("run/netns"), [("red".to_owned(), None)]);
    }

    #[test]
    fn containers_are_told_by_their_inhabitants_first() {
        let id = "0123456789abcdef".repeat(4);
        let cgroup = format!("1:name=systemd:/x\n0::/system.slice/docker-{id}.scope\n");
        let places = machine(
            "containers",
            &[
                ("run/docker/netns/5a6b7c", ""),
                ("run/netns/cni-1-2", ""),
                ("proc/42/cgroup", &cgroup),
            ],
        );
        fs::create_dir_all(places.root.join("proc/42/ns")).unwrap();
        fs::hard_link(
            places.root.join("run/docker/netns/5a6b7c"),
            places.root.join("proc/42/ns/net"),
        )
        .unwrap();
        let rows = vec![
            row_of(&places, "run/docker/netns/5a6b7c"),
            row_of(&places, "run/netns/cni-1-2"),
        ];
        let entries = Names::read(&places).join(&places, rows);
        assert_eq!(entries[0].name(), "docker:0123456789ab");
        assert_eq!(entries[1].container.as_ref().unwrap().runtime, "cni");
        assert_eq!(entries[1].name(), "cni-1-2");
    }

    #[test]
    fn the_cgroup_of_the_creator_is_found_by_its_number() {
        let places = machine(
            "cgroups",
            &[("sys/fs/cgroup/user.slice/u.scope/cgroup.procs", "")],
        );
        let id = fs::metadata(places.root.join("sys/fs/cgroup/user.slice/u.scope"))
            .unwrap()
            .ino();
        let mut row = samples::row(3);
        row.creator.as_mut().unwrap().cgroup = Some(id);
        let entries = Names::default().join(&places, vec![row]);
        let creator = entries[0].row.creator.as_ref().unwrap();
        assert_eq!(creator.cgroup_path.as_deref(), Some("/user.slice/u.scope"));
    }
}
