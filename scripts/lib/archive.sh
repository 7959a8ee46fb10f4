# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Debian's archive: which kernels it has, and its packages. The host's apt asks it, with lists and settings of its own in
# the cache: neither root nor a root file system is needed. Proxies are those of the host's apt and of the environment.

# A mirror of it. One on this machine, file:/directory, is trusted as it is; all others have Debian's signatures.
MIRROR=${RUST_PERNET_MIRROR:-http://deb.debian.org/debian}
KEYRINGS=/usr/share/keyrings/debian-archive-keyring

# archive_keyring: Debian's keys on this host. Sets KEYRING, empty where none is wanted.
archive_keyring() {
	KEYRING=
	[[ $MIRROR != file:* ]] || return 0
	for KEYRING in "$KEYRINGS".{gpg,pgp}; do
		[[ ! -r $KEYRING ]] || return 0
	done
	die "this host has no keys of Debian's archive; install the package debian-archive-keyring."
}

# archive_open: settings for the suite and the architecture of the loaded kernel. Sets ARCHIVE, the directory.
archive_open() {
	local arch=amd64 options=target=Packages dir
	[[ $ARCH != arm64 ]] || arch=arm64
	have apt-get && have apt-cache ||
		die "this host has no apt, which fetches Debian's packages; install the package apt (Fedora has it, too)."
	archive_keyring
	dir=$CACHE/apt/$SUITE-$arch
	options+=" arch=$arch trusted=yes"
	[[ -z $KEYRING ]] || options="${options% trusted=yes} signed-by=$KEYRING"
	# The lists of a mirror that lags may be older than they should be.
	[[ $SUITE != sid && $SUITE != experimental ]] || options+=" check-valid-until=no"
	mkdir -p "$dir/state/lists/partial" "$dir/cache/archives/partial" || die "cannot write to $dir."
	[[ -e $dir/status ]] || : >"$dir/status"
	archive_write "$dir/sources.list" "deb [$options] $MIRROR $SUITE main"
	# What the host does after an update is for the host's own lists.
	archive_write "$dir/apt.conf" "#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
#clear APT::Architectures;
APT::Architecture \"$arch\";
APT::Architectures { \"$arch\"; };
APT::Sandbox::User \"root\";
APT::Update::Error-Mode \"any\";
Acquire::Retries \"3\";
Acquire::Languages \"none\";
Dir::State \"$dir/state\";
Dir::State::lists \"lists\";
Dir::State::status \"$dir/status\";
Dir::Cache \"$dir/cache\";
Dir::Cache::archives \"archives\";
Dir::Cache::pkgcache \"pkgcache.bin\";
Dir::Cache::srcpkgcache \"\";
Dir::Etc::sourcelist \"$dir/sources.list\";
Dir::Etc::sourceparts \"/dev/null\";
Dir::Etc::preferences \"/dev/null\";
Dir::Etc::preferencesparts \"/dev/null\";"
	ARCHIVE=$dir
}

# archive_write FILE TEXT: unless it is there. Others may be reading it.
archive_write() {
	[[ $(cat "$1" 2>/dev/null) == "$2" ]] && return
	printf '%s\n' "$2" >"$1.$$" && mv "$1.$$" "$1" || die "cannot write $1."
}

# archive_apt COMMAND ARGUMENT...: apt-get(8) or apt-cache(8) there.
archive_apt() {
	local command=$1
	shift
	"$command" -q -c "$ARCHIVE/apt.conf" "$@"
}

# archive_update: fetches the lists anew.
archive_update() {
	archive_open
	step "archive-$SUITE" "Asking the archive what is in $SUITE" archive_lists
}

# apt does not wait for another that does the same.
archive_lists() {
	flock "$ARCHIVE/lock" apt-get -q -c "$ARCHIVE/apt.conf" update
}

# archive_has PACKAGE=VERSION...: whether the lists have all of them.
archive_has() {
	local package
	for package; do
		archive_apt apt-cache madison "${package%%=*}" 2>/dev/null |
			awk -v version="${package#*=}" '$3 == version { found = 1 } END { exit !found }' || return
	done
}

# fetch PACKAGE=VERSION...: into the cache; apt has checked each when it gets its name there.
fetch() {
	local new package missing=()
	mkdir -p "$CACHE/packages" || return
	for package; do
		[[ -e $CACHE/packages/$package.deb ]] || missing+=("$package")
	done
	set -- "${missing[@]}"
	(($#)) || return 0
	archive_open
	if ! archive_has "$@"; then
		archive_lists || return
		for package; do
			archive_has "$package" && continue
			echo "error: $SUITE has no $package any more; remove what the cache has of that version, and start again"
			return 1
		done
	fi
	new=$(mktemp -d "$CACHE/packages/new.XXXXXX") || return
	# A list may be older than what it tells of.
	(cd "$new" && { archive_apt apt-get download "$@" ||
		{ archive_lists && archive_apt apt-get download "$@"; }; }) &&
		for package; do
			mv "$new/${package%%=*}"_*.deb "$CACHE/packages/$package.deb" || break
		done
	set -- "$?"
	rm -rf "$new"
	return "$1"
}

# kernel_version_file: what has been found. Kernels that want the same share it, and with it the source.
kernel_version_file() {
	case "$SUITE $SERIES ${FLAVOUR:-cloud-amd64}" in
	"$ROOT_SUITE-backports $SUPPORTED cloud-amd64") echo "$CACHE/kernel-version" ;;
	*) echo "$CACHE/kernel-version-$KERNEL" ;;
	esac
}

# kernel_resolve [build]: the newest version of the kernel's series in the archive; once, until it is removed from
# the cache, or has gone from the archive and the cache has not what is needed of it: the source and, for a build,
# the packages. Sets KERNEL_SERIES, VERSION, of the packages, RELEASE and SOURCE.
kernel_resolve() {
	local file packages
	file=$(kernel_version_file)
	if [[ -s $file ]] && kernel_read "$file"; then
		mapfile -t packages < <(kernel_lacks "$@")
		((${#packages[@]})) || { kernel_tell && return; }
		archive_update
		archive_has "${packages[@]}" && { kernel_tell && return; }
		say "Linux $VERSION has gone from $SUITE; the newest one there is takes its place."
	else
		archive_update
	fi
	kernel_find "$file.new" ||
		die "$SUITE has no linux-source of $(kernel_series_told) with a linux-binary for ${FLAVOUR:-cloud-amd64} of its version; try later, or another mirror (RUST_PERNET_MIRROR)."
	mv "$file.new" "$file"
	kernel_read "$file"
	kernel_tell
}

kernel_series_told() {
	case $SERIES in
	newest | "$SUPPORTED") echo "any series" ;;
	*) echo "the series $SERIES" ;;
	esac
}

kernel_read() {
	read -r KERNEL_SERIES VERSION RELEASE <"$1" && [[ -n $RELEASE ]] || return
	SOURCE=$CACHE/linux-$VERSION
}

# kernel_lacks [build]: the packages, with their versions, that have to be fetched.
kernel_lacks() {
	local package release=$RELEASE-$FLAVOUR
	{
		[[ -d $SOURCE ]] || echo "linux-source-$KERNEL_SERIES=$VERSION"
		[[ ${1-} != build || $BUILD != debian || -e $CACHE/$KERNEL-$VERSION.done ]] ||
			printf '%s\n' "linux-"{headers,binary,modules}"-$release=$VERSION"
	} | while read -r package; do
		[[ -e $CACHE/packages/$package.deb ]] || echo "$package"
	done
}

# kernel_tell: logs once that a series is untried.
kernel_tell() {
	local how=older
	[[ " $SUPPORTED ${RUST_PERNET_UNTRIED-} " != *" $KERNEL_SERIES "* ]] || return 0
	[[ $(printf '%s\n' "$SUPPORTED" "$KERNEL_SERIES" | tr ' ' '\n' | sort -V | tail -n 1) != "$KERNEL_SERIES" ]] || how=newer
	say "Linux $KERNEL_SERIES is $how than the series tried with this project (${SUPPORTED// /, }); it may not build, or a test may fail."
	export RUST_PERNET_UNTRIED="${RUST_PERNET_UNTRIED-} $KERNEL_SERIES"
}

# kernel_find FILE: writes the series, the version of the packages and the release of the newest source for which the
# lists have the stock kernel, too. A supported series is preferred, in the order of SERIES.
kernel_find() {
	local names
	archive_open
	mapfile -t names < <(archive_apt apt-cache pkgnames linux- |
		grep -E "^linux-(source-[0-9.]+|binary-[0-9].*-${FLAVOUR:-cloud-amd64})\$")
	((${#names[@]})) || return
	# The newest version comes first. A release candidate is called by its series alone.
	archive_apt apt-cache madison "${names[@]}" 2>/dev/null | sort -s -k 1,1Vr |
		awk -v wanted="$SERIES" -v supported="$SUPPORTED" -v flavour="-${FLAVOUR:-cloud-amd64}" '
			sub(/^ *linux-source-/, "") { source[++n] = $1; version[n] = $3; next }
			sub(/^ *linux-binary-/, "") { name = substr($1, 1, length($1) - length(flavour)); binary[++m] = name; of[m] = $3 }
			function take(series,  i, j, rest) {
				for (i = 1; i <= n; i++) for (j = 1; source[i] == series && j <= m; j++) {
					rest = substr(binary[j], length(series) + 1)
					if (of[j] != version[i] || index(binary[j], series) != 1 || rest !~ /^([.+].*)?$/) continue
					print series, version[i], binary[j]
					exit
				}
			}
			END {
				for (i = split(wanted, list, " "); i; i--) order[i] = list[i]
				for (k = 1; k in order; k++) take(order[k])
				if (wanted == supported || wanted == "newest") for (k = 1; k <= n; k++) take(source[k])
			}' >"$1"
	[[ -s $1 ]] || { rm -f "$1"; return 1; }
}

# kernel_source_need: the unpacked source.
kernel_source_need() {
	[[ -d $SOURCE ]] && { touch "$SOURCE"; return; }
	cache_sweep "$CACHE"/linux-[0-9]*
	need_space 3 "The kernel's source"
	step fetch-source "Fetching the source of Linux $VERSION (170 MB)" \
		fetch "linux-source-$KERNEL_SERIES=$VERSION"
	step unpack-source "Unpacking it (1.8 GB)" kernel_unpack
}

# kernel_source_ahead: the same without a word, beside something else; kernel_source_need reports what fails.
kernel_source_ahead() {
	[[ -z ${SOURCE-} || -d $SOURCE ]] ||
		{ fetch "linux-source-$KERNEL_SERIES=$VERSION" && kernel_unpack; } >"$CACHE/log/source-ahead.log" 2>&1
}

kernel_unpack() {
	local new=$SOURCE.new package=$CACHE/packages/linux-source-$KERNEL_SERIES=$VERSION.deb inside=()
	have dpkg-deb && have xz || inside=(in_root)
	rm -rf "$new" && mkdir -p "$new" &&
		"${inside[@]}" bash -o pipefail -c 'dpkg-deb --fsys-tarfile "$1" | tar -xO "./usr/src/linux-source-$2.tar.xz" |
			xz -dT0 | tar -C "$3" --strip-components=1 --no-same-owner -x' unpack "$package" "$KERNEL_SERIES" "$new" &&
		mv -T "$new" "$SOURCE" &&
		rm "$package"
}
