//! High duration: an invocation came close to the timeout.

use super::{Condition, Id, Insight, Need, Provoked, Quantity, Ratio};
use crate::lang::Text;

/// The entry of the catalogue.
pub(super) const INSIGHT: Insight = Insight {
    id: Id::HighDuration,
    name: Text::new("High duration", "높은 지속 기간"),
    when: Text::new(
        "at least one invocation took more than 95 % of the timeout",
        "제한 시간의 95%를 초과한 호출이 하나 이상 있음",
    ),
    condition: Condition::PeakAbove(Ratio::within(
        Quantity::LongestDuration,
        Quantity::Timeout,
        95,
    )),
    needs: &[Need::EnhancedMetrics, Need::Timeout],
    implies: &[],
    advice: Text::new(
        "Find the slow step in the trace: most often it is a call to another service. Raise the timeout only if the work really needs longer, for every second is paid.",
        "트레이스에서 느린 단계를 찾으세요. 대개 다른 서비스를 호출하는 부분입니다. 실행 시간만큼 비용이 들므로, 작업에 정말 더 긴 시간이 필요할 때만 제한 시간을 늘리세요.",
    ),
    anchor: "high-duration",
    provoked_by: Provoked::By("high-duration"),
};
