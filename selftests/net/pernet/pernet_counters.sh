#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# samples/netns_counters.rs: it counts what was sent, to the packet, in each namespace and family,
# while others are made and destroyed. The same is asked of its twin in C, but with TWIN=no.
#
#	left ---- middle ---- right
#
# left and right send to each other what middle forwards.

source "$(dirname "$0")/lib.sh"
need_modules netns_counters netns_counters_c
need_netns
[[ -d /proc/sys/net/ipv6 ]] || skip_all "this kernel has no IPv6"
SAMPLES=(netns_counters netns_counters_c)
[[ ${TWIN-} != no ]] || SAMPLES=(netns_counters)
ktap_start $((12 * ${#SAMPLES[@]} + KERNEL_CLEAN))
log_start

FILE=netns_counters
NAMES=(left middle right)

in_ns() {
	ip netns exec "$@"
}

in_ns_sh() {
	ip netns exec "$1" bash -c "$2"
}

# Nothing but what we send: no neighbour, router or group is looked for by itself.
link() {
	local ns
	for ns in "$1" "$3"; do
		in_ns_sh "$ns" '
			for conf in default all; do
				cd /proc/sys/net/ipv6/conf/$conf
				echo 0 >accept_dad
				echo 0 >accept_ra
				echo 0 >router_solicitations
				echo 1 >mldv1_unsolicited_report_interval
				echo 1 >mldv2_unsolicited_report_interval
				echo 1 >addr_gen_mode
				echo 1 >forwarding
			done
			echo 1 >/proc/sys/net/ipv4/ip_forward'
	done
	ip -n "$1" link add "$2" address "02:00:00:00:00:0$5" type veth peer name "$4" netns "$3" \
		address "02:00:00:00:00:0$6"
	ip -n "$1" link set "$2" up
	ip -n "$3" link set "$4" up
}

# address NAMESPACE DEVICE NET NUMBER PEER: 10.0.NET.NUMBER, fd00:NET::NUMBER, and its neighbour.
address() {
	ip -n "$1" addr add "10.0.$3.$4/24" dev "$2"
	ip -n "$1" addr add "fd00:$3::$4/64" dev "$2" nodad
	ip -n "$1" neigh add "10.0.$3.$5" lladdr "02:00:00:00:00:0$5" dev "$2" nud permanent
	ip -n "$1" neigh add "fd00:$3::$5" lladdr "02:00:00:00:00:0$5" dev "$2" nud permanent
}

# counted NAMESPACE: its file, without what is zero. To enter the namespace would take longer.
counted() {
	awk '$3 > 0 { print $1, $2, $3, $5 }' "/proc/${INSIDE[$1]}/net/$FILE"
}

# all_counted: what all of them have.
all_counted() {
	local name
	for name in "${NAMES[@]}"; do
		echo "$name"
		counted "$name"
	done
}

# quiet: whether nothing moves any more.
quiet() {
	local before
	before=$(all_counted)
	read -rt 0.3 -u "$NEVER"
	[[ $before == "$(all_counted)" ]]
}

# expected_end PACKETS4 BYTES4 PACKETS6 BYTES6
expected_end() {
	local stage
	for stage in prerouting input output postrouting; do echo "ipv4 $stage $1 $2"; done
	for stage in prerouting input output postrouting; do echo "ipv6 $stage $3 $4"; done
}

# expected_middle PACKETS4 BYTES4 PACKETS6 BYTES6
expected_middle() {
	local stage
	for stage in prerouting forward postrouting; do echo "ipv4 $stage $1 $2"; done
	for stage in prerouting forward postrouting; do echo "ipv6 $stage $3 $4"; done
}

send() {
	in_ns left ping -q -A -c 40 -s 100 10.0.2.3 >/dev/null &&
		in_ns right ping -q -A -c 30 -s 700 10.0.1.1 >/dev/null &&
		in_ns left ping -q -A -c 20 -s 200 fd00:2::3 >/dev/null &&
		in_ns right ping -q -A -c 50 -s 60 fd00:1::1 >/dev/null
}

# After as many rounds of send(), without what was counted before.
PACKETS4=70
BYTES4=$((40 * (20 + 8 + 100) + 30 * (20 + 8 + 700)))
PACKETS6=70
BYTES6=$((20 * (40 + 8 + 200) + 50 * (40 + 8 + 60)))
AT_AN_END=$(expected_end $PACKETS4 $BYTES4 $PACKETS6 $BYTES6)
IN_THE_MIDDLE=$(expected_middle $((2 * PACKETS4)) $((2 * BYTES4)) $((2 * PACKETS6)) $((2 * BYTES6)))

# since BEFORE AFTER: what was counted between.
since() {
	awk 'NR == FNR { packets[$1, $2] = $3; bytes[$1, $2] = $4; next }
		$3 > packets[$1, $2] { print $1, $2, $3 - packets[$1, $2], $4 - bytes[$1, $2] }' \
		<(echo "$1") <(echo "$2")
}

# round: sends, and has in GREW what each has counted of it.
declare -A GREW
round() {
	local name
	declare -A before
	for name in "${NAMES[@]}"; do
		before[$name]=$(counted "$name")
	done
	send || return
	wait_for 10 quiet
	for name in "${NAMES[@]}"; do
		GREW[$name]=$(since "${before[$name]}" "$(counted "$name")")
	done
}

check_round() {
	local title=$1
	check "what is sent $title arrives" round
	check "the left end counts it" same "left" "$AT_AN_END" "${GREW[left]}"
	check "the right end does" same "right" "$AT_AN_END" "${GREW[right]}"
	check "and the middle" same "middle" "$IN_THE_MIDDLE" "${GREW[middle]}"
}

churn() {
	until [[ -e $STOP ]]; do
		ip netns add other && ip -n other link set lo up &&
			in_ns other ping -q -c 1 127.0.0.1
		ip netns del other
	done >/dev/null 2>&1
}

netns_add "${NAMES[@]}"
for name in "${NAMES[@]}"; do
	inhabit "$name"
done
link left l0 middle m0 1 2
link middle m1 right r0 4 3
address left l0 1 1 2
address middle m0 1 2 1
address middle m1 2 4 3
address right r0 2 3 4
ip -n left route add default via 10.0.1.2
ip -n left route add default via fd00:1::2
ip -n right route add default via 10.0.2.4
ip -n right route add default via fd00:2::4

for module in "${SAMPLES[@]}"; do
	check "$module loads" load "$module"
	wait_for 20 quiet
	check_round "($module)"
	STOP=$(mktemp -u)
	churn &
	churner=$!
	check_round "while namespaces come and go ($module)"
	touch "$STOP"
	wait $churner
	rm "$STOP"
	in_ns_sh left "echo 0 >/proc/sys/net/$FILE/enabled"
	round
	check "a namespace that is switched off counts nothing" same "left" "" "${GREW[left]}"
	check "others do" same "right" "$AT_AN_END" "${GREW[right]}"
	check "$module unloads" rmmod "$module"
done
kernel_clean
ktap_end
