//! Why TLS failed, with what to do.

use std::io;

use jiff::Timestamp;
use rustls::{AlertDescription, CertificateError, Error, PeerIncompatible, pki_types::UnixTime};

use crate::lang::{Statement, statements::failure};

/// What is wrong with a handshake with `host`.
pub(super) fn of_handshake(error: &io::Error, host: &str) -> Statement {
    match within(error) {
        Some(Error::InvalidCertificate(why)) => of_certificate(why, host),
        Some(Error::InvalidMessage(_)) => failure::speaks_no_tls(host),
        _ => of_alert(error).unwrap_or_else(|| failure::handshake_failed(&error.to_string())),
    }
}

/// What is wrong with a connection after its handshake, when a server has looked at the client's
/// certificate.
pub(super) fn after_handshake(error: &io::Error) -> Statement {
    of_alert(error).unwrap_or_else(|| failure::tls_failed(&error.to_string()))
}

fn within(error: &io::Error) -> Option<&Error> {
    error.get_ref()?.downcast_ref()
}

fn of_alert(error: &io::Error) -> Option<Statement> {
    match within(error)? {
        Error::AlertReceived(AlertDescription::CertificateRequired) => {
            Some(failure::wants_certificate())
        }
        Error::AlertReceived(AlertDescription::ProtocolVersion)
        | Error::PeerIncompatible(PeerIncompatible::ServerDoesNotSupportTls12Or13) => {
            Some(failure::old_tls())
        }
        Error::AlertReceived(
            alert @ (AlertDescription::BadCertificate
            | AlertDescription::CertificateUnknown
            | AlertDescription::CertificateExpired
            | AlertDescription::UnsupportedCertificate
            | AlertDescription::UnknownCA
            | AlertDescription::AccessDenied
            | AlertDescription::HandshakeFailure),
        ) => Some(failure::refused_certificate(&format!("{alert:?}"))),
        _ => None,
    }
}

fn of_certificate(why: &CertificateError, host: &str) -> Statement {
    match why {
        CertificateError::ExpiredContext { not_after, .. } => {
            failure::certificate_expired(&date(*not_after))
        }
        CertificateError::NotValidYetContext { not_before, .. } => {
            failure::certificate_not_yet(&date(*not_before))
        }
        CertificateError::NotValidForNameContext { presented, .. } => {
            let names = presented.iter().map(|name| named(name));
            let names: Vec<&str> = names.take(5).collect();
            failure::certificate_name(host, &names.join(", "))
        }
        CertificateError::UnknownIssuer => failure::unknown_issuer(host),
        // What calls itself an authority is no server's certificate to the library.
        CertificateError::Other(other) if format!("{other:?}").contains("CaUsedAsEndEntity") => {
            failure::self_signed(host)
        }
        why => failure::handshake_failed(&Error::InvalidCertificate(why.clone()).to_string()),
    }
}

/// The name in `DnsName("example.com")`.
fn named(presented: &str) -> &str {
    let within = presented
        .split_once("(\"")
        .and_then(|(_, rest)| rest.strip_suffix("\")"));
    within.unwrap_or(presented)
}

fn date(at: UnixTime) -> String {
    let seconds = i64::try_from(at.as_secs()).unwrap_or(i64::MAX);
    let at = Timestamp::from_second(seconds).unwrap_or(Timestamp::MAX);
    at.strftime("%Y-%m-%d").to_string()
}
