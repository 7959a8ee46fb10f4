#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Whether anything has been lost since the kernel booted, and whether it would tell: a module that
# loses memory on purpose is found out. What it has lost is forgotten in the end, so that later
# tests do not find it again.

source "$(dirname "$0")/lib.sh"
need_modules pernet_leak
need_netns
[[ -w $KMEMLEAK ]] || skip_all "this kernel has no kmemleak"
COUNT=12
ktap_start 3
log_start

leaks_clean

names=()
for ((i = 1; i < COUNT; i++)); do
	names+=("leaks$i")
done
check "a module that loses memory loads" load pernet_leak
netns_add "${names[@]}"
rmmod pernet_leak

# found_out: what a stack or unused memory still refers to is found by a later scan, or never.
found_out() {
	local scan found
	for scan in 1 2 3 4 5 6; do
		found=$(leaks | grep -c 'comm "\(insmod\|ip\)"')
		((found < COUNT)) || break
	done
	echo "# $found of $COUNT, after $((scan + 1)) scans"
	((found * 2 > COUNT))
}
check "what it has lost is found" found_out
echo clear >"$KMEMLEAK"
ktap_end
