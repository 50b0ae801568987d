//! When a certificate is valid.

use jiff::{Timestamp, civil::DateTime, tz::TimeZone};

/// Tags of DER (X.690): what a certificate begins with, as far as its `notAfter` (RFC 5280, 4.1).
const INTEGER: u8 = 0x02;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
const SEQUENCE: u8 = 0x30;
const VERSION: u8 = 0xa0;

/// The first and the last moment at which the certificate, in DER, is valid; None if it cannot be read.
pub fn validity(der: &[u8]) -> Option<[Timestamp; 2]> {
    let (certificate, _) = within(der, SEQUENCE)?;
    let (mut signed, _) = within(certificate, SEQUENCE)?;
    if let Some((_, rest)) = within(signed, VERSION) {
        signed = rest;
    }
    // Serial number, algorithm of the signature, issuer.
    for tag in [INTEGER, SEQUENCE, SEQUENCE] {
        (_, signed) = within(signed, tag)?;
    }
    let (times, _) = within(signed, SEQUENCE)?;
    let (from, rest) = time(times)?;
    let (until, _) = time(rest)?;
    Some([from, until])
}

/// The content of the element that `der` begins with, if it has this tag, and what follows it.
fn within(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (&found, rest) = der.split_first()?;
    let (&length, rest) = rest.split_first()?;
    let (length, rest) = match length {
        ..=0x7f => (usize::from(length), rest),
        // No certificate takes more than 16 MB.
        0x81..=0x83 => {
            let (bytes, rest) = rest.split_at_checked(usize::from(length - 0x80))?;
            (
                bytes
                    .iter()
                    .fold(0, |all, byte| all << 8 | usize::from(*byte)),
                rest,
            )
        }
        _ => return None,
    };
    (found == tag).then(|| rest.split_at_checked(length))?
}

/// The time that `der` begins with, and what follows it.
fn time(der: &[u8]) -> Option<(Timestamp, &[u8])> {
    let (text, century, rest) = match within(der, UTC_TIME) {
        // Two digits of the year are from 1950 to 2049.
        Some((text, rest)) if text.first()? >= &b'5' => (text, "19", rest),
        Some((text, rest)) => (text, "20", rest),
        None => within(der, GENERALIZED_TIME).map(|(text, rest)| (text, "", rest))?,
    };
    let text = format!("{century}{}", str::from_utf8(text).ok()?);
    let time = DateTime::strptime("%Y%m%d%H%M%SZ", text).ok()?;
    // The end of the year 9999 stands for no end at all, and no zone has a later time.
    let time = time.to_zoned(TimeZone::UTC).ok();
    Some((time.map_or(Timestamp::MAX, |time| time.timestamp()), rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_times_of_a_certificate_are_read() {
        let mut parameters =
            rcgen::CertificateParams::new(vec!["localhost".to_owned()]).expect("parameters");
        parameters.not_before = rcgen::date_time_ymd(1975, 1, 2);
        let key = rcgen::KeyPair::generate().expect("a key");
        // From 2050 on a year has four digits.
        for year in [1999, 2031, 2049, 2050, 9999] {
            parameters.not_after = rcgen::date_time_ymd(year, 5, 17);
            let made = parameters.self_signed(&key).expect("a certificate");
            let times = validity(made.der()).expect("its times");
            let expected = [
                "1975-01-02T00:00:00Z".to_owned(),
                format!("{year}-05-17T00:00:00Z"),
            ];
            assert_eq!(times.map(|time| time.to_string()), expected);
            // Cut anywhere, it is none.
            for end in 0..made.der().len() {
                assert_eq!(validity(&made.der()[..end]), None, "{end}");
            }
        }
    }

    #[test]
    fn a_certificate_without_an_end_is_valid_for_ever() {
        let mut parameters =
            rcgen::CertificateParams::new(vec!["localhost".to_owned()]).expect("parameters");
        parameters.not_after = rcgen::date_time_ymd(9999, 12, 31);
        let key = rcgen::KeyPair::generate().expect("a key");
        let made = parameters.self_signed(&key).expect("a certificate");
        assert_eq!(
            validity(made.der()).map(|[_, end]| end),
            Some(Timestamp::MAX)
        );
    }

    #[test]
    fn what_is_no_certificate_has_no_times() {
        for der in [&b""[..], b"\x30\x82\xff\xff", &[0x30; 4_000]] {
            assert_eq!(validity(der), None);
        }
    }
}
