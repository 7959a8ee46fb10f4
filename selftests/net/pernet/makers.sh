# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Processes that make namespaces without end, for pernet_torture.sh and scripts/torture.

# One process makes so many, one after another, each as the one before dies: fewer programs start.
CHAIN=20

# How many may be there at once, dying ones too. Made faster than they go they fill the memory.
CROWD=64

MAKERS=()
LIMIT=/proc/sys/user/max_net_namespaces
OLD_LIMIT=$(cat $LIMIT)

UNSHARE=(unshare --net)
# The same, and starts sooner.
if busybox unshare -n true 2>/dev/null; then
	UNSHARE=(busybox unshare -n)
fi

# makers_start COUNT: that many processes make namespaces until makers_stop.
makers_start() {
	MAKERS=()
	echo $((OTHERS + CROWD)) >$LIMIT
	touch "$LOG.make"
	while ((${#MAKERS[@]} < $1)); do
		maker "$LOG.maker${#MAKERS[@]}" &
		MAKERS+=($!)
	done
}

# maker FILE: the file tells how often a module refused a namespace, and what else went wrong.
maker() {
	local chain=() refused=0 errors=$1.errors said
	while ((${#chain[@]} < CHAIN * ${#UNSHARE[@]})); do
		chain+=("${UNSHARE[@]}")
	done
	: >"$1"
	while [[ -e $LOG.make ]]; do
		"${chain[@]}" true 2>"$errors" && continue
		said=$(<"$errors")
		case $said in
		# What pernet_torture says.
		*"Numerical argument out of domain" | *"Numerical result out of range")
			((refused += 1))
			;;
		# The limit. The others have time to go.
		*"No space left on device") read -rt 0.02 -u "$NEVER" ;;
		*) echo "failed: $said" >>"$1" ;;
		esac
	done
	echo "refused $refused" >>"$1"
}

# makers_stop: when they have ended. Sets REFUSED, how many namespaces a module refused in all.
makers_stop() {
	rm -f "$LOG.make"
	((${#MAKERS[@]} == 0)) || wait "${MAKERS[@]}"
	MAKERS=()
	echo "$OLD_LIMIT" >$LIMIT
	REFUSED=$(awk '$1 == "refused" { n += $2 } END { print n + 0 }' "$LOG".maker? 2>/dev/null)
}

# makers_failed: what went wrong for another reason.
makers_failed() {
	grep -h '^failed' "$LOG".maker? | sort | uniq -c
}

# A namespace is gone when it is not counted any more, which is the last thing that happens to it.
fits() {
	echo "$1" >$LIMIT
	"${UNSHARE[@]}" true 2>/dev/null
}

# count_others: for when ours have gone. Sets OTHERS, how many namespaces are there then.
count_others() {
	OTHERS=0
	until wait_for 2 fits $((OTHERS + 1)); do
		OTHERS=$((OTHERS + 1))
	done
	echo "$OLD_LIMIT" >$LIMIT
}

# drain SECONDS: whether all that the makers made have gone in that time.
drain() {
	local status
	wait_for "$1" fits $((OTHERS + 1))
	status=$?
	echo "$OLD_LIMIT" >$LIMIT
	return $status
}

# ---- What pernet_torture tells -------------------------------------------------------------------

# last_stats: the counters that it has logged last.
last_stats() {
	tail -n 300 "$LOG" | sed -n 's/^pernet_torture: stats: //p' | tail -n 1
}

# value NAME LINE: one of them.
value() {
	local words=" $2 "
	[[ $words == *" $1="* ]] || words=" $1=0 "
	words=${words##* "$1"=}
	echo "${words%% *}"
}

declare -A COUNTED

# count_torture: sets COUNTED, its counts since the mark. The last line of a load is the sum of it.
count_torture() {
	local name count
	COUNTED=()
	while read -r name count; do
		COUNTED[$name]=$count
	done < <(log_lines pernet_torture | awk '
		/^stats: / {
			for (i = 2; i <= NF; i++) {
				split($i, pair, "=")
				last[pair[1]] = pair[2]
			}
		}
		/^End of test: / { for (name in last) sum[name] += last[name] }
		END { for (name in sum) print name, sum[name] }')
}

# zero NAME...: those that nothing has been counted of.
zero() {
	local name
	for name; do
		((${COUNTED[$name]-0})) || echo "$name"
	done
}

# Counts without which a run shows nothing.
MUST_BE_COUNTED=(namespaces inits exits refused refused_starts made dropped inits_of_living
	batches_of_none batches_of_one batches_of_more own_unregistered own_setup own_dying
	found_irq found_rcu found_with found_walk found_hook
	none_unregistered none_setup none_dying)
