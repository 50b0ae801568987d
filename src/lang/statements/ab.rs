//! What a paired comparison says.

use super::known::statements;
use crate::lang::{FailureKind, Percent, PlainNumber, Range, Statement, Text};

statements! {
    // The verdict
    ab_more(figure: &str, change: Percent, range: Range, pairs: u64): "B takes more: {} is {} more ({}), certain after {pairs} {pairs?pair|pairs}.",
        "B가 더 느립니다: {} {} 증가({}), {}쌍을 비교해 확실합니다.";
    ab_less(figure: &str, change: Percent, range: Range, pairs: u64): "B takes less: {} is {} less (change {}), certain after {pairs} {pairs?pair|pairs}.",
        "B가 더 빠릅니다: {} {} 감소(변화 {}), {}쌍을 비교해 확실합니다.";
    ab_same(within: Percent, figure: &str, change: Percent, range: Range, pairs: u64): "A and B are the same to within {}: {} changes by {} ({}), certain after {pairs} {pairs?pair|pairs}.",
        "A와 B의 차이가 {} 이내입니다: {} 변화 {}({}), {}쌍을 비교해 확실합니다.";
    ab_undetermined(pairs: u64, figure: &str, change: Percent, range: Range): "Neither a difference nor its absence is certain after {pairs} {pairs?pair|pairs}: {figure} changes by {change} ({range}).",
        "{}쌍을 비교해도 차이가 있는지 없는지 확실하지 않습니다: {} 변화 {}({}).";
    ab_no_interval(pairs: u64, figure: &str, change: Percent): "{pairs} {pairs?pair is|pairs are} too few to say whether there is a difference: {figure} changes by {change}.",
        "{}쌍은 차이가 있는지 판단하기에 너무 적습니다: {} 변화 {}.";
    ab_not_comparable(why: Statement): "A and B cannot be compared: {}.", "A와 B를 비교할 수 없습니다: {}.";
    ab_stopped_early(side: &str, why: Statement, verdict: Statement): "Stopped early, {}: {}. {}", "조기에 중단됨, {}: {}. {}";
    ab_silent(pairs: u64, kinds: Vec<FailureKind>): "no request of the last {} pairs succeeded{}", "마지막 {}쌍의 요청이 모두 실패{}";
    ab_cold_fail(n: u64, kinds: Vec<FailureKind>): "the last {} cold requests failed{}", "마지막 콜드 요청 {}회가 모두 실패{}";
    ab_stays_warm(n: u64, kinds: Vec<FailureKind>): "none of the last {} cold requests met a cold environment{}", "마지막 콜드 요청 {}회 중 콜드 환경을 만난 요청이 없음{}";
    ab_cold_unknown(n: u64, kinds: Vec<FailureKind>): "no evidence says that any of the last {} cold requests was a cold start{}", "마지막 콜드 요청 {}회 중 콜드 스타트라는 근거가 있는 요청이 없음{}";
    ab_all_failed(side: &str, n: u64, kinds: Vec<FailureKind>): "all {1} cold {1?request|requests} of {0} failed{2}", "{0}의 콜드 요청 {1}회가 모두 실패{2}";
    ab_all_warm_failed(side: &str, n: u64, kinds: Vec<FailureKind>): "all {1} warm {1?request|requests} of {0} failed{2}", "{0}의 웜 요청 {1}회가 모두 실패{2}";
    ab_all_ready(side: &str, n: u64): "provisioned concurrency had an environment ready for each of {1} cold {1?request|requests} of {0}: only warm requests can be compared (--fail-on \"warm.p50 > 5%\")",
        "{0}의 콜드 요청 {1}회마다 프로비저닝된 동시성이 준비한 환경이 있었음. 웜 요청만 비교할 수 있음(--fail-on \"warm.p50 > 5%\")";
    ab_all_warm(side: &str, n: u64): "none of {1} cold {1?request|requests} of {0} met a cold environment: idle for longer, or force cold starts",
        "{0}의 콜드 요청 {1}회 모두 콜드 환경을 만나지 못함. 유휴 시간을 늘리거나 콜드 스타트를 강제하세요";
    ab_no_evidence(side: &str, n: u64): "no evidence says that any of {1} {1?request|requests} of {0} was a cold start",
        "{0}의 요청 {1}회 중 콜드 스타트라는 근거가 있는 요청이 없음";
    ab_not_measured(side: &str, figure: &str): "{1} of {0} is unknown: without its REPORT lines or spans only response times are known (cold.p50, warm.p50)",
        "{0}의 {1} 값을 알 수 없음. REPORT 줄이나 스팬이 없으면 응답 시간만 알 수 있음(cold.p50, warm.p50)";
    ab_all_zero(side: &str, figure: &str): "{1} of {0} is 0 ms, and a ratio to 0 ms is undefined: compare cold.p50 instead",
        "{0}의 {1} 값이 0 ms이므로 비율을 구할 수 없음. 대신 cold.p50을 비교하세요";
    ab_too_few_pairs(): "fewer than two pairs have a value on both sides", "양쪽에 값이 있는 쌍이 두 개보다 적음";

    // Where it lies
    ab_import_more(module: &str, ms: PlainNumber): "Most of it is in importing `{}`: {} ms more.", "차이의 대부분은 `{}` 임포트에 있습니다: {} ms 증가.";
    ab_import_less(module: &str, ms: PlainNumber): "Most of it is in importing `{}`: {} ms less.", "차이의 대부분은 `{}` 임포트에 있습니다: {} ms 감소.";
    ab_import_alone(module: &str, ms: PlainNumber): "By itself the import of `{}` is certain to change: by {} ms.", "`{}` 임포트만 보면 변화가 확실합니다: {} ms.";
    ab_part_more(part: Text, ms: PlainNumber): "Most of it is in this part: {}, {} ms more.", "차이의 대부분이 있는 부분: {}, {} ms 증가.";
    ab_part_less(part: Text, ms: PlainNumber): "Most of it is in this part: {}, {} ms less.", "차이의 대부분이 있는 부분: {}, {} ms 감소.";

    // What could explain it
    ab_interrupted(): "It was interrupted: only the pairs that were sent by then count.", "중단되어 그때까지 보낸 쌍만 셉니다.";
    ab_same_target(): "A and B are the same target, so every difference is chance.", "A와 B가 같은 대상이므로 모든 차이는 우연입니다.";
    ab_found_warm(side: &str, warm: u64, asked: u64): "{0}: {1} of {2} cold requests met a warm environment. Other traffic keeps it warm, or the idle time is too short; these pairs are left out.",
        "{0}: 콜드 요청 {2}회 중 {1}회가 웜 환경을 만났습니다. 다른 트래픽이 있거나 유휴 시간이 짧습니다. 이 쌍은 제외했습니다.";
    ab_found_ready(side: &str, warm: u64, asked: u64): "{0}: provisioned concurrency had an environment ready for {1} of {2} cold requests; these pairs are left out.",
        "{0}: 콜드 요청 {2}회 중 {1}회는 프로비저닝된 동시성이 준비한 환경을 만났습니다. 이 쌍은 제외했습니다.";
    ab_zero(side: &str, n: u64): "{0}: {1} cold {1?start|starts} initialised in 0 ms. A ratio to 0 ms is undefined, so these pairs are left out of init times.",
        "{0}: 콜드 스타트 {1}회의 초기화 시간이 0 ms입니다. 0 ms에 대한 비율은 구할 수 없으므로 이 쌍은 초기화 시간에서 제외했습니다.";
    ab_other_inits(side: &str, n: u64): "{0}: {1} {1?initialisation|initialisations} in the run's time range came from other traffic or ahead of need.",
        "{0}: 실행 시간 범위의 초기화 중 {1}회는 다른 트래픽이나 사전 초기화로 일어났습니다.";
    ab_found_cold(side: &str, n: u64): "{0}: {1} warm {1?request|requests} met a cold environment: another version or other traffic replaced it, or it was still busy after its answer.",
        "{0}: 웜 요청 {1}회가 콜드 환경을 만났습니다. 다른 버전이나 다른 트래픽 때문에 환경이 바뀌었거나, 응답 뒤에도 환경이 바빴습니다.";
    ab_versions(side: &str, versions: String): "{0}: versions {1} answered, so another was deployed in between. Compare again without a deployment.",
        "{0}: 응답한 버전이 여러 개({1})이므로 도중에 다른 버전이 배포되었습니다. 배포하지 않는 동안 다시 비교하세요.";
    ab_throttled(side: &str, n: u64): "{0}: {1} {1?request was|requests were} throttled.", "{0}: 요청 {1}회가 스로틀링되었습니다.";
    ab_failed(side: &str, n: u64): "{0}: {1} {1?request|requests} failed; their pairs are left out.", "{0}: 요청 {1}회가 실패했습니다. 해당 쌍은 제외했습니다.";
    ab_late(side: &str, n: u64): "{0}: {1} {1?request|requests} left more than 20 ms late: this machine is busy.",
        "{0}: 요청 {1}회가 20 ms 넘게 늦게 나갔습니다. 이 컴퓨터가 바쁩니다.";
    ab_far_apart(apart: std::time::Duration): "The two cold starts of a pair lie up to {} apart.", "한 쌍의 두 콜드 스타트가 최대 {} 떨어져 있습니다.";
    ab_method(within: Percent): "Cold starts of A and B alternate in an order drawn by the seed, and each is compared with its pair. The data is looked at five times with O'Brien-Fleming bounds, so that two targets that do not differ are called different in at most 5 % of comparisons. Values are geometric means over the pairs; intervals hold the true change with 95 % confidence at all looks together. Absence means within {}, by two one-sided tests at 5 %. Parts and imports explain the difference with 95 % confidence for all rows together. Costs are Lambda's list price for a million requests, 1 % of them cold.",
        "A와 B의 콜드 스타트를 시드가 정한 순서로 번갈아 보내고 쌍끼리 비교합니다. O'Brien-Fleming 경계로 다섯 번 확인하므로 다르지 않은 두 대상을 다르다고 하는 경우는 비교의 5% 이하입니다. 값은 쌍의 기하 평균이고 구간은 모든 확인을 통틀어 95% 신뢰도로 실제 변화를 포함합니다. 차이가 없다는 것은 {} 이내라는 뜻이며 유의 수준 5%의 단측 검정 두 번으로 판단합니다. 부분과 임포트별 차이의 신뢰도는 모든 행을 통틀어 95%입니다. 비용은 요청 백만 회(콜드 1%)의 Lambda 정가입니다.";
}
