//! Why a request has no complete response.

use super::known::statements;
use crate::lang::{FailureClass, Text, Value};

statements! {
    // Connecting
    no_address(host: &str): "`{}` has no address", "`{}`에 주소가 없습니다";
    not_resolved(host: &str, why: &str): "`{}` did not resolve: {}", "`{}`의 이름을 확인하지 못했습니다: {}";
    not_opened(why: &str): "the connection could not be opened: {}", "연결을 열지 못했습니다: {}";
    no_descriptor(): "this process may open no more files: raise `ulimit -n`, or use fewer connections",
        "이 프로세스는 더 이상 파일을 열 수 없습니다. `ulimit -n`을 높이거나 연결 수를 줄이세요";
    no_port(): "this machine has no local port left for a new connection: keep connections open, or send more slowly",
        "이 컴퓨터에 새 연결에 쓸 포트가 남아 있지 않습니다. 연결을 유지하거나 더 느리게 보내세요";
    no_buffer(): "this machine has no memory left for a new connection's buffers: use fewer connections",
        "이 컴퓨터에 새 연결의 버퍼에 쓸 메모리가 남아 있지 않습니다. 연결 수를 줄이세요";
    handshake_failed(why: &str): "the TLS handshake failed: {}", "TLS 핸드셰이크에 실패했습니다: {}";
    certificate_expired(date: &str): "the server's certificate expired on {}: it must be renewed there",
        "서버의 인증서가 {}에 만료되었습니다. 서버에서 갱신해야 합니다";
    certificate_not_yet(date: &str): "the server's certificate is not valid before {}: look at this machine's clock",
        "서버의 인증서는 {}부터 유효합니다. 이 컴퓨터의 시계를 확인하세요";
    certificate_name(host: &str, names: &str): "the server's certificate is not for `{}` but for {}: write one of these in the address",
        "서버의 인증서는 `{:`이} 아니라 {:을} 위한 것입니다. 주소에 그중 하나를 쓰세요";
    unknown_issuer(host: &str): "this machine does not trust the issuer of the server's certificate: trust it with --cacert FILE or SSL_CERT_FILE, or accept any certificate with --insecure {}",
        "이 컴퓨터는 서버 인증서의 발급자를 신뢰하지 않습니다. --cacert FILE이나 SSL_CERT_FILE로 신뢰하거나, --insecure {:으로} 모든 인증서를 받아들이세요";
    self_signed(host: &str): "the server's certificate is self-signed, and this machine does not trust it: trust it with --cacert FILE or SSL_CERT_FILE, or accept any certificate with --insecure {}",
        "서버의 인증서는 자체 서명되었고 이 컴퓨터가 신뢰하지 않습니다. --cacert FILE이나 SSL_CERT_FILE로 신뢰하거나, --insecure {:으로} 모든 인증서를 받아들이세요";
    wants_certificate(): "the server asks for a client certificate: --cert FILE --key FILE",
        "서버가 클라이언트 인증서를 요구합니다: --cert FILE --key FILE";
    old_tls(): "the server speaks neither TLS 1.2 nor TLS 1.3, and loadgen nothing older: enable one of them on the server",
        "서버가 TLS 1.2와 1.3을 모두 지원하지 않습니다. loadgen은 이보다 오래된 버전을 쓰지 않으므로 서버에서 둘 중 하나를 켜세요";
    refused_certificate(alert: &str): "the server refused the TLS handshake ({}): it may want a client certificate, --cert FILE --key FILE, or another one",
        "서버가 TLS 핸드셰이크를 거부했습니다({}). 클라이언트 인증서(--cert FILE --key FILE)나 다른 인증서가 필요할 수 있습니다";
    speaks_no_tls(host: &str): "`{}` does not speak TLS at this port: write http:// in place of https://, or another port",
        "`{:`은} 이 포트에서 TLS를 쓰지 않습니다. https:// 대신 http://를 쓰거나 다른 포트를 쓰세요";
    sandbox_status(status: &str): "the sandbox answered with status {}", "샌드박스의 응답 상태 코드: {}";
    sandbox_late(patience: impl Into<Value>): "the sandbox did not answer within {}", "샌드박스가 {} 안에 응답하지 않았습니다";
    sandbox_silent(): "the sandbox gave no answer", "샌드박스가 응답하지 않았습니다";

    started_late(): "loadgen started too late to send it", "loadgen이 늦게 시작하여 보내지 못했습니다";

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
    speaks_http1(): "the server chose HTTP/1.1, which carries one request at a time on a connection: leave --streams out",
        "서버가 연결 하나에 요청을 한 번에 하나만 보내는 HTTP/1.1을 선택했습니다. --streams를 빼세요";
    refused_twice(why: &str): "the server refused the request's HTTP/2 stream twice: {}",
        "서버가 요청의 HTTP/2 스트림을 두 번 거부했습니다: {}";
    wants_http1(): "the server reset the request's HTTP/2 stream because it wants HTTP/1.1: --http1",
        "서버가 HTTP/1.1을 원하여 요청의 HTTP/2 스트림을 재설정했습니다: --http1";
    reset(why: &str): "the server reset the request's HTTP/2 stream: {}", "서버가 요청의 HTTP/2 스트림을 재설정했습니다: {}";
    reset_in_body(why: &str): "the server reset the stream before the body's end: {}",
        "본문이 끝나기 전에 서버가 스트림을 재설정했습니다: {}";
    bad_http2(why: &str): "the response breaks the rules of HTTP/2, or its head is longer than 256 KiB: {}",
        "응답이 HTTP/2 규칙에 맞지 않거나 헤더가 256 KiB를 넘습니다: {}";

    // What is wrong with an answer
    redirected(location: &str): "to {}, not followed", "{:으로} 리디렉션되었으며 따라가지 않음";
    invoke_refused(status: u64, kind: &str, why: &str): "{} {}: {}", "{} {}: {}";
    function_failed(kind: &str): "the function failed: {}", "함수 실패: {}";
    not_http(): "the response is not HTTP/1.x", "응답이 HTTP/1.x가 아닙니다";
    head_too_long(line: u64, name: &str): "the response's head is longer than 256 KiB or 1,000 lines: line {}, `{}`",
        "응답 헤더가 256 KiB 또는 1,000줄을 넘습니다: {}번째 줄 `{}`";
    odd_line(line: u64, name: &str): "line {} of the response's head, `{}`, is no header line and may say where the response ends",
        "응답 헤더의 {}번째 줄 `{:`은} 헤더 줄이 아니며 응답의 끝을 나타낼 수 있습니다";
    bad_length(): "the response's content-length makes no sense", "응답의 content-length가 올바르지 않습니다";
    bad_chunks(): "the response's chunks are malformed", "응답의 청크 형식이 올바르지 않습니다";
    only_announced(): "the server announced a response more than 16 times without giving it",
        "서버가 응답을 16번 넘게 예고하고 보내지 않았습니다";
    switched(): "the server switched protocols without being asked to", "서버가 요청 없이 프로토콜을 바꿨습니다";
    body_too_long(): "the response's body is longer than 256 MiB", "응답 본문이 256 MiB를 넘습니다";

    // Flows. None of these says what an answer or a variable holds.
    not_as_expected(request: &str, path: &str): "the answer to `{}` is not as `expect.json` says at {}", "`{}`의 응답이 `expect.json`의 {}에 쓰인 것과 다릅니다";
    not_captured(request: &str, what: &str): "the answer to `{}` has no {}", "`{0}`의 응답에 {1:이} 없습니다";
    captured_unfit(request: &str, what: &str): "what the answer to `{}` has as {} holds a line break or another control character, and a header is to carry it",
        "`{}`의 응답에서 {:으로} 찾은 값에 줄 바꿈 등 헤더에 넣을 수 없는 제어 문자가 있습니다";
    answer_no_json(request: &str): "the answer to `{}` is no JSON", "`{}`의 응답이 JSON이 아닙니다";
    answer_too_large(request: &str, megabytes: u64): "the answer to `{}` is larger than {} MB, and no more of it is read", "`{}`의 응답이 {}MB보다 커서 그 뒤는 읽지 않았습니다";
    sign_in_failed(why: impl Into<Value>): "the sign-in failed: {}", "로그인에 실패했습니다: {}";
    sign_in_status(status: u64): "the sign-in was answered with status {}", "로그인 응답의 상태 코드: {}";

    // A class with a reason, and how often
    reason(count: u64, class: FailureClass<'_>, why: impl Into<Value>): "{} × {}: {}", "{1} {0}회: {2}";
}

/// What the classes of failures are called, by their keys.
pub const OUTCOMES: [(&str, Text); 23] = [
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
    ("refused", Text::new("refused by Lambda", "Lambda 거부")),
    (
        "gateway_timeout",
        Text::new("gateway timeout", "게이트웨이 시간 초과"),
    ),
    ("unavailable", Text::new("unavailable", "이용 불가")),
    ("redirected", Text::new("redirected", "리디렉션")),
    (
        "unexpected",
        Text::new("unexpected answer", "예상과 다른 응답"),
    ),
    ("capture_failed", Text::new("capture failed", "추출 실패")),
    ("http_error", Text::new("HTTP error", "HTTP 오류")),
    ("dns_failure", Text::new("name not found", "이름 확인 실패")),
    (
        "connection_refused",
        Text::new("connection refused", "연결 거부"),
    ),
    ("connect_failure", Text::new("cannot connect", "연결 실패")),
    (
        "local_limit",
        Text::new("limit of this machine", "이 컴퓨터의 한도"),
    ),
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
    ("sign_in_failed", Text::new("sign-in failed", "로그인 실패")),
    ("not_sent", Text::new("not sent", "보내지 못함")),
];
