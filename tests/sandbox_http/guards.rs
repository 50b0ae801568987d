//! Who may talk to the sandbox, and how much.

use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
};

use crate::client::Sandboxed;

/// Sends bytes and reads the first line of whatever comes back.
async fn raw(sandbox: &Sandboxed, request: &[u8]) -> String {
    let address = sandbox.info.datadog_url.trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).await.expect("a connection");
    // The server may close before it has read everything.
    let _ = stream.write_all(request).await;
    let mut line = String::new();
    let _ = BufReader::new(stream).read_line(&mut line).await;
    line
}

#[tokio::test]
async fn only_loopback_names_are_answered_on_every_route() {
    let sandbox = Sandboxed::usual().await;
    for path in ["/datadog-sample-app-stage", "/_sandbox/info", "/nothing"] {
        for host in ["example.com", "127.0.0.1.example.com:80", "10.0.0.1"] {
            let url = format!("{}{path}", sandbox.info.datadog_url);
            let request = sandbox.http.get(url).header("host", host);
            let answer = request.send().await.expect("an answer");
            assert_eq!(answer.status(), 421, "{host}{path}");
        }
    }
    for host in [
        "localhost",
        "127.0.0.1:1",
        "[::1]:8",
        "sandboxapi.execute-api.localhost:99",
    ] {
        let answer = sandbox.request().header("host", host).send().await;
        assert_eq!(answer.expect("an answer").status(), 200, "{host}");
    }
}

#[tokio::test]
async fn pages_of_other_origins_are_turned_away() {
    let sandbox = Sandboxed::usual().await;
    let url = format!("{}/_sandbox/break", sandbox.info.datadog_url);
    let request = sandbox
        .http
        .post(url)
        .header("origin", "https://example.com");
    assert_eq!(request.send().await.expect("an answer").status(), 403);
    assert_eq!(sandbox.invoke().await.status(), 200, "nothing was broken");
}

#[tokio::test]
async fn a_body_beyond_the_gateways_limit_gets_413() {
    let sandbox = Sandboxed::usual().await;
    let send = |bytes| {
        let request = sandbox.http.post(&sandbox.info.invoke_url);
        request.body(vec![b'x'; bytes]).send()
    };
    let limit = 10 * 1024 * 1024;
    assert_eq!(send(limit).await.expect("an answer").status(), 200);
    assert_eq!(send(limit + 1).await.expect("an answer").status(), 413);
}

#[tokio::test]
async fn what_is_no_http_does_no_harm() {
    let sandbox = Sandboxed::usual().await;
    let long = format!(
        "GET / HTTP/1.1\r\nHost: localhost\r\nX: {}\r\n\r\n",
        "x".repeat(400_000)
    );
    let many = format!(
        "GET / HTTP/1.1\r\nHost: localhost\r\n{}\r\n",
        "X: y\r\n".repeat(500)
    );
    let cases: [(&[u8], &str); 7] = [
        (
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 hello\r\n\r\n",
            "400",
        ),
        (b"GET / HTTP/1.1\r\n\r\n", "400"),
        (
            b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\n\r\n",
            "400",
        ),
        (
            b"GET http://example.com/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
            "421",
        ),
        (
            b"OPTIONS * HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
            "404",
        ),
        (long.as_bytes(), "431"),
        (many.as_bytes(), "431"),
    ];
    for (request, status) in cases {
        let line = raw(&sandbox, request).await;
        let shown = String::from_utf8_lossy(&request[..request.len().min(40)]);
        assert!(line.contains(status), "{shown}: {line}");
    }
    assert_eq!(sandbox.invoke().await.status(), 200, "it lives on");
}

#[tokio::test]
async fn it_stops_when_told_and_the_port_is_free_again() {
    let sandbox = Sandboxed::usual().await;
    sandbox.invoke().await;
    let address = sandbox
        .info
        .datadog_url
        .trim_start_matches("http://")
        .to_owned();
    sandbox.stop().await;
    assert!(TcpStream::connect(&address).await.is_err());
}
