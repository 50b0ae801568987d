//! What AWS asks for an invocation.

use std::time::Duration;

use crate::units::Memory;

/// US dollars for each invocation (AWS Lambda pricing, x86 in us-east-1: $0.20 a million).
const USD_PER_REQUEST: f64 = 0.20 / 1e6;
/// US dollars for each GB-second (the same page: the first tier on x86).
const USD_PER_GB_SECOND: f64 = 0.000_016_666_7;

/// US dollars for each GB-second that an environment is kept provisioned (the same page).
const USD_PER_KEPT_GB_SECOND: f64 = 0.000_004_166_7;
/// US dollars for each GB-second of duration in a provisioned environment (the same page).
const USD_PER_PROVISIONED_GB_SECOND: f64 = 0.000_009_722_2;

/// REPORT's `Billed Duration`: init and duration, up to the next millisecond. Init is billed
/// since 2025-08-01 (AWS compute blog, "AWS Lambda standardizes billing for INIT Phase").
pub fn billed(init: Duration, duration: Duration) -> Duration {
    let nanos = (init + duration).as_nanos();
    Duration::from_millis(u64::try_from(nanos.div_ceil(1_000_000)).unwrap_or(u64::MAX))
}

/// The price of one invocation in US dollars, without the free tier; `provisioned`: in a
/// provisioned environment, where duration is cheaper because readiness is paid for.
pub fn cost_usd(billed: Duration, memory: Memory, provisioned: bool) -> f64 {
    let second = if provisioned {
        USD_PER_PROVISIONED_GB_SECOND
    } else {
        USD_PER_GB_SECOND
    };
    USD_PER_REQUEST + billed.as_secs_f64() * gigabytes(memory) * second
}

/// The price of keeping `environments` provisioned for `length`, in US dollars: by the GB-second,
/// up to the next five minutes.
pub fn provisioned_usd(environments: u32, memory: Memory, length: Duration) -> f64 {
    let seconds = (length.as_secs_f64() / 300.0).ceil() * 300.0;
    f64::from(environments) * seconds * gigabytes(memory) * USD_PER_KEPT_GB_SECOND
}

fn gigabytes(memory: Memory) -> f64 {
    f64::from(memory.mb()) / 1024.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn init_is_billed_and_the_sum_rounded_up_once() {
        let micros = Duration::from_micros;
        assert_eq!(
            billed(micros(1_293_830), micros(1_049_630)),
            Duration::from_millis(2_344)
        );
        assert_eq!(
            billed(Duration::ZERO, micros(5_000)),
            Duration::from_millis(5)
        );
    }

    #[test]
    fn a_gigabyte_second_costs_its_price_and_the_request() {
        let memory = Memory::from_mb(1024).expect("a size");
        let cost = cost_usd(Duration::from_secs(1), memory, false);
        assert!((cost - 0.000_016_866_7).abs() < 1e-12, "{cost}");
    }

    #[test]
    fn provisioned_concurrency_is_paid_by_the_five_minutes() {
        let memory = Memory::from_mb(1024).expect("a size");
        let cost = |seconds| provisioned_usd(2, memory, Duration::from_secs(seconds));
        assert_eq!(cost(1), cost(300));
        assert!((cost(301) - 2.0 * 600.0 * 0.000_004_166_7).abs() < 1e-12);
    }
}
