# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# The reference model and its driver for the guest, built by cargo in the toolchain's root. What it fetches and builds
# is in the cache; the checkout stays as it is.

MODEL_TARGET=x86_64-unknown-linux-gnu

# model_open: where things are. Sets MODEL, what this checkout has built, and DRIVER.
model_open() {
	MODEL=$CACHE/model-$(printf '%s' "$TOP" | sha256sum | cut -c1-8)
	DRIVER=$MODEL/netns-drive
	mkdir -p "$MODEL" "$CACHE/cargo"
}

# model_cargo ARGUMENT...: cargo(1) on the workspace, with what Cargo.lock says.
model_cargo() {
	in_root env "CARGO_HOME=$CACHE/cargo" "CARGO_TARGET_DIR=$MODEL/target" CARGO_TERM_COLOR=never \
		cargo "$1" --locked --manifest-path "$TOP/model/Cargo.toml" "${@:2}"
}

# driver_need: builds netns-drive for the guest if its source has changed. Sets DRIVER.
driver_need() {
	local lock
	model_open
	# Boots of several kernels may want it at once.
	exec {lock}>"$MODEL/lock"
	flock "$lock"
	if [[ ! -e $DRIVER ]] || [[ -n $(find "$TOP/model" "$TOP/scripts/lib/model.sh" -path "$TOP/model/target" -prune -o \
		-newer "$DRIVER" -print -quit) ]]; then
		need_space 1 "The driver of the model"
		touch "$MODEL/.start"
		step driver "Building the driver of the model" driver_make
	fi
	exec {lock}>&-
}

# The guest has the C library of the root only by chance, so the driver brings its own.
driver_make() {
	in_root env "CARGO_HOME=$CACHE/cargo" "CARGO_TARGET_DIR=$MODEL/guest" CARGO_TERM_COLOR=never \
		RUSTFLAGS='-C target-feature=+crt-static' cargo build --locked --release --target "$MODEL_TARGET" \
		--manifest-path "$TOP/model/Cargo.toml" --package netns-drive || return
	# As new as the source that it was made from.
	cp "$MODEL/guest/$MODEL_TARGET/release/netns-drive" "$DRIVER.new" &&
		touch -r "$MODEL/.start" "$DRIVER.new" &&
		mv "$DRIVER.new" "$DRIVER"
}
