# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# What every script here shares: messages, the cache, steps that show their progress.

set -uo pipefail
export LC_ALL=C.UTF-8
# chroot(8), for one, is where the PATH of an ordinary user of Debian does not lead.
export PATH=$PATH:/usr/sbin:/sbin

TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
CACHE=${RUST_PERNET_CACHE:-${XDG_CACHE_HOME:-${HOME:?is not set, nor is RUST_PERNET_CACHE; set one of them}/.cache}/rust-pernet}

# most_jobs: one for each processor, and no more than one for each gigabyte of memory that is to be had.
most_jobs() {
	local kilobytes group limit jobs
	kilobytes=$(awk '/^MemAvailable:/ { print $2 }' /proc/meminfo)
	# A container may have less than the machine.
	group=$(sed -n 's/^0:://p' /proc/self/cgroup 2>/dev/null)
	read -r limit 2>/dev/null <"/sys/fs/cgroup$group/memory.max" && [[ $limit =~ ^[0-9]+$ ]] &&
		((limit / 1024 < kilobytes)) && kilobytes=$((limit / 1024))
	jobs=$(nproc)
	((jobs <= kilobytes >> 20)) || jobs=$((kilobytes >> 20))
	echo $((jobs > 0 ? jobs : 1))
}
JOBS=${JOBS:-$(most_jobs)}

if [[ -t 2 && ${TERM:-dumb} != dumb ]]; then
	BOLD=$'\e[1m' RED=$'\e[31m' GREEN=$'\e[32m' DIM=$'\e[2m' PLAIN=$'\e[0m' ERASE=$'\r\e[K'
else
	BOLD='' RED='' GREEN='' DIM='' PLAIN='' ERASE=''
fi

say() {
	printf '%s\n' "${BOLD}$*${PLAIN}" >&2
}

# One sentence that says what to do.
die() {
	printf '%s\n' "${RED}${0##*/}: $*${PLAIN}" >&2
	exit 1
}

# help_or_die ARGUMENT: for a script that has no options but --help, which is the comment at its top.
help_or_die() {
	[[ $1 == --help || $1 == -h ]] || die "there is no option '$1'; see ${0##*/} --help."
	awk 'NR > 3 { if (!/^#/) exit; sub(/^# ?/, ""); print }' "$0"
	exit 0
}

have() {
	command -v "$1" >/dev/null 2>&1
}

# The process that a step waits for, ended when the script is, with its whole process group.
CHILD=
end_child() {
	local child=$CHILD tries
	[[ -n $child ]] || return 0
	CHILD=
	kill -- "-$child" 2>/dev/null || kill "$child" 2>/dev/null
	# unshare(1) does not listen to that, and what it runs ends with it.
	for tries in {1..20}; do
		kill -0 -- "-$child" 2>/dev/null || break
		read -rt 0.1 <> <(:)
	done
	kill -KILL -- "-$child" 2>/dev/null
	wait "$child" 2>/dev/null
}
trap 'end_child; printf "%s\n" "${ERASE}${0##*/}: interrupted; the next start goes on from here" >&2; exit 130' INT
trap 'end_child; exit 143' TERM HUP PIPE

# cache_open: makes the cache, or says why it cannot be used.
cache_open() {
	mkdir -p "$CACHE/log" 2>/dev/null && touch "$CACHE/.writable" 2>/dev/null ||
		die "cannot write to $CACHE; point RUST_PERNET_CACHE to a folder that can be written."
	rm -f "$CACHE/.writable"
	CACHE=$(cd "$CACHE" && pwd -P)
	[[ $CACHE != *[[:space:]:]* && $TOP != *[[:space:]:]* ]] ||
		die "make(1) cannot work in a folder with a space or colon in its name: $CACHE, $TOP."
}

# cache_lock NAME, cache_unlock: one at a time prepares that part of the cache; the others wait.
cache_lock() {
	exec {LOCK}>"$CACHE/lock-$1"
	flock -w 2 "$LOCK" && return
	say "Another run is preparing '$1' in $CACHE; waiting for it (to see which: fuser -v $CACHE/lock-$1)."
	flock "$LOCK"
}

cache_unlock() {
	exec {LOCK}>&-
}

# scratch NAME: makes a directory in the cache for this run alone, and removes those of runs that were killed. One is in
# use as long as its lock is held, by this process or by what it has started. Sets SCRATCH.
scratch() {
	local old lock
	for old in "$CACHE/$1".*; do
		[[ -d $old ]] || continue
		if [[ -e $old/.lock ]]; then
			{ exec {lock}<"$old/.lock"; } 2>/dev/null || continue
			flock -n "$lock" && rm -rf "$old"
			exec {lock}<&-
		elif [[ -n $(find "$old" -maxdepth 0 -mtime +14) ]]; then
			rm -rf "$old"
		fi
	done
	# It gets its name when it is locked.
	old=$(mktemp -d "$CACHE/.$1.XXXXXX") && exec {SCRATCH_LOCK}>"$old/.lock" && flock "$SCRATCH_LOCK" &&
		SCRATCH=$CACHE/$1.${old##*.} && mv -T "$old" "$SCRATCH" || die "cannot write to $CACHE."
}

# need_space GIGABYTES WHAT: before anything large is fetched or built.
need_space() {
	local free
	free=$(df --output=avail -BM "$CACHE" | tr -dc '0-9\n' | tail -n 1)
	((free >= $1 * 1024)) ||
		die "$2 needs $1 GB in $CACHE and $((free / 1024)) GB are free; make room, or point RUST_PERNET_CACHE elsewhere."
}

# machine_slow: prints, in percent, how long this machine takes for a fixed piece of work against the machine that the
# announced times and the time limits were measured on. The clock counts, so that other load counts, too.
machine_slow() {
	local i start=${EPOCHREALTIME/./} took
	for ((i = 0; i < 200000; i++)); do :; done
	took=$((${EPOCHREALTIME/./} - start))
	echo $((took * 100 / 600000))
}

# time_limit SECONDS: as many seconds as that takes on this machine now, and never fewer.
time_limit() {
	[[ -n ${RUST_PERNET_SLOW-} ]] || RUST_PERNET_SLOW=$(machine_slow)
	export RUST_PERNET_SLOW
	echo $(($1 * (RUST_PERNET_SLOW > 100 ? RUST_PERNET_SLOW : 100) / 100))
}

# step NAME TITLE COMMAND...: runs it with its output in the log NAME, and shows that it goes on.
step() {
	local name=$1 title=$2 log=$CACHE/log/$1.log start=$SECONDS status last
	shift 2
	[[ -n $ERASE ]] || printf '  %s ...\n' "$title" >&2
	set -m
	"$@" >"$log" 2>&1 </dev/null &
	CHILD=$!
	set +m
	while [[ -n $ERASE ]] && kill -0 "$CHILD" 2>/dev/null; do
		last=$(tail -n 1 "$log" | tr -cd '[:print:]')
		printf '%s  %s %s%4d s  %.50s%s' "$ERASE" "$title" "$DIM" \
			$((SECONDS - start)) "$last" "$PLAIN" >&2
		read -rt 0.5 <> <(:)
	done
	wait "$CHILD"
	status=$?
	CHILD=
	if ((status == 0)); then
		printf '%s  %s: %d s\n' "$ERASE" "$title" $((SECONDS - start)) >&2
		return
	fi
	printf '%s' "$ERASE" >&2
	last=$(grep -nE -m 1 '^error|: (fatal )?error: ' "$log" | cut -d: -f1)
	tail -n "+${last:-1}" "$log" | if [[ -n $last ]]; then head -n 15; else tail -n 15; fi |
		sed 's/^/    /' >&2
	if (($(df --output=avail -BM "$CACHE" | tr -dc '0-9\n' | tail -n 1) < 20)); then
		die "$title failed because the disk is full; make room and start again."
	fi
	if grep -qE 'NO_PUBKEY|Missing key [0-9A-F]' "$log"; then
		die "$title failed because this host's keys of the archive are too old; install a newer debian-archive-keyring."
	fi
	if grep -qE 'Could not resolve|Temporary failure resolving|Could not connect|Connection (timed out|refused|failed)|Network is unreachable' "$log"; then
		die "$title failed because the package archive cannot be reached; see to the network and start again, it goes on from here."
	fi
	die "$title failed; the whole log is $log."
}
