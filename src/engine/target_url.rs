//! Where requests go.

use http::{Uri, uri::Scheme};

/// An http or https address that requests are sent to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetUrl {
    uri: Uri,
    tls: bool,
    host: String,
    port: u16,
}

/// Why requests cannot be sent to an address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TargetUrlError {
    /// It is no address.
    #[error("`{0}` is no address: write it like https://HOST/PATH")]
    Malformed(String),
    /// It does not start with http:// or https://.
    #[error("`{0}` has no scheme that loadgen speaks: write it with http:// or https://")]
    Scheme(String),
    /// It contains a user name or password, which would end up in logs and reports.
    #[error("the address holds a user name or password: put it into a header instead")]
    UserInformation,
}

impl TargetUrl {
    /// Parses an address.
    pub fn new(address: &str) -> Result<TargetUrl, TargetUrlError> {
        let shown = || address.chars().take(200).collect::<String>();
        let uri: Uri = address
            .parse()
            .map_err(|_| TargetUrlError::Malformed(shown()))?;
        if uri
            .authority()
            .is_some_and(|authority| authority.as_str().contains('@'))
        {
            return Err(TargetUrlError::UserInformation);
        }
        let tls = match uri.scheme() {
            Some(scheme) if *scheme == Scheme::HTTP => false,
            Some(scheme) if *scheme == Scheme::HTTPS => true,
            _ => return Err(TargetUrlError::Scheme(shown())),
        };
        let host = match uri.host() {
            Some(host) if !host.is_empty() => host.trim_matches(['[', ']']).to_owned(),
            _ => return Err(TargetUrlError::Malformed(shown())),
        };
        // Only a port may follow the host.
        let after = uri.authority().and_then(|authority| {
            let text = authority.as_str();
            text.strip_prefix(authority.host())
        });
        let port = match after.and_then(|after| after.strip_prefix(':')) {
            None if tls => 443,
            None => 80,
            Some(port) => match port.parse() {
                Ok(port) if port > 0 => port,
                _ => return Err(TargetUrlError::Malformed(shown())),
            },
        };
        Ok(TargetUrl {
            uri,
            tls,
            host,
            port,
        })
    }

    pub(super) fn uri(&self) -> &Uri {
        &self.uri
    }

    pub(super) fn is_tls(&self) -> bool {
        self.tls
    }

    /// A name or an IP address, without brackets.
    pub(super) fn host(&self) -> &str {
        &self.host
    }

    /// 443 or 80 if the address gives none.
    pub(super) fn port(&self) -> u16 {
        self.port
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_gives_host_and_port() {
        for (address, tls, host, port) in [
            ("http://127.0.0.1:8080/x?y=1", false, "127.0.0.1", 8080),
            ("https://example.test", true, "example.test", 443),
            ("http://[::1]:81/", false, "::1", 81),
            ("HTTP://LOCALHOST/", false, "LOCALHOST", 80),
        ] {
            let target = TargetUrl::new(address).expect(address);
            assert_eq!(
                (target.is_tls(), target.host(), target.port()),
                (tls, host, port),
                "{address}"
            );
        }
    }

    #[test]
    fn what_is_no_target_is_refused() {
        for address in [
            "",
            "/path",
            "localhost",
            "localhost:80",
            "ftp://host/",
            "http://",
            "http:///x",
            "http://host:0/",
            "http://host:99999/",
            "http://user:secret@host/",
            "http://a b/",
        ] {
            let error = TargetUrl::new(address).expect_err(address);
            assert!(!error.to_string().contains("secret"));
        }
    }
}
