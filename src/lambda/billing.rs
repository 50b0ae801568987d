//! What AWS asks for an invocation.

use std::time::Duration;

use crate::units::Memory;

/// US dollars for each invocation (AWS Lambda pricing, x86 in us-east-1: $0.20 a million).
const USD_PER_REQUEST: f64 = 0.20 / 1e6;
/// US dollars for each GB-second (the same page: the first tier on x86).
const USD_PER_GB_SECOND: f64 = 0.000_016_666_7;

/// REPORT's `Billed Duration`: init and duration, up to the next millisecond. Init is billed
/// since 2025-08-01 (AWS compute blog, "AWS Lambda standardizes billing for INIT Phase").
pub fn billed(init: Duration, duration: Duration) -> Duration {
    let nanos = (init + duration).as_nanos();
    Duration::from_millis(u64::try_from(nanos.div_ceil(1_000_000)).unwrap_or(u64::MAX))
}

/// The price of one invocation in US dollars, without the free tier.
pub fn cost_usd(billed: Duration, memory: Memory) -> f64 {
    USD_PER_REQUEST + billed.as_secs_f64() * f64::from(memory.mb()) / 1024.0 * USD_PER_GB_SECOND
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
        let cost = cost_usd(Duration::from_secs(1), memory);
        assert!((cost - 0.000_016_866_7).abs() < 1e-12, "{cost}");
    }
}
