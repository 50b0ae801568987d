//! High errors: more than 10 % of the invocations failed.

use super::{Condition, Id, Insight, Need, Provoked, Quantity, Ratio};
use crate::lang::Text;

/// The entry of the catalogue.
pub(super) const INSIGHT: Insight = Insight {
    id: Id::HighErrors,
    name: Text::new("High errors", "높은 오류율"),
    when: Text::new(
        "more than 10 % of the invocations were errors",
        "호출의 10%를 초과하여 오류가 발생함",
    ),
    condition: Condition::ShareAbove(Ratio::within(Quantity::Errors, Quantity::Invocations, 10)),
    needs: &[Need::EnhancedMetrics],
    implies: &[Id::Errors],
    advice: Text::new(
        "Read the error's message and stack in the trace and the function's logs, and look for a recent deployment. If the cause lies in another service, the trace shows which.",
        "트레이스의 오류 메시지와 스택, 함수의 로그를 읽고 최근 배포를 확인하세요. 원인이 다른 서비스에 있다면 트레이스가 어느 서비스인지 보여 줍니다.",
    ),
    anchor: "high-errors",
    provoked_by: Provoked::By("errors"),
};
