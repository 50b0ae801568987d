//! An http or https address: parsed once, and the same when it is checked, shown, signed and sent.

use std::fmt;

use url::{Host, Url};

use super::is_loopback;
use crate::lang::{Reason, texts};

/// An address in the form in which browsers send it (WHATWG URL standard): the host in ASCII, dot
/// segments resolved, what HTTP does not allow percent-encoded, without a fragment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address(Url);

/// Why a text is no address to send to. It never repeats what may be a password.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// It is no address.
    #[error("{}", malformed(.address, .why.clone()))]
    Malformed {
        /// The text.
        address: String,
        /// What is wrong with it.
        why: Reason,
    },
    /// It does not start with http:// or https://.
    #[error("{}", no_scheme(.0))]
    NoScheme(String),
    /// It has another scheme.
    #[error("{}", other_scheme(.0))]
    Scheme(String),
    /// It contains a user name or password.
    #[error("{HAS_USER}")]
    UserInformation,
}

texts! {
    const;
    malformed(address: &str, why: Reason): "`{}` is no address ({}): write it like https://HOST/PATH", "`{}`: 주소가 아닙니다({}). https://HOST/PATH처럼 쓰세요";
    NO_HOST: "no host stands after ://", ":// 뒤에 호스트가 없음";
    PORT_0: "port 0 cannot be reached", "포트 0에는 연결할 수 없음";
    HAS_CONTROL: "it holds a line break or another control character", "줄바꿈이나 다른 제어 문자가 있음";
    no_scheme(address: &str): "`{0}` begins with neither http:// nor https://: did you mean http://{0}?", "`{0}`: http://나 https://로 시작하지 않습니다. http://{0}를 쓰려고 했나요?";
    other_scheme(address: &str): "`{}` has a scheme that loadgen does not speak: write it with http:// or https://",
        "`{}`: loadgen이 지원하지 않는 스킴입니다. http:// 또는 https://로 쓰세요";
    HAS_USER: "the address holds a user name or password, which would end in logs and reports: put it into a header instead",
        "주소에 사용자 이름이나 비밀번호가 있어 로그와 보고서에 남습니다. 대신 헤더에 넣으세요";
}

impl Address {
    /// Reads an address; blanks around it are dropped.
    ///
    /// # Errors
    /// A text that is no http or https address, and one with a user name or password.
    pub fn parse(text: &str) -> Result<Address, AddressError> {
        let text = text.trim();
        let shown = || text.chars().take(200).collect::<String>();
        let malformed = |why: Reason| match holds_user(text) {
            true => AddressError::UserInformation,
            false => AddressError::Malformed {
                address: shown(),
                why,
            },
        };
        if text.contains(char::is_control) {
            let plain: String = shown().replace(char::is_control, "\u{fffd}");
            return Err(match holds_user(text) {
                true => AddressError::UserInformation,
                false => AddressError::Malformed {
                    address: plain,
                    why: Reason::of(HAS_CONTROL),
                },
            });
        }
        let lacks_scheme = !text.contains("://") && !text.starts_with('/') && !text.is_empty();
        if lacks_scheme && !holds_user(text) && Address::parse(&format!("http://{text}")).is_ok() {
            return Err(AddressError::NoScheme(shown()));
        }
        let mut url = Url::parse(text).map_err(|error| malformed(Reason::of(error)))?;
        if !url.username().is_empty() || url.password().is_some() || holds_user(text) {
            return Err(AddressError::UserInformation);
        }
        if !matches!(url.scheme(), "http" | "https") {
            return Err(AddressError::Scheme(shown()));
        }
        // Browsers read `http:x` and `http:///x` as `http://x`.
        let host = text
            .split_once(':')
            .and_then(|(_, rest)| rest.strip_prefix("//"));
        let is_plain = host.is_some_and(|host| !host.starts_with(['/', '\\']));
        if !is_plain || url.as_str().parse::<http::Uri>().is_err() {
            return Err(malformed(Reason::of(NO_HOST)));
        }
        if url.port() == Some(0) {
            return Err(malformed(Reason::of(PORT_0)));
        }
        url.set_fragment(None);
        Ok(Address(url))
    }

    /// This address with `path` behind its own path, and the queries of both: an API's stage stays,
    /// and so does a key that every request needs. `path` begins with `/` or `?`.
    #[must_use]
    pub fn join(&self, path: &str) -> Address {
        let (path, query) = match path.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (path, None),
        };
        let mut url = self.0.clone();
        if !path.is_empty() {
            url.set_path(&format!("{}{path}", self.0.path().trim_end_matches('/')));
        }
        let queries: Vec<&str> = [self.0.query(), query].into_iter().flatten().collect();
        url.set_query((!queries.is_empty()).then(|| queries.join("&")).as_deref());
        Address(url)
    }

    /// Whether it is reached by TLS.
    pub fn is_https(&self) -> bool {
        self.0.scheme() == "https"
    }

    /// A name or an IP address, without brackets.
    pub fn host(&self) -> &str {
        let host = self.0.host_str().unwrap_or_default();
        host.trim_matches(['[', ']'])
    }

    /// 443 or 80 if the address gives none.
    pub fn port(&self) -> u16 {
        self.0.port_or_known_default().unwrap_or(80)
    }

    /// The host, with the port where that is not the scheme's own: what the Host header says.
    pub fn authority(&self) -> String {
        let host = self.0.host_str().unwrap_or_default();
        match self.0.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        }
    }

    /// What a request line asks for.
    pub fn path_and_query(&self) -> String {
        match self.0.query() {
            Some(query) => format!("{}?{query}", self.0.path()),
            None => self.0.path().to_owned(),
        }
    }

    /// Whether it is on this machine.
    pub fn is_loopback(&self) -> bool {
        match self.0.host() {
            Some(Host::Domain(name)) => is_loopback(name),
            Some(Host::Ipv4(ip)) => ip.is_loopback(),
            Some(Host::Ipv6(ip)) => ip.to_canonical().is_loopback(),
            None => false,
        }
    }

    /// For what reads addresses by itself.
    pub fn url(&self) -> &Url {
        &self.0
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Whether a text has an `@` where an address has its host.
fn holds_user(text: &str) -> bool {
    let rest = text.split_once("//").map_or(text, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#', '\\']).next();
    authority.is_some_and(|authority| authority.contains('@'))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shown(text: &str) -> String {
        Address::parse(text).expect(text).to_string()
    }

    #[test]
    fn an_address_has_one_form_however_it_was_typed() {
        for (typed, normal) in [
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080/"),
            ("  HTTP://LOCALHOST:80/\n", "http://localhost/"),
            ("https://h.test:443/a/../b/./c", "https://h.test/b/c"),
            ("http://h.test/a%2f%2e%2e/b", "http://h.test/a%2f%2e%2e/b"),
            ("http://h.test/%2e%2e/b", "http://h.test/b"),
            ("http://h.test/ü?q=é", "http://h.test/%C3%BC?q=%C3%A9"),
            ("http://h.test/a b?c d", "http://h.test/a%20b?c%20d"),
            (
                "http://h.test/x{1}?j={\"a\":1}",
                "http://h.test/x%7B1%7D?j={%22a%22:1}",
            ),
            ("https://bücher.example/", "https://xn--bcher-kva.example/"),
            ("http://h.test/x#part", "http://h.test/x"),
            ("http://h.test?#", "http://h.test/?"),
            ("http://127.1:81/", "http://127.0.0.1:81/"),
            ("http://[0:0::1]/", "http://[::1]/"),
        ] {
            assert_eq!(shown(typed), normal, "{typed}");
        }
    }

    #[test]
    fn what_is_no_address_is_refused_without_its_secrets() {
        for (typed, said) in [
            ("", "is no address"),
            ("/path", "is no address"),
            ("localhost:80", "did you mean http://localhost:80?"),
            ("example.test/x", "did you mean http://example.test/x?"),
            ("ftp://host/", "does not speak"),
            ("http://", "is no address"),
            ("http:///x", "no host"),
            ("http:host", "no host"),
            ("http://{id}/", "no host"),
            ("http://host:0/", "port 0"),
            ("http://host:99999/", "invalid port"),
            ("http://ho st/", "is no address"),
            ("http://host/\u{1b}[2J", "control character"),
            ("http://user:secret@host/", "user name or password"),
            ("user:secret@host", "user name or password"),
            ("http://user:secret@ho st/", "user name or password"),
            ("http://user:secret@host/\u{7}", "user name or password"),
            ("http://@host/", "user name or password"),
        ] {
            let error = Address::parse(typed).expect_err(typed).to_string();
            assert!(error.contains(said), "{typed}: {error}");
            assert!(!error.contains("secret") && !error.contains('\u{1b}'));
        }
    }

    #[test]
    fn a_path_goes_behind_the_addresss_own_and_both_queries_are_sent() {
        for (base, path, joined) in [
            ("http://h.test", "/x", "http://h.test/x"),
            (
                "http://h.test/stage/",
                "/x?y=1",
                "http://h.test/stage/x?y=1",
            ),
            ("http://h.test/s?k=1", "/x", "http://h.test/s/x?k=1"),
            (
                "http://h.test/s?k=1#f",
                "/x?y=2",
                "http://h.test/s/x?k=1&y=2",
            ),
            ("http://h.test/s/", "?y=2", "http://h.test/s/?y=2"),
            ("http://h.test/s", "/../x", "http://h.test/x"),
            (
                "http://h.test/s",
                "//other.test/",
                "http://h.test/s//other.test/",
            ),
            ("http://h.test/s", "/a b", "http://h.test/s/a%20b"),
        ] {
            let base = Address::parse(base).expect(base);
            assert_eq!(base.join(path).to_string(), joined);
        }
    }

    proptest! {
        #[test]
        fn what_is_shown_reads_as_what_is_sent(text in "https?://[a-z0-9.:\\[\\]@äß%]{0,12}[/?#][ -~äß]{0,20}") {
            if let Ok(address) = Address::parse(&text) {
                let again = Address::parse(&address.to_string()).expect("its own form");
                prop_assert_eq!(&again, &address);
                let sent = address.path_and_query();
                prop_assert!(sent.starts_with('/') && !sent.contains([' ', '#']), "{}", sent);
                prop_assert!(sent.is_ascii() && sent.parse::<http::uri::PathAndQuery>().is_ok());
                let uri: http::Uri = address.to_string().parse().expect("an address for http");
                prop_assert_eq!(uri.host().map(|host| host.trim_matches(['[', ']'])), Some(address.host()));
            }
        }
    }
}
