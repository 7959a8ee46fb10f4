# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# The reference model and the programs for the guest, built by cargo in the toolchain's root. What it fetches and builds
# is in the cache; the checkout stays as it is.

MODEL_TARGET=x86_64-unknown-linux-gnu

# model_open: where things are. Sets MODEL, what this checkout has built, and PROGRAMS, those for the guest.
model_open() {
	MODEL=${RUST_PERNET_MODEL:-$CACHE/model-$(printf '%s' "$TOP" | sha256sum | cut -c1-8)}
	PROGRAMS=$MODEL/programs
	mkdir -p "$MODEL" "$CACHE/cargo"
}

# model_cargo ARGUMENT...: cargo(1) on the workspace, with what Cargo.lock says.
model_cargo() {
	in_root env "CARGO_HOME=$CACHE/cargo" "CARGO_TARGET_DIR=$MODEL/target" CARGO_TERM_COLOR=never \
		cargo "$1" --locked --manifest-path "$TOP/model/Cargo.toml" "${@:2}"
}

# programs_need: builds the programs for the guest if their source has changed. Sets PROGRAMS.
programs_need() {
	local lock
	model_open
	# Boots of several kernels may want them at once.
	exec {lock}>"$MODEL/lock"
	flock "$lock"
	if [[ ! -e $PROGRAMS ]] || [[ -n $(find "$TOP/model" "$TOP/scripts/lib/model.sh" -path "$TOP/model/target" -prune -o \
		-newer "$PROGRAMS" -print -quit) ]]; then
		need_space 1 "The programs for the guest"
		touch "$MODEL/.start"
		step programs "Building the programs for the guest" programs_make
	fi
	exec {lock}>&-
}

# The guest has the C library of the root only by chance, so the programs bring their own.
programs_make() {
	local release=$MODEL/guest/$MODEL_TARGET/release
	in_root env "CARGO_HOME=$CACHE/cargo" "CARGO_TARGET_DIR=$MODEL/guest" CARGO_TERM_COLOR=never \
		RUSTFLAGS='-C target-feature=+crt-static' cargo build --locked --release --target "$MODEL_TARGET" \
		--manifest-path "$TOP/model/Cargo.toml" --package netns-drive --package netns-faults --package netns-genl || return
	rm -rf "$PROGRAMS.new" && mkdir "$PROGRAMS.new" &&
		cp "$release/netns-"{drive,faults,genl} "$PROGRAMS.new/" &&
		rm -rf "$PROGRAMS" &&
		# As new as the source that they were made from.
		touch -r "$MODEL/.start" "$PROGRAMS.new" &&
		mv -T "$PROGRAMS.new" "$PROGRAMS"
}
