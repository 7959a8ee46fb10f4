# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# The pages of the documentation, by Sphinx and rustdoc, and what is drawn from source. After docs_open, DOCS is the
# folder in the cache that has what this checkout makes of itself.

# The kernel's configuration wants the last two.
DOCS_PACKAGES=(python3 python3-sphinx python3-yaml graphviz)
BROWSER_PACKAGES=(chromium fonts-dejavu-core)

# Crates whose pages are on the web, and where.
DOCS_ON_THE_WEB=(kernel pin_init core macros zerocopy zerocopy_derive)
DOCS_WEB=https://rust.docs.kernel.org/

docs_open() {
	DOCS=$CACHE/docs-of-$(printf '%s' "$TOP" | sha256sum | cut -c1-8)
	mkdir -p "$DOCS"
}

sphinx_need() {
	cache_lock sphinx
	root_tools sphinx 1 "Sphinx (370 MB)" "${DOCS_PACKAGES[@]}"
	cache_unlock
}

browser_need() {
	cache_lock browser
	root_tools browser 2 "a browser (860 MB)" "${BROWSER_PACKAGES[@]}"
	cache_unlock
}

# sphinx FOLDER OUTPUT OPTION...: makes pages, with warnings as errors, of all sources anew, since what was made
# before does not warn again. The kernel's extensions want to be told where its tree is.
sphinx() {
	in_root env PYTHONDONTWRITEBYTECODE=1 "srctree=$DOCS/tree" python3 -m sphinx -E -q -W --keep-going -b html \
		-d "$DOCS/doctrees" "${@:3}" "$1" "$2" 2>&1
}

# pages_make: all pages. Tells what is wrong with them.
pages_make() {
	rm -rf "$DOCS/html.new"
	sphinx "$TOP/Documentation" "$DOCS/html.new" -n &&
		rm -rf "$DOCS/html" && mv -T "$DOCS/html.new" "$DOCS/html"
}

# pages_of_library: the pages of the first toctree, which say nothing of this project.
pages_of_library() {
	awk '/^\.\. toctree::/ { n++ } n == 1 && /^   [a-z]/ { print $1 }' "$TOP/Documentation/index.rst"
}

# pages_in_tree: whether those pages, and what they show, can be part of the kernel's documentation: its own
# configuration and extensions take them, as Documentation/networking/pernet/.
pages_in_tree() {
	local tree=$DOCS/tree folder=$DOCS/tree/Documentation/networking/pernet name image
	rm -rf "$tree" && mkdir -p "$folder" || return
	for name in MAINTAINERS Makefile include net rust scripts tools; do
		ln -s "$SOURCE/$name" "$tree/$name" || return
	done
	for name in conf.py docutils.conf images sphinx sphinx-includes sphinx-static; do
		[[ ! -e $SOURCE/Documentation/$name ]] || ln -s "$SOURCE/Documentation/$name" "$tree/Documentation/$name" || return
	done
	# The other pages are not there.
	awk '/^\.\. toctree::/ && n++ { exit } { print }' "$TOP/Documentation/index.rst" >"$folder/index.rst"
	while read -r name; do
		cp "$TOP/Documentation/$name.rst" "$folder/" || return
		while read -r image; do
			cp "$TOP/Documentation/$image" "$folder/" || return
		done < <(sed -nE 's/^ *\.\. (figure|image):: (.*)$/\2/p' "$TOP/Documentation/$name.rst")
	done < <(pages_of_library)
	sphinx "$folder" "$tree/html" -c "$tree/Documentation" -D version=- -D release=-
}

# rustdoc_make OUTPUT OPTION...: what rustdoc makes of the library, with the flags and the metadata that it is built with.
rustdoc_make() {
	local output=$1 crate web=()
	shift
	kernel_need stock
	modules_need
	cache_unlock
	rustc_command "$MODULES/net/.net.o.cmd"
	for crate in "${DOCS_ON_THE_WEB[@]}"; do
		web+=(--extern-html-root-url "$crate=$DOCS_WEB")
	done
	rm -rf "$output"
	in_root env RUSTC_BOOTSTRAP=1 "${SETTINGS[@]}" "RUST_PERNET_BINDINGS=$MODULES/net/pernet_bindings.rs" rustdoc \
		"${ARGUMENTS[@]}" "${web[@]}" --extern-html-root-takes-precedence --output "$output" "$@" "$SOURCE_FILE" 2>&1
}

# rust_pages_make: the pages for users of the library. Links to the kernel's source lead to the source of the test
# kernels, as the kernel's own pages have it.
rust_pages_make() {
	local new=$DOCS/rust.new file absent=0
	rustdoc_make "$new" --generate-link-to-definition -Dwarnings -Drustdoc::all -Dmissing_docs || return
	while read -r file; do
		[[ -e $SOURCE/$file ]] && continue
		echo "a link leads to $file, which the source of Linux $VERSION does not have"
		absent=1
	done < <(grep -Ehro '"srctree/[^"#]+' "$new" --include='*.html' | sort -u | cut -d/ -f2-)
	((!absent)) || return
	find "$new" -name '*.html' -exec sed -Ei "s:\"srctree/([^\"]+)\":\"$SOURCE/\1\":g" {} + &&
		rm -rf "$DOCS/rust" && mv -T "$new" "$DOCS/rust"
}

# rust_links: whether links resolve in what is written for maintainers, too.
rust_links() {
	rustdoc_make "$DOCS/rust-private" --document-private-items -Drustdoc::broken_intra_doc_links \
		-Drustdoc::bare_urls -Drustdoc::invalid_html_tags -Drustdoc::invalid_rust_codeblocks
}

# draw NAME: what Documentation/NAME.svg is drawn by, to standard output.
draw() {
	case $1 in
	phases)
		in_root python3 -B "$TOP/scripts/lib/phases_svg.py" "$SOURCE/net/core/net_namespace.c"
		;;
	types)
		rustdoc_make "$DOCS/json" --output-format json >&2 &&
			in_root python3 -B "$TOP/scripts/lib/types_svg.py" "$DOCS/json/net.json"
		;;
	esac
}

DRAWINGS=(phases types)
