#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Files, sysctls, netfilter hooks and work items of a namespace: what they do, that they go when
# they should, and that one which cannot be made takes the others with it.

source "$(dirname "$0")/lib.sh"
need_modules pernet_resources
need_netns
ktap_start $((41 + KERNEL_CLEAN))
log_start

FILE=pernet_held
SYSCTL=/proc/sys/net/pernet_held

lines() {
	log_lines pernet_resources
}

# nothing_left: whether none of its files is there.
nothing_left() {
	same "files" "" "$(ls -d /proc/net/pernet_* /proc/sys/net/pernet_* 2>/dev/null)"
}

all_dropped() {
	lines | awk '/ made, / { seen = 1; if ($1 != $3) exit 1 } END { exit !seen }'
}

in_ns_sh() {
	ip netns exec "$1" bash -c "$2"
}

# refused FILE VALUE: whether that is EINVAL, and changes nothing.
refused() {
	local before
	before=$(<"$1")
	fails_with "Invalid argument" bash -c 'echo "$2" >"$1"' refused "$1" "$2" &&
		same "$1" "$before" "$(<"$1")"
}

# ---- One that cannot be made ---------------------------------------------------------------------

check "the first namespace is refused its last resource" \
	fails_with "Invalid parameters" load pernet_resources refuse_nth=1
check "nothing is left of the others" nothing_left
check "the value is dropped" all_dropped
check "a field that is not of the value is EINVAL" grep -qx "a field elsewhere: -22" <(lines)
check "a work item for two is EBUSY" grep -qx "an item twice: -16" <(lines)
netns_add one
mark
check "the second is refused" fails_with "Invalid parameters" load pernet_resources refuse_nth=2
check "nothing is left" nothing_left
check "nor there" in_ns_sh one '! ls /proc/net/pernet_held'
check "all values are dropped" all_dropped

mark
check "the third is not refused" load pernet_resources refuse_nth=4
netns_add two
check "but the fourth, when it is made" fails_with "Invalid argument" ip netns add three
[[ ! -e /run/netns/three ]] || ip netns del three

# ---- Files and sysctls ---------------------------------------------------------------------------

shows() {
	grep -qE "^net [0-9]+/$(inum_of "$1")\$" <(ip netns exec "$1" cat "/proc/net/$FILE")
}
check "a file shows its namespace" shows one
check "each its own" shows two
check "an error of the reader is told" \
	fails_with "No such device or address" cat /proc/net/pernet_refusing
check "a file of a value without a size" \
	same "marker" "$(inum_of one)" "$(in_ns_sh one 'cut -d / -f 2 /proc/net/pernet_marker')"

check "a number can be set" in_ns_sh one "echo 7 >$SYSCTL/number"
check "the value has it" grep -qx "number 7" <(ip netns exec one cat "/proc/net/$FILE")
check "others have their own" grep -qx "number 50" <(ip netns exec two cat "/proc/net/$FILE")
check "0 is within the bounds" bash -c "echo 0 >$SYSCTL/number"
check "100 is" bash -c "echo 100 >$SYSCTL/number"
check "101 is not" refused $SYSCTL/number 101
check "nor is -1" refused $SYSCTL/number -1
check "nor what is too large for a number" refused $SYSCTL/number 4294967297
check "nor a word" refused $SYSCTL/number word
check "a switch can be switched" bash -c "echo 0 >$SYSCTL/flag"
check "the value has it" grep -qx "flag false" /proc/net/$FILE
check "2 is no switch" refused $SYSCTL/flag 2
check "nor is -1" refused $SYSCTL/flag -1
check "what is read only cannot be written" same "mode" "444" "$(stat -c %a $SYSCTL/fixed)"

# ---- Open files ----------------------------------------------------------------------------------

ended() {
	lines | grep -q "/$1 ends"
}

inum=$(inum_of one)
inhabit one
exec {held}<"/proc/${INSIDE[one]}/net/$FILE"
ip netns del one
desert one
check "an open file keeps its namespace" eval '! wait_for 1 ended $inum'
read -r begin <&"$held"
check "and can be read" grep -qx "net [0-9]*/$inum" <<<"$begin"
exec {held}<&-
check "which goes when it is closed" wait_for 60 ended "$inum"

inum=$(inum_of two)
# A sysctl is looked up in the namespace of who opens it.
in_ns_sh two "exec 3<$SYSCTL/number; touch /run/open; exec nsenter --net=/proc/1/ns/net bash -c '
	until [[ -e /run/go ]]; do read -rt 0.02 <> <(:); done
	read -r line <&3
	echo \$? >/run/went'" 2>/dev/null &
reader=$!
wait_for 10 test -e /run/open
ip netns del two
check "an open sysctl does not keep it" wait_for 60 ended "$inum"
touch /run/go
wait $reader
check "and cannot be read then" same "status" "1" "$(cat /run/went)"
rm -f /run/go /run/open /run/went

# ---- Packets, work, and the end ------------------------------------------------------------------

mark
ip link set lo up
until [[ -e /run/stop ]]; do ping -q -c 20 -A 127.0.0.1 >/dev/null; done &
pinger=$!
swept() {
	grep -qx "swept true" "/proc/net/$FILE"
}
check "packets have work done" wait_for 20 swept
exec {file}</proc/net/$FILE {sysctl}<$SYSCTL/number
check "it unloads with packets on their way, work queued, and its files open" rmmod pernet_resources
check "the file cannot be read then" eval '! read -r line <&$file'
check "nor the sysctl" eval '! read -r line <&$sysctl'
touch /run/stop
wait $pinger
rm /run/stop
exec {file}<&- {sysctl}<&-

mark
load pernet_resources slow=700
cat /proc/net/$FILE >/run/whole &
reader=$!
reading() {
	[[ $(cat "/proc/$reader/comm") == cat ]]
}
wait_for 5 reading
read -rt 0.2 -u "$NEVER"
rmmod pernet_resources
wait $reader
check "who reads is waited for" grep -qx "end" /run/whole
check "nobody was called back too late" \
	same "errors" "" "$(dmesg --level err --notime | grep '^pernet_resources')"
check "all values were dropped" all_dropped
kernel_clean
ktap_end
