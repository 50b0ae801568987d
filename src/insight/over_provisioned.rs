//! Over provisioned: no invocation needed more than a tenth of the memory size.

use super::{Condition, Id, Insight, Need, Provoked, Quantity, Ratio};
use crate::lang::Text;

/// The entry of the catalogue.
pub(super) const INSIGHT: Insight = Insight {
    id: Id::OverProvisioned,
    name: Text::new("Over provisioned", "초과 프로비저닝"),
    when: Text::new(
        "no invocation used more than 10 % of the memory size",
        "할당된 메모리의 10%를 초과하여 사용한 호출이 없음",
    ),
    condition: Condition::PeakNotAbove(Ratio::within(
        Quantity::MemoryUsed,
        Quantity::MemorySize,
        10,
    )),
    needs: &[Need::EnhancedMetrics, Need::MemorySize],
    implies: &[],
    advice: Text::new(
        "Try a smaller memory size and watch the duration: CPU shrinks with memory, so the cheapest size is not always the smallest. Measure two or three sizes before deciding.",
        "더 작은 메모리로 바꾸고 지속 기간을 지켜보세요. CPU도 메모리와 함께 줄기 때문에 가장 작은 크기가 항상 가장 저렴하지는 않습니다. 두세 가지 크기를 측정한 뒤 결정하세요.",
    ),
    anchor: "over-provisioned",
    provoked_by: Provoked::By("over-provisioned"),
};
