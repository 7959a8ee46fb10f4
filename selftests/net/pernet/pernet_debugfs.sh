#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What is told of a module in /sys/kernel/debug/pernet: against the events that the module logs,
# against hooks that take a known time, while a teardown hangs, and while modules come and go.

source "$(dirname "$0")/lib.sh"
need_modules rust_pernet pernet_slow
need_netns
DEBUGFS=/sys/kernel/debug/pernet
[[ -e ${DEBUGFS%/*}/clear_warn_once ]] || skip_all "there is no debugfs here"
ktap_start $((50 + KERNEL_CLEAN))
log_start
LOADS=20

# column MODULE FILE COLUMN TYPE [HOOK]: what a table has there, of a type by its last name.
column() {
	awk -v want="$3" -v type="::$4>?$" -v hook="${5-}" '
		NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
		$at["type"] ~ type && (hook == "" || $at["hook"] == hook) { print $at[want] }' \
		"$DEBUGFS/$1/$2"
}

# told EXPECTED MODULE FILE COLUMN TYPE [HOOK]
told() {
	same "$4 of $5 ${6-}" "$1" "$(column "${@:2}")"
}

# tells: the same without a word, to wait for.
tells() {
	told "$@" >/dev/null
}

# about LEAST MOST MODULE FILE COLUMN TYPE HOOK: whether nanoseconds are so many milliseconds.
about() {
	local found
	found=$(column "${@:3}")
	((found >= $1 * 1000000 && found < $2 * 1000000)) && return
	echo "# $5 of $6 $7: $found ns, not $1 to $2 ms"
	return 1
}

timing() {
	echo "$2" >"$DEBUGFS/$1/timing"
}

# counts_agree TYPE SAMPLE: whether each hook has been called as often as it has logged.
counts_agree() {
	local hook
	for hook in init pre_exit exit_rtnl exit exit_batch; do
		same "calls of $1 $hook" "$(events | grep -c "^$2 $hook ")" \
			"$(column rust_pernet hooks calls "$1" "$hook")" || return
	done
}

# measured: all calls and times of rust_pernet, summed up.
measured() {
	awk 'NR > 1 { n += $3 + $5 + $6 } END { print n }' $DEBUGFS/rust_pernet/hooks
}

# alive SAMPLE: in how many namespaces it is, by all that it has logged.
alive() {
	sed -nE "s/.* $1: (init|exit) net=[0-9\/]+( err=.*)?\$/\1\2/p" "$LOG" |
		awk '$1 == "init" && !$2 { n++ } $1 == "exit" { n-- } END { print n + 0 }'
}

# ---- What is registered ----
netns_add first second
living=$(($(ls -d /run/netns/* | wc -l) + 1))
check "the module loads" load rust_pernet "fail_nth=$((living + 2))"
check "there are three files" \
	same "files" $'hooks\nregistrations\ntiming' "$(ls $DEBUGFS/rust_pernet)"
check "nobody but root looks in there" same "mode" 700 "$(stat -c %a ${DEBUGFS%/*})"
check "only one of them can be written" same "modes" $'444\n444\n644' \
	"$(stat -c %a $DEBUGFS/rust_pernet/{hooks,registrations,timing})"
check "the first line names the columns" \
	same "columns" "order kind id size nets refusals error net type" \
	"$(head -n 1 $DEBUGFS/rust_pernet/registrations | xargs)"
check "subsystems come before devices; each has its number, kind and size" \
	same "rows" "2 subsys 24 SubA
4 subsys 24 SubB
1 device 24 DevA
3 device 24 DevB" "$(sed -E '1d; s/[^ ]*::(\w+)>?$/\1/' $DEBUGFS/rust_pernet/registrations |
		awk '{ print $1, $2, $4, $NF }')"
check "the ids are four" same "ids" 4 \
	"$(awk 'NR > 1 && $3 ~ /^[0-9]+$/ && !seen[$3]++ { n++ } END { print n }' \
		$DEBUGFS/rust_pernet/registrations)"

# ---- In how many namespaces ----
for sample in SubA SubB DevA DevB; do
	check "$sample: in all namespaces that live" \
		told "$living" rust_pernet registrations nets $sample
done
check "the module's own events say the same" same "namespaces" "$living" "$(alive sub_a)"
mark
check "one more is made" netns_add third
check "it is counted" told $((living + 1)) rust_pernet registrations nets SubA
ip netns del third
check "it is not counted when it is gone" \
	wait_for 60 tells "$living" rust_pernet registrations nets SubA
wait_for 60 teardown_seen "$(events | awk '$2 == "init" { print $3; exit }')"

# ---- What is refused ----
check "nothing has been refused" told 0 rust_pernet registrations refusals SubB
check "there is no error" same "error and net" "- -" \
	"$(for what in error net; do column rust_pernet registrations $what SubB; done | xargs)"
mark
check "an init of sub_b is refused" fails_with "No space left on device" ip netns add refused
refused=$(events | awk '/err=-28/ { sub(/\/.*/, "", $3); print $3 }')
check "it is counted with its type" told 1 rust_pernet registrations refusals SubB
check "with no other" same "refusals" "0 0 0" "$(for sample in SubA DevA DevB; do
	column rust_pernet registrations refusals $sample
done | xargs)"
check "the errno is that of the log" told -28 rust_pernet registrations error SubB
check "the namespace is that of the log" told "$refused" rust_pernet registrations net SubB
check "the namespace that was not made is not counted" \
	told "$living" rust_pernet registrations nets SubB

# ---- How often hooks are called ----
check "the clock is off" same "timing" 0 "$(<$DEBUGFS/rust_pernet/timing)"
check "nothing has been measured" same "sum" 0 "$(measured)"
check "what is no boolean is refused" fails_with "Invalid argument" timing rust_pernet maybe
check "a table cannot be written" fails_with "Operation not permitted" \
	bash -c "echo 1 >$DEBUGFS/rust_pernet/registrations"
mark
timing rust_pernet 1
check "the clock is on" same "timing" 1 "$(<$DEBUGFS/rust_pernet/timing)"
netns_add red blue
ip netns del red
ip netns del blue
wait_for 60 all_torn_down
for pair in SubA:sub_a SubB:sub_b DevA:dev_a DevB:dev_b; do
	check "${pair%:*}: as many calls as events" wait_for 10 counts_agree ${pair/:/ }
done
check "none is running" \
	same "running" 0 "$(awk 'NR > 1 { n += $4 } END { print n }' $DEBUGFS/rust_pernet/hooks)"
timing rust_pernet 0
before=$(<$DEBUGFS/rust_pernet/hooks)
netns_add third
check "with the clock off the table stays" \
	same "table" "$before" "$(<$DEBUGFS/rust_pernet/hooks)"
timing rust_pernet 1
check "switched on again, it begins anew" same "sum" 0 "$(measured)"

# ---- How long they take, and two modules ----
load pernet_slow
check "two modules, one list" \
	same "rows" 7 "$(cat $DEBUGFS/*/registrations | grep -vc '^order')"
check "of a type without a size there is no id" same "id and size" "- 0" \
	"$(for what in id size; do column pernet_slow registrations $what Hookless; done | xargs)"
check "hooks that a type lacks have no numbers" \
	same "calls" "- - - - -" "$(column pernet_slow hooks calls Hookless | xargs)"
check "the clock of one module is not the other's" \
	same "timing" "1 0" "$(cat $DEBUGFS/{rust_pernet,pernet_slow}/timing | xargs)"
timing pernet_slow 1
netns_add slow
ip netns del slow
wait_for 60 tells 1 pernet_slow hooks calls Slow exit_batch
# A busy machine may let them sleep for longer.
check "time is told where it is spent" eval '
	about 20 5000 pernet_slow hooks total_ns Slow init &&
	about 50 5000 pernet_slow hooks total_ns Slow pre_exit &&
	about 30 5000 pernet_slow hooks total_ns Slow exit_rtnl &&
	about 60 5000 pernet_slow hooks total_ns Slow exit &&
	about 40 5000 pernet_slow hooks total_ns Slow exit_batch &&
	about 0 20 pernet_slow hooks max_ns Zeroes init'
total=$(column pernet_slow hooks total_ns Slow pre_exit)
check "the longest of one call is all" \
	same "longest" "$total" "$(column pernet_slow hooks max_ns Slow pre_exit)"
netns_add slow
ip netns del slow
wait_for 60 tells 2 pernet_slow hooks calls Slow exit_batch
check "times add up" \
	eval "about $((total / 1000000 + 50)) 10000 pernet_slow hooks total_ns Slow pre_exit"
rmmod pernet_slow

# ---- While a teardown hangs ----
netns_cleanup
load pernet_slow exit_ms=5000
timing pernet_slow 1
netns_add stuck
ip netns del stuck
wait_for 60 tells 1 pernet_slow hooks running Slow exit
# Who unregisters waits for the teardown, and everybody who wants the lock waits for that.
rmmod rust_pernet &
waiter=$!
check "while a hook hangs, and somebody waits to unregister, all tables can be read" \
	eval 'cat $DEBUGFS/pernet_slow/* >/dev/null && told 1 pernet_slow hooks running Slow exit'
wait $waiter
check "and then it has ended" told 0 pernet_slow hooks running Slow exit
rmmod pernet_slow
check "what is unloaded is not listed" same "modules" "" "$(ls $DEBUGFS)"
# To go on would be to call what is gone.
[[ -z $(ls $DEBUGFS) ]] || ktap_end

# ---- An open file, and modules that come and go ----
load rust_pernet
exec 4<$DEBUGFS/rust_pernet/hooks
check "who reads holds the module" fails_with "in use" rmmod rust_pernet
exec 4<&-
rmmod rust_pernet
reader() {
	local n=0
	trap 'echo $n >"$LOG.reads"; exit 0' TERM
	while :; do
		cat $DEBUGFS/*/{registrations,hooks,timing} 2>/dev/null | grep -q . && ((n++))
		echo 1 2>/dev/null >$DEBUGFS/rust_pernet/timing
	done 2>/dev/null
}
reader &
READER=$!
failed=0
for ((i = 0; i < LOADS; i++)); do
	load rust_pernet || failed=$((failed + 1))
	wait_for 10 eval 'rmmod rust_pernet 2>/dev/null' || failed=$((failed + 1))
done
kill $READER
wait $READER
check "$LOADS loads and unloads with a reader there" same "failures" 0 "$failed"
check "which has read" eval "(($(<"$LOG.reads") > 10))"
check "nothing is left" same "modules" "" "$(ls $DEBUGFS)"
load rust_pernet
check "the clock is off when it is loaded again" same "timing" 0 "$(<$DEBUGFS/rust_pernet/timing)"
rmmod rust_pernet
rm -f "$LOG.reads"
kernel_clean
ktap_end
