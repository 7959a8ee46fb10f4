#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What debugfs shows of a module: against the events that the module logs, while a hook hangs with
# pernet_ops_rwsem held for writing, and while modules are loaded and unloaded.

source "$(dirname "$0")/lib.sh"
need_modules rust_pernet pernet_reap pernet_resources
need_netns
DEBUGFS=/sys/kernel/debug
[[ -e $DEBUGFS/clear_warn_once ]] || skip_all "there is no debugfs here"
ktap_start $((31 + KERNEL_CLEAN))
log_start
LOADS=20

# column MODULE COLUMN TYPE: what the table has there, of a type by its last name.
column() {
	awk -v want="$2" -v type="::$3>?$" '
		NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
		$at["type"] ~ type { print $at[want] }' "$DEBUGFS/pernet-$1"
}

# told EXPECTED MODULE COLUMN TYPE
told() {
	same "$3 of $4" "$1" "$(column "${@:2}")"
}

# tells: the same without a word, to wait for.
tells() {
	told "$@" >/dev/null
}

files() {
	(cd $DEBUGFS && compgen -G 'pernet-*')
}

# alive SAMPLE: in how many namespaces it is, by all that it has logged.
alive() {
	sed -nE "s/.* $1: (init|exit) net=[0-9\/]+( err=.*)?\$/\1\2/p" "$LOG" |
		awk '$1 == "init" && !$2 { n++ } $1 == "exit" { n-- } END { print n + 0 }'
}

# ---- What is registered ----
netns_add first second
living=$(($(ls -d /run/netns/* | wc -l) + 1))
check "the module loads" load rust_pernet "fail_nth=$((living + 2))"
check "there is one file" same "files" pernet-rust_pernet "$(files)"
check "only root can read it" same "mode" 700 "$(stat -c %a $DEBUGFS)"
check "it cannot be written" same "mode" 444 "$(stat -c %a $DEBUGFS/pernet-rust_pernet)"
check "the first line names the columns" \
	same "columns" "order kind id size nets refusals error net type" \
	"$(head -n 1 $DEBUGFS/pernet-rust_pernet | xargs)"
check "subsystems come before devices; each has its number, kind and size" \
	same "rows" "2 subsys 24 SubA
4 subsys 24 SubB
1 device 24 DevA
3 device 24 DevB" "$(sed -E '1d; s/[^ ]*::(\w+)>?$/\1/' $DEBUGFS/pernet-rust_pernet |
		awk '{ print $1, $2, $4, $NF }')"
check "the ids are four" same "ids" 4 \
	"$(awk 'NR > 1 && $3 ~ /^[0-9]+$/ && !seen[$3]++ { n++ } END { print n }' \
		$DEBUGFS/pernet-rust_pernet)"

# ---- In how many namespaces ----
for sample in SubA SubB DevA DevB; do
	check "$sample: in all namespaces that live" \
		told "$living" rust_pernet nets $sample
done
check "the module's own events say the same" same "namespaces" "$living" "$(alive sub_a)"
mark
check "one more is made" netns_add third
check "it is counted" told $((living + 1)) rust_pernet nets SubA
ip netns del third
check "it is not counted when it is gone" \
	wait_for 60 tells "$living" rust_pernet nets SubA
wait_for 60 teardown_seen "$(events | awk '$2 == "init" { print $3; exit }')"

# ---- What is refused ----
check "nothing has been refused" told 0 rust_pernet refusals SubB
check "there is no error" same "error and net" "- -" \
	"$(for what in error net; do column rust_pernet $what SubB; done | xargs)"
mark
check "an init of sub_b is refused" fails_with "No space left on device" ip netns add refused
refused=$(events | awk '/err=-28/ { sub(/\/.*/, "", $3); print $3 }')
check "it is counted with its type" told 1 rust_pernet refusals SubB
check "with no other" same "refusals" "0 0 0" "$(for sample in SubA DevA DevB; do
	column rust_pernet refusals $sample
done | xargs)"
check "the errno is that of the log" told -28 rust_pernet error SubB
check "the namespace is that of the log" told "$refused" rust_pernet net SubB
check "the namespace that was not made is not counted" \
	told "$living" rust_pernet nets SubB

# ---- Two modules ----
load pernet_reap
check "two modules, one list" \
	same "rows" 5 "$(cat $DEBUGFS/pernet-* | grep -vc '^order')"
check "of a type without a size there is no id" same "id and size" "- 0" \
	"$(for what in id size; do column pernet_reap $what Reap; done | xargs)"
rmmod pernet_reap
netns_cleanup

# ---- While a hook hangs, with pernet_ops_rwsem held for writing ----
load pernet_resources slow=5000
cat /proc/net/pernet_held >/dev/null &
reader=$!
reading() {
	[[ $(cat "/proc/$reader/comm") == cat ]]
}
wait_for 5 reading
read -rt 0.2 -u "$NEVER"
# Its exit hook waits for the reader.
rmmod pernet_resources &
unloader=$!
read -rt 0.5 -u "$NEVER"
check "while a hook hangs, the table of another module can be read" \
	eval 'same "rows" 4 "$(grep -vc "^order" $DEBUGFS/pernet-rust_pernet)" &&
		kill -0 $reader && kill -0 $unloader'
wait $reader $unloader
rmmod rust_pernet
check "what is unloaded is not listed" same "files" "" "$(files)"
# To go on would be to call what is gone.
[[ -z $(files) ]] || ktap_end

# ---- An open file, and modules that come and go ----
load rust_pernet
exec 4<$DEBUGFS/pernet-rust_pernet
check "a task that has it open holds the module" fails_with "in use" rmmod rust_pernet
exec 4<&-
rmmod rust_pernet
reader() {
	local n=0
	trap 'echo $n >"$LOG.reads"; exit 0' TERM
	while :; do
		cat $DEBUGFS/pernet-* 2>/dev/null | grep -q . && ((n++))
	done
}
reader &
READER=$!
failed=0
for ((i = 0; i < LOADS; i++)); do
	load rust_pernet || failed=$((failed + 1))
	wait_for 10 eval 'rmmod rust_pernet 2>/dev/null' || failed=$((failed + 1))
done
kill $READER
wait $READER
check "$LOADS loads and unloads with a reader there" same "failures" 0 "$failed"
check "which has read" eval "(($(<"$LOG.reads") > 10))"
check "nothing is left" same "files" "" "$(files)"
rm -f "$LOG.reads"
kernel_clean
ktap_end
