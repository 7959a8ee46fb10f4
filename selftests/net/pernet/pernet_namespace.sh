#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The ways to find and hold a namespace.

source "$(dirname "$0")/lib.sh"
need_modules rust_pernet netns_probe pernet_drop
need_netns
ktap_start $((23 + KERNEL_CLEAN))
log_start

# probe PARAMETER...: loads the module and tells what it found, which PROBE keeps.
probe() {
	mark
	load netns_probe "$@"
	PROBE=$(log_lines netns_probe)
}

found() {
	same "$1" "$2" "$(sed -n "s/^$1 //p" <<<"$PROBE")"
}

load rust_pernet
netns_add held other
held=$(net_of held)
other=$(net_of other)
ip netns set other 42
initial="7/$INIT_INUM"

probe fd=3 pid=$$ nsid=42 3</run/netns/held
check "init_ns is that of the first process" found init_ns "net=$initial init=true dying=false"
check "current is that of insmod" found current "net=$initial init=true dying=false"
check "by_fd is that of the file" found by_fd "net=$held init=false dying=false"
check "by_pid is that of the process" found by_pid "net=$initial init=true dying=false"
check "by_nsid is that of the number" found by_nsid "net=$other init=false dying=false"
check "references to one namespace are equal, to others not" \
	found equal "true, equal to init_ns false"
check "both kinds of it are displayed alike" found first "$initial, init_ns $initial"
walk=$(sed -n 's/^walk net=//p' <<<"$PROBE")
check "the walk begins with the initial one" \
	same "first" "$initial init=true dying=false" "$(head -n 1 <<<"$walk")"
ours=$held$'\n'$other
check "it has ours, in the order in which they were made" \
	same "ours" "$ours" "$(cut -d ' ' -f 1 <<<"$walk" | grep -xF "$ours")"
count=$(wc -l <<<"$walk")
check "all on it can be held, and RCU sees the same" \
	found "walk alive" "$count, seen under RCU $count"
trackers=/sys/kernel/debug/ref_tracker
if [[ -d $trackers ]]; then
	check "the tracker knows who holds it" \
		grep -qs 'users at' $trackers/netns-"$(printf %x "${held%/*}")"-*-refcnt
else
	skip "the tracker knows who holds it" "this kernel does not track references"
fi

# The module has the last reference now.
mark
ip netns del held
ip netns del other
check "one that nobody holds goes" wait_for 60 teardown_seen "$other"
check "one that is held stays" same "events" "" "$(events_of "$held")"
# A registration walks over all namespaces.
load pernet_drop
check "a walk still has it" grep -qx "exit made ${held%/*}" <(log_lines pernet_drop)
rmmod pernet_drop
rmmod netns_probe
PROBE=$(log_lines netns_probe)
check "it is not dying while it is held" found held "net=$held init=false dying=false"
check "it goes with the reference" wait_for 60 teardown_seen "$held"

probe fd=-1 pid=999999 nsid=4242
check "by_fd of what is not open is EBADF" found by_fd "err=-9"
check "by_pid of no process is ESRCH" found by_pid "err=-3"
check "by_nsid of no number is nothing" found by_nsid "err=-2"
rmmod netns_probe
probe fd=3 3</dev/null
check "by_fd of another file is EINVAL" found by_fd "err=-22"
rmmod netns_probe

netns_add inside
inside=$(net_of inside)
mark
ip netns exec inside insmod "$MODULES/netns_probe.ko" pid=$$
PROBE=$(log_lines netns_probe)
check "current inside a namespace is that one" found current "net=$inside init=false dying=false"
check "and init_ns is what it was" found init_ns "net=$initial init=true dying=false"
rmmod netns_probe
check "a short reference keeps nothing" netns_del inside "$inside"
rmmod rust_pernet
kernel_clean
ktap_end
