#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The module is loaded and unloaded 50 times, or $LOADS times, while two processes make and remove namespaces.

source "$(dirname "$0")/lib.sh"
need_modules rust_pernet
need_netns
ktap_start $((6 + KERNEL_CLEAN))
log_start
LOADS=${LOADS:-50}

churn() {
	local i=0
	echo 0 >"$LOG.churn$1"
	trap 'ip netns del "churn$1" 2>/dev/null; exit 0' TERM
	while :; do
		ip netns add "churn$1" && ip netns del "churn$1"
		((i += 1))
		echo $i >"$LOG.churn$1"
	done
}

# churned: sets CHURNED, how many have come and gone. It starts no program: that may take long.
churned() {
	local one two
	# A file may be empty for a moment.
	until read -r one <"$LOG.churn1" && read -r two <"$LOG.churn2"; do :; done
	CHURNED=$((one + two))
}

churned_since() {
	churned
	((CHURNED > $1 + 1))
}

churn 1 &
one=$!
churn 2 &
two=$!
failed=0
wait_for 10 test -s "$LOG.churn1" -a -s "$LOG.churn2"
for ((i = 0; i < LOADS; i++)); do
	load rust_pernet || failed=$((failed + 1))
	# A few namespaces come and go with the module there.
	churned
	wait_for 20 churned_since "$CHURNED"
	rmmod rust_pernet || failed=$((failed + 1))
done
kill "$one" "$two"
wait "$one" "$two" 2>/dev/null
events >"$LOG.events"
churned
made=$CHURNED
echo "# $made namespaces were made and removed, $(wc -l <"$LOG.events") events seen"

check "all $LOADS loads and unloads succeed" same "failures" 0 $failed
check "the namespaces really came and went meanwhile" eval "((made > 2 * LOADS))"
check "hooks ran for namespaces that were made while it was loaded" \
	eval '(($(awk "\$2 == \"init\" { print \$3 }" "$LOG.events" | sort -u | wc -l) > LOADS))'
# A namespace may live through several loads; in each its events come in order.
check "every init has its pre_exit, exit_rtnl and exit, in this order" \
	same "out of order" "" "$(awk '
		{ rank["init"] = 1; rank["pre_exit"] = 2; rank["exit_rtnl"] = 3; rank["exit"] = 4 }
		$2 == "exit_batch" { next }
		rank[$2] != last[$1, $3] % 4 + 1 { print NR ": " $0 }
		{ last[$1, $3] = rank[$2] }
		END {
			for (key in last)
				if (last[key] != 4)
					print key " ends in phase " last[key]
		}' "$LOG.events")"
check "the module's counts agree, in each of the loads" \
	same "totals" "$((4 * LOADS)) of $((4 * LOADS))" "$(log_lines rust_pernet |
		sed -nE 's/.*: ([0-9]+) inits, ([0-9]+) refused, ([0-9]+) exits/\1 \2 \3/p' |
		awk '{ n += $1 == $3 && !$2 && $1 } END { print n " of " NR }')"
mark
netns_add after
ip netns del after
check "after the last unload there is silence" same "events" "" "$(events)"
rm -f "$LOG".*
kernel_clean
ktap_end
