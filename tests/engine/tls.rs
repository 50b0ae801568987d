//! TLS that works, and TLS that does not.

use std::{path::Path, sync::Arc};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use loadgen::{
    engine::{EngineEvent, Job},
    sample::Outcome,
    scenario::TlsOptions,
};
use rustls::{
    ClientConfig, RootCertStore, ServerConfig,
    crypto::{CryptoProvider, ring},
    pki_types::{CertificateDer, PrivateKeyDer},
    server::WebPkiClientVerifier,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_rustls::TlsAcceptor;

use crate::{
    frames::reason,
    support::{Plan, Ran, Server, answer_all, burst, job, run, twice},
};

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
        job.connection_use.is_new = true;
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
    // Alerts, fatal: handshake failure, protocol version (RFC 8446, section 6).
    for (alert, told) in [
        (40, "refused the TLS handshake"),
        (70, "neither TLS 1.2 nor TLS 1.3"),
    ] {
        let server = Server::start(move |mut stream| async move {
            let _ = stream.read(&mut [0; 4096]).await;
            let _ = stream.write_all(&[21, 3, 3, 0, 2, 2, alert]).await;
        });
        let ran = run(over_tls(&server, "127.0.0.1", &burst(2)));
        ran.all(Outcome::TlsFailure);
        reason(&ran, told);
    }
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
    job.connection_use.is_new = true;
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

/// A certificate for localhost as `openssl req -x509` makes it, which calls itself an authority;
/// valid until the end of this year, or of another one.
fn own_authority(until: i32) -> (String, PrivateKeyDer<'static>, CertificateDer<'static>) {
    let names = vec!["localhost".to_owned(), "shop.example".to_owned()];
    let mut parameters = rcgen::CertificateParams::new(names).expect("parameters");
    parameters.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    parameters.not_before = rcgen::date_time_ymd(2020, 1, 1);
    parameters.not_after = rcgen::date_time_ymd(until, 5, 17);
    let key = rcgen::KeyPair::generate().expect("a key");
    let made = parameters.self_signed(&key).expect("a certificate");
    let pem = |what: &str, der: &[u8]| {
        let text = BASE64_STANDARD.encode(der);
        format!("-----BEGIN {what}-----\n{text}\n-----END {what}-----\n")
    };
    let pem = pem("CERTIFICATE", made.der()) + &pem("PRIVATE KEY", &key.serialize_der());
    let key = PrivateKeyDer::Pkcs8(key.serialize_der().into());
    (pem, key, made.der().clone())
}

/// What a request to such a server leads to, with these options, at this name.
fn asked(until: i32, wants_client: bool, host: &str, options: impl Fn(&Path) -> TlsOptions) -> Ran {
    let (pem, key, certificate) = own_authority(until);
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("own.pem");
    std::fs::write(&file, pem).expect("a file");
    let builder = ServerConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .expect("versions");
    let builder = match wants_client {
        false => builder.with_no_client_auth(),
        true => {
            let mut roots = RootCertStore::empty();
            roots.add(certificate.clone()).expect("a root");
            let roots = Arc::new(roots);
            let verifier = WebPkiClientVerifier::builder_with_provider(roots, provider());
            builder.with_client_cert_verifier(verifier.build().expect("a verifier"))
        }
    };
    let config = builder.with_single_cert(vec![certificate], key);
    let acceptor = TlsAcceptor::from(Arc::new(config.expect("a configuration")));
    let server = Server::start(move |stream| {
        let acceptor = acceptor.clone();
        async move {
            if let Ok(stream) = acceptor.accept(stream).await {
                answer_all(stream).await;
            }
        }
    });
    let mut job = over_tls(&server, host, &burst(2));
    job.tls = options(&file).of_target(&job.target).expect("options");
    run(job)
}

fn trusted(file: &Path) -> TlsOptions {
    TlsOptions {
        ca: Some(file.to_owned()),
        ..TlsOptions::default()
    }
}

#[test]
fn a_servers_own_certificate_is_trusted_where_it_is_named_for_its_names_and_its_time() {
    asked(2099, false, "localhost", trusted).all(Outcome::Ok);
    let insecure = |host: &str| TlsOptions {
        insecure: vec![host.to_owned()],
        ..TlsOptions::default()
    };
    asked(2099, false, "127.0.0.1", |_| insecure("127.0.0.1")).all(Outcome::Ok);
    let ran = asked(2099, false, "localhost", |_| insecure("127.0.0.1"));
    reason(&ran, "--insecure localhost");
    let ran = asked(2099, false, "127.0.0.1", trusted);
    reason(&ran, "not for `127.0.0.1` but for localhost, shop.example");
    let ran = asked(2021, false, "localhost", trusted);
    reason(&ran, "expired on 2021-05-17");
}

#[test]
fn a_server_that_wants_a_client_certificate_is_told_as_such() {
    let ran = asked(2099, true, "localhost", trusted);
    ran.all(Outcome::TlsFailure);
    reason(
        &ran,
        "asks for a client certificate: --cert FILE --key FILE",
    );
    // An authority's own certificate is no client's: the server refuses it, and that is said.
    let presented = |file: &Path| TlsOptions {
        certificate: Some(file.to_owned()),
        ..trusted(file)
    };
    reason(&asked(2099, true, "localhost", presented), "or another one");
}

#[test]
fn files_that_hold_no_certificate_or_key_are_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let (pem, ..) = own_authority(2099);
    let (alone, none) = (
        folder.path().join("alone.pem"),
        folder.path().join("none.pem"),
    );
    let end = pem.find("-----BEGIN PRIVATE").expect("a key");
    std::fs::write(&alone, &pem[..end]).expect("a file");
    std::fs::write(&none, "nothing").expect("a file");
    let refused = |options: TlsOptions| {
        options
            .config("localhost")
            .expect_err("refused")
            .to_string()
    };
    assert!(refused(trusted(&none)).contains("none.pem` holds no CERTIFICATE"));
    assert!(refused(trusted(&folder.path().join("missing"))).contains("missing` cannot be read"));
    let without_key = TlsOptions {
        certificate: Some(alone.clone()),
        ..TlsOptions::default()
    };
    assert!(refused(without_key).contains("alone.pem` holds no PRIVATE KEY"));
    let other = folder.path().join("other.pem");
    std::fs::write(&other, own_authority(2099).0).expect("a file");
    let other_key = TlsOptions {
        certificate: Some(alone.clone()),
        key: Some(other),
        ..TlsOptions::default()
    };
    assert!(refused(other_key).contains("is not that of the certificate in"));
    let key_alone = TlsOptions {
        key: Some(alone),
        ..TlsOptions::default()
    };
    assert!(refused(key_alone).contains("--cert FILE"));
}
