# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# The guest's file system: an initramfs of three archives, one behind the other.
#
#   base     busybox, bash, iproute2, util-linux and kmod of the toolchain's root; made once
#   modules  the kernel's own modules that the tests need, ours, the kselftests, and their programs
#   session  the command and what --add brings; made for each boot

# Programs of the root, beside busybox, whose applets fill the rest.
GUEST_PROGRAMS=(/bin/bash /sbin/ip /usr/bin/unshare /usr/bin/nsenter /usr/bin/lsns /usr/bin/dmesg /bin/kmod /usr/bin/setsid)

# Empty: the guest gets no program that cargo builds.
PROGRAMS_WANTED=${PROGRAMS_WANTED-1}

# What is in /selftests.
SELFTESTS=$TOP/selftests

# image_base_need: makes the first archive if it is not there. Sets IMAGE_PARTS.
image_base_need() {
	local ROOT key name base
	# All kernels of an architecture have the same programs in their guests.
	root_plan "$ROOT_SUITE" "$ARCH"
	key=$(cat "$TOP/scripts/guest/init" "$TOP/scripts/lib/image.sh" | sha256sum | cut -c1-8)
	name=guest${USERLAND:+-$ARCH}
	base=$CACHE/$name-$key.cpio
	IMAGE_PARTS=("$base")
	if [[ -e $base ]]; then
		touch "$base"
	else
		# Another checkout may be using another.
		cache_sweep "$CACHE/$name"-????????.cpio*
		step guest "Making the guest's file system" image_base "$base"
	fi
}

# image_need: makes the first two archives if they are not there or not up to date. Sets IMAGE_PARTS.
image_need() {
	local ROOT modules=$MODULES/guest.cpio
	[[ -n $PROGRAMS_WANTED ]] || modules=$MODULES/guest-bare.cpio
	root_plan "$ROOT_SUITE" "$ARCH"
	PROGRAMS=
	[[ -z $PROGRAMS_WANTED ]] || programs_need
	image_base_need
	IMAGE_PARTS+=("$modules")
	if [[ ! -e $modules ]] || [[ -n $(find "$SELFTESTS" "$MODULES/.done" ${PROGRAMS:+"$PROGRAMS"} -newer "$modules" -print -quit) ]]; then
		image_modules "$modules" || die "cannot write $modules."
	fi
}

# image_pack FOLDER FILE: an archive of a folder, as root owns it, that is whole when it is there.
image_pack() {
	in_root bash -c 'cd "$1" && find . -mindepth 1 | cpio --quiet -o -H newc -R 0:0 >"$2"' pack "$1" "$1.cpio" &&
		mv "$1.cpio" "$2" && rm -rf "$1"
}

image_base() {
	local new
	new=$(mktemp -d "$1.XXXXXX") && chmod 755 "$new" || return
	# shellcheck disable=SC2016 # for the inner shell
	in_root bash -ec '
		new=$1 init=$2 from=$3 libraries=$4; shift 4
		mkdir -p "$new"/{proc,sys,dev,run,tmp,root,etc,mnt,modules,selftests,usr/bin,usr/lib,usr/lib64,usr/sbin}
		for link in bin sbin lib lib64; do ln -s "usr/$link" "$new/$link"; done
		cp "$from/usr/bin/busybox" "$new/usr/bin/"
		# That of another processor cannot be asked.
		for applet in $(busybox --list); do ln -s busybox "$new/usr/bin/$applet" 2>/dev/null || :; done
		# The shell of busybox would run its own applets before any program.
		ln -sf bash "$new/usr/bin/sh"
		for program; do
			rm -f "$new/usr/bin/${program##*/}"
		done
		# Each file needs libraries, which need others.
		while (($#)); do
			file=$1; shift
			[[ ! -e $new$file ]] || continue
			mkdir -p "$new${file%/*}"
			cp -L "$from$file" "$new$file"
			set -- "$@" $(readelf -lW "$from$file" | sed -n "s/.*interpreter: \(.*\)\]$/\1/p") \
				$(readelf -dW "$from$file" | sed -n "s|.*(NEEDED).*\[\(.*\)\]$|$libraries/\1|p")
		done
		for name in modprobe insmod rmmod lsmod modinfo; do ln -sf kmod "$new/usr/bin/$name"; ln -s ../bin/kmod "$new/usr/sbin/$name"; done
		echo "root:x:0:0:root:/root:/bin/bash" >"$new/etc/passwd"
		echo "root:x:0:" >"$new/etc/group"
		echo "PS1=\"\\h:\\w\\$ \"" >"$new/etc/profile"
		install -m 755 "$init" "$new/init"' base "$new" "$TOP/scripts/guest/init" "$USERLAND" \
		"/usr/lib/$PROCESSOR-linux-gnu" "${GUEST_PROGRAMS[@]}" &&
		image_pack "$new" "$1"
}

image_modules() {
	local new module release
	cache_sweep "$1".??????
	new=$(mktemp -d "$1.XXXXXX") && chmod 755 "$new" || return
	mkdir -p "$new/modules" "$new/selftests" || return
	find "$MODULES" -path "$MODULES/guest*.cpio.*" -prune -o -name '*.ko' -exec cp {} "$new/modules/" \; || return
	cp -a "$SELFTESTS/." "$new/selftests/" || return
	[[ -z $PROGRAMS ]] || install -Dt "$new/usr/bin" "$PROGRAMS"/* || return
	if [[ -n $GUEST_MODULES ]]; then
		release=$RELEASE-$FLAVOUR
		mkdir -p "$new/usr/lib/modules/$release" || return
		for module in $GUEST_MODULES; do
			find "$KERNEL_BUILD/debian/modules" -name "$module.ko*" \
				-exec cp {} "$new/usr/lib/modules/$release/" \; || return
		done
		touch "$new/usr/lib/modules/$release/modules."{order,builtin,builtin.modinfo}
		in_root depmod -b "$new/usr" "$release" || return
	fi
	image_pack "$new" "$1"
}

# image_session FOLDER FILE [PATH]...: packs FOLDER, with the paths in mnt, behind the other two.
image_session() {
	local files=$1 image=$2 path
	shift 2
	mkdir -p "$files/mnt"
	for path; do
		cp -a "$path" "$files/mnt/" || die "cannot copy $path for the guest."
	done
	image_pack "$files" "$image.session" || die "cannot write $image."
	cat "${IMAGE_PARTS[@]}" "$image.session" >"$image" || die "cannot write $image."
	rm "$image.session"
}
