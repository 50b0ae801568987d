//! Timeouts: Lambda stopped an invocation at the timeout.

use super::{Condition, Id, Insight, Need, Provoked, Quantity};
use crate::lang::Text;

/// The entry of the catalogue.
pub(super) const INSIGHT: Insight = Insight {
    id: Id::Timeouts,
    name: Text::new("Timeouts", "시간 초과"),
    when: Text::new(
        "at least one invocation timed out",
        "시간이 초과된 호출이 하나 이상 있음",
    ),
    condition: Condition::AtLeastOne(Quantity::Timeouts),
    needs: &[Need::EnhancedMetrics],
    implies: &[Id::HighErrors, Id::HighDuration, Id::ColdStarts],
    advice: Text::new(
        "Look in the trace for what was still running when Lambda stopped it, and give calls to other services a timeout shorter than the function's own. Raise the function's timeout only if the work needs longer.",
        "Lambda가 중단했을 때 무엇이 실행 중이었는지 트레이스에서 확인하고, 다른 서비스 호출에는 함수보다 짧은 제한 시간을 주세요. 작업에 더 긴 시간이 필요할 때만 함수의 제한 시간을 늘리세요.",
    ),
    anchor: "timeouts",
    provoked_by: Provoked::By("timeouts"),
};
