# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# The kernel's Rust crates for another rustc than the one that built the kernel: their metadata only, which is
# what a compiler needs to check a module.

# What is generic, or a constant, is also run and checked where it is used.
METADATA_OPTIONS=(--emit=metadata -Cpanic=abort -Zalways-encode-mir)

# rustc_command FILE: reads the command of a .cmd file of the kernel's build. Sets SETTINGS, the environment
# that it gives to rustc, and ARGUMENTS, what it passes, without what says where its output goes.
rustc_command() {
	local line words word i
	IFS= read -r line <"$1" || die "cannot read $1."
	line=${line#* := }
	eval "words=(${line%%;*})"
	SETTINGS=() ARGUMENTS=()
	for ((i = 0; i < ${#words[@]}; i++)); do
		[[ ${words[i]} != rustc ]] || break
		SETTINGS+=("${words[i]}")
	done
	for ((i++; i < ${#words[@]}; i++)); do
		word=${words[i]}
		case $word in
		--emit=*) ;;
		--out-dir) ((i++)) ;;
		# The last word, which is the source, stands apart.
		*.rs) SOURCE_FILE=$word ;;
		*) ARGUMENTS+=("$word") ;;
		esac
	done
}

# rustc_command_of_module NAME FOLDER: the same of a module in MODULES, with the library's metadata that is in that folder.
rustc_command_of_module() {
	rustc_command "$MODULES/.$1_main.o.cmd"
	ARGUMENTS=("${ARGUMENTS[@]/#net=*/net=$2/libnet.rmeta}")
}

# rustc_for_host: of ARGUMENTS, leaves what another rustc understands, for its own target: nothing that
# only says how code is generated, and none of the other's crates.
rustc_for_host() {
	local i kept=()
	for ((i = 0; i < ${#ARGUMENTS[@]}; i++)); do
		case ${ARGUMENTS[i]} in
		-Zcrate-attr=* | -Zallow-features=*) kept+=("${ARGUMENTS[i]}") ;;
		-L) ((i++)) ;;
		-C* | -Z* | -O | -L* | --target=* | --sysroot=*) ;;
		*) kept+=("${ARGUMENTS[i]}") ;;
		esac
	done
	ARGUMENTS=("${kept[@]}" -Zunstable-options "${HOST_CFGS[@]}")
}

# metadata_need: makes the metadata for HOST_RUSTC and the kernel of the last kernel_need, if it is not there.
# Sets METADATA, the folder. It fails if that rustc cannot compile these crates; METADATA_LOG tells why.
metadata_need() {
	local number key
	number=$(rustc_number "$HOST_RUSTC")
	# Kconfig found these out for the kernel's own rustc.
	mapfile -t HOST_CFGS < <(awk -v number="$number" '/^config / { name = $2 }
		name ~ /^RUSTC_HAS_/ && /def_bool RUSTC_VERSION >= / && $NF <= number { print "--cfg=CONFIG_" name }' \
		"$SOURCE/init/Kconfig")
	key=$(rustc -vV | sha256sum | cut -c1-8)
	METADATA=$CACHE/metadata-${KERNEL_BUILD##*/}-$HOST_RUSTC-$key
	METADATA_LOG=$CACHE/log/metadata.log
	[[ -d $METADATA ]] && return
	rm -rf "$CACHE"/metadata-*
	need_space 1 "The metadata for rustc $HOST_RUSTC"
	say "Making the kernel's Rust metadata for rustc $HOST_RUSTC (20 s)"
	metadata_make >"$METADATA_LOG" 2>&1 && mv -T "$METADATA.new" "$METADATA"
}

# metadata_make_net FOLDER: makes the library's, from the source that the last modules_need built.
metadata_make_net() {
	rustc_command "$MODULES/net/.net.o.cmd"
	rustc_for_host
	mkdir -p "$1" && env RUSTC_BOOTSTRAP=1 "${SETTINGS[@]}" "RUST_PERNET_BINDINGS=$MODULES/net/pernet_bindings.rs" \
		rustc "${ARGUMENTS[@]}" "${METADATA_OPTIONS[@]}" --cap-lints=allow --out-dir "$1" -L "$METADATA" "$SOURCE_FILE"
}

metadata_make() {
	local names name child children failed=0
	rm -rf "$METADATA.new" && mkdir "$METADATA.new" || return
	# Each line needs those above it. What is in none, core, comes with the host's rustc.
	while read -ra names; do
		children=()
		for name in "${names[@]}"; do
			metadata_make_one "$name" &
			children+=($!)
		done
		for child in "${children[@]}"; do
			wait "$child" || failed=1
		done
		((!failed)) || return
	done <<-EOF
		host/libproc_macro2.rlib ffi.o build_error.o zerocopy.o
		host/libquote.rlib
		host/libsyn.rlib
		libmacros.so libpin_init_internal.so libzerocopy_derive.so
		pin_init.o
		bindings.o uapi.o
		kernel.o
	EOF
}

metadata_make_one() {
	local folder=$KERNEL_BUILD/rust
	[[ $1 != */* ]] || folder+=/${1%/*}
	rustc_command "$folder/.${1##*/}.cmd"
	rustc_for_host
	case $1 in
	*.o) ARGUMENTS+=("${METADATA_OPTIONS[@]}") ;;
	# Runs in rustc.
	*) ARGUMENTS+=(--emit=link) ;;
	esac
	(cd "$KERNEL_BUILD" && env RUSTC_BOOTSTRAP=1 "${SETTINGS[@]}" rustc "${ARGUMENTS[@]}" --cap-lints=allow \
		--out-dir "$METADATA.new" -L "$METADATA.new" "$SOURCE_FILE")
}

# rustc_number VERSION: as Kconfig has it, 108501 for 1.85.1.
rustc_number() {
	local major minor patch
	IFS=.- read -r major minor patch _ <<<"$1"
	echo $((major * 100000 + minor * 100 + patch))
}
