// SPDX-License-Identifier: GPL-2.0

//! Messages of netlink and their attributes.

pub(crate) const REQUEST: u16 = 1;
pub(crate) const ACK: u16 = 4;
pub(crate) const DUMP: u16 = 0x300;

/// The family that tells of families.
pub(crate) const CONTROL: u16 = 16;
pub(crate) const ERROR: u16 = 2;
pub(crate) const DONE: u16 = 3;

fn padded(len: usize) -> usize {
    len.next_multiple_of(4)
}

/// A message that is being written.
pub(crate) struct Writer(pub(crate) Vec<u8>);

impl Writer {
    pub(crate) fn new(kind: u16, flags: u16, cmd: u8) -> Self {
        let mut bytes = vec![0; 4];
        bytes.extend(kind.to_ne_bytes());
        bytes.extend((REQUEST | flags).to_ne_bytes());
        bytes.extend(1u32.to_ne_bytes());
        bytes.extend(0u32.to_ne_bytes());
        bytes.extend([cmd, 1, 0, 0]);
        Self(bytes)
    }

    pub(crate) fn attribute(mut self, number: u16, value: &[u8]) -> Self {
        self.0.extend((value.len() as u16 + 4).to_ne_bytes());
        self.0.extend(number.to_ne_bytes());
        self.0.extend(value);
        self.0.resize(padded(self.0.len()), 0);
        self
    }

    /// Returns the bytes, with the length where it belongs.
    pub(crate) fn finish(mut self) -> Vec<u8> {
        let len = self.0.len() as u32;
        self.0[..4].copy_from_slice(&len.to_ne_bytes());
        self.0
    }
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    u16::from_ne_bytes(bytes[at..at + 2].try_into().unwrap_or_default())
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_ne_bytes(bytes[at..at + 4].try_into().unwrap_or_default())
}

/// A message that has been received.
pub(crate) struct Message<'b> {
    pub(crate) kind: u16,
    body: &'b [u8],
}

impl<'b> Message<'b> {
    /// Returns the messages of a datagram.
    pub(crate) fn all(mut bytes: &'b [u8]) -> impl Iterator<Item = Self> {
        std::iter::from_fn(move || {
            if bytes.len() < 16 {
                return None;
            }
            let len = u32_at(bytes, 0) as usize;
            assert!(
                (16..=bytes.len()).contains(&len),
                "a message of {len} bytes"
            );
            let message = Self {
                kind: u16_at(bytes, 4),
                body: &bytes[16..len],
            };
            bytes = &bytes[padded(len).min(bytes.len())..];
            Some(message)
        })
    }

    /// Returns the number of an error or of the end of a dump: zero if all is well.
    pub(crate) fn errno(&self) -> Option<i32> {
        matches!(self.kind, ERROR | DONE).then(|| -(u32_at(self.body, 0) as i32))
    }

    pub(crate) fn cmd(&self) -> u8 {
        self.body[0]
    }

    pub(crate) fn attributes(&self) -> impl Iterator<Item = Attribute<'b>> {
        Attribute::all(&self.body[4..])
    }
}

pub(crate) struct Attribute<'b> {
    pub(crate) number: u16,
    pub(crate) value: &'b [u8],
}

impl<'b> Attribute<'b> {
    /// Returns attributes that lie one behind the other.
    pub(crate) fn all(mut bytes: &'b [u8]) -> impl Iterator<Item = Self> {
        std::iter::from_fn(move || {
            if bytes.len() < 4 {
                return None;
            }
            let len = usize::from(u16_at(bytes, 0));
            assert!(
                (4..=bytes.len()).contains(&len),
                "an attribute of {len} bytes"
            );
            let attribute = Self {
                // Two bits tell of the byte order and of nests.
                number: u16_at(bytes, 2) & 0x3fff,
                value: &bytes[4..len],
            };
            bytes = &bytes[padded(len).min(bytes.len())..];
            Some(attribute)
        })
    }

    /// Returns a number of four or eight bytes.
    pub(crate) fn integer(&self) -> u64 {
        match self.value.len() {
            4 => u32_at(self.value, 0).into(),
            8 => u64::from_ne_bytes(self.value.try_into().unwrap_or_default()),
            len => panic!("a number of {len} bytes"),
        }
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(self.value.strip_suffix(&[0]).unwrap_or(self.value)).into_owned()
    }
}
