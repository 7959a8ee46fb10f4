// SPDX-License-Identifier: GPL-2.0

//! Comparing names in constants, where the operators of traits cannot be called.

/// Returns whether two names are the same.
pub(super) const fn are_same(one: &[u8], other: &[u8]) -> bool {
    let mut i = 0;
    while i < one.len() && i < other.len() && one[i] == other[i] {
        i += 1;
    }
    i == one.len() && i == other.len()
}
