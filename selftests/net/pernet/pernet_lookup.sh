#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Lookups, in every hook around the life of a value: what is half made or half gone is not found.

source "$(dirname "$0")/lib.sh"
need_modules pernet_lookup
need_netns
ktap_start $((13 + KERNEL_CLEAN))
log_start

# of COOKIE: what the module has said of one namespace since the mark.
of() {
	log_lines pernet_lookup | sed -n "s/^$1 //p"
}

# outside: what it has said outside of the hooks.
outside() {
	log_lines pernet_lookup | grep -E '^[a-z]+: with'
}

newest() {
	log_lines pernet_lookup | sed -n 's/^\([0-9]*\) before init:.*/\1/p' | tail -n 1
}

# seen COOKIE: whether the last hook of a namespace has run.
seen() {
	of "$1" | grep -q '^before exit_batch'
}

check "the module loads" load pernet_lookup
check "before and after a registration, from outside" same "lookups" \
	"state: with None rcu None walk 0 Unregistered
registered: with Some(true) rcu Some(true) walk 1 Live" "$(outside)"
check "what comes after something that is not registered is refused" \
	same "registration" "later too early: Err(-22)" "$(log_lines pernet_lookup | grep early)"
check "while it is registered, for the initial namespace" same "lookups" \
	"before init: get None rcu None walk None counted true Unregistered
value init: get None rcu None walk None counted true Unregistered
later init: get Some(true) rcu Some(true) walk Some(true) counted true Live
later init: after true" "$(of 7)"

mark
netns_add first
first=$(newest)
check "while one is made: in no init before its own, after it in hooks only" same "lookups" \
	"before init: get None rcu None walk None counted true Setup
value init: get None rcu None walk None counted true Setup
later init: get Some(true) rcu None walk None counted true Setup
later init: after true" "$(of "$first")"

mark
ip netns del first
wait_for 60 seen "$first"
check "while it dies: in no hook after its own last, outside of hooks not at all" same "lookups" \
	"later pre_exit: get Some(true) rcu None walk None counted false Dying
before pre_exit: get Some(true) rcu None walk None counted false Dying
dev exit: after true itself Some(true)
later exit: get Some(true) rcu None walk None counted false Dying
later exit: after true
value exit: get Some(true) rcu None walk None counted false Dying
value drop: finds itself false
before exit: get None rcu None walk None counted false Dying
before exit_batch: get None rcu None walk None counted false Dying" "$(of "$first")"

mark
rmmod pernet_lookup
check "while it is unregistered, though the namespace lives" same "lookups" \
	"dev exit: after true itself None
later pre_exit: get Some(true) rcu Some(true) walk Some(true) counted true Live
later exit: get Some(true) rcu Some(true) walk Some(true) counted true Live
later exit: after true
value exit: get None rcu None walk None counted true Unregistered
value drop: finds itself false
before pre_exit: get None rcu None walk None counted true Unregistered
before exit: get None rcu None walk None counted true Unregistered
before exit_batch: get None rcu None walk None counted true Unregistered" "$(of 7)"
check "and when that is done" same "lookups" \
	"unregistered: with None rcu None walk 0 Unregistered" "$(outside)"

# A namespace loses its last reference while an init hook of another one holds up cleanup_net().
waits() {
	log_lines pernet_lookup | grep -q '^waits'
}
netns_add doomed
mark
load pernet_lookup wait=1 &
wait_for 60 waits
ip netns del doomed
check "a registration that is held up ends once a namespace has no references" wait "$!"
doomed=$(newest)
wait_for 60 seen "$doomed"
check "a namespace without references gets all its hooks, and is found in them only, and in walks" \
	same "lookups" "later init: get Some(true) rcu None walk Some(true) counted false Dying
later init: after true" "$(of "$doomed" | grep '^later init:')"
rmmod pernet_lookup

# Later's registration fails in the second namespace: the first is undone, then what came before.
netns_add second
mark
check "the failure of a later registration fails the load" \
	fails_with "Input/output error" load pernet_lookup fail_nth=2
check "and undoes what was registered before, in the reverse order" same "exits" \
	"later pre_exit: get Some(true) rcu Some(true) walk Some(true) counted true Live
later exit: get Some(true) rcu Some(true) walk Some(true) counted true Live
later exit: after true
value exit: get None rcu None walk None counted true Unregistered
value drop: finds itself false
before pre_exit: get None rcu None walk None counted true Unregistered
before exit: get None rcu None walk None counted true Unregistered
before exit_batch: get None rcu None walk None counted true Unregistered" "$(of 7 | grep -v init:)"

# The third one is that of a namespace that is being made.
load pernet_lookup fail_nth=3
mark
fails_with "Input/output error" unshare --net true
third=$(newest)
check "a namespace whose making fails is found in its hooks only" same "lookups" \
	"before init: get None rcu None walk None counted true Setup
value init: get None rcu None walk None counted true Setup
later init: get Some(true) rcu None walk None counted true Setup
later init: after true
before pre_exit: get Some(true) rcu None walk None counted true Setup
value exit: get Some(true) rcu None walk None counted true Setup
value drop: finds itself false
before exit: get None rcu None walk None counted true Setup
before exit_batch: get None rcu None walk None counted true Setup" "$(of "$third")"
rmmod pernet_lookup
kernel_clean
ktap_end
