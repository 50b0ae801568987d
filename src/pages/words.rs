//! Every text of the pages, English and Korean. Names of Datadog's user interface that its Korean
//! pages leave in English stay English here.

use super::show;
use crate::{
    insight::Evaluation,
    lang::{Lang, Text, texts},
    units::unbroken,
};

/// "1 function", "7 functions": `one` or `many` things.
pub(super) fn counted(one: Text, many: Text, lang: Lang, n: usize) -> String {
    match n {
        1 => one.to(lang).to_owned(),
        n => say(many, lang, &[&show::count(n as f64)]),
    }
}

/// `text` in `lang`, `{}` standing for each of `values` in turn.
pub(super) fn say(text: Text, lang: Lang, values: &[&str]) -> String {
    text.say(lang, values)
}

/// What an Insight's arithmetic says, in `lang`.
pub(super) fn measured(reading: &Evaluation, lang: Lang) -> String {
    unbroken(&reading.measured.to(lang))
}

texts! {
    pub(super) const;

    // The frame
    SKIP: "Skip to the content", "본문으로 건너뛰기";
    NAV: "Pages", "페이지";
    SERVERLESS_VIEW: "Serverless View", "서버리스 보기 화면";
    LOG_EXPLORER: "Log Explorer", "Log Explorer";
    DASHBOARD: "Enhanced Lambda metrics", "향상된 Lambda 메트릭";
    ORIGIN: "Where the data comes from", "데이터 출처";
    SIMULATED: "Simulated: a model of AWS Lambda made this telemetry on your machine.",
        "시뮬레이션: AWS Lambda 모델이 이 컴퓨터에서 만든 원격 측정 데이터입니다.";
    HOSTED: "Your own functions ran here as real processes, behind a model of AWS Lambda. The figures are those of your machine.",
        "여러분의 함수가 AWS Lambda 모델 뒤에서 실제 프로세스로 실행되었습니다. 수치는 이 컴퓨터의 것입니다.";
    FETCHED: "Fetched from Datadog by `loadgen verify`.", "`loadgen verify`가 Datadog에서 가져온 데이터입니다.";
    FOOT: "All times are UTC on the model's clock. Local twin of Datadog's pages, made by loadgen; not affiliated with Datadog or AWS.",
        "모든 시각은 모델 시계의 UTC입니다. loadgen이 만든 Datadog 페이지의 로컬 버전이며 Datadog, AWS와 관계가 없습니다.";
    OTHER_LANG: "한국어 (Korean)", "English";
    LOST: "Not everything could be kept: {}.", "모든 데이터를 보관하지는 못했습니다: {}.";

    // Time range
    TIME_RANGE: "Time range", "시간 범위";
    THIS_RUN: "This run", "이 실행";
    ALL_DATA: "All data", "전체 데이터";
    LAST: "Past {}", "지난 {}";
    FROM: "From (UTC)", "시작(UTC)";
    TO: "To (UTC)", "끝(UTC)";
    APPLY: "Apply", "적용";

    // Empty and missing
    NO_DATA: "No data yet", "아직 데이터가 없습니다";
    NO_DATA_LIVE: "The page fills by itself as soon as a function runs. In another terminal, type:",
        "함수가 실행되면 페이지가 저절로 채워집니다. 다른 터미널에 다음을 입력하세요.";
    NO_DATA_OVER: "This run is over and left no telemetry. To make one that does, type:",
        "이 실행은 원격 측정 데이터를 남기지 않고 끝났습니다. 새로 실행하려면 다음을 입력하세요.";
    NOTHING_HERE: "Nothing in this time range", "이 시간 범위에는 아무것도 없습니다";
    SHOW_ALL: "Show all data", "전체 데이터 보기";
    NOTHING_MATCHES: "Nothing matches.", "일치하는 항목이 없습니다.";
    SEARCHED_TO: "Searched back to {}: a page looks at 50,000 lines. Continue with Older, or narrow the time range, the status or the request.",
        "{}까지 검색했습니다. 한 페이지에서는 50,000줄까지 살펴봅니다. 이전으로 계속하거나 시간 범위, 상태, 요청을 좁혀 주세요.";
    CLEAR: "Clear the search", "검색 지우기";
    NOT_FOUND: "Nothing by that name", "해당 이름을 찾을 수 없습니다";
    NO_FUNCTION: "There is no telemetry of a function `{}`.", "`{}` 함수의 원격 측정 데이터가 없습니다.";
    NO_TRACE: "There is no trace `{}`. It may have been dropped to keep the store small, or it belongs to another run.",
        "`{}` 트레이스가 없습니다. 저장 공간을 줄이기 위해 삭제되었거나 다른 실행의 트레이스일 수 있습니다.";
    NOT_A_TRACE_ID: "`{}` is no trace id: 32 hexadecimal digits, or the low 64 bits in decimal.",
        "`{:`은} 트레이스 ID가 아닙니다. 16진수 32자리 또는 하위 64비트의 10진수여야 합니다.";
    NO_LOG: "There is no log line `{}` any more.", "`{}` 로그가 더 이상 없습니다.";
    KNOWN: "There is:", "있는 항목:";
    BROKEN: "The stored telemetry could not be read", "저장된 원격 측정 데이터를 읽을 수 없습니다";
    BAD_SEARCH: "This search cannot be read", "검색어를 읽을 수 없습니다";

    // Serverless View
    VIEW_SUB: "What every function did, who invoked it, and what to look at.",
        "함수마다 무엇을 실행했고, 어떤 리소스가 호출했고, 무엇을 살펴보아야 하는지 보여 줍니다.";
    SEARCH_FUNCTIONS: "Search functions and services", "함수와 서비스 검색";
    SEARCH: "Search", "검색";
    FILTERS: "Filters", "필터";
    FACETS_WORD: "Facets", "패싯";
    COLUMNS_WORD: "Columns", "열";
    ISSUES: "Issues & Insights", "Issues & Insights";
    NO_INSIGHTS: "No Insight in this time range.", "이 시간 범위에는 인사이트가 없습니다.";
    INSIGHTS_SAID: "{} on {}.", "{}, {}.";
    ONE_INSIGHT: "1 Insight", "인사이트 1개";
    N_INSIGHTS: "{} Insights", "인사이트 {}개";
    ONE_FUNCTION: "1 function", "함수 1개";
    N_FUNCTIONS: "{} functions", "함수 {}개";
    FUNCTIONS: "Functions", "함수";
    LEFT_OUT: "{} more are not shown; narrow the search.", "{}개가 더 있습니다. 검색 범위를 좁혀 주세요.";
    FUNCTION: "Function", "함수";
    INVOCATIONS: "Invocations", "호출";
    ERRORS: "Errors", "오류";
    DURATION_AVG: "Duration (avg)", "지속 기간(평균)";
    DURATION_MAX: "Duration (max)", "지속 기간(최대)";
    COLD_STARTS: "Cold starts", "콜드 스타트";
    INIT_DURATION: "Init duration (max)", "초기화 시간(최대)";
    COST: "Est. cost", "예상 비용";
    MEMORY_USED: "Memory used (max)", "사용 메모리(최대)";
    MEMORY_SHARE: "% memory used", "메모리 사용률";
    TIMEOUTS: "Timeouts", "시간 초과";
    OUT_OF_MEMORY: "Out of memory", "메모리 부족";
    THROTTLES: "Throttles", "스로틀링";
    LAST_START: "Last start", "마지막 시작";
    INSIGHTS: "Insights", "Insights";
    INVOKES: "invokes", "호출 대상:";
    SERVICE: "Service", "서비스";
    ENV: "Env", "환경";
    REGION: "Region", "리전";
    RUNTIME: "Runtime", "런타임";
    MEMORY_SIZE: "Memory size", "메모리 크기";

    // Badges
    CONDITION: "Condition", "조건";
    MEASURED: "Measured", "측정값";
    WHAT_TO_DO: "What to do", "조치";
    MEASURED_OVER_TIME: "Measured over time", "시간별 측정값";
    LIMIT_SAID: "dashed line: the limit, {}", "점선: 한도 {}";
    BEHIND_IT: "The invocations behind it", "관련 호출 보기";
    N_BEHIND_IT: "{} behind it", "관련 {} 보기";
    ERRORS_NOTE: "One failed invocation counts up to {} times as an error: Datadog's library and extension both count it.",
        "실패한 호출 1회가 오류 최대 {}건으로 집계됩니다. Datadog 라이브러리와 확장이 모두 세기 때문입니다.";
    MORE_IN_DOCS: "Datadog's page on this warning", "이 경고에 대한 Datadog 문서";
    BADGE_CAVEAT: "The documented condition, evaluated on what is stored here. Datadog does not publish the query behind its badge.",
        "저장된 데이터로 평가한 문서상의 조건입니다. Datadog은 배지의 쿼리를 공개하지 않습니다.";

    // Graphs
    VALUES: "Values", "값";
    TIME: "Time (UTC)", "시각(UTC)";
    SMALLEST: "min", "최소";
    MEDIAN: "median", "중앙값";
    LARGEST: "max", "최대";
    SPREAD_LEGEND: "dot: median, line: min to max", "점: 중앙값, 선: 최소~최대";
    LOG_AXIS: "logarithmic axis", "로그 눈금";
    TOTAL_COLD: "{} invocations, {} cold", "호출 {}회, 콜드 {}회";
    AVG_MAX: "avg {}, max {}", "평균 {}, 최대 {}";

    RUN_BEGAN: "The run {} began", "실행 {} 시작";
    RUN_MARK: "a run began", "실행 시작";
    CHANGE_MARK: "a deployment", "배포";

    // A function
    GRAPHS_WORD: "Graphs", "그래프";
    TABS_WORD: "Tabs", "탭";
    DURATION: "Duration", "지속 기간";
    INIT_DURATION_WORD: "Init duration", "초기화 시간";
    MEMORY_USED_WORD: "Memory used", "사용 메모리";
    STATUS: "Status", "상태";
    START: "Start", "시작";
    TRACE: "Trace", "트레이스";
    ONE_INVOCATION: "1 invocation", "호출 1회";
    N_INVOCATIONS: "{} invocations", "호출 {}회";
    INVOCATIONS_FOUND: "{} found, newest first.", "{}를 찾았습니다. 최신순입니다.";
    MORE_THAN_FOUND: "More than {} found, newest first.", "{}가 넘습니다. 최신순입니다.";
    ALL_INVOCATIONS: "All invocations", "모든 호출";
    ERRORS_EXPLAINED: "The metric counts {} errors, and {} invocations failed: Datadog's library and extension count one failure up to {} times.",
        "메트릭의 오류는 {}건이고 실패한 호출은 {}회입니다. Datadog 라이브러리와 확장이 실패 한 번을 최대 {}번까지 셉니다.";
    THROTTLES_EXPLAINED: "A throttled request never reaches the function, so it has no invocation and no trace. These are the invocations of the same time range.",
        "스로틀링된 요청은 함수에 도달하지 않으므로 호출도 트레이스도 없습니다. 아래는 같은 시간 범위의 호출입니다.";
    WHOLE_FUNCTION: "This Insight is about the function and not single invocations: these are all of them.",
        "이 인사이트는 함수 전체에 대한 것입니다. 아래는 이 함수의 모든 호출입니다.";
    MEMORY_EXPLAINED: "Found by their REPORT lines, at most the latest 50.", "REPORT 로그로 찾은 호출이며 최근 50회까지 표시합니다.";
    ERRORS_ONLY: "Errors only", "오류만";
    COLD_ONLY: "Cold starts only", "콜드 스타트만";
    INVOCATIONS_SAID: "{} invocations in this time range, newest first. Each row is one span aws.lambda; memory and init duration come from its REPORT line.",
        "이 시간 범위에 호출 {}회, 최신순입니다. 각 행은 aws.lambda 스팬 하나이며 메모리와 초기화 시간은 REPORT 로그에서 가져옵니다.";
    NO_INVOCATIONS: "No trace of one of these invocations is stored in this time range.", "이 시간 범위에 저장된 해당 호출의 트레이스가 없습니다.";
    NO_DEPLOYMENTS: "Nothing about this function was changed in this time range. `loadgen aws break` and `restore` change it, and so does a scenario's [function] table.",
        "이 시간 범위에 이 함수의 변경 사항이 없습니다. `loadgen aws break`와 `restore`, 시나리오의 [function] 테이블이 함수를 변경합니다.";
    DEPLOYMENTS_SAID: "Changes of code and configuration, numbered as on the graphs.", "코드와 구성의 변경 사항입니다. 번호는 그래프의 표시와 같습니다.";
    EARLIER_LEFT_OUT: "{} earlier changes are not shown; narrow the time range.", "이전 변경 {}건은 표시하지 않았습니다. 시간 범위를 좁혀 주세요.";
    CHANGE: "Change", "변경";
    WHAT_CHANGED: "What changed", "변경 내용";

    // Paging and logs
    PAGING: "Paging", "페이지 이동";
    NEWEST: "Newest", "최신";
    OLDER: "Older", "이전";
    NEWEST_FIRST: "Newest first.", "최신순입니다.";
    SAME_INVOCATION: "All logs of this invocation", "이 호출의 모든 로그";

    // A trace
    N_SPANS: "{} spans", "스팬 {}개";
    ONE_SPAN: "1 span", "스팬 1개";
    WHOLE_TRACE: "Back to the full trace", "전체 트레이스로 돌아가기";
    FLAME_SAID: "Flame graph: every bar is a span over time; the tab Span List has them as a table.",
        "플레임 그래프: 막대 하나가 스팬 하나입니다. Span List 탭에서 표로 볼 수 있습니다.";
    MAP_SAID: "Trace map: services and functions, and who calls whom; the list below says the same.",
        "트레이스 맵: 서비스와 함수, 호출 관계입니다. 아래 목록도 같은 내용입니다.";
    SPANS_LEFT_OUT: "{} spans of further services are not drawn; the tab Span List has them.",
        "다른 서비스의 스팬 {}개는 그리지 않았습니다. Span List 탭에서 볼 수 있습니다.";
    SHORT_SPANS: "{} spans too short to draw apart, {} together; zoom in", "짧아서 따로 그릴 수 없는 스팬 {}개, 합계 {}; 확대해서 보기";
    OTHER_ROWS: "Rows {} to {}: {}", "{}~{}번째 행: {}";
    FIRST_SPANS: "The first 10,000 spans of this trace.", "이 트레이스의 처음 스팬 10,000개입니다.";
    CALLS: "{} calls {}", "{} → {}";
    SPANS_OWN: "{}, own {}", "{}, 자체 {}";
    N_ERRORS: "{} failed", "오류 {}";
    FAILED_IN: "in {}", "({})";
    NO_ERROR: "No span failed.", "실패한 스팬이 없습니다.";
    COLD_START: "cold start", "콜드 스타트";
    SPAN: "Span", "스팬";
    BEGINS_AT: "begins at", "시작 시점";
    OWN_TIME: "Own time", "자체 시간";
    BEGINNING: "From the beginning", "처음부터";
    MORE_SPANS: "More spans", "스팬 더 보기";
    SELECTED_SPAN: "Selected span", "선택한 스팬";
    FIND_SPANS: "Search spans", "스팬 검색";
    SPANS_FOUND: "{} of {} spans match", "스팬 {}개 일치(전체 {}개)";
    ZOOM_IN: "Zoom in", "확대";
    ZOOM_OUT: "Zoom out", "축소";
    MINIMAP: "Where in the trace this part lies", "전체 트레이스에서 이 부분의 위치";
    ZOOM: "Zoom to it", "이 스팬으로 확대";
    LOGS: "Logs", "Logs";
    METRICS: "Metrics", "Metrics";
    RAISED_AT: "Raised at", "발생 위치:";
    STACK_TRACE: "Stack trace", "스택 트레이스";
    PAYLOAD_REQUEST: "Request payload", "요청 페이로드";
    PAYLOAD_RESPONSE: "Response payload", "응답 페이로드";
    NO_PAYLOAD: "No payload was captured: the function needs DD_CAPTURE_LAMBDA_PAYLOAD=true.",
        "수집된 페이로드가 없습니다. 함수에 DD_CAPTURE_LAMBDA_PAYLOAD=true가 필요합니다.";
    NO_PART: "None was captured.", "수집된 내용이 없습니다.";
    OPEN_WHOLE: "Open all of it ({})", "전체 열기({})";
    ALL_TAGS: "All {} tags", "태그 {}개 모두 보기";
    TAGS_LEFT_OUT: "{} more tags are not shown.", "태그 {}개는 표시하지 않았습니다.";

    // Logs, dashboard
    CLOSE: "Close", "닫기";
    MESSAGE: "Message", "메시지";
    ONE_HIT: "1 line", "로그 1건";
    N_HITS: "{} lines", "로그 {}건";
    MORE_HITS: "at least {}; counted back to {}", "{} 이상, {}까지 집계";
    LINES_OVER_TIME: "Lines over time", "시간별 로그";
    OTHER_STATUSES: "others", "기타";
    SEARCH_LOGS: "Search logs", "로그 검색";
    ATTRIBUTES: "Attributes", "속성";
    TAGS: "Tags", "태그";
    DASHBOARD_SUB: "What the extension reports of every invocation, over time.", "확장이 보고한 모든 호출의 시간별 메트릭입니다.";
    ALL_FUNCTIONS: "All functions", "모든 함수";
    BY_FUNCTION: "By function", "함수별";
    ERROR_SHARE: "Errors per invocation", "호출당 오류";
    COLD_SHARE: "Cold start share", "콜드 스타트 비율";
}
