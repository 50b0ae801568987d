//! Why a limit could not be held: its figure has no value.

use crate::{
    lang::Text,
    scenario::{Metric, NamedFigure},
    stats::Measure,
};

/// Why there is no value, as far as the kind of figure tells.
pub fn untold(metric: &str) -> Text {
    match metric.parse().map(|named: NamedFigure| named.metric) {
        Ok(Metric::ColdShare | Metric::ColdCount) => Text {
            en: "not every request is known to be cold or warm",
            ko: "콜드인지 웜인지 알 수 없는 요청이 있음",
        },
        Ok(Metric::Latency(Measure::Init, ..)) => Text {
            en: "too few requests are joined with how long their environments initialised",
            ko: "초기화 시간과 연결된 요청이 너무 적음",
        },
        _ => Text {
            en: "too few samples to tell",
            ko: "판단하기에 샘플이 너무 적음",
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_that_nobody_can_know_is_not_said_to_lack_samples() {
        for (metric, part) in [
            ("cold.share", "known to be cold or warm"),
            ("cold.count", "known to be cold or warm"),
            ("init.cold.p50", "how long"),
            ("response.cold.p99", "too few samples"),
            ("no metric", "too few samples"),
        ] {
            assert!(untold(metric).en.contains(part), "{metric}");
        }
    }
}
