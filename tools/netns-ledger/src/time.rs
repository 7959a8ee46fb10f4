// SPDX-License-Identifier: GPL-2.0

//! Times for people.

use nix::time::{
    clock_gettime,
    ClockId, //
};
use std::time::Duration;

/// A second.
pub const SECOND: u64 = 1_000_000_000;
/// A millisecond.
pub const MILLISECOND: u64 = 1_000_000;

/// Nanoseconds of `CLOCK_BOOTTIME`, the ledger's clock.
pub fn now() -> u64 {
    clock(ClockId::CLOCK_BOOTTIME)
}

/// Nanoseconds of `CLOCK_MONOTONIC`, by which the kernel's log goes.
pub fn monotonic() -> u64 {
    clock(ClockId::CLOCK_MONOTONIC)
}

fn clock(id: ClockId) -> u64 {
    clock_gettime(id).map_or(0, |time| {
        time.tv_sec() as u64 * SECOND + time.tv_nsec() as u64
    })
}

/// Two parts at most, such as `53 ms`, `4.2 s` or `3h 05m`.
pub fn human(nanoseconds: u64) -> String {
    let ms = nanoseconds / MILLISECOND;
    let seconds = nanoseconds / SECOND;
    match nanoseconds {
        0..=999 => format!("{nanoseconds} ns"),
        1_000..=9_999 => format!("{:.1} us", nanoseconds as f64 / 1e3),
        10_000..=999_999 => format!("{} us", nanoseconds / 1_000),
        1_000_000..=9_999_999 => format!("{:.1} ms", nanoseconds as f64 / 1e6),
        10_000_000..=999_999_999 => format!("{ms} ms"),
        _ if seconds < 10 => format!("{}.{} s", seconds, ms % 1_000 / 100),
        _ if seconds < 60 => format!("{seconds} s"),
        _ if seconds < 3_600 => format!("{}m {:02}s", seconds / 60, seconds % 60),
        _ if seconds < 86_400 => format!("{}h {:02}m", seconds / 3_600, seconds / 60 % 60),
        _ => format!("{}d {:02}h", seconds / 86_400, seconds / 3_600 % 24),
    }
}

/// A number of things, such as `1 device` and `2 devices`.
pub fn count(number: u64, thing: &str) -> String {
    format!("{number} {thing}{}", if number == 1 { "" } else { "s" })
}

/// A duration from the command line: a number and `ms`, `s`, `m`, `h` or `d`; without, it is seconds.
///
/// # Errors
///
/// Says how one is written.
pub fn parse(text: &str) -> Result<Duration, String> {
    let end = text
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(text.len());
    let unit = match text[end..].trim() {
        "ms" => 0.001,
        "" | "s" => 1.0,
        "m" => 60.0,
        "h" => 3_600.0,
        "d" => 86_400.0,
        _ => -1.0,
    };
    text[..end]
        .parse::<f64>()
        .ok()
        .filter(|_| unit > 0.0)
        .and_then(|number| Duration::try_from_secs_f64(number * unit).ok())
        .ok_or_else(|| "say a time as 500ms, 5s, 2m, 1h or 1d".to_owned())
}

/// As the ledger counts.
pub fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_short() {
        for (time, text) in [
            (0, "0 ns"),
            (1_500, "1.5 us"),
            (53_000, "53 us"),
            (5_340_000, "5.3 ms"),
            (999_999_999, "999 ms"),
            (4_290 * MILLISECOND, "4.2 s"),
            (59 * SECOND, "59 s"),
            (185 * SECOND, "3m 05s"),
            (7_500 * SECOND, "2h 05m"),
            (90_000 * SECOND, "1d 01h"),
        ] {
            assert_eq!(human(time), text);
        }
    }

    #[test]
    fn times_are_read() {
        assert_eq!(parse("250ms"), Ok(Duration::from_millis(250)));
        assert_eq!(parse("5"), Ok(Duration::from_secs(5)));
        assert_eq!(parse("1.5s"), Ok(Duration::from_millis(1_500)));
        assert_eq!(parse("2 m"), Ok(Duration::from_secs(120)));
        for wrong in [
            "",
            "s",
            "5 weeks",
            "-1s",
            "1..2s",
            "99999999999999999999999d",
        ] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
