//! Distributions of durations, as scenarios and flags write them.

use std::{fmt, str::FromStr, time::Duration};

use rand::{Rng, RngExt};
use rand_distr::{Distribution as _, Exp1, StandardNormal};
use serde::{Deserialize, Serialize};

use super::duration::{no_duration, parse_duration};
use crate::lang::{Phrase, texts};

/// How a duration varies. Every draw is finite and at least zero.
///
/// Written as `250ms` or `const:250ms`, `exp:1.9s` (mean), `uniform:5m..7m`,
/// `lognormal:900ms,1.5s` (median, 99th percentile), `quantiles:93ms,118ms,181ms,297ms` (median,
/// 90th and 99th percentile, maximum), `halving:380s` (half of what is left goes at each
/// multiple).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Distribution {
    /// Always the same.
    Constant(Duration),
    /// Exponential with this mean.
    Exponential(Duration),
    /// Uniform between the two, low first.
    Uniform(Duration, Duration),
    /// Log-normal with this median and 99th percentile.
    LogNormal(Duration, Duration),
    /// Measured quantiles: median, 90th and 99th percentile, maximum. The logarithm is linear in
    /// the standard normal between them, and continues below the median as just above it.
    Quantiles([Duration; 4]),
    /// Half of all draws are this period, a quarter twice it, and so on: the idle expiry that
    /// SeBS (Copik et al., Middleware 2021) fitted to AWS in 2021 with a period of 380 s.
    Halving(Duration),
}

texts! {
    const;
    no_distribution(found: &str): "`{}` is no distribution: write \"250ms\", \"exp:2s\", \"uniform:5m..7m\", \"lognormal:900ms,1.5s\", \"quantiles:93ms,118ms,181ms,297ms\" or \"halving:380s\"",
        "`{:`은} 분포가 아닙니다. \"250ms\", \"exp:2s\", \"uniform:5m..7m\", \"lognormal:900ms,1.5s\", \"quantiles:93ms,118ms,181ms,297ms\", \"halving:380s\" 중 하나의 형식으로 쓰세요";
    out_of_order(found: &str): "`{}` is out of order: the first duration must be above zero and no longer than the second",
        "`{:`은} 순서가 맞지 않습니다. 첫 시간은 0보다 길고 둘째 시간 이하여야 합니다";
}

/// The standard normal's 99th percentile.
const Z99: f64 = 2.326_347_874;

/// The normal quantiles for the quantiles of [`Distribution::Quantiles`]. A maximum counts as the
/// 99.9th percentile.
const Z_QUANTILES: [f64; 4] = [0.0, 1.281_551_566, Z99, 3.090_232_306];

/// The duration in seconds at `normal` standard deviations.
fn at_normal(quantiles: &[Duration; 4], normal: f64) -> f64 {
    let logarithm = |i: usize| quantiles[i].as_secs_f64().ln();
    let from = if normal < Z_QUANTILES[1] {
        0
    } else if normal < Z_QUANTILES[2] {
        1
    } else {
        2
    };
    let slope =
        (logarithm(from + 1) - logarithm(from)) / (Z_QUANTILES[from + 1] - Z_QUANTILES[from]);
    let normal = normal.min(Z_QUANTILES[3]);
    (logarithm(from) + slope * (normal - Z_QUANTILES[from])).exp()
}

/// Longest draw, so that a long tail never overflows a clock: 366 days.
const LONGEST_SECONDS: f64 = 366.0 * 86_400.0;

impl Distribution {
    /// Draws one duration.
    pub fn draw<R: Rng + ?Sized>(&self, rng: &mut R) -> Duration {
        match *self {
            Distribution::Constant(always) => always,
            _ => Duration::from_nanos(self.draw_nanos(rng)),
        }
    }

    /// Draws one duration in nanoseconds, as [`Distribution::draw`] would: for simulations that
    /// draw by the million.
    #[inline]
    pub fn draw_nanos<R: Rng + ?Sized>(&self, rng: &mut R) -> u64 {
        let seconds = match *self {
            Distribution::Constant(always) => {
                let seconds = always.as_secs().saturating_mul(1_000_000_000);
                return seconds.saturating_add(u64::from(always.subsec_nanos()));
            }
            Distribution::Exponential(mean) => {
                let unit: f64 = Exp1.sample(rng);
                mean.as_secs_f64() * unit
            }
            Distribution::Uniform(low, high) => {
                let share: f64 = rng.random();
                low.as_secs_f64() + (high - low).as_secs_f64() * share
            }
            Distribution::LogNormal(median, p99) => {
                let normal: f64 = StandardNormal.sample(rng);
                let sigma = (p99.as_secs_f64() / median.as_secs_f64()).ln() / Z99;
                median.as_secs_f64() * (sigma * normal).exp()
            }
            Distribution::Quantiles(quantiles) => {
                let normal: f64 = StandardNormal.sample(rng);
                at_normal(&quantiles, normal)
            }
            Distribution::Halving(period) => {
                let periods = rng.next_u64().trailing_zeros() + 1;
                period.as_secs_f64() * f64::from(periods)
            }
        };
        (seconds.clamp(0.0, LONGEST_SECONDS) * 1e9) as u64
    }

    /// All its durations times this factor, which is above zero.
    #[must_use]
    pub fn scaled(self, factor: f64) -> Distribution {
        let times = |duration: Duration| {
            Duration::from_secs_f64((duration.as_secs_f64() * factor).clamp(0.0, LONGEST_SECONDS))
        };
        match self {
            Distribution::Constant(always) => Distribution::Constant(times(always)),
            Distribution::Exponential(mean) => Distribution::Exponential(times(mean)),
            Distribution::Uniform(low, high) => Distribution::Uniform(times(low), times(high)),
            Distribution::LogNormal(median, p99) => {
                Distribution::LogNormal(times(median), times(p99))
            }
            Distribution::Quantiles(quantiles) => Distribution::Quantiles(quantiles.map(times)),
            Distribution::Halving(period) => Distribution::Halving(times(period)),
        }
    }

    /// The mean: in closed form, or for measured quantiles by Simpson's rule.
    pub fn mean(&self) -> Duration {
        match *self {
            Distribution::Constant(always) => always,
            Distribution::Exponential(mean) => mean,
            Distribution::Uniform(low, high) => (low + high) / 2,
            Distribution::LogNormal(median, p99) => {
                let sigma = (p99.as_secs_f64() / median.as_secs_f64()).ln() / Z99;
                median.mul_f64((sigma * sigma / 2.0).exp())
            }
            Distribution::Quantiles(quantiles) => {
                let steps = 400;
                let width = 16.0 / f64::from(steps);
                let sum: f64 = (0..=steps)
                    .map(|i| {
                        let normal = -8.0 + width * f64::from(i);
                        let weight = match i {
                            0 => 1.0,
                            i if i == steps => 1.0,
                            i if i % 2 == 1 => 4.0,
                            _ => 2.0,
                        };
                        let density = (-normal * normal / 2.0).exp() / std::f64::consts::TAU.sqrt();
                        weight * density * at_normal(&quantiles, normal)
                    })
                    .sum();
                Duration::from_secs_f64((sum * width / 3.0).clamp(0.0, LONGEST_SECONDS))
            }
            Distribution::Halving(period) => period * 2,
        }
    }

    /// The shortest and the longest duration that counts as usual: the bounds themselves
    /// where the distribution has bounds, else its 1st and 99th percentile.
    pub fn usual_range(&self) -> (Duration, Duration) {
        match *self {
            Distribution::Constant(always) => (always, always),
            Distribution::Exponential(mean) => (mean.mul_f64(0.01005), mean.mul_f64(4.605_17)),
            Distribution::Uniform(low, high) => (low, high),
            Distribution::LogNormal(median, p99) => {
                let ratio = p99.as_secs_f64() / median.as_secs_f64();
                (median.div_f64(ratio), p99)
            }
            Distribution::Quantiles([p50, p90, p99, _]) => {
                let low = at_normal(&[p50, p90, p99, p99], -Z99);
                (
                    Duration::from_secs_f64(low.clamp(0.0, LONGEST_SECONDS)),
                    p99,
                )
            }
            Distribution::Halving(period) => (period, period * 7),
        }
    }
}

impl FromStr for Distribution {
    type Err = Phrase;

    fn from_str(text: &str) -> Result<Distribution, Phrase> {
        let kind_error = || no_distribution(text);
        let Some((kind, rest)) = text.trim().split_once(':') else {
            return match parse_duration(text) {
                Err(error) if error == no_duration(text) => Err(kind_error()),
                constant => constant.map(Distribution::Constant),
            };
        };
        let pair = |separator| -> Result<(Duration, Duration), Phrase> {
            let (first, second) = rest.split_once(separator).ok_or_else(kind_error)?;
            let (first, second) = (parse_duration(first)?, parse_duration(second)?);
            if first.is_zero() || first > second {
                return Err(out_of_order(text));
            }
            Ok((first, second))
        };
        let above_zero = || -> Result<Duration, Phrase> {
            let duration = parse_duration(rest)?;
            if duration.is_zero() {
                return Err(out_of_order(text));
            }
            Ok(duration)
        };
        match kind {
            "const" => Ok(Distribution::Constant(parse_duration(rest)?)),
            "exp" => Ok(Distribution::Exponential(above_zero()?)),
            "uniform" => pair("..").map(|(low, high)| Distribution::Uniform(low, high)),
            "lognormal" => pair(",").map(|(median, p99)| Distribution::LogNormal(median, p99)),
            "quantiles" => {
                let mut quantiles = [Duration::ZERO; 4];
                let mut parts = rest.split(',');
                for quantile in &mut quantiles {
                    *quantile = parse_duration(parts.next().ok_or_else(kind_error)?)?;
                }
                if parts.next().is_some() {
                    return Err(kind_error());
                }
                if quantiles[0].is_zero() || !quantiles.is_sorted() {
                    return Err(out_of_order(text));
                }
                Ok(Distribution::Quantiles(quantiles))
            }
            "halving" => Ok(Distribution::Halving(above_zero()?)),
            _ => Err(kind_error()),
        }
    }
}

impl fmt::Display for Distribution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // jiff's friendly form is what `parse_duration` reads back, to the nanosecond.
        let written = |d: Duration| {
            let length = jiff::SignedDuration::try_from(d).unwrap_or(jiff::SignedDuration::MAX);
            format!("{length:#}")
        };
        match *self {
            Distribution::Constant(d) => f.write_str(&written(d)),
            Distribution::Exponential(d) => write!(f, "exp:{}", written(d)),
            Distribution::Uniform(a, b) => write!(f, "uniform:{}..{}", written(a), written(b)),
            Distribution::LogNormal(a, b) => write!(f, "lognormal:{},{}", written(a), written(b)),
            Distribution::Quantiles(all) => write!(f, "quantiles:{}", all.map(written).join(",")),
            Distribution::Halving(d) => write!(f, "halving:{}", written(d)),
        }
    }
}

impl TryFrom<String> for Distribution {
    type Error = Phrase;

    fn try_from(text: String) -> Result<Distribution, Phrase> {
        text.parse()
    }
}

impl From<Distribution> for String {
    fn from(distribution: Distribution) -> String {
        distribution.to_string()
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand_xoshiro::Xoshiro256PlusPlus;

    use super::*;

    const ALL: [&str; 7] = [
        "250ms",
        "const:1s",
        "exp:1.9s",
        "uniform:5m..7m",
        "lognormal:900ms,1.5s",
        "quantiles:93ms,118ms,181ms,297ms",
        "halving:380s",
    ];

    #[test]
    fn every_distribution_is_read_back_as_written() {
        for text in ALL {
            let read: Distribution = text.parse().expect(text);
            assert_eq!(read.to_string().parse(), Ok(read), "{text} -> {read}");
        }
    }

    #[test]
    fn the_average_of_many_draws_comes_close_to_the_mean() {
        for text in ALL {
            let distribution: Distribution = text.parse().expect(text);
            let mut rng = Xoshiro256PlusPlus::seed_from_u64(7);
            let n = 40_000;
            let sum: f64 = (0..n)
                .map(|_| distribution.draw(&mut rng).as_secs_f64())
                .sum();
            let ratio = sum / f64::from(n) / distribution.mean().as_secs_f64();
            assert!((0.97..1.03).contains(&ratio), "{text}: {ratio}");
        }
    }

    #[test]
    fn what_is_no_distribution_is_refused() {
        for text in [
            "",
            "fast",
            "exp:0s",
            "exp:-1s",
            "uniform:7m..5m",
            "lognormal:1s",
            "lognormal:0s,1s",
            "gauss:1s",
            "quantiles:1s,2s,3s",
            "quantiles:1s,2s,3s,4s,5s",
            "quantiles:2s,1s,3s,4s",
        ] {
            assert!(text.parse::<Distribution>().is_err(), "{text}");
        }
    }
}
