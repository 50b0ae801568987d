//! `loadgen bench` from the outside, against a server of the test's own.

use std::{
    net::{SocketAddr, TcpListener},
    path::Path,
    thread,
};

use base64::Engine as _;
use serde_json::{Value, json};

use crate::support::{
    command::{Finished, loadgen},
    server::{nobody, ok, serve},
};

/// A server that sees nothing of Datadog's.
fn server() -> String {
    serve(|head| {
        assert!(!head.contains("x-datadog"));
        ok(b"ok")
    })
}

fn bench(folder: &Path, arguments: &[&str]) -> Finished {
    Finished::of(
        loadgen()
            .arg("bench")
            .args(arguments)
            .arg("--out")
            .arg(folder),
    )
}

/// What a benchmark that ended well printed.
fn printed(folder: &Path, arguments: &[&str]) -> Value {
    let finished = bench(folder, arguments);
    finished.ended(0, &[]);
    finished.json()
}

fn reported(folder: &Path, format: &str) -> String {
    let mut command = loadgen();
    command.arg("report").arg(folder).args(["--format", format]);
    Finished::of(&mut command).out
}

#[test]
fn a_closed_loop_has_no_response_time_and_no_send_lag() {
    let folder = tempfile::tempdir().expect("a folder");
    let url = server();
    let flags = [&url, "--connections", "4", "--duration", "300ms", "--json"];
    let run = printed(folder.path(), &flags);
    let completed = run["requests"]["completed"].as_u64().expect("a count");
    assert!(completed >= 4);
    assert!(
        run["requests_per_second"]
            .as_f64()
            .is_some_and(|rate| rate > 0.0)
    );
    assert_eq!(run["latency_ms"]["service"]["all"]["n"], completed);
    assert!(run["latency_ms"]["response"]["all"]["p50"].is_null());
    assert!(run["schedule"]["send_lag_ms"]["p50"].is_null());
    assert_eq!(run["insights"], Value::Array(Vec::new()));
    let connections = json!({"opened": 4, "tls_resumed": 0, "protocols": {"http/1.1": 4}});
    assert_eq!(run["connections"], connections);
    // So short a run keeps every sample, unless writing them cannot keep up.
    let share = run["samples"]["share"].as_f64().expect("a share");
    assert!(share > 0.0 && share <= 1.0, "{share}");
}

/// Offers both protocols over TLS and answers on HTTP/2, for as long as the test lives; the file
/// holds its certificate.
fn secure(certificate: &Path) -> SocketAddr {
    let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).expect("made");
    let body = base64::engine::general_purpose::STANDARD.encode(made.cert.der());
    let lines: Vec<&str> = (0..body.len())
        .step_by(64)
        .map(|at| &body[at..body.len().min(at + 64)])
        .collect();
    let pem = format!(
        "-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n",
        lines.join("\n")
    );
    std::fs::write(certificate, pem).expect("written");
    let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
    let key = made.signing_key.serialize_der();
    let mut config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(
            vec![made.cert.der().clone()],
            rustls::pki_types::PrivateKeyDer::Pkcs8(key.into()),
        )
        .expect("a configuration");
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    let acceptor = tokio_rustls::TlsAcceptor::from(std::sync::Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("bound");
    listener.set_nonblocking(true).expect("set");
    thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::from_std(listener).expect("listening");
            while let Ok((stream, _)) = listener.accept().await {
                let acceptor = acceptor.clone();
                tokio::spawn(async move {
                    let Ok(stream) = acceptor.accept(stream).await else {
                        return;
                    };
                    let Ok(mut connection) = h2::server::handshake(stream).await else {
                        return;
                    };
                    while let Some(Ok((_, mut respond))) = connection.accept().await {
                        let _ = respond.send_response(http::Response::new(()), true);
                    }
                });
            }
        });
    });
    address
}

#[test]
#[cfg(target_os = "linux")]
fn over_tls_http2_is_spoken_where_offered_and_the_report_says_so() {
    let folder = tempfile::tempdir().expect("a folder");
    let certificate = folder.path().join("certificate.pem");
    let url = format!("https://{}/", secure(&certificate));
    let bench = |flags: &[&str]| {
        let mut command = loadgen();
        command.env("SSL_CERT_FILE", &certificate);
        command.args(["bench", &url, "--rate", "100/s", "--duration", "200ms"]);
        command
            .args(flags)
            .arg("--out")
            .arg(folder.path().join(flags.concat()));
        Finished::of(&mut command).succeeded()
    };
    let said = bench(&["--full"]);
    assert!(said.contains("all of them HTTP/2"), "{said}");
    let run: Value = serde_json::from_str(&bench(&["--json"])).expect("JSON");
    let connections = &run["connections"];
    assert_eq!(connections["protocols"]["h2"], connections["opened"]);
    assert_eq!(run["requests"]["completed"], 20);
}

#[test]
#[cfg(target_os = "linux")]
fn requests_share_connections_where_told_and_the_report_says_so() {
    let folder = tempfile::tempdir().expect("a folder");
    let certificate = folder.path().join("certificate.pem");
    let url = format!("https://{}/", secure(&certificate));
    let sending = |name: &str, line: &[&str]| {
        let mut command = loadgen();
        command.env("SSL_CERT_FILE", &certificate).args(line);
        command.arg("--out").arg(folder.path().join(name));
        Finished::of(&mut command)
    };
    let closed = ["bench", &url, "-c", "2", "--streams", "10", "-d", "200ms"];
    let said = sending("closed", &[&closed[..], &["--full"]].concat()).succeeded();
    // Lines end anywhere in the text.
    let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
    for part in [
        "2 connections with 10 requests at a time on each",
        "HTTP/2 with up to 10 requests at a time on each",
    ] {
        assert!(said.contains(part), "{said}");
    }
    let open = [
        "run",
        "--url",
        &url,
        "--rate",
        "100",
        "--for",
        "200ms",
        "--streams",
        "5",
        "--json",
    ];
    let run: Value = serde_json::from_str(&sending("open", &open).out).expect("JSON");
    assert_eq!(run["requests"]["completed"], 20);
    let connections = json!({"opened": 4, "tls_resumed": 0, "protocols": {"h2": 4}, "streams": 5});
    assert_eq!(run["connections"], connections);
    for line in [
        &["bench", &url, "--streams", "2", "--http1"][..],
        &["bench", &url, "--streams", "2", "--new-connections"],
        &[
            "bench",
            &url,
            "--streams",
            "2",
            "-H",
            "connection: keep-alive",
        ],
        &["bench", &nobody(), "--streams", "2"],
        &["run", "cold-start", "--streams", "2"],
        &["bench", &url, "--streams", "0"],
        &["bench", &url, "-c", "500", "--streams", "100"],
    ] {
        let Finished { code, err, .. } = sending("refused", line);
        assert_eq!(code, Some(2), "{line:?}: {err}");
        assert!(err.contains("--streams"), "{line:?}: {err}");
    }
}

#[test]
fn at_a_rate_every_planned_request_is_sent_and_timed_from_its_plan() {
    let folder = tempfile::tempdir().expect("a folder");
    let url = server();
    let flags = [&url, "--rate", "200/s", "--duration", "500ms", "--json"];
    let run = printed(folder.path(), &flags);
    assert_eq!(run["requests"]["planned"], 100);
    assert_eq!(run["requests"]["sent"], 100);
    assert_eq!(run["requests"]["completed"], 100);
    assert_eq!(run["latency_ms"]["response"]["all"]["n"], 100);
    assert!(run["schedule"]["send_lag_ms"]["p50"].is_number());
    let samples = std::fs::read_to_string(folder.path().join("samples.ndjson")).expect("samples");
    assert_eq!(samples.lines().count(), 100);
}

#[test]
fn a_limit_on_what_a_closed_loop_does_not_plan_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    for flag in ["--threshold", "--abort-on"] {
        let flags = [&nobody(), "--duration", "1s", flag, "response.max > 1ms"];
        let Finished { code, err, .. } = bench(folder.path(), &flags);
        assert_eq!(code, Some(2));
        assert!(err.contains("limit `service`"), "{err}");
    }
}

#[test]
fn a_server_that_is_not_there_is_a_miss_that_says_why() {
    let folder = tempfile::tempdir().expect("a folder");
    let flags = [&nobody(), "--rate", "100", "--duration", "100ms"];
    let Finished {
        code, out: said, ..
    } = bench(folder.path(), &flags);
    assert_eq!(code, Some(1));
    assert!(
        said.contains("× connection refused: the connection"),
        "{said}"
    );
    assert!(
        said.contains("\n✗ Missed (0 answers): no request was answered (10 × connection"),
        "{said}"
    );
    assert!(said.contains("\n  10 of 10 requests failed"), "{said}");
    let page = reported(folder.path(), "html");
    // Tried and failed, each of them: none was given up before its time.
    assert!(page.contains("10 no answer") && !page.contains("10 not sent"));
}

#[test]
fn every_report_of_a_measured_benchmark_begins_alike_and_with_its_digits_in_groups() {
    let folder = tempfile::tempdir().expect("a folder");
    let url = server();
    let flags = [&url, "--rate", "12000/s", "--duration", "100ms", "--full"];
    let text = bench(folder.path(), &flags).succeeded();
    assert!(text.starts_with("✓ "), "{text}");
    assert!(text.contains(" 1,200 planned, 1,200 sent"), "{text}");
    let markdown = reported(folder.path(), "markdown");
    assert!(markdown.starts_with("### ✅ "), "{markdown}");
    let (first, markdown_first) = (text.lines().next(), markdown.lines().next());
    assert_eq!(
        first.map(|line| line.trim_start_matches("✓ ")),
        markdown_first.map(|line| line.trim_start_matches("### ✅ ")),
    );
}

#[test]
fn what_makes_no_sense_is_refused_and_nothing_is_sent() {
    let folder = tempfile::tempdir().expect("a folder");
    for (flags, says) in [
        (&["http://127.0.0.1:1/", "--rate", "0"][..], "5000/s"),
        (&["http://127.0.0.1:1/", "--rate", "-3/s"], "-3"),
        (&["http://127.0.0.1:1/", "--duration", "0s"], "above zero"),
        (&["http://127.0.0.1:1/", "--connections", "0"], "1..=20000"),
        (&["http://127.0.0.1:1/", "-H", "no-colon"], "NAME: VALUE"),
        (&["http://127.0.0.1:1/", "--method", "GE T"], "no method"),
        (&["ftp://127.0.0.1/"], "http:// or https://"),
        (&["https://example.test/"], "--rate 100/s"),
        (&["http://example.test/", "--rate", "5/s"], "--allow-http"),
        (&["https://example.test/", "--rate", "201/s"], "--max-rate"),
    ] {
        let out = folder.path().join("run");
        bench(&out, flags).ended(2, &[says]);
    }
}
