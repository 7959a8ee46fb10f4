# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# The kernel's own selftests that witness that our modules change nothing, and what they need: programs from a
# small Debian root, the stock kernel's modules, and netdevsim, which Debian does not build. All of it is made
# from the source of the test kernels, in the cache.

WITNESS_PACKAGES=(iproute2 iptables iputils-ping jq kmod libcap-dev net-tools procps uuid-runtime)
# Compiled by their own Makefile.
WITNESS_PROGRAMS=(namespaces/stress_test namespaces/ns_active_ref_test namespaces/nsid_test namespaces/listns_test)
WITNESS_SCRIPTS=(net/netns-sysctl.sh net/rtnetlink.sh net/netns-name.sh net/xfrm_policy.sh
	net/test_vxlan_vnifiltering.sh)
# The kernel's folders of modules that they load.
WITNESS_MODULES=(net drivers/net crypto lib)

# witness_need: makes what is missing, for the kernel of the last boot_need. Sets WITNESS_PARTS, archives for
# the guest.
witness_need() {
	local key programs files toolchain=$ROOT
	cache_lock witness
	root_tools witness 1 "what the kernel's selftests need (130 MB)" "${WITNESS_PACKAGES[@]}"
	programs=$ROOT ROOT=$toolchain
	WITNESS_FOLDER=$CACHE/witness-files
	mkdir -p "$WITNESS_FOLDER"
	key=$(cat "$TOP/scripts/lib/witness.sh" <(echo "$programs $VERSION") | sha256sum | cut -c1-8)
	WITNESS_PARTS=("$WITNESS_FOLDER/programs-$key.cpio" "$WITNESS_FOLDER/$KERNEL-$key.cpio")
	[[ -e ${WITNESS_PARTS[0]} ]] || {
		cache_sweep "$WITNESS_FOLDER"/programs-*.cpio
		step witness-programs "Packing them" witness_pack "$programs" "${WITNESS_PARTS[0]}"
	}
	[[ -e ${WITNESS_PARTS[1]} ]] || {
		cache_sweep "$WITNESS_FOLDER/$KERNEL"-*.cpio
		files=$WITNESS_FOLDER/$KERNEL.files
		step "witness-$KERNEL" "Building the kernel's selftests" witness_files "$files" "$programs"
		image_pack "$files" "${WITNESS_PARTS[1]}" || die "cannot write ${WITNESS_PARTS[1]}."
	}
	cache_unlock
}

# witness_pack ROOT FILE: an archive of what can be run. The guest's init and its shell stay as they are.
witness_pack() {
	# shellcheck disable=SC2016 # for the inner shell
	in_root bash -o pipefail -c 'cd "$1" && find bin sbin lib lib64 usr etc/alternatives etc/protocols etc/services \
		-path "usr/include" -prune -o -path "usr/share" -prune -o -name "*.a" -prune -o \
		-path usr/bin/sh -prune -o -print | cpio --quiet -o -H newc -R 0:0 >"$2.new"' pack "$1" "$2" &&
		mv "$2.new" "$2"
}

# witness_files FOLDER ROOT: the selftests, as they lie in the kernel's source, and the modules.
witness_files() {
	local new=$1 tests=$SOURCE/tools/testing/selftests program script build=$1.build
	rm -rf "$new" "$build"
	mkdir -p "$new/witness/"{namespaces,net/lib} "$new/var" "$build" || return
	ln -s /run "$new/var/run"
	in_root make -s -C "$SOURCE" "O=$build/headers" ARCH=x86_64 headers || return
	for program in "${WITNESS_PROGRAMS[@]}"; do
		# Its warnings are the kernel's business.
		in_root make -s -C "$tests/${program%/*}" "OUTPUT=$new/witness/${program%/*}" \
			"KHDR_INCLUDES=-isystem $build/headers/usr/include" "CPPFLAGS=-isystem $2/usr/include -w" \
			"LDFLAGS=-static -L$2/usr/lib/x86_64-linux-gnu" "$new/witness/$program" || return
	done
	cp -a "$tests/net/lib/sh" "$new/witness/net/lib/" && cp "$tests/net/lib.sh" "$new/witness/net/" || return
	for script in "${WITNESS_SCRIPTS[@]}"; do
		cp "$tests/$script" "$new/witness/$script" || return
	done
	[[ -z $FLAVOUR ]] || witness_modules "$new/usr/lib/modules/$RELEASE-$FLAVOUR" "$build" || return
	rm -rf "$build"
}

witness_modules() {
	local folder=$1 build=$2 part
	for part in "${WITNESS_MODULES[@]}"; do
		mkdir -p "$folder/kernel/$part" &&
			cp -a "$KERNEL_BUILD/debian/modules/kernel/$part/." "$folder/kernel/$part/" || return
	done
	touch "$folder/modules."{order,builtin,builtin.modinfo} || return
	cp -a "$SOURCE/drivers/net/netdevsim" "$build/" &&
		kernel_make "M=$build/netdevsim" CONFIG_NETDEVSIM=m modules &&
		in_root strip --strip-debug -o "$folder/netdevsim.ko" "$build/netdevsim/netdevsim.ko" &&
		in_root depmod -b "${folder%/lib/modules/*}" "${folder##*/}"
}
