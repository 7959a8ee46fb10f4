#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The torture module is loaded and unloaded while two processes make namespaces and another module
# comes and goes. scripts/torture does the same for longer.

source "$(dirname "$0")/lib.sh"
need_modules pernet_torture rust_pernet
need_netns
source "$(dirname "$0")/makers.sh"
ktap_start $((12 + KERNEL_CLEAN))
log_start
LOADS=4
SECONDS_EACH=5
NAMESPACES_EACH=20

cleanup() {
	makers_stop
	netns_cleanup
	modules_cleanup
	rm -f "$LOG".*
}

made_some() {
	(($(value namespaces "$(last_stats)") >= NAMESPACES_EACH))
}

verdicts() {
	log_lines pernet_torture | grep '^End of test: '
}

count_others
# These live all the time.
netns_add a b c
OTHERS=$((OTHERS + ${#NAMESPACES[@]}))
makers_start 2
failed=0 cycles=0
for ((i = 1; i <= LOADS; i++)); do
	load pernet_torture "seed=$i" "stutter=$((i == 2))" stat_interval=1 refuse_percent=10 ||
		failed=$((failed + 1))
	until=$((SECONDS + SECONDS_EACH))
	while ((SECONDS < until)); do
		load rust_pernet || failed=$((failed + 1))
		read -rt 0.2 -u "$NEVER"
		rmmod rust_pernet || failed=$((failed + 1))
		cycles=$((cycles + 1))
	done
	# On a slow machine it takes longer.
	wait_for 60 made_some
	rmmod pernet_torture || failed=$((failed + 1))
done
makers_stop
drain 60
drained=$?

count_torture
log_lines pernet_torture | grep -aE '^End of test|^stats' | sed 's/^/# /' | tail -n 2
echo "# $cycles loads of rust_pernet beside"
check "all loads and unloads succeed" same "failures" 0 "$failed"
check "every load ends with success" same "verdicts" \
	"$LOADS End of test: SUCCESS" "$(verdicts | cut -d: -f 1,2 | uniq -c | xargs)"
check "and repeats every parameter" same "parameters" \
	"$(modinfo -F parm "$MODULES/pernet_torture.ko" | cut -d: -f 1 | sort)" \
	"$(verdicts | head -n 1 | cut -d: -f 3 | xargs -n 1 | cut -d= -f 1 | sort)"
check "nothing is left of what was made" test "$drained" -eq 0
check "namespaces were made" test "${COUNTED[namespaces]-0}" -ge $((LOADS * NAMESPACES_EACH))
check "who made one that was refused was told so" same "refusals" \
	"$((${COUNTED[refused]-0} - ${COUNTED[refused_starts]-0}))" "$REFUSED"
check "and nothing else went wrong" same "errors" "" "$(makers_failed)"
check "inits were refused, and whole registrations" same "never" "" "$(zero refused refused_starts)"
check "types were registered while namespaces lived" same "never" "" "$(zero inits_of_living)"
check "namespaces went alone, together, and none at all" same "never" "" \
	"$(zero batches_of_none batches_of_one batches_of_more)"
check "values were found in every way" same "never" "" \
	"$(zero found_irq found_rcu found_with found_walk found_hook)"
check "and were not there for every reason" same "never" "" \
	"$(zero none_unregistered none_setup none_dying own_unregistered own_setup own_dying)"
kernel_clean
ktap_end
