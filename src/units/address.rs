//! An http or https address: parsed once, and identical when it is checked, shown, signed and sent.

use std::fmt;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use url::Url;

use super::is_this_machine;
use crate::{
    environment::why_not,
    lang::{Phrase, Reason, Text, texts},
};

/// An address in the form in which browsers send it (WHATWG URL standard): the host in ASCII, dot
/// segments resolved, characters that HTTP does not allow percent-encoded, without a fragment. It
/// is displayed without the values of its query, and with the names of variables instead of their
/// values: both may be secrets.
#[derive(Clone, PartialEq, Eq)]
pub struct Address {
    url: Url,
    /// The same with `$NAME` instead of a variable's value.
    shown: Url,
    /// The parameters of the query whose values are shown.
    public: Vec<String>,
}

texts! {
    const;
    malformed(address: &str, why: Reason): "`{}` is no address ({}): write it like https://HOST/PATH", "`{}`: 주소가 아닙니다({}). https://HOST/PATH처럼 쓰세요";
    NO_HOST: "no host stands after ://", ":// 뒤에 호스트가 없음";
    PORT_0: "port 0 cannot be reached", "포트 0에는 연결할 수 없음";
    HAS_CONTROL: "it holds a line break or another control character", "줄 바꿈이나 다른 제어 문자가 있음";
    no_scheme(address: &str): "`{0}` begins with neither http:// nor https://: did you mean http://{0}?", "`{0}`: http://나 https://로 시작하지 않습니다. http://{0}를 쓰려고 했나요?";
    other_scheme(address: &str): "`{}` has a scheme that loadgen does not speak: write it with http:// or https://",
        "`{}`: loadgen이 지원하지 않는 스킴입니다. http:// 또는 https://로 쓰세요";
    undefined(name: &str, why: Text): "the address needs the environment variable {}, which {}", "주소에 필요한 환경 변수 {:이} {}";
    NOT_FILLED: "what the address's variables hold does not make an address", "주소의 변수에 든 값으로는 주소가 되지 않습니다";
    HAS_USER: "the address holds a user name or password, which would end in logs and reports: put it into a header instead",
        "주소에 사용자 이름이나 비밀번호가 있어 로그와 보고서에 남습니다. 대신 헤더에 넣으세요";
}

impl Address {
    /// Reads an address; blanks around it are dropped.
    ///
    /// # Errors
    /// When the text is not an http or https address, or has a user name or password.
    pub fn parse(text: &str) -> Result<Address, Phrase> {
        let text = text.trim();
        let shown = || text.chars().take(200).collect::<String>();
        let malformed = |why: Reason| match holds_user(text) {
            true => HAS_USER.into(),
            false => malformed(&shown().replace(char::is_control, "\u{fffd}"), why),
        };
        if text.contains(char::is_control) {
            return Err(malformed(Reason::of(HAS_CONTROL)));
        }
        let lacks_scheme = !text.contains("://") && !text.starts_with('/') && !text.is_empty();
        if lacks_scheme && !holds_user(text) && Address::parse(&format!("http://{text}")).is_ok() {
            return Err(no_scheme(&shown()));
        }
        let mut url = Url::parse(text).map_err(|error| malformed(Reason::of(error)))?;
        if !url.username().is_empty() || url.password().is_some() || holds_user(text) {
            return Err(HAS_USER.into());
        }
        if !matches!(url.scheme(), "http" | "https") {
            return Err(other_scheme(&shown()));
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
        Ok(Address {
            shown: url.clone(),
            url,
            public: Vec::new(),
        })
    }

    /// Reads an address with `${NAME}` in it, which stands for an environment variable: its value
    /// is percent-encoded and never shown.
    ///
    /// # Errors
    /// As [`Address::parse`], and if `lookup` does not have a variable.
    pub fn filled(text: &str, lookup: impl Fn(&str) -> Option<String>) -> Result<Address, Phrase> {
        let (mut filled, mut shown, mut rest) = (String::new(), String::new(), text);
        while let Some((before, from)) = rest.split_once("${")
            && let Some((name, after)) = from.split_once('}')
        {
            let value = lookup(name).ok_or_else(|| {
                let plain = name.chars().filter(|c| !c.is_control());
                let name: String = plain.take(80).collect();
                undefined(&name, why_not(&name))
            })?;
            filled.extend([before, &percent_encoded(&value)]);
            shown.extend([before, "$", name]);
            rest = after;
        }
        if filled.is_empty() {
            return Address::parse(text);
        }
        filled.push_str(rest);
        shown.push_str(rest);
        let Ok(address) = Address::parse(&filled) else {
            // The error must not contain the value.
            return Err(Address::parse(&shown).err().unwrap_or(NOT_FILLED.into()));
        };
        Ok(Address {
            shown: Address::parse(&shown).map_or_else(|_| address.url.clone(), |shown| shown.url),
            ..address
        })
    }

    /// Shows the values of these parameters of the query from now on.
    pub fn show_parameters(&mut self, names: &[String]) {
        self.public = names.to_vec();
    }

    /// This address with `path` after its own path, and the queries of both. So an API's stage
    /// stays, and so does a key that every request needs. `path` begins with `/` or `?`.
    #[must_use]
    pub fn join(&self, path: &str) -> Address {
        self.join_shown(path, path)
    }

    /// The same, with the path shown as `shown`.
    #[must_use]
    pub fn join_shown(&self, path: &str, shown: &str) -> Address {
        Address {
            url: joined(&self.url, path),
            shown: joined(&self.shown, shown),
            public: self.public.clone(),
        }
    }

    /// Another path of the same host, with its query.
    #[must_use]
    pub fn beside(&self, path: &str) -> Address {
        let bare = |url: &Url| {
            let mut url = url.clone();
            url.set_path("");
            url.set_query(None);
            joined(&url, path)
        };
        Address {
            url: bare(&self.url),
            shown: bare(&self.shown),
            public: self.public.clone(),
        }
    }

    /// The path and query that a redirect from one of this origin's paths leads to; None where it leads
    /// to another origin.
    pub fn redirected(&self, from: &str, location: &str) -> Option<String> {
        let url = self.beside(from).url.join(location).ok()?;
        (url.origin() == self.url.origin()).then(|| {
            Address {
                url,
                ..self.clone()
            }
            .path_and_query()
        })
    }

    /// Whether it uses TLS.
    pub fn is_https(&self) -> bool {
        self.url.scheme() == "https"
    }

    /// The host's name or IP address, without brackets.
    pub fn host(&self) -> &str {
        let host = self.url.host_str().unwrap_or_default();
        host.trim_matches(['[', ']'])
    }

    /// The port; 443 or 80 if the address gives none.
    pub fn port(&self) -> u16 {
        self.url.port_or_known_default().unwrap_or(80)
    }

    /// The host, with the port if it is not the scheme's default: the value of the Host header.
    pub fn authority(&self) -> String {
        let host = self.url.host_str().unwrap_or_default();
        match self.url.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        }
    }

    /// The target of a request line.
    pub fn path_and_query(&self) -> String {
        match self.url.query() {
            Some(query) => format!("{}?{query}", self.url.path()),
            None => self.url.path().to_owned(),
        }
    }

    /// Whether it is on this machine, under any of its names.
    pub fn is_this_machine(&self) -> bool {
        is_this_machine(self.host())
    }

    /// The address for libraries that read addresses themselves.
    pub fn url(&self) -> &Url {
        &self.url
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(query) = self.shown.query() else {
            return self.shown.fmt(f);
        };
        let shown = |parameter: &str| match parameter.split_once('=') {
            Some((name, _)) if self.public.iter().any(|public| public == name) => {
                parameter.to_owned()
            }
            Some((name, value)) if !value.is_empty() => format!("{name}={REDACTED}"),
            None if !parameter.is_empty() => REDACTED.to_owned(),
            _ => parameter.to_owned(),
        };
        let parameters: Vec<String> = query.split('&').map(shown).collect();
        let whole = self.shown.as_str();
        let before = whole.split('?').next().unwrap_or_default();
        write!(f, "{before}?{}", parameters.join("&"))
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Replaces a value that may be a secret.
const REDACTED: &str = "***";

fn joined(base: &Url, path: &str) -> Url {
    let (path, query) = match path.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (path, None),
    };
    let mut url = base.clone();
    if !path.is_empty() {
        url.set_path(&format!("{}{path}", base.path().trim_end_matches('/')));
    }
    let queries: Vec<&str> = [base.query(), query].into_iter().flatten().collect();
    url.set_query((!queries.is_empty()).then(|| queries.join("&")).as_deref());
    url
}

/// A value in the form that is valid anywhere in an address: only letters, digits and `-._~` stay
/// unencoded.
pub fn percent_encoded(value: &str) -> String {
    const PLAIN: &AsciiSet = &NON_ALPHANUMERIC
        .remove(b'-')
        .remove(b'.')
        .remove(b'_')
        .remove(b'~');
    utf8_percent_encode(value, PLAIN).to_string()
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
        Address::parse(text).expect(text).url().to_string()
    }

    #[test]
    fn what_may_be_a_secret_is_never_shown() {
        for (typed, shown) in [
            (
                "http://h.test/a?key=s3cret&q=1&flag=&s3cret",
                "http://h.test/a?key=***&q=1&flag=&***",
            ),
            ("http://h.test/a?", "http://h.test/a?"),
            (
                "http://h.test/${KEY}/b?k=${KEY}",
                "http://h.test/$KEY/b?k=***",
            ),
        ] {
            let value = |name: &str| (name == "KEY").then(|| "s3cret/&".to_owned());
            let mut address = Address::filled(typed, value).expect(typed);
            address.show_parameters(&["q".to_owned()]);
            assert_eq!(address.to_string(), shown);
            assert!(!format!("{address:?}").contains("s3cret"));
            assert!(
                !typed.contains("KEY")
                    || address.path_and_query() == "/s3cret%2F%26/b?k=s3cret%2F%26"
            );
        }
        let value = |_: &str| Some("s3cret".to_owned());
        for typed in ["http://h.test:${KEY}/", "${KEY}", "http://${OTHER"] {
            let error = Address::filled(typed, value).expect_err(typed).to_string();
            assert!(!error.contains("s3cret"), "{error}");
        }
        let error = Address::filled("http://h.test/${NONE}", |_| None).expect_err("not set");
        assert!(error.to_string().contains("NONE"), "{error}");
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
            assert_eq!(base.join(path).url().to_string(), joined);
        }
    }

    proptest! {
        #[test]
        fn what_is_shown_reads_as_what_is_sent(text in "https?://[a-z0-9.:\\[\\]@äß%]{0,12}[/?#][ -~äß]{0,20}") {
            if let Ok(address) = Address::parse(&text) {
                let again = Address::parse(address.url().as_str()).expect("its own form");
                prop_assert_eq!(&again, &address);
                let sent = address.path_and_query();
                prop_assert!(sent.starts_with('/') && !sent.contains([' ', '#']), "{}", sent);
                prop_assert!(sent.is_ascii() && sent.parse::<http::uri::PathAndQuery>().is_ok());
                let uri: http::Uri = address.url().as_str().parse().expect("an address for http");
                prop_assert_eq!(uri.host().map(|host| host.trim_matches(['[', ']'])), Some(address.host()));
            }
        }
    }
}
