//! What a reader must know to trust a run's figures, and why a run stopped early.

use super::known::statements;
use crate::lang::{FunctionName, Share, Statement, Value};

statements! {
    // The record
    killed(): "this run was killed: its figures end with its last complete second",
        "실행이 강제로 종료되었습니다. 수치는 끝까지 기록된 마지막 1초까지만 셉니다";
    not_all_on_disk(why: impl Into<Value>): "not every sample is on disk ({}); the figures still count all of them",
        "일부 샘플을 디스크에 쓰지 못했습니다({}). 수치에는 모두 포함됩니다";
    thinned(share: Share, most: u64): "samples.ndjson holds {} of the requests, drawn uniformly, since it keeps at most {}; every figure counts all",
        "samples.ndjson은 최대 {1}개만 보관하므로 균등하게 추출한 요청 {0}만 들어 있습니다. 모든 수치는 전체 요청을 셉니다";
    thinned_early(share: Share): "samples.ndjson holds {} of the requests, drawn uniformly: more were planned, or ended within a second, than are kept; every figure counts all",
        "samples.ndjson에는 균등하게 추출한 요청 {}만 들어 있습니다. 보관하는 수보다 많이 계획되었거나 1초에 끝났습니다. 모든 수치는 전체 요청을 셉니다";
    not_on_disk(why: impl Into<Value>): "this report is not on disk: {}", "이 보고서를 디스크에 쓰지 못했습니다: {}";
    set_forward(by: impl Into<Value>, times: Statement): "this machine's clock was set {} forward during the run: {}",
        "실행 중에 이 컴퓨터의 시계가 {} 앞으로 바뀌었습니다. {}";
    set_back(by: impl Into<Value>, times: Statement): "this machine's clock was set {} back during the run: {}",
        "실행 중에 이 컴퓨터의 시계가 {} 뒤로 바뀌었습니다. {}";
    by_last_clock(searched: Statement, began: String): "the run's times are by the clock as it stood at the end, and {}; it began at {} by the clock before. Pacing and latencies do not rest on that clock",
        "실행 시각은 끝날 때의 시계를 따릅니다. {}. 이전 시계로는 {}에 시작했습니다. 전송 간격과 레이턴시는 이 시계와 관계가 없습니다";

    sandbox_clock(): "the sandbox has a clock of its own", "샌드박스에는 자체 시계가 있습니다";
    searched_by_clock(): "Datadog and logs are searched by them", "Datadog과 로그는 이 시각으로 검색합니다";

    sign_in_first(why: impl Into<Value>): "the sign-in before the first request failed, and nothing else was sent: {}",
        "첫 요청 전의 로그인에 실패하여 다른 요청은 보내지 않았습니다: {}";

    run_goes_on(): "a run is in progress there", "실행이 진행 중입니다";
    not_ours(file: &str): "it holds `{}`, which is not loadgen's", "loadgen의 것이 아닌 `{:`이} 있습니다";

    // Shards
    shard_missing(index: u64, of: u64, requests: u64): "shard {} of {} (counted from 0) is missing: its {2} {2?request counts|requests count} as not sent",
        "샤드 {1}개 중 {0}번(0부터 셈)이 없어 요청 {2}회는 보내지 않은 것으로 셉니다";
    shard_cut_off(index: u64, of: u64, requests: u64): "shard {} of {} (counted from 0) was cut off: {2} of its requests {2?counts|count} as not sent",
        "샤드 {1}개 중 {0}번(0부터 셈)이 중단되어 요청 {2}회는 보내지 않은 것으로 셉니다";
    shard_late(index: u64, of: u64, late: impl Into<Value>, requests: u64): "shard {} of {} (counted from 0) started {} late: {3} {3?request|requests} that were due before count as not sent",
        "샤드 {1}개 중 {0}번(0부터 셈)이 {2} 늦게 시작했습니다. 그 전에 보냈어야 할 요청 {3}회는 보내지 않은 것으로 셉니다";
    shard_clock(index: u64, of: u64): "the kernel does not call the clock of shard {} of {} (counted from 0) synchronised, so this shard may have started earlier or later than the others",
        "샤드 {1}개 중 {0}번(0부터 셈)을 실행한 컴퓨터의 시계가 동기화되지 않았습니다(커널 기준). 다른 샤드보다 먼저 또는 늦게 시작했을 수 있습니다";
    of_shard(index: u64, said: Statement): "shard {}: {}", "샤드 {}번: {}";
    not_annotated(why: impl Into<Value>): "no event was posted for the start or the end of the run: {}",
        "실행의 시작 또는 끝 이벤트를 보내지 못했습니다: {}";
    no_annotation(): "no event was posted, because DD_API_KEY and DD_APP_KEY are not set",
        "DD_API_KEY와 DD_APP_KEY가 설정되지 않아 이벤트를 보내지 않았습니다";

    // Sending
    retry_after(answers: u64): "{0} {0?response|responses} asked to be left alone for a while by Retry-After; the schedule was kept",
        "응답 {}회가 Retry-After로 잠시 보내지 말 것을 요청했지만 일정대로 보냈습니다";
    fewer_streams(allowed: u64): "the server allows {0} {0?request|requests} at a time on a connection, fewer than --streams: the others waited, or were sent on further connections",
        "서버가 연결 하나에 허용하는 동시 요청은 {}개로 --streams보다 적습니다. 나머지는 기다리거나 다른 연결로 보냈습니다";
    resent(requests: u64): "{0} {0?request was|requests were} sent once more on another connection, because the server had refused them unprocessed (HTTP/2's REFUSED_STREAM or GOAWAY) or had closed a kept connection before anything of a response came",
        "서버가 처리하지 않고 거부했거나(HTTP/2 REFUSED_STREAM 또는 GOAWAY) 응답 없이 연결을 닫은 요청 {}회를 다른 연결에서 한 번 더 보냈습니다";
    resumed(resumed: u64, of: u64): "{} of {} connections resumed an earlier TLS session, which spares them most of the handshake",
        "연결 {1}개 중 {0}개가 이전 TLS 세션을 재개하여 핸드셰이크를 대부분 생략했습니다";
    lateness(late: impl Into<Value>): "one request in a hundred left more than {} late, over a tenth of the median response time: this machine is busy, or the limit of requests in flight was reached; response times include that wait, service times do not",
        "요청 100회 중 1회는 응답 시간 중앙값의 10분의 1을 넘는 {} 이상 늦게 출발했습니다. 이 컴퓨터가 바쁘거나 동시 요청 수가 한도에 이르렀습니다. 응답 시간은 이 대기를 포함하고 서비스 시간은 포함하지 않습니다";
    idle_not_skipped(phase: &str, why: Statement): "the idle phase `{}` could not be skipped: {}",
        "유휴 단계를 건너뛸 수 없었습니다(`{}`): {}";
    signed_403(requests: u64): "{0} signed {0?request|requests} got 403: the AWS credentials may have ended, or lack the permission to invoke (execute-api:Invoke, lambda:InvokeFunctionUrl or lambda:InvokeFunction)",
        "서명한 요청 {}회의 응답이 403이었습니다. AWS 자격 증명이 만료되었거나 호출 권한(execute-api:Invoke, lambda:InvokeFunctionUrl, lambda:InvokeFunction)이 없을 수 있습니다";
    queue_expired(requests: u64): "{0} {0?request was|requests were} still queued one request timeout after the planned end and {0?was|were} not sent: the target is too slow for this rate with this limit of requests in flight",
        "계획된 끝 이후 요청 제한 시간만큼 더 지났는데도 요청 {}회가 대기열에 남아 있어 보내지 않았습니다. 이 동시 요청 한도에서 대상이 도착률을 따라가지 못합니다";
    gave_up(failed: u64, of: u64, phase: &str): "{} of {} requests in phase `{}` failed without having been asked to",
        "`{2}` 단계의 요청 {1}회 중 {0}회가 시나리오의 요구 없이 실패했습니다";
    tripped(figure: &str, value: impl Into<Value>, requests: u64, limit: &str): "{} was {} after {} requests, and {} ends the run",
        "요청 {2}회 후 {0} 값이 실행 종료 조건({3})에 해당했습니다: {1}";
    never_judged(condition: &str, samples: u64, needed: u64): "--abort-on `{}` was never evaluated: {} {1?sample|samples}, and the percentile needs {}",
        "--abort-on `{}`: 한 번도 평가되지 않았습니다. 샘플 {}개, 백분위수에 필요한 샘플 {}개";
    consumer_left_out(insight: &str): "what the scenario expects of the sample app's consumer ({}) is left out: there is none here",
        "시나리오가 샘플 앱의 컨슈머에 예상하는 항목({})은 제외했습니다. 여기에는 컨슈머가 없습니다";
    hosted(): "real processes of this machine served the requests: the figures are its own, not Lambda's; file system, network and processor were not isolated, and memory was watched without a control group",
        "이 컴퓨터의 실제 프로세스가 요청을 처리했습니다. 수치는 Lambda가 아닌 이 컴퓨터의 값입니다. 파일 시스템, 네트워크, 프로세서는 격리하지 않았고 메모리는 컨트롤 그룹(cgroup) 없이 감시했습니다";
    hosted_limited(version: u64): "real processes of this machine served the requests: the figures are its own, not Lambda's; file system, network and processor were not isolated, memory was limited by control groups (cgroup v{})",
        "이 컴퓨터의 실제 프로세스가 요청을 처리했습니다. 수치는 Lambda가 아닌 이 컴퓨터의 값입니다. 파일 시스템, 네트워크, 프로세서는 격리하지 않았고 메모리는 컨트롤 그룹(cgroup v{})으로 제한했습니다";
    watched(): "the requests were another program's: the record has no figures of single requests, and whatever reached the functions in that time counts",
        "다른 프로그램의 요청이므로 기록에 개별 요청의 수치가 없으며, 그동안 함수에 도달한 모든 호출을 셉니다";
    idled(function: FunctionName<'_>, idle: std::time::Duration): "{} had idled for at least {} when the window began", "{:은} 시간 범위가 시작될 때 적어도 {} 동안 유휴 상태였습니다";
    idled_longer(function: FunctionName<'_>, least: std::time::Duration): "{} had idled for {} or longer when the window began, so no environment that others left is likely",
        "{:은} 시간 범위가 시작될 때 {} 이상 유휴 상태였으므로 앞선 트래픽이 남긴 환경은 없을 것입니다";
    idle_unknown(why: impl Into<Value>): "how long the functions had idled when the window began is not known: {}", "시간 범위가 시작될 때 함수가 얼마나 유휴 상태였는지 알 수 없음: {}";
    no_report_in_tail(missing: u64, of: u64): "{} of {} answers came without a REPORT line of their own in the end of the log: lines of an extension push it out of the 4 KB, or the function logs none. These are told cold or warm by what Datadog or CloudWatch has of them, or stay unknown",
        "응답 {1}회 중 {0}회의 로그 끝부분에 그 요청의 REPORT 줄이 없습니다. 확장이 쓴 줄 때문에 4 KB 밖으로 밀려났거나 함수가 남기지 않은 것입니다. 이 요청은 Datadog이나 CloudWatch의 데이터로 구분하거나 알 수 없음으로 둡니다";
    restored_from_snapshot(count: u64): "{0} {0?cold start was|cold starts were} restored from a SnapStart snapshot (Restore Duration)",
        "콜드 스타트 {}회는 SnapStart 스냅샷에서 복원되었습니다(Restore Duration)";
    initialised_ahead(count: u64): "{0} {0?request was|requests were} the first of an environment that had been initialised ahead of need and so not cold: provisioned concurrency (its Init Duration is not billed with the request)",
        "요청 {}회는 미리 초기화된 환경의 첫 요청이므로 콜드가 아닙니다: 프로비저닝된 동시성(Init Duration이 요청에 청구되지 않음)";
    unnamed(): "the function that answers has no name, so its Insights are judged by the responses alone: --function NAME names it",
        "응답하는 함수의 이름을 지정하지 않아 응답만으로 인사이트를 판정했습니다. --function NAME으로 지정할 수 있습니다";
    samples_missing(): "not every sample is there, so cold and warm are told by the responses alone, not by what is known since",
        "일부 샘플이 없어 콜드와 웜을 응답만으로 구분했으며 이후에 알게 된 정보는 반영하지 않았습니다";

    // Verifying
    verifying(what: impl Into<Value>): "verifying: {}", "검증: {}";
}
