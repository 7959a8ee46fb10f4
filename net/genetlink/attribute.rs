// SPDX-License-Identifier: GPL-2.0

//! What a request may have: the policy that C checks it by.

use super::super::bindings;

/// How many attributes a request may choose from, and one: the first number is zero, which stands for none.
pub(super) const NUMBERS: usize = 32;

/// An attribute that a request may have.
///
/// # Examples
///
/// ```
/// # use kernel::net::netlink::Attribute;
/// # const A_COOKIE: u16 = 1;
/// # const A_INUM: u16 = 2;
/// const ATTRIBUTES: &'static [Attribute] = &[Attribute::u64(A_COOKIE), Attribute::u32(A_INUM)];
/// ```
#[derive(Clone, Copy)]
pub struct Attribute {
    number: u16,
    kind: u32,
}

impl Attribute {
    /// A number of 32 bits.
    pub const fn u32(number: u16) -> Self {
        Self {
            number,
            kind: bindings::NLA_U32,
        }
    }

    /// A number of 64 bits.
    pub const fn u64(number: u16) -> Self {
        Self {
            number,
            kind: bindings::NLA_U64,
        }
    }

    /// One that has no value, and is there or is not.
    pub const fn flag(number: u16) -> Self {
        Self {
            number,
            kind: bindings::NLA_FLAG,
        }
    }
}

/// Returns the largest of the numbers, or zero.
pub(super) const fn largest(attributes: &[Attribute]) -> u16 {
    let mut largest = 0;
    let mut i = 0;
    while i < attributes.len() {
        if attributes[i].number > largest {
            largest = attributes[i].number;
        }
        i += 1;
    }
    largest
}

/// Returns the table that C looks a number up in. What is not named has no type, which C refuses.
pub(super) const fn policy(attributes: &[Attribute]) -> [bindings::nla_policy; NUMBERS] {
    let mut table: [bindings::nla_policy; NUMBERS] = pin_init::zeroed();
    let mut i = 0;
    while i < attributes.len() {
        let number = attributes[i].number as usize;
        assert!(
            number > 0 && number < NUMBERS,
            "an attribute has a number from 1 to 31"
        );
        assert!(table[number].type_ == 0, "an attribute that is named twice");
        // CAST: The types are few.
        table[number].type_ = attributes[i].kind as u8;
        i += 1;
    }
    table
}
