//! Durations as people write them: `15m`, `1h30m`, `250ms`.

use std::time::Duration;

use jiff::{Span, SpanRelativeTo};

use crate::lang::{Phrase, texts};

/// The longest duration that any setting takes: 366 days.
const LONGEST: Duration = Duration::from_secs(366 * 86_400);

texts! {
    pub(super) const;
    no_duration(found: &str): "`{}` is not a duration: write a number with a unit, for example \"15m\", \"2s\" or \"250ms\"",
        "`{:`은} 시간이 아닙니다. 숫자와 단위를 쓰세요. 예: \"15m\", \"2s\", \"250ms\"";
    negative(found: &str): "`{}` is negative: a duration here is 0s or more", "`{:`은} 음수입니다. 0s 이상으로 쓰세요";
    too_long(found: &str, days: u64): "`{}` is longer than {} days, which is the most that is taken here",
        "`{:`은} 여기에 쓸 수 있는 최대 {}일보다 깁니다";
}

/// Reads `15m`, `1h30m`, `2d`, `2s`, `250ms`, `90us`; a day has 24 hours.
///
/// # Errors
/// Texts without a unit, negative durations and durations over 366 days.
pub fn parse_duration(text: &str) -> Result<Duration, Phrase> {
    parse_duration_up_to(text, LONGEST)
}

/// [`parse_duration`] with a limit of its own.
///
/// # Errors
/// Texts without a unit, negative durations and durations over `longest`.
pub fn parse_duration_up_to(text: &str, longest: Duration) -> Result<Duration, Phrase> {
    let trimmed = text.trim();
    // jiff also reads ISO 8601 (`PT15M`) and clock forms; only the friendly form is documented.
    if trimmed.starts_with(['P', 'p']) || trimmed.contains(':') {
        return Err(no_duration(text));
    }
    let signed = trimmed
        .parse::<Span>()
        .and_then(|span| span.to_duration(SpanRelativeTo::days_are_24_hours()))
        .map_err(|_| no_duration(text))?;
    if signed.is_negative() {
        return Err(negative(text));
    }
    let duration = signed.unsigned_abs();
    if duration > longest {
        let days = longest.as_secs() / 86_400;
        return Err(too_long(text, days));
    }
    Ok(duration)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_as_people_write_them() {
        assert_eq!(parse_duration("15m"), Ok(Duration::from_secs(900)));
        assert_eq!(parse_duration("1h30m"), Ok(Duration::from_secs(5400)));
        assert_eq!(parse_duration("250ms"), Ok(Duration::from_millis(250)));
        assert_eq!(parse_duration("0s"), Ok(Duration::ZERO));
        assert_eq!(parse_duration("0.5s"), Ok(Duration::from_millis(500)));
        assert_eq!(parse_duration("1d12h"), Ok(Duration::from_secs(36 * 3600)));
    }

    #[test]
    fn what_is_no_duration_is_refused() {
        for text in [
            "",
            "15",
            "-2s",
            "PT15M",
            "10:00",
            "soon",
            "5000d",
            "99999999999999999999s",
        ] {
            assert!(parse_duration(text).is_err(), "{text}");
        }
    }
}
