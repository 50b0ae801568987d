//! Out of memory: Lambda killed an environment for its memory.

use super::{Condition, Id, Insight, Need, Provoked, Quantity};
use crate::lang::Text;

/// The entry of the catalogue.
pub(super) const INSIGHT: Insight = Insight {
    id: Id::OutOfMemory,
    name: Text::new("Out of memory", "메모리 부족"),
    when: Text::new(
        "at least one invocation ran out of memory",
        "메모리가 부족했던 호출이 하나 이상 있음",
    ),
    condition: Condition::AtLeastOne(Quantity::OutOfMemory),
    needs: &[Need::EnhancedMetrics],
    implies: &[Id::HighErrors, Id::HighMemory, Id::ColdStarts],
    advice: Text::new(
        "Give the function more memory, or find in the trace which step asks for so much. To the caller it is a failed request, and the next one waits for a fresh initialisation.",
        "함수의 메모리를 늘리거나, 어느 단계가 그렇게 많은 메모리를 쓰는지 트레이스에서 찾으세요. 호출한 쪽에서는 요청 실패로 보이고, 다음 요청은 초기화를 다시 기다립니다.",
    ),
    anchor: "out-of-memory",
    provoked_by: Provoked::By("out-of-memory"),
};
