# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# The reference model, the command and the programs for the guest, built by cargo in the toolchain's root. What it
# fetches and builds is in the cache; the checkout stays as it is.

# Of the root Cargo.toml: quick for guests and tests, release for what is installed.
PROFILE=quick

# model_open: where things are. Sets MODEL, what this checkout has built, BUILT, where cargo puts programs of the profile
# PROFILE, and PROGRAMS, those for the guest.
model_open() {
	MODEL=${RUST_PERNET_MODEL:-$CACHE/model-$(printf '%s' "$TOP" | sha256sum | cut -c1-8)}
	PROGRAMS=$MODEL/programs
	[[ ${PROCESSOR:-x86_64} == x86_64 ]] || PROGRAMS+=-$PROCESSOR
	BUILT=$MODEL/target/${PROCESSOR:-x86_64}-unknown-linux-gnu/$PROFILE
	mkdir -p "$MODEL" "$CACHE/cargo"
}

# model_cargo COMMAND ARGUMENT...: cargo(1) on the workspace, with what its Cargo.lock says. Programs are static: the guest has
# the C library of the root only by chance. All callers have the same flags, so that each crate is compiled once.
model_cargo() {
	local linker=()
	[[ $PROCESSOR == x86_64 ]] ||
		linker=("CARGO_TARGET_${PROCESSOR^^}_UNKNOWN_LINUX_GNU_LINKER=$PROCESSOR-linux-gnu-gcc")
	in_root env "CARGO_HOME=$CACHE/cargo" "CARGO_TARGET_DIR=$MODEL/target" CARGO_TERM_COLOR=never "${linker[@]}" \
		RUSTFLAGS='-C target-feature=+crt-static' \
		cargo "$1" --locked --profile "$PROFILE" --target "$PROCESSOR-unknown-linux-gnu" --manifest-path "$TOP/Cargo.toml" "${@:2}"
}

# cargo_tests REPORT LOG ARGUMENT...: runs tests, with REPORT STATUS TITLE SAID for each. What failed is told with it.
cargo_tests() {
	local report=$1 log=$CACHE/log/$2.log status name
	while read -r status name; do
		case $status in
		ok) "$report" 0 "$name" '' ;;
		*) "$report" 1 "$name" "$(sed -n "/^---- $name /,/^$/p" "$log")" ;;
		esac
	done < <(
		model_cargo test --no-fail-fast "${@:3}" >"$log" 2>&1 || echo "failed: see $log" >>"$log"
		sed -nE 's/^test (.*) \.\.\. ok$/ok \1/p; s/^test (.*) \.\.\. FAILED$/failed \1/p' "$log"
	)
	grep -q '^test result' "$log"
	"$report" $? "cargo has run the tests" "$(tail -n 5 "$log")"
}

# programs_need: builds the programs for the guest if their source has changed. Sets PROGRAMS.
programs_need() {
	local lock
	model_open
	# Boots of several kernels may want them at once.
	exec {lock}>"$MODEL/lock"
	flock "$lock"
	if [[ ! -e $PROGRAMS ]] || [[ -n $(find "$TOP/Cargo."{toml,lock} "$TOP/model" "$TOP/tools" "$TOP/scripts/lib/model.sh" \
		-newer "$PROGRAMS" -print -quit) ]]; then
		need_space 1 "The programs for the guest"
		root_add_need
		touch "$MODEL/.start"
		step programs "Building the programs for the guest" programs_make
	fi
	exec {lock}>&-
}

programs_make() {
	model_cargo build --package netns-drive --package netns-faults --package netns-genl --package netns-ledger || return
	rm -rf "$PROGRAMS.new" && mkdir "$PROGRAMS.new" &&
		cp "$BUILT/netns-"{drive,faults,genl,ledger} "$PROGRAMS.new/" &&
		rm -rf "$PROGRAMS" &&
		# As new as the source that they were made from.
		touch -r "$MODEL/.start" "$PROGRAMS.new" &&
		mv -T "$PROGRAMS.new" "$PROGRAMS"
}
