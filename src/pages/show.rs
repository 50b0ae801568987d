//! Numbers and times as people say them.

use std::time::Duration;

use jiff::Timestamp;
use maud::{Markup, html};

use crate::{
    lang::{Share, Value},
    units::{show_count, show_duration},
};

/// As much of a name as is shown: Datadog cuts tags at 200 characters, too.
pub(super) const LONGEST_NAME: usize = 200;

/// `1,234,567`
pub(super) fn count(value: f64) -> String {
    let sign = if value <= -0.5 { "-" } else { "" };
    // Saturates, and what is no number is 0.
    format!("{sign}{}", show_count(value.abs().round() as u64))
}

/// Seconds: `412 ms`, `3.2 s`.
pub(super) fn seconds(value: f64) -> String {
    match Duration::try_from_secs_f64(value) {
        Ok(duration) => show_duration(duration),
        Err(_) => "–".to_owned(),
    }
}

/// Nanoseconds: `412 ms`, `3.2 s`. A clock that ran backwards shows as it is.
pub(super) fn nanos(value: i64) -> String {
    let said = show_duration(Duration::from_nanos(value.unsigned_abs()));
    if value < 0 { format!("-{said}") } else { said }
}

/// Dollars: `$0.000021`; three digits that count.
pub(super) fn dollars(value: f64) -> String {
    if value == 0.0 {
        return "$0".to_owned();
    }
    let digits = if value.abs() >= 1.0 {
        2
    } else {
        // -log10 of a small positive number is small and positive.
        (2.0 - value.abs().log10().floor()).clamp(2.0, 12.0) as usize
    };
    format!("${value:.digits$}")
}

/// Mebibytes: `74 MB`, as Lambda's console writes them.
pub(super) fn memory(value: f64) -> String {
    format!("{value:.0} MB")
}

/// Bytes: `6.0 MB`.
pub(super) fn bytes(value: usize) -> String {
    match value as f64 {
        b if b < 1e3 => format!("{value} B"),
        b if b < 1e6 => format!("{:.1} KB", b / 1e3),
        b => format!("{:.1} MB", b / 1e6),
    }
}

/// Any number in at most four digits that count.
pub(super) fn number(value: f64) -> String {
    if value != 0.0 && value.abs() < 0.001 {
        return format!("{value:.2e}");
    }
    if value.fract() == 0.0 || value.abs() >= 1_000.0 {
        return count(value);
    }
    let text = format!("{value:.3}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// `2026-11-22 08:15:07`, with milliseconds for a machine to read.
pub(super) fn time(ms: i64) -> Markup {
    match Timestamp::from_millisecond(ms) {
        Ok(at) => html! { time datetime=(at) { (clock(ms)) } },
        Err(_) => html! { (ms) " ms" },
    }
}

/// `11-22 08:15:07`, where there is little room.
pub(super) fn short_time(ms: i64) -> Markup {
    html! { time title=(clock(ms)) { (at(ms, "%m-%d %H:%M:%S")) } }
}

/// `2026-11-22 08:15:07`
pub(super) fn clock(ms: i64) -> String {
    at(ms, "%Y-%m-%d %H:%M:%S")
}

/// `08:15:07.123`
pub(super) fn fine_clock(ms: i64) -> String {
    at(ms, "%m-%d %H:%M:%S%.3f")
}

/// What a browser's field for date and time takes.
pub(super) fn field(ms: i64) -> String {
    at(ms, "%Y-%m-%dT%H:%M:%S")
}

/// The shortest form that tells marks of an axis of `length_ms` apart.
pub(super) fn on_axis(ms: i64, length_ms: i64) -> String {
    if length_ms > 2 * 86_400_000 {
        at(ms, "%m-%d %H:%M")
    } else if length_ms > 10 * 60_000 {
        at(ms, "%H:%M")
    } else {
        at(ms, "%H:%M:%S")
    }
}

fn at(ms: i64, format: &str) -> String {
    Timestamp::from_millisecond(ms)
        .map_or_else(|_| ms.to_string(), |t| t.strftime(format).to_string())
}

/// At most so many characters of a text that may be of any length.
pub(super) fn cut(text: &str, most: usize) -> &str {
    match text.char_indices().nth(most) {
        Some((end, _)) => &text[..end],
        None => text,
    }
}

/// A dash, read as what it means.
pub(super) fn none() -> Markup {
    html! { span.quiet { "–" } }
}

/// A share as a percentage in the language that is spoken: `16.7 %`, in Korean `16.7%`.
pub(super) fn percent(share: f64) -> String {
    Value::from(Share(share)).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_grouped() {
        assert_eq!(count(0.0), "0");
        assert_eq!(count(999.0), "999");
        assert_eq!(count(1_234_567.0), "1,234,567");
        assert_eq!(count(-1_000.0), "-1,000");
    }

    #[test]
    fn small_sums_keep_their_digits() {
        assert_eq!(dollars(0.0), "$0");
        assert_eq!(dollars(0.000_002_1), "$0.00000210");
        assert_eq!(dollars(12.345), "$12.35");
    }

    #[test]
    fn absurd_values_are_said_without_harm() {
        for value in [f64::NAN, f64::INFINITY, -1.0, 1e300, 1e-300] {
            let _ = (count(value), seconds(value), dollars(value), number(value));
        }
        assert_eq!(clock(i64::MAX), i64::MAX.to_string());
    }

    #[test]
    fn times_are_said_in_utc() {
        assert_eq!(clock(0), "1970-01-01 00:00:00");
        assert_eq!(fine_clock(1), "01-01 00:00:00.001");
    }
}
