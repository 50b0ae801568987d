//! Arrivals without end: `poisson:0.9/s`, `burst:50/900s`, `burst:50/exp:600s`.

use std::{fmt, str::FromStr, time::Duration};

use rand::Rng;
use rand_distr::{Distribution as _, Exp1};

use crate::{
    lambda::Nanos,
    lang::{Phrase, texts},
    units::Distribution,
};

texts! {
    const;
    no_arrivals(found: &str): "`{}` describes no arrivals: write poisson:0.9/s (also /min, /h, /d), burst:50/900s or burst:50/exp:600s",
        "`{}`: 도착 방식이 아닙니다. poisson:0.9/s(/min, /h, /d도 가능), burst:50/900s, burst:50/exp:600s 형식으로 쓰세요";
    arrival_rate(found: &str): "`{}` arrivals: the rate must be above 0 and at most 1000000 a second", "`{}` 도착: 속도는 0보다 크고 초당 1000000 이하여야 합니다";
    burst_size(found: &str): "`{}` arrivals: a burst has 1 to 1000000 requests", "`{}` 도착: 버스트의 요청은 1~1000000회여야 합니다";
    burst_gap(found: &str): "`{}` arrivals: the gap between bursts must be above 0s, or they would never end", "`{}` 도착: 버스트 사이의 간격은 0s보다 길어야 합니다. 그렇지 않으면 끝나지 않습니다";
}

/// Arrivals without end.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum SteadyArrivals {
    /// Exponential gaps: `poisson:0.9/s`.
    Poisson {
        /// Mean arrivals a second, above 0, at most 1,000,000.
        per_second: f64,
    },
    /// A gap, then many at once, over again: `burst:50/900s`. The first burst comes after the
    /// first gap.
    Burst {
        /// How many at once, 1 to 1,000,000.
        count: u32,
        /// The gap between bursts, on average above zero.
        gap: Distribution,
    },
}

/// The most arrivals a second.
const MOST_PER_SECOND: f64 = 1e6;
/// The largest burst.
const LARGEST_BURST: u32 = 1_000_000;

impl FromStr for SteadyArrivals {
    type Err = Phrase;

    fn from_str(text: &str) -> Result<SteadyArrivals, Phrase> {
        let form = || no_arrivals(text);
        let (kind, rest) = text.trim().split_once(':').ok_or_else(form)?;
        let (number, per) = rest.split_once('/').ok_or_else(form)?;
        match kind {
            "poisson" => {
                let seconds = match per.trim() {
                    "s" => 1.0,
                    "m" | "min" => 60.0,
                    "h" => 3_600.0,
                    "d" => 86_400.0,
                    _ => return Err(form()),
                };
                let number: f64 = number.trim().parse().map_err(|_| form())?;
                let per_second = number / seconds;
                if per_second > 0.0 && per_second <= MOST_PER_SECOND {
                    Ok(SteadyArrivals::Poisson { per_second })
                } else {
                    Err(arrival_rate(text))
                }
            }
            "burst" => {
                let number: i128 = number.trim().parse().map_err(|_| form())?;
                let count = u32::try_from(number)
                    .ok()
                    .filter(|count| (1..=LARGEST_BURST).contains(count))
                    .ok_or_else(|| burst_size(text))?;
                let gap: Distribution = per.parse()?;
                if gap.mean() < Duration::from_micros(1) {
                    return Err(burst_gap(text));
                }
                Ok(SteadyArrivals::Burst { count, gap })
            }
            _ => Err(form()),
        }
    }
}

impl fmt::Display for SteadyArrivals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SteadyArrivals::Poisson { per_second } => {
                // One a minute reads better than 0.016666666666666666 a second.
                let written = [("s", 1.0), ("min", 60.0), ("h", 3_600.0), ("d", 86_400.0)]
                    .map(|(unit, seconds)| format!("{}/{unit}", per_second * seconds));
                let short = written.iter().find(|text| text.len() <= 8);
                write!(f, "poisson:{}", short.unwrap_or(&written[0]))
            }
            SteadyArrivals::Burst { count, gap } => write!(f, "burst:{count}/{gap}"),
        }
    }
}

impl SteadyArrivals {
    /// How many arrive a second on average.
    pub fn per_second(&self) -> f64 {
        match self {
            SteadyArrivals::Poisson { per_second } => *per_second,
            SteadyArrivals::Burst { count, gap } => f64::from(*count) / gap.mean().as_secs_f64(),
        }
    }

    /// How many arrive at once.
    pub(super) fn at_once(&self) -> u32 {
        match self {
            SteadyArrivals::Poisson { .. } => 1,
            SteadyArrivals::Burst { count, .. } => *count,
        }
    }

    /// The gap to the next arrivals.
    pub(super) fn gap<R: Rng>(&self, rng: &mut R) -> Nanos {
        match self {
            SteadyArrivals::Poisson { per_second } => {
                let unit: f64 = Exp1.sample(rng);
                (unit * 1e9 / per_second) as Nanos
            }
            SteadyArrivals::Burst { gap, .. } => gap.draw_nanos(rng),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrivals_are_written_as_people_would() {
        for (text, written) in [
            ("poisson:0.9/s", "poisson:0.9/s"),
            ("poisson:1/min", "poisson:1/min"),
            ("poisson:6/h", "poisson:0.1/min"),
            ("poisson:0.123456789123/s", "poisson:0.123456789123/s"),
            ("burst:50/900s", "burst:50/15m"),
            ("burst:50/exp:600s", "burst:50/exp:10m"),
        ] {
            let arrivals: SteadyArrivals = text.parse().expect(text);
            assert_eq!(arrivals.to_string(), written);
        }
    }
}
