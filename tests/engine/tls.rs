//! TLS that works, and TLS that does not.

use std::sync::Arc;

use loadgen::{
    engine::{EngineEvent, Job},
    sample::Outcome,
};
use rustls::{
    ClientConfig, RootCertStore, ServerConfig,
    crypto::{CryptoProvider, ring},
    pki_types::{CertificateDer, PrivateKeyDer},
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_rustls::TlsAcceptor;

use crate::support::{Plan, Server, answer_all, burst, job, run, twice};

/// A certificate for 127.0.0.1 that signs itself, and its key.
pub fn certificate() -> (CertificateDer<'static>, PrivateKeyDer<'static>) {
    let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned(), "localhost".to_owned()]);
    let made = made.expect("a certificate");
    let key = PrivateKeyDer::Pkcs8(made.signing_key.serialize_der().into());
    (made.cert.der().clone(), key)
}

pub fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}

/// Serves over TLS: requests without a body, answered with OK.
fn serving(
    configure: impl FnOnce(ServerConfig) -> ServerConfig,
) -> (Server, CertificateDer<'static>) {
    let (certificate, key) = certificate();
    let config = ServerConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .and_then(|config| {
            config
                .with_no_client_auth()
                .with_single_cert(vec![certificate.clone()], key)
        });
    let acceptor = TlsAcceptor::from(Arc::new(configure(config.expect("a configuration"))));
    let server = Server::start(move |stream| {
        let acceptor = acceptor.clone();
        async move {
            if let Ok(stream) = acceptor.accept(stream).await {
                answer_all(stream).await;
            }
        }
    });
    (server, certificate)
}

pub fn trusting(certificate: &CertificateDer<'static>) -> Arc<ClientConfig> {
    let mut roots = RootCertStore::empty();
    roots.add(certificate.clone()).expect("a root");
    let config = ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .expect("versions");
    Arc::new(config.with_root_certificates(roots).with_no_client_auth())
}

pub fn over_tls(server: &Server, host: &str, plan: &[Plan]) -> Job {
    job(&format!("https://{host}:{}/", server.address.port()), plan)
}

#[test]
fn a_trusted_server_answers_and_its_handshake_is_told_apart() {
    let (server, certificate) = serving(|config| config);
    for host in ["127.0.0.1", "localhost"] {
        let mut job = over_tls(&server, host, &[Plan::Rate(100, 10, None)]);
        job.tls = Some(trusting(&certificate));
        job.new_connections = true;
        let ran = run(job);
        ran.all(Outcome::Ok);
        assert!(
            ran.samples
                .iter()
                .all(|sample| sample.connect.is_some_and(|times| times.tls_us > 0))
        );
        assert!(ran.ended.tls_resumed > 0, "later handshakes resume");
    }
}

#[test]
fn a_burst_finds_its_handshakes_done() {
    let (server, certificate) = serving(|config| config);
    let mut job = over_tls(&server, "127.0.0.1", &twice(10));
    job.tls = Some(trusting(&certificate));
    let ran = run(job);
    ran.all(Outcome::Ok);
    assert!(ran.samples.iter().all(|sample| sample.connect.is_none()));
    assert_eq!(ran.ended.connections, 10);
}

#[test]
fn a_certificate_that_does_not_verify_is_a_tls_failure() {
    let (server, certificate) = serving(|config| config);
    // Not signed by anyone whom this machine trusts.
    let ran = run(over_tls(&server, "127.0.0.1", &burst(2)));
    ran.all(Outcome::TlsFailure);
    assert_eq!(ran.ended.totals.sent, 0);
    // Trusted, but for another name.
    let mut job = over_tls(&server, "127.0.0.2", &burst(2));
    job.tls = Some(trusting(&certificate));
    run(job);
    let mut job = over_tls(&server, "127.0.0.1", &burst(2));
    job.tls = Some(trusting(&super::tls::certificate().0));
    let ran = run(job);
    ran.all(Outcome::TlsFailure);
    assert!(
        ran.ended.reasons[0].why.text.contains("certificate"),
        "{:?}",
        ran.ended.reasons
    );
}

#[test]
fn a_plain_server_on_a_tls_port_is_a_tls_failure() {
    let server = Server::start(|mut stream| async move {
        let _ = stream
            .write_all(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n")
            .await;
        let _ = stream.read(&mut [0; 4096]).await;
    });
    run(over_tls(&server, "127.0.0.1", &burst(2))).all(Outcome::TlsFailure);
}

#[test]
fn a_tls_alert_instead_of_a_handshake_is_a_tls_failure() {
    // Alert, fatal, handshake failure (RFC 8446, section 6).
    let server = Server::start(|mut stream| async move {
        let _ = stream.read(&mut [0; 4096]).await;
        let _ = stream.write_all(&[21, 3, 3, 0, 2, 2, 40]).await;
    });
    run(over_tls(&server, "127.0.0.1", &burst(2))).all(Outcome::TlsFailure);
}

#[test]
fn a_server_that_wants_a_client_certificate_is_a_tls_failure() {
    let (certificate, key) = certificate();
    let mut roots = RootCertStore::empty();
    roots.add(certificate.clone()).expect("a root");
    let verifier =
        rustls::server::WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider());
    let config = ServerConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_client_cert_verifier(verifier.build().expect("a verifier"))
        .with_single_cert(vec![certificate.clone()], key)
        .expect("a configuration");
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let server = Server::start(move |stream| {
        let acceptor = acceptor.clone();
        async move { drop(acceptor.accept(stream).await) }
    });
    let mut job = over_tls(&server, "127.0.0.1", &burst(2));
    job.tls = Some(trusting(&certificate));
    job.new_connections = true;
    let ran = run(job);
    // With TLS 1.3 the alert comes after the handshake, or the reset before the alert.
    for outcome in ran.outcomes() {
        assert!(
            matches!(outcome, Outcome::TlsFailure | Outcome::ConnectionClosed),
            "{outcome:?}"
        );
    }
    assert!(
        ran.events
            .iter()
            .any(|event| matches!(event, EngineEvent::Sample(_)))
    );
}
