//! Times as the search endpoints take them: ISO 8601, milliseconds, and date math.

use jiff::Timestamp;

/// A time that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("invalid time `{0}`: expected ISO 8601, milliseconds, or date math such as now-15m")]
pub struct TimeError(pub String);

/// Milliseconds since 1970, given what `now` is.
pub fn parse(text: &str, now_ms: i64) -> Result<i64, TimeError> {
    let wrong = || TimeError(text.chars().take(100).collect());
    let trimmed = text.trim();
    if let Some(rest) = trimmed.strip_prefix("now") {
        return math(rest, now_ms).ok_or_else(wrong);
    }
    if let Ok(ms) = trimmed.parse::<i64>() {
        // A time outside the calendar's range is invalid.
        return Timestamp::from_millisecond(ms)
            .map(Timestamp::as_millisecond)
            .map_err(|_| wrong());
    }
    trimmed
        .parse::<Timestamp>()
        .map(Timestamp::as_millisecond)
        .or_else(|_| civil(trimmed).ok_or_else(wrong))
}

/// A date, with or without a time, in UTC.
fn civil(text: &str) -> Option<i64> {
    let zoned = match text.parse::<jiff::civil::DateTime>() {
        Ok(time) => time.to_zoned(jiff::tz::TimeZone::UTC).ok()?,
        Err(_) => {
            let date: jiff::civil::Date = text.parse().ok()?;
            date.to_zoned(jiff::tz::TimeZone::UTC).ok()?
        }
    };
    Some(zoned.timestamp().as_millisecond())
}

/// What follows `now`: any number of `-15m`, `+1h`, `/d`.
fn math(mut rest: &str, now_ms: i64) -> Option<i64> {
    let mut at = now_ms;
    while let Some(operator) = rest.chars().next() {
        rest = &rest[operator.len_utf8()..];
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let unit = rest[digits..].chars().next()?;
        let unit_ms = match unit {
            's' => 1_000,
            'm' => 60_000,
            'h' => 3_600_000,
            'd' => 86_400_000,
            'w' => 604_800_000,
            _ => return None,
        };
        at = match operator {
            '+' | '-' => {
                let number: i64 = rest[..digits].parse().ok()?;
                let by = number.checked_mul(unit_ms)?;
                match operator {
                    '+' => at.checked_add(by)?,
                    _ => at.checked_sub(by)?,
                }
            }
            '/' if digits == 0 && unit != 'w' => at.div_euclid(unit_ms) * unit_ms,
            _ => return None,
        };
        rest = &rest[digits + unit.len_utf8()..];
    }
    Timestamp::from_millisecond(at)
        .ok()
        .map(Timestamp::as_millisecond)
}

/// A time as the API's answers show it: `2026-11-22T08:26:40.500Z`.
pub fn shown(ms: i64) -> String {
    match Timestamp::from_millisecond(ms) {
        Ok(time) => format!("{time:.3}"),
        Err(_) => ms.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_form_of_a_time_is_understood() {
        let now = 1_795_336_000_500;
        for (text, ms) in [
            ("now", now),
            ("now-15m", now - 900_000),
            ("now-1h+30s", now - 3_570_000),
            ("now/d", now / 86_400_000 * 86_400_000),
            ("1795336000500", now),
            ("2026-11-22T08:26:40.500Z", now),
            ("2026-11-22T08:26:40.5+00:00", now),
            ("2026-11-22T08:26:40.500", now),
            ("2026-11-22", 1_795_305_600_000),
        ] {
            assert_eq!(parse(text, now), Ok(ms), "{text}");
        }
        assert_eq!(shown(now), "2026-11-22T08:26:40.500Z");
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in [
            "",
            "yesterday",
            "now-",
            "now-15",
            "now-15x",
            "nowadays",
            "now-99999999999999999999d",
            "now-9999999999d",
            "9223372036854775807",
            "2026-13-01",
            "now/w",
            "now*2m",
            "now-é",
        ] {
            assert!(parse(text, 0).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "\\PC{0,40}", ops in "now([-+/*][0-9]{0,20}[smhdwxé]?){0,4}", now: i64) {
            let _ = parse(&text, now);
            if let Ok(ms) = parse(&ops, now) {
                shown(ms);
            }
        }
    }
}
