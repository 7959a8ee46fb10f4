#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What hooks see, compared with a model of the kernel: small programs exactly, long ones and processes at work at once
# by the rules. DRIVE=long takes longer, DRIVE=short has a look, and OPERATIONS says how many there are by chance.

source "$(dirname "$0")/lib.sh"
need_modules pernet_puppet pernet_puppet_c
need_netns
DRIVER=$(command -v netns-drive) || skip_all "there is no netns-drive; scripts/lib/model.sh builds it"
PUPPETS=(rust c)
[[ ${DRIVE-} != short ]] || PUPPETS=(rust)
ktap_start $((4 * ${#PUPPETS[@]} + 1 + KERNEL_CLEAN))
log_start

SEED=${SEED:-$((EPOCHSECONDS))}
case ${DRIVE-} in
short) MAX=2 CHANCE=2000 LIMIT=10 AT_WORK=3 ;;
long) MAX=4 CHANCE=200000 LIMIT=7200 AT_WORK=60 ;;
*) MAX=2 CHANCE=10000 LIMIT=20 AT_WORK=5 ;;
esac
# The twin is there to compare with.
declare -A chance=([rust]=$CHANCE [c]=$((CHANCE < 10000 ? CHANCE : 10000))) limit=([rust]=$LIMIT [c]=$LIMIT)
# As many as somebody asks for take as long as they take.
[[ -z ${OPERATIONS-} ]] || chance[rust]=$OPERATIONS limit[rust]=3600
echo "# seed $SEED"

# remarks: passes lines on as they come; what is KTAP in them is not ours.
remarks() {
	local line
	while IFS= read -r line; do
		case $line in
		"not ok "* | "ok "* | "KTAP "* | 1..*) line="driver: $line" ;;
		esac
		echo "# ${line#\# }"
	done
}

# drive ARGUMENT...: runs the driver; what it says is remarks here, and in SAID. PATIENCE is for who expects it to find
# namespaces that do not go, which it waits for again and again while it makes the program shorter.
drive() {
	local status
	"$DRIVER" "$@" ${PATIENCE:+--patience "$PATIENCE"} 2>&1 | tee "$LOG.drive" | remarks
	status=${PIPESTATUS[0]}
	SAID=$(<"$LOG.drive")
	rm "$LOG.drive"
	return "$status"
}

# counted NAME: what the last line of counters says.
counted() {
	sed -nE "s/^# programs=.* $1=([0-9]+).*/\1/p" <<<"$SAID"
}

# saw NAME...: whether none of these counters is zero.
saw() {
	local name
	for name; do
		[[ $(counted "$name") == [1-9]* ]] && continue
		echo "# $name is 0"
		return 1
	done
}

for puppet in "${PUPPETS[@]}"; do
	check "$puppet: every program of up to $MAX operations does what the model says" \
		drive programs --max "$MAX" --puppet "$puppet"
	check "$puppet: operations by chance keep the rules" \
		drive random --operations "${chance[$puppet]}" --seconds "${limit[$puppet]}" --seed "$SEED" --puppet "$puppet"
	check "$puppet: processes at work at once keep the rules" \
		drive burst --processes 3 --seconds "$AT_WORK" --seed "$SEED" --puppet "$puppet"
	check "$puppet: and namespaces were made beside each other, and died together" saw beside batches refused undone
done
check "both do the same" drive compare --max 2 --operations 300 --seed "$SEED"
kernel_clean
ktap_end
