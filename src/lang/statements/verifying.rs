//! What a verification says beside its verdicts.

use super::known::statements;
use crate::lang::{FunctionName, Statement, Value};

statements! {
    not_verified(why: impl Into<Value>): "not verified: {}", "검증하지 못했습니다: {}";
    clock_behind(by: impl Into<Value>, advice: Statement): "this machine's clock is {0} behind the API's, so the run was looked for {0} later than it was recorded; {1}",
        "이 컴퓨터의 시계가 API보다 {0} 느려 기록된 시각보다 {0} 뒤에서 실행을 찾았습니다. {1}";
    clock_ahead(by: impl Into<Value>, advice: Statement): "this machine's clock is {0} ahead of the API's, so the run was looked for {0} earlier than it was recorded; {1}",
        "이 컴퓨터의 시계가 API보다 {0} 빨라 기록된 시각보다 {0} 앞에서 실행을 찾았습니다. {1}";
    last_answers(why: impl Into<Value>): "the last answers did not come, and what is said here rests on those before: {}",
        "마지막 응답을 받지 못해 이전 응답을 근거로 판정했습니다: {}";
    no_telemetry(why: impl Into<Value>): "`loadgen view` has no telemetry of this run, for it could not be fetched: {}",
        "원격 측정 데이터를 가져오지 못해 `loadgen view`에 이 실행의 원격 측정 데이터가 없습니다: {}";
    no_traces(why: impl Into<Value>): "the run's traces could not be fetched, so cold and warm rest on other evidence: {}",
        "실행의 트레이스를 가져오지 못해 콜드와 웜은 다른 근거로 구분했습니다: {}";
    traces_cut(why: impl Into<Value>): "not every trace could be fetched: {}", "일부 트레이스를 가져오지 못했습니다: {}";
    spans_unreadable(spans: u64): "{} spans could not be read and were passed over", "스팬 {}개는 읽을 수 없어 건너뛰었습니다";
    spans_unjoined(spans: u64): "{} spans came and none of them is an aws.lambda span of the function, so no request has evidence from its trace",
        "스팬 {}개를 받았지만 함수의 aws.lambda 스팬이 없어 트레이스를 근거로 쓸 수 있는 요청이 없습니다";
    log_not_read(function: FunctionName<'_>, why: impl Into<Value>): "the log of {} was not read: {}", "{} 로그를 읽지 못했습니다: {}";
    log_hides(function: FunctionName<'_>): "{} keeps reports out of its log: its system log level must be INFO",
        "{} 함수의 로그에 REPORT 줄이 없습니다. 시스템 로그 수준이 INFO여야 합니다";
    log_cut(lines: u64, function: FunctionName<'_>): "only the first {} lines of {} were read", "{1} 로그는 처음 {0}줄만 읽었습니다";

    // Monitors
    monitor_not_asked(): "it was not queried", "조회하지 않았습니다";
    monitor_unknown(): "there is no monitor of that name: create it, for example with `loadgen audit --service NAME --monitors json --apply`",
        "이 이름의 모니터가 없습니다. `loadgen audit --service NAME --monitors json --apply` 등으로 만드세요";
    monitors_of_one_name(monitors: u64): "{} monitors have that name; give them different ones", "이 이름의 모니터가 {}개입니다. 서로 다른 이름을 쓰세요";
    monitor_fired(after: impl Into<Value>): "it went to Alert {} after the run began", "실행이 시작되고 {} 뒤에 Alert가 되었습니다";
    monitor_fired_before(): "it was in Alert before the run began, so the run cannot show that it fires",
        "실행 전부터 Alert 상태여서 이 실행으로는 경보가 울리는지 알 수 없습니다";
    monitor_stands(state: String): "its state is {}, and it did not go to Alert during the run", "상태는 {}이고 실행 중에 Alert가 되지 않았습니다";
    monitor_to_come(): "it is OK, and the end of the run is not evaluated yet", "상태는 OK이지만 실행의 끝은 아직 평가되지 않았습니다";
    minute_skipped(): "the sandbox's clock was advanced by a minute, so that the monitors are evaluated up to the end of the run",
        "모니터가 실행의 끝까지 평가되도록 샌드박스 시계를 1분 앞으로 옮겼습니다";
    monitors_not_asked(why: impl Into<Value>): "the monitors could not be asked for: {}", "모니터를 조회하지 못했습니다: {}";

    set_clock(): "set the clock (`timedatectl set-ntp true`), for AWS refuses what is signed more than 5 minutes off",
        "5분 넘게 차이 나는 서명은 AWS가 거부하므로 시계를 맞추세요(`timedatectl set-ntp true`)";

    // Advice
    advice_none(who: Statement, sent: u64, function: FunctionName<'_>): "{} has none of the {} invocations of {} in the run's time range. Telemetry takes a minute or two. If it does not come, the name is another one, or the function has no Datadog layers, or its DD_API_KEY or DD_SITE is another organization's: `loadgen doctor --stack NAME` looks at each",
        "실행의 시간 범위에서 {2} 함수의 호출 {1}회 중 하나도 {0}에 없습니다. 원격 측정 데이터가 들어오기까지 1~2분이 걸립니다. 그 뒤에도 없으면 함수 이름이 다르거나, 함수에 Datadog 레이어가 없거나, DD_API_KEY 또는 DD_SITE가 다른 조직의 것입니다. `loadgen doctor --stack NAME`으로 하나씩 확인할 수 있습니다";
    advice_missing(who: Statement, reported: u64, sent: u64, function: FunctionName<'_>, advice: Statement): "{} has {} of the {} invocations of {}. {}",
        "{3} 함수의 호출 {2}회 중 {1}회만 {0}에 있습니다. {4}";
    advice_durations(who: Statement, reports: u64, reported: u64, function: FunctionName<'_>, advice: Statement): "{} has the durations of {} of {} invocations of {}. {}",
        "{3} 함수의 호출 {2}회 중 {1}회의 지속 기간만 {0}에 있습니다. {4}";
    // Why the last data of a burst is late, and what brings it: the extension sends after each
    // invocation until it has seen some twenty, and then only while something runs (Datadog's
    // extension, its README and flush_control.rs). A trickle of requests reaches one or two
    // environments, so it is not advised.
    advice_held_back(): "An environment that is frozen after a burst holds its last telemetry back until it is invoked again or shut down, which takes minutes. With DD_SERVERLESS_FLUSH_STRATEGY=end on the function, as in loadgen's template, none does; otherwise repeat the run with as many requests at once, or wait until Lambda has shut its environments down, and run `loadgen verify` again",
        "버스트가 끝나 정지된 환경은 다시 호출되거나 몇 분 뒤 종료될 때까지 마지막 원격 측정 데이터를 보내지 않습니다. loadgen의 템플릿처럼 함수에 DD_SERVERLESS_FLUSH_STRATEGY=end를 설정하면 그렇지 않습니다. 설정하지 않았다면 같은 수의 동시 요청으로 다시 실행하거나, Lambda가 환경을 종료할 때까지 기다린 뒤 `loadgen verify`를 다시 실행하세요";
    advice_foreign(who: Statement, reported: u64, function: FunctionName<'_>, sent: u64): "{} has {} invocations of {} and this run caused at most {}. Other traffic reached this function: Insights may come from it, and none can be ruled out; repeat the run when there is no other traffic",
        "{0}에는 {2} 함수의 호출이 {1}회 있지만 이 실행이 일으킨 호출은 최대 {3}회입니다. 이 함수에 다른 트래픽이 있었습니다. 나타난 인사이트는 그 트래픽 때문일 수 있고, 나타나지 않았다고 확정할 수 있는 인사이트도 없습니다. 다른 트래픽이 없을 때 다시 실행하세요";
    advice_cloudwatch(ago: impl Into<Value>): "throttles, iterator age and provisioned concurrency rest on CloudWatch's metrics, which come through the AWS integration 10 to 20 minutes late (2 to 3 with Metric Streams); the run ended {} ago. Run `loadgen verify` again later; `loadgen doctor` tells whether the integration is there",
        "스로틀링, 반복기 나이, 프로비저닝된 동시성은 CloudWatch 메트릭으로 판정하며 이 메트릭은 AWS 통합을 통해 10~20분(Metric Streams는 2~3분) 늦게 들어옵니다. 실행이 끝난 지 {} 지났습니다. 나중에 `loadgen verify`를 다시 실행하세요. 통합이 설정되어 있는지는 `loadgen doctor`가 알려 줍니다";
    traces_gone(traced: u64, wanted: u64, ago: impl Into<Value>): "{} of {} requests have a trace, and the run ended {} ago: Datadog finds every span for 15 minutes and afterwards only what a retention filter keeps. Run `loadgen verify` within 15 minutes of a run, or add a retention filter for the service",
        "요청 {1}회 중 {0}회만 트레이스가 있고 실행이 끝난 지 {2} 지났습니다. Datadog은 15분 동안 모든 스팬을 찾아 주고 그 뒤에는 보존 필터가 남긴 것만 찾아 줍니다. 실행 후 15분 안에 `loadgen verify`를 실행하거나 서비스의 보존 필터를 추가하세요";
    traces_to_come(traced: u64, wanted: u64): "{} of {} requests have a trace so far; the others may come within minutes, or their traces were not kept (--keep-traces). Without one, what has no marker stays unknown",
        "지금까지 요청 {1}회 중 {0}회만 트레이스가 있습니다. 나머지는 몇 분 안에 들어오거나 보관되지 않았을 수 있습니다(--keep-traces). 마커도 트레이스도 없는 요청은 콜드인지 웜인지 알 수 없습니다";
}
