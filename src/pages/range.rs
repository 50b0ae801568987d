//! The time range that drives a page, on the model's clock.

use std::time::Duration;

use jiff::{Timestamp, civil, tz::TimeZone};

use crate::units::parse_duration;

/// A time range.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct PageRange {
    /// The first millisecond within.
    pub(super) from_ms: i64,
    /// The first millisecond after.
    pub(super) to_ms: i64,
    /// How it was asked for.
    pub(super) choice: RangeChoice,
}

/// How a time range was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum RangeChoice {
    /// Everything that is stored.
    All,
    /// From the beginning of the latest run on.
    Run,
    /// The latest so many milliseconds.
    Last(i64),
    /// From one time to another.
    Between,
}

/// No model clock runs past the year 2200 or before 1970.
const LATEST_MS: i64 = 7_258_118_400_000;

impl PageRange {
    /// The parameters that carry it: `range` is ours, the others are those of Datadog's pages
    /// (`start` and `end` of traces, `from_ts` and `to_ts` of logs and metrics).
    pub(super) const PARAMS: [&'static str; 5] = ["range", "start", "end", "from_ts", "to_ts"];

    /// The ranges that are offered, in minutes.
    pub(super) const OFFERED: [(&'static str, i64); 5] = [
        ("15m", 15),
        ("1h", 60),
        ("4h", 240),
        ("1d", 1_440),
        ("7d", 10_080),
    ];

    /// Reads the requested range. The default for an invalid range is the latest run, which began
    /// at `run_ms`, else the last `default` on a running server, and everything of a completed run.
    pub(super) fn asked<'a>(
        get: impl Fn(&str) -> Option<&'a str>,
        now_ms: i64,
        data: Option<(i64, i64)>,
        default: Option<Duration>,
        run_ms: Option<i64>,
    ) -> PageRange {
        let bound = |one: &str, other: &str| get(one).or_else(|| get(other)).and_then(time);
        if let (Some(from_ms), Some(to_ms)) = (bound("start", "from_ts"), bound("end", "to_ts"))
            && from_ms < to_ms
        {
            return PageRange {
                from_ms,
                to_ms,
                choice: RangeChoice::Between,
            };
        }
        let asked = get("range");
        let duration = asked.and_then(|text| parse_duration(text).ok());
        let duration = duration.filter(|last| !last.is_zero());
        if duration.is_none()
            && asked != Some("all")
            && let Some(run_ms) = run_ms
        {
            let newest = data.map_or(run_ms, |(_, newest)| newest.max(run_ms));
            return PageRange::airy(run_ms, newest, RangeChoice::Run);
        }
        let last = match asked {
            Some("all") => None,
            _ => duration.or(default),
        };
        match last {
            Some(last) => {
                let last_ms = i64::try_from(last.as_millis())
                    .unwrap_or(LATEST_MS)
                    .max(1_000);
                PageRange {
                    from_ms: now_ms.saturating_sub(last_ms),
                    // What happens in the second of asking belongs to it.
                    to_ms: now_ms.saturating_add(1_000),
                    choice: RangeChoice::Last(last_ms),
                }
            }
            None => {
                let (first, newest) = data.unwrap_or((now_ms.saturating_sub(3_600_000), now_ms));
                PageRange::airy(first, newest, RangeChoice::All)
            }
        }
    }

    /// A little air at both ends, so that the first and last bar are not on the edge.
    fn airy(first: i64, newest: i64, choice: RangeChoice) -> PageRange {
        let air = (newest.saturating_sub(first) / 50).max(1_000);
        PageRange {
            from_ms: first.saturating_sub(air),
            to_ms: newest.saturating_add(air),
            choice,
        }
    }

    /// Its length in milliseconds, at least 1.
    pub(super) fn length_ms(&self) -> i64 {
        self.to_ms.saturating_sub(self.from_ms).max(1)
    }
}

/// A time as Datadog's links have it (milliseconds since 1970) or as a browser's field has it
/// (`2026-11-22T08:00`, meaning UTC).
fn time(text: &str) -> Option<i64> {
    let ms = text.parse::<i64>().ok().or_else(|| {
        text.parse::<civil::DateTime>()
            .ok()?
            .to_zoned(TimeZone::UTC)
            .ok()
            .map(|zoned| zoned.timestamp().as_millisecond())
            .or_else(|| text.parse::<Timestamp>().ok().map(|t| t.as_millisecond()))
    })?;
    (0..=LATEST_MS).contains(&ms).then_some(ms)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(params: &[(&str, &str)], default: Option<Duration>) -> PageRange {
        let get = |key: &str| params.iter().find(|(k, _)| *k == key).map(|(_, v)| *v);
        PageRange::asked(get, 10_000_000, Some((1_000_000, 6_000_000)), default, None)
    }

    #[test]
    fn datadogs_own_links_set_the_range() {
        let range = asked(&[("from_ts", "1000"), ("to_ts", "5000")], None);
        assert_eq!((range.from_ms, range.to_ms), (1_000, 5_000));
        let range = asked(
            &[
                ("start", "1970-01-01T00:01"),
                ("end", "1970-01-01T00:02:00"),
            ],
            None,
        );
        assert_eq!((range.from_ms, range.to_ms), (60_000, 120_000));
    }

    #[test]
    fn without_a_wish_a_finished_run_is_shown_whole_and_a_server_lately() {
        let whole = asked(&[], None);
        assert_eq!(whole.choice, RangeChoice::All);
        assert!(whole.from_ms < 1_000_000 && whole.to_ms > 6_000_000);
        let late = asked(&[], Some(Duration::from_secs(60)));
        assert_eq!(late.choice, RangeChoice::Last(60_000));
        assert!(late.to_ms > 10_000_000);
    }

    #[test]
    fn after_a_run_it_is_shown_until_another_range_is_asked_for() {
        let asked = |range: Option<&str>| {
            let get = |key: &str| range.filter(|_| key == "range");
            let hour = Some(Duration::from_secs(3_600));
            PageRange::asked(get, 10_000_000, Some((0, 9_000_000)), hour, Some(5_000_000))
        };
        for default in [asked(None), asked(Some("run")), asked(Some("soon"))] {
            assert_eq!(default.choice, RangeChoice::Run);
            assert!((4_900_000..5_000_000).contains(&default.from_ms));
            assert!(default.to_ms > 9_000_000);
        }
        assert_eq!(asked(Some("1h")).choice, RangeChoice::Last(3_600_000));
        assert_eq!(asked(Some("all")).choice, RangeChoice::All);
    }

    #[test]
    fn an_absurd_range_is_the_default() {
        for params in [
            &[("start", "9"), ("end", "5")][..],
            &[("start", "-5"), ("end", "99999999999999999999")],
            &[("range", "soon")],
            &[("range", "0s")],
            &[("start", "x"), ("end", "y")],
        ] {
            assert_eq!(asked(params, None).choice, RangeChoice::All, "{params:?}");
        }
    }
}
