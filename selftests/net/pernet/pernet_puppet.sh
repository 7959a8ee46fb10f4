#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Steers the puppet modules by hand, the one in Rust and the one in C: each hook that runs is
# traced, commands fail as they should, and the two do the same. What the commands and the slots are
# is in test_modules/pernet_puppet.rs.

source "$(dirname "$0")/lib.sh"
need_modules pernet_puppet pernet_puppet_c
need_netns
EACH=28
ktap_start $((2 * EACH + 1 + KERNEL_CLEAN))
log_start

# start: begins to load the module, and opens the device.
start() {
	TRACE=
	insmod "$MODULES/$module.ko" 2>"$SAID" &
	LOADER=$!
	wait_for 10 test -c "/dev/$module" && exec 3<>"/dev/$module"
}

put() {
	echo "$*" >&3
}

# trace_has PATTERN: reads the trace on, until it has this.
trace_has() {
	TRACE+=$(cat <&3)$'\n'
	grep -q "$1" <<<"$TRACE"
}

# named: a trace without the tasks; the namespaces are initial, and a, b, ... as they come.
named() {
	awk '
		BEGIN { name[7] = "initial" }
		NF { sub(/ tid=[0-9]+$/, "") }
		NF && $4 != 0 {
			if (!name[$4])
				name[$4] = sprintf("%c", 97 + n++)
			$4 = name[$4]
		}
		NF'
}

# seen: what has been traced and not been looked at.
seen() {
	TRACE+=$(cat <&3)
	named <<<"$TRACE"
}

# traced DESCRIPTION EXPECTED: a subtest about the trace since the last one, which ALL keeps.
traced() {
	local found
	found=$(seen)
	TRACE=
	ALL[$module]+=$1$'\n'$found$'\n'
	check "$module: $1" same "trace" "$2" "$found"
	put clear
}

ended_with() {
	exec 3>&-
	wait "$LOADER"
	same "status" "$1" "$?"
}

# Nothing but the initial namespace lives: those of earlier tests have gone, and nobody has others.
alone() {
	put register 2
	TRACE=
	[[ $(seen) == "0 2 init initial initialized=1 count=1" ]]
	local status=$?
	put unregister 2
	put clear
	TRACE=
	return "$status"
}

no_command_accepted() {
	local command
	for command in "" "bogus" "register" "register 12" "register -1" "register  0" \
		"register 0 0" "register $(printf '%070d' 0)" "plan 0 1" "plan 0 1 4096" \
		"fail" "fail 0" "done 1" "clear 1"; do
		fails_with "Invalid argument" put "$command" || return
	done
}

run() {
	start || skip_all "there is no /dev/$module"
	wait_for 30 alone || skip_all "other network namespaces live here"

	netns_add red
	put register 1
	put register 0
	put register 8
	traced "registering runs the inits, oldest first" "0 1 init initial initialized=1 count=1
1 1 init a initialized=1 count=1
2 0 init initial initialized=1 count=1
3 0 init a initialized=1 count=1"
	check "$module: one is registered once" fails_with "File exists" put register 0
	check "$module: what is not registered cannot be undone" \
		fails_with "No such file or directory" put unregister 3
	check "$module: what is no command is refused" no_command_accepted
	traced "and nothing happens" ""

	netns_add blue
	traced "a new namespace: subsystems first" "0 0 init a initialized=0 count=1
1 1 init a initialized=0 count=1"
	ip netns del blue
	wait_for 60 trace_has ' 0 drop '
	traced "one that dies: in reverse, phase after phase" "0 1 pre_exit a initialized=1 count=0
1 8 pre_exit a initialized=1 count=0
2 0 pre_exit a initialized=1 count=0
3 1 exit_rtnl a count=0
4 0 exit_rtnl a count=0
5 1 exit a count=0
6 1 exit_batch 0 nets=1
7 1 member a count=0
8 1 drop a
9 8 exit a count=0
10 8 drop a
11 0 exit a count=0
12 0 exit_batch 0 nets=1
13 0 member a count=0
14 0 drop a"

	put unregister 0
	traced "unregistering in the middle" "0 0 pre_exit initial initialized=1 count=1
1 0 pre_exit a initialized=1 count=1
2 0 exit_rtnl initial count=1
3 0 exit_rtnl a count=1
4 0 exit initial count=1
5 0 exit a count=1
6 0 exit_batch 0 nets=2
7 0 member initial count=1
8 0 member a count=1
9 0 drop initial
10 0 drop a"

	put plan 4 2 28
	check "$module: the second init is planned to fail" \
		fails_with "No space left" put register 4
	traced "the first is undone" "0 4 init initial initialized=1 count=1
1 4 init a err=-28 initialized=1 count=1
2 4 exit_batch 0 nets=1
3 4 member initial count=1
4 4 drop initial"
	put plan 4 1 5
	check "$module: the very first is planned to fail" \
		fails_with "Input/output error" put register 4
	traced "there is nothing to undo" "0 4 init initial err=-5 initialized=1 count=1
1 4 exit_batch 0 nets=0"

	for slot in 3 5 6 7 9 10 11; do
		put register $slot
	done
	put clear
	put plan 3 1 12
	check "$module: an init of a new namespace is planned to fail" \
		fails_with "Cannot allocate memory" ip netns add green
	rm -f /run/netns/green
	traced "what was made of it is undone in reverse" "0 6 init a initialized=0 count=1
1 9 init a initialized=0 count=1
2 11 init a initialized=0 count=1
3 1 init a initialized=0 count=1
4 3 init a err=-12 initialized=0 count=1
5 1 pre_exit a initialized=0 count=1
6 11 pre_exit a initialized=0 count=1
7 8 pre_exit a initialized=0 count=1
8 1 exit_rtnl a count=1
9 11 exit_rtnl a count=1
10 6 exit_rtnl a count=1
11 1 exit a count=1
12 1 exit_batch 0 nets=1
13 1 member a count=1
14 1 drop a
15 11 exit a count=1
16 11 exit_batch 0 nets=1
17 11 member a count=1
18 9 drop a
19 8 exit a count=1
20 8 drop a"

	netns_cleanup
	wait_for 60 trace_has ' 8 drop '
	TRACE=
	put unregister 11
	put unregister 1
	put unregister 9
	put clear
	put fail 28
	traced "a load that fails undoes all, the last first" "0 10 exit initial count=1
1 7 exit_batch 0 nets=1
2 7 member initial count=1
3 7 drop initial
4 6 exit_rtnl initial count=1
5 5 pre_exit initial initialized=1 count=1
6 5 exit initial count=1
7 3 exit initial count=1
8 3 drop initial
9 8 pre_exit initial initialized=1 count=1
10 8 exit initial count=1
11 8 drop initial"
	check "$module: and then takes no orders" fails_with "resource busy" put register 0
	ended_with 1
	check "$module: its errno is that of insmod" grep -q "No space left on device" "$SAID"

	start
	put register 0
	put plan 2 1 5
	put clear
	kill -TERM "$LOADER"
	# It may not have noticed yet, and would take one more order.
	wait_for 60 trace_has ' 0 drop '
	check "$module: a signal ends it, when all is undone" \
		fails_with "resource busy" put register 2
	traced "what was registered is" "0 0 pre_exit initial initialized=1 count=1
1 0 exit_rtnl initial count=1
2 0 exit initial count=1
3 0 exit_batch 0 nets=1
4 0 member initial count=1
5 0 drop initial"
	check "$module: insmod is ended by it" ended_with 143

	start
	put register 2
	put register 1
	put register 5
	put register 9
	put "done"
	check "$module: when it is loaded it takes no orders" \
		fails_with "resource busy" put unregister 2
	check "$module: insmod succeeds" wait "$LOADER"
	if [[ $module == pernet_puppet && $(uname -r) == 7.2.* ]]; then
		skip "$module: it is there while somebody has it open" \
			"a device in Rust has no owner in Linux 7.2"
	else
		check "$module: it is there while somebody has it open" \
			fails_with "in use" rmmod "$module"
	fi
	put clear
	mark
	exec 3>&-
	check "$module: then it goes" rmmod "$module"
	TRACE=$(log_lines "$module" | named)
	ALL[$module]+=$TRACE
	check "$module: and what it undoes is in the log" same "trace" "0 9 drop initial
1 5 pre_exit initial initialized=1 count=1
2 5 exit initial count=1
3 1 pre_exit initial initialized=1 count=1
4 1 exit_rtnl initial count=1
5 1 exit initial count=1
6 1 exit_batch 0 nets=1
7 1 member initial count=1
8 1 drop initial
9 2 exit initial count=1
10 2 drop initial" "$TRACE"
}

# More events than the trace has room for, and nobody reads it.
run_over() {
	local room=65536 namespaces=40 cycles=280 count lost
	# The initial one is there.
	for ((count = 1; count < namespaces; count++)); do
		netns_add "many$count"
	done
	start
	for ((count = 0; count < cycles; count++)); do
		put register 0
		put unregister 0
	done
	# Six for each namespace, and the batch.
	lost=$((cycles * (6 * namespaces + 1) - room))
	TRACE=$(cat <&3)
	check "$module: a trace that has run over says what it lost" \
		same "lost" "lost $lost" "${TRACE%%$'\n'*}"
	check "$module: and has the rest" same "lines" $((room + 1)) "$(wc -l <<<"$TRACE")"
	put clear
	put register 2
	check "$module: and then goes on" grep -q '^0 2 init 7 ' <(cat <&3)
	put fail 1
	exec 3>&-
	wait "$LOADER"
	netns_cleanup
}

SAID=$(mktemp)
declare -A ALL=()
for module in pernet_puppet pernet_puppet_c; do
	run
	run_over
done
rm -f "$SAID"
check "the two have seen the same" same "traces" "${ALL[pernet_puppet_c]}" "${ALL[pernet_puppet]}"
kernel_clean
ktap_end
