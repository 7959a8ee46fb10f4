// SPDX-License-Identifier: GPL-2.0

//! Every allocation of a system call fails once.

use crate::{
    fault::Faults,
    operation::Operation,
    Failure, //
};
use nix::errno::Errno;
use std::{
    collections::BTreeMap,
    fmt, //
};

/// Which allocations fail.
pub struct Sweep {
    /// The first one, from 1.
    pub first: u32,
    /// The distance to the next; 1 for every one.
    pub every: u32,
}

/// What came of the faults.
#[derive(Default, Debug, PartialEq)]
pub struct Tally {
    /// How many allocations were made to fail.
    pub points: u32,
    /// The last of them; how many there are, that is, when none was left out.
    pub last: u32,
    /// Calls that did without what they did not get.
    pub succeeded: u32,
    /// Calls that failed, by error.
    pub failed: BTreeMap<i32, u32>,
    /// Those that failed with an error that was not expected.
    pub unexpected: u32,
}

impl Sweep {
    /// Lets one allocation after the other fail, until the call succeeds without having had so many.
    ///
    /// `tell` is told of each run of points with equal results: the first, the last and the result.
    ///
    /// # Errors
    ///
    /// [`Failure::Found`] when the call fails though no fault was injected, [`Failure::Unable`] when what
    /// goes before or after it fails.
    pub fn run(
        &self,
        faults: &Faults,
        operation: &mut dyn Operation,
        mut tell: impl FnMut(u32, u32, nix::Result<()>),
    ) -> Result<Tally, Failure> {
        // The pages of this program that a call needs are there when it has been run once.
        operation.prepare()?;
        if let Err(errno) = operation.call() {
            return Err(Failure::Found(format!(
                "it fails without any fault: {errno}"
            )));
        }
        operation.undo()?;

        let mut tally = Tally::default();
        let mut run: Option<(u32, u32, nix::Result<()>)> = None;
        let mut nth = self.first;
        loop {
            operation.prepare()?;
            let (result, hit) = faults.inject(nth, || operation.call())?;
            if result.is_ok() {
                operation.undo()?;
            }
            if !hit {
                if let Err(errno) = result {
                    return Err(Failure::Found(format!(
                        "it fails with {errno}, though it had not {nth} allocations"
                    )));
                }
                break;
            }
            tally.count(nth, result, operation.expected());
            match &mut run {
                Some((_, last, same)) if *same == result => *last = nth,
                _ => {
                    if let Some((first, last, result)) = run.replace((nth, nth, result)) {
                        tell(first, last, result);
                    }
                }
            }
            nth += self.every;
        }
        if let Some((first, last, result)) = run {
            tell(first, last, result);
        }
        Ok(tally)
    }
}

impl Tally {
    fn count(&mut self, nth: u32, result: nix::Result<()>, expected: &[Errno]) {
        self.points += 1;
        self.last = nth;
        match result {
            Ok(()) => self.succeeded += 1,
            Err(errno) => {
                *self.failed.entry(errno as i32).or_default() += 1;
                self.unexpected += u32::from(!expected.contains(&errno));
            }
        }
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "points {}", self.points)?;
        if self.points != self.last {
            write!(f, " of {}", self.last)?;
        }
        let enomem = self.failed.get(&(Errno::ENOMEM as i32)).unwrap_or(&0);
        write!(f, ", failed with ENOMEM {enomem}")?;
        for (&errno, times) in &self.failed {
            if errno != Errno::ENOMEM as i32 {
                write!(f, ", with {:?} {times}", Errno::from_raw(errno))?;
            }
        }
        write!(f, ", succeeded in spite of the fault {}", self.succeeded)?;
        if self.unexpected > 0 {
            write!(f, ", unexpected {}", self.unexpected)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tally_tells_what_was_not_expected() {
        let mut tally = Tally::default();
        for (nth, result) in [
            (1, Err(Errno::ENOMEM)),
            (2, Ok(())),
            (3, Err(Errno::EIO)),
            (4, Err(Errno::ENOBUFS)),
        ] {
            tally.count(nth, result, &[Errno::ENOMEM, Errno::ENOBUFS]);
        }
        assert_eq!(
            tally.to_string(),
            "points 4, failed with ENOMEM 1, with EIO 1, with ENOBUFS 1, succeeded in spite of the \
             fault 1, unexpected 1"
        );
    }

    #[test]
    fn points_that_were_left_out_are_told() {
        let mut tally = Tally::default();
        for nth in [1, 8, 15] {
            tally.count(nth, Err(Errno::ENOMEM), &[Errno::ENOMEM]);
        }
        assert_eq!(
            tally.to_string(),
            "points 3 of 15, failed with ENOMEM 3, succeeded in spite of the fault 0"
        );
    }
}
