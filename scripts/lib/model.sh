# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# The reference model, the command and the programs for the guest, built by cargo in the toolchain's root. What it
# fetches and builds is in the cache; the checkout stays as it is.

# model_open: where things are. Sets MODEL, what this checkout has built, and for the guest PROGRAMS and GUEST_TARGET, where
# they are built.
model_open() {
	MODEL=${RUST_PERNET_MODEL:-$CACHE/model-$(printf '%s' "$TOP" | sha256sum | cut -c1-8)}
	PROGRAMS=$MODEL/programs GUEST_TARGET=$MODEL/guest
	if [[ ${PROCESSOR:-x86_64} != x86_64 ]]; then
		PROGRAMS+=-$PROCESSOR GUEST_TARGET+=-$PROCESSOR
	fi
	mkdir -p "$MODEL" "$CACHE/cargo"
}

# package_cargo FOLDER ARGUMENT...: cargo(1) on a package or workspace, with what its Cargo.lock says.
package_cargo() {
	in_root env "CARGO_HOME=$CACHE/cargo" "CARGO_TARGET_DIR=$MODEL/target" CARGO_TERM_COLOR=never \
		cargo "$2" --locked --manifest-path "$TOP/$1/Cargo.toml" "${@:3}"
}

# model_cargo ARGUMENT...: cargo(1) on the model's workspace.
model_cargo() {
	package_cargo model "$@"
}

# cargo_tests REPORT LOG FOLDER ARGUMENT...: runs tests, with REPORT STATUS TITLE SAID for each. What failed is told with it.
cargo_tests() {
	local report=$1 log=$CACHE/log/$2.log status name
	while read -r status name; do
		case $status in
		ok) "$report" 0 "$name" '' ;;
		*) "$report" 1 "$name" "$(sed -n "/^---- $name /,/^$/p" "$log")" ;;
		esac
	done < <(
		package_cargo "$3" test --release --no-fail-fast "${@:4}" >"$log" 2>&1 || echo "failed: see $log" >>"$log"
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
	exec {lock}>"$MODEL/lock${PROGRAMS#"$MODEL/programs"}"
	flock "$lock"
	if [[ ! -e $PROGRAMS ]] || [[ -n $(find "$TOP/model" "$TOP/tools" "$TOP/scripts/lib/model.sh" \
		-name target -prune -o -newer "$PROGRAMS" -print -quit) ]]; then
		need_space 1 "The programs for the guest"
		root_add_need
		touch "$MODEL/.start"
		step programs "Building the programs for the guest" programs_make
	fi
	exec {lock}>&-
}

# The guest has the C library of the root only by chance, so the programs bring their own.
programs_make() {
	local release=$GUEST_TARGET/$PROCESSOR-unknown-linux-gnu/release
	guest_cargo model --package netns-drive --package netns-faults --package netns-genl &&
		guest_cargo tools/netns-ledger || return
	rm -rf "$PROGRAMS.new" && mkdir "$PROGRAMS.new" &&
		cp "$release/netns-"{drive,faults,genl,ledger} "$PROGRAMS.new/" &&
		rm -rf "$PROGRAMS" &&
		# As new as the source that they were made from.
		touch -r "$MODEL/.start" "$PROGRAMS.new" &&
		mv -T "$PROGRAMS.new" "$PROGRAMS"
}

# guest_cargo FOLDER ARGUMENT...: builds static programs.
guest_cargo() {
	local linker=()
	[[ $PROCESSOR == x86_64 ]] ||
		linker=("CARGO_TARGET_${PROCESSOR^^}_UNKNOWN_LINUX_GNU_LINKER=$PROCESSOR-linux-gnu-gcc")
	in_root env "CARGO_HOME=$CACHE/cargo" "CARGO_TARGET_DIR=$GUEST_TARGET" CARGO_TERM_COLOR=never "${linker[@]}" \
		RUSTFLAGS='-C target-feature=+crt-static' cargo build --locked --release --target "$PROCESSOR-unknown-linux-gnu" \
		--manifest-path "$TOP/$1/Cargo.toml" "${@:2}"
}
