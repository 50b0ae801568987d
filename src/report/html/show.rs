//! Numbers and times as people say them.

use std::time::Duration;

use jiff::{Timestamp, tz::TimeZone};

pub use crate::units::show_count as count;
use crate::{
    lang::{Lang, Share, Value, current},
    units::show_duration,
};

/// Microseconds: `412 ms`.
pub fn micros(micros: u64) -> String {
    show_duration(Duration::from_micros(micros))
}

/// Milliseconds: `412 ms`; a dash where there is no figure, or none that is a number.
pub fn ms(ms: Option<f64>) -> String {
    ms.and_then(|ms| Duration::try_from_secs_f64(ms / 1e3).ok())
        .map_or_else(|| "–".to_owned(), show_duration)
}

/// Seconds: `412 ms`.
pub fn seconds(seconds: f64) -> String {
    ms(Some(seconds * 1e3))
}

/// Seconds beside an axis, where only round numbers stand: `10 ms`, not `10.0 ms`.
pub fn on_axis(value: f64) -> String {
    let said = seconds(value);
    match said.split_once(' ') {
        Some((number, unit)) if number.contains('.') => {
            let number = number.trim_end_matches('0').trim_end_matches('.');
            format!("{number} {unit}")
        }
        _ => said,
    }
}

/// A count that is a number of floating point: a bar's height.
pub fn whole(value: f64) -> String {
    // Saturates, and what is no number is 0.
    count(value.round() as u64)
}

/// A share as a percentage: `16.7 %`, in Korean `16.7%`.
pub fn percent(share: f64) -> String {
    Value::from(Share(share)).to_string()
}

/// A moment since the start as a clock shows it: `0:05`, `15:02`, `1:00:00`; `fine` with
/// milliseconds.
pub fn moment(micros: u64, fine: bool) -> String {
    let ms = micros / 1_000;
    let (hours, minutes, seconds) = (ms / 3_600_000, ms / 60_000 % 60, ms / 1_000 % 60);
    let mut said = match hours {
        0 => format!("{minutes}:{seconds:02}"),
        _ => format!("{hours}:{minutes:02}:{seconds:02}"),
    };
    if fine {
        said.push_str(&format!(".{:03}", ms % 1_000));
    }
    said
}

/// `2026-11-26 08:15:07 UTC`, in Korean with Korea's time beside it (UTC+9 all year).
pub fn clock(at: Timestamp) -> String {
    let utc = at.to_zoned(TimeZone::UTC).strftime("%Y-%m-%d %H:%M:%S UTC");
    match current() {
        Lang::En => utc.to_string(),
        Lang::Ko => {
            let korea = at.to_zoned(TimeZone::fixed(jiff::tz::offset(9)));
            format!("{utc}({})", korea.strftime("%m-%d %H:%M:%S KST"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_axis_has_round_numbers_without_zeros_behind_the_point() {
        assert_eq!(on_axis(0.01), "10 ms");
        assert_eq!(on_axis(0.0005), "500 µs");
        assert_eq!(on_axis(0.002), "2 ms");
        assert_eq!(on_axis(5.0), "5 s");
        assert_eq!(on_axis(60.0), "1 min");
    }

    #[test]
    fn moments_are_said_as_a_clock_shows_them() {
        assert_eq!(moment(5_000_000, false), "0:05");
        assert_eq!(moment(902_123_456, true), "15:02.123");
        assert_eq!(moment(3_600_000_000, false), "1:00:00");
    }

    #[test]
    fn what_is_no_number_is_said_without_harm() {
        for value in [f64::NAN, f64::INFINITY, -1.0, 1e300] {
            assert_eq!(ms(Some(value)), "–");
            let _ = (whole(value), on_axis(value), percent(value));
        }
    }
}
