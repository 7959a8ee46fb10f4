#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# ledger/netns_ledger.rs: what it tells of namespaces against what is known of them, who may ask, and requests that are
# not well-formed. STORM says how many namespaces the four processes make in all, FUZZ how many requests are sent.

source "$(dirname "$0")/lib.sh"
need_modules netns_ledger netns_probe pernet_hold_c rust_pernet
need_netns
type netns-genl >/dev/null 2>&1 || skip_all "there is no netns-genl"
STORM=${STORM:-400}
FUZZ=${FUZZ:-20000}
SEED=${SEED:-$RANDOM}
LIMIT=/proc/sys/user/max_net_namespaces
ktap_start $((62 + KERNEL_CLEAN))
log_start

WORK=$(mktemp -d)
EVENTS=$WORK/events

# row COOKIE: what a get by cookie tells, in ROW.
row() {
	ROW=$(netns-genl get --cookie "$1" 2>&1)
}

# field NAME LINE: one of what it tells.
field() {
	local words=" $2 "
	[[ $words == *" $1="* ]] || return 1
	words=${words##* "$1"=}
	echo "${words%% *}"
}

is() {
	same "$1" "$2" "$(field "$1" "$ROW")"
}

has_no() {
	[[ " $ROW" != *" $1"* ]]
}

# cookie_of NAME: by its number.
cookie_of() {
	field cookie "$(netns-genl get --inum "$(inum_of "$1")")"
}

listen() {
	: >"$EVENTS"
	netns-genl events "$@" >"$EVENTS" &
	LISTENER=$!
	wait_for 10 grep -q listening "$EVENTS"
}

deafen() {
	kill "$LISTENER"
	wait "$LISTENER" 2>/dev/null
}

# event KIND COOKIE: that event, in ROW.
event() {
	ROW=$(grep "^$1 .*\bcookie=$2 " "$EVENTS")
}

# told KIND COOKIE...: whether it has been told once of each.
told() {
	local kind=$1
	shift
	for cookie; do
		[[ $(grep -c "^$kind .*\bcookie=$cookie " "$EVENTS") == 1 ]] || return
	done
}

rows() {
	netns-genl dump | sed -nE 's/^netns cookie=([0-9]+) .*/\1/p'
}

# rows_are_living: whether the ledger has the namespaces that the kernel lists, and no others.
rows_are_living() {
	[[ $(rows) == "$(netns-genl living)" ]]
}

counter() {
	field "$1" "$(netns-genl stats)"
}

# ---- A namespace, from the outside -------------------------------------------------------------------------

netns_add old
old_inum=$(inum_of old)
check "it loads" load netns_ledger
check "a dump has a row for each that was there before" rows_are_living
old=$(cookie_of old)
row "$old"
check "one that was there before is found by its number" is inum "$old_inum"
check "and is told to be older" [ "${ROW% preexisting *}" != "$ROW" ]
check "without a creator" has_no "pid="
check "nor the time when it was made" has_no "created="

listen
netns_add new
new=$(cookie_of new)
row "$new"
check "a new one has a row" is inum "$(inum_of new)"
check "that says that it is in use" is state active
check "and who made it" is comm ip
check "with its devices" is devices "$(ip -n new -o link | wc -l)"
check "and its references" [ "$(field refs "$ROW")" -ge "$(field active-refs "$ROW")" ]
check "it is told of" wait_for 10 told created "$new"
ip -n new link add veth0 type veth peer veth1
row "$new"
check "devices are counted when they are asked for" is devices "$(ip -n new -o link | wc -l)"

ip netns del new
check "its end is told of" wait_for 60 told destroyed "$new"
event dying "$new"
check "from its beginning, with its devices" is devices 3
event devices-gone "$new"
gone=$(field teardown "$ROW")
event destroyed "$new"
check "in the order of what happens" test "$(field teardown "$ROW")" -ge "$gone"
check "it has no row any more" fails_with "No such file" netns-genl get --cookie "$new"
check "nor is it found by its number" fails_with "No such file" netns-genl get --inum "$(field inum "$ROW")"
check "asking for nothing is refused" fails_with "Invalid argument" netns-genl get

# One that a later subsystem refuses. init_net and old come first.
load rust_pernet fail_nth=3
check "a namespace is refused" fails_with "No space left" unshare -n true
refused() {
	grep -q '^destroyed .* refused$' "$EVENTS"
}
check "that is told of" wait_for 10 refused
check "after that it was made" told created "$(field cookie "$(grep ' refused$' "$EVENTS")")"
check "and counted" same "refused" 1 "$(counter refused)"
rmmod rust_pernet

# ---- A leak, and an end that hangs --------------------------------------------------------------------------

netns_add leaked stuck
leaked=$(cookie_of leaked)
stuck=$(cookie_of stuck)
load netns_probe fd=3 3</run/netns/leaked
ip netns del leaked
inactive() {
	row "$leaked"
	[[ $(field state "$ROW") == inactive ]]
}
check "one that only the kernel holds is inactive" wait_for 60 inactive
check "by one reference" is refs 1
check "and by nobody who uses it" is active-refs 0
check "it still tells who made it" is comm ip
check "the kernel's own list does not have it" [ "$(netns-genl living | grep -cx "$leaked")" = 0 ]
check "the counters tell of one" same "inactive" 1 "$(counter inactive)"
changed=$(field changed "$ROW")
row "$leaked"
check "since when does not change" is changed "$changed"
mark
rmmod netns_probe
check "it goes with the reference" wait_for 60 told destroyed "$leaked"

check "a module takes a reference on a device" ip netns exec stuck insmod "$MODULES/pernet_hold_c.ko"
start=$EPOCHREALTIME
ip netns del stuck
hangs() {
	row "$stuck"
	[[ $(field state "$ROW") == dying && $(field phase "$ROW") == devices ]]
}
check "its namespace hangs with its devices" wait_for 60 hangs
check "of which it had one" is devices 1
# Another one queues up behind it.
netns_add queued
queued=$(cookie_of queued)
ip netns del queued
is_queued() {
	row "$queued"
	[[ $(field state "$ROW") == dying && $(field phase "$ROW") == queued ]]
}
check "one that comes behind it waits for its turn" wait_for 60 is_queued
check "the counters tell of two" same "dying" 2 "$(counter dying)"
check "and that a cleanup goes on" [ -n "$(counter cleanup-since)" ]
wait_for 3 false
check "it is not told to be gone" [ "$(grep -c "^destroyed .*cookie=$stuck " "$EVENTS")" = 0 ]
released=$EPOCHREALTIME
rmmod pernet_hold_c
check "it goes when the device is given back" wait_for 60 told destroyed "$stuck" "$queued"
took=$(((${released/./} - ${start/./}) * 1000))
event destroyed "$stuck"
check "its time is that of a clock outside" [ "$(field teardown "$ROW")" -gt $((took - 1000000000)) ]
idle() {
	[[ -z $(counter cleanup-since) ]]
}
check "no cleanup goes on" wait_for 60 idle
deafen

# What is gone is not counted any more, which is the last thing that happens to it. Two are possible beside the others.
old_limit=$(<$LIMIT)
limit=0
until echo $((++limit)) >"$LIMIT" && unshare -n true 2>/dev/null || ((limit == 1000)); do
	:
done
wait_for 60 idle
echo $((limit + 1)) >"$LIMIT"
check "when one is told to be gone there is room for another" timeout 60 netns-genl fit 20
echo "$old_limit" >$LIMIT

# ---- Many ----------------------------------------------------------------------------------------------------

# The last of those may still be on their way.
wait_for 60 rows_are_living
listen
old_limit=$(<$LIMIT)
echo 64 >$LIMIT
created=$(counter created) destroyed=$(counter destroyed)
makers=()
for i in 1 2 3 4; do
	netns-genl make $((STORM / 4)) >"$WORK/truth$i" &
	makers+=($!)
done
wait "${makers[@]}"
cat "$WORK"/truth? >"$WORK/truth"
ends() {
	(($(counter destroyed) - destroyed == STORM / 4 * 4))
}
check "$STORM namespaces by four processes: each end is counted" wait_for 300 ends
check "and each beginning" same "created" $((STORM / 4 * 4)) $(($(counter created) - created))
last=$(counter seq)
seq_seen() {
	grep -q "seq=$last " "$EVENTS"
}
wait_for 60 seq_seen
deafen
echo "$old_limit" >$LIMIT
check "all of them are known" same "made" $((STORM / 4 * 4)) "$(wc -l <"$WORK/truth")"
# Each has four events, in this order; nobody else has one; who made it is who made it; numbers have no gap.
storm_told() {
	awk '
		NR == FNR { made[$1] = $2; next }
		/^lost/ { print "lost at " last; bad++ }
		!/ cookie=/ { next }
		{
			delete f
			for (i = 2; i <= NF; i++) { split($i, pair, "="); f[pair[1]] = pair[2] }
			if (last && f["seq"] != last + 1) { print "gap at " f["seq"]; bad++ }
			last = f["seq"]
			if (!(f["cookie"] in made)) { print "unknown: " $0; bad++; next }
			if ($1 == "created" && f["pid"] != made[f["cookie"]]) { print "pid: " $0; bad++ }
			seen[f["cookie"]] = seen[f["cookie"]] " " $1
		}
		END {
			for (cookie in made)
				if (seen[cookie] != " created dying devices-gone destroyed") {
					print cookie ":" seen[cookie]
					bad++
				}
			exit bad > 0
		}' "$WORK/truth" "$EVENTS" | head -n 20 | sed 's/^/# /'
	return "${PIPESTATUS[0]}"
}
check "each has its four events, once and in order, and there is no gap" storm_told
check "no event was lost" same "lost" 0 "$(counter lost-events)"
check "the rows are the namespaces that live" wait_for 60 rows_are_living
lengths() {
	local line sum=0
	line=$(netns-genl stats)
	for word in $line; do
		[[ $word == teardown-log2=* ]] && sum=$((sum + ${word#*=}))
	done
	same "ends by their length" "$(($(field destroyed "$line") - $(field refused "$line")))" "$sum"
}
check "every end is among the lengths" lengths

# One who does not read loses events, is told so, and can make up for it.
listen --buffer 4096
kill -STOP "$LISTENER"
netns-genl make 40 >/dev/null
netns_add kept
kept=$(cookie_of kept)
kill -CONT "$LISTENER"
check "who does not read is told that there were more" wait_for 60 grep -qx lost "$EVENTS"
wait_for 60 rows_are_living
check "and finds what is there by a dump" grep -qx "$kept" <(rows)
deafen

# ---- Who may ask -----------------------------------------------------------------------------------------------

nothing_for() {
	local what
	for what in "get --cookie 7" dump stats "events --buffer 0"; do
		# shellcheck disable=SC2086 # words
		fails_with "$1" timeout 10 "${@:2}" $what || return
	done
}
check "without the capability nothing is told" nothing_for "not permitted" netns-genl --uid 1000
check "nor in a user namespace" nothing_for "not permitted" unshare --user --map-root-user netns-genl
check "another network namespace has no such family" nothing_for "No such file" unshare --net netns-genl
ambush() {
	: >"$WORK/$1"
	netns-genl "${@:2}" ambush >"$WORK/$1" &
	LISTENERS+=($!)
	wait_for 10 grep -q listening "$WORK/$1"
}
rmmod netns_ledger
LISTENERS=()
ambush admin
ambush anybody --uid 1000
load netns_ledger
netns-genl make 1 >/dev/null
check "who has the capability and joined a group before the family had it is told" wait_for 60 grep -q "^6 " "$WORK/admin"
check "without it nothing is told" same "told" "" "$(grep -v listening "$WORK/anybody")"
kill "${LISTENERS[@]}"
wait "${LISTENERS[@]}" 2>/dev/null
check "$FUZZ malformed requests, seed $SEED" netns-genl fuzz --seed "$SEED" "$FUZZ"
check "and it still answers" rows_are_living

# ---- Coming and going ------------------------------------------------------------------------------------------

netns_add many{1..40}
mkfifo "$WORK/go"
netns-genl dump --slowly <"$WORK/go" >"$WORK/dump" &
reader=$!
exec {go}>"$WORK/go"
wait_for 10 grep -q asked "$WORK/dump"
check "who is in a dump keeps the module" fails_with "in use" rmmod netns_ledger
ip netns del many20
netns_add more
echo >&"$go"
exec {go}>&-
# What was there all the time is in it once; what went, or came, may be.
read_all() {
	wait "$reader" || return
	sed -nE 's/^netns cookie=([0-9]+) .*/\1/p' "$WORK/dump" >"$WORK/rows"
	same "doubled" "" "$(uniq -d "$WORK/rows")" &&
		same "missing" "" "$(netns-genl living | grep -vxF "$(cookie_of more)" | grep -vxFf "$WORK/rows")"
}
check "and reads what was there all the time, though others came and went" read_all
rmmod netns_ledger
again() {
	for _ in 1 2 3 4 5; do
		load netns_ledger scan_ms=1 && rows_are_living && rmmod netns_ledger || return
	done
}
check "it comes and goes with many namespaces" again
comes_and_goes() {
	netns-genl make 40 >/dev/null &
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		load netns_ledger scan_ms=1 && rmmod netns_ledger || return
	done
	wait $!
}
check "and while they are made and die" comes_and_goes
rm -rf "$WORK"
kernel_clean
ktap_end
