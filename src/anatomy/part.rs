//! The parts of a cold start, in the order of time.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::lang::{Text, texts};

/// A part of a cold start. Some sums of parts have their own name, for when no evidence splits
/// them.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
#[derive(strum::VariantArray)]
pub enum ColdPart {
    /// loadgen itself sent late.
    Send,
    /// Name lookup, TCP, TLS.
    Connect,
    /// The network and everything in front of the function: the time outside of the gateway's span.
    Gateway,
    /// From the gateway's acceptance until initialisation began: Lambda finds or makes an environment.
    Wait,
    /// The complete initialisation, if only its length is known.
    Init,
    /// The process, the runtime and extensions: the initialisation before the function's code is loaded.
    Runtime,
    /// Importing modules.
    Imports,
    /// Code outside of modules that import spans name.
    Code,
    /// The handler.
    Handler,
    /// The handler with what extensions did, where only Lambda's `Duration` is known.
    Invocation,
    /// Time that no evidence explains.
    Unknown,
    /// After the answer: extensions, for example sending telemetry.
    Flush,
    /// After the answer: from the message's acceptance until its consumer ran.
    Queue,
    /// After the answer: the consumer's handler.
    Consumer,
}

texts! {
    const;
    SEND: "sent late by loadgen", "loadgen의 전송 지연";
    CONNECT: "connecting", "연결";
    GATEWAY: "network and gateway", "네트워크와 게이트웨이";
    WAIT: "waiting for an environment", "실행 환경 대기";
    INIT: "initialisation, not split", "초기화(세부 구분 없음)";
    RUNTIME: "process, runtime, extensions", "프로세스·런타임·확장";
    IMPORTS: "imports", "임포트";
    CODE: "init code", "초기화 코드";
    HANDLER: "handler", "핸들러";
    INVOCATION: "handler and extensions", "핸들러와 확장";
    UNKNOWN: "unknown", "알 수 없음";
    FLUSH: "extensions after the answer", "응답 뒤 확장";
    QUEUE: "queue", "대기열";
    CONSUMER: "consumer", "컨슈머";

    TO_CONNECT: "keep connections open, or send from nearer by", "연결을 유지하거나 더 가까운 곳에서 보내세요";
    TO_INIT: "nothing says what it is made of: Datadog's library traces imports where DD_COLD_START_TRACING is on",
        "구성을 알 수 없습니다. DD_COLD_START_TRACING을 켜면 Datadog 라이브러리가 임포트를 추적합니다";
    TO_RUNTIME: "a smaller package, fewer layers and extensions, more memory, or another runtime",
        "패키지를 줄이고 레이어와 확장을 덜어 내고 메모리를 늘리거나 런타임을 바꾸세요";
    TO_IMPORTS: "import less, or on first use", "임포트를 줄이거나 처음 쓸 때 임포트하세요";
    TO_CODE: "do on first use what the first request does not need", "첫 요청에 필요 없는 작업은 처음 쓸 때 하세요";
    TO_HANDLER: "look at what the first call alone does: clients made, connections opened, caches filled",
        "첫 호출만 하는 일을 보세요: 클라이언트 생성, 연결, 캐시 채우기";
}

impl ColdPart {
    /// All parts, in the order of time.
    pub const ALL: &[ColdPart] = <ColdPart as strum::VariantArray>::VARIANTS;

    /// Whether it comes after the answer, and so is no part of the response time.
    pub fn is_after(self) -> bool {
        self > ColdPart::Unknown
    }

    /// What the reader can do about it; None where they cannot.
    pub fn advice(self) -> Option<Text> {
        match self {
            ColdPart::Connect => Some(TO_CONNECT),
            ColdPart::Init => Some(TO_INIT),
            ColdPart::Runtime => Some(TO_RUNTIME),
            ColdPart::Imports => Some(TO_IMPORTS),
            ColdPart::Code => Some(TO_CODE),
            ColdPart::Handler | ColdPart::Invocation => Some(TO_HANDLER),
            ColdPart::Send | ColdPart::Gateway | ColdPart::Wait | ColdPart::Unknown => None,
            ColdPart::Flush | ColdPart::Queue | ColdPart::Consumer => None,
        }
    }

    /// Its name for people.
    pub fn word(self) -> Text {
        match self {
            ColdPart::Send => SEND,
            ColdPart::Connect => CONNECT,
            ColdPart::Gateway => GATEWAY,
            ColdPart::Wait => WAIT,
            ColdPart::Init => INIT,
            ColdPart::Runtime => RUNTIME,
            ColdPart::Imports => IMPORTS,
            ColdPart::Code => CODE,
            ColdPart::Handler => HANDLER,
            ColdPart::Invocation => INVOCATION,
            ColdPart::Unknown => UNKNOWN,
            ColdPart::Flush => FLUSH,
            ColdPart::Queue => QUEUE,
            ColdPart::Consumer => CONSUMER,
        }
    }
}
