#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The library's KUnit tests, which run when pernet_kunit is loaded: each is a subtest here.

source "$(dirname "$0")/lib.sh"
RESULTS=/sys/kernel/debug/kunit
SUITES=(rust_pernet rust_pernet_debugfs rust_pernet_gate rust_pernet_genetlink rust_pernet_resources)

need_modules pernet_kunit
grep -q 'kunit\.enable=1.* kunit\.autorun=1' /proc/cmdline ||
	skip_all "this kernel was not booted with kunit.enable=1 kunit.autorun=1"
log_start
load pernet_kunit

# results SUITE: a line for each of its tests, such as "ok phases".
results() {
	sed -nE 's/^    (ok|not ok) [0-9]+ ([a-z_]+).*/\1 \2/p' "$RESULTS/$1/results"
}

# planned SUITE: how many there are to be.
planned() {
	sed -nE 's/^    1\.\.([0-9]+)$/\1/p' "$RESULTS/$1/results"
}

total=0
for suite in "${SUITES[@]}"; do
	total=$((total + $(planned "$suite") + 1))
done
ktap_start $((total + 1 + KERNEL_CLEAN))
for suite in "${SUITES[@]}"; do
	check "$suite has tests" test "$(planned "$suite")" -gt 0
	while read -r result name; do
		check "$suite: $name" test "$result" = ok
	done < <(results "$suite" | sed 's/^not ok/not_ok/')
done
grep -h '^ *#.*\(EXPECTATION\|ASSERTION\|Expected\)' "$RESULTS"/rust_pernet*/results
check "unloading" rmmod pernet_kunit
kernel_clean
ktap_end
