//! Throttles: Lambda refused more than 10 % of the invocations.
//!
//! CloudWatch's `Invocations` does not count refused ones (AWS Lambda developer guide,
//! "Types of metrics"), and Datadog's page does not say whether "invocations" here does. The
//! condition counts as met only if it is met either way.

use super::{Condition, Id, Insight, Need, Provoked, Quantity, Ratio};
use crate::lang::Text;

/// The entry of the catalogue.
pub(super) const INSIGHT: Insight = Insight {
    id: Id::Throttles,
    name: Text::new("Throttles", "스로틀링"),
    when: Text::new(
        "more than 10 % of the invocations were throttled",
        "호출의 10%를 초과하여 스로틀링됨",
    ),
    condition: Condition::ShareAbove(Ratio {
        part: Quantity::Throttles,
        whole: Quantity::CloudwatchInvocations,
        percent: 10,
        is_beside: true,
    }),
    needs: &[Need::AwsIntegration],
    implies: &[],
    advice: Text::new(
        "Compare the function's concurrent executions with its reserved concurrency and the account's limit. Reserve concurrency for what matters, ask AWS for a higher quota, or smooth the traffic with a queue.",
        "함수의 동시 실행 수를 예약된 동시성 및 계정 한도와 비교하세요. 중요한 함수에 동시성을 예약하거나, AWS에 한도 증가를 요청하거나, 대기열로 트래픽을 고르게 하세요.",
    ),
    anchor: "throttles",
    provoked_by: Provoked::By("throttles"),
};
