#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The values: made in place, dropped once and after the last hook, undone in part when init fails.

source "$(dirname "$0")/lib.sh"
need_modules pernet_drop
need_netns
ktap_start $((11 + KERNEL_CLEAN))
log_start
ledger_need

# said COOKIE: what the module has said of one namespace since the mark.
said() {
	log_lines pernet_drop | sed -nE "s/^$1 //p; s/^(exit|batch) made $1\$/\\1 made/p"
}

# count PATTERN: how often it has said so since the mark.
count() {
	log_lines pernet_drop | grep -c "$1"
}

newest() {
	log_lines pernet_drop | sed -n 's/^exit made //p' | tail -n 1
}

check "data without hooks, values with: the module loads" load pernet_drop
check "a value is made for the initial namespace" same "of 7" $'exit made\nbatch made' "$(said 7)"

mark
netns_add first
first=$(newest)
check "and for a new one" same "of $first" $'exit made\nbatch made' "$(said "$first")"

gone() {
	(($(said "$1" | grep -c '^drop$') == 2))
}
mark
check "both are dropped when it goes" netns_gone first gone "$first"
check "each after its last hook, once, and it is its own" same "of $first" "exit
batch own true exits 1
drop
exit own true
drop" "$(said "$first")"

mark
check "unloading" rmmod pernet_drop
check "drops the initial namespace's, and then the module's state" same "all" "7 exit
7 batch own true exits 1
7 drop
7 exit own true
7 drop
module drop" "$(log_lines pernet_drop | grep -E '^(7|module) ')"

# The second init of batch is that of this namespace.
netns_add second
mark
check "an init that fails half-way fails the load" \
	fails_with "Input/output error" load pernet_drop fail_nth=2
failed=$(log_lines pernet_drop | sed -n 's/^batch made //p' | sed -n 2p)
check "its part is dropped at once, and it sees no hook" same "of $failed" "exit made
batch made
drop
exit own true
drop" "$(said "$failed")"
# One more drop is that of the module's state.
check "every part that was made is dropped" \
	same "parts" "$(count ' made ')" "$(($(count ' drop$') - 1))"
check "the module's state is dropped last" \
	same "last" "module drop" "$(log_lines pernet_drop | tail -n 1)"
kernel_clean
ktap_end
