//! Why a request has no whole answer, in words: a run keeps these sentences in English, and a
//! report says them in its reader's language.

use crate::lang::texts;

texts! {
    /// All of them.
    pub(crate) const TEXTS;

    // Connecting
    NO_ADDRESS: "`{host}` has no address", "`{}`에 주소가 없습니다";
    NOT_RESOLVED: "`{host}` did not resolve: {why}", "`{}`의 이름을 확인하지 못했습니다: {}";
    NOT_OPENED: "the connection could not be opened: {why}", "연결을 열지 못했습니다: {}";
    HANDSHAKE_FAILED: "the TLS handshake failed: {why}", "TLS 핸드셰이크에 실패했습니다: {}";
    SANDBOX_STATUS: "the sandbox answered with status {}", "샌드박스의 응답 상태 코드: {}";
    SANDBOX_LATE: "the sandbox did not answer within {}", "샌드박스가 {} 안에 응답하지 않았습니다";
    SANDBOX_SILENT: "the sandbox gave no answer", "샌드박스가 응답하지 않았습니다";

    // On a connection
    LATE: "no whole answer within {}", "{} 안에 온전한 응답이 오지 않았습니다";
    CUT_OFF: "loadgen was told to end at once and cut it off", "즉시 끝내라는 지시를 받아 loadgen이 끊었습니다";
    CLOSED_BEFORE: "the server closed the connection before the request went out",
        "요청을 보내기 전에 서버가 연결을 닫았습니다";
    CLOSED: "the server closed the connection without a whole answer",
        "서버가 온전한 응답 없이 연결을 닫았습니다";
    BROKE: "the connection broke: {why}", "연결이 끊어졌습니다: {}";
    TLS_FAILED: "TLS failed: {why}", "TLS 오류: {}";
    CLOSED_IN_BODY: "the connection closed before the body's end", "본문이 끝나기 전에 연결이 닫혔습니다";

    // HTTP/2
    NO_STREAM: "the server allowed no HTTP/2 stream within {}", "서버가 {} 안에 HTTP/2 스트림을 허용하지 않았습니다";
    REFUSED_TWICE: "the server refused the request's HTTP/2 stream twice: {why}",
        "서버가 요청의 HTTP/2 스트림을 두 번 거부했습니다: {}";
    WANTS_HTTP1: "the server reset the request's HTTP/2 stream because it wants HTTP/1.1: --http1",
        "서버가 HTTP/1.1을 원하여 요청의 HTTP/2 스트림을 재설정했습니다: --http1";
    RESET: "the server reset the request's HTTP/2 stream: {why}", "서버가 요청의 HTTP/2 스트림을 재설정했습니다: {}";
    RESET_IN_BODY: "the server reset the stream before the body's end: {why}",
        "본문이 끝나기 전에 서버가 스트림을 재설정했습니다: {}";
    BAD_HTTP2: "what came breaks the rules of HTTP/2, or its head is longer than 64 KiB: {why}",
        "응답이 HTTP/2 규칙에 맞지 않거나 헤더가 64 KiB를 넘습니다: {}";

    // What is wrong with an answer
    REDIRECTED: "to {location}, not followed", "{}(으)로 리디렉션되었으며 따라가지 않음";
    NOT_HTTP: "the answer is not HTTP/1.x", "응답이 HTTP/1.x가 아닙니다";
    HEAD_TOO_LONG: "the answer's head is longer than 64 KiB or 128 lines", "응답 헤더가 64 KiB 또는 128줄을 넘습니다";
    BAD_LENGTH: "the answer's content-length makes no sense", "응답의 content-length가 올바르지 않습니다";
    BAD_CHUNKS: "the answer's chunks are malformed", "응답의 청크 형식이 올바르지 않습니다";
    ONLY_ANNOUNCED: "the server announced an answer more than 16 times without giving it",
        "서버가 응답을 16번 넘게 예고하고 보내지 않았습니다";
    SWITCHED: "the server switched protocols without being asked to", "서버가 요청 없이 프로토콜을 바꿨습니다";
    BODY_TOO_LONG: "the answer's body is longer than 256 MiB", "응답 본문이 256 MiB를 넘습니다";
}
