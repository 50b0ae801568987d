//! Errors: more than 1 % of the invocations failed.

use super::{Condition, Id, Insight, Need, Provoked, Quantity};
use crate::lang::Text;

/// The entry of the catalogue.
pub(super) const INSIGHT: Insight = Insight {
    id: Id::Errors,
    name: Text {
        en: "Errors",
        ko: "오류",
    },
    when: Text {
        en: "more than 1 % of the invocations were errors",
        ko: "호출의 1%를 초과하여 오류가 발생함",
    },
    condition: Condition::ShareAbove {
        part: Quantity::Errors,
        whole: Quantity::Invocations,
        percent: 1,
        part_beside_whole: false,
    },
    needs: &[Need::EnhancedMetrics],
    implies: &[],
    advice: Text {
        en: "Read the error's message and stack in the trace and the function's logs, and look for a recent deployment. If the cause lies in another service, the trace shows which.",
        ko: "트레이스의 오류 메시지와 스택, 함수의 로그를 읽고 최근 배포를 확인하세요. 원인이 다른 서비스에 있다면 트레이스가 어느 서비스인지 보여 줍니다.",
    },
    anchor: "errors",
    provoked_by: Provoked::By("errors"),
};
