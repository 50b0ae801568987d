//! Provisioned concurrency: less than 60 % of what is kept ready is used.

use super::{Condition, Id, Insight, Need, Provoked, Quantity};
use crate::lang::Text;

/// The entry of the catalogue.
pub(super) const INSIGHT: Insight = Insight {
    id: Id::ProvisionedConcurrency,
    name: Text::new("Provisioned concurrency", "프로비저닝된 동시성"),
    when: Text::new(
        "provisioned concurrency utilization was below 60 %",
        "프로비저닝된 동시성 사용률이 60% 미만임",
    ),
    condition: Condition::LessThan {
        value: Quantity::ProvisionedUtilization,
        limit: 600_000,
        of: Quantity::ProvisionedConcurrency,
    },
    needs: &[Need::AwsIntegration, Need::ProvisionedConcurrency],
    implies: &[],
    advice: Text::new(
        "Lower the provisioned concurrency, or let it follow the traffic with scheduled or target-tracking scaling. What is kept ready is paid whether it is used or not.",
        "프로비저닝된 동시성을 낮추거나, 예약 또는 대상 추적 조정으로 트래픽을 따르게 하세요. 준비해 둔 환경은 사용하지 않아도 비용이 듭니다.",
    ),
    anchor: "provisioned-concurrency",
    provoked_by: Provoked::By("provisioned-concurrency"),
};
