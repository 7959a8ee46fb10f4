#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Safe code that means harm, and lookups from everywhere: KASAN and the others have nothing to say.

source "$(dirname "$0")/lib.sh"
need_modules pernet_hostile pernet_nest
need_netns
ktap_start $((9 + KERNEL_CLEAN))
log_start

said() {
	log_lines "$1" | grep -E "$2"
}

# long_name: whether debugfs, if it is there, has the name of that type, which ends as it should.
long_name() {
	local file=/sys/kernel/debug/pernet-pernet_hostile
	[[ ! -e $file ]] ||
		awk '/Named</ && length > 80000 && /\)>$/ { n++ } END { exit n != 1 }' "$file"
}

netns_add a b
mark
check "a module that means harm loads" load pernet_hostile
check "what cannot be registered is refused" same "refused" \
	"uninhabited Some(-5)
no init Some(-38)
after itself Some(-22)
twice Some(-17)
spare Unregistered" "$(said pernet_hostile '^(uninh|no init|after|twice|spare)')"
check "a name of 80,000 characters is shown to its end" long_name
netns_add c
ip netns del c
mark
check "and it unloads" rmmod pernet_hostile
check "values of every size are where they should be" same "places" \
	"2048 aligned true
no size aligned true
page zero true same true" "$(said pernet_hostile 'aligned|page' | sort -u)"
check "all is dropped, once, and hooks that are denied are not called" same "end" \
	"state 1 all dropped true" "$(said pernet_hostile '^state|denied')"

# Inits that fail at every place, and start.
mark
failed=0
for fail_nth in {0..14} 99; do
	load pernet_nest "fail_nth=$fail_nth" 2>/dev/null || failed=$((failed + 1))
	unshare --net true 2>/dev/null
	unshare --net true 2>/dev/null
	! is_loaded pernet_nest || rmmod pernet_nest
done
check "lookups from everywhere find their own" same "wrong" "" "$(said pernet_nest wrong)"
check "in every load" same "loads" 16 "$(said pernet_nest '^inits [0-9]+ found true' | wc -l)"
check "of which the last one failed, since what was refused was tried again" \
	same "failed" 1 "$failed"
kernel_clean
ktap_end
