# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# What the host has to offer.

# host_need COMMAND:PACKAGE...: installs the packages of the commands that are missing, as root on a
# Debian-like host, or says which they are.
host_need() {
	local pair missing=()
	for pair; do
		have "${pair%%:*}" || missing+=("${pair#*:}")
	done
	((${#missing[@]})) || return 0
	have apt-get ||
		die "this host has no apt-get; install these, or what your distribution calls them: ${missing[*]}."
	((EUID == 0)) ||
		die "some packages are missing; have an administrator run: apt-get install ${missing[*]}"
	step host-packages "Installing ${missing[*]} on this host" host_install "${missing[@]}"
}

host_install() {
	export DEBIAN_FRONTEND=noninteractive
	apt-get update &&
		apt-get install -y --no-install-recommends "$@"
}

# host_check [ARCH]: whether the toolchain's root can be entered, and a kernel of that architecture booted.
host_check() {
	[[ $(uname -m) == x86_64 ]] || die "this host is $(uname -m); the test kernels need an x86_64 host."
	local need=(mmdebstrap:mmdebstrap qemu-system-x86_64:qemu-system-x86 flock:util-linux
		unshare:util-linux setpriv:util-linux)
	[[ ${1-} != arm64 ]] || need+=(qemu-system-aarch64:qemu-system-arm)
	((EUID == 0)) || need+=(newuidmap:uidmap)
	host_need "${need[@]}"
	[[ -e /usr/share/keyrings/debian-archive-keyring.gpg || -e /usr/share/keyrings/debian-archive-keyring.pgp ]] ||
		die "this host does not have the keys of Debian's archive; install the package debian-archive-keyring."
	if ((EUID == 0)); then
		unshare --mount --pid --fork mount -t proc proc /proc 2>/dev/null ||
			die "root cannot mount /proc here; outside of the container it can, or in one that was started with 'docker run --privileged'."
		return
	fi
	unshare --help | grep -q -- --map-auto ||
		die "unshare of this host has no --map-auto; install util-linux 2.38 or newer, or run this as root."
	grep -q "^$(id -un):" /etc/subuid 2>/dev/null ||
		die "$(id -un) has no subordinate user ids; have an administrator run: usermod --add-subuids 100000-165535 --add-subgids 100000-165535 $(id -un)"
	unshare --map-auto --map-root-user --mount true 2>/dev/null ||
		die "this kernel does not let $(id -un) make user namespaces; run this as root, or have it allowed (sysctl kernel.unprivileged_userns_clone, kernel.apparmor_restrict_unprivileged_userns)."
}
