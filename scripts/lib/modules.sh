# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Our modules, built for a test kernel in the cache; the checkout stays as it is. Where RUST_PERNET_ONLY is set,
# only those, such as "rust_pernet.o".

# Whose modules are built beside those that people use: TESTS or BENCH.
MODULES_FOR=TESTS

# modules_path: where those for KERNEL_BUILD are. Sets MODULES.
modules_path() {
	local key
	key=$(printf '%s' "$TOP" | sha256sum | cut -c1-8)
	MODULES=$CACHE/modules-$key/${KERNEL_BUILD##*/}
}

# modules_need: builds what has changed, against the kernel of the last kernel_need. Sets MODULES.
modules_need() {
	[[ $BUILD != intree ]] || return 0
	local sources=("$TOP"/{Kbuild,rust_pernet.rs,ledger,net,samples})
	modules_path
	case $MODULES_FOR in
	TESTS) sources+=("$TOP/selftests/net/pernet/test_modules") ;;
	BENCH) sources+=("$TOP/bench") MODULES+=-bench ;;
	esac
	# Nothing to do if the last build made these and no file is newer; a deleted one makes its folder newer.
	if [[ -e $MODULES/.done && $(<"$MODULES/.done") =~ ^("${RUST_PERNET_ONLY-}")?$ ]] &&
		[[ -z $(find "${sources[@]}" -newer "$MODULES/.done" -print -quit) ]]; then
		return
	fi
	mkdir -p "$MODULES"
	rm -f "$MODULES/.done"
	echo "${RUST_PERNET_ONLY-}" >"$MODULES/.start"
	step "modules-$KERNEL" "Building the modules for $TITLE" modules_make
	mv "$MODULES/.start" "$MODULES/.done"
	grep -A12 '^warning' "$CACHE/log/modules-$KERNEL.log" >&2
	return 0
}

modules_make() {
	kernel_make "M=$TOP" "MO=$MODULES" "CONFIG_RUST_PERNET_$MODULES_FOR=m" "ONLY=${RUST_PERNET_ONLY-}" "$@" modules
}
