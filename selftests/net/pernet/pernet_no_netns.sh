#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A kernel without CONFIG_NET_NS has one network namespace, and the module serves that.

source "$(dirname "$0")/lib.sh"
need_modules rust_pernet pernet_lookup
[[ ! -e /proc/self/ns/net ]] || skip_all "this kernel has network namespaces"
ktap_start 9
log_start

# seen: the events, but not of which namespace, since there is one.
seen() {
	events | cut -d ' ' -f 1,2
}

check "the module loads" load rust_pernet
check "init runs once for each sample, in the order of registration" \
	same "events" $'dev_a init\nsub_a init\ndev_b init\nsub_b init' "$(seen)"
check "unshare(2) of a network namespace is EINVAL" fails_with "Invalid argument" unshare --net true
mark
check "the module unloads" rmmod rust_pernet
check "what was registered last goes first, with all its phases" \
	same "events" "sub_b pre_exit
sub_b exit_rtnl
sub_b exit
sub_b exit_batch
dev_b pre_exit
dev_b exit_rtnl
dev_b exit
dev_b exit_batch
sub_a pre_exit
sub_a exit_rtnl
sub_a exit
sub_a exit_batch
dev_a pre_exit
dev_a exit_rtnl
dev_a exit
dev_a exit_batch" "$(seen)"
check "a refused init makes insmod fail with ENOSPC" \
	fails_with "No space left on device" load rust_pernet fail_nth=1

mark
check "the module with lookups loads" load pernet_lookup
rmmod pernet_lookup
outside=$(log_lines pernet_lookup | grep -E '^[a-z]+: with')
check "before, after and without a registration, from outside" same "lookups" \
	"state: with None rcu None walk 0 Unregistered
registered: with Some(true) rcu Some(true) walk 1 Live
unregistered: with None rcu None walk 0 Unregistered" "$outside"
check "and in hooks" same "lookups" \
	"before init: get None rcu None walk None counted true Unregistered
value init: get None rcu None walk None counted true Unregistered
later init: get Some(true) rcu Some(true) walk Some(true) counted true Live
later init: after true
dev exit: after true itself None
later pre_exit: get Some(true) rcu Some(true) walk Some(true) counted true Live
later exit: get Some(true) rcu Some(true) walk Some(true) counted true Live
later exit: after true
value exit: get None rcu None walk None counted true Unregistered
value drop: finds itself false
before pre_exit: get None rcu None walk None counted true Unregistered
before exit: get None rcu None walk None counted true Unregistered
before exit_batch: get None rcu None walk None counted true Unregistered" \
	"$(log_lines pernet_lookup | sed -n 's/^[0-9]* //p')"
ktap_end
