//! The expiry of a certificate.

use jiff::{SignedDuration, Timestamp};
use x509_cert::{Certificate, der::Decode};

/// The last moment at which the certificate, in DER, is valid; None if it cannot be read. TLS has
/// checked it before.
pub(super) fn good_until(der: &[u8]) -> Option<Timestamp> {
    let certificate = Certificate::from_der(der).ok()?;
    let end = certificate.tbs_certificate().validity().not_after;
    let since_1970 = end.to_unix_duration();
    Timestamp::from_second(i64::try_from(since_1970.as_secs()).ok()?).ok()
}

/// Full days from `now` to `until`.
pub(super) fn days_left(until: Timestamp, now: Timestamp) -> i64 {
    let left: SignedDuration = until.duration_since(now);
    left.as_hours().div_euclid(24)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_certificate_is_read() {
        let mut parameters =
            rcgen::CertificateParams::new(vec!["localhost".to_owned()]).expect("parameters");
        parameters.not_after = rcgen::date_time_ymd(2031, 5, 17);
        let key = rcgen::KeyPair::generate().expect("a key");
        let made = parameters.self_signed(&key).expect("a certificate");
        let until = good_until(made.der()).expect("an end");
        assert_eq!(until.to_string(), "2031-05-17T00:00:00Z");
        let before: Timestamp = "2031-05-10T12:00:00Z".parse().expect("a time");
        assert_eq!(days_left(until, before), 6);
    }

    #[test]
    fn what_is_no_certificate_has_no_end() {
        for der in [&b""[..], b"\x30\x82\xff\xff", &[0x30; 4_000]] {
            assert_eq!(good_until(der), None);
        }
    }
}
