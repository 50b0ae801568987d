//! What the doctor says, in both languages.

use crate::lang::{Phrase, Reason, Text, Value, texts};

texts! {
    pub(super) const;

    AGAIN: "run `loadgen doctor` again in some minutes", "몇 분 뒤에 `loadgen doctor`를 다시 실행하세요";
    AGAIN_THEN: "run `loadgen doctor` again then", "그때 `loadgen doctor`를 다시 실행하세요";
    HOST_UNREACHABLE: "its host cannot be reached", "호스트에 연결할 수 없음";
    needs(topic: Text): "it needs the {}", "필요한 항목: {}";

    // Hosts and certificates
    through_proxy(proxy: &str): "the proxy {} leads to it (HTTPS_PROXY, NO_PROXY)", "프록시 {:을} 거칩니다(HTTPS_PROXY, NO_PROXY)";
    no_name(name: &str, cause: &Reason): "the name {} is not found: {}", "{} 이름을 찾을 수 없습니다: {}";
    NAME_SERVER_LATE: "the name server did not answer in time", "이름 서버가 시간 안에 응답하지 않음";
    NO_ADDRESS: "it has no address", "주소가 없음";
    CHECK_SITE: "check the network, and DD_SITE or --datadog-url", "네트워크와 DD_SITE 또는 --datadog-url을 확인하세요";
    CHECK_ADDRESS: "check the network and the address; after a new deployment the API has a new one: `loadgen aws outputs`",
        "네트워크와 주소를 확인하세요. 새로 배포하면 API의 주소가 바뀝니다: `loadgen aws outputs`";
    no_connection(name: &str, port: String, cause: &Reason): "{} takes no connection at port {}: {}", "{}에서 포트 {} 연결을 받지 않습니다: {}";
    NO_ANSWER: "no answer in time", "시간 안에 응답이 없음";
    CHECK_FIREWALL: "check the address, and whether a firewall blocks it; where only a proxy leads out, set HTTPS_PROXY",
        "주소와 방화벽을 확인하세요. 프록시로만 나갈 수 있다면 HTTPS_PROXY를 설정하세요";
    no_tls(name: &str, cause: &Reason): "no TLS connection with {}: {}", "{:과} TLS로 연결할 수 없습니다: {}";
    HANDSHAKE_LATE: "the handshake did not end in time", "핸드셰이크가 시간 안에 끝나지 않음";
    CHECK_TRUST: "if the certificate is not trusted, a proxy decrypts the connection: this machine must trust the proxy's certificate. If it is expired or not valid yet, check this machine's clock first",
        "인증서를 신뢰할 수 없다면 중간의 프록시가 연결을 복호화하고 있습니다. 이 컴퓨터가 프록시의 인증서를 신뢰해야 합니다. 만료되었거나 아직 유효하지 않다면 먼저 이 컴퓨터의 시계를 확인하세요";
    at(name: &str, address: String, port: String): "{} is {}, port {}", "{}: {}, 포트 {}";
    without_tls(place: &Reason): "{} takes connections, without TLS", "{}에서 TLS 없는 연결을 받습니다";
    trusted(place: &Reason): "{}, and its certificate is trusted", "{}, 신뢰할 수 있는 인증서";
    trusted_until(place: &Reason, day: &str): "{}, and its certificate is trusted until {}", "{}, {}까지 신뢰할 수 있는 인증서";
    trusted_soon(place: &Reason, day: &str, days: String): "{}, and its certificate is trusted until {}, {} days from now", "{}, {}까지({}일 뒤) 신뢰할 수 있는 인증서";
    RENEW: "the host's owner must renew it before that day, or every connection fails", "호스트의 소유자가 그 전에 갱신하지 않으면 모든 연결이 실패합니다";

    // The API
    reached(host: &str): "{} answers", "{:이} 응답합니다";
    asks_for_keys(host: &str): "{} answers, and asks for keys", "{:이} 응답하며 키를 요구합니다";
    VALID: "valid", "유효합니다";
    NO_KEY: "there is no key to check", "확인할 키가 없음";
    NO_API_ANSWER: "the API did not answer", "API가 응답하지 않음";
    KEY_REFUSED: "the API key is refused, and without it nothing is answered", "API 키가 거부되어 아무것도 조회할 수 없음";
    NEEDS_KEYS: "it needs DD_API_KEY and DD_APP_KEY", "DD_API_KEY와 DD_APP_KEY 필요";
    NO_METRICS: "metrics could not be read", "메트릭을 읽을 수 없음";
    clock_agrees(within: impl Into<Value>): "agrees with the answers' to within {}", "응답의 시각과 {} 안에서 일치합니다";
    clock_behind(by: impl Into<Value>): "this machine's clock is {} behind", "이 컴퓨터의 시계가 {} 늦습니다";
    clock_ahead(by: impl Into<Value>): "this machine's clock is {} ahead", "이 컴퓨터의 시계가 {} 빠릅니다";
    SET_CLOCK: "set it (`sudo timedatectl set-ntp true`): a run is looked up by this machine's time, and AWS refuses signatures that are more than 5 minutes off",
        "시계를 맞추세요(`sudo timedatectl set-ntp true`). 실행은 이 컴퓨터의 시각으로 조회하며, AWS는 5분 넘게 차이 나는 서명을 거부합니다";
    has_scope(name: &str): "the application key has {}", "애플리케이션 키에 {} 범위가 있습니다";
    lacks_scope(host: &str, scope: Text, status: u16, message: &Reason): "{} refuses the application key for {} ({}: {})",
        "{}에서 {:을} 읽는 애플리케이션 키를 거부합니다({}: {})";
    give_scope(name: &str, without: Text): "give it the scope {}; {}", "{} 범위를 추가하세요. {}";
    WITHOUT_SPANS: "without it cold and warm rest on the function's own markers, and `loadgen view` has no traces",
        "없으면 콜드와 웜을 함수의 마커로만 구분하고 `loadgen view`에 트레이스가 없습니다";
    WITHOUT_LOGS: "without it nothing is missing if spans can be read", "스팬을 읽을 수 있다면 없어도 됩니다";
    refuses_search(host: &str, status: u16, message: &Reason): "{} refuses the search ({}: {})", "{}에서 검색을 거부합니다({}: {})";
    REPORT_IT: "if this is Datadog's own API, report it: the request may be out of date", "Datadog의 API라면 알려 주세요. 요청 형식이 오래되었을 수 있습니다";

    // Data
    INCOMPLETE: "the answer was incomplete", "응답이 온전하지 않음";
    ANY_FUNCTION: "any function", "모든 함수";
    functions(count: usize): "{} functions", "함수 {}개";
    invocations(count: u64, of: Value): "{count} {count?invocation|invocations} of {of} in the last day", "지난 하루 {of}의 호출 {count}회";
    no_enhanced(count: u64, of: Value): "CloudWatch counts {count} {count?invocation|invocations} of {of} in the last day, and none has enhanced metrics",
        "CloudWatch에는 지난 하루 {of}의 호출이 {count}회 있지만 향상된 메트릭이 없습니다";
    ADD_EXTENSION: "add the Datadog extension to the function (the layer Datadog-Extension), or subscribe the Datadog Forwarder to its log group; and check that its DD_API_KEY and DD_SITE are this organization's",
        "함수에 Datadog 확장(Datadog-Extension 레이어)을 추가하거나 함수의 로그 그룹에 Datadog Forwarder를 구독하세요. 함수의 DD_API_KEY와 DD_SITE가 이 조직의 것인지도 확인하세요";
    no_invocation(of: Value): "no invocation of {} in the last day", "지난 하루 {}의 호출이 없습니다";
    SEND_TRAFFIC: "send some traffic, wait two minutes, and run `loadgen doctor` again", "트래픽을 보내고 2분 뒤에 `loadgen doctor`를 다시 실행하세요";
    cloudwatch(count: u64, of: Value): "CloudWatch's metrics come in: {count} {count?invocation|invocations} of {of} in the last day",
        "CloudWatch 메트릭이 들어옵니다: 지난 하루 {of}의 호출 {count}회";
    no_integration(count: u64, of: Value): "{count} {count?invocation|invocations} of {of} are more than 30 minutes old, and CloudWatch's metrics have none of them: the integration does not cover this account or region",
        "{of}의 호출 {count}회가 30분 넘게 지났지만 CloudWatch 메트릭에 없습니다. 통합이 이 계정이나 리전을 포함하지 않습니다";
    install(link: String): "set it up at {}; without it throttles, iterator age and provisioned concurrency cannot be determined",
        "{}에서 설정하세요. 없으면 스로틀링, 반복기 나이, 프로비저닝된 동시성을 판단할 수 없습니다";
    no_cloudwatch(of: Value): "no CloudWatch metric of {} in the last day, and none was due", "지난 하루 {}의 CloudWatch 메트릭이 없습니다(아직 들어올 때가 아님)";
    install_later(install: Phrase): "half an hour after some traffic it must be there; if it is not, {}", "트래픽을 보내고 30분 뒤에는 있어야 합니다. 없으면 {}";
    NO_FORWARDER_NEEDED: "the sandbox needs none", "샌드박스에는 필요 없음";
    forwarded(events: u64): "it forwarded {events} {events?event|events} in the last day", "지난 하루 이벤트 {}개를 전달했습니다";
    NO_FORWARDER: "no Forwarder reported itself in the last day", "지난 하루 동작이 확인된 Forwarder가 없습니다";
    FORWARDER_DOUBT: "Datadog's page of warnings asks for the Forwarder with REPORT logs indexed, and does not say whether the extension alone is enough; the conditions themselves need the enhanced metrics only",
        "Datadog의 경고 문서는 REPORT 로그를 인덱싱하는 Forwarder를 요구하며, 확장만으로 충분한지는 밝히지 않습니다. 조건 자체는 향상된 메트릭만 있으면 됩니다";

    // The account
    version(version: &str): "version {}", "버전 {}";
    identity(arn: &str, account: &str): "{} in account {}", "계정 {1}의 {0}";
    ONLY_FOR_A_STACK: "It is needed only for a stack of yours.", "자신의 스택을 쓸 때만 필요합니다.";
    optional(error: &Reason, note: Text): "{} {}", "{} {}";
    NO_LIMIT: "it needs the permission lambda:GetAccountSettings; without it, look for throttles in the run",
        "lambda:GetAccountSettings 권한이 필요합니다. 없으면 실행 결과에서 스로틀링을 확인하세요";
    NO_STACK: "none was named: `--stack NAME` checks the functions too", "지정하지 않음: `--stack NAME`을 쓰면 함수도 확인합니다";
    stack(stack: &str, region: &str, status: &str): "{} in {}: {}", "{1}의 {0}: {2}";
    environments(limit: u64, unreserved: u64): "{} environments at once in this region, {} of them reserved by no function",
        "이 리전에서 동시 실행 환경 {}개, 그중 예약되지 않은 것 {}개";
    too_few_environments(limit: u64, unreserved: u64, burst: u64): "{} environments at once in this region, {} of them reserved by no function: a burst of {}, as `loadgen cold-start` sends it, would be throttled",
        "이 리전에서 동시 실행 환경 {}개, 그중 예약되지 않은 것 {}개. `loadgen cold-start`가 보내는 {}회 버스트는 스로틀링됩니다";
    send_fewer(half: u64): "send at most half as many at once (`loadgen cold-start --burst {}`), or ask AWS for more: Service Quotas, AWS Lambda, \"Concurrent executions\"",
        "한 번에 절반 이하로 보내거나(`loadgen cold-start --burst {}`) AWS에 증가를 요청하세요: Service Quotas, AWS Lambda, \"Concurrent executions\"";

    // A function
    IMAGE: "container image", "컨테이너 이미지";
    runtime(runtime: Value, mb: u64, seconds: u64): "{}, {} MB, timeout {} s", "{}, {} MB, 제한 시간 {}초";
    managed(runtime: Value, mb: u64, seconds: u64): "{}, {} MB, timeout {} s, on Managed Instances", "{}, {} MB, 제한 시간 {}초, Managed Instances에서 실행";
    NO_MEMORY: "Datadog gets neither its memory nor its cost: High memory usage and Over provisioned cannot be determined",
        "이 함수의 메모리와 비용은 Datadog으로 전송되지 않습니다. 높은 메모리 사용량과 초과 프로비저닝은 판단할 수 없습니다";
    deprecated(runtime: Value, mb: u64, seconds: u64, since: &str): "{}, {} MB, timeout {} s; AWS deprecated this runtime on {}",
        "{}, {} MB, 제한 시간 {}초. AWS가 {}에 지원을 종료한 런타임입니다";
    STILL_RUNS: "it still runs; `loadgen aws deploy` deploys the sample app with current ones",
        "아직 실행됩니다. `loadgen aws deploy`는 현재 런타임으로 샘플 앱을 배포합니다";
    IN_THE_IMAGE: "a container image has no layers of its own", "컨테이너 이미지에는 레이어가 따로 없습니다";
    CHECK_IMAGE: "check that the image has Datadog's extension and library", "이미지에 Datadog의 확장과 라이브러리가 있는지 확인하세요";
    NO_LAYER: "no layer at all", "레이어가 없습니다";
    no_datadog_layer(layers: &str): "no layer of Datadog's: {}", "Datadog 레이어가 없습니다: {}";
    ADD_LAYERS: "without them only the Forwarder could send its metrics, and nothing its traces: add Datadog-Extension and the library for its language (`loadgen aws deploy` has both)",
        "없으면 메트릭은 Forwarder로만 보낼 수 있고 트레이스는 보낼 수 없습니다. Datadog-Extension과 언어에 맞는 라이브러리를 추가하세요(`loadgen aws deploy`에는 둘 다 있습니다)";
    no_extension(layers: &str): "{}, without the extension", "{}, 확장 없음";
    SUBSCRIBE: "the Forwarder must be subscribed to its log group, or add the layer Datadog-Extension", "로그 그룹에 Forwarder를 구독하거나 Datadog-Extension 레이어를 추가하세요";
    old_extension(layers: &str): "{}; this extension counts no out-of-memory kills of Python functions", "{}. 이 확장은 Python 함수의 메모리 부족 종료를 세지 않습니다";
    UPDATE_EXTENSION: "use a current one for the Insight out_of_memory; the others do not need it", "out_of_memory 인사이트에는 최신 확장이 필요합니다. 다른 인사이트에는 필요 없습니다";
    no_library(layers: &str): "{}, without a library for its language", "{}, 언어 라이브러리 없음";
    ADD_LIBRARY: "spans and the tag cold_start come from the library: add it, unless the code brings its own", "스팬과 cold_start 태그는 라이브러리가 만듭니다. 코드에 들어 있지 않다면 추가하세요";
    NO_FUNCTION_KEY: "the extension has no API key: none of DD_API_KEY, DD_API_KEY_SECRET_ARN and the like is set",
        "확장에 API 키가 없습니다. DD_API_KEY, DD_API_KEY_SECRET_ARN 등이 설정되지 않았습니다";
    SET_FUNCTION_KEY: "set one in the function's environment; `loadgen aws deploy` does it from your DD_API_KEY",
        "함수의 환경 변수에 설정하세요. `loadgen aws deploy`는 DD_API_KEY의 값을 설정합니다";
    other_site(sends: &str, site: &str): "it sends its telemetry to {}, and {} will be asked for it", "원격 측정 데이터를 {:으로} 보내지만 조회는 {}에서 합니다";
    set_site(sends: &str, site: &str): "set DD_SITE={} here, or {} in the function (`loadgen aws deploy`)", "여기에서 DD_SITE={:을} 설정하거나 함수에 {:을} 설정하세요(`loadgen aws deploy`)";
    FLUSH_END: "end: nothing is held back", "end: 보내지 않고 남는 데이터가 없습니다";
    DEFAULT_FLUSH: "the extension's default, which after 20 invocations less than 2 minutes apart sends every 20 s",
        "확장의 기본값(2분 미만 간격으로 호출이 20회 이어지면 그 뒤에는 20초마다 전송)";
    holds_back(strategy: Value): "{}: an environment that is frozen after a burst holds its last telemetry back until its next invocation or its end, minutes later",
        "{}: 버스트가 끝나 정지된 환경은 다음에 호출되거나 몇 분 뒤 종료될 때까지 마지막 원격 측정 데이터를 보내지 않습니다";
    SET_FLUSH: "set DD_SERVERLESS_FLUSH_STRATEGY=end in the function's environment, or repeat a burst with as many requests at once before you verify",
        "함수의 환경 변수에 DD_SERVERLESS_FLUSH_STRATEGY=end를 설정하거나, 검증하기 전에 같은 크기의 버스트를 한 번 더 보내세요";
    CAPTURES: "on: traces carry their run's id", "켜짐: 트레이스에 실행 ID가 있습니다";
    NO_CAPTURE: "off: a run's traces cannot be found by its id, so cold and warm rest on the answers' markers",
        "꺼짐: 실행 ID로 트레이스를 찾을 수 없으므로 콜드와 웜을 응답의 마커로 구분합니다";
    SET_CAPTURE: "set DD_CAPTURE_LAMBDA_PAYLOAD=true in the function's environment, if its payloads may be seen",
        "페이로드가 보여도 된다면 함수의 환경 변수에 DD_CAPTURE_LAMBDA_PAYLOAD=true를 설정하세요";

    // The endpoint
    sandbox(version: &str, profile: String, url: &str): "a sandbox of loadgen {} with the sample app, profile {}, at {}", "샘플 앱이 있는 loadgen {} 샌드박스, 프로필 {}, {}";
    MIGHT_CALL: "a request might call the function, so none was sent", "요청이 함수를 호출할 수 있어 보내지 않음";
    gateway_answers(status: u16): "API Gateway answers ({} for a path that is no stage); the function was not called", "API Gateway가 응답합니다(스테이지가 아닌 경로에 {}). 함수는 호출하지 않았습니다";
    gateway_silent(why: String): "API Gateway does not answer: {}", "API Gateway가 응답하지 않습니다: {}";
    CHECK_STACK: "check the network, a proxy in HTTPS_PROXY, and that the stack still exists: `loadgen aws outputs`", "네트워크와 HTTPS_PROXY의 프록시, 그리고 스택이 아직 있는지 확인하세요: `loadgen aws outputs`";
}
