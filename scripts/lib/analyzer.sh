# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# The rust-analyzer of the toolchain's own rustc, which is the one that understands the procedural macros that this has
# built. It is a package beside the root, and runs in it.

# server_need: fetches it if it is not there. Sets SERVER.
server_need() {
	local version
	version=$(in_root dpkg-query -Wf '${Version}' rustc) || die "the toolchain's root $ROOT has no rustc; remove it."
	SERVER=$CACHE/rust-analyzer-$version
	[[ -d $SERVER ]] && return
	cache_lock toolchain
	[[ -d $SERVER ]] || step fetch-rust-analyzer "Fetching rust-analyzer ${version%%+*} (8 MB)" server_fetch "$version"
	cache_unlock
}

server_fetch() {
	SUITE=$ROOT_SUITE fetch "rust-analyzer=$1" || return
	rm -rf "$SERVER.new"
	in_root dpkg-deb -x "$CACHE/packages/rust-analyzer=$1.deb" "$SERVER.new" &&
		mv -T "$SERVER.new" "$SERVER" && rm "$CACHE/packages/rust-analyzer=$1.deb"
}

# server ARGUMENT...
server() {
	in_root "$SERVER/usr/bin/rust-analyzer" "$@"
}
