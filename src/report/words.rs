//! What several formats of a report say, English and Korean. What a single format says stands with it;
//! what a run's record keeps stands in `lang::statements`.

use crate::lang::{Share, Text, Value, texts};

texts! {
    pub(super) const;

    // What ran
    SCENARIO: "scenario", "시나리오";
    TARGET: "target", "대상";
    REQUESTS: "requests", "요청";
    SIGN_INS: "sign-ins", "로그인";
    n_sign_ins(sent: u64, failed: u64, mean: String, max: String): "{} sent besides the requests, {} failed; mean {}, longest {}", "요청과 별도로 {}회, 실패 {}회, 평균 {}, 최장 {}";
    SCHEDULE: "schedule", "일정";
    IDLE: "idle", "유휴";
    PROTOCOL: "protocol", "프로토콜";
    EVIDENCE: "evidence", "근거";
    INIT: "init", "초기화";
    SIMULATED: "simulated in virtual time: nothing was sent", "가상 시간 시뮬레이션(보낸 요청 없음)";
    THE_SANDBOX: "the sandbox", "샌드박스";
    sandbox_at(url: &str): "the sandbox at {}", "샌드박스 {}";
    functions_at(count: usize, url: &str): "{} functions by Lambda's Invoke API at {}", "{1}의 Lambda API로 호출한 함수 {0}개";
    planned_and_sent(planned: u64, sent: u64): "{} planned, {} sent", "계획 {}회, 보냄 {}회";
    answered(statuses: String): "answered {}", "응답 {}";
    n_failed(count: u64): "{} without an answer", "응답 없음 {}회";
    n_timed_out(count: u64): "{} timed out", "시간 초과 {}회";
    n_not_sent(count: u64): "{} not sent", "보내지 못함 {}회";
    sent_of(sent: u64, planned: u64): "{} of {} requests sent", "요청 {1}회 중 {0}회 보냄";
    not_ok(count: u64): "{} not ok", "실패 {}회";
    sent_late(p50: String, p99: String, most: String): "sent late by {} at p50, {} at p99, {} at most",
        "계획보다 늦은 시간: p50 {}, p99 {}, 최대 {}";
    idle_skipped(length: impl Into<Value>): "{} skipped by advancing the sandbox clock",
        "샌드박스 시계를 {} 앞당겨 건너뜀";

    // Connections
    shared_http2(opened: u64, streams: u64): "connections opened: {}, HTTP/2 with up to {} requests at a time on each",
        "연결 {}개를 열었고 HTTP/2로 연결마다 최대 {}개 요청 동시 진행";
    all_http1(opened: u64): "connections opened: {}, all of them HTTP/1.1", "연결 {}개를 열었고 모두 HTTP/1.1 사용";
    all_http2(opened: u64): "connections opened: {}, all of them HTTP/2 with one request at a time on each",
        "연결 {}개를 열었고 모두 HTTP/2 사용(연결마다 한 번에 요청 하나)";
    some_http2(opened: u64, http2: u64): "connections opened: {}; {} of them HTTP/2, the others HTTP/1.1",
        "연결 {}개를 열었고 그중 {}개는 HTTP/2, 나머지는 HTTP/1.1 사용";
    connected(count: u64, sent: u64, longest: String): "{} of {} requests had to open a connection: longest {}",
        "요청 {1}회 중 {0}회가 연결을 새로 열었습니다. 최장 {2}";

    // Cold and warm
    by_marker(count: u64): "{} by marker", "마커 {}회";
    BY_MARKER: "the function says so in its answer", "함수가 응답에 표시";
    by_tail(count: u64): "{} by the log's tail", "로그 끝부분 {}회";
    BY_TAIL: "its own REPORT line in the answer", "응답에 담긴 그 요청의 REPORT 줄";
    by_trace(count: u64): "{} by trace", "트레이스 {}회";
    BY_TRACE: "telemetry joined by id", "ID로 연결한 원격 측정 데이터";
    by_structure(count: u64): "{} by structure", "구조 {}회";
    BY_STRUCTURE: "what the scenario makes certain", "시나리오가 보장";
    by_estimate(count: u64): "{} by estimate", "추정 {}회";
    BY_ESTIMATE: "latency against a calibrated warm phase", "기준으로 삼은 웜 단계의 레이턴시와 비교";
    without_evidence(count: u64): "{} by nothing", "근거 없음 {}회";
    explained(by: String, why: Text): "{} ({})", "{}({})";
    n_unknown(count: u64): "{} unknown", "알 수 없음 {}회";
    cold_share(share: Share): "cold {}", "콜드 {}";
    cold_between(low: Share, high: Share): "cold between {} and {}", "콜드 {}~{}";
    n_cold(count: u64, share: Share): "{} cold ({})", "콜드 {}회({})";
    by_lines(share: String, lines: u64, parts: String): "{} by {} REPORT lines of the run's time range: {}",
        "실행 시간 범위의 REPORT 줄 {1}개 기준 {0}: {2}";

    // Latencies
    MEDIAN: "median", "중앙값";
    PERCENTILE: "Percentile", "백분위수";
    VALUES: "Values", "값";
    RESPONSE_TIME: "Response time", "응답 시간";
    SERVICE_TIME: "Service time", "서비스 시간";
    CONNECT_TIME: "Connect time", "연결 시간";
    INIT_TIME: "Init time", "초기화 시간";
    RESPONSE_FROM: "from the planned send", "계획된 전송 시각부터";
    SERVICE_FROM: "from the first byte sent", "첫 바이트 전송부터";
    N: "n", "n";
    MIN: "min", "최소";
    MAX: "max", "최대";
    ALL: "all", "전체";
    CONFIDENCE_95: "95 % confidence", "95% 신뢰 구간";
    FEW: "few", "부족";
    needs(samples: u64): "needs {}", "{} 필요";
    UNBOUNDED: "unbounded", "구간 없음";
    refused(count: u64): "{} refused left out", "거부된 {}회 제외";

    // Insights
    INSIGHT: "Insight", "인사이트";
    INSIGHTS: "Insights", "인사이트";
    insights_of(function: &str): "Insights of {}", "{} 함수의 인사이트";
    SEEN: "seen, as expected", "예상대로 나타남";
    MISSING: "missing", "나타나지 않음";
    NOT_SEEN_YET: "not seen yet", "아직 나타나지 않음";
    UNEXPECTED: "seen, and must not be", "나타나지 않아야 하는데 나타남";
    ALSO_SEEN: "also seen", "추가로 나타남";
    ABSENT: "absent", "없음";
    CANNOT_TELL: "cannot be determined", "판단할 수 없음";
    MUST_APPEAR: "must appear", "나타나야 함";
    MUST_NOT_APPEAR: "must not appear", "나타나지 않아야 함";
    FUNCTION: "function", "함수";
    WHY: "why", "이유";

    // Thresholds
    MONITORS: "Monitors", "모니터";
    MONITOR: "Monitor", "모니터";
    MUST_ALERT: "must go to Alert", "Alert가 되어야 함";
    MUST_BE_OK: "must be OK", "OK여야 함";
    LIMITS: "Limits", "임계값";
    KEPT: "kept", "충족";
    MISSED: "missed", "미충족";
    was(value: String): "was {}", "결과 {}";
    NOT_ALL_KNOWN: "not every request is known to be cold or warm", "콜드인지 웜인지 알 수 없는 요청이 있음";
    INIT_NOT_JOINED: "too few requests are joined with how long their environments initialised",
        "초기화 시간을 알 수 있는 요청이 너무 적음";
    TOO_FEW_SAMPLES: "too few samples to tell", "판단하기에는 샘플이 부족함";

    // Phases
    PHASE: "phase", "단계";
    WHAT: "what", "내용";
    TIMES: "times", "반복";
    SENT: "sent", "보냄";
    NOT_OK: "not ok", "실패";
    COLD: "cold", "콜드";
}
