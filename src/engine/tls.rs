//! What TLS trusts and presents: this machine's certificates, or those in given files.

use std::{fmt, path::Path, sync::Arc, time::Duration};

use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
    client::{
        WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
        verify_server_name,
    },
    crypto::{CryptoProvider, ring},
    pki_types::{
        CertificateDer, PrivateKeyDer, ServerName, UnixTime,
        pem::{self, PemObject},
    },
    server::ParsedCertificate,
};
use rustls_platform_verifier::Verifier as PlatformVerifier;

use crate::{
    files,
    lang::{Reason, texts},
    scenario::TlsOptions,
    units::{Address, validity},
};

texts! {
    const;
    KEY_ALONE: "a key needs its certificate: add --cert FILE, or `cert` to the scenario's [tls]",
        "키에는 인증서가 필요합니다: --cert FILE이나 시나리오 [tls]의 `cert`를 더하세요";
    WITHOUT_TLS: "--cacert, --cert, --key and --insecure are for https, and the target is reached without it: leave them out, or write the address with https://",
        "--cacert, --cert, --key, --insecure는 https에 쓰지만 대상은 https가 아닙니다. 빼거나 주소를 https://로 쓰세요";
    NOT_SHARED: "requests share connections only by HTTP/2, which --http1, --new-connections, --invoke, an address without https:// and a header such as `Connection` rule out: omit them or --streams",
        "요청은 HTTP/2로만 연결을 공유하며 --http1, --new-connections, --invoke, https://가 아닌 주소, `Connection` 같은 헤더는 HTTP/2와 함께 쓸 수 없습니다. 이들이나 --streams를 빼세요";
    unreadable(path: &str, why: Reason): "`{}` cannot be read as PEM: {}",
        "`{}` 파일을 PEM으로 읽지 못했습니다: {}";
    holds_none(path: &str, what: &str): "`{}` holds no {} in PEM (`-----BEGIN {1}-----`)",
        "`{}`에 PEM 형식의 {:이} 없습니다(`-----BEGIN {1}-----`)";
    other_key(key: &str, certificate: &str): "the key in `{}` is not that of the certificate in `{}`: name two files that belong together",
        "`{}`의 키는 `{}`의 인증서와 짝이 아닙니다. 서로 짝이 되는 두 파일을 쓰세요";
    unusable(why: Reason): "TLS cannot be used as told: {}", "지정한 대로 TLS를 쓸 수 없습니다: {}";
}

/// Why TLS cannot be used with these options.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read.
    #[error("{}", unreadable(.path, Reason::of(.error)))]
    Unreadable {
        /// The file.
        path: String,
        /// Why.
        error: pem::Error,
    },
    /// A file holds no certificate or key.
    #[error("{}", holds_none(.path, .what))]
    Empty {
        /// The file.
        path: String,
        /// `CERTIFICATE` or `PRIVATE KEY`.
        what: &'static str,
    },
    /// The key of another certificate.
    #[error("{}", other_key(.key, .certificate))]
    OtherKey {
        /// The file of the key.
        key: String,
        /// The file of the certificate.
        certificate: String,
    },
    /// A key without a certificate.
    #[error("{}", KEY_ALONE)]
    KeyAlone,
    /// Options of a target that is reached without TLS, which would do nothing.
    #[error("{}", WITHOUT_TLS)]
    WithoutTls,
    /// Requests that cannot share connections.
    #[error("{}", NOT_SHARED)]
    NotShared,
    /// The TLS library refuses it.
    #[error("{}", unusable(Reason::of(.0)))]
    Library(#[from] Error),
}

impl TlsOptions {
    /// # Errors
    /// Anything but the defaults for a target that is reached without TLS; None is an embedded sandbox.
    pub fn check(&self, target: Option<&Address>) -> Result<(), TlsError> {
        match *self == TlsOptions::default() || target.is_some_and(Address::is_https) {
            true => Ok(()),
            false => Err(TlsError::WithoutTls),
        }
    }

    /// The configuration for requests to `target`; None if it does not use TLS.
    ///
    /// # Errors
    /// As [`TlsOptions::config`].
    pub fn of_target(&self, target: &Address) -> Result<Option<Arc<ClientConfig>>, TlsError> {
        let is_https = target.is_https();
        is_https.then(|| self.config(target.host())).transpose()
    }

    /// The configuration for requests to `host`.
    ///
    /// # Errors
    /// Files that cannot be read or hold something else, and a key that does not fit.
    pub fn config(&self, host: &str) -> Result<Arc<ClientConfig>, TlsError> {
        let provider = Arc::new(ring::default_provider());
        let (inner, trusted): (Arc<dyn ServerCertVerifier>, _) = match &self.ca {
            None => (
                Arc::new(PlatformVerifier::new(Arc::clone(&provider))?),
                None,
            ),
            Some(path) => {
                let trusted = certificates(path)?;
                let mut roots = RootCertStore::empty();
                // A certificate that is no authority may still be the server's own.
                roots.add_parsable_certificates(trusted.iter().cloned());
                let built = WebPkiServerVerifier::builder_with_provider(
                    Arc::new(roots),
                    Arc::clone(&provider),
                );
                let verifier = built
                    .build()
                    .map_err(|error| Error::General(error.to_string()))?;
                (verifier, Some(trusted))
            }
        };
        let verifier = TrustVerifier {
            inner,
            trusted,
            accepts_any: self
                .insecure
                .iter()
                .any(|one| one.eq_ignore_ascii_case(host)),
        };
        let config = ClientConfig::builder_with_provider(provider as Arc<CryptoProvider>)
            .with_safe_default_protocol_versions()?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier));
        Ok(Arc::new(match (&self.certificate, &self.key) {
            (None, None) => config.with_no_client_auth(),
            (None, Some(_)) => return Err(TlsError::KeyAlone),
            (Some(certificate), key) => {
                let key = key.as_ref().unwrap_or(certificate);
                let presented =
                    config.with_client_auth_cert(certificates(certificate)?, private_key(key)?);
                presented.map_err(|error| match error {
                    Error::InconsistentKeys(_) => TlsError::OtherKey {
                        key: key.display().to_string(),
                        certificate: certificate.display().to_string(),
                    },
                    error => TlsError::Library(error),
                })?
            }
        }))
    }
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let pem = read(path)?;
    let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem).collect();
    let found = read.map_err(|error| unreadable_file(path, error))?;
    match found.is_empty() {
        true => Err(TlsError::Empty {
            path: path.display().to_string(),
            what: "CERTIFICATE",
        }),
        false => Ok(found),
    }
}

fn private_key(path: &Path) -> Result<PrivateKeyDer<'static>, TlsError> {
    PrivateKeyDer::from_pem_slice(&read(path)?).map_err(|error| match error {
        pem::Error::NoItemsFound => TlsError::Empty {
            path: path.display().to_string(),
            what: "PRIVATE KEY",
        },
        error => unreadable_file(path, error),
    })
}

fn read(path: &Path) -> Result<Vec<u8>, TlsError> {
    let read = files::read(path, files::LARGEST);
    read.map_err(|error| unreadable_file(path, pem::Error::Io(error)))
}

fn unreadable_file(path: &Path, error: pem::Error) -> TlsError {
    let path = path.display().to_string();
    TlsError::Unreadable { path, error }
}

/// Trusts what the inner verifier trusts, and a server's own certificate if it is among the trusted
/// ones. A certificate of `openssl req -x509` calls itself an authority, and the inner verifier
/// never accepts that for a server.
struct TrustVerifier {
    inner: Arc<dyn ServerCertVerifier>,
    /// The given certificates; None: this machine's.
    trusted: Option<Vec<CertificateDer<'static>>>,
    accepts_any: bool,
}

impl fmt::Debug for TrustVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TrustVerifier")
    }
}

impl TrustVerifier {
    fn trusts(&self, certificate: &CertificateDer<'_>) -> bool {
        match &self.trusted {
            Some(trusted) => trusted.contains(certificate),
            None => rustls_native_certs::load_native_certs()
                .certs
                .contains(certificate),
        }
    }
}

impl ServerCertVerifier for TrustVerifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        if self.accepts_any {
            return Ok(ServerCertVerified::assertion());
        }
        let verified = self.inner.verify_server_cert(
            end_entity,
            intermediates,
            server_name,
            ocsp_response,
            now,
        );
        match verified {
            Err(Error::InvalidCertificate(
                CertificateError::Other(_) | CertificateError::UnknownIssuer,
            )) if self.trusts(end_entity) => {
                verify_server_name(&ParsedCertificate::try_from(end_entity)?, server_name)?;
                verify_time(end_entity, now)?;
                Ok(ServerCertVerified::assertion())
            }
            verified => verified,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.inner
            .verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.inner
            .verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.inner.supported_verify_schemes()
    }
}

fn verify_time(certificate: &CertificateDer<'_>, now: UnixTime) -> Result<(), Error> {
    let times = validity(certificate).ok_or(CertificateError::BadEncoding)?;
    // What is before 1970 counts as 1970.
    let [from, until] = times
        .map(|time| Duration::from_secs(time.as_second().try_into().unwrap_or_default()))
        .map(UnixTime::since_unix_epoch);
    if now.as_secs() > until.as_secs() {
        let (time, not_after) = (now, until);
        return Err(CertificateError::ExpiredContext { time, not_after }.into());
    }
    if now.as_secs() < from.as_secs() {
        let (time, not_before) = (now, from);
        return Err(CertificateError::NotValidYetContext { time, not_before }.into());
    }
    Ok(())
}
