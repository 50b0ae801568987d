//! The arithmetic behind an Insight, and why one cannot be determined.

use super::known::statements;
use crate::lang::{FunctionName, Statement, Value};

statements! {
    share(part: Statement, whole: Statement, share: impl Into<Value>, limit: Statement): "{} in {}: {}, {}", "{1} 대비 {0}: {2}, {3}";
    no_share_known(part: Statement, whole: Statement, limit: Statement): "{} in {}, {}", "{1} 대비 {0}, {2}";
    nothing_known(of: Statement): "{}: unknown", "{}: 알 수 없음";
    no_share(): "no share", "비율 없음";
    of_limit(value: Statement, limit: Statement, of: Statement): "{}, {} of the {}", "{0}, {2}의 {1}";
    held_against(value: Statement, limit: Statement): "{}, {}", "{}, {}";
    beside(one: Statement, other: Statement): "{}; {}", "{}; {}";
    more_than(limit: impl Into<Value>): "more than {}", "{} 초과";
    not_more_than(limit: impl Into<Value>): "not more than {}", "{} 이하";
    maybe_more_than(limit: impl Into<Value>): "possibly more than {}", "{} 초과인지 알 수 없음";
    below(limit: impl Into<Value>): "below {}", "{} 미만";
    not_below(limit: impl Into<Value>): "not below {}", "{} 이상";
    maybe_below(limit: impl Into<Value>): "possibly below {}", "{} 미만인지 알 수 없음";
    none_of(what: Statement): "no {}", "{} 없음";
    no_metric(): "no metric says so", "이를 나타내는 메트릭 없음";
    limit_within(): "the limit lies within what is possible", "한도가 가능한 범위 안에 있음";
    threats_unmeasured(): "no metric tells of threats: Datadog shows them as security signals",
        "위협을 나타내는 메트릭은 없으며 Datadog은 이를 보안 신호로 표시함";

    // Whose data it is
    the_sandbox(): "the sandbox", "샌드박스";
    the_log(): "the log", "로그";
    datadog(): "Datadog", "Datadog";

    // What weakens it
    data_missing(who: Statement, reported: u64, sent: u64): "{} has {} of the {} invocations that ran, so more may come",
        "실행된 호출 {2}회 중 {1}회만 {0}에 있으므로 더 들어올 수 있음";
    data_foreign(who: Statement, reported: u64, sent: u64): "{} has {} invocations and this run caused at most {}: other traffic shares the time range",
        "{}에 호출 {}회가 있지만 이 실행이 일으킨 호출은 최대 {}회이므로 같은 시간 범위에 다른 트래픽이 섞여 있음";
    data_uncounted(who: Statement): "how many invocations {} should have is not known, so some may be missing",
        "{}에 호출이 몇 회 있어야 하는지 알 수 없으므로 일부가 빠졌을 수 있음";

    // Why a quantity is not known
    not_set(what: Statement): "the function's {} is not known", "함수의 {} 설정을 알 수 없음";
    not_planned(what: Statement): "a plan cannot predict the {}", "계획으로 예측할 수 없는 값: {}";
    with_extensions(): "the reported duration includes what extensions do after the response, which a client does not see",
        "보고된 지속 기간에는 확장이 응답 후에 하는 작업도 포함되며 클라이언트에는 보이지 않음";
    not_answered(what: Statement): "a client does not see the {}", "클라이언트에 보이지 않는 값: {}";
    not_in_sandbox(what: Statement): "the sandbox has no data on the {}", "샌드박스에 데이터가 없는 값: {}";
    comes_late(what: Statement): "Datadog has no data on the {} yet: it comes from CloudWatch through the AWS integration, 10 to 20 minutes late (2 to 3 with Metric Streams)",
        "아직 Datadog에 데이터가 없는 값: {}. AWS 통합을 통해 CloudWatch에서 10~20분 늦게 들어옴(Metric Streams는 2~3분)";
    not_in_datadog(what: Statement): "Datadog has no data on the {} yet", "아직 Datadog에 데이터가 없는 값: {}";
    memory_not_in_datadog(what: Statement): "Datadog has no data on the {} yet; a function on Managed Instances never sends it",
        "아직 Datadog에 데이터가 없는 값: {}. Managed Instances의 함수는 이 값을 보내지 않음";
    not_in_log(what: Statement): "Lambda's log lines do not give the {}", "Lambda 로그 줄에 없는 값: {}";

    // What a finding without an observation says
    nothing_seen(): "nothing", "없음";
    unobserved(function: FunctionName<'_>): "nothing was observed of {}", "관측된 데이터가 없는 함수: {}";
    nothing_ran(): "no request is certain to have run the function", "함수가 실행된 것이 확실한 요청이 없음";
    entry_unobserved(): "nothing was observed of the entry function", "진입 함수에서 관측된 데이터가 없음";
}
