# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# What the tests of this folder share: KTAP, the kernel's log, waiting.
#
# The modules are looked for in $MODULES, which is /modules unless it is set.

set -u
MODULES=${MODULES:-/modules}

# ---- KTAP ----------------------------------------------------------------------------------------

TESTS=0
FAILED=0

ktap_start() {
	echo "KTAP version 1"
	echo "1..$1"
	PLAN=$1
}

# check DESCRIPTION COMMAND...: one subtest, which holds if the command does.
check() {
	local description=$1
	shift
	TESTS=$((TESTS + 1))
	if "$@"; then
		echo "ok $TESTS $description"
	else
		echo "not ok $TESTS $description"
		FAILED=$((FAILED + 1))
	fi
}

# skip DESCRIPTION REASON
skip() {
	TESTS=$((TESTS + 1))
	echo "ok $TESTS $1 # SKIP $2"
}

# skip_all REASON
skip_all() {
	echo "KTAP version 1"
	echo "1..0 # SKIP $1"
	exit 4
}

ktap_end() {
	if ((TESTS != PLAN)); then
		echo "# $TESTS subtests were run, $PLAN planned"
		FAILED=$((FAILED + 1))
	fi
	echo "# Totals: pass:$((TESTS - FAILED)) fail:$FAILED"
	exit $((FAILED > 0))
}

# same WHAT EXPECTED FOUND: whether two texts are equal, and how they differ if not.
same() {
	[[ $2 == "$3" ]] && return
	echo "# $1, expected:"
	printf '#     %s\n' "${2//$'\n'/$'\n#     '}"
	echo "# found:"
	printf '#     %s\n' "${3//$'\n'/$'\n#     '}"
	return 1
}

# fails_with MESSAGE COMMAND...: whether the command fails and says so.
fails_with() {
	local message=$1 said
	shift
	if said=$("$@" 2>&1); then
		echo "# it succeeded: $*"
		return 1
	fi
	[[ $said == *"$message"* ]] && return
	echo "# not '$message': $said"
	return 1
}

# ---- Waiting -------------------------------------------------------------------------------------

exec {NEVER}<> <(:)

# wait_for SECONDS COMMAND...: whether the command holds before the time is up.
wait_for() {
	local deadline=$((SECONDS + $1))
	shift
	until "$@"; do
		((SECONDS < deadline)) || return 1
		read -rt 0.02 -u "$NEVER"
	done
	return 0
}

# ---- The kernel's log ----------------------------------------------------------------------------

MARKS=0

# log_start: keeps all that the kernel logs from here on, or what matches the pattern LOG_ONLY.
log_start() {
	LOG=$(mktemp)
	if [[ -n ${LOG_ONLY-} ]]; then
		dmesg --follow-new --notime > >(log_only >"$LOG") 2>&1 &
	else
		dmesg --follow-new --notime >"$LOG" 2>&1 &
	fi
	LOGGER=$!
	trap 'cleanup; kill "$LOGGER"; rm -f "$LOG"' EXIT
	wait_for 10 log_follows || skip_all "dmesg --follow-new does not work here"
	mark
}

# log_only: the lines that match LOG_ONLY.
log_only() {
	exec awk -v only="$LOG_ONLY" '$0 ~ only { print; fflush() }'
}

log_follows() {
	echo "pernet selftest $$ begins" >/dev/kmsg
	grep -q "pernet selftest $$ begins" "$LOG"
}

# A test may have its own.
cleanup() {
	netns_cleanup
	modules_cleanup
}

# mark: events() and log_lines() tell what comes after.
mark() {
	MARKS=$((MARKS + 1))
	MARK="pernet selftest $$ mark $MARKS"
	echo "$MARK" >/dev/kmsg
	wait_for 10 grep -qF "$MARK" "$LOG" || echo "# the log has lost lines"
}

# log_lines MODULE: what the module has logged since the mark.
log_lines() {
	local now="pernet selftest $$ now $EPOCHREALTIME $RANDOM"
	echo "$now" >/dev/kmsg
	wait_for 10 grep -qF "$now" "$LOG" || echo "# the log has lost lines"
	sed -n "/${MARK}\$/,/${now}\$/s/^$1: //p" "$LOG"
}

# events: the events of rust_pernet since the mark, such as "sub_a init 7/4026531833".
events() {
	local event='(subsys|device) ([a-z_]+): ([a-z_]+) nets?=([0-9/]+)( err=[-0-9]+)?'
	log_lines rust_pernet | sed -nE "s/^$event\$/\2 \3 \4\5/p"
}

# events_of NET: those of one namespace, without its name.
events_of() {
	events | awk -v net="$1" '$3 == net { print $1, $2 ($4 ? " " $4 : "") }'
}

# ---- Modules and namespaces ----------------------------------------------------------------------

need_modules() {
	local name
	((EUID == 0)) || skip_all "these tests need root"
	for name; do
		[[ -f $MODULES/$name.ko ]] || skip_all "there is no $MODULES/$name.ko; set MODULES"
		[[ ! -d /sys/module/$name ]] || skip_all "$name is loaded already"
	done
}

need_netns() {
	[[ -e /proc/self/ns/net ]] || skip_all "this kernel has no network namespaces"
}

load() {
	insmod "$MODULES/$1.ko" "${@:2}"
}

is_loaded() {
	[[ -d /sys/module/$1 ]]
}

modules_cleanup() {
	local file
	for file in "$MODULES"/*.ko; do
		is_loaded "$(basename "$file" .ko)" && rmmod "$(basename "$file" .ko)"
	done
}

NAMESPACES=()

netns_add() {
	local name
	for name; do
		ip netns add "$name" && NAMESPACES+=("$name")
	done
}

# inhabit NAME: has a process live there; its id is in INSIDE. Its /proc has the namespace's files.
declare -A INSIDE=()
inhabit() {
	ip netns exec "$1" sleep 10000 &
	INSIDE[$1]=$!
	wait_for 10 lives_in "${INSIDE[$1]}" "$(inum_of "$1")" || echo "# no process got into $1"
}

# lives_in PROCESS INUM
lives_in() {
	[[ $(stat -Lc %i "/proc/$1/ns/net") == "$2" ]]
}

# desert NAME: ends that process.
desert() {
	kill "${INSIDE[$1]}"
	wait "${INSIDE[$1]}" 2>/dev/null
	unset "INSIDE[$1]"
}

netns_cleanup() {
	local name
	for name in "${!INSIDE[@]}"; do
		desert "$name"
	done
	for name in "${NAMESPACES[@]}"; do
		[[ -e /run/netns/$name ]] && ip netns del "$name"
	done
	NAMESPACES=()
}

# ledger_need: loads netns_ledger, if there is one, for netns_gone. Its hooks must not matter.
ledger_need() {
	[[ -f $MODULES/netns_ledger.ko ]] && type netns-ledger >/dev/null 2>&1 || return 0
	is_loaded netns_ledger || load netns_ledger
}

# netns_gone NAME COMMAND...: deletes it, and whether the command holds when it is gone. The ledger
# knows when that is, so that one look has to do; without it the command is tried for a while.
netns_gone() {
	if is_loaded netns_ledger; then
		netns-ledger wait "name:$1" --quiet --timeout 60s -- ip netns del "$1" && "${@:2}"
	else
		ip netns del "$1" && wait_for 60 "${@:2}"
	fi
}

inum_of() {
	stat -Lc %i "/run/netns/$1"
}

INIT_INUM=$(stat -Lc %i /proc/1/ns/net 2>/dev/null)

# net_of NAME: its cookie and inode number, as the events since the mark have them.
net_of() {
	events | awk -v inum="$(inum_of "$1")" '
		$2 == "init" && $3 ~ "/" inum "$" { net = $3 }
		END { print net }'
}

# teardown_seen NET: whether the very last event of its cleanup has been logged.
teardown_seen() {
	events | awk -v net="$1" '
		$3 == net && /^sub_a exit / { exited = 1 }
		exited && /^sub_a exit_batch/ { seen = 1 }
		END { exit !seen }'
}

# netns_del NAME NET: deletes it and waits until its hooks have run.
netns_del() {
	ip netns del "$1" && wait_for 60 teardown_seen "$2"
}

# all_torn_down: whether every namespace but the initial one has seen its exits.
all_torn_down() {
	events | awk -v initial="/$INIT_INUM\$" '
		$3 ~ initial || $4 ~ /^err=/ { next }
		$2 == "init" { open[$1, $3] = 1 }
		$2 == "exit" { delete open[$1, $3] }
		END { for (key in open) exit 1 }'
}

# ---- The kernel's own checkers -------------------------------------------------------------------

# kernel_clean: four subtests about the checkers that this kernel has, or three if LEAKS=later says
# that somebody else looks for leaks, when all tests have run: by leaks_clean.
KERNEL_CLEAN=$((${LEAKS:+-1} + 4))
LOCKDEP=/proc/lockdep_stats
kernel_clean() {
	local trackers=/sys/kernel/debug/ref_tracker
	[[ -n ${LEAKS-} ]] || leaks_clean
	if grep -q '^ *debug_locks: *' $LOCKDEP 2>/dev/null && [[ $(uname -v) == *SMP* ]]; then
		check "lockdep is on and has found nothing" grep -qE '^ *debug_locks: +1' $LOCKDEP
	else
		skip "lockdep is on and has found nothing" "this kernel has no lockdep that works"
	fi
	if [[ -d $trackers ]]; then
		check "no reference has been leaked" log_is_without 'ref_tracker: '
	else
		skip "no reference has been leaked" "this kernel does not track references"
	fi
	check "the kernel's log has no trace of a bug" log_is_without \
		'Call Trace:|BUG: |(^|[]] ?)WARNING: |KASAN: |unregister_netdevice: waiting'
}

KMEMLEAK=/sys/kernel/debug/kmemleak
leaks_clean() {
	if [[ -w $KMEMLEAK ]]; then
		check "kmemleak has found nothing" no_leaks
	else
		skip "kmemleak has found nothing" "this kernel has no kmemleak"
	fi
}

# leaks: what kmemleak finds, but for what the first process has lost at boot.
leaks() {
	local start=$SECONDS age=5
	echo scan >$KMEMLEAK
	# It tells only of what was five seconds old when its last scan began, in jiffies: where the
	# clock jumps these fall behind.
	[[ $(</proc/cmdline) != *time-travel* ]] || age=12
	wait_for 60 eval '((SECONDS - start > age))'
	echo scan >$KMEMLEAK
	awk '
		function finish() { if (ours) print block; block = ""; ours = 0 }
		/^unreferenced/ { finish() }
		{ block = block (block == "" ? "" : "\n") $0 }
		/comm / { ours = !/comm "swapper/ }
		END { finish() }' $KMEMLEAK
}

no_leaks() {
	same "unreferenced objects" "" "$(leaks)"
}

log_is_without() {
	! grep -aE "$1" "$LOG" | sed 's/^/# /' | grep .
}
