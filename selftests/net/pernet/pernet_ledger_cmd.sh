#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# tools/netns-ledger against the module: what it shows is what lives, it waits as long as it has to, loses no event in
# silence, and names a namespace that is leaked and one that is stuck. STORM says how many namespaces the processes make.
# A wait may return LATE milliseconds after the end, in the median: 10 on an idle machine.
# A trace of one namespace is of TRACE_FOR, three seconds where nothing else is said.

source "$(dirname "$0")/lib.sh"
need_modules netns_ledger netns_probe pernet_hold_c
need_netns
type netns-ledger netns-genl >/dev/null 2>&1 || skip_all "there is no netns-ledger, or no netns-genl"
STORM=${STORM:-200}
LATE=${LATE:-100}
ktap_start $((54 + KERNEL_CLEAN))
log_start
WORK=$(mktemp -d)
touch "$WORK/"{events,slow,late}

# ---- Looking at what it says ----------------------------------------------------------------------------------

# exits STATUS COMMAND...: what it says is in SAID, and its errors.
exits() {
	local expected=$1 status
	shift
	SAID=$("$@" 2>&1)
	status=$?
	((status == expected)) && return
	echo "# $* ended with $status, not $expected: $SAID"
	return 1
}

says() {
	[[ $SAID == *"$1"* ]] && return
	echo "# not '$1': $SAID"
	return 1
}

cookies() {
	netns-ledger list --json "$@" | sed -n 's/^    "cookie": \([0-9]*\),$/\1/p'
}

cookie_of() {
	netns-ledger list --json | awk -v inum="$(inum_of "$1")" '
		/^    "cookie":/ { cookie = $2 } /^    "inum":/ && $2 == inum "," { print cookie + 0 }'
}

# metric NAME: that value for Prometheus.
metric() {
	netns-ledger stats --prometheus | awk -v name="netns_ledger_$1" '$1 == name { print $2 }'
}

lists_living() {
	same "namespaces" "$(netns-genl living)" "$(cookies)"
}

# ---- The table --------------------------------------------------------------------------------------------------

check "without the module it says what to do" exits 2 netns-ledger list
check "which is modprobe" says "modprobe netns_ledger"
check "preflight sees that it is safe" exits 0 netns-ledger preflight
load netns_ledger
netns_add red blue
check "a list has the namespaces that live" lists_living
plain() {
	netns-ledger list >"$WORK/list" && same "lines" "$(($(netns-genl living | wc -l) + 1))" "$(wc -l <"$WORK/list")" &&
		! grep -q $'\e' "$WORK/list" && grep -qE '^active .* ip/[0-9]+ +red$' "$WORK/list"
}
check "a table has a line for each, with name and creator" env TERM=dumb bash -c "$(declare -f plain same); WORK=$WORK; plain"
blue=$(cookie_of blue)
by_name() {
	netns-ledger list --json | awk '/^    "cookie":/ { cookie = $2 } /"blue"/ { print cookie + 0 }'
}
check "JSON has names" same "cookie of blue" "$blue" "$(by_name)"
check "a filter takes all others away" same "owned by 4711" "" "$(cookies --owner 4711)"
check "and keeps its own" same "owned by root" "$(cookies)" "$(cookies --owner root)"
check "a user who is not there is refused" exits 2 netns-ledger list --owner nobody-at-all
check "an unknown option is refused" exits 2 netns-ledger list --colour
check "a screen is not for a pipe" exits 2 netns-ledger watch
check "another network namespace is told where the ledger answers" exits 2 ip netns exec red netns-ledger list
check "which is the initial one" says "initial network namespace"
check "a container is told what it lacks" exits 2 unshare --user --map-root-user netns-ledger list
check "which is CAP_NET_ADMIN" says "CAP_NET_ADMIN"
check "there are completions" grep -q netns-ledger <(netns-ledger completions bash)
check "there is a man page" grep -q 'SH SYNOPSIS' <(netns-ledger man)

# ---- Waiting ----------------------------------------------------------------------------------------------------

# gone TARGET: a namespace that is called so from the outside, and a wait that ends with it.
gone() {
	local waiter
	: >"$WORK/wait"
	netns-ledger wait "$1" --timeout 60s >"$WORK/wait" 2>&1 &
	waiter=$!
	# When nobody can find it any more the waiter has.
	wait_for 10 listens "$waiter"
	[[ -z ${INSIDE[red]-} ]] || desert red
	ip netns del red
	wait "$waiter" && grep -q "$2.* is gone: its end took " "$WORK/wait" && ! cookies | grep -qx "$2"
	local status=$?
	((status == 0)) || sed 's/^/# /' "$WORK/wait"
	netns_add red
	return "$status"
}

# It sleeps in poll(2) when it has found what it waits for.
listens() {
	[[ $(<"/proc/$1/wchan") == *poll* || $(cut -d' ' -f3 "/proc/$1/stat") == S ]]
}

check "wait for a name" gone red "$(cookie_of red)"
check "for a path" gone /run/netns/red "$(cookie_of red)"
check "for a cookie" gone "cookie:$(cookie_of red)" "$(cookie_of red)"
check "for a number, which is an inum" gone "$(inum_of red)" "$(cookie_of red)"
inhabit red
check "for who lives in it" gone "pid:${INSIDE[red]}" "$(cookie_of red)"
check "the time is up" exits 124 netns-ledger wait red --timeout 100ms
check "because it is in use" says "hold it"
check "there is no such namespace" exits 2 netns-ledger wait nosuch
check "nor such a cookie" exits 2 netns-ledger wait cookie:999999999
check "it does not wait for what a command has not done" exits 1 netns-ledger wait red -- false

# offset: by how many microseconds this shell's clock is ahead of CLOCK_BOOTTIME, at the least. What /proc/uptime has is
# cut off, up to 10 ms behind, and was so after the look at the shell's clock; so no look finds too much, however long it
# takes, and the one just before a tick finds the most.
offset() {
	local now uptime found most i
	for i in {1..3000}; do
		now=${EPOCHREALTIME/./}
		read -r uptime _ </proc/uptime
		found=$((now - (10#${uptime/./} + 1) * 10000))
		((i > 1 && found <= most)) || most=$found
	done
	echo "$most"
}
OFFSET=$(offset)

# late: prints how many microseconds after the end a wait returned, and how many the loop that people write. That sees
# the name only, and is too early.
late() {
	local start polled end cookie
	netns_add late
	ip -n late link add veth0 type veth peer veth1
	cookie=$(cookie_of late)
	netns-ledger events --json >"$WORK/late" &
	local listener=$!
	(
		# What is measured is that it sleeps. It does not go on for ever.
		for _ in {1..600}; do
			ip netns list | grep -q late || break
			sleep 0.1
		done
		echo "${EPOCHREALTIME/./}" >"$WORK/polled"
	) &
	local poller=$!
	netns-ledger wait "cookie:$cookie" --quiet &
	local waiter=$!
	wait_for 10 listens "$waiter"
	ip netns del late
	wait "$waiter"
	end=${EPOCHREALTIME/./}
	wait "$poller"
	read -r polled <"$WORK/polled"
	wait_for 10 grep -q "\"destroyed\".*\"cookie\":$cookie," "$WORK/late"
	kill "$listener"
	wait "$listener"
	start=$(sed -nE "/\"destroyed\"/s/.*\"now\":([0-9]+),\"cookie\":$cookie,.*/\1/p" "$WORK/late")
	start=$((start / 1000 + OFFSET))
	echo "$((end - start)) $((polled - start))"
}
for _ in 1 2 3 4 5; do late; done >"$WORK/lates"
median() {
	cut -d' ' -f"$1" "$WORK/lates" | sort -n | sed -n 3p
}
echo "# microseconds from the end to the return of wait: $(cut -d' ' -f1 "$WORK/lates" | xargs)"
echo "# the same of polling 'ip netns list': $(cut -d' ' -f2 "$WORK/lates" | xargs)"
check "wait returns within $LATE ms of the end: $(($(median 1) / 1000)) ms; polling the names: $(($(median 2) / 1000)) ms" \
	[ "$(median 1)" -lt $((LATE * 1000)) ]
check "and not before it" [ "$(cut -d' ' -f1 "$WORK/lates" | sort -n | head -n 1)" -gt 0 ]

# ---- A leak -------------------------------------------------------------------------------------------------------

netns_add leaked
leaked=$(cookie_of leaked)
load netns_probe fd=3 3</run/netns/leaked
ip netns del leaked
inactive() {
	same "inactive" "$leaked" "$(cookies --inactive-longer-than 500ms)" >/dev/null
}
check "list has a namespace that is leaked" wait_for 60 inactive
check "doctor finds it" exits 1 netns-ledger doctor --inactive 500ms
check "and says which, who made it and since when" says "[cookie $leaked, inum "
check "which is ip" grep -qE "^leaked: .*inactive for .* 1 reference.*made by ip/[0-9]+" <(echo "$SAID")
check "wait says so, too" exits 124 netns-ledger wait "cookie:$leaked" --timeout 100ms
check "the kernel alone holds it" says "the kernel alone"
check "it goes with the reference" exits 0 netns-ledger wait "cookie:$leaked" --timeout 60s -- rmmod netns_probe

# A process that lingers, with a file of it.
netns_add file
bash -c 'exec 7</run/netns/file; exec sleep 10000' &
lingerer=$!
has_file() {
	[[ -e /proc/$lingerer/fd/7 && $(<"/proc/$lingerer/comm") == sleep ]]
}
wait_for 10 has_file
ip netns del file
check "doctor finds one that a file holds" exits 1 netns-ledger doctor --inactive 1ms
check "and whose" says "file 7 of process $lingerer (sleep) holds it"
kill "$lingerer"
wait "$lingerer" 2>/dev/null

# ---- An end that hangs --------------------------------------------------------------------------------------------

netns_add stuck
stuck=$(cookie_of stuck)
ip netns exec stuck insmod "$MODULES/pernet_hold_c.ko"
start=${EPOCHREALTIME/./}
ip netns del stuck
dies() {
	[[ $(cookies --state dying) == "$stuck" ]]
}
wait_for 60 dies
seen=${EPOCHREALTIME/./}
hangs() {
	[[ $(cookies --dying-longer-than 1200ms) == "$stuck" ]]
}
check "list has a namespace that is stuck" wait_for 60 hangs
check "doctor names it and its creator" exits 1 netns-ledger doctor
check "in one command" grep -qE "^stuck: .*\[cookie $stuck, .* references on its network devices; made by ip/[0-9]+" <(echo "$SAID")
check "preflight refuses" exits 1 netns-ledger preflight
check "and says whose end it is" says "[cookie $stuck, "
# Its time in the list, against this shell's: it has been dying since the command at the most, and since it was seen so
# at the least.
agrees() {
	local least=$((${EPOCHREALTIME/./} - seen)) since most
	since=$(netns-ledger list --json --state dying | awk '/"changed":/ { c = $2 + 0 } /"now":/ { printf "%d", ($2 - c) / 1000 }')
	most=$((${EPOCHREALTIME/./} - start))
	((least <= since && since <= most)) || echo "# $since us, not $least to $most"
}
check "its time in teardown is that of another clock" same "difference" "" "$(agrees)"
check "wait waits until it is given back" exits 0 netns-ledger wait "cookie:$stuck" --timeout 60s -- rmmod pernet_hold_c

# ---- Events and counters --------------------------------------------------------------------------------------------

# storm FILE: several processes make namespaces; FILE has the cookies.
storm() {
	local makers=() i
	for i in 1 2 3 4; do
		netns-genl make $((STORM / 4)) >"$1.$i" &
		makers+=($!)
	done
	wait "${makers[@]}"
	cat "$1".? >"$1"
}

drained() {
	[[ $(cookies) == "$(netns-genl living)" && $(metric cleanup_running_seconds) == 0.000000000 ]]
}

netns-ledger events --json --snapshot >"$WORK/events" &
listener=$!
wait_for 10 grep -q '"cookie":7,' "$WORK/events"
echo 64 >/proc/sys/user/max_net_namespaces
storm "$WORK/made"
wait_for 300 drained
# Until the last event has been written.
seq=$(netns-ledger stats --json | sed -n 's/^  "seq": \([0-9]*\),$/\1/p')
wait_for 60 grep -q "\"seq\":$seq," "$WORK/events"
kill "$listener"
wait "$listener"
check "a signal ends a stream well" [ $? = 0 ]
complete() {
	sed -nE 's/^\{.*"event":"([a-z-]+)".*"seq":([0-9]+),.*"cookie":([0-9]+),.*/\1 \2 \3/p' "$WORK/events" | awk '
		NR == FNR { made[$1]; next }
		last && $2 != last + 1 { print "gap at " $2 }
		{ last = $2; seen[$3] = seen[$3] " " $1 }
		END { for (c in made) if (seen[c] != " created dying devices-gone destroyed") print c ":" seen[c] }' "$WORK/made" -
	grep '"lost"' "$WORK/events"
}
check "a stream has each event of $STORM namespaces, once and in order" same "what is wrong" "" "$(complete)"

# Who is stopped loses events, and is told what came of it.
netns-ledger events --json --buffer 4096 --snapshot >"$WORK/slow" &
listener=$!
wait_for 10 grep -q '"cookie":7,' "$WORK/slow"
kill -STOP "$listener"
storm "$WORK/made"
netns_add kept
kept=$(cookie_of kept)
kill -CONT "$listener"
slowly_told() {
	wait_for 60 grep -q "\"event\":\"$1\"" "$WORK/slow" && return
	cut -c1-150 "$WORK/slow" | tail -n 20 | sed 's/^/# /'
	return 1
}
check "one that reads too slowly is told of a loss" slowly_told lost
check "and of what it came to" slowly_told resynced
check "with the namespace that lives" grep -q "\"event\":\"created\",.*\"cookie\":$kept," "$WORK/slow"
kill "$listener"
wait "$listener"
wait_for 300 drained
counts() {
	local all
	all=$(netns-ledger stats --prometheus)
	awk '
		/^netns_ledger_teardown_seconds_bucket/ { if ($2 < last) print "a bucket is smaller: " $0; last = $2 }
		/^netns_ledger_[a-z_]+ / { v[$1] = $2 }
		/^netns_ledger_namespaces/ { live += $2 }
		END {
			if (last != v["netns_ledger_teardown_seconds_count"]) print "buckets"
			if (last != v["netns_ledger_destroyed_total"] - v["netns_ledger_refused_total"]) print "destroyed"
			if (live != '"$(cookies | wc -l)"') print "namespaces: " live
		}' <<<"$all"
}
check "the counters agree with each other and with the list" same "what does not" "" "$(counts)"
traced() {
	netns-ledger trace -o "$WORK/trace.json" --duration "${TRACE_FOR:-3s}" >/dev/null &
	local tracer=$!
	wait_for 10 listens "$tracer"
	netns_add traced
	read -rt 0.5 -u "$NEVER"
	ip netns del traced
	wait "$tracer" && grep -q '"name":"traced (' "$WORK/trace.json" &&
		grep -q '"name":"devices"' "$WORK/trace.json" && grep -q '"name":"subsystems"' "$WORK/trace.json"
}
check "a trace has its track and its phases" traced

# ---- Without the ledger -----------------------------------------------------------------------------------------------

rmmod netns_ledger
netns_add stuck
ip netns exec stuck insmod "$MODULES/pernet_hold_c.ko"
ip netns del stuck
check "preflight refuses without the ledger, too" exits 1 netns-ledger preflight
rmmod pernet_hold_c
safe() {
	netns-ledger preflight --quiet >/dev/null 2>&1
}
check "until the end is over" wait_for 60 safe
rm -rf "$WORK"
kernel_clean
ktap_end
