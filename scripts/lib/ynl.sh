# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# The kernel's own tool for netlink, from the source of the test kernels, and the Python that it runs on, from a small
# Debian root: in the cache.

YNL_PACKAGES=(python3 python3-jsonschema python3-yaml)

# ynl_need: makes what is missing. Sets YNL_PART, an archive for the guest, with the tool and this checkout's
# specification beside the kernel's schemas.
ynl_need() {
	local key root toolchain=$ROOT
	cache_lock ynl
	root_tools ynl 1 "Python (90 MB)" "${YNL_PACKAGES[@]}"
	root=$ROOT ROOT=$toolchain
	key=$(cat "$TOP/scripts/lib/ynl.sh" "$TOP"/Documentation/netlink/specs/*.yaml <(echo "$root $VERSION") |
		sha256sum | cut -c1-8)
	YNL_PART=$CACHE/ynl-files-$key.cpio
	[[ -e $YNL_PART ]] || {
		cache_sweep "$CACHE"/ynl-files-????????.cpio
		step ynl "Packing the kernel's tool for netlink" ynl_pack "$root" "$CACHE/ynl-files"
	}
	cache_unlock
}

# ynl_pack ROOT FOLDER: the guest's init and its shell stay as they are.
ynl_pack() {
	local new=$2
	rm -rf "$new"
	mkdir -p "$new/ynl/tools/net/ynl" "$new/ynl/Documentation/netlink/specs" || return
	cp -a "$SOURCE/tools/net/ynl/pyynl" "$new/ynl/tools/net/ynl/" &&
		cp "$SOURCE"/Documentation/netlink/*.yaml "$new/ynl/Documentation/netlink/" &&
		cp "$TOP"/Documentation/netlink/specs/*.yaml "$new/ynl/Documentation/netlink/specs/" || return
	# shellcheck disable=SC2016 # for the inner shell
	in_root bash -o pipefail -c 'cd "$1" && find usr/bin/python3* usr/lib/python3* usr/lib/x86_64-linux-gnu usr/lib64 \
		-name "*.a" -prune -o -name perl-base -prune -o -name gconv -prune -o -print |
		cpio --quiet -o -H newc -R 0:0 >"$2"' pack "$1" "$YNL_PART.root" &&
		image_pack "$new" "$YNL_PART.tool" &&
		cat "$YNL_PART.root" "$YNL_PART.tool" >"$YNL_PART.new" &&
		rm "$YNL_PART.root" "$YNL_PART.tool" &&
		mv "$YNL_PART.new" "$YNL_PART"
}
