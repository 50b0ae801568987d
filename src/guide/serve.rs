//! The built guide on a loopback port.

use axum::{
    Router,
    extract::State,
    http::{HeaderMap, StatusCode, Uri, header},
    response::{Html, IntoResponse, Redirect, Response},
    routing::get,
};
use tokio::net::TcpListener;

use super::{FILES, is_packed, unpacked, write::front_page};
use crate::{lang::Lang, server};

/// Serves the guide on a loopback listener until `shutdown`, with the guards of the sandbox's pages.
/// Its front page leads to the language that the reader chose before, else to the one that the browser
/// prefers, else to `lang`.
pub async fn serve(lang: Lang, listener: TcpListener, shutdown: impl Future<Output = ()>) {
    let router = Router::new().fallback(get(file)).with_state(lang);
    server::serve_pages(router, listener, shutdown).await;
}

fn content(name: &str) -> Option<&'static [u8]> {
    let file = FILES.iter().find(|(path, _)| *path == name);
    file.map(|(_, content)| *content)
}

async fn file(State(lang): State<Lang>, uri: Uri, headers: HeaderMap) -> Response {
    let path = uri.path().trim_start_matches('/');
    if path.is_empty() {
        return match server::language_of(&headers) {
            Some(lang) => Redirect::temporary(&format!("/{lang}/")).into_response(),
            None => Html(front_page(lang)).into_response(),
        };
    }
    let name = match path.strip_suffix('/') {
        Some(folder) => format!("{folder}/index.html"),
        None => path.to_owned(),
    };
    if let Some(content) = content(&name) {
        let kind = kind(&name);
        // A reader who continues in a language has chosen it.
        let chosen = path
            .split('/')
            .next()
            .filter(|_| kind.starts_with("text/html"));
        let remember = chosen.and_then(|lang| Some(server::remember(lang.parse().ok()?)));
        let kind = [(header::CONTENT_TYPE, kind)];
        if is_packed(&name) && takes_gzip(&headers) {
            let packed = [(header::CONTENT_ENCODING, "gzip")];
            return (kind, packed, remember, content).into_response();
        }
        return match unpacked(&name, content) {
            Ok(content) => (kind, remember, content).into_response(),
            Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        };
    }
    if content(&format!("{path}/index.html")).is_some() {
        return Redirect::temporary(&format!("/{path}/")).into_response();
    }
    let page = "<!DOCTYPE html><html lang=\"en\"><title>Not found</title>\
        <p>The guide has no such page. <a href=\"/\">To its front page</a></p></html>";
    (StatusCode::NOT_FOUND, Html(page)).into_response()
}

/// Whether the reader's program unpacks gzip.
fn takes_gzip(headers: &HeaderMap) -> bool {
    let all = headers.get_all(header::ACCEPT_ENCODING).iter();
    let mut all = all.filter_map(|value| value.to_str().ok());
    all.any(|value| value.split(',').any(|one| one.trim() == "gzip"))
}

fn kind(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, extension)| extension) {
        Some("html") => "text/html; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("webp") => "image/webp",
        _ => "text/plain; charset=utf-8",
    }
}
