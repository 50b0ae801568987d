//! Why a request has no complete response.

use super::known::statements;
use crate::lang::{FailureClass, Text, Value};

statements! {
    // Connecting
    no_address(host: &str): "`{}` has no address", "`{}`에 주소가 없습니다";
    not_resolved(host: &str, why: &str): "`{}` did not resolve: {}", "`{}`의 이름을 확인하지 못했습니다: {}";
    not_opened(why: &str): "the connection could not be opened: {}", "연결을 열지 못했습니다: {}";
    handshake_failed(why: &str): "the TLS handshake failed: {}", "TLS 핸드셰이크에 실패했습니다: {}";
    sandbox_status(status: &str): "the sandbox answered with status {}", "샌드박스의 응답 상태 코드: {}";
    sandbox_late(patience: impl Into<Value>): "the sandbox did not answer within {}", "샌드박스가 {} 안에 응답하지 않았습니다";
    sandbox_silent(): "the sandbox gave no answer", "샌드박스가 응답하지 않았습니다";

    // On a connection
    late(timeout: impl Into<Value>): "no complete response within {}", "{} 안에 온전한 응답이 오지 않았습니다";
    cut_off(): "loadgen was told to end at once and cut it off", "즉시 끝내라는 지시를 받아 loadgen이 끊었습니다";
    closed_before(): "the server closed the connection before the request went out",
        "요청을 보내기 전에 서버가 연결을 닫았습니다";
    closed(): "the server closed the connection without a complete response",
        "서버가 온전한 응답 없이 연결을 닫았습니다";
    broke(why: &str): "the connection broke: {}", "연결이 끊어졌습니다: {}";
    tls_failed(why: &str): "TLS failed: {}", "TLS 오류: {}";
    closed_in_body(): "the connection closed before the body's end", "본문이 끝나기 전에 연결이 닫혔습니다";

    // HTTP/2
    no_stream(timeout: impl Into<Value>): "the server allowed no HTTP/2 stream within {}", "서버가 {} 안에 HTTP/2 스트림을 허용하지 않았습니다";
    refused_twice(why: &str): "the server refused the request's HTTP/2 stream twice: {}",
        "서버가 요청의 HTTP/2 스트림을 두 번 거부했습니다: {}";
    wants_http1(): "the server reset the request's HTTP/2 stream because it wants HTTP/1.1: --http1",
        "서버가 HTTP/1.1을 원하여 요청의 HTTP/2 스트림을 재설정했습니다: --http1";
    reset(why: &str): "the server reset the request's HTTP/2 stream: {}", "서버가 요청의 HTTP/2 스트림을 재설정했습니다: {}";
    reset_in_body(why: &str): "the server reset the stream before the body's end: {}",
        "본문이 끝나기 전에 서버가 스트림을 재설정했습니다: {}";
    bad_http2(why: &str): "the response breaks the rules of HTTP/2, or its head is longer than 64 KiB: {}",
        "응답이 HTTP/2 규칙에 맞지 않거나 헤더가 64 KiB를 넘습니다: {}";

    // What is wrong with an answer
    redirected(location: &str): "to {}, not followed", "{:으로} 리디렉션되었으며 따라가지 않음";
    not_http(): "the response is not HTTP/1.x", "응답이 HTTP/1.x가 아닙니다";
    head_too_long(): "the response's head is longer than 64 KiB or 128 lines", "응답 헤더가 64 KiB 또는 128줄을 넘습니다";
    bad_length(): "the response's content-length makes no sense", "응답의 content-length가 올바르지 않습니다";
    bad_chunks(): "the response's chunks are malformed", "응답의 청크 형식이 올바르지 않습니다";
    only_announced(): "the server announced a response more than 16 times without giving it",
        "서버가 응답을 16번 넘게 예고하고 보내지 않았습니다";
    switched(): "the server switched protocols without being asked to", "서버가 요청 없이 프로토콜을 바꿨습니다";
    body_too_long(): "the response's body is longer than 256 MiB", "응답 본문이 256 MiB를 넘습니다";

    // A class with a reason, and how often
    reason(count: u64, class: FailureClass<'_>, why: impl Into<Value>): "{} × {}: {}", "{1} {0}회: {2}";
}

/// What the classes of failures are called, by their keys.
pub const OUTCOMES: [(&str, Text); 18] = [
    ("ok", Text::new("ok", "정상")),
    ("function_error", Text::new("function error", "함수 오류")),
    (
        "function_timeout",
        Text::new("function timeout", "함수 시간 초과"),
    ),
    (
        "rejected",
        Text::new("rejected (likely throttled)", "거부됨(스로틀링 추정)"),
    ),
    ("throttled", Text::new("throttled", "스로틀링")),
    (
        "gateway_timeout",
        Text::new("gateway timeout", "게이트웨이 시간 초과"),
    ),
    ("unavailable", Text::new("unavailable", "이용 불가")),
    ("redirected", Text::new("redirected", "리디렉션")),
    ("http_error", Text::new("HTTP error", "HTTP 오류")),
    ("dns_failure", Text::new("name not found", "이름 확인 실패")),
    (
        "connection_refused",
        Text::new("connection refused", "연결 거부"),
    ),
    ("connect_failure", Text::new("cannot connect", "연결 실패")),
    ("tls_failure", Text::new("TLS failed", "TLS 실패")),
    (
        "connection_closed",
        Text::new("connection closed", "연결 끊김"),
    ),
    (
        "bad_response",
        Text::new("no HTTP answer", "HTTP가 아닌 응답"),
    ),
    ("incomplete_body", Text::new("answer cut", "응답 잘림")),
    ("timed_out", Text::new("timed out", "시간 초과")),
    ("not_sent", Text::new("not sent", "보내지 못함")),
];
