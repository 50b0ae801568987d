//! The built guide on a loopback port.

use std::{collections::HashMap, fs, io, path::Path, sync::Arc};

use axum::{
    Router,
    extract::State,
    http::{HeaderMap, StatusCode, Uri, header},
    response::{Html, IntoResponse, Redirect, Response},
    routing::get,
};
use bytes::Bytes;
use tokio::net::TcpListener;

use crate::server;

/// Every file of the guide by its path on the server.
type Files = Arc<HashMap<String, Bytes>>;

/// Serves the guide that was built into `folder` on a loopback listener until `shutdown`, with the
/// guards of the sandbox's pages. The files are read once, so the folder may then go.
///
/// # Errors
/// When the folder cannot be read.
pub async fn serve(
    folder: &Path,
    listener: TcpListener,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    let mut files = HashMap::new();
    read(folder, "", &mut files)?;
    let router = Router::new()
        .fallback(get(file))
        .with_state(Files::new(files));
    server::serve_pages(router, listener, shutdown).await;
    Ok(())
}

fn read(folder: &Path, under: &str, files: &mut HashMap<String, Bytes>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
            continue; // The guide has no such names.
        };
        let address = format!("{under}/{name}");
        if path.is_dir() {
            read(&path, &address, files)?;
        } else {
            files.insert(address, fs::read(&path)?.into());
        }
    }
    Ok(())
}

async fn file(State(files): State<Files>, uri: Uri, headers: HeaderMap) -> Response {
    let path = uri.path();
    if path == "/"
        && let Some(lang) = server::language_of(&headers)
    {
        return Redirect::temporary(&format!("/{lang}/")).into_response();
    }
    let name = match path.strip_suffix('/') {
        Some(folder) => format!("{folder}/index.html"),
        None => path.to_owned(),
    };
    if let Some(content) = files.get(&name) {
        let kind = kind(&name);
        let page = kind.starts_with("text/html");
        let lang = path.trim_start_matches('/').split('/').next();
        // Whoever goes on in a language has chosen it.
        let remember = lang
            .filter(|_| page)
            .and_then(|lang| Some(server::remember(lang.parse().ok()?)));
        return ([(header::CONTENT_TYPE, kind)], remember, content.clone()).into_response();
    }
    if files.contains_key(&format!("{path}/index.html")) {
        return Redirect::temporary(&format!("{path}/")).into_response();
    }
    let page = "<!DOCTYPE html><html lang=\"en\"><title>Not found</title>\
        <p>The guide has no such page. <a href=\"/\">To its front page</a></p></html>";
    (StatusCode::NOT_FOUND, Html(page)).into_response()
}

fn kind(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, extension)| extension) {
        Some("html") => "text/html; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        _ => "text/plain; charset=utf-8",
    }
}
