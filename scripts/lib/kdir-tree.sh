# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# For check-kdir: whether a Rust module can be built in a kernel's tree. What would be the cause of what comes after
# it is asked first. It needs no more than bash, coreutils, sed, grep and awk, and reads no file that is large as a whole
# if that can be avoided.

# The series that is tested, and the oldest that may do.
SERIES_TESTED=7.3
SERIES_OLDEST=7.2

# config NAME: its value in the kernel's configuration, empty if it is off.
config() {
	sed -n "s/^CONFIG_$1=//p" "$TREE/include/config/auto.conf" | tr -d '"'
}

# number VERSION: of a series or a version, to compare.
number() {
	local major minor
	IFS=. read -r major minor _ <<<"$1"
	echo $((10#${major:-0} * 1000 + 10#${minor:-0}))
}

tree_check() {
	tree_prepared
	tree_series
	tree_configured_for_rust
	tree_metadata
	tree_target
	tree_compiler
	tree_macros
	tree_rustc
	tree_same_target
	tree_bindings
	tree_notes
}

# tree_prepared: whether there is one that modules can be built in. Sets RELEASE, and SOURCE, the folder of the source.
tree_prepared() {
	[[ -d $TREE ]] ||
		fail 16 no-tree "there is no $TREE: the headers of that kernel are not installed, or its build tree is elsewhere."
	# The configuration, and what "prepare" makes, lie where the kernel was built.
	[[ -f $TREE/.config || -f $TREE/include/config/auto.conf ]] ||
		fail 16 not-configured "$TREE has no .config: it is no kernel's tree, or has not been configured."
	[[ -f $TREE/include/config/auto.conf && -e $TREE/Makefile ]] ||
		fail 16 not-prepared "$TREE has no include/config/auto.conf or no Makefile: it has been configured, but not prepared."
	RELEASE=$(cat "$TREE/include/config/kernel.release" 2>/dev/null ||
		sed -n 's/^#define UTS_RELEASE "\(.*\)"/\1/p' "$TREE/include/generated/utsrelease.h" 2>/dev/null)
	[[ -n $RELEASE ]] ||
		fail 16 not-prepared "$TREE does not tell its release in include/config/kernel.release: it has been configured, but not prepared."
	# A build folder, and each flavour of Debian's headers, only include another Makefile.
	SOURCE=$(sed -n 's/^include \(.*\)\/Makefile$/\1/p' "$TREE/Makefile" | head -n 1)
	[[ -d $SOURCE ]] || SOURCE=$TREE
}

# tree_series: whether the kernel has what the library calls. Sets SERIES.
tree_series() {
	SERIES=$(grep -oE '^[0-9]+\.[0-9]+' <<<"$RELEASE") ||
		fail 16 not-prepared "$TREE says that its release is '$RELEASE', which does not begin with a version."
	if (($(number "$SERIES") < $(number "$SERIES_OLDEST"))); then
		fail 7 other-series "this is Linux $SERIES, and its Rust code lacks what the library calls; Linux $SERIES_TESTED is needed."
	fi
	[[ $SERIES == "$SERIES_TESTED" ]] ||
		note "this is Linux $SERIES, and Linux $SERIES_TESTED is what is tested: errors in Rust code such as E0432 or E0599 are failure 7, other-series."
}

tree_configured_for_rust() {
	[[ $(config MODULES) == y ]] || fail 16 no-modules "$RELEASE was built without CONFIG_MODULES: it loads no modules."
	[[ $(config RUST) != y ]] || return 0
	if [[ $(config RUST_IS_AVAILABLE) == y ]]; then
		fail 5 no-config-rust "$RELEASE was built without CONFIG_RUST=y; CONFIG_RUST_IS_AVAILABLE=y only tells that there was a rustc."
	fi
	fail 5 no-config-rust "$RELEASE was built without CONFIG_RUST=y, and without a rustc that it could use."
}

# tree_metadata: whether the Rust crates are there. How many there are differs between kernels; these always are.
tree_metadata() {
	local file
	for file in libcore.rmeta libkernel.rmeta; do
		[[ -f $TREE/rust/$file ]] ||
			fail 1 no-core-metadata "$TREE has no rust/$file, so rustc would say E0463, can't find crate for 'core' or 'kernel'."
	done
	macros=("$TREE"/rust/libmacros.*)
	[[ -f ${macros[0]} ]] ||
		fail 1 no-core-metadata "$TREE has no rust/libmacros.so, so rustc would say E0463, can't find crate for 'macros' or 'kernel'."
}

# tree_target: the description of the target, on architectures that make one.
tree_target() {
	target=
	if grep -qs 'KBUILD_RUSTFLAGS.*target\.json' "$SOURCE/arch/x86/Makefile" && [[ $(config X86_64) == y ]]; then
		target=$TREE/scripts/target.json
	elif grep -qs 'target=[^ ]*/target\.json' "$TREE/rust/.kernel.o.cmd"; then
		target=$TREE/scripts/target.json
	fi
	[[ -z $target || -f $target ]] ||
		fail 3 other-target "$TREE has no scripts/target.json, so rustc would say that the target file does not exist, or E0461."
}

# tree_same_target: whether the crates were compiled for that target: rustc keeps its description in the metadata, near
# its end.
tree_same_target() {
	local text file=$TREE/rust/libcore.rmeta
	[[ -n $target ]] || return 0
	text=$(tr -d '\n' <"$target")
	[[ -n $text ]] && { tail -c 65536 "$file" | tr -d '\n\0' | grep -qaF -- "$text" || tr -d '\n\0' <"$file" | grep -qaF -- "$text"; } ||
		fail 3 other-target "scripts/target.json in $TREE is not the one that rust/libcore.rmeta was compiled for, so rustc would say E0461, couldn't find crate 'core' with expected target triple."
}

# tree_compiler: whether the compiler of the build is of the family of the kernel's.
tree_compiler() {
	local cc family=gcc with=gcc built
	[[ -z $(config CC_IS_CLANG) ]] || family=clang
	[[ -z ${LLVM-} ]] || with=clang
	cc=${CC-}
	[[ ${cc##*/} != *clang* ]] || with=clang
	built=$(config CC_VERSION_TEXT)
	if [[ -n ${LLVM+set}$cc ]]; then
		if [[ $family == clang && $with == gcc ]]; then
			fail 6 other-compiler "$RELEASE was built by $built, and this build would use gcc, which does not know all of clang's options: unrecognized command-line option."
		elif [[ $family == gcc && $with == clang ]]; then
			fail 6 other-compiler "$RELEASE was built by $built, and this build would use clang, which does not know all of gcc's options: unknown argument."
		fi
	elif [[ $family == clang ]]; then
		note "$RELEASE was built by $built: build modules with LLVM=1."
	fi
	if [[ -z $cc ]]; then
		case $family:${LLVM-} in
		gcc:*) cc=${CROSS_COMPILE-}gcc ;;
		clang:*/) cc=${LLVM}clang ;;
		clang:-*) cc=clang$LLVM ;;
		*) cc=clang ;;
		esac
	fi
	command -v "${cc%% *}" >/dev/null ||
		fail 16 no-compiler "there is no $cc, and $RELEASE was built by $built; install it, or say CC=PATH, or LLVM=-VERSION for a clang of that name."
	built_cc=$built used_cc=$cc
}

# tree_macros: whether rustc can load the procedural macros, which are programs for the machine that built the kernel.
# The machine is in the ELF header. Sets RUSTC_SAYS, all that rustc tells of itself.
tree_macros() {
	local file machine here expected
	RUSTC_SAYS=$("${RUSTC:-rustc}" -vV 2>/dev/null)
	here=$(sed -n 's/^host: \([^-]*\)-.*/\1/p' <<<"$RUSTC_SAYS")
	here=${here:-$(uname -m)}
	case $here in
	x86_64) expected=62 ;;
	aarch64 | arm64) expected=183 ;;
	riscv64*) expected=243 ;;
	powerpc64* | ppc64*) expected=21 ;;
	s390x) expected=22 ;;
	loongarch64) expected=258 ;;
	arm*) expected=40 ;;
	i?86) expected=3 ;;
	*) return 0 ;;
	esac
	for file in "$TREE"/rust/lib*.so; do
		[[ $(head -c 4 "$file" 2>/dev/null) == $'\x7fELF' ]] ||
			fail 4 foreign-macros "$file, a procedural macro that rustc has to run, is no program for Linux at all."
		# Two bytes, in the order that byte 5 tells.
		machine=$(od -An -tu1 -j5 -N15 "$file" | awk '{ for (i = 1; i <= NF; i++) byte[n++] = $i }
			END { print byte[0] == 2 ? byte[13] * 256 + byte[14] : byte[13] + byte[14] * 256 }')
		((machine == expected)) ||
			fail 4 foreign-macros "$file, a procedural macro that rustc has to run, is for $(machine_name "$machine"), and rustc here is for $here, so it would say E0463, can't find crate."
	done
}

machine_name() {
	case $1 in
	3) echo i686 ;;
	21) echo ppc64 ;;
	22) echo s390x ;;
	40) echo arm ;;
	62) echo x86_64 ;;
	183) echo aarch64 ;;
	243) echo riscv64 ;;
	258) echo loongarch64 ;;
	*) echo "another machine, number $1 in ELF" ;;
	esac
}

# metadata_rustc FILE: the rustc that wrote it, as the first line of "rustc -vV" of that one says it, from its header.
metadata_rustc() {
	head -c 256 "$1" | tr -c '[:print:]' '\n' | grep -aoE -m 1 'rustc [0-9]+\..*'
}

# tree_rustc: whether rustc is the one that compiled the crates. That the configuration agrees is not enough, since what
# is in rust/ may have been made by another.
tree_rustc() {
	local rustc=${RUSTC:-rustc} configured here file wrote text
	configured=$(config RUSTC_VERSION_TEXT)
	BUILT_BY=$(metadata_rustc "$TREE/rust/libcore.rmeta")
	[[ -n $BUILT_BY ]] ||
		fail 2 other-rustc "rust/libcore.rmeta in $TREE does not tell which rustc wrote it: it is damaged, or of a rustc that this script does not know."
	command -v "$rustc" >/dev/null || fail 16 no-rustc "there is no $rustc, and $RELEASE needs $BUILT_BY."
	here=${RUSTC_SAYS%%$'\n'*}
	[[ -n $here ]] || fail 16 no-rustc "$rustc does not run here, and $RELEASE needs $BUILT_BY."
	for file in "$TREE"/rust/lib{core,kernel}.rmeta "$TREE"/rust/lib*.rmeta; do
		wrote=$(metadata_rustc "$file")
		[[ $wrote == "$here" ]] && continue
		text="rust/${file##*/} in $TREE was written by ${wrote:-nobody knows which rustc}, and this is $here"
		[[ $configured != "$here" ]] || text+=", though CONFIG_RUSTC_VERSION_TEXT agrees with it"
		fail 2 other-rustc "$text, so rustc would say E0514, found crate compiled by an incompatible version of rustc."
	done
	[[ $configured == "$here" ]] ||
		note "the kernel was configured for $configured, and what is in rust/ is by $here: modules will miss symbols if the kernel itself is of the other."
}

# tree_bindings: for the library's own bindings, the command that made the kernel's.
tree_bindings() {
	[[ -f $TREE/rust/bindings/.bindings_generated.rs.cmd ]] ||
		fail 16 no-bindings-command "$TREE has no rust/bindings/.bindings_generated.rs.cmd, which tells how the kernel's bindings were made."
	command -v "${BINDGEN:-bindgen}" >/dev/null ||
		fail 16 no-bindgen "there is no ${BINDGEN:-bindgen}, which makes the library's bindings."
}

# tree_notes: what does not keep a module from being built.
tree_notes() {
	local used
	[[ $(config NET_NS) == y ]] || note "$RELEASE has no CONFIG_NET_NS: modules build and load, and there is one network namespace."
	[[ -e $TREE/Module.symvers ]] || note "$TREE has no Module.symvers: nothing tells before a load whether the kernel has the symbols that a module wants."
	used=$("${used_cc%% *}" --version 2>/dev/null | head -n 1)
	[[ -z $used || $used == "$built_cc" || $(config CC_IS_CLANG) == y && $used == *"$built_cc"* ]] ||
		note "$RELEASE was built by $built_cc, and this is $used: where that does not know an option, install the other."
}
