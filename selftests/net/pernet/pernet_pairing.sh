#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# 200 namespaces, or $COUNT, are made and removed: every hook runs exactly once for each.

source "$(dirname "$0")/lib.sh"
need_modules rust_pernet
need_netns
ktap_start $((12 + KERNEL_CLEAN))
log_start
COUNT=${COUNT:-200}

load rust_pernet
mark
for ((i = 0; i < COUNT; i++)); do
	ip netns add "pair$i" && ip netns del "pair$i"
done
check "all of them go" wait_for 120 all_torn_down
events >"$LOG.events"

# Every sample sees every event of every namespace once.
for event in init pre_exit exit_rtnl exit; do
	check "$event runs exactly once for each" \
		same "counts" "$((4 * COUNT)) times, $((4 * COUNT)) different" \
		"$(awk -v event=$event '
			$2 == event { n++; different += !seen[$1, $3]++ }
			END { print n " times, " different " different" }' "$LOG.events")"
done
check "none has been refused" same "refusals" "" "$(grep err= "$LOG.events")"
check "no cookie is used twice" same "cookies" "$COUNT" \
	"$(sed -n 's|^sub_a init \([0-9]*\)/.*|\1|p' "$LOG.events" | sort -u | wc -l)"
check "init comes first and exit last, for each" \
	same "out of order" "" "$(awk '
		{ rank["init"] = 1; rank["pre_exit"] = 2; rank["exit_rtnl"] = 3; rank["exit"] = 4 }
		$2 != "exit_batch" && rank[$2] != last[$1, $3] + 1 { print }
		{ last[$1, $3] = rank[$2] }' "$LOG.events")"
check "the batches hold as many as have gone" same "in sub_a's batches" "$COUNT" \
	"$(awk '/^sub_a exit_batch / { n += $3 } END { print n }' "$LOG.events")"
check "no device's exit comes after a subsystem's, in one namespace" \
	same "out of order" "" "$(awk '
		$2 == "exit" && /^sub/ { gone[$3] = 1 }
		$2 == "exit" && /^dev/ && gone[$3] { print }' "$LOG.events")"
rm -f "$LOG.events"

mark
check "the module unloads" rmmod rust_pernet
check "its own counts agree: inits are exits" \
	same "totals" "4 of 4" "$(log_lines rust_pernet |
		sed -nE 's/.*: ([0-9]+) inits, ([0-9]+) refused, ([0-9]+) exits/\1 \2 \3/p' |
		awk -v count="$COUNT" '
			{ n += $1 == $3 && !$2 && $1 > count }
			END { print n " of " NR }')"
kernel_clean
ktap_end
