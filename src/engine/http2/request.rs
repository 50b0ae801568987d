//! A run's request for HTTP/2, made from the header lines of HTTP/1.1.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Uri, Version, header};

/// What all requests of a run have in common.
pub(in crate::engine) struct Http2Template {
    method: Method,
    uri: Uri,
    fields: HeaderMap,
    body: Bytes,
}

impl Http2Template {
    /// From a method, a path, header lines that end with CRLF each, and a body. The header that
    /// loadgen adds for HTTP/1.1 alone is left out. None if the user's headers are forbidden in
    /// HTTP/2 (RFC 9113, section 8.2.2), or the Host header is no authority.
    pub fn new(
        method: &Method,
        path: &str,
        lines: &[u8],
        close: bool,
        body: Bytes,
    ) -> Option<Http2Template> {
        let mut fields = HeaderMap::new();
        let mut authority = None;
        for (name, value) in parse(lines) {
            match name {
                header::HOST => authority = Some(value),
                header::CONNECTION if close && value == "close" => {}
                name if is_forbidden(&name, &value) => return None,
                name => drop(fields.append(name, value)),
            }
        }
        let uri = Uri::builder()
            .scheme("https")
            .authority(authority?.as_bytes())
            .path_and_query(path)
            .build()
            .ok()?;
        Some(Http2Template {
            method: method.clone(),
            uri,
            fields,
            body,
        })
    }

    /// One request, with the header lines that only this one has.
    pub fn request(&self, lines: &[u8]) -> Request<()> {
        let mut request = Request::new(());
        *request.version_mut() = Version::HTTP_2;
        *request.method_mut() = self.method.clone();
        *request.uri_mut() = self.uri.clone();
        let fields = request.headers_mut();
        fields.clone_from(&self.fields);
        for (name, value) in parse(lines) {
            fields.append(name, value);
        }
        request
    }

    pub fn body(&self) -> &Bytes {
        &self.body
    }
}

/// Whether a header is forbidden in HTTP/2.
fn is_forbidden(name: &HeaderName, value: &HeaderValue) -> bool {
    match *name {
        header::CONNECTION | header::UPGRADE | header::TRANSFER_ENCODING => true,
        header::TE => value != "trailers",
        _ => matches!(name.as_str(), "keep-alive" | "proxy-connection"),
    }
}

/// The fields of header lines, which were checked when they were written.
fn parse(lines: &[u8]) -> impl Iterator<Item = (HeaderName, HeaderValue)> {
    lines.split(|&byte| byte == b'\n').filter_map(|line| {
        let colon = line.iter().position(|&byte| byte == b':')?;
        let (name, value) = line.split_at_checked(colon)?;
        // HTTP/2 allows no space around a value (RFC 9113, section 8.2.1).
        let value = value.get(1..)?.trim_ascii();
        let name = HeaderName::from_bytes(name).ok()?;
        Some((name, HeaderValue::from_bytes(value).ok()?))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(lines: &str, close: bool) -> Option<Http2Template> {
        let lines = format!("host: example.test:8443\r\n{lines}");
        Http2Template::new(
            &Method::POST,
            "/x?y=1",
            lines.as_bytes(),
            close,
            Bytes::new(),
        )
    }

    #[test]
    fn the_lines_of_http1_become_fields_and_the_host_an_authority() {
        let form = form(
            "accept: */*\r\nx-a: 1: 2 \r\nx-a: 3\r\nconnection: close\r\n",
            true,
        );
        let request = form
            .expect("a form")
            .request(b"traceparent: 00-ab\r\nx-b: \r\n");
        assert_eq!(request.uri(), "https://example.test:8443/x?y=1");
        assert_eq!(
            (request.method(), request.version()),
            (&Method::POST, Version::HTTP_2)
        );
        let fields: Vec<(&str, &str)> = request
            .headers()
            .iter()
            .filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)))
            .collect();
        assert_eq!(
            fields,
            [
                ("accept", "*/*"),
                ("x-a", "1: 2"),
                ("x-a", "3"),
                ("traceparent", "00-ab"),
                ("x-b", "")
            ]
        );
    }

    #[test]
    fn what_http2_has_no_place_for_has_no_form() {
        for (line, close) in [
            ("connection: close\r\n", false),
            ("connection: keep-alive\r\n", true),
            ("keep-alive: 5\r\n", false),
            ("proxy-connection: x\r\n", false),
            ("upgrade: websocket\r\n", false),
            ("te: gzip\r\n", false),
        ] {
            assert!(form(line, close).is_none(), "{line}");
        }
        assert!(form("te: trailers\r\n", false).is_some());
        let no_authority = b"host: two words\r\n";
        assert!(Http2Template::new(&Method::GET, "/", no_authority, false, Bytes::new()).is_none());
    }
}
