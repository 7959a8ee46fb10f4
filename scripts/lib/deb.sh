# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# The Debian packages of this checkout, in the cache, and the root that they are built in.

# deb_open: where things are. Sets DEB_VERSION, with Debian's revision, and DEB, the folder of what is built.
deb_open() {
	local cargo
	DEB_VERSION=$(sed -nE '1s/^rust-pernet \(([^)]+)\) .*/\1/p' "$TOP/debian/changelog")
	cargo=$(sed -n 's/^version = "\(.*\)"/\1/p' "$TOP/tools/netns-ledger/Cargo.toml")
	[[ -n $cargo && ${DEB_VERSION%-*} == "$cargo" ]] ||
		die "debian/changelog has the version '$DEB_VERSION' and tools/netns-ledger/Cargo.toml '$cargo'; make them one."
	DEB=$CACHE/deb-$(printf '%s' "$TOP" | sha256sum | cut -c1-8)
}

# deb_depends: what debian/control has to be there for a build.
deb_depends() {
	awk '/^[^ ]/ { on = /^Build-Depends/ } on { sub(/^Build[^:]*:/, ""); print }' "$TOP/debian/control" |
		tr ',' '\n' | sed -E 's/^ +//; s/[ :].*//; /^$/d' | sort
}

# deb_root_need: sets ROOT.
deb_root_need() {
	local packages=(build-essential lintian)
	mapfile -tO 2 packages < <(deb_depends)
	ROOT=$(root_path deb-root "$ROOT_SUITE" "${packages[@]}")
	[[ -d $ROOT ]] && { touch "$ROOT"; return; }
	cache_sweep "$CACHE"/deb-root-????????
	need_space 2 "What the packages are built with"
	step deb-root "Making a root to build packages in (1.1 GB)" root_make "$ROOT_SUITE" \
		--include="$(IFS=,; echo "${packages[*]}")"
}

# deb_files: what a source package has. Without git, the checkout is one.
deb_files() {
	(cd "$TOP" && if [[ -e .git ]]; then
		git ls-files --cached --others --exclude-standard | while IFS= read -r file; do
			[[ ! -e $file ]] || printf '%s\n' "$file"
		done
	else
		find . -type f -printf '%P\n'
	fi | sort -u)
}

# deb_need: builds the packages if there is anything new.
deb_need() {
	deb_root_need
	if [[ ! -e $DEB/.files ]] || ! cmp -s <(deb_files) "$DEB/.files" ||
		[[ -n $(cd "$TOP" && deb_files | xargs -d '\n' sh -c 'find "$@" -newer "$0" -print -quit' "$DEB/.files") ]]; then
		step deb "Building the Debian packages $DEB_VERSION" deb_make
	fi
}

# deb_make: first the source package, of these files and no others, then all from that.
deb_make() {
	local new=$DEB.new name=rust-pernet-${DEB_VERSION%-*} orig
	orig=rust-pernet_${DEB_VERSION%-*}.orig.tar.xz
	rm -rf "$new" && mkdir -p "$new/$name" || return
	deb_files >"$new/.files"
	touch -d "@$(date +%s)" "$new/.files"
	tar -C "$TOP" -c --verbatim-files-from -T "$new/.files" | tar -C "$new/$name" -x &&
		grep -v '^debian/' "$new/.files" | tar -C "$TOP" --transform "s|^|$name/|" --sort=name --owner=0 --group=0 \
			--numeric-owner --mtime="$(sed -n 's/^ -- .*>  //p' "$TOP/debian/changelog" | head -n 1)" \
			-c --verbatim-files-from -T - | xz -T0 >"$new/$orig" || return
	# shellcheck disable=SC2016 # for the inner shell
	in_root bash -ec 'cd "$1"
		dpkg-source --build "$2"
		rm -r "$2"
		dpkg-source --extract ./*.dsc "$2"
		cd "$2"
		dpkg-buildpackage --unsigned-source --unsigned-changes
		cd ..
		rm -r "$2"' build "$new" "$name" || return
	rm -rf "$DEB"
	mv -T "$new" "$DEB"
}
