#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A refused init: at insmod for the first and for a later namespace, and for a new namespace. What
# was done is undone, and the caller sees the errno.

source "$(dirname "$0")/lib.sh"
need_modules rust_pernet
need_netns
ktap_start $((20 + KERNEL_CLEAN))
log_start
NO_SPACE="No space left on device"

netns_add first second
existing=$(($(ls -d /run/netns/* | wc -l) + 1))

# ---- the very first namespace ----
check "insmod fails with ENOSPC when the first init is refused" \
	fails_with "$NO_SPACE" load rust_pernet fail_nth=1
check "the module is not loaded" eval '! is_loaded rust_pernet'
check "the refusal is logged with its errno" \
	same "event" "sub_b init 7/$INIT_INUM err=-28" "$(events | grep err=)"
check "sub_b sees nothing but an empty batch" \
	same "events" "sub_b exit_batch 0" "$(events | grep '^sub_b' | grep -v err=)"
check "what had been registered is undone, the last first" \
	same "samples" $'dev_b\nsub_a\ndev_a' "$(events | awk '$2 == "exit" { print $1 }' | uniq)"
check "all of them see their exits" \
	same "exits" $((3 * existing)) "$(events | awk '$2 == "exit"' | wc -l)"

mark
netns_add third
ip netns del third
check "nothing stays registered" same "events" "" "$(events)"

# ---- a later one ----
mark
check "insmod fails with ENOSPC when the third init is refused" \
	fails_with "$NO_SPACE" load rust_pernet fail_nth=3
refused=$(events | awk '/err=/ { print $3 }')
check "the namespace of the refusal sees no exit of sub_b" \
	same "events" "sub_b init err=-28" "$(events_of "$refused" | grep '^sub_b')"
check "those before it see one each" \
	same "exits" 2 "$(events | grep -c '^sub_b exit ')"
check "they are a batch of two" \
	same "batches" "sub_b exit_batch 2" "$(events | grep '^sub_b exit_batch')"
check "nothing is left open" same "inits and exits" \
	"$(events | awk '$2 == "init" && !$4' | wc -l)" "$(events | awk '$2 == "exit"' | wc -l)"

# ---- a new namespace ----
mark
check "the module loads when it is not to refuse what exists" \
	load rust_pernet fail_nth=$((existing + 1))
mark
check "ip netns add fails with ENOSPC" fails_with "$NO_SPACE" ip netns add refused
# ip has made the file that it would have mounted the namespace on.
rm -f /run/netns/refused
net=$(events | awk '/err=/ { print $3 }')
check "what was done is undone in reverse, and the rest never begins" \
	same "events" "sub_a init $net
sub_b init $net err=-28
sub_a pre_exit $net
sub_a exit_rtnl $net
sub_a exit $net
sub_a exit_batch 1" "$(events)"
mark
netns_add fourth
check "the next namespace is served" \
	same "inits" 4 "$(events_of "$(net_of fourth)" | grep -c 'init$')"
rmmod rust_pernet
check "every init that succeeded has its exit" \
	same "totals" "" "$(log_lines rust_pernet |
		sed -nE 's/.*: ([0-9]+) inits, ([0-9]+) refused, ([0-9]+) exits/\1 \2 \3/p' |
		awk '$1 != $2 + $3')"

existing=$(($(ls -d /run/netns/* | wc -l) + 1))
load rust_pernet fail_nth=$((existing + 1))
check "unshare(2) returns the same errno" fails_with "$NO_SPACE" unshare --net true
mark
check "and then succeeds" unshare --net true
check "its namespace goes when the process does" wait_for 60 all_torn_down
rmmod rust_pernet
kernel_clean
ktap_end
