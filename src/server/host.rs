//! Which hosts a request may name: a page on the internet must not reach the sandbox through a
//! name that it points at 127.0.0.1 (DNS rebinding).

use axum::{
    Router,
    extract::Request,
    http::{HeaderMap, HeaderValue, StatusCode, Uri, header, uri::Authority},
    middleware::{self, Next},
    response::{IntoResponse, Response},
};

use super::reply;
use crate::units::is_loopback;

/// Lets only requests through to `router` that name a loopback host or `alias`. If a browser
/// reports the page that sent a request, that page must be of one of these hosts too.
pub(crate) fn check_host(router: Router, alias: Option<&'static str>) -> Router {
    router.layer(middleware::from_fn(move |request, next| {
        check(alias, request, next)
    }))
}

async fn check(alias: Option<&str>, request: Request, next: Next) -> Response {
    match named(request.uri(), request.headers()) {
        None => reply::error(
            StatusCode::BAD_REQUEST,
            "a request must name one host in its Host header",
        ),
        Some(host) if !is_own(&host, alias) => reply::error(
            StatusCode::MISDIRECTED_REQUEST,
            format!(
                "this server answers to loopback names only (127.0.0.1, localhost, [::1]), not to `{}`",
                shortened(&host)
            ),
        ),
        Some(_) if !is_own_page(request.headers(), alias) => reply::error(
            StatusCode::FORBIDDEN,
            "this server takes no requests from pages of other origins",
        ),
        Some(_) => next.run(request).await.into_response(),
    }
}

/// The host of the request's target or of its one Host header, without the port.
fn named(uri: &Uri, headers: &HeaderMap) -> Option<String> {
    let mut hosts = headers.get_all(header::HOST).iter();
    let header = hosts.next().and_then(|host| host.to_str().ok());
    if hosts.next().is_some() {
        return None;
    }
    let authority: Authority = match uri.authority() {
        Some(authority) => authority.clone(),
        None => header?.parse().ok()?,
    };
    (!authority.as_str().contains('@')).then(|| authority.host().to_ascii_lowercase())
}

/// Whether `host`, without a port, is this machine's own name for itself. Other names below
/// `localhost` are other sites to a browser, so only the alias is taken of them.
fn is_own(host: &str, alias: Option<&str>) -> bool {
    let is_below_localhost = host.trim_end_matches('.').ends_with(".localhost");
    (is_loopback(host) && !is_below_localhost) || alias == Some(host)
}

/// Whether no browser says that another site's page sent the request.
fn is_own_page(headers: &HeaderMap, alias: Option<&str>) -> bool {
    // A plain GET of another site's page carries no origin, but says where it comes from. A link
    // that is followed shows a page to its reader and no one else.
    let value = |name: &str| headers.get(name).map(HeaderValue::as_bytes);
    if value("sec-fetch-site") == Some(b"cross-site")
        && value("sec-fetch-mode") != Some(b"navigate")
    {
        return false;
    }
    let Some(origin) = headers.get(header::ORIGIN) else {
        return true;
    };
    origin
        .to_str()
        .ok()
        .and_then(|origin| origin.parse::<Uri>().ok())
        .and_then(|origin| origin.host().map(str::to_ascii_lowercase))
        .is_some_and(|host| is_own(&host, alias))
}

fn shortened(host: &str) -> String {
    host.chars().take(80).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALIAS: Option<&str> = Some("sandboxapi.execute-api.localhost");

    fn host_of(header: &'static str) -> Option<String> {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, header::HeaderValue::from_static(header));
        named(&Uri::from_static("/"), &headers)
    }

    #[test]
    fn loopback_names_are_let_in_with_any_port() {
        for host in [
            "127.0.0.1",
            "127.0.0.1:8484",
            "127.8.8.8:1",
            "localhost",
            "LOCALHOST:80",
            "[::1]",
            "[::1]:8484",
            "sandboxapi.execute-api.localhost:8484",
        ] {
            let named = host_of(host).expect(host);
            assert!(is_own(&named, ALIAS), "{host}");
        }
    }

    #[test]
    fn other_names_are_turned_away() {
        for host in [
            "example.com",
            "example.com:8484",
            "127.0.0.1.example.com",
            "localhost.example.com",
            "128.0.0.1",
            "0.0.0.0",
            "[::2]",
            "evil.execute-api.localhost",
            "a.sandboxapi.execute-api.localhost",
        ] {
            let named = host_of(host).expect(host);
            assert!(!is_own(&named, ALIAS), "{host}");
        }
        for host in ["", "user@localhost", "a b", "[::1"] {
            assert_eq!(host_of(host), None, "{host}");
        }
    }

    #[test]
    fn what_another_sites_page_fetches_is_turned_away_and_a_followed_link_is_not() {
        let from = |site: &'static str, mode: &'static str| {
            let headers = [("sec-fetch-site", site), ("sec-fetch-mode", mode)];
            let pairs = headers.map(|(name, value)| {
                let name = header::HeaderName::from_static(name);
                (name, HeaderValue::from_static(value))
            });
            is_own_page(&HeaderMap::from_iter(pairs), ALIAS)
        };
        assert!(!from("cross-site", "no-cors"));
        assert!(!from("cross-site", "cors"));
        assert!(from("cross-site", "navigate"));
        assert!(from("same-origin", "cors"));
        assert!(from("none", "navigate"));
    }

    #[test]
    fn pages_of_other_origins_are_turned_away() {
        let from = |origin: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ORIGIN, header::HeaderValue::from_static(origin));
            is_own_page(&headers, ALIAS)
        };
        assert!(from("http://127.0.0.1:8484"));
        assert!(from("http://localhost"));
        assert!(!from("https://example.com"));
        assert!(!from("null"));
        assert!(is_own_page(&HeaderMap::new(), ALIAS));
    }
}
