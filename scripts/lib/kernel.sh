# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# The test kernels: their source, and what modules are built against.
#
# kernels/NAME.conf describes one; kernels/*.config are the Kconfig fragments that it names. After
# kernel_need NAME, KERNEL_BUILD is the folder that modules are built against and KERNEL_IMAGE what boots.

# The series that are supported, the preferred one first.
SUPPORTED="7.3 7.2"

# kernel_names: those that are tested, the quickest to be had first.
kernel_names() {
	grep -L '^TESTED=no' "$TOP"/scripts/kernels/*.conf | xargs grep -H '^MINUTES=' | sort -t = -k 2n | sed 's/.*\///; s/\.conf:.*//'
}

# kernel_others: those that are there, but not in kernel_names.
kernel_others() {
	grep -l '^TESTED=no' "$TOP"/scripts/kernels/*.conf | sed 's/.*\///; s/\.conf$//'
}

# kernel_load NAME: reads its description.
kernel_load() {
	[[ $1 =~ ^[a-z0-9-]+$ && -f $TOP/scripts/kernels/$1.conf ]] ||
		die "there is no kernel '$1'; there are: $({ kernel_names; kernel_others; } | xargs)."
	KERNEL=$1
	# Where its source and its packages come from: the suite, and the series, the preferred one first, or "newest".
	SUITE=$ROOT_SUITE-backports SERIES=$SUPPORTED
	TITLE='' BUILD='' FLAVOUR='' ARCH='' LLVM='' MACHINE='' MEMORY='' CPUS=1 FRAGMENTS='' FLAGS=()
	# The processor of the machine, as compilers call it.
	PROCESSOR=x86_64
	# How many seconds all kselftests together may take.
	MOST=1800
	GUEST_MODULES='' CMDLINE='' APPEND='' SHARE=() GIGABYTES=0 MINUTES=0
	# shellcheck source=/dev/null
	source "$TOP/scripts/kernels/$1.conf"
}

# kernel_toolchain: the suite with the compilers that built the kernels of SUITE.
kernel_toolchain() {
	case $SUITE in
	experimental) echo sid ;;
	*) echo "${SUITE%-backports}" ;;
	esac
}

# kernel_need NAME: everything that modules for it and a boot of it need. It leaves the kernel's part of
# the cache locked.
kernel_need() {
	kernel_load "$1"
	cache_open
	cache_lock toolchain
	[[ -d $(root_dir) ]] || kernel_announce "$KERNEL"
	host_check "$ARCH"
	kernel_resolve build
	# The programs of its guest are those of all others.
	root_need "$ROOT_SUITE" "$ARCH"
	userland_need
	root_need "$(kernel_toolchain)" "$ARCH"
	[[ -z $LLVM ]] || root_add_need
	kernel_source_need
	cache_unlock
	cache_lock "$KERNEL"
	"kernel_need_$BUILD"
	[[ ! -d $KERNEL_BUILD ]] || touch "$KERNEL_BUILD"
}

# kernel_announce NAME...: what it will take to have these kernels, before anything is fetched.
kernel_announce() {
	[[ -z ${RUST_PERNET_ANNOUNCED-} ]] || return 0
	local name gigabytes=3 minutes=2
	for name; do
		kernel_load "$name"
		((gigabytes += GIGABYTES, minutes += MINUTES))
	done
	# MINUTES in the .conf files are those of two processors of the machine that machine_slow() compares with.
	minutes=$((minutes * 2 * $(machine_slow) / 100 / JOBS))
	((minutes)) || minutes=1
	say "The first start fetches about 500 MB, and takes $gigabytes GB in $CACHE and $minutes to $((minutes * 3 / 2 + 1)) minutes on this machine."
	say "The steps: the toolchain's root, the kernel's source, its Rust metadata (half of the time), the modules, the guest."
	need_space $gigabytes "What is fetched and built"
	export RUST_PERNET_ANNOUNCED=1
}

# The stock kernel: the image as Debian ships it, and a tree with the same .config and symbols in which
# the metadata of the Rust crates has been made, which Debian does not ship.
kernel_need_debian() {
	local release=$RELEASE-$FLAVOUR
	KERNEL_BUILD=$CACHE/$KERNEL-$VERSION
	KERNEL_IMAGE=$KERNEL_BUILD/debian/vmlinuz
	KERNEL_MAKE=("KERNELRELEASE=$release")
	[[ -e $KERNEL_BUILD.done ]] && return
	kernel_remove_others
	need_space 1 "$TITLE"
	step "fetch-$KERNEL" "Fetching $TITLE $release (38 MB)" \
		fetch "linux-headers-$release=$VERSION" "linux-binary-$release=$VERSION" \
		"linux-modules-$release=$VERSION"
	kernel_build_lock
	step "prepare-$KERNEL" "Making its Rust metadata (70 s)" kernel_prepare "$release"
	kernel_build_unlock
	touch "$KERNEL_BUILD.done"
}

kernel_prepare() {
	local release=$1 package debian=$KERNEL_BUILD/debian
	rm -rf "$KERNEL_BUILD"
	mkdir -p "$debian/unpacked" || return
	for package in headers binary modules; do
		in_root dpkg-deb --fsys-tarfile "$CACHE/packages/linux-$package-$release=$VERSION.deb" |
			tar -C "$debian/unpacked" --no-same-owner -x || return
	done
	in_root dpkg-deb --ctrl-tarfile "$CACHE/packages/linux-binary-$release=$VERSION.deb" |
		tar -xO ./md5sums | awk '/\/vmlinuz$/ { print $1 "  vmlinuz" }' >"$debian/md5sums" || return
	cp "$debian/unpacked/usr/lib/modules/$release/vmlinuz" "$KERNEL_IMAGE" &&
		kernel_is_genuine &&
		cp "$debian/unpacked/usr/src/linux-headers-$release/.config" "$KERNEL_BUILD/.config" &&
		kernel_rustc_is_ours &&
		mv -T "$debian/unpacked/usr/lib/modules/$release" "$debian/modules" &&
		kernel_make modules_prepare &&
		kernel_has_rust &&
		cp "$debian/unpacked/usr/src/linux-headers-$release/Module.symvers" "$KERNEL_BUILD/" &&
		rm -r "$debian/unpacked" "$CACHE/packages/"linux-*"-$release=$VERSION.deb"
}

# kernel_rustc_is_ours: whether the toolchain has the rustc that built the kernel. A suite that is not released moves on.
kernel_rustc_is_ours() {
	local theirs ours
	theirs=$(sed -n 's/^CONFIG_RUSTC_VERSION_TEXT="\(.*\)"$/\1/p' "$KERNEL_BUILD/.config")
	ours=$(in_root rustc --version)
	[[ $theirs == "$ours" ]] && return
	echo "error: this kernel was built with ${theirs:-no rustc}, and there is $ours in $ROOT: remove the older of" \
		"the two, that root or $(kernel_version_file), and start again"
	return 1
}

# kernel_has_rust: Kconfig drops CONFIG_RUST without a word if the toolchain's root lacks a part of the compiler.
kernel_has_rust() {
	grep -qx CONFIG_RUST=y "$KERNEL_BUILD/include/config/auto.conf" && return
	echo "error: Kconfig has switched off CONFIG_RUST: 'make rustavailable' in $SOURCE reports why"
	return 1
}

# kernel_is_genuine: whether the image is bit for bit that of the package, which apt has checked.
kernel_is_genuine() {
	(cd "$KERNEL_BUILD/debian" && [[ -s md5sums ]] && md5sum --check --strict --quiet md5sums)
}

# A kernel of our own: allnoconfig and the fragments.
kernel_need_own() {
	local fragments=() name key
	for name in $FRAGMENTS; do
		fragments+=("$TOP/scripts/kernels/$name.config")
	done
	key=$(cat "${fragments[@]}" <(echo "$ARCH $LLVM${FLAGS[*]/#/ }") | sha256sum | cut -c1-8)
	KERNEL_BUILD=$CACHE/$KERNEL-$VERSION-$key
	KERNEL_MAKE=()
	case $ARCH in
	um) KERNEL_IMAGE=$KERNEL_BUILD/linux ;;
	*) KERNEL_IMAGE=$KERNEL_BUILD/arch/x86/boot/bzImage ;;
	esac
	[[ -e $KERNEL_BUILD.done ]] && return
	# One that was interrupted goes on.
	kernel_remove_others
	mkdir -p "$KERNEL_BUILD"
	need_space "$GIGABYTES" "$TITLE"
	cat "${fragments[@]}" >"$KERNEL_BUILD/fragment"
	kernel_build_lock
	step "configure-$KERNEL" "Configuring $TITLE" kernel_configure
	kernel_host_crates
	step "build-$KERNEL" "Building $TITLE ($MINUTES minutes on 2 cores)" kernel_make "${FLAGS[@]}"
	kernel_build_unlock
	touch "$KERNEL_BUILD.done"
}

# kernel_build_lock, kernel_build_unlock: one kernel at a time is built, by all processors; the others wait.
kernel_build_lock() {
	need_memory 2048 "Building $TITLE"
	exec {BUILD_LOCK}>"$CACHE/lock-build"
	flock -n "$BUILD_LOCK" && return
	say "Another kernel is being built; $TITLE waits for it (to see which: fuser -v $CACHE/lock-build)."
	flock "$BUILD_LOCK"
}

kernel_build_unlock() {
	exec {BUILD_LOCK}>&-
}

# kernel_host_crates: has the crates that the kernel's macros are made of, rust/host, from the stock kernel's tree, if that
# is there. Kbuild compares the commands, which are the same for all kernels, and the files that they read.
kernel_host_crates() {
	local from=$CACHE/stock-$VERSION to=$KERNEL_BUILD/rust/host
	[[ -e $from.done && ! -e $to ]] || return 0
	grep -qxF -- "$(grep '^CONFIG_RUSTC_VERSION_TEXT=' "$KERNEL_BUILD/.config")" "$from/.config" || return 0
	step "crates-$KERNEL" "Taking the crates of its macros from the stock kernel" kernel_copy_crates "$from/rust/host" "$to"
}

# kernel_copy_crates FROM TO: they must be newer than the files that syncconfig makes, and none newer than another.
kernel_copy_crates() {
	kernel_make syncconfig && mkdir -p "${2%/*}" && rm -rf "$2.new" && cp -R "$1" "$2.new" &&
		find "$2.new" -exec touch -r "$2.new" {} + && mv "$2.new" "$2"
}

# kernel_remove_others: builds of this kernel from other versions or options that no run has used for two weeks.
kernel_remove_others() {
	local old
	for old in "$CACHE/$KERNEL"-[0-9]*.[0-9]*; do
		[[ $old != "$KERNEL_BUILD" && -d $old ]] || continue
		cache_sweep "$old"
		[[ -d $old ]] || rm -f "$old.done"
	done
}

kernel_configure() {
	local line absent=0
	# A later fragment overrides an earlier one.
	tac "$KERNEL_BUILD/fragment" | awk -F= '!/^CONFIG_/ || !seen[$1]++' | grep '^CONFIG_' \
		>"$KERNEL_BUILD/fragment.effective"
	kernel_make "KCONFIG_ALLCONFIG=$KERNEL_BUILD/fragment.effective" allnoconfig || return
	while read -r line; do
		case $line in
		*=n) ! grep -q "^${line%=n}=" "$KERNEL_BUILD/.config" ;;
		*) grep -qxF -- "$line" "$KERNEL_BUILD/.config" ;;
		esac && continue
		echo "the line '$line' of the fragments ($FRAGMENTS) did not reach .config:" \
			"see what it depends on in the Kconfig files"
		absent=1
	done <"$KERNEL_BUILD/fragment.effective"
	return $absent
}

# kernel_make ARGUMENT...: make(1) in the kernel's build folder.
kernel_make() {
	local cross=
	[[ $PROCESSOR == x86_64 ]] || cross=$PROCESSOR-linux-gnu-
	in_root make -s -C "$SOURCE" "O=$KERNEL_BUILD" "ARCH=$ARCH" ${LLVM:+"LLVM=$LLVM"} ${cross:+"CROSS_COMPILE=$cross"} \
		"${KERNEL_MAKE[@]}" "-j$JOBS" "$@"
}
