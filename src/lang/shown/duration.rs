//! Durations as people say them: `412 ms`, `3.2 s`.

use std::time::Duration;

/// A duration in at most three significant digits with the unit people would say:
/// `85 µs`, `412 ms`, `3.2 s`, `15 min`, `1 h 30 min`.
pub fn show_duration(duration: Duration) -> String {
    let micros = duration.as_nanos() as f64 / 1e3;
    if micros == 0.0 {
        "0 s".to_owned()
    } else if micros < 999.5 {
        format!("{} µs", three_digits(micros))
    } else if micros < 999_500.0 {
        format!("{} ms", three_digits(micros / 1e3))
    } else if micros < 59_950_000.0 {
        let tenths = (micros / 1e5).round() / 10.0;
        format!("{tenths} s")
    } else {
        let seconds = duration.as_secs_f64().round() as u64;
        let (days, hours, minutes, seconds) = (
            seconds / 86_400,
            seconds / 3_600 % 24,
            seconds / 60 % 60,
            seconds % 60,
        );
        // Two neighbouring units are precise enough: a length in days needs no seconds.
        let parts = [(days, "d"), (hours, "h"), (minutes, "min"), (seconds, "s")];
        let said: Vec<String> = parts
            .iter()
            .skip_while(|(n, _)| *n == 0)
            .take(2)
            .filter(|(n, _)| *n > 0)
            .map(|(n, unit)| format!("{n} {unit}"))
            .collect();
        said.join(" ")
    }
}

/// A number in at most three significant digits, never cut before its point: `0.85`, `41.2`, `412`.
pub fn three_digits(value: f64) -> String {
    if value < 9.995 {
        format!("{value:.2}")
    } else if value < 99.95 {
        format!("{value:.1}")
    } else {
        format!("{value:.0}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_said_as_people_say_them() {
        let said = |micros| show_duration(Duration::from_micros(micros));
        assert_eq!(said(0), "0 s");
        assert_eq!(said(85), "85.0 µs");
        assert_eq!(said(412_000), "412 ms");
        assert_eq!(said(3_240_000), "3.2 s");
        assert_eq!(said(900_000_000), "15 min");
        assert_eq!(said(5_400_000_000), "1 h 30 min");
        assert_eq!(said(59_999_999), "1 min");
        assert_eq!(said(3_600_000_000 * 24 + 5_000_000), "1 d");
    }
}
