// SPDX-License-Identifier: GPL-2.0

//! What container a namespace belongs to, by the names that runtimes give to cgroups and mounts.

use serde::Serialize;
use std::fmt;

/// A container.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Container {
    /// Who runs it: `docker`, `containerd`, `cri-o`, `podman`, `lxc`, `nspawn`, `kubernetes` or `cni`.
    pub runtime: String,
    /// Its id there, or its name.
    pub id: String,
}

/// How cgroups are called that systemd makes for runtimes: before the id, behind it.
const SCOPES: [(&str, &str, &str); 8] = [
    ("docker-", ".scope", "docker"),
    ("cri-containerd-", ".scope", "containerd"),
    ("nerdctl-", ".scope", "containerd"),
    ("crio-conmon-", ".scope", "cri-o"),
    ("crio-", ".scope", "cri-o"),
    ("libpod-", ".scope", "podman"),
    ("lxc.payload.", "", "lxc"),
    ("machine-", ".scope", "nspawn"),
];

/// How the folder is called that has them, where systemd does not make them.
const PARENTS: [(&str, &str); 3] = [
    ("docker", "docker"),
    ("lxc", "lxc"),
    ("libpod_parent", "podman"),
];

impl Container {
    /// A container.
    pub fn new(runtime: &str, id: &str) -> Self {
        Self {
            runtime: runtime.to_owned(),
            id: id.to_owned(),
        }
    }

    /// By the path of a cgroup. The innermost folder that is a container's counts.
    pub fn of_cgroup(path: &str) -> Option<Self> {
        let folders: Vec<&str> = path
            .split('/')
            .filter(|folder| !folder.is_empty())
            .collect();
        (0..folders.len()).rev().find_map(|at| {
            let folder = folders[at];
            let parent = at.checked_sub(1).map_or("", |at| folders[at]);
            let scope = SCOPES.iter().find_map(|(before, behind, runtime)| {
                let id = folder.strip_prefix(before)?.strip_suffix(behind)?;
                (!id.is_empty()).then(|| Self::new(runtime, id))
            });
            scope
                .or_else(|| {
                    let (_, runtime) = PARENTS.iter().find(|(name, _)| *name == parent)?;
                    Some(Self::new(runtime, folder))
                })
                .or_else(|| {
                    (is_id(folder) && path.contains("kubepods"))
                        .then(|| Self::new("kubernetes", folder))
                })
        })
    }

    /// By the name of a mount in `/run/netns`.
    pub fn of_mount(name: &str) -> Option<Self> {
        if let Some(id) = name.strip_prefix("cni-") {
            return Some(Self::new("cni", id));
        }
        // Podman without CNI, and CRI-O.
        name.strip_prefix("netns-")
            .map(|id| Self::new("podman", id))
    }
}

fn is_id(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

impl fmt::Display for Container {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // As much of an id as the runtimes show.
        let id = if is_id(&self.id) {
            &self.id[..12]
        } else {
            &self.id
        };
        write!(f, "{}:{id}", self.runtime)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_innermost_folder_counts() {
        let id = "0123456789abcdef".repeat(4);
        for (path, expected) in [
            (
                format!("/system.slice/docker-{id}.scope"),
                Some("docker:0123456789ab"),
            ),
            (format!("/docker/{id}/init"), Some("docker:0123456789ab")),
            (
                format!("/kubepods.slice/kubepods-pod1.slice/cri-containerd-{id}.scope"),
                Some("containerd:0123456789ab"),
            ),
            (
                format!("/kubepods/besteffort/pod1/{id}"),
                Some("kubernetes:0123456789ab"),
            ),
            (
                format!("/kubepods.slice/crio-{id}.scope"),
                Some("cri-o:0123456789ab"),
            ),
            (
                format!("/machine.slice/libpod-{id}.scope/container"),
                Some("podman:0123456789ab"),
            ),
            ("/lxc.payload.web".to_owned(), Some("lxc:web")),
            (
                "/machine.slice/machine-web.scope".to_owned(),
                Some("nspawn:web"),
            ),
            ("/system.slice/docker.service".to_owned(), None),
            ("/user.slice/docker-.scope".to_owned(), None),
            ("/".to_owned(), None),
        ] {
            assert_eq!(
                Container::of_cgroup(&path)
                    .map(|c| c.to_string())
                    .as_deref(),
                expected,
                "{path}"
            );
        }
    }

    #[test]
    fn mounts_of_runtimes_are_known() {
        assert_eq!(
            Container::of_mount("cni-1-2-3"),
            Some(Container::new("cni", "1-2-3"))
        );
        assert_eq!(
            Container::of_mount("netns-1-2"),
            Some(Container::new("podman", "1-2"))
        );
        assert_eq!(Container::of_mount("red"), None);
    }
}
