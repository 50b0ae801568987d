//! What more memory is worth: Lambda gives a function CPU in proportion to its memory.

use std::{fmt, str::FromStr, time::Duration};

use crate::{
    lang::texts,
    units::{Memory, parse_duration},
};

/// At 1,769 MB a function has one vCPU, and below that a share of it in proportion (AWS Lambda developer
/// guide, "Configure Lambda function memory"). More vCPUs help a handler with one thread no further.
const ONE_CPU_MB: f64 = 1_769.0;

texts! {
    const;
    NO_SHARE: "write the share of the work that waits for the CPU, 0 to 1, or two measured durations, 512MB=900ms,1024MB=480ms",
        "CPU를 기다리는 작업의 비율을 0~1로 쓰거나 측정한 시간 두 개를 쓰세요. 예: 512MB=900ms,1024MB=480ms";
}

/// The share of a function's time that it waits for the CPU when it has one vCPU, 0 to 1. The rest,
/// for example waiting for other services, takes the same time with any memory. An assumption,
/// unless it was fitted from the durations with two memory sizes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CpuShare(f64);

impl Default for CpuShare {
    /// All of it.
    fn default() -> CpuShare {
        CpuShare(1.0)
    }
}

impl CpuShare {
    /// By what factor durations that were measured with one memory size grow with another.
    pub fn slower(self, measured: Memory, with: Memory) -> f64 {
        let time = |memory| 1.0 - self.0 + self.0 * waiting(memory);
        time(with) / time(measured)
    }

    /// The share that explains the durations with two memory sizes; None where both have the same CPU.
    pub fn fitted(one: (Memory, Duration), other: (Memory, Duration)) -> Option<CpuShare> {
        let apart = waiting(one.0) - waiting(other.0);
        let (one_s, other_s) = (one.1.as_secs_f64(), other.1.as_secs_f64());
        let computing = (one_s - other_s) / apart;
        let rest = one_s - computing * waiting(one.0);
        let share = computing / (computing + rest);
        (apart != 0.0 && share.is_finite()).then(|| CpuShare(share.clamp(0.0, 1.0)))
    }
}

/// How many seconds one second of work on a full vCPU takes.
fn waiting(memory: Memory) -> f64 {
    (ONE_CPU_MB / f64::from(memory.mb())).max(1.0)
}

impl FromStr for CpuShare {
    type Err = String;

    fn from_str(text: &str) -> Result<CpuShare, String> {
        let measured = |text: &str| -> Option<(Memory, Duration)> {
            let (memory, duration) = text.split_once('=')?;
            Some((
                memory.trim().parse().ok()?,
                parse_duration(duration.trim()).ok()?,
            ))
        };
        let share = match text.split_once(',') {
            Some((one, other)) => measured(one)
                .zip(measured(other))
                .and_then(|(one, other)| CpuShare::fitted(one, other)),
            None => {
                let share = text.trim().parse().ok().map(CpuShare);
                share.filter(|share| (0.0..=1.0).contains(&share.0))
            }
        };
        share.ok_or_else(|| NO_SHARE.to_string())
    }
}

impl fmt::Display for CpuShare {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.2}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn memory(mb: u32) -> Memory {
        format!("{mb}MB").parse().expect("a memory size")
    }

    #[test]
    fn durations_follow_the_documented_shares_of_a_cpu() {
        let share = |text: &str| text.parse::<CpuShare>().expect(text);
        let slower = |share: CpuShare, from, to| share.slower(memory(from), memory(to));
        // CPU-bound: half the memory is half the CPU, up to 1,769 MB.
        assert!((slower(share("1"), 1024, 512) - 2.0).abs() < 1e-9);
        assert!((slower(share("1"), 128, 1769) - 128.0 / 1769.0).abs() < 1e-9);
        assert_eq!(slower(share("1"), 1769, 10240), 1.0);
        // I/O-bound: memory changes nothing.
        assert_eq!(slower(share("0"), 128, 10240), 1.0);
        let fitted = share("512MB=900ms,1024MB=480ms");
        assert!((slower(fitted, 512, 1024) - 480.0 / 900.0).abs() < 1e-9);
        for text in [
            "1.1",
            "-0.1",
            "x",
            "",
            "512MB=1s",
            "2048MB=1s,4096MB=1s",
            "NaN",
        ] {
            assert!(text.parse::<CpuShare>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_share_is_found_again_in_what_it_does(
            share in 0.0..1.0_f64, from in 128_u32..1700, to in 128_u32..10_240,
        ) {
            let share = CpuShare(share);
            let slower = share.slower(memory(from), memory(to));
            let back = share.slower(memory(to), memory(from));
            prop_assert!((slower * back - 1.0).abs() < 1e-9);
            prop_assert!(to < from || slower <= 1.0 + 1e-9, "more memory is never slower");
            let measured = |mb, seconds| (memory(mb), Duration::from_secs_f64(seconds));
            if from.abs_diff(to) > 100 {
                let fitted = CpuShare::fitted(measured(from, 10.0), measured(to, 10.0 * slower));
                prop_assert!((fitted.expect("a fit").0 - share.0).abs() < 1e-3);
            }
        }
    }
}
