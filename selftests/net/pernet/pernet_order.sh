#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The order of the hooks: of a registration, a new namespace, one that dies, an unregistration.
# rust_pernet registers dev_a, sub_a, dev_b, sub_b, in this order.

source "$(dirname "$0")/lib.sh"
need_modules rust_pernet
need_netns
ktap_start 17
log_start

names() {
	awk -v event="$1" '$2 == event { print $1 }' | uniq
}

netns_add first second
EXISTING=$INIT_INUM$'\n'$(inum_of first)$'\n'$(inum_of second)

# The namespaces of one sample's inits, ours and the initial one only.
inits_of() {
	events | sed -n "s|^$1 init .*/||p" | grep -xF "$EXISTING"
}

check "the module loads" load rust_pernet
check "registering runs init, in the order of registration" \
	same "samples" $'dev_a\nsub_a\ndev_b\nsub_b' "$(events | names init)"
check "the initial namespace comes first" \
	same "first init" "7/$INIT_INUM" "$(events | awk '{ print $3; exit }')"
for sample in dev_a sub_a dev_b sub_b; do
	check "$sample: init for every namespace that exists, oldest first" \
		same "namespaces" "$EXISTING" "$(inits_of $sample)"
done

mark
netns_add third
third=$(net_of third)
check "a new namespace: subsystems before devices" \
	same "events" $'sub_a init\nsub_b init\ndev_a init\ndev_b init' "$(events_of "$third")"

mark
unshare --mount true
check "a process without CLONE_NEWNET makes no event" same "events" "" "$(events)"

mark
netns_del third "$third"
check "a dying one: each phase runs in reverse order, one phase after the other" \
	same "events" "dev_b pre_exit $third
dev_a pre_exit $third
sub_b pre_exit $third
sub_a pre_exit $third
dev_b exit_rtnl $third
dev_a exit_rtnl $third
sub_b exit_rtnl $third
sub_a exit_rtnl $third
dev_b exit $third
dev_b exit_batch 1
dev_a exit $third
dev_a exit_batch 1
sub_b exit $third
sub_b exit_batch 1
sub_a exit $third
sub_a exit_batch 1" "$(events)"

mark
living=$(ls -d /run/netns/* | wc -l)
check "the module unloads" rmmod rust_pernet
check "what was registered last goes first" \
	same "samples" $'sub_b\ndev_b\nsub_a\ndev_a' "$(events | names exit)"
for event in pre_exit exit_rtnl exit; do
	check "unloading runs $event for every living namespace" \
		same "sub_b's" $((living + 1)) "$(events | grep -c "^sub_b $event ")"
done
check "they are one batch" \
	same "batches" "sub_b exit_batch $((living + 1))" "$(events | grep '^sub_b exit_batch')"

mark
netns_add fourth
ip netns del fourth
check "after that there is silence" same "events" "" "$(events)"
ktap_end
