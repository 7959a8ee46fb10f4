#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The modules of samples/.

source "$(dirname "$0")/lib.sh"
need_modules netns_uptime
need_netns
ktap_start 4
log_start
ledger_need

uptimes() {
	log_lines netns_uptime | sed -nE 's/^([0-9]+)\/([0-9]+) lived for ([0-9]+) ms$/\2 \3/p'
}

check "netns_uptime loads" load netns_uptime
netns_add short
inum=$(inum_of short)
read -rt 0.6 -u "$NEVER"
seen() {
	uptimes | grep -q "^$inum "
}
check "it tells of a namespace that goes" netns_gone short seen
check "how long that lived" test "$(uptimes | sed -n "s/^$inum //p")" -ge 500
mark
rmmod netns_uptime
check "and at unload, of those that live" grep -q "^$INIT_INUM " <(uptimes)
ktap_end
