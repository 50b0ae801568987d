//! Where requests go.

use http::{Uri, uri::Scheme};

/// A target: an http or https address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetUrl {
    uri: Uri,
    tls: bool,
    host: String,
    port: u16,
}

/// Why an address is no target.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TargetUrlError {
    /// It cannot be read as an address at all.
    #[error("`{0}` is no address: write it like https://HOST/PATH")]
    Malformed(String),
    /// It does not start with http:// or https://.
    #[error("`{0}` has no scheme that loadgen speaks: write it with http:// or https://")]
    Scheme(String),
    /// It holds a user name or password, which would end in logs and reports.
    #[error("the address holds a user name or password: put it into a header instead")]
    UserInformation,
}

impl TargetUrl {
    /// Reads an address.
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
        // What follows the host is a port or nothing.
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

    /// The address as it was given.
    pub fn uri(&self) -> &Uri {
        &self.uri
    }

    /// Whether it is reached by TLS.
    pub fn is_tls(&self) -> bool {
        self.tls
    }

    /// The host: a name or an IP address, without brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port, 443 or 80 where none was given.
    pub fn port(&self) -> u16 {
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
