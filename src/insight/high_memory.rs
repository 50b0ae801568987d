//! High memory usage: an invocation came close to the memory size.

use super::{Condition, Id, Insight, Need, Provoked, Quantity, Ratio};
use crate::lang::Text;

/// The entry of the catalogue.
pub(super) const INSIGHT: Insight = Insight {
    id: Id::HighMemory,
    name: Text::new("High memory usage", "높은 메모리 사용량"),
    when: Text::new(
        "at least one invocation used more than 95 % of the memory size",
        "할당된 메모리의 95%를 초과하여 사용한 호출이 하나 이상 있음",
    ),
    condition: Condition::PeakAbove(Ratio::within(
        Quantity::MemoryUsed,
        Quantity::MemorySize,
        95,
    )),
    needs: &[Need::EnhancedMetrics, Need::MemorySize],
    implies: &[],
    advice: Text::new(
        "Give the function more memory, or find what holds it: Lambda kills an environment that asks for more than it has. More memory also means more CPU, so the higher price per millisecond may buy fewer of them.",
        "함수의 메모리를 늘리거나 메모리를 붙들고 있는 부분을 찾으세요. Lambda는 할당량보다 많은 메모리를 요구하는 실행 환경을 강제로 종료합니다. 메모리가 늘면 CPU도 늘어나므로, 밀리초당 비용이 오르는 대신 실행 시간이 짧아질 수 있습니다.",
    ),
    anchor: "high-memory-usage",
    provoked_by: Provoked::By("high-memory"),
};
