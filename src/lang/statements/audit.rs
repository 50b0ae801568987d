//! What an audit says of a service's functions.

use super::known::statements;
use crate::lang::{FunctionName, Statement, Value};

statements! {
    // Where the numbers come from
    telemetry_of_sandbox(run: &str): "the sandbox's telemetry in the run {}: simulated", "{} 실행에 있는 샌드박스의 원격 측정 데이터(시뮬레이션)";
    fetched_from_datadog(run: &str): "what `loadgen verify` fetched from Datadog in the run {}", "{} 실행에서 `loadgen verify`가 Datadog에서 가져온 데이터";
    at_sandbox(host: &str): "the sandbox at {}: simulated", "샌드박스 {}(시뮬레이션)";
    at_datadog(host: &str): "Datadog at {}", "Datadog(주소 {})";

    // Why a condition cannot be determined
    query_failed(what: Statement, why: impl Into<Value>): "the {} could not be asked for: {}", "{} 조회 실패: {}";
    has_no_metric(who: Statement, metric: &str, source: Statement): "{} has no {} here: {}", "{0}에 {1} 메트릭이 없음. {2}";
    of_streams(): "only functions that read a stream have it", "스트림을 읽는 함수에만 있음";
    of_provisioned(): "only functions with provisioned concurrency have it", "프로비저닝된 동시성을 설정한 함수에만 있음";
    from_cloudwatch(): "it comes from CloudWatch through Datadog's AWS integration, 10 to 20 minutes late",
        "Datadog의 AWS 통합을 통해 CloudWatch에서 10~20분 늦게 들어옴";
    from_extension(): "it comes with Datadog's extension or forwarder, when the function runs",
        "함수가 실행될 때 Datadog 확장 또는 Forwarder를 통해 들어옴";

    // Why there is no monitor
    no_metric_carries(what: Statement): "no metric carries the {}", "메트릭에 없는 값: {}";
    limit_unknown(what: Statement): "the {} is not known", "알 수 없는 값: {}";
    reads_no_stream(): "the function reads no stream", "함수가 읽는 스트림이 없음";
    has_none(what: Statement): "the function has no {} that is known", "함수에 없거나 알 수 없는 값: {}";
    unit_unclear(what: Statement): "the measured {} does not show whether the metric goes up to 1 or to 100",
        "측정값으로는 메트릭의 최댓값이 1인지 100인지 알 수 없음: {}";
    met_unknown(): "whether it is met cannot be determined", "충족 여부를 판단할 수 없음";

    // What to know
    function_left_out(why: impl Into<Value>): "a function is left out: {}", "함수 하나를 제외했습니다: {}";
    function_not_found(function: FunctionName<'_>): "no metric of the time range names the function {}", "시간 범위의 메트릭에 {} 함수가 없습니다";
    cloudwatch_late(): "throttles, the timeout setting and iterator ages come from CloudWatch, 10 to 20 minutes late, and are found by the function's name in every account and region",
        "스로틀링, 제한 시간 설정, 반복기 나이는 CloudWatch에서 10~20분 늦게 들어오며 모든 계정과 리전에서 함수 이름으로 찾습니다";
}
