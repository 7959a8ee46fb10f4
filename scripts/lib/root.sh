# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Debian root file systems in the cache: the toolchains, each with the compilers that the kernels of a suite were
# built with, and others with tools that they do not have. Nothing of them is installed on the host.

# shellcheck source=scripts/lib/archive.sh
source "$TOP/scripts/lib/archive.sh"

# The suite of the toolchain, where no other is asked for.
ROOT_SUITE=trixie
ROOT_PACKAGES=(
	# The stock kernel's metadata, and modules.
	gcc make flex bison bc libelf-dev libssl-dev cpio kmod xz-utils dwarves python3 rustc rust-src bindgen
	# The guest.
	busybox-static iproute2 util-linux
)
# What is added to the same root by who needs it.
ROOT_PACKAGES_TESTS=(
	# Kernels of our own.
	clang lld llvm rsync
	# The model and what drives it in the guest.
	cargo ca-certificates
	# The checks.
	rustfmt rust-clippy perl shellcheck openssl
)
# To build for arm64, too. The C compiler is what links.
ROOT_PACKAGES_ARM64=(gcc-aarch64-linux-gnu libc6-dev-arm64-cross libstd-rust-dev:arm64)

# root_path NAME WORD...: the root of that name which is made from these words, a suite and packages.
root_path() {
	local key
	key=$(printf '%s\n' "${@:2}" | sha256sum | cut -c1-8)
	echo "$CACHE/$1-$key"
}

# root_plan SUITE ARCH: of the toolchain of a suite that builds for an architecture. Sets ROOT, ROOT_NAME and
# ROOT_CONTENT, its packages.
root_plan() {
	ROOT_NAME=$1 ROOT_CONTENT=("${ROOT_PACKAGES[@]}")
	if [[ $2 == arm64 ]]; then
		ROOT_NAME+=-$2 ROOT_CONTENT+=("${ROOT_PACKAGES_ARM64[@]}")
	fi
	ROOT=$(root_path "$ROOT_NAME" "$1" "${ROOT_CONTENT[@]}")
}

# root_dir: the toolchain's where no other is asked for.
root_dir() {
	local ROOT ROOT_NAME ROOT_CONTENT
	root_plan "$ROOT_SUITE" ''
	echo "$ROOT"
}

# root_need [SUITE [ARCH]]: makes the toolchain's root if it is not there. Sets ROOT.
root_need() {
	local suite=${1:-$ROOT_SUITE} options=() ROOT_NAME ROOT_CONTENT
	root_plan "$suite" "${2-}"
	[[ -d $ROOT ]] && { touch "$ROOT"; return; }
	cache_sweep "$CACHE/$ROOT_NAME"-????????
	root_remove "$ROOT.new"
	need_space 2 "The toolchain"
	# The lists on a mirror that lags may be older than they should be.
	[[ $suite != sid ]] || options+=(--aptopt='Acquire::Check-Valid-Until "false"')
	[[ ${2-} != arm64 ]] || options+=("--architectures=amd64,arm64")
	# Of rustc's sources the kernel needs the library; "*" stands for any directories, too, and the last that matches holds.
	# What is added later is of the same lists.
	step toolchain "Making the toolchain's root (Debian $suite, 0.9 GB)" root_make "$suite" "${options[@]}" \
		--dpkgopt='path-exclude=/usr/src/rustc-*/src/*' --dpkgopt='path-exclude=/usr/src/rustc-*/compiler/*' \
		--dpkgopt='path-include=/usr/src/rustc-*/library/*' \
		--aptopt='Acquire::GzipIndexes "true"' --aptopt='Acquire::Languages "none"' \
		--aptopt='Dir::Cache { pkgcache ""; srcpkgcache ""; }' --skip=cleanup/apt/lists \
		--include="$(IFS=,; echo "${ROOT_CONTENT[*]}")"
}

# root_add_need: adds the packages for tests to the toolchain's root ROOT, unless it has them.
root_add_need() {
	local lock stamp
	stamp=$ROOT/var/lib/dpkg/rust-pernet-$(printf '%s\n' "${ROOT_PACKAGES_TESTS[@]}" | sha256sum | cut -c1-8)
	[[ -e $stamp ]] && return
	exec {lock}>"$CACHE/lock-${ROOT##*/}"
	flock "$lock"
	if [[ ! -e $stamp ]]; then
		need_space 1 "What is added to the toolchain"
		step toolchain-tests "Adding compilers and checkers to it (0.3 GB)" root_add "${ROOT_PACKAGES_TESTS[@]}"
		touch "$stamp"
	fi
	exec {lock}>&-
}

# root_add PACKAGE...: one that was interrupted is repaired. The archive may no longer have what the lists name.
root_add() {
	local proxies
	mapfile -t proxies < <(root_apt_proxies)
	in_root env DEBIAN_FRONTEND=noninteractive bash -c '
		apt=(apt-get -y -q -o APT::Sandbox::User=root --no-install-recommends)
		while [[ $1 != -- ]]; do apt+=(-o "$1"); shift; done
		shift
		dpkg --configure -a || "${apt[@]}" --fix-broken install || exit
		"${apt[@]}" install "$@" ||
			{ "${apt[@]}" update && "${apt[@]}" --fix-broken install && "${apt[@]}" install "$@"; } || exit
		"${apt[@]}" clean' add "${proxies[@]}" -- "$@"
}

# root_apt_proxies: those that the settings of the host's apt name, as NAME=VALUE.
root_apt_proxies() {
	apt-config dump --format '%f=%v%n' 2>/dev/null | grep -iE '^Acquire::(http|https|ftp)::Proxy(::[^=]*)?=.'
}

# The programs of a guest with another processor, unpacked and not installed.
USERLAND_PACKAGES=(bash busybox-static iproute2 kmod util-linux)
USERLAND=

# userland_need: what has the programs for the guest. Sets USERLAND, empty where the toolchain's own root has them.
userland_need() {
	local ROOT
	USERLAND=
	[[ $PROCESSOR != x86_64 ]] || return 0
	USERLAND=$(root_path "userland-$ARCH" "$ROOT_SUITE" "${USERLAND_PACKAGES[@]}")
	[[ -d $USERLAND ]] && { touch "$USERLAND"; return; }
	cache_sweep "$CACHE/userland-$ARCH"-????????
	root_remove "$USERLAND.new"
	ROOT=$USERLAND step userland "Fetching the programs for a guest on $ARCH (80 MB)" root_make "$ROOT_SUITE" --variant=extract \
		--architectures="$ARCH" --include="$(IFS=,; echo "${USERLAND_PACKAGES[*]}")"
}

# root_tools NAME GIGABYTES TITLE PACKAGE...: makes a small root with these packages if it is not there, in place of an older
# one. Sets ROOT. Who wants it at the same time is kept out by the caller.
root_tools() {
	local name=$1 gigabytes=$2 title=$3
	shift 3
	ROOT=$(root_path "$name" "$ROOT_SUITE" "$@")
	[[ -d $ROOT ]] && { touch "$ROOT"; return; }
	cache_sweep "$CACHE/$name"-????????
	root_remove "$ROOT.new"
	need_space "$gigabytes" "$title"
	step "$name-root" "Making a root with $title" root_make "$ROOT_SUITE" --variant=essential \
		--aptopt='APT::Install-Recommends "false"' --include="$(IFS=,; echo "$*")"
}

# root_make SUITE OPTION...: makes ROOT of a suite with mmdebstrap; it is whole when it is there.
root_make() {
	local suite=$1 new=$ROOT.new
	shift
	mkdir -p "$new" || return
	# An incomplete root is made again, so it needs no fsync. No task reads its pages or links against LLVM statically.
	local build=(mmdebstrap --variant=apt --aptopt='Acquire::Retries "3"' --dpkgopt=force-unsafe-io
		--dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*'
		--dpkgopt='path-exclude=/usr/share/info/*' --dpkgopt='path-exclude=/usr/share/locale/*'
		--dpkgopt='path-exclude=/usr/lib/llvm-*/lib/lib*.a' --dpkgopt='path-include=/usr/lib/llvm-*/lib/clang/*' "$@") mirror=()
	# That of other distributions does not trust Debian's archive.
	archive_keyring
	[[ -z $KEYRING ]] || build+=("--keyring=$KEYRING")
	local proxy
	while read -r proxy; do
		build+=("--aptopt=${proxy%%=*} \"${proxy#*=}\"")
	done < <(root_apt_proxies)
	case $MIRROR in
	http://deb.debian.org/debian) ;;
	file:*)
		mirror=("deb [trusted=yes] $MIRROR $suite main")
		build+=(--hook-dir=/usr/share/mmdebstrap/hooks/file-mirror-automount)
		;;
	*) mirror=("$MIRROR") ;;
	esac
	kernel_source_ahead &
	if ((EUID == 0)); then
		"${build[@]}" --mode=root "$suite" "$new" "${mirror[@]}"
	else
		# mmdebstrap's root is another subordinate user than unshare's: hand it over as an archive.
		"${build[@]}" --mode=unshare "$suite" - "${mirror[@]}" |
			unshare --map-auto --map-root-user tar -C "$new" --exclude='./dev/*' -xf -
	fi || { wait; return 1; }
	wait
	mv -T "$new" "$ROOT"
}

# root_remove DIRECTORY...: what an ordinary user's root holds belongs to subordinate users.
root_remove() {
	local old
	for old; do
		[[ -e $old ]] || continue
		if ((EUID == 0)); then
			rm -rf --one-file-system "$old"
		else
			rm -rf --one-file-system "$old" 2>/dev/null || unshare --map-auto --map-root-user rm -rf --one-file-system "$old"
		fi || die "cannot remove $old; remove it by hand."
	done
}

# cache_sweep PATH...: removes what no run has used for two weeks. Another checkout may be using what this one does not.
cache_sweep() {
	local old
	for old; do
		[[ ! -e $old || -z $(find "$old" -maxdepth 0 -mtime +14) ]] || root_remove "$old"
	done
}

# Folders beside the checkout and the cache that are seen in the root.
ROOT_FOLDERS=()

# in_root COMMAND...: runs it in the root, where the checkout, the cache and ROOT_FOLDERS have the paths that
# they have on the host. It sees a /proc of its own, and ends with us.
in_root() {
	local flags=(--mount --pid --fork --kill-child)
	((EUID == 0)) || flags+=(--map-auto --map-root-user)
	(cd "$TOP" && exec unshare "${flags[@]}" bash "$TOP/scripts/lib/enter-root" "$ROOT" "$TOP" "$CACHE" "${ROOT_FOLDERS[@]}" -- "$@")
}
