//! Every text of the HTML report, English and Korean. What other formats say too stands
//! in `report/words.rs`.

use crate::lang::texts;

pub(super) use crate::report::words::{
    ALL, CANNOT_TELL, IDLE, INSIGHTS, KEPT, LIMITS, MAX, MEDIAN, MIN, MISSED, MUST_APPEAR,
    MUST_NOT_APPEAR, N, PERCENTILE, RESPONSE_FROM, RESPONSE_TIME, SERVICE_FROM, SERVICE_TIME,
    VALUES, connected, refused,
};

texts! {
    pub(super) const;

    // The frame
    SKIP: "Skip to the charts", "차트로 건너뛰기";
    FOOT: "Made by loadgen {}. The figures of this run are inside the file: `loadgen report FILE --format json` reads them back. Not affiliated with Datadog or AWS.",
        "만든 도구: loadgen {}. 이 파일에는 실행의 수치가 들어 있으며 `loadgen report FILE --format json`으로 다시 읽을 수 있습니다. Datadog, AWS와 관계가 없습니다.";
    SIMULATED: "Simulated in virtual time: a model of AWS Lambda answered and no request was sent.",
        "가상 시간 시뮬레이션: AWS Lambda 모델의 응답이며 실제로 보낸 요청은 없습니다.";
    SANDBOX: "Sent to a sandbox: real requests on this machine, answered by a simulated Lambda.",
        "샌드박스 실행: 이 컴퓨터에서 실제로 보낸 요청에 시뮬레이션된 Lambda가 응답했습니다.";
    UNNAMED_FUNCTION: "(unnamed function)", "(이름 없는 함수)";
    THE_CONSUMER: "the queue consumer", "대기열 컨슈머";
    STARTED: "{}, took {}", "{}, 소요 시간 {}";

    // Numbers
    REQUESTS: "Requests", "요청";
    ALL_ANSWERED: "all answered", "모두 응답됨";
    OF_PLANNED: "answered, of {} planned", "응답됨, 계획 {}회";
    COLD_STARTS: "Cold starts", "콜드 스타트";
    COLD_OF: "{} of {} invocations, by {}", "호출 {1}회 중 {0}회, 근거: {2}";
    COLD_UNKNOWN: "{} certain of {}, {} unknown; by {}", "호출 {1}회 중 확실 {0}회, 알 수 없음 {2}회, 근거: {3}";
    MARKER: "marker", "마커";
    TAIL: "log tail", "로그 끝부분";
    TRACE: "trace", "트레이스";
    STRUCTURE: "structure", "구조";
    ESTIMATE: "estimate", "추정";
    NO_EVIDENCE: "no evidence", "없음";
    MEDIANS: "median {} cold, {} warm", "중앙값 콜드 {}, 웜 {}";
    NOTHING_RAN: "nothing reached the function", "함수에 도달한 요청이 없습니다";
    ANSWERS_A_SECOND: "Answers a second", "초당 응답";
    MEDIAN_MAX: "median {}, longest {}", "중앙값 {}, 최장 {}";
    CONFIDENCE: "95 % confidence: {} {}", "95% 신뢰 구간 {} {}";
    SHORTEST_LONGEST: "{} to {}; too few for a percentile", "{}~{}, 백분위수를 구하기에는 너무 적음";
    NOTHING_ANSWERED: "nothing was answered", "응답이 없습니다";
    ERRORS: "Errors", "오류";
    OF_REQUESTS: "{} of {} requests", "요청 {1}회 중 {0}회";
    COUNTED: "{} {}", "{1} {0}";
    NOTHING_SENT: "nothing was sent", "보낸 요청이 없습니다";

    // Charts
    CHARTS: "Charts", "차트";
    NOTHING: "Nothing to draw", "표시할 내용이 없습니다";
    EVERY_REQUEST: "Every request", "모든 요청";
    EVERY_REQUEST_SAID: "{} when each was due, against time since the start; logarithmic",
        "예정 시각별 {}, 가로축은 시작 후 시간, 로그 눈금";
    THINNED_SAID: "{} of {} requests, a uniform share; logarithmic", "요청 {1}회 중 균등하게 추출한 {0}회, 로그 눈금";
    DENSE: "shaded: how many requests, darker is more; marks: the slowest {} of each kind",
        "음영: 요청 수(진할수록 많음), 표시: 종류별로 가장 느린 {}회";
    SIDE_BY_SIDE: "requests of one instant stand side by side", "동시에 예정된 요청은 나란히 표시합니다";
    IDLE_CUT: "gaps are idle time, cut short", "간격은 유휴 시간을 줄인 것입니다";
    PHASE: "Phase", "단계";
    PERCENTILES: "Percentiles", "백분위수";
    PERCENTILES_SAID: "up to {}: {} requests support no more", "{}까지, 요청 {}회로는 그 이상을 구할 수 없습니다";
    GAP: "the wait before sending, which coordinated omission hides", "조율된 누락이 감추는 전송 전 대기";
    TOO_FEW: "{} answered: not even the median is supported", "응답 {}회로는 중앙값도 구할 수 없습니다";
    HISTOGRAM: "{}: how many took how long", "{}의 분포";
    HISTOGRAM_SAID: "{}; logarithmic", "{}, 로그 눈금";
    TOOK: "Took", "소요 시간";
    ANSWERED: "answered", "응답";
    OUTCOMES: "Outcomes per {}", "{}당 결과";
    SECOND: "second", "초";
    OUTCOMES_SAID: "when they were due: {}", "예정 시각 기준: {}";
    OUTCOMES_SCALED: "scaled up from a uniform share of the requests: {}", "균등 추출한 요청에서 환산: {}";
    DUE: "Due (time since start)", "예정 시각(시작 후)";
    FATE_OK: "ok", "정상";
    FATE_ERROR: "error answer", "오류 응답";
    FATE_THROTTLED: "throttled or rejected", "스로틀링·거부";
    FATE_NO_ANSWER: "no answer", "무응답";
    FATE_NOT_SENT: "not sent", "보내지 못함";
    SLOWEST: "The slowest", "가장 느린 요청";
    ANSWER: "Answer", "응답";
    TRACE_ID: "Trace id", "트레이스 ID";

    // Latencies
    LATENCIES: "Latencies", "레이턴시";
    CLASS: "Requests", "요청";
    NEEDS: "A dash: too few requests to support that percentile.", "줄표(–): 요청이 적어 해당 백분위수를 구할 수 없습니다.";
    INTERVALS: "Below each percentile its 95 % confidence interval, in the same unit; ≥ where no request bounds it from above.",
        "백분위수 아래는 같은 단위의 95% 신뢰 구간이며, 상한을 정할 수 없으면 ≥로 표시합니다.";

    // Insights
    INSIGHTS_CAVEAT: "An Insight counts as seen when the documented condition holds in the data named here. Datadog does not publish the query behind its badge, so look at the badge itself too.",
        "문서에 나온 조건이 여기에 표시한 데이터에서 충족되면 인사이트가 나타난 것으로 봅니다. Datadog은 배지의 쿼리를 공개하지 않으므로 배지도 직접 확인하세요.";
    CONDITION: "Condition", "조건";
    EXPECTED: "Expected", "예상";
    NOT_ASKED: "nothing was demanded", "요구 사항 없음";
    PREDICTED: "the plan predicts: {}", "계획의 예측: {}";
    MEASURED: "Measured", "측정";
    BY_CLIENT: "by loadgen's own samples: {}", "loadgen 자체 샘플 기준: {}";
    OBSERVED: "Observed", "관측";
    IN_DATADOG: "{} in Datadog's data", "Datadog 데이터에서 {}";
    IN_SANDBOX: "{} in the sandbox's data (simulated Datadog)", "샌드박스 데이터에서 {}(시뮬레이션된 Datadog)";
    IN_CLOUDWATCH: "{} in CloudWatch's data", "CloudWatch 데이터에서 {}";
    IN_SAMPLES: "{} in loadgen's own samples", "loadgen 자체 샘플에서 {}";
    NOT_OBSERVED: "neither Datadog nor a sandbox was asked", "Datadog이나 샌드박스에 조회하지 않았습니다";
    WHY: "Why", "이유";
    WHAT_TO_DO: "What to do", "조치";
    QUERIES: "Queries", "쿼리";
    MORE: "Read on", "더 보기";
    MORE_FUNCTION: "Open the function in Datadog", "Datadog에서 함수 열기";
    YES: "met", "충족";
    NO: "not met", "충족하지 않음";
    NO_FINDINGS: "This run asked for no Insight.", "이 실행은 인사이트를 확인하지 않았습니다.";

    // Limits
    FIGURE: "Figure", "지표";
    LIMIT: "Limit", "임계값";
    WAS: "Was", "결과";
    VERDICT: "Verdict", "판정";

    // The plan and the environment
    PLAN: "The plan", "계획";
    WHAT: "What", "내용";
    TIMES: "Times", "반복";
    PLANNED: "Planned", "계획";
    SENT: "Sent", "보냄";
    OK: "Ok", "정상";
    FAILED: "Failed", "실패";
    SCENARIO_FILE: "The scenario's file", "시나리오 파일";
    CHANGED: "Changed by flags: {}", "플래그로 변경: {}";
    WHERE: "Where it ran", "실행 정보";
    TARGET: "Target", "대상";
    KIND: "Kind", "종류";
    KIND_SANDBOX: "a loadgen sandbox (simulated Lambda)", "loadgen 샌드박스(시뮬레이션된 Lambda)";
    KIND_AWS: "AWS", "AWS";
    KIND_HTTP: "an HTTP server", "HTTP 서버";
    KIND_SIMULATED: "the model in virtual time (simulated)", "가상 시간의 모델(시뮬레이션)";
    DATADOG: "Datadog's API", "Datadog API";
    ENTRY: "Entry function", "진입 함수";
    CONSUMER: "Queue consumer", "대기열 컨슈머";
    CONFIGURED: "{} memory, {} timeout, init {}, warm {}", "메모리 {}, 제한 시간 {}, 초기화 {}, 웜 {}";
    RUN: "Run", "실행";
    STARTED_AT: "Started", "시작";
    ENDED_AT: "Ended", "끝";
    SEED: "Seed", "시드";
    VERSION: "loadgen", "loadgen";

    // Honesty
    HONESTY: "What the figures rest on", "수치의 근거";
    EVIDENCE: "Cold or warm, by evidence: {}.", "콜드와 웜의 근거: {}.";
    EVIDENCE_NONE: "Nothing is known of cold and warm: no request reached a function.", "함수에 도달한 요청이 없어 콜드와 웜을 알 수 없습니다.";
    INIT_TIME: "Init: {}.", "초기화: {}.";
    SEND_LAG: "Requests left late by {} at the median, {} at the 99th percentile and {} at most. Response time counts this wait, service time does not.",
        "요청은 계획보다 중앙값 {}, p99 {}, 최대 {} 늦게 출발했습니다. 응답 시간은 이 대기를 포함하고 서비스 시간은 포함하지 않습니다.";
    CLOSED_LOOP: "A closed loop: a request is sent when another is answered, so there is no planned time and no response time. A server that stalls also stops the questions.",
        "닫힌 루프: 응답을 받아야 다음 요청을 보내므로 계획된 시각과 응답 시간이 없습니다. 서버가 멈추면 요청도 멈춥니다.";
    NOT_SENT_NOTE: "{} of {} planned requests were never sent. They are in no latency.",
        "계획한 {1}회 중 {0}회는 보내지 못했습니다. 레이턴시에 포함되지 않습니다.";
    NO_ANSWER_NOTE: "{} requests got no complete answer. They have no latency; the timeline shows how long loadgen waited for those it sent.",
        "{}회는 온전한 응답을 받지 못했습니다. 레이턴시가 없으며 타임라인에는 출발한 요청을 기다린 시간을 표시합니다.";
    SKIPPED_IDLE: "{} of idle time were skipped by advancing the sandbox clock.",
        "샌드박스 시계를 앞당겨 유휴 시간 {}만큼 건너뛰었습니다.";
    INTERRUPTED: "The run was cut short: nothing is claimed of what was not sent.", "실행이 중단되었습니다. 보내지 않은 요청에 대해서는 아무것도 판단하지 않습니다.";
    DAMAGED: "{} lines of samples.ndjson could not be read and are missing from the timeline.",
        "samples.ndjson의 {}줄을 읽을 수 없어 타임라인에 없습니다.";
    STEPS: "A percentile is shown only if enough requests bound it with 95 % confidence: 5 for the median, 29 for p90, 299 for p99, 2,995 for p99.9.",
        "백분위수는 요청 수가 95% 신뢰도로 구하기에 충분할 때만 표시합니다. 중앙값 5회, p90 29회, p99 299회, p99.9 2,995회.";
    INDEPENDENT: "The confidence intervals rest on the order of the requests and take them as independent. Requests of one burst, or behind one stall, share their fate: then the truth is less sure than the interval says.",
        "신뢰 구간은 순서 통계량으로 구하며 요청이 서로 독립이라고 가정합니다. 한 버스트의 요청이나 같은 정체 뒤의 요청은 함께 영향을 받으므로 실제로는 구간이 나타내는 것보다 덜 확실합니다.";
}
