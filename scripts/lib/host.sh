# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# What the host has to offer.

# host_need COMMAND:PACKAGE...: installs the packages of the commands or files that are missing, as root on a
# Debian-like host, or says which they are.
host_need() {
	local pair missing=()
	for pair; do
		[[ $pair == /* && -e ${pair%%:*} ]] || have "${pair%%:*}" || missing+=("${pair#*:}")
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
	[[ $(uname -m) == x86_64 ]] ||
		die "this host is $(uname -m), and the toolchain's root is for x86_64; run this on such a machine, or in a virtual one."
	local need=(apt-get:apt mmdebstrap:mmdebstrap qemu-system-x86_64:qemu-system-x86 flock:util-linux
		unshare:util-linux setpriv:util-linux)
	[[ ${1-} != arm64 ]] || need+=(qemu-system-aarch64:qemu-system-arm)
	((EUID == 0)) || need+=(newuidmap:uidmap)
	[[ $MIRROR == file:* || -e $KEYRINGS.pgp ]] || need+=("$KEYRINGS.gpg:debian-archive-keyring")
	host_need "${need[@]}"
	if ((EUID == 0)); then
		host_enters ||
			die "root cannot mount anything here; run this outside of the container, or start that with 'docker run --privileged'."
		return
	fi
	unshare --help | grep -q -- --map-auto ||
		die "unshare(1) of this host has no --map-auto; install util-linux 2.38 or newer, or run this as root."
	grep -q "^$(id -un):" /etc/subuid 2>/dev/null ||
		die "$(id -un) has no subordinate user ids; have an administrator run: usermod --add-subuids 100000-165535 --add-subgids 100000-165535 $(id -un)"
	host_enters --map-auto --map-root-user ||
		die "this kernel does not let $(id -un) make user namespaces; run this as root, or have it allowed (sysctl kernel.unprivileged_userns_clone, kernel.apparmor_restrict_unprivileged_userns)."
}

# host_enters OPTION...: whether unshare(1) gives us what enter-root needs.
host_enters() {
	unshare --mount --pid --fork "$@" sh -c 'mount -t tmpfs tmpfs /tmp && mkdir /tmp/proc &&
		{ mount -t proc proc /tmp/proc || mount --rbind /proc /tmp/proc; }' >/dev/null 2>&1
}

# memory_available: how many MB there are, of this machine or what a control group leaves of it.
memory_available() {
	local free group max used cached
	free=$(awk '/^MemAvailable:/ { print int($2 / 1024) }' /proc/meminfo)
	group=$(sed -n 's/^0:://p' /proc/self/cgroup 2>/dev/null)
	while :; do
		group=/sys/fs/cgroup${group%/}
		if { read -r max <"$group/memory.max" && read -r used <"$group/memory.current"; } 2>/dev/null && [[ $max != max ]]; then
			cached=$(awk '/^(in)?active_file / { sum += $2 } END { print sum + 0 }' "$group/memory.stat")
			max=$(((max - used + cached) >> 20))
			((max >= free)) || free=$max
		fi
		group=${group#/sys/fs/cgroup}
		[[ -n $group ]] || break
		group=${group%/*}
	done
	echo $((free > 0 ? free : 0))
}

# need_memory MB WHAT: before anything large is built or booted.
need_memory() {
	local free
	free=$(memory_available)
	((free >= $1)) || die "$2 needs $1 MB of memory and $free MB are available; end other programs, or give this container more."
}
