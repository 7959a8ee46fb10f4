#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Arrays of slots that are too short, ids that are used again, and registrations that may fail.

source "$(dirname "$0")/lib.sh"
need_modules pernet_many
need_netns
ktap_start $((14 + KERNEL_CLEAN))
log_start

said() {
	log_lines pernet_many | grep -E "$1"
}

# Three namespaces whose arrays were made for what the kernel itself has.
netns_add a b
mark
check "twelve types more than the arrays have room for" load pernet_many
check "each is found in all namespaces, and nowhere before" same "fillers" \
	"$(printf 'filler %d: Ok(3)\n' {0..11})" "$(said '^filler')"
check "none is found before its init, or while it is registered" same "wrong" "" "$(said wrong)"
check "a registration that was refused has nothing to find" same "refused" \
	"refused: Err(-5)
refused: rcu None with None walk 0 Unregistered" "$(said '^refused')"
check "though its id is used again" same "reuser" \
	"reuser: rcu Some(24589) with Some(24589) walk 3 Live" "$(said '^reuser')"
check "starting again from inside a hook is refused" same "again" \
	"7 init: again Some(-16)" "$(said '^7 init: again')"

mark
netns_add c
c=$(said 'init: fillers' | sed 's/ .*//')
check "before their inits a new namespace has none" same "fillers" \
	"$c init: fillers 0 own true" "$(said "^$c init: fillers")"
mark
ip netns del c
gone() {
	said "^$1 exit" >/dev/null
}
wait_for 60 gone "$c"
check "and has all until they exit" same "fillers" "$c pre_exit: fillers 12 own true
$c exit: fillers 0 own true" "$(said "^$c ")"
mark
check "unloading" rmmod pernet_many
check "drops the state when nothing is registered any more" same "dropped" \
	"dropped: rcu None with None walk 0 Unregistered" "$(said '^dropped')"

mark
check "a state that fails to be made fails the load" \
	fails_with "Input/output error" load pernet_many fail=1
check "and nothing else happens" same "said" "" "$(said .)"
mark
check "a start that fails when all is registered does, too" \
	fails_with "No space left on device" load pernet_many fail=2
check "and all is undone, the state last" same "said" "7 pre_exit: fillers 0 own true
7 exit: fillers 0 own true
dropped: rcu None with None walk 0 Unregistered" "$(said '^(7 (pre_)?exit|dropped)')"

kernel_clean
ktap_end
