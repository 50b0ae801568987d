//! What `loadgen doctor` says of its flags and the environment, in both languages.

use crate::lang::texts;

texts! {
    pub(super) const;
    NO_SITE: "it is unknown without a site", "사이트가 없어 알 수 없음";
    NOT_ON_EMULATOR: "on an emulator a request would call the function, so none was sent", "에뮬레이터에서는 요청이 함수를 호출하므로 보내지 않음";
    NO_TARGET: "none was named: --url URL, --stack NAME or --invoke FUNCTION; without one, runs go to an embedded sandbox",
        "지정하지 않음: --url URL, --stack NAME 또는 --invoke FUNCTION. 지정하지 않으면 내장 샌드박스로 실행함";
    OTHER_API: "the address in --datadog-url or LOADGEN_DATADOG_URL, in place of a site", "사이트 대신 --datadog-url 또는 LOADGEN_DATADOG_URL의 주소";
    sandbox_api(address: &str): "the sandbox's own API at {}", "샌드박스의 API {}";
    site(site: &str, api: String, pages: String): "{}: API {}, pages {}", "{}: API {}, 페이지 {}";
    default_site(site: &str, api: String, pages: String): "{} (DD_SITE is not set): API {}, pages {}", "{}(DD_SITE 미설정): API {}, 페이지 {}";
    ANY_KEYS: "a sandbox accepts any", "샌드박스는 아무 키나 받습니다";
    KEYS: "an API key and an application key are set", "API 키와 애플리케이션 키가 설정되었습니다";
    SANDBOX_KEYS: "none are set; keys for a sandbox are used", "설정되지 않아 샌드박스용 키를 씁니다";
    no_keys(link: String): "DD_API_KEY and DD_APP_KEY are not set (nor the files DD_API_KEY_FILE and DD_APP_KEY_FILE). `loadgen verify` needs them; make keys at {}",
        "DD_API_KEY와 DD_APP_KEY(또는 DD_API_KEY_FILE과 DD_APP_KEY_FILE)가 설정되지 않았습니다. `loadgen verify`에 필요합니다. 키 만들기: {}";
    may_be_invoked(function: &str, host: &str): "{} is there, and you may invoke it, says Lambda at {}; the look (DryRun) invoked nothing",
        "{0:이} 있으며 호출할 수 있다고 {1}의 Lambda가 답했습니다. 이 확인(DryRun)은 아무것도 호출하지 않았습니다";
    NO_AWS: "a sandbox needs no AWS", "샌드박스에는 AWS가 필요 없음";
}
