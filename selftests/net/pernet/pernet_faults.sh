#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Every allocation fails once: of loading and unloading each module, with 0, 1 and 16 namespaces, and of making
# a namespace while all modules are loaded.
#
# netns-faults does it, which model/netns-faults has the source of. With FAULTS=all nothing is left out, which
# takes long; without, what takes long is done in part: some allocations of each call, not all; and with FAULTS=few
# only one in a hundred, with one namespace.

source "$(dirname "$0")/lib.sh"
FAILSLAB=/sys/kernel/debug/failslab

need_modules rust_pernet netns_uptime pernet_drop
need_netns
[[ -d $FAILSLAB ]] || skip_all "this kernel has no failslab, or debugfs is not mounted"
command -v netns-faults >/dev/null || skip_all "there is no netns-faults; build it from model/netns-faults"

names=()
for file in "$MODULES"/*.ko; do
	name=${file##*/}
	name=${name%.ko}
	case $name in
	# What these do when they are loaded is to tell of everything that fails.
	pernet_kunit | *torture* | *bench*) ;;
	# It has the files of the sample that it is the twin of.
	netns_counters_c) ;;
	# What it is for is to lose memory.
	pernet_leak) ;;
	# These have nothing to do with the library.
	pernet_hold_c | pernet_send_c) ;;
	# And the loading of these waits for commands.
	*puppet*) ;;
	*) names+=("$name") ;;
	esac
done

# step MODULE NAMESPACES: the distance of the allocations that are made to fail. It is a prime, so that what
# repeats in the kernel, such as kmemleak's own allocation behind each other one, is met at all places.
step() {
	if [[ ${FAULTS-} == all ]]; then
		echo 1
	elif [[ ${FAULTS-} == few && $1 == unshare ]]; then
		echo 47
	elif [[ ${FAULTS-} == few ]]; then
		echo 101
	elif [[ $1 == rust_pernet && $2 == 16 ]]; then
		echo 1
	elif [[ $2 == rmmod ]]; then
		echo 3
	elif [[ $1 == pernet_many || $2 == 16 ]]; then
		echo 61
	else
		echo 29
	fi
}

# sweep STEP ARGUMENT...: whether all goes well with netns-faults, which tells of each point if not.
sweep() {
	local step=$1 said status
	shift
	said=$(netns-faults --every "$step" "$@" 2>&1)
	status=$?
	if ((status)); then
		printf '# %s\n' "${said//$'\n'/$'\n# '}"
	else
		printf '# %s\n' "$(grep -E '^points' <<<"$said")"
	fi
	return "$status"
}

# even: whether what the modules have said since the mark tells of as many exits as inits, of nothing that was
# made and not dropped, and of nothing wrong.
even() {
	same "what is uneven" "" "$(sed -n "/${MARK}\$/,\$p" "$LOG" | awk '
		/: [0-9]+ inits, [0-9]+ refused, [0-9]+ exits$/ {
			totals++
			for (i = 1; i <= NF; i++) { if ($i == "inits,") n = $(i - 1); if ($i == "refused,") n -= $(i - 1) }
			if (n != $(NF - 1)) print
		}
		/^pernet_drop: [a-z]+ made [0-9]+$/ { made++ }
		/^pernet_drop: [0-9]+ drop$/ { made-- }
		/^pernet_hostile: state .* all dropped false/ || /: wrong/ || /^pernet_race: under RCU.* wrong [1-9]/ { print }
		END { if (made) print made " values of pernet_drop have been made and not dropped" }')"
}

# The kernel tells of what vmalloc() did not get, whoever asked, with a call trace; and of the first reference
# that it could not track. Neither is a trace of a bug: they are left out of the log that is looked at in the
# end, and are not to reach the console.
leave_out_refusals() {
	awk '/^netns-faults: vmalloc error: size [0-9]+, .*mode:/ { told = 1 }
		/Call Trace:/ && told { told = 0; next }
		/^ref_tracker: memory allocation failure, unreliable refcount tracker\.$/ { next }
		{ print }' "$LOG" >"$LOG.kept"
}

read -r console _ </proc/sys/kernel/printk
cleanup() {
	dmesg -n "$console"
	rm -f "$LOG.kept"
	netns_cleanup
	for name in "${names[@]}"; do
		is_loaded "$name" && rmmod "$name"
	done
}

counts="0 1 16"
[[ ${FAULTS-} != few ]] || counts=1
ktap_start $((($(wc -w <<<"$counts") + 3) * ${#names[@]} + 6 + KERNEL_CLEAN))
log_start
dmesg -n 3
for name in "${names[@]}"; do
	mark
	for namespaces in $counts; do
		# Its lookups are of all namespaces in all, and a reference to each.
		[[ $name != pernet_nest || $namespaces != 16 ]] || namespaces=2
		# It has a network device in each, which is 250 allocations; an emulator would take hours for 16.
		devices=()
		[[ $name != netns_sink ]] || devices=(--devices)
		[[ $name != netns_sink || $namespaces != 16 || $(nproc) == 1 ]] || namespaces=2
		check "$name loads or does not, with $namespaces namespaces" \
			sweep "$(step "$name" "$namespaces")" --namespaces "$namespaces" insmod "${devices[@]}" "$MODULES/$name.ko"
	done
	check "$name unloads in spite of it" sweep "$(step "$name" rmmod)" --namespaces 1 rmmod "$MODULES/$name.ko"
	check "$name is not loaded" eval '! is_loaded "$name"'
	check "$name: what was done is undone" even
done

mark
loaded=0
for name in "${names[@]}"; do
	# The inits of these wait: a fiftieth of a second each, and ten seconds where a later one fails.
	[[ $name != pernet_race || ${FAULTS-} == all ]] && [[ $name != pernet_setup ]] || continue
	load "$name" && loaded=$((loaded + 1))
done
check "a namespace is made or is not, with $loaded modules loaded" sweep "$(step unshare 0)" unshare
for name in "${names[@]}"; do
	! is_loaded "$name" || rmmod "$name" || loaded=-1
done
check "the modules unload" test "$loaded" -gt 0
check "what was done is undone" even
check "hooks ran for them" test "$(log_lines rust_pernet | sed -nE 's/^subsys sub_a: ([0-9]+) inits.*/\1/p')" -gt 20
if [[ -w $KMEMLEAK ]]; then
	check "kmemleak is still on" eval 'echo scan >$KMEMLEAK'
else
	skip "kmemleak is still on" "this kernel has no kmemleak"
fi
leave_out_refusals
# What is said around a trace tells whose it is.
grep -aE -B 12 -A 24 'Call Trace:|BUG: |WARNING: ' "$LOG.kept" | head -n 120 | sed 's/^/# /'
LOGGED=$LOG
LOG=$LOG.kept
check "none of the kernel's checkers has given up" log_is_without \
	'kmemleak: .*(detector disabled|pool empty)|ODEBUG disabled|turning off the locking'
kernel_clean
LOG=$LOGGED
ktap_end
