#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# samples/netns_sink.rs: a device in each namespace, which users send through and move, while the
# namespaces on either side go.

source "$(dirname "$0")/lib.sh"
need_modules netns_sink
need_netns
ktap_start $((23 + KERNEL_CLEAN))
log_start
ledger_need

has_link() {
	ip -n "$1" link show dev "$2" >/dev/null 2>&1
}

has_no_link() {
	! has_link "$@"
}

# sent NAMESPACE DEVICE: the frames and bytes that it has sent.
sent() {
	ip netns exec "$1" sed -n "s/^ *$2: *//p" /proc/net/dev | awk '{ print $10, $9 }'
}

# up NAMESPACE DEVICE NUMBER: ready to send to 10.9.NUMBER.2, and nothing by itself.
up() {
	ip netns exec "$1" bash -c "echo 1 >/proc/sys/net/ipv6/conf/$2/disable_ipv6" 2>/dev/null
	ip -n "$1" addr add "10.9.$3.1/24" dev "$2"
	ip -n "$1" link set "$2" up
}

# send NAMESPACE NUMBER COUNT: so many datagrams of 100 bytes.
send() {
	ip netns exec "$1" bash -c "
		exec 3>/dev/udp/10.9.$2.2/9
		printf -v text %100s
		for ((i = 0; i < $3; i++)); do printf %s \"\$text\" >&3; done"
}
FRAME=$((14 + 20 + 8 + 100))

# flood NAMESPACE NUMBER: until $STOP is there.
flood() {
	# shellcheck disable=SC2016 # for the inner shell
	ip netns exec "$1" bash -c '
		exec 3>/dev/udp/10.9.$1.2/9
		until [[ -e $2 ]]; do echo >&3; done' flood "$2" "$STOP" 2>/dev/null
}
STOP=$(mktemp -u)

sunk() {
	log_lines netns_sink | grep -q "/$1 has sunk"
}

# del NAME: and wait until its value has gone.
del() {
	local inum
	inum=$(inum_of "$1")
	netns_gone "$1" sunk "$inum"
}

netns_add a
ip -n a link add sink0 type dummy
check "a name that is taken refuses the module" fails_with "Device or resource busy" load netns_sink
check "and leaves nothing" has_no_link "" sink0
ip -n a link del sink0
check "it loads" load netns_sink
netns_add b
check "the initial namespace has a device" ip link show dev sink0
check "one that was there has" has_link a sink0
check "and one that is made" has_link b sink0
check "of its kind" grep -qw pernet <(ip -n b -details link show dev sink0)
check "nobody can make another" fails_with "Unknown device type" ip link add sink1 type pernet

up a sink0 1
send a 1 25
check "what is sent is counted" same "sent" "25 $((25 * FRAME))" "$(sent a sink0)"
check "and by no other" same "sent" "0 0" "$(sent b sink0)"
inum=$(inum_of a)
mark
check "a namespace goes with its device" del a
check "whose value has seen it all" \
	grep -q "/$inum has sunk 25 frames, $((25 * FRAME)) bytes" <(log_lines netns_sink)

netns_add a
mark
check "users cannot delete it" fails_with "Operation not supported" ip -n a link del sink0
check "it stays" has_link a sink0
check "and goes with its namespace" del a

netns_add a
inum=$(inum_of a)
mark
ip -n a link set sink0 netns b name moved0
up b moved0 2
send b 2 10
check "users can move it, and it is the same" same "sent" "10 $((10 * FRAME))" "$(sent b moved0)"
flood b 2 &
flooder=$!
check "when its namespace goes, in the middle of sending" del a
check "it is gone from the other one" has_no_link b moved0
check "which keeps its own" has_link b sink0
touch "$STOP"
wait $flooder 2>/dev/null
rm "$STOP"
check "its value has seen what was sent elsewhere" \
	grep -qE "/$inum has sunk [1-9][0-9]+ frames" <(log_lines netns_sink)

netns_add a
mark
ip -n a link set sink0 netns b name moved0
check "it goes with the namespace that it was moved to" del b
check "its own lives, and goes later" del a

netns_add a b
mark
ip -n a link set sink0 netns b name moved0
ip -n b link set sink0 netns a name moved1
inum_a=$(inum_of a) inum_b=$(inum_of b)
ip netns del a
ip netns del b
both_sunk() {
	sunk "$inum_a" && sunk "$inum_b"
}
check "two that have each other's go together" wait_for 60 both_sunk
kernel_clean
ktap_end
