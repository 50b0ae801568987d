//! What users do, as the file says it: requests, feeds, sign-in, flows.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use toml::Spanned;

use super::shapes::{JsonFile, Located, LocatedMap};

/// How each request looks.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RequestFile {
    /// Its name, in a list of several: letters, digits, hyphens and underscores.
    #[schemars(extend("x-ko" = "여러 요청 중 하나일 때의 이름: 영문자, 숫자, 하이픈, 밑줄."))]
    pub name: Option<Located<String>>,
    /// The HTTP method; "GET" unless set.
    #[schemars(extend("x-ko" = "HTTP 메서드. 쓰지 않으면 \"GET\"."))]
    pub method: Option<Located<String>>,
    /// Appended to the target's address, for example "/orders?limit=1". ${NAME} reads the environment
    /// variable NAME, percent-encoded.
    #[schemars(extend("x-ko" = "대상 주소 뒤에 붙는 경로. 예: \"/orders?limit=1\". ${NAME}은 환경 변수 NAME의 값이며 퍼센트 인코딩됨."))]
    pub path: Option<Located<String>>,
    /// Header names and values. ${NAME} reads the environment variable NAME; $${ is a plain ${.
    #[schemars(with = "Option<BTreeMap<String, String>>")]
    #[schemars(extend("x-ko" = "헤더 이름과 값. ${NAME}은 환경 변수 NAME의 값이고, $${는 글자 그대로 ${."))]
    pub headers: Option<LocatedMap>,
    /// The body. ${NAME} reads the environment variable NAME; $${ is a plain ${.
    #[schemars(extend("x-ko" = "본문. ${NAME}은 환경 변수 NAME의 값이고, $${는 글자 그대로 ${."))]
    pub body: Option<Located<String>>,
    /// The file that holds the body, of any bytes, up to 6 MB: beside the scenario.
    #[schemars(extend("x-ko" = "본문이 든 파일. 시나리오 옆에 두며, 어떤 바이트든 6MB까지."))]
    pub body_file: Option<Located<String>>,
    /// The body as JSON, for example { order = 7 }; the method is then "POST" and the content type that
    /// of JSON unless set. A text that is one ${users.qty} keeps the type of what that names.
    #[schemars(extend("x-ko" = "JSON 본문. 예: { order = 7 }. 쓰지 않으면 메서드는 \"POST\", 콘텐츠 유형은 JSON. ${users.qty} 하나로만 된 값은 가리키는 값의 형식을 그대로 따름."))]
    pub json: Option<Located<JsonFile>>,
    /// The body as a form's fields, percent-encoded.
    #[schemars(with = "Option<BTreeMap<String, String>>")]
    #[schemars(extend("x-ko" = "폼 필드로 된 본문. 퍼센트 인코딩됨."))]
    pub form: Option<LocatedMap>,
    /// What later requests of its flow need of the answer: { id = "json:$.id" }, also header:NAME and
    /// regex:PATTERN with one group. Used as ${NAME OF THE REQUEST.id}.
    #[schemars(with = "Option<BTreeMap<String, String>>")]
    #[schemars(extend("x-ko" = "플로의 뒤 요청이 쓸 응답 값: { id = \"json:$.id\" }. header:이름, 그룹 하나인 regex:패턴도 가능. ${요청이름.id}로 씀."))]
    pub capture: Option<LocatedMap>,
    /// The Lambda function that answers it: its own prediction, evidence and Insights.
    #[schemars(extend("x-ko" = "이 요청에 응답하는 Lambda 함수. 예측, 근거, 인사이트를 따로 냄."))]
    pub function: Option<Located<String>>,
    /// What counts as success; a status of 2xx unless set.
    #[schemars(extend("x-ko" = "성공으로 볼 응답. 쓰지 않으면 상태 코드 2xx."))]
    pub expect: Option<RequestExpectFile>,
    /// After this long without a complete response a request has timed out; "30s" unless set.
    #[schemars(extend("x-ko" = "이 시간 안에 응답이 다 오지 않은 요청은 시간 초과. 쓰지 않으면 \"30s\"."))]
    pub timeout: Option<Located<String>>,
}

/// What counts as success of a request.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RequestExpectFile {
    /// The HTTP statuses that count as success, for example [200, 201]; 200 to 599.
    #[schemars(with = "Option<Vec<u16>>", length(min = 1, max = 100))]
    #[schemars(extend("x-ko" = "성공으로 볼 HTTP 상태, 200~599. 예: [200, 201]."))]
    pub status: Option<Located<Vec<Located<u16>>>>,
    /// What the answer's JSON must hold, by JSONPath (RFC 9535): { "$.status" = "ok" }.
    #[schemars(with = "Option<BTreeMap<String, JsonFile>>")]
    #[schemars(extend("x-ko" = "응답 JSON에 있어야 하는 값, JSONPath(RFC 9535)별: { \"$.status\" = \"ok\" }."))]
    pub json: Option<BTreeMap<Spanned<String>, Located<JsonFile>>>,
}

/// A feed: rows that requests are filled with.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FeedFile {
    /// The file beside the scenario: CSV with a header, NDJSON (.ndjson, .jsonl), or a JSON array (.json).
    #[schemars(extend("x-ko" = "시나리오 옆의 파일: 머리글이 있는 CSV, NDJSON(.ndjson, .jsonl), JSON 배열(.json)."))]
    pub file: Located<String>,
    /// Which row a flow gets: "next" unless set, "random" by the seed, "once" without a repetition.
    #[schemars(extend("x-ko" = "플로가 받는 행: 쓰지 않으면 \"next\", 시드에 따른 \"random\", 반복 없는 \"once\"."))]
    pub order: Option<FeedOrder>,
}

/// Which row of a feed a flow gets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum FeedOrder {
    /// One after the other, over again at the end.
    #[default]
    Next,
    /// Any, by the seed.
    Random,
    /// One after the other; refused where there are fewer rows than arrivals.
    Once,
}

/// A sign-in.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AuthFile {
    /// The request that signs in.
    #[schemars(extend("x-ko" = "로그인 요청."))]
    pub request: RequestFile,
    /// What of its answer requests use: { token = "json:$.data.token" } is ${auth.token}.
    #[schemars(with = "BTreeMap<String, String>")]
    #[schemars(extend("x-ko" = "요청에서 쓸 응답 값: { token = \"json:$.data.token\" }은 ${auth.token}."))]
    pub capture: LocatedMap,
    /// How long it lasts, for example "50m"; else what the token (a JWT's exp) or the answer
    /// (expires_in) says.
    #[schemars(extend("x-ko" = "유효 시간. 예: \"50m\". 쓰지 않으면 토큰(JWT의 exp)이나 응답(expires_in)을 따름."))]
    pub lifetime: Option<Located<String>>,
    /// "run" unless set: one for all requests. "row": one for each row of the feed that it uses.
    #[schemars(extend("x-ko" = "쓰지 않으면 \"run\": 모든 요청에 하나. \"row\": 사용하는 피드의 행마다 하나."))]
    pub per: Option<AuthPer>,
}

/// For what there is a sign-in of its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum AuthPer {
    /// For the run.
    #[default]
    Run,
    /// For each row of its feed.
    Row,
}

/// A flow: what one user does.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FlowFile {
    /// Its name; no two flows share one.
    #[schemars(extend("x-ko" = "플로 이름. 플로마다 달라야 함."))]
    pub name: Located<String>,
    /// Its share of the arrivals beside the other flows' weights, kept exactly; 1 unless set.
    #[schemars(range(min = 1, max = 1_000_000))]
    #[schemars(extend("x-ko" = "다른 플로의 가중치에 대한 도착의 몫. 정확히 지켜짐. 쓰지 않으면 1."))]
    pub weight: Option<Located<u64>>,
    /// Whether it keeps the cookies that answers set and sends them back; false unless set.
    #[schemars(extend("x-ko" = "응답이 설정한 쿠키를 보관하여 다시 보낼지 여부. 쓰지 않으면 false."))]
    pub cookies: Option<bool>,
    /// Names of requests in order, and pauses between them: ["login", { pause = "2s" }, "order"].
    #[schemars(length(min = 1, max = 1_000))]
    #[schemars(extend("x-ko" = "요청 이름과 그 사이의 쉼을 순서대로: [\"login\", { pause = \"2s\" }, \"order\"]."))]
    pub steps: Vec<Located<StepFile>>,
}

/// A step of a flow.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum StepFile {
    /// A request by name.
    Request(String),
    /// A pause.
    Pause(PauseFile),
}

/// A pause before the next request of a flow.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PauseFile {
    /// For how long, for example "2s".
    #[schemars(extend("x-ko" = "쉬는 시간. 예: \"2s\"."))]
    pub pause: String,
}
