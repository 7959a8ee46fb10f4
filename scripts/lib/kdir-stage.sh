# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# For check-kdir-test: copies of a kernel's tree in which something is wrong, and what is expected there.

NUMBER=0 FAILED=0

# result STATUS TITLE SAID
result() {
	NUMBER=$((NUMBER + 1))
	if (($1 == 0)); then
		echo "ok $NUMBER check-kdir: $2"
	else
		echo "not ok $NUMBER check-kdir: $2"
		[[ -z $3 ]] || printf '# %s\n' "${3//$'\n'/$'\n# '}"
		FAILED=1
	fi
}

skip() {
	NUMBER=$((NUMBER + 1))
	echo "ok $NUMBER check-kdir: $1 # SKIP $2"
}

# stage_open: makes STAGE, the folder of all copies, and a first, which is "good".
stage_open() {
	local entry
	kernel_load stock
	cache_open
	ROOT=$(root_dir)
	# Nothing is changed there, so that nobody who does has to be waited for.
	if [[ -d $ROOT && -s $CACHE/kernel-version ]] && kernel_resolve && [[ -e $CACHE/stock-$VERSION.done ]]; then
		KERNEL_BUILD=$CACHE/stock-$VERSION
	else
		kernel_need stock
		cache_unlock
	fi
	root_add_need
	cd "$TOP" || exit
	scratch kdir
	STAGE=$SCRATCH
	trap 'end_child; rm -rf "$STAGE"' EXIT
	trap 'end_child; exit 130' INT
	mkdir -p "$STAGE/good/include/config" "$STAGE/alone/scripts/lib" "$STAGE/probe"
	# Folders in which nothing is changed are links themselves.
	cp -as "$KERNEL_BUILD"/{.config,Makefile,Module.symvers,rust,scripts,source} "$STAGE/good/" &&
		ln -s "$KERNEL_BUILD"/{arch,kernel,tools} "$STAGE/good/" &&
		cp -as "$KERNEL_BUILD"/include/config/{auto.conf,kernel.release} "$STAGE/good/include/config/" || exit
	for entry in "$KERNEL_BUILD"/include/*; do
		[[ $entry == */config ]] || ln -s "$entry" "$STAGE/good/include/"
	done
	own good Makefile
	cp scripts/check-kdir "$STAGE/alone/scripts/"
	cp scripts/lib/kdir-{advice,load.sh,tree.sh} "$STAGE/alone/scripts/lib/"
	echo 'obj-m := probe.o' >"$STAGE/probe/Kbuild"
	cat >"$STAGE/probe/probe.rs" <<-'END'
		// SPDX-License-Identifier: GPL-2.0

		//! As little as can be a module.

		use kernel::prelude::*;

		module! {
		    type: Probe,
		    name: "probe",
		    authors: ["rust-pernet contributors"],
		    description: "Does nothing",
		    license: "GPL",
		}

		struct Probe;

		impl kernel::Module for Probe {
		    fn init(_: &'static ThisModule) -> Result<Self> {
		        Ok(Self)
		    }
		}
	END
	change good Makefile "s|$KERNEL_BUILD|$STAGE/good|"
}

# farm NAME: another copy, which only links to what is not changed.
farm() {
	cp -a "$STAGE/good" "$STAGE/$1"
	change "$1" Makefile "s|$STAGE/good|$STAGE/$1|"
}

# lose NAME FILE...: removes what is only a link.
lose() {
	local file folder=$1
	shift
	for file; do
		file=$STAGE/$folder/$file
		[[ -L $file && $(readlink -f "${file%/*}") == "$STAGE"/* ]] || die "$file is not a link of its own."
		rm "$file"
	done
}

# own NAME FILE: makes the link a file.
own() {
	cp --remove-destination "$(readlink -f "$STAGE/$1/$2")" "$STAGE/$1/$2"
}

# change NAME FILE SCRIPT: by sed(1), and it has to change something.
change() {
	local file=$STAGE/$1/$2
	[[ ! -L $file ]] || die "$file is a link."
	LC_ALL=C sed -i.before "$3" "$file"
	! cmp -s "$file" "$file.before" || die "'$3' does not change $file; see scripts/check-kdir-test."
	rm "$file.before"
}

# says TITLE VERDICT PATTERN TREE WORD...: what check-kdir says of a tree is that number and the pattern. The words are
# options and the environment.
says() {
	local title=$1 verdict=$2 pattern=$3 tree=$4 said status word settings=() options=()
	shift 4
	for word; do
		if [[ $word == [A-Z]*=* ]]; then settings+=("$word"); else options+=("$word"); fi
	done
	[[ -z $tree || $tree == /* ]] || tree=$STAGE/$tree
	said=$(in_root env "${settings[@]}" scripts/check-kdir "${options[@]}" ${tree:+"$tree"} 2>&1)
	status=$?
	[[ $verdict != ok ]] || verdict=0
	((status == verdict)) && {
		case $verdict in
		0) grep -q '^check-kdir: ok: ' <<<"$said" ;;
		16) grep -qE "^check-kdir: $pattern: " <<<"$said" ;;
		*) grep -q "^check-kdir: failure $verdict, " <<<"$said" ;;
		esac
	} && grep -qE -- "$pattern" <<<"$said" && { ((!verdict)) || grep -q '^  what to do (debian): ..........' <<<"$said"; }
	result $? "$title" "status $status: $said"
}

# same TITLE STATUS COMMAND...
same() {
	local title=$1 expected=$2 said status
	shift 2
	said=$("$@" 2>&1)
	status=$?
	((status == expected))
	result $? "$title" "status $status: $said"
}

# probe TREE ARGUMENT...: builds a small module there.
probe() {
	local tree=$1 name=${1##*/}
	shift
	[[ $tree == /* ]] || tree=$STAGE/$tree
	in_root make -C "$tree" "M=$STAGE/probe" "MO=$STAGE/probe-$name" "$@" modules 2>&1
}

builds() {
	local said
	said=$(probe "$2") && [[ -s $STAGE/probe-$2/probe.ko ]]
	result $? "$1" "$said"
}

# breaks TITLE PATTERN TREE ARGUMENT...: the build fails and says so.
breaks() {
	local title=$1 pattern=$2 said status
	shift 2
	said=$(probe "$@")
	status=$?
	((status)) && grep -qE -- "$pattern" <<<"$said"
	result $? "$title" "status $status: $said"
}

# headers_need: Debian's packages for building modules, unpacked in the cache as they would lie on a system.
headers_need() {
	local root=$CACHE/headers-$VERSION
	[[ -d $root ]] || headers_make "$root" >"$CACHE/log/headers.log" 2>&1 || return
	ln -s "$root/usr/src/linux-headers-$RELEASE-$FLAVOUR" "$STAGE/headers"
}

headers_make() {
	local package deb new=$1.new
	cache_sweep "$CACHE"/headers-*
	rm -rf "$new" && mkdir "$new" &&
		fetch "linux-headers-$RELEASE-$FLAVOUR=$VERSION" "linux-headers-$RELEASE-common=$VERSION" || return
	for package in "$FLAVOUR" common; do
		deb=$CACHE/packages/linux-headers-$RELEASE-$package=$VERSION.deb
		in_root dpkg-deb --fsys-tarfile "$deb" | tar -C "$new" --no-same-owner -x && rm "$deb" || return
	done
	# They are not where a system has them.
	sed -i "s|/usr/src/|$1/usr/src/|" "$new/usr/src/linux-headers-$RELEASE-$FLAVOUR/Makefile" && mv -T "$new" "$1"
}

# system NAME LOCKDOWN ENFORCE: a running system that is so.
system() {
	local root=$STAGE/$1 release
	release=$(<"$STAGE/good/include/config/kernel.release")
	mkdir -p "$root"/{proc/sys/kernel,sys/kernel/security,sys/kernel/btf,sys/module/module/parameters} "$root/lib/modules/$release" "$root/etc"
	ln -s "$STAGE/good" "$root/lib/modules/$release/build"
	echo "$release" >"$root/proc/sys/kernel/osrelease"
	echo "$2" >"$root/sys/kernel/security/lockdown"
	echo "$3" >"$root/sys/module/module/parameters/sig_enforce"
	echo "ID=debian" >"$root/etc/os-release"
}

# btf_stage: a system, a vmlinux and a module with types, of which nobody needs to understand anything here.
btf_stage() {
	system typed '[none] integrity confidentiality' N
	rm "$STAGE/typed/lib/modules/"*/build
	farm typed-tree
	ln -s "$STAGE/typed-tree" "$STAGE/typed/lib/modules/$(<"$STAGE/good/include/config/kernel.release")/build"
	echo "types of one kernel" >"$STAGE/types"
	echo "types of another" >"$STAGE/typed/sys/kernel/btf/vmlinux"
	in_root objcopy --add-section ".BTF=$STAGE/types" "$STAGE/probe-good/probe.ko" "$STAGE/typed.ko"
	in_root objcopy --add-section ".BTF=$STAGE/types" "$STAGE/probe-good/probe.o" "$STAGE/typed-tree/vmlinux"
}

# sign MODULE: as Documentation/building.rst says, by a key of our own.
sign() {
	in_root openssl req -new -x509 -newkey rsa:2048 -nodes -days 2 -subj "/CN=check-kdir-test/" -outform DER \
		-keyout "$STAGE/key.priv" -out "$STAGE/key.der" &&
		in_root "$KERNEL_BUILD/scripts/sign-file" sha256 "$STAGE/key.priv" "$STAGE/key.der" "$1"
}

series_agree() {
	local tested oldest
	tested=$(sed -n 's/^SERIES_TESTED=//p' scripts/lib/kdir-tree.sh)
	oldest=$(sed -n 's/^SERIES_OLDEST=//p' scripts/lib/kdir-tree.sh)
	[[ "$tested $oldest" == "${SUPPORTED%% *} ${SUPPORTED##* }" ]]
}

# distro OS-RELEASE NAME: that is how a system is called.
distro() {
	local said
	echo "$1" >"$STAGE/locked/etc/os-release"
	said=$(scripts/check-kdir --sysroot "$STAGE/locked" "$STAGE/nowhere")
	grep -q "^  what to do ($2): " <<<"$said"
	result $? "what $(head -n 1 <<<"$1") is taken for" "$said"
}

# advice_whole: of each failure that the scripts can name.
advice_whole() {
	local name
	while read -r name; do
		awk -F '|' -v name="$name" '$1 == name { rows += $2 == "any" ? 6 : 1 }
			END { if (rows != 6) { print name " has advice for " rows + 0 " of 6"; exit 1 } }' scripts/lib/kdir-advice || return
	done < <(sed -nE 's/.*fail [0-9]+ ([a-z-]+) .*/\1/p' scripts/lib/kdir-{tree,load}.sh | sort -u)
	# A text may have the sign that parts the columns.
	awk -F '|' '/^[a-z]/ { text = substr($0, length($1 $2) + 3) }
		/^[a-z]/ && (length(text) < 25 || seen[text]++) { print "too short, or twice: " $0; bad = 1 }
		END { exit bad }' scripts/lib/kdir-advice &&
		# What is filled in stays nowhere.
		! for name in debian ubuntu fedora arch alpine other; do
			scripts/check-kdir --distro "$name" "$STAGE/nowhere"
			scripts/check-kdir --distro "$name" "$STAGE/no-metadata"
			scripts/check-kdir --distro "$name" "$STAGE/wrote-other"
		done | grep '[{}]'
}

# guest: a real kernel refuses modules, and check-kdir has told why. The guest's script numbers nothing.
guest() {
	local log=$CACHE/log/check-kdir-guest.out line
	mkdir "$STAGE/kdir" && cp scripts/guest/kdir "$STAGE/kdir-guest"
	in_root objcopy --add-section ".BTF=$STAGE/types" "$STAGE/probe-good/probe.ko" "$STAGE/kdir/typed.ko"
	cp "$STAGE/probe-good/probe.ko" "$STAGE/foreign.ko" "$STAGE/signed.ko" "$STAGE/kdir/"
	cp -r "$STAGE/alone/scripts" "$STAGE/kdir/"
	RUST_PERNET_LOG=${RUST_PERNET_LOG:-vm-kdir.log} scripts/vm --kernel stock --add "$STAGE/kdir" \
		--add "$STAGE/kdir-guest" -- bash /mnt/kdir-guest >"$log" 2>&1
	result $? "the guest ended well" "$(tail -n 5 "$log")"
	while read -r line; do
		line=${line%$'\r'}
		case $line in
		"pass "*) result 0 "${line#pass }" ;;
		"fail "*) result 1 "${line#fail }" "see $log" ;;
		esac
	done < <(grep -E '^(pass|fail) ' "$log")
	[[ $(grep -cE '^(pass|fail) ' "$log") == 7 ]]
	result $? "the guest came to the end of its list" "see $log"
}
