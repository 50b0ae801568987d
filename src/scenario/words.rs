//! What is said of mistakes in a scenario file.

use crate::lang::{Phrase, PlainNumber, Reason, Text, texts};

texts! {
    pub(super) const;

    // Labels: what the marked place is.
    NOT_TOML: "not TOML", "TOML이 아님";
    NOT_UNDERSTOOD: "not understood", "읽을 수 없음";
    NOT_ABOVE_ZERO: "must be above zero", "0보다 커야 함";
    NOT_A_NAME: "not a name", "이름이 아님";
    NOT_A_TITLE: "not a title", "제목이 아님";
    NOT_OFFERED: "not offered", "제공되지 않음";
    TOO_MANY: "too many", "너무 많음";
    TOO_FEW: "too few", "너무 적음";
    TOO_LONG: "too long", "너무 긺";
    TOO_LARGE: "too large", "너무 큼";
    TOO_MUCH: "too much", "너무 많음";
    NAMES_NONE: "names none", "비어 있음";
    NOT_A_FINAL_STATUS: "not 200 to 599", "200~599가 아님";
    LISTED_BEFORE: "listed before", "이미 나열됨";
    NOT_A_METHOD: "not a method", "메서드가 아님";
    NOT_A_PATH: "not a path", "경로가 아님";
    NOT_A_HEADER_NAME: "not a header name", "헤더 이름이 아님";
    NOT_A_HEADER_VALUE: "not a header value", "헤더 값이 아님";
    ALREADY_SET: "already set", "이미 설정됨";
    SET_BEFORE: "set before", "앞에서 설정됨";
    IN_BOTH_LISTS: "in both lists", "두 목록에 모두 있음";
    NO_SUCH_FUNCTION: "no such function", "없는 함수";
    NOT_MEASURED_HERE: "not measured here", "여기서는 측정되지 않음";
    NO_SUCH_PHASE: "no such phase", "없는 단계";
    NO_SUCH_FIGURE: "no such figure", "없는 지표";
    NOT_A_LIMIT: "not a limit", "임계값이 아님";
    USED_BEFORE: "used before", "이미 사용됨";
    NOTHING_TO_SEND: "nothing to send", "보낼 것이 없음";
    ONE_TOO_MANY: "one too many", "하나를 빼야 함";
    LESS_THAN_ONE: "less than one request", "요청 1회 미만";
    DOES_NOT_BELONG: "does not belong here", "여기에 쓸 수 없음";
    FOR_HOW_LONG: "for how long?", "지속 시간이 없음";
    HOW_MUCH: "how much?", "값이 없음";
    NOTHING_TO_FAIL: "nothing to fail", "실패할 것이 없음";
    NO_REQUEST_FAILS: "no request fails", "실패하는 요청이 없음";
    UNKNOWN_KEY: "unknown key", "알 수 없는 키";
    NOT_USED: "not used", "쓰이지 않음";
    NOT_READABLE: "cannot be read", "읽을 수 없음";
    NOT_POSSIBLE: "not possible", "불가능함";
    NOT_YET: "not known yet", "아직 알 수 없음";
    WHEN_SENT: "sent when?", "언제 보내는지 없음";
    WHICH_ROW: "which row?", "어느 행인지 없음";
    NOT_KNOWN: "not known", "알 수 없는 값";
    missing_here(key: &str): "`{}` is missing here", "여기에 `{:`이} 빠짐";

    // What `--set` changes.
    NO_SETTING: "write KEY=VALUE, for example request.method=POST or phase.burst.burst=50", "KEY=VALUE로 쓰세요. 예: request.method=POST, phase.burst.burst=50";
    no_element(list: &str, name: &str): "no `{}` is called {}", "`{}` 중에 이름이 {}인 것이 없습니다";
    BY_NAME: "a key such as request.method, or of a phase by its name or number, phase.burst.burst", "request.method 같은 키나, 단계의 이름 또는 번호를 넣은 phase.burst.burst 같은 키를 쓰세요";
    holds_no_keys(key: &str): "`{}` holds a value and no keys", "`{:`은} 값이며 그 아래에 키가 없습니다";

    // What is said of any value.
    as_it_says(error: Reason): "{}", "{}";
    unreadable(by_others: &str): "{}", "읽을 수 없습니다: \"{}\"";
    LEAVE_IT_OUT: "leave it out", "빼세요";
    NO_NAME: "no name", "이름 없음";
    MONITOR_UNNAMED: "a monitor's name is empty", "모니터 이름이 비어 있습니다";
    MONITOR_NAME: "write it as Datadog shows it", "Datadog에 표시되는 이름을 쓰세요";
    ONE_DEMAND: "demand one state of each monitor", "모니터마다 상태 하나만 지정하세요";
    ONCE_IS_ENOUGH: "once is enough", "한 번이면 됩니다";
    did_you_mean(near: &str): "did you mean {}?", "혹시 {:을} 쓰려고 했나요?";
    is_zero(key: &str): "`{}` is zero", "`{}` 값이 0입니다";
    ZERO_HELP: "a duration above zero, for example \"10s\"", "0보다 긴 시간을 쓰세요. 예: \"10s\"";
    no_name(found: &str): "{} cannot be a name", "{:은} 이름으로 쓸 수 없습니다";
    SCENARIO_NAME_HELP: "1 to 64 letters from a to z, digits and hyphens; the first is no hyphen",
        "영문자, 숫자, 하이픈 1~64자로 쓰고 하이픈으로 시작하지 마세요";
    PHASE_NAME_HELP: "1 to 64 letters, digits, hyphens and underscores; the first is a letter or a digit",
        "글자, 숫자, 하이픈, 밑줄 1~64자로 쓰고 글자나 숫자로 시작하세요";

    // The scenario, the function and the requests.
    LONG_TITLE: "this title is too long, or more than one line", "제목이 너무 길거나 한 줄이 아닙니다";
    TITLE_HELP: "one line of at most 100 characters", "한 줄, 최대 100자로 쓰세요";
    no_timeout(found: &str): "{} is no timeout that Lambda offers", "{:은} Lambda에 없는 제한 시간입니다";
    TIMEOUT_HELP: "seconds, from \"1s\" to \"15m\"", "\"1s\"부터 \"15m\"까지 초 단위로 쓰세요";
    no_room(provisioned: u32, reserved: u32): "{} provisioned environments do not fit into a reserved concurrency of {}",
        "프로비저닝된 환경 {}개는 예약된 동시성 {}에 들어가지 않습니다";
    NO_ROOM_HELP: "provisioned concurrency is at most the reserved concurrency", "프로비저닝된 동시성은 예약된 동시성 이하로 쓰세요";
    LONG_ANSWER: "no answer of a Lambda function takes longer than 15 minutes", "Lambda 함수의 응답은 15분을 넘지 않습니다";
    LONG_ANSWER_HELP: "at most \"15m\"", "최대 \"15m\"으로 쓰세요";
    NO_STATUS: "`status` is an empty list", "`status` 목록이 비어 있습니다";
    STATUS_HELP: "the statuses that count as success, for example [200, 201]", "성공으로 볼 상태 코드를 쓰세요. 예: [200, 201]";
    not_final(code: &str): "{} is no status that an answer ends with", "{:은} 응답을 끝내는 상태 코드가 아닙니다";
    listed_twice(what: &str): "{} is listed twice", "{:이} 두 번 나열되었습니다";
    no_method(found: &str): "{} is no method that loadgen sends", "{:은} loadgen이 보내지 않는 메서드입니다";
    one_of(all: String): "one of {}", "다음 중 하나를 쓰세요: {}";
    no_path(found: &str): "{} cannot be appended to an address", "{:은} 주소 뒤에 붙일 수 없습니다";
    PATH_HELP: "a path such as \"/orders?limit=1\": begins with / or ?, without #", "\"/orders?limit=1\" 같은 경로를 쓰세요. / 또는 ?로 시작하고 #은 쓸 수 없습니다";
    two_bodies(first: &str, other: &str): "the request has both `{}` and `{}`", "요청에 `{:`과} `{:`이} 모두 있습니다";
    TWO_BODIES_HELP: "leave one of them out", "둘 중 하나를 빼세요";
    LONG_BODY: "this body is longer than 6 MB, the most that Lambda takes", "본문이 Lambda가 받는 최대 크기인 6 MB를 넘습니다";
    LONG_BODY_HELP: "at most 6291456 bytes", "최대 6291456바이트로 쓰세요";
    bad_body_file(file: String, why: Reason): "`request.body_file`: `{}` cannot be read: {}", "`request.body_file`: `{:`을} 읽을 수 없습니다: {}";
    THE_PATH: "the path", "경로";
    STANDARD_INPUT: "standard input", "표준 입력";
    silent_pipe(name: &str): "nothing came through the pipe {} within 10 s", "파이프 {:으로} 10초 안에 아무것도 오지 않았습니다";

    no_header_name(found: &str): "{} cannot be a header's name", "{:은} 헤더 이름으로 쓸 수 없습니다";
    HEADER_NAME_HELP: "letters, digits and hyphens, for example content-type", "영문자, 숫자, 하이픈으로 쓰세요. 예: content-type";
    own_header(name: &str): "loadgen sets the header {} itself", "헤더 {:은} loadgen이 직접 설정합니다";
    header_twice(name: &str): "the header {} is set twice", "헤더 {:이} 두 번 설정되었습니다";
    HEADER_TWICE_HELP: "header names do not tell upper case from lower case", "헤더 이름은 대소문자를 구분하지 않습니다";
    no_header_value(found: &str): "{} cannot be a header's value", "{:은} 헤더 값으로 쓸 수 없습니다";
    HEADER_VALUE_HELP: "visible ASCII characters, blanks and tabs, on one line", "보이는 ASCII 문자, 공백, 탭을 한 줄로 쓰세요";

    // What is expected and limited.
    in_both(id: &str): "{} is expected, and expected to be absent", "{:이} 예상 목록에도 없어야 할 목록에도 있습니다";
    IN_BOTH_HELP: "leave it in one of the two lists", "두 목록 중 하나에만 두세요";
    no_function(found: &str): "{} is no function", "{:은} 함수가 아닙니다";
    FUNCTION_NAME_HELP: "up to 64 letters, digits, hyphens and underscores", "영문자, 숫자, 하이픈, 밑줄 최대 64자로 쓰세요";
    function_twice(name: &str): "two functions are called {}", "함수 두 개의 이름이 {}입니다";
    FUNCTION_TWICE_HELP: "give each a name of its own", "이름을 다르게 쓰세요";
    invokes_unknown(name: &str, other: &str): "{} invokes {}, which no [[function]] is called", "{0:이} 호출하는 [[function]]이 없습니다: {1}";
    INVOKES_UNKNOWN_HELP: "add it, or leave it out of `invokes`", "추가하거나 `invokes`에서 빼세요";
    not_modelled(name: &str): "no [[function]] is called {}", "이름이 {}인 [[function]]이 없습니다";
    functions_there(names: String): "there are: {}", "있는 함수: {}";
    IDLE_FUNCTION: "an idle phase invokes nothing", "유휴 단계는 아무것도 호출하지 않습니다";
    functions_are(one: &str, other: &str): "the sample app's functions are {} and {}", "샘플 앱의 함수는 {0:과} {1}입니다";
    ONLY_IN_BENCH: "a scenario sends on schedule, so only `loadgen bench` measures requests_per_second",
        "시나리오는 일정에 따라 보내므로 requests_per_second는 `loadgen bench`에서만 측정됩니다";
    FIGURE_HELP: "for example response.warm.p95, service.all.p99, errors.share, cold.count or requests.sent",
        "예: response.warm.p95, service.all.p99, errors.share, cold.count, requests.sent";

    // Phases.
    same_name(name: &str): "two phases are called {}", "단계 두 개의 이름이 {}입니다";
    same_name_help(before: usize): "phase number {} has this name already; every phase needs its own",
        "{}번째 단계의 이름과 같습니다. 단계마다 다른 이름을 쓰세요";
    no_way(phase: &str): "the phase {} does not say what it does", "단계 {:이} 무엇을 하는지 적혀 있지 않습니다";
    NO_WAY_HELP: "give it one of idle, burst, rate, ramp or poisson, for example burst = 20",
        "`idle`, `burst`, `rate`, `ramp`, `poisson` 중 하나를 쓰세요. 예: burst = 20";
    two_ways(phase: &str, one: &str, other: &str): "the phase {} has both `{}` and `{}`", "단계 {0}에 `{1:`과} `{2:`이} 모두 있습니다";
    TWO_WAYS_HELP: "a phase has exactly one of idle, burst, rate, ramp and poisson; put each into a [[phase]] of its own",
        "한 단계에는 `idle`, `burst`, `rate`, `ramp`, `poisson` 중 하나만 쓰고, 나머지는 각각 [[phase]]를 따로 만드세요";
    sends_none(phase: &str, key: &str, length: std::time::Duration, requests: String): "the phase {} sends no request: `{}` over {} comes to {} requests",
        "단계 {0:은} 요청을 보내지 않습니다. {2} 동안의 `{1:`은} 요청 {3}회입니다";
    SENDS_NONE_HELP: "a higher rate, or a longer `for`", "속도를 높이거나 `for`를 길게 쓰세요";
    stray_length(key: &str, way: &str): "`{}` says nothing about `{}`", "`{0:`은} `{1}`에 쓰지 않습니다";
    goes_with(key: &str, with: Text): "leave it out: `{}` goes with {}", "빼세요. `{0:`은} {1}에 씁니다";
    WITH_BURST: "burst", "`burst`";
    WITH_RATES: "rate, ramp and poisson", "`rate`, `ramp`, `poisson`";
    no_length(phase: &str): "the phase {} does not say how long it lasts", "단계 {:이} 얼마나 계속되는지 적혀 있지 않습니다";
    NO_LENGTH_HELP: "add for = \"10s\", or another duration", "for = \"10s\"처럼 시간을 쓰세요";
    IDLE_FAULT: "an idle phase sends no requests that could ask for a fault", "유휴 단계는 결함을 요청할 요청을 보내지 않습니다";
    IDLE_FAULT_HELP: "put the fault into the phase that sends", "요청을 보내는 단계에 결함을 쓰세요";
    share_of_none(share: PlainNumber, requests: PlainNumber): "a share of {} of {} requests comes to none",
        "요청 {1}회 중 {0}의 비율이면 0회입니다";
    SHARE_HELP: "a larger share, or more requests", "비율을 높이거나 요청을 늘리세요";
    stray_number(key: &str): "`{}` does not go with this kind of fault", "`{:`은} 이 종류의 결함에 쓰지 않습니다";
    NO_NUMBER_HELP: "leave it out: this kind takes no number", "빼세요. 이 종류에는 숫자를 쓰지 않습니다";
    takes_number(example: &str): "this kind takes {}", "이 종류에는 {:을} 씁니다";
    no_number(key: &str): "this fault has no `{}`", "이 결함에 `{:`이} 없습니다";
    add(example: &str): "add {}", "{:을} 추가하세요";
    too_many_requests(requests: u64, most: u64): "{} requests are more than a run may send, {}", "요청 {}회는 실행 하나가 보낼 수 있는 {}회를 넘습니다";
    LONGER_THAN_A_YEAR: "the phases and their repetitions last longer than a year, which no run does",
        "단계와 반복이 1년보다 오래 걸립니다";
    too_many_steps(phases: usize, times: u32, most: u64): "{} phases {} times are more than {} steps", "단계 {}개를 {}회 반복하면 {}단계를 넘습니다";
    TOO_MUCH_HELP: "fewer repetitions, lower rates or shorter phases", "반복을 줄이거나, 속도를 낮추거나, 단계를 짧게 하세요";

    // What the schema says.
    A_SCENARIO: "a scenario", "시나리오";
    code(name: &str): "`{}`", "`{}`";
    other_kind(name: &str, found: Text, wanted: Reason): "`{}` is {}, where {} belongs", "`{0}`에는 {2:이} 와야 하는데 {1:이} 있습니다";
    huge(name: &str): "`{}` is a number too large for anything", "`{}` 값이 너무 큰 숫자입니다";
    no_key(key: &str, place: Phrase): "{} is no key of {}", "{0:은} {1}의 키가 아닙니다";
    keys_are(place: Phrase, keys: Reason): "the keys of {} are {}", "{}의 키: {}";
    lacks(place: Phrase, key: &str): "{} has no `{}`", "{}에 `{:`이} 없습니다";
    not_a_word(found: &str, name: &str): "{} is nothing that `{}` can be", "{0:은} `{1}`에 쓸 수 없습니다";
    can_be(words: Reason): "it can be {}", "쓸 수 있는 값: {}";
    out_of_range(name: &str, number: PlainNumber, wrong: Phrase): "`{}` is {}: it {}", "`{}` 값이 {}입니다: {}";
    NOT_FINITE: "must be a finite number", "유한한 수여야 함";
    not_above(bound: PlainNumber): "must be above {}", "{}보다 커야 함";
    below(bound: PlainNumber): "must be at least {}", "{} 이상이어야 함";
    above(bound: PlainNumber): "must be at most {}", "{} 이하여야 함";
    many_entries(name: &str, length: u64, most: u64): "`{}` has {} entries, more than {}", "`{}`에 항목이 {}개 있어 {}개를 넘습니다";
    few_entries(name: &str, length: u64, least: u64): "`{}` has {} entries, fewer than {}", "`{}`에 항목이 {}개 있어 {}개보다 적습니다";
    TEXT: "text", "텍스트";
    WHOLE_NUMBER: "an integer", "정수";
    NUMBER: "a number", "숫자";
    TRUE_OR_FALSE: "true or false", "true 또는 false";
    LIST: "a list", "목록";
    TABLE: "a table", "테이블";
    DATE: "a date", "날짜";
    OR: "or", "또는";
    AND: "and", "및";

    // Requests that differ, feeds, flows and the sign-in.
    A_REQUEST: "request", "요청";
    A_FEED: "feed", "피드";
    A_FLOW: "flow", "플로";
    REQUEST_UNNAMED: "a request of a list has no `name`", "목록의 요청에 `name`이 없습니다";
    reserved(name: &str): "{} is a word that templates use themselves", "{:은} 템플릿이 직접 쓰는 단어입니다";
    ANOTHER_NAME: "take another name", "다른 이름을 쓰세요";
    name_twice(name: &str, what: Text): "{} names a {1} already, or something else that templates name", "{}: 이미 쓰인 {1} 이름이거나 템플릿에서 다른 것을 가리키는 이름입니다";
    feed_unused(name: &str): "no request uses the feed {}", "피드 {:을} 쓰는 요청이 없습니다";
    use_feed(name: &str): "write ${{{}.COLUMN}} in a request, or leave the feed out", "요청에 ${{{}.열}}을 쓰거나 피드를 빼세요";
    bad_feed(file: &str, why: Reason): "the feed `{}` cannot be used: {}", "피드 `{:`을} 쓸 수 없습니다: {}";
    feed_too_large(megabytes: u64): "it is larger than {} MB; all rows are held in memory, so split it or leave rows out", "{}MB보다 큽니다. 모든 행을 메모리에 두므로 나누거나 행을 줄이세요";
    NO_ROWS: "it has no rows", "행이 없습니다";
    row_lacks(row: usize, column: &str): "row {} has no `{}`", "{}번째 행에 `{:`이} 없습니다";
    feed_no_json(line: usize, column: usize): "line {}, column {}: no JSON object belongs there", "{}번째 줄 {}번째 열: JSON 객체가 아닙니다";
    feed_no_utf8(line: u64): "line {} is not UTF-8", "{}번째 줄이 UTF-8이 아닙니다";
    feed_uneven(line: u64, found: u64, header: u64): "line {} has {found} {found?column|columns} where the header has {header}", "{0}번째 줄의 열은 {1}개인데 머리글은 {2}개입니다";
    no_column(column: &str, file: &str): "{} is no column of {}", "{:은} {}의 열이 아닙니다";
    bad_cell(row: usize, feed: &str, column: &str, why: Text): "row {} of ${{{}.{}}} {}", "${{{1}.{2}}}의 {0}번째 행: {3}";
    NO_NUMBER: "is no number", "숫자가 아닙니다";
    NO_HEADER_TEXT: "holds a line break or another control character, which no header can carry", "줄 바꿈 등 헤더에 넣을 수 없는 제어 문자가 있습니다";
    there_are(names: String): "there are: {}", "있는 이름: {}";
    NO_FLOW: "several requests, and no flow that says in which order they are sent", "요청이 여러 개인데 보내는 순서를 정하는 플로가 없습니다";
    NO_FLOW_HELP: "[[flow]] with name and steps = [\"first\", {{ pause = \"1s\" }}, \"second\"]; one flow for each request mixes them",
        "[[flow]]에 name과 steps = [\"첫째\", {{ pause = \"1s\" }}, \"둘째\"]를 쓰세요. 섞어 보내려면 요청마다 플로를 하나씩 쓰세요";
    no_request(name: &str): "no request is called {}", "이름이 {}인 요청이 없습니다";
    PAUSE_AT_END: "a pause stands between two requests", "쉼은 요청과 요청 사이에 씁니다";
    PAUSE_HELP: "leave it out: the first request is planned by its phase, and nothing follows the last", "빼세요. 첫 요청의 시각은 단계가 정하고, 마지막 요청 뒤에는 아무것도 없습니다";
    no_source(name: &str): "{} is no feed and no request", "{:은} 피드도 요청도 아닙니다";
    not_captured(of: &str, name: &str): "`{}` captures no {}", "`{:`은} {:을} 추출하지 않습니다";
    captured_later(of: &str, flow: &str): "`{}` has not been answered by then in the flow {}", "플로 {1}에서는 그때까지 `{0}`의 응답이 없습니다";
    captured_later_help(of: &str, here: &str): "put `{}` before `{}` in its steps", "steps에서 `{:`을} `{}` 앞에 두세요";
    PER_ROW: "a sign-in for each row uses one feed", "행마다 하나인 로그인은 피드 하나를 씁니다";
    PER_ROW_HELP: "take what signs in from one feed, such as ${{users.email}}, or leave `per` out", "로그인에 쓰는 값을 ${{users.email}}처럼 피드 하나에서 가져오거나 `per`를 빼세요";
    no_capture(found: &str): "{} does not say where a value is found", "{:은} 값을 어디서 찾는지 나타내지 않습니다";
    CAPTURE_HELP: "json:$.id, header:location or regex:id=(\\d+)", "json:$.id, header:location, regex:id=(\\d+) 중 하나로 쓰세요";
    DESCENDANTS: "a JSONPath may have one `..`", "JSONPath에는 `..`을 한 번만 쓸 수 있습니다";
    no_json_path(found: &str, why: String): "`{}` is no JSONPath (RFC 9535): {}", "`{:`은} JSONPath(RFC 9535)가 아닙니다: {}";
    no_regex(found: &str, why: String): "`{}` is no regular expression: {}", "`{:`은} 정규 표현식이 아닙니다: {}";
    other_groups(found: &str, groups: usize): "`{}` has {} groups; the value is what one group matches, ( ), and (?: ) is none", "`{}`에 그룹이 {}개 있습니다. 값은 그룹 ( ) 하나에 맞는 부분이며 (?: )는 그룹이 아닙니다";
    no_group(kind: &str, name: &str, known: String): "no {} is called `{}`; there are: {}", "`{1}`라는 {0:이} 없습니다. 있는 이름: {2}";

    // What is imported.
    NOTHING_TO_IMPORT: "it has no request that can be sent: give a curl command line, a browser's HAR file or an Artillery script",
        "보낼 수 있는 요청이 없습니다. curl 명령줄, 브라우저의 HAR 파일, Artillery 스크립트 중 하나여야 합니다";
    unclosed_quote(line: usize): "line {}: a quote is not closed", "{}번째 줄: 따옴표가 닫히지 않았습니다";
    line_no_curl(line: usize): "line {} is not a curl command", "{}번째 줄은 curl 명령이 아닙니다";
    curl_without_address(line: usize): "line {} has no address to which loadgen can send", "{}번째 줄에 요청을 보낼 수 있는 주소가 없습니다";
    too_many_imported(count: usize, most: usize): "{} requests are more than a flow can have, {}", "요청 {}개는 플로의 최대 {}개를 넘습니다";
    CURL_MULTIPART: "-F: a multipart body; write it to a file and name that as body_file", "-F: multipart 본문. 파일에 쓰고 body_file로 지정하세요";
    CURL_INSECURE: "-k: give --insecure HOST to `loadgen run`", "-k: `loadgen run`에 --insecure HOST를 쓰세요";
    CURL_LOCATION: "-L: redirects are not followed", "-L: 리디렉션을 따라가지 않습니다";
    CURL_STDIN: "a body from standard input", "표준 입력의 본문";
    curl_option(option: &str): "the option {}", "옵션 {}";
    other_host(host: &str): "a request to {}: a run sends to one address", "{:으로} 보내는 요청: 한 번의 실행은 한 주소로 보냅니다";
    no_har(line: usize, column: usize): "line {}, column {}: this is JSON but not a HAR file", "{}번째 줄 {}번째 열: JSON이지만 HAR 파일이 아닙니다";
    requests_elsewhere(count: usize, host: &str): "{} {count?request|requests} to {host}: a run sends to one address", "{1:으로} 보내는 요청 {0}개: 한 번의 실행은 한 주소로 보냅니다";
    entry_no_http(number: usize, scheme: &str): "entry {}, of `{}:`", "{}번째 항목(`{}:`)";
    entry_method(number: usize, method: &str): "entry {}, with the method {}", "{}번째 항목(메서드 {})";
    entry_multipart(number: usize): "the body of entry {}, multipart without its text", "{}번째 항목의 본문(텍스트가 없는 multipart)";
    older_cookie(name: &str): "the cookie {}, which no answer of the recording sets; record from the sign-in on, or write it as a header",
        "녹화된 응답이 설정하지 않은 쿠키 {}. 로그인부터 녹화하거나 헤더로 쓰세요";
    no_artillery(line: u64, column: u64): "line {}, column {}: this is not an Artillery script with `scenarios`", "{}번째 줄 {}번째 열: `scenarios`가 있는 Artillery 스크립트가 아닙니다";
    artillery_key(key: &str): "`{}`", "`{}`";
    artillery_variable(name: &str): "the variable `{}` does not have exactly one value; use a feed for several", "변수 `{}`의 값이 하나가 아닙니다. 값이 여럿이면 피드를 쓰세요";
    feed_header(file: &str, header: &str): "put the line `{1}` first in {0}: a feed's columns have a header", "{0}의 첫 줄에 `{1:`을} 쓰세요. 피드의 열에는 머리글이 있습니다";
    artillery_engine(number: usize): "scenario {}, whose engine is not http", "http 엔진이 아닌 {}번째 시나리오";
    ARTILLERY_LOOP: "a `loop` without a count up to 50: its steps are here once", "50 이하의 횟수가 없는 `loop`: 단계를 한 번만 씁니다";
    artillery_in_request(key: &str, number: usize): "`{}` of request {}", "요청 {1}의 `{0}`";
    artillery_address(variable: &str): "an address in `{}`: a run sends to one, and the path is kept", "`{}`에 있는 주소: 한 번의 실행은 한 주소로 보내므로 경로만 남깁니다";
    artillery_number(template: &str): "the number in `{}`: a column of a CSV is text, and |number before the brace makes a number of it", "`{}`의 숫자: CSV의 열은 텍스트이며 괄호 앞에 |number를 쓰면 숫자가 됩니다";
    import_header(name: &str): "the header {}, whose name or value cannot be sent", "이름이나 값을 보낼 수 없는 헤더 {}";
    import_capture(name: &str): "the capture `{}`, whose name or source cannot be used", "이름이나 위치를 쓸 수 없는 추출 `{}`";
    import_method(name: &str): "a request with the method {}", "메서드가 {}인 요청";
    of_import(what: String, number: usize): "{}, of request {}", "요청 {1}: {0}";
    import_no_scenario(why: Reason): "it cannot be converted into a scenario that runs: {}", "실행할 수 있는 시나리오로 만들 수 없습니다: {}";
    imported_target(target: &str): "Run it with: loadgen run FILE --url {}", "실행: loadgen run FILE --url {}";
    imported_secret(name: &str): "Set the environment variable {}: it replaces a secret.", "환경 변수 {:을} 설정하세요. 비밀 값을 대신합니다.";
    imported_not(what: &str): "Not converted: {}", "변환하지 못함: {}";

    // Figures, limits and secrets.
    no_figure(found: &str): "`{}` is no figure of a report", "`{:`은} 보고서의 지표가 아닙니다";
    no_phase(found: &str, near: Reason, known: String): "no phase is called `{}`{}; there are: {}", "`{}`라는 단계가 없습니다{}. 있는 단계: {}";
    no_such_function(found: &str, near: Reason, known: String): "the run has no function `{}`{}; it has: {}", "실행에 `{}` 함수가 없습니다{}. 있는 함수: {}";
    one_function(found: &str): "there are no figures of `{}` by itself: a run has those of each function where it invokes several, by --invoke or in the scenario", "`{}` 함수만의 지표가 없습니다. --invoke나 시나리오로 여러 함수를 호출한 실행에만 함수별 지표가 있습니다";
    meant(near: &str): " (did you mean `{}`?)", "(혹시 `{:`을} 쓰려고 했나요?)";
    no_limit(found: &str, figure: &str, example: Text): "`{}` is no limit for {}: write {}", "`{0:`은} {1}의 임계값이 아닙니다. {2:을} 쓰세요";
    LIMIT_MS: "\"< 800ms\" or \"<= 1.5s\"", "\"< 800ms\" 또는 \"<= 1.5s\"";
    LIMIT_SHARE: "\"< 20%\" or \">= 0.5\"", "\"< 20%\" 또는 \">= 0.5\"";
    LIMIT_COUNT: "\"< 10\" or \">= 100\"", "\"< 10\" 또는 \">= 100\"";
    never_met(limit: &str): "`{}` can never be met, since no figure is below zero", "지표는 0보다 작을 수 없으므로 `{:`은} 충족될 수 없습니다";
    no_threshold(found: &str): "`{}` is no limit: write a figure, a sign and a limit, for example \"response.warm.p95 < 800ms\"",
        "`{:`은} 임계값이 아닙니다. 지표, 부호, 값을 순서대로 쓰세요. 예: \"response.warm.p95 < 800ms\"";
    above_one(limit: &str): "`{}` is a share above 100 %: write a percentage with its sign, for example \"< 20%\"",
        "`{:`은} 100%를 넘는 비율입니다. 부호와 함께 퍼센트로 쓰세요. 예: \"< 20%\"";
    UNCLOSED: "`${{` is not closed: write ${{NAME}}, or $${{ for a plain ${{", "`${{`가 닫히지 않았습니다. ${{NAME}}으로 쓰거나, 글자 그대로라면 $${{로 쓰세요";
    no_variable(found: String): "`${{{}}}` does not name a variable: names have letters, digits and underscores, and do not begin with a digit",
        "`${{{}}}`은(는) 변수 이름이 아닙니다. 이름은 영문자, 숫자, 밑줄로 쓰고 숫자로 시작하지 않습니다";
    needs_variable(place: &Phrase, variable: &str, why: Text): "{} needs the environment variable {}, which {}; nothing was sent",
        "{}에 필요한 환경 변수 {:이} {}. 아무것도 보내지 않았습니다";
    header(name: &str): "header {}", "헤더 {}";
    THE_BODY: "the body", "본문";
    bad_header(name: &str): "the environment variable in header {} holds a line break or another character that no header can carry; nothing was sent",
        "헤더 {}의 환경 변수에 줄 바꿈 등 헤더에 넣을 수 없는 문자가 있습니다. 아무것도 보내지 않았습니다";

    // Files.
    unknown(name: String, hint: Phrase): "there is no scenario {}, neither built in nor as a file; {}", "시나리오 {:이} 내장 시나리오에도 파일에도 없습니다. {}";
    no_file(name: String, hint: Phrase): "there is no file {}; {}", "파일 {:이} 없습니다. {}";
    directory(name: String): "{} is a directory; name a scenario file in it, such as my-scenario.toml", "{:은} 디렉터리입니다. 그 안의 시나리오 파일을 지정하세요. 예: my-scenario.toml";
    not_text(name: String, at: usize): "{} is not text in UTF-8 or UTF-16: byte {} is wrong; is it the right file?", "{:은} UTF-8이나 UTF-16 텍스트가 아닙니다({}번째 바이트). 시나리오 파일이 맞나요?";
    cannot_read(name: String, why: String): "{} cannot be read: {}", "{:을} 읽을 수 없습니다: {}";
    meant_builtin(near: &str): "did you mean the built-in `{}`?", "혹시 내장 시나리오 `{:`을} 찾나요?";
    LIST_BUILTINS: "`loadgen scenarios` lists the built-in ones", "내장 시나리오 목록은 `loadgen scenarios`로 볼 수 있습니다";

    // All mistakes together.
    one_mistake(file: &str): "the scenario {} has a mistake; nothing was sent", "시나리오 {}에 잘못된 곳이 있습니다. 아무것도 보내지 않았습니다";
    mistakes(file: &str, count: usize): "the scenario {} has {} mistakes; nothing was sent", "시나리오 {}에 잘못된 곳이 {}군데 있습니다. 아무것도 보내지 않았습니다";
    more_mistakes(count: usize): "... and {} more", "... 외 {}군데";
    help_is(help: &Phrase): "help: {}", "도움말: {}";
}
