//! What this room says, in both languages.

use crate::lang::{Phrase, Reason, Text, Value, texts};

texts! {
    pub(super) const;

    // Answers of the API
    keys(host: &str, status: u16, message: &Reason): "{} refused the keys ({}: {}); check that DD_API_KEY and DD_APP_KEY are valid, not swapped, and belong to the site in DD_SITE",
        "{}에서 키를 거부했습니다({}: {}). DD_API_KEY와 DD_APP_KEY가 유효한지, 서로 바뀌지 않았는지, DD_SITE의 사이트에 속하는지 확인하세요";
    api_key(host: &str, status: u16, message: &Reason): "{} does not know the API key in DD_API_KEY ({}: {}): it is mistyped or revoked, or its organization is on another site. The address of your Datadog pages shows the site; DD_SITE must name the same",
        "{}에서 DD_API_KEY의 API 키를 알지 못합니다({}: {}). 잘못 입력했거나, 취소되었거나, 조직이 다른 사이트에 있습니다. Datadog 페이지의 주소에서 사이트를 확인하고 DD_SITE에 같은 값을 쓰세요";
    app_key(host: &str, scope: Text, status: u16, message: &Reason, name: &str): "{host} takes the API key and refuses the application key for {scope} ({status}: {message}): it is revoked, of another organization, or lacks the scope {name}. Give DD_APP_KEY a key with that scope, made by a user who may read {scope}; `loadgen doctor` shows which scopes it has",
        "{host}에서 API 키는 받아들였지만 {scope:을} 읽는 애플리케이션 키를 거부했습니다({status}: {message}). 취소되었거나, 다른 조직의 키이거나, {name} 범위가 없습니다. {scope:을} 읽을 수 있는 사용자가 만든, 그 범위가 있는 키를 DD_APP_KEY에 설정하세요. `loadgen doctor`로 키의 범위를 확인할 수 있습니다";
    refused(host: &str, status: u16, message: &Reason): "{} refused the request ({}: {}); if that is no API of Datadog, check DD_SITE or --datadog-url",
        "{}에서 요청을 거부했습니다({}: {}). Datadog API가 아니라면 DD_SITE나 --datadog-url을 확인하세요";
    limited_for(host: &str, wait: impl Into<Value>): "{} limits the rate of requests (429) and takes more in {}; try again then",
        "{}에서 요청 속도를 제한합니다(429). {} 뒤에 다시 시도하세요";
    limited(host: &str): "{} limits the rate of requests (429) and does not say until when; try again in some minutes",
        "{}에서 요청 속도를 제한하며(429) 언제까지인지 알려 주지 않습니다. 몇 분 뒤에 다시 시도하세요";
    unavailable(host: &str, status: u16, message: &Reason): "{} answers {} again and again ({}); try later, and look at https://status.datadoghq.com",
        "{}의 응답이 계속 {}입니다({}). 나중에 다시 시도하고 https://status.datadoghq.com 을 확인하세요";
    redirected(host: &str, to: &Reason): "{} redirects to {}, and keys are not sent elsewhere; check DD_SITE",
        "{}에서 {:으로} 리디렉션합니다. 다른 곳에는 키를 보내지 않습니다. DD_SITE를 확인하세요";
    NOWHERE: "nowhere", "알 수 없는 곳";
    unreachable(host: &str, cause: &Reason): "{} cannot be reached: {}; check the network, a proxy in HTTPS_PROXY, DD_SITE or --datadog-url",
        "{}에 연결할 수 없습니다: {}. 네트워크, HTTPS_PROXY의 프록시, DD_SITE나 --datadog-url을 확인하세요";
    page(host: &str): "{} answers with an HTML page where Datadog's API answers JSON: a proxy or a login page is in between (HTTPS_PROXY), or this is the address of the pages and not of the API, which is https://api.SITE",
        "{}에서 JSON 대신 HTML 페이지로 응답했습니다. 중간에 프록시나 로그인 페이지가 있거나(HTTPS_PROXY), API 주소(https://api.SITE)가 아니라 페이지 주소입니다";
    unreadable(host: &str, cause: &Reason): "{} gave an answer that cannot be read ({}); if it stays so, something between here and Datadog changes answers, or this is no API of Datadog",
        "{}의 응답을 읽을 수 없습니다({}). 계속되면 중간에서 응답이 바뀌고 있거나 Datadog API가 아닙니다";
    NO_EXPLANATION: "no explanation", "설명 없음";
    HTML_PAGE: "an HTML page, as proxies send", "프록시가 보내는 것과 같은 HTML 페이지";
    LATE: "no complete answer came in time", "시간 안에 온전한 응답이 오지 않음";
    BAD_KEY: "a key that no header can carry", "헤더에 넣을 수 없는 키";
    TOO_LONG: "more than 64 MiB", "64 MiB 초과";
    not_json(why: &str): "no JSON ({})", "JSON이 아님({})";
    lacks(what: &str): "it lacks {}", "없는 값: {}";
    UNMATCHED: "columns that match no query", "쿼리와 맞지 않는 열";
    UNEQUAL: "columns of different lengths", "길이가 다른 열";
    NO_QUERY: "a series of no query", "쿼리에 없는 시계열";

    // Scopes
    METRICS: "metrics", "메트릭";
    SPANS: "spans", "스팬";
    LOGS: "logs", "로그";

    // Addresses, keys, sites
    no_api(found: &str): "`{}` is no address of an API; write for example https://api.datadoghq.com or http://127.0.0.1:8080",
        "`{}`: API 주소가 아닙니다. 예: https://api.datadoghq.com 또는 http://127.0.0.1:8080";
    in_clear(found: &str): "`{}` is not https, and keys are sent in clear only to this machine",
        "`{}`: https가 아닙니다. 암호화하지 않은 키는 이 컴퓨터에만 보냅니다";
    WITH_PASSWORD: "the address of an API with a user or password in it is not used: keys belong in DD_API_KEY and DD_APP_KEY",
        "사용자나 비밀번호가 든 API 주소는 사용하지 않습니다. 키는 DD_API_KEY와 DD_APP_KEY에 설정하세요";
    no_tls(why: &str): "no connection can be prepared: {}", "연결을 준비할 수 없습니다: {}";
    half(found: &str, missing: &str): "{found} is set and {missing} is not: reading metrics and spans takes both an API key and an application key; set {missing} or {missing}_FILE",
        "{found:은} 설정되었지만 {missing:은} 설정되지 않았습니다. 메트릭과 스팬을 읽으려면 API 키와 애플리케이션 키가 모두 필요합니다. {missing} 또는 {missing}_FILE을 설정하세요";
    malformed(variable: &str): "the value of {} is no key: it is empty or has blanks or special characters in it; copy the key again",
        "{}의 값이 키가 아닙니다. 비어 있거나 공백 또는 특수 문자가 있습니다. 키를 다시 복사하세요";
    placeholder(variable: &str): "the value of {} is a placeholder and no key: put your own key in its place, from https://app.datadoghq.com/organization-settings/api-keys or application-keys",
        "{}의 값이 키가 아니라 자리 표시자입니다. https://app.datadoghq.com/organization-settings/api-keys 또는 application-keys에서 자신의 키를 복사해 넣으세요";
    SWAPPED: "DD_API_KEY and DD_APP_KEY are swapped: an API key has 32 hexadecimal digits and an application key has 40; exchange the two",
        "DD_API_KEY와 DD_APP_KEY가 서로 바뀌었습니다. API 키는 16진수 32자리, 애플리케이션 키는 40자리입니다. 두 값을 맞바꾸세요";
    key_file(path: &str, variable: &str, cause: String): "the key file {} (from {}) cannot be read: {}",
        "키 파일 {}({})을 읽을 수 없습니다: {}";
    LOOKS_LIKE_A_KEY: "(something that looks like a key)", "(키로 보이는 값)";
    unknown_site(found: &str, sites: String): "`{}` is no Datadog site; set DD_SITE to one of {}",
        "`{}`: Datadog 사이트가 아닙니다. DD_SITE에 다음 중 하나를 설정하세요: {}";
    no_trace_id(found: &str): "`{}` is no trace id: write 32 hexadecimal digits, or a decimal number of 64 bits",
        "`{}`: 트레이스 ID가 아닙니다. 16진수 32자리나 64비트 10진수를 쓰세요";
}

/// Until when requests are limited.
pub(super) fn rate_limited(host: &str, wait: Option<std::time::Duration>) -> Phrase {
    match wait {
        Some(wait) => limited_for(host, wait),
        None => limited(host),
    }
}
