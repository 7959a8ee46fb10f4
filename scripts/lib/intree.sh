# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# The series of patches that brings this project into the kernel's tree, and a tree to apply it to. All is made of
# the files of this project and of the descriptions in scripts/patches, by intree.py.

CHECKPATCH_PACKAGES=(perl python3-git python3-ply)

# The tree is the unpacked source by hard links, of which git(1) writes none to; it knows only the files that patches touch.
INTREE_GIT=(git -c core.autocrlf=false -c gc.auto=0 -c commit.gpgsign=false)

# intree_need: the toolchain and the kernel's source, and this part of the cache locked.
intree_need() {
	kernel_load stock
	cache_open
	cache_lock toolchain
	host_check
	root_need
	root_add_need
	kernel_resolve
	kernel_source_need
	cache_unlock
	cache_lock intree
	intree_open
}

# intree_open: makes the folder, anew for another version of the kernel. Sets INTREE, and TREE.
intree_open() {
	host_need git:git
	INTREE=$CACHE/intree
	TREE=$INTREE/linux
	if [[ -d $INTREE && $(cat "$INTREE/version" 2>/dev/null) != "$VERSION" ]]; then
		rm -rf "$INTREE"
	fi
	mkdir -p "$INTREE/log" && echo "$VERSION" >"$INTREE/version" || die "cannot write to $INTREE."
}

# intree_identity: whose patches they are: who uses git here, or who made the last commit of this project.
intree_identity() {
	local name email
	name=$(git -C "$TOP" config user.name) email=$(git -C "$TOP" config user.email) ||
		{ read -r email name < <(git -C "$TOP" log -1 --format='%ae %an' 2>/dev/null); }
	[[ -n $name && -n $email ]] ||
		die "patches have an author, and git knows none here; run git config --global user.name and user.email."
	export GIT_AUTHOR_NAME=$name GIT_AUTHOR_EMAIL=$email GIT_COMMITTER_NAME=$name GIT_COMMITTER_EMAIL=$email
}

# intree_stage: the message and the files of each patch, in INTREE/stage.
intree_stage() {
	local stage=$INTREE/stage
	rm -rf "$stage"
	# shellcheck disable=SC2016 # for the inner shell
	in_root python3 -B "$TOP/scripts/lib/intree.py" "$TOP" "$SOURCE" "$stage.new" &&
		in_root bash -c 'cd "$1" && find . -name "*.rs" | while read -r file; do
				rustfmt --edition 2021 --config-path "$2/.rustfmt.toml" <"$file" >"$file.formatted" &&
					cat "$file.formatted" >"$file" && rm "$file.formatted" || { echo "error: $file"; exit 1; }
			done' format "$stage.new" "$SOURCE" &&
		mv -T "$stage.new" "$stage"
}

# intree_commit: the patches as commits of a repository of their own, on the kernel's files that they touch.
intree_commit() {
	local work=$INTREE/series place patch
	rm -rf "$work"
	mkdir -p "$work" && "${INTREE_GIT[@]}" -C "$work" init -q -b series || return
	intree_places | while read -r place; do
		[[ ! -f $SOURCE/$place ]] || install -D -m "$(stat -c %a "$SOURCE/$place")" "$SOURCE/$place" "$work/$place" || return
	done
	# What checkpatch compares SPDX lines with.
	cp -R "$SOURCE/LICENSES" "$work/" &&
		"${INTREE_GIT[@]}" -C "$work" add -A &&
		"${INTREE_GIT[@]}" -C "$work" commit -qm "Linux $VERSION" || return
	for patch in "$INTREE"/stage/[0-9]*; do
		cp -a "$patch/files/." "$work/" &&
			"${INTREE_GIT[@]}" -C "$work" add -A &&
			"${INTREE_GIT[@]}" -C "$work" commit -qsF "$patch/message" || return
		echo "${patch##*/}"
	done
}

# intree_places: the files that the series touches.
intree_places() {
	local patch
	for patch in "$INTREE"/stage/[0-9]*; do
		(cd "$patch/files" && find . -type f -printf '%P\n')
	done | sort -u
}

# intree_patches FOLDER: the series as files for git am, with a cover letter.
intree_patches() {
	local out=$1 cover
	mkdir -p "$out" && rm -f "$out"/[0-9]*.patch || return
	"${INTREE_GIT[@]}" -C "$INTREE/series" format-patch -q --cover-letter --subject-prefix='PATCH net-next' \
		--no-signature -o "$out" HEAD~"$(intree_count)" || return
	cover=$out/0000-cover-letter.patch
	ROOT_FOLDERS=("$out")
	in_root python3 -B "$TOP/scripts/lib/cover.py" "$TOP" "$cover" >"$cover.new" && mv "$cover.new" "$cover"
}

# intree_checkpatch FOLDER: one line of KTAP for each patch there, and whether all were found good.
intree_checkpatch() {
	local patch said failed=0 number=0 toolchain=$ROOT
	# It runs spdxcheck, which wants these.
	root_tools checkpatch 1 "what checkpatch needs (130 MB)" "${CHECKPATCH_PACKAGES[@]}"
	# A tree with a repository, which that looks into.
	rm -rf "$INTREE/check" && mkdir "$INTREE/check" && ln -s "$SOURCE"/* "$INTREE/series/.git" "$INTREE/check/" || return
	ROOT_FOLDERS=("$1")
	for patch in "$1"/[0-9]*.patch; do
		[[ $patch != */0000-* ]] || continue
		number=$((number + 1))
		if said=$(in_root "$SOURCE/scripts/checkpatch.pl" --root="$INTREE/check" --strict --terse --show-types \
			--no-summary "$patch" 2>&1); then
			echo "ok $number series: checkpatch --strict ${patch##*/}"
		else
			echo "not ok $number series: checkpatch --strict ${patch##*/}"
			printf '# %s\n' "${said//$'\n'/$'\n# '}"
			failed=1
		fi
	done
	ROOT_FOLDERS=() ROOT=$toolchain
	return $failed
}

intree_count() {
	find "$INTREE/stage" -mindepth 1 -maxdepth 1 -type d | wc -l
}

# intree_series FOLDER: makes all of it.
intree_series() {
	intree_identity
	step stage "Writing the patches" intree_stage
	step commit "Making commits of them" intree_commit
	step format "Making files of those" intree_patches "$1"
}

# intree_tree: makes TREE the kernel's again, to apply patches to.
intree_tree() {
	local place git=("${INTREE_GIT[@]}" --git-dir="$INTREE/git" --work-tree="$TREE")
	if [[ ! -d $TREE ]]; then
		rm -rf "$TREE.new" "$INTREE/git"
		cp -al "$SOURCE" "$TREE.new" && mv -T "$TREE.new" "$TREE" || return
	fi
	[[ -d $INTREE/git ]] || git init -q --bare "$INTREE/git" || return
	# What an earlier series had.
	"${git[@]}" ls-files 2>/dev/null | while read -r place; do
		[[ -f $SOURCE/$place ]] || rm -f "$TREE/$place"
	done
	rm -f "$INTREE/git/index" && rm -rf "$INTREE/git/rebase-apply"
	intree_places | while read -r place; do
		[[ -f $SOURCE/$place ]] || { rm -f "$TREE/$place" && continue; }
		# A file that is as it was keeps its time, and what was made of it is not made again.
		cmp -s "$SOURCE/$place" "$TREE/$place" || { rm -f "$TREE/$place" && cp -p "$SOURCE/$place" "$TREE/$place" && touch "$TREE/$place"; } || return
		"${git[@]}" add -f "$place" || return
	done
	"${git[@]}" checkout -q --orphan "base-$$" && "${git[@]}" commit -qm "Linux $VERSION"
}

# intree_am PATCH: applies it to the tree, as a maintainer does.
intree_am() {
	(cd "$TREE" && "${INTREE_GIT[@]}" --git-dir="$INTREE/git" --work-tree="$TREE" am -q "$1")
}

# intree_kernel NAME: kernel_make is about this one from here on.
intree_kernel() {
	MODULE_FLAGS=()
	kernel_load "$1"
	SOURCE=$INTREE/linux
	KERNEL_BUILD=$INTREE/$1
	# There is a git repository, but the kernel's version does not have to tell of it.
	KERNEL_MAKE=(LOCALVERSION=)
	mkdir -p "$KERNEL_BUILD"
}

# intree_configure: what patches that are not there yet will add is left out. With BUILTIN nothing is a module.
intree_configure() {
	local name fragment=$KERNEL_BUILD/fragment
	for name in $FRAGMENTS; do
		cat "$TOP/scripts/kernels/$name.config"
	done >"$fragment"
	[[ -z ${BUILTIN-} ]] || sed -i '/^CONFIG_SAMPLE_RUST_/s/=m$/=y/' "$fragment"
	grep -oE '^CONFIG_(SAMPLE_RUST_|RUST_PERNET_)[A-Z_]+' "$fragment" | while read -r name; do
		grep -qsx "config ${name#CONFIG_}" "$SOURCE/samples/rust/Kconfig" "$SOURCE/rust/kernel/Kconfig.test" ||
			sed -i "/^$name=/d" "$fragment"
	done
	kernel_configure
}

# intree_tests: the kselftests and their modules, in KERNEL_BUILD.tests.
intree_tests() {
	local tests=tools/testing/selftests/net/pernet out=$KERNEL_BUILD.tests
	rm -rf "$out"
	mkdir -p "$out/modules" "$out/net" &&
		kernel_make "${MODULE_FLAGS[@]}" "M=$SOURCE/$tests/test_modules" "MO=$out/modules" modules &&
		in_root make -s -C "$SOURCE/$tests" INSTALL_PATH="$out/net/pernet" TEST_GEN_MODS_DIR= install
}

# intree_keep NAME: the image and the modules of the last build, so that the next one does not take them away.
intree_keep() {
	local kept=$INTREE/kept/$1 image=linux
	[[ $ARCH == um ]] || image=arch/x86/boot/bzImage
	rm -rf "$kept.new" "$kept"
	mkdir -p "$kept.new/modules" && cp "$KERNEL_BUILD/$image" "$kept.new/image" &&
		{ find "$KERNEL_BUILD/samples" "$KERNEL_BUILD.tests/modules" -name '*.ko' -exec cp -t "$kept.new/modules" {} + || :; } &&
		touch "$kept.new/modules/.done" && mv -T "$kept.new" "$kept" || die "cannot write to $kept."
}

# kernel_need_intree: for kernel_need. What scripts/intree has built is what boots.
kernel_need_intree() {
	local kept=$CACHE/intree/kept/$KERNEL${INTREE_BUILTIN:+-builtin}
	[[ -d $kept ]] || die "there is no $TITLE; build it with: make intree"
	SELFTESTS=$CACHE/intree/$KERNEL.tests
	# shellcheck disable=SC2034 # for the guest's file system
	MODULES=$kept/modules
	KERNEL_BUILD=$CACHE/intree/$KERNEL
	KERNEL_IMAGE=$kept/image
}
