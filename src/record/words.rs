//! What a run keeps in words besides its Insights: its notes, why it stopped early, the title of a
//! benchmark. The record holds them in English, and a report says them in its reader's language.
//! They are written down here, since reports cannot look into the commands that say them.

use crate::lang::texts;

texts! {
    /// All of them.
    pub(crate) const TEXTS;

    // The record
    KILLED: "this run was killed: its figures are those of its last whole second",
        "실행이 강제로 종료되었습니다. 수치는 마지막으로 온전한 1초까지의 것입니다";
    NOT_ALL_ON_DISK: "not every sample is on disk ({why}); the figures still count all of them",
        "일부 샘플을 디스크에 쓰지 못했습니다({}). 수치에는 모두 포함됩니다";
    THINNED: "samples.ndjson holds {} of the requests, drawn uniformly, since it keeps at most {}; every figure counts all",
        "samples.ndjson은 최대 {1}개만 보관하므로 균등하게 추출한 요청 {0}만 들어 있습니다. 모든 수치는 전체 요청을 셉니다";
    NOT_ON_DISK: "this report is not on disk: {why}", "이 보고서를 디스크에 쓰지 못했습니다: {}";
    SET_FORWARD: "this machine's clock was set {} forward during the run: {}",
        "실행 중에 이 컴퓨터의 시계가 {} 앞으로 바뀌었습니다. {}";
    SET_BACK: "this machine's clock was set {} back during the run: {}",
        "실행 중에 이 컴퓨터의 시계가 {} 뒤로 바뀌었습니다. {}";
    BY_LAST_CLOCK: "the run's times are by the clock as it stood at the end, and {}; it began at {} by the clock before. Pacing and latencies do not rest on that clock",
        "실행 시각은 끝날 때의 시계를 따릅니다. {}. 이전 시계로는 {}에 시작했습니다. 전송 간격과 레이턴시는 이 시계와 관계가 없습니다";
    SANDBOX_CLOCK: "the sandbox has a clock of its own", "샌드박스에는 자체 시계가 있습니다";
    SEARCHED_BY_CLOCK: "Datadog and logs are searched by them", "Datadog과 로그는 이 시각으로 검색합니다";

    // Sending
    REASON: "{} × {}: {why}", "{1} {0}회: {2}";
    RETRY_AFTER: "{} answers asked to be left alone for a while by Retry-After; the schedule was kept",
        "응답 {}회가 Retry-After로 잠시 보내지 말 것을 요청했지만 일정대로 보냈습니다";
    RESENT: "{} requests were sent once more on a new connection, because the server had refused them unprocessed (HTTP/2's REFUSED_STREAM or GOAWAY)",
        "서버가 처리하지 않고 거부한(HTTP/2 REFUSED_STREAM 또는 GOAWAY) 요청 {}회를 새 연결에서 한 번 더 보냈습니다";
    RESUMED: "{} of {} connections resumed an earlier TLS session, which spares them most of the handshake",
        "연결 {1}개 중 {0}개가 이전 TLS 세션을 재개하여 핸드셰이크를 대부분 생략했습니다";
    LATENESS: "one request in a hundred left more than {} late, over a tenth of the median response time: this machine is busy, or as many requests as may be were under way; response times include that wait, service times do not",
        "요청 100회 중 1회는 {} 넘게 늦게 출발했고 이는 응답 시간 중앙값의 10분의 1을 넘습니다. 이 컴퓨터가 바쁘거나 동시 요청 수가 한도에 이르렀습니다. 응답 시간은 이 대기를 포함하고 서비스 시간은 포함하지 않습니다";
    IDLE_NOT_SKIPPED: "the idle phase `{phase}` could not be skipped: {why}",
        "유휴 단계를 건너뛸 수 없었습니다(`{}`): {}";
    GAVE_UP: "{} of {} requests in phase `{phase}` failed without having been asked to",
        "`{2}` 단계의 요청 {1}회 중 {0}회가 시나리오의 요구 없이 실패했습니다";
    RANG: "{figure} was {} after {} requests, and {} ends the run",
        "요청 {2}회 후 {0} 값이 실행 종료 조건({3})에 해당했습니다: {1}";
    MUST_NOT_BE: "not {}", "{} 아님";
    LEFT_OUT: "what the scenario expects of the sample app's consumer ({insight}) is left out: there is none here",
        "시나리오가 샘플 앱의 컨슈머에 기대하는 항목({})은 제외했습니다. 여기에는 컨슈머가 없습니다";
    UNNAMED: "nobody named the function that answers, so its Insights are judged by the answers alone: --function NAME names it",
        "응답하는 함수의 이름을 지정하지 않아 응답만으로 인사이트를 판정했습니다. --function NAME으로 지정할 수 있습니다";
    TOO_LATE: "not every sample is there, so cold and warm are told by the answers alone, not by what is known since",
        "일부 샘플이 없어 콜드와 웜을 응답만으로 구분했으며 이후에 알게 된 정보는 반영하지 않았습니다";

    // Benchmarks
    AT_RATE: "{}/s for {}, at most {} under way at once", "{1} 동안 초당 {0}회, 동시 진행 최대 {2}회";
    CLOSED_LOOP: "{} connections in a closed loop for {}", "{1} 동안 연결 {0}개로 닫힌 루프";

    // Verifying
    VERIFYING: "verifying: {}", "검증: {}";
    NOT_VERIFIED: "not verified: {why}", "검증하지 못했습니다: {}";
    CLOCK_BEHIND: "this machine's clock is {0} behind the API's, so the run was looked for {0} later than it was recorded; {1}",
        "이 컴퓨터의 시계가 API보다 {0} 느려 기록된 시각보다 {0} 뒤에서 실행을 찾았습니다. {1}";
    CLOCK_AHEAD: "this machine's clock is {0} ahead of the API's, so the run was looked for {0} earlier than it was recorded; {1}",
        "이 컴퓨터의 시계가 API보다 {0} 빨라 기록된 시각보다 {0} 앞에서 실행을 찾았습니다. {1}";
    SET_CLOCK: "set the clock (`timedatectl set-ntp true`), for AWS refuses what is signed more than 5 minutes off",
        "5분 넘게 차이 나는 서명은 AWS가 거부하므로 시계를 맞추세요(`timedatectl set-ntp true`)";
    LAST_ANSWERS: "the last answers did not come, and what is said here rests on those before: {why}",
        "마지막 응답을 받지 못해 이전 응답을 근거로 판정했습니다: {}";
    NO_TELEMETRY: "`loadgen view` has no telemetry of this run, for it could not be fetched: {why}",
        "텔레메트리를 가져오지 못해 `loadgen view`에 이 실행의 텔레메트리가 없습니다: {}";
    NO_TRACES: "the run's traces could not be fetched, so cold and warm rest on other evidence: {why}",
        "실행의 트레이스를 가져오지 못해 콜드와 웜은 다른 근거로 구분했습니다: {}";
    TRACES_CUT: "not every trace could be fetched: {why}", "일부 트레이스를 가져오지 못했습니다: {}";
    SPANS_UNREADABLE: "{} spans could not be read and were passed over", "스팬 {}개는 읽을 수 없어 건너뛰었습니다";
    LOG_NOT_READ: "the log of {function} was not read: {why}", "{} 로그를 읽지 못했습니다: {}";
    LOG_HIDES: "{function} keeps reports out of its log: its system log level must be INFO",
        "{} 함수의 로그에 REPORT 줄이 없습니다. 시스템 로그 수준이 INFO여야 합니다";
    LOG_CUT: "only the first {} lines of {function} were read", "{1} 로그는 처음 {0}줄만 읽었습니다";

    // Simulating
    RAN: "{function} ran {} times, {} of them cold starts", "{}: 호출 {}회, 그중 콜드 스타트 {}회";
    READY_AHEAD: "{}, {} found an environment made ready ahead", "{}, 미리 준비된 환경 사용 {}회";
    THROTTLED: "{}, {} were throttled", "{}, 스로틀링 {}회";
    RAISED: "{}, {} raised or returned an error", "{}, 오류 {}건";
    TIMED_OUT: "{}, {} timed out", "{}, 시간 초과 {}회";
    OUT_OF_MEMORY: "{}, {} ran out of memory", "{}, 메모리 부족 {}회";
    MOST: "{}; the longest took {}, the most memory was {} MB", "{}. 최장 {}, 최대 메모리 {} MB";
    COST: "{}; AWS would ask about ${}.", "{}. AWS 예상 비용은 약 ${}입니다.";
    DEAD_LETTERS: "{} messages were received too often and went to the dead-letter queue.",
        "메시지 {}개가 수신 한도를 넘어 배달 못한 편지 대기열(DLQ)로 이동했습니다.";
    ASSUMPTIONS: "The model's assumptions: idle environments are kept for {expiry}, {} is reused first, durations of profile {profile}; the network and API Gateway take no time.",
        "모델의 가정: 유휴 환경의 유지 시간은 {}이고, {}부터 재사용하며, 소요 시간은 {} 프로필을 따릅니다. 네트워크와 API Gateway에는 시간이 걸리지 않습니다.";
    MOST_RECENT: "the most recently used one", "가장 최근에 사용한 환경";
    NEWEST: "the newest one", "가장 새로운 환경";
    LONGEST_IDLE: "the one idle longest", "가장 오래 유휴였던 환경";
}
