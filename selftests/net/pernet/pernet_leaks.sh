#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Whether anything has been lost since the kernel booted, and whether it would tell: a module that loses memory on
# purpose is found out. What it has lost is forgotten in the end, so that later tests do not find it again.

source "$(dirname "$0")/lib.sh"
need_modules pernet_leak
need_netns
[[ -w $KMEMLEAK ]] || skip_all "this kernel has no kmemleak"
COUNT=8
ktap_start 4
log_start

leaks_clean

names=()
for ((i = 1; i < COUNT; i++)); do
	names+=("leaks$i")
done
check "a module that loses memory loads" load pernet_leak
netns_add "${names[@]}"
rmmod pernet_leak
lost() {
	leaks | grep -c 'comm "\(insmod\|ip\)"'
}
# The last one may still be referred to by what a stack or a register has left.
check "what it has lost is found" eval '(($(lost) >= COUNT - 1))'
echo clear >"$KMEMLEAK"
leaks_clean
ktap_end
