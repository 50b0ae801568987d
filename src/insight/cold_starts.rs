//! Cold starts: more than 1 % of the invocations waited for a new environment.

use super::{Condition, Id, Insight, Need, Provoked, Quantity, Ratio};
use crate::lang::Text;

/// The entry of the catalogue.
pub(super) const INSIGHT: Insight = Insight {
    id: Id::ColdStarts,
    name: Text::new("Cold starts", "콜드 스타트"),
    when: Text::new(
        "more than 1 % of the invocations were cold starts",
        "호출의 1%를 초과하여 콜드 스타트가 발생함",
    ),
    condition: Condition::ShareAbove(Ratio::within(
        Quantity::ColdStarts,
        Quantity::Invocations,
        1,
    )),
    needs: &[Need::EnhancedMetrics],
    implies: &[],
    advice: Text::new(
        "Make initialisation shorter first: smaller packages, fewer imports, lazy clients. Where callers still feel it, provisioned concurrency keeps environments ready, for a price.",
        "먼저 초기화를 줄이세요. 패키지를 작게 만들고, import를 줄이고, 클라이언트는 필요할 때 생성합니다. 그래도 사용자가 느낀다면 프로비저닝된 동시성으로 실행 환경을 미리 준비해 둘 수 있지만 비용이 듭니다.",
    ),
    anchor: "cold-starts",
    provoked_by: Provoked::By("cold-start"),
};
