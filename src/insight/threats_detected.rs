//! Threats detected: attack attempts on the application.

use super::{Condition, Id, Insight, Need, Provoked};
use crate::lang::Text;

/// The entry of the catalogue.
pub(super) const INSIGHT: Insight = Insight {
    id: Id::ThreatsDetected,
    name: Text::new("Threats detected", "위협 감지됨"),
    when: Text::new(
        "attack attempts on the application were detected",
        "애플리케이션을 노린 공격 시도가 감지됨",
    ),
    condition: Condition::Unmeasured,
    needs: &[Need::AppSecurity],
    implies: &[],
    advice: Text::new(
        "Open the security signals and see what was tried against which route. Block the address in your firewall if it goes on.",
        "보안 신호를 열어 어떤 경로에 무엇을 시도했는지 확인하세요. 계속된다면 방화벽에서 해당 주소를 차단하세요.",
    ),
    anchor: "threats-detected",
    provoked_by: Provoked::Never(Text::new(
        "it needs Datadog's app security, which the sample app does not switch on, and loadgen sends no attacks",
        "샘플 앱에서 켜지 않은 Datadog 앱 보안이 필요하며, loadgen은 공격을 보내지 않습니다",
    )),
};
