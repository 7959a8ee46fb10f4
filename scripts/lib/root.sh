# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Debian root file systems in the cache: the toolchain, with the compilers that the stock kernel was built
# with, and others with tools that it does not have. Nothing of them is installed on the host.

ROOT_SUITE=trixie
ROOT_PACKAGES=(
	# The kernel and its modules.
	gcc make flex bison bc libelf-dev libssl-dev cpio kmod rsync xz-utils dwarves python3
	rustc rust-src rustfmt rust-clippy bindgen clang lld llvm
	# The guest.
	busybox-static iproute2 util-linux
	# The model and what drives it in the guest.
	cargo ca-certificates
	# The checks.
	perl shellcheck
)

# root_path NAME WORD...: the root of that name which is made from these words, a suite and packages.
root_path() {
	local key
	key=$(printf '%s\n' "${@:2}" | sha256sum | cut -c1-8)
	echo "$CACHE/$1-$key"
}

# root_dir: the toolchain's.
root_dir() {
	root_path "$ROOT_SUITE" "$ROOT_SUITE" "${ROOT_PACKAGES[@]}"
}

# root_need: makes the toolchain's root if it is not there. Sets ROOT.
root_need() {
	ROOT=$(root_dir)
	[[ -d $ROOT ]] && return
	root_remove "$CACHE/$ROOT_SUITE"-*
	need_space 3 "The toolchain"
	step toolchain "Making the toolchain's root (Debian $ROOT_SUITE, 1.9 GB)" root_make "$ROOT_SUITE" \
		--include="$(IFS=,; echo "${ROOT_PACKAGES[*]}")" \
		--customize-hook='cp "$1/etc/apt/sources.list" "$1/etc/apt/sources.list.d/backports.list" &&
			sed -i -n "s/ '"$ROOT_SUITE"' main/ '"$ROOT_SUITE"'-backports main/p" \
				"$1/etc/apt/sources.list.d/backports.list" &&
			chroot "$1" apt-get update' \
		--skip=cleanup/apt/lists
}

# root_make SUITE OPTION...: makes ROOT of a suite with mmdebstrap; it is whole when it is there.
root_make() {
	local suite=$1 new=$ROOT.new
	shift
	mkdir -p "$new" || return
	local build=(mmdebstrap --variant=apt --aptopt='Acquire::Retries "3"' "$@")
	if ((EUID == 0)); then
		"${build[@]}" --mode=root "$suite" "$new"
	else
		# mmdebstrap's root is another subordinate user than unshare's: hand it over as an archive.
		"${build[@]}" --mode=unshare "$suite" - |
			unshare --map-auto --map-root-user tar -C "$new" --exclude='./dev/*' -xf -
	fi || return
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
			unshare --map-auto --map-root-user rm -rf --one-file-system "$old"
		fi || die "cannot remove $old; remove it by hand."
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
