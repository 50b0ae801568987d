//! The pages: a local twin of the screens that Datadog's serverless guide walks through, at
//! Datadog's own paths, so that a link works with only the host changed.
//!
//! Everything is drawn on the server. One small script folds fresh parts into an open page;
//! without it all pages work, they only do not fill by themselves.

mod badge;
mod chart;
mod dashboard;
mod data;
mod frame;
mod function;
mod functions;
mod graphs;
mod live;
mod log_counts;
mod log_lines;
mod logs;
mod page;
mod paging;
mod range;
mod show;
mod state;
mod trace;
mod visit;
mod words;

use axum::{
    Router, extract,
    http::{HeaderMap, HeaderName, StatusCode, Uri, header},
    middleware,
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use tokio::net::TcpListener;

use crate::{lang::speaking, look, server};
use page::{PageContent, PageError};
use visit::Visit;

pub use state::{Origin, PageSettings, PagesState, RunMark};

/// The pages as a router for a loopback port. The server that mounts it checks the Host header, as
/// for everything on that port.
pub fn router(state: PagesState) -> Router {
    Router::new()
        .route("/", get(|| async { Redirect::temporary("/functions") }))
        .route("/functions", get(page(functions::list)))
        .route("/functions/{entity}", get(page(function::details)))
        .route("/apm/trace/{id}", get(page(trace::trace)))
        .route("/apm/trace/{id}/payload", get(trace::whole))
        .route("/logs", get(page(logs::explorer)))
        .route("/logs/message", get(logs::message))
        .route(frame::DASHBOARD_PATH, get(page(dashboard::dashboard)))
        // The path that older links have.
        .route(
            "/screen/integration/30306",
            get(|| async { Redirect::temporary(frame::DASHBOARD_PATH) }),
        )
        .merge(live::router())
        .route(
            "/_pages/look.css",
            get(file("text/css; charset=utf-8", look::STYLESHEET)),
        )
        .route(
            "/_pages/pages.js",
            get(file(
                "text/javascript; charset=utf-8",
                include_str!("pages.js"),
            )),
        )
        .route(
            "/_pages/icon.svg",
            get(file("image/svg+xml", look::ICON_SVG)),
        )
        .with_state(state)
        .layer(middleware::from_fn(server::protect_pages))
}

/// Serves the pages alone on a loopback listener until `shutdown`.
pub async fn serve(state: PagesState, listener: TcpListener, shutdown: impl Future<Output = ()>) {
    server::serve_pages(router(state), listener, shutdown).await;
}

type Answer = std::pin::Pin<Box<dyn Future<Output = Response> + Send>>;

/// A handler around a function that draws a page. Drawing reads the disk, so it runs on a thread
/// for blocking work.
fn page(
    draw: fn(&Visit) -> Result<PageContent, PageError>,
) -> impl Fn(extract::State<PagesState>, Uri, HeaderMap) -> Answer + Clone + Send + 'static {
    move |extract::State(state): extract::State<PagesState>, uri: Uri, headers: HeaderMap| {
        Box::pin(async move {
            let drawn = tokio::task::spawn_blocking(move || drawn(state, &uri, &headers, draw));
            drawn
                .await
                .unwrap_or_else(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response())
        })
    }
}

fn drawn(
    state: PagesState,
    uri: &Uri,
    headers: &HeaderMap,
    draw: fn(&Visit) -> Result<PageContent, PageError>,
) -> Response {
    let extent = state.reader.extent();
    let data = extent.as_ref().ok().and_then(|extent| extent.range_ms);
    let visit = Visit::new(state, uri, headers, data);
    let page = match (&extent, data) {
        (Err(_), _) | (_, Some(_)) => speaking(visit.lang, || draw(&visit)),
        // Whatever was asked for: nothing is there yet.
        (Ok(_), None) => Ok(frame::no_data(&visit)),
    };
    let (status, page) = match page {
        Ok(page) => (StatusCode::OK, page),
        Err(PageError::NotFound { said, ways }) => (
            StatusCode::NOT_FOUND,
            frame::not_found(&visit, &said, &ways),
        ),
        Err(PageError::Search(why)) => (
            StatusCode::BAD_REQUEST,
            frame::failed(&visit, words::BAD_SEARCH, &why),
        ),
        Err(PageError::Store(error)) => {
            let why = speaking(visit.lang, || error.to_string());
            let page = frame::failed(&visit, words::BROKEN, &why);
            (StatusCode::INTERNAL_SERVER_ERROR, page)
        }
    };
    let version = extent.as_ref().map(live::version).unwrap_or_default();
    let html = frame::whole(&visit, &page, &version);
    (
        status,
        [(header::CONTENT_TYPE, "text/html; charset=utf-8")],
        visit.chosen.map(server::remember),
        html.into_string(),
    )
        .into_response()
}

fn file(
    kind: &'static str,
    content: &'static str,
) -> impl Fn() -> std::future::Ready<([(HeaderName, &'static str); 1], &'static str)> + Clone {
    move || std::future::ready(([(header::CONTENT_TYPE, kind)], content))
}
