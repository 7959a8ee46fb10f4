#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Lookups from an interrupt and by those who make namespaces, while values come and go.

source "$(dirname "$0")/lib.sh"
need_modules pernet_race
need_netns
LOADS=${LOADS:-20}
ktap_start $((10 + KERNEL_CLEAN))
log_start

# sums: what readers of all loads since the mark have found: under RCU, counted, walked, in hooks,
# nothing, wrong.
sums() {
	log_lines pernet_race | sed -nE '/^under RCU/s/[^0-9]+/ /gp' | awk '
		{ for (i = 1; i <= 6; i++) sum[i] += $i }
		END { for (i = 1; i <= 6; i++) printf "%d ", sum[i] }'
}

# Who does nothing but fork keeps a single CPU from grace periods, and so from freeing what died.
churn() {
	while [[ -e $BUSY ]]; do
		unshare --net true
		read -rt 0.02 -u "$NEVER"
	done
}

BUSY=$(mktemp)
netns_add a
churn &
one=$!
churn &
two=$!
loads=0
while ((loads < LOADS)) && load pernet_race; do
	loads=$((loads + 1))
	read -rt 0.2 -u "$NEVER"
	rmmod pernet_race || break
done
rm "$BUSY"
wait "$one" "$two"
check "loading and unloading $LOADS times beside namespaces that go" same "loads" "$LOADS" "$loads"
read -r under_rcu counted walked in_hooks nothing wrong <<<"$(sums)"
echo "# under RCU $under_rcu, counted $counted, walked $walked, in hooks $in_hooks," \
	"nothing $nothing, wrong $wrong"
check "values were found under RCU" test "$under_rcu" -gt 0
check "by a counted namespace" test "$counted" -gt 0
check "in walks" test "$walked" -gt 0
check "in hooks of another type" test "$in_hooks" -gt 0
check "and were not there at times" test "$nothing" -gt 0
check "no lookup has found another's value" same "wrong" 0 "$wrong"

# A task that sleeps with a value keeps the module from unregistering, and only as long as that.
holds() {
	log_lines pernet_race | grep -q '^holds'
}
mark
load pernet_race hold_ms=7500
wait_for 60 holds
check "unloading while a task has a value" rmmod pernet_race
check "waits until it has let go" same "task" "holds
lets go" "$(log_lines pernet_race | grep -E '^(holds|lets go)')"
check "and says what it waits for" \
	grep -q '^waiting for 1 lookup(s) of .*Value to end' <(log_lines '[a-z_]*')
kernel_clean
ktap_end
