#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# exit_rtnl and its list of devices to kill, by a module without data and without an init hook.

source "$(dirname "$0")/lib.sh"
need_modules pernet_reap
need_netns
ktap_start 9
log_start

netns_add first second
ip -n first link add doomed0 type dummy || skip_all "this kernel has no dummy devices"
ip -n first link add spared0 type dummy

has_link() {
	ip -n "$1" link show dev "$2" >/dev/null 2>&1
}

check "a module without init and data loads" load pernet_reap
check "a second registration of one type is refused" \
	grep -qx "second registration refused" <(log_lines pernet_reap)
check "the device is there" has_link first doomed0
check "unloading runs exit_rtnl in living namespaces" rmmod pernet_reap
check "the device is gone" eval '! has_link first doomed0'
check "others are not" has_link first spared0
check "the list refuses a device that is on it" \
	grep -qx "second time refused" <(log_lines pernet_reap)
check "and one that cannot be deleted, and one that is not there" same "refusals" \
	$'lo refused\nnothing refused' "$(log_lines pernet_reap | grep -E '^(lo|nothing) ')"

load pernet_reap
ip -n second link add doomed0 type dummy
mark
ip netns del second
queued() {
	log_lines pernet_reap | grep -q '^doomed0 queued'
}
check "a dying namespace's device is queued, too" wait_for 60 queued
ktap_end
