#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A namespace that is being set up, reached by a packet and by a work item: no reference can be taken, and
# the first one that can finds all values.

source "$(dirname "$0")/lib.sh"
need_modules pernet_setup pernet_send_c
need_netns
ktap_start $((7 + KERNEL_CLEAN))
log_start

# of COOKIE: what the module has said of one namespace since the mark.
of() {
	log_lines pernet_setup | sed -n "s/^$1 //p"
}

newest() {
	log_lines pernet_setup | sed -n 's/^\([0-9]*\) begins$/\1/p' | tail -n 1
}

# ended COOKIE: whether the work item of a namespace has said its last.
ended() {
	of "$1" | grep -q '^work item: [^r]\|^work item: right'
}

# initial: what has been said of the initial namespace, which is set up already.
check "the module loads" load pernet_setup
wait_for 30 ended 7
check "a namespace that has been set up gives a reference" same "initial namespace" \
	"begins
work item: reference true
work item: right" "$(of 7)"
mark
check "the module that sends loads" load pernet_send_c
check "also to a packet" same "initial namespace" "packet: reference true" "$(of 7)"

mark
netns_add one
one=$(newest)
wait_for 30 ended "$one"
check "a work item gets no reference on one that is being set up, and one later, with all values" \
	same "work item" "work item: reference false
work item: right" "$(of "$one" | grep '^work item')"
check "nor does a packet" same "packet" "packet: reference false" "$(of "$one" | grep '^packet')"

mark
for round in {1..50}; do
	ip netns add "round$round" && ip netns del "round$round" || break
done
check "a task that finds one set up finds no other namespace's value" same "lookups" "50 50" \
	"$(log_lines pernet_setup | awk '/begins$/ { n++ }
		/work item: (right|no reference at all)$/ { right++ }
		END { print n + 0, right + 0 }')"
rmmod pernet_send_c
rmmod pernet_setup
kernel_clean
ktap_end
