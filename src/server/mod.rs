//! HTTP on this machine only: a listener on loopback, its connections and their limits, and the
//! guards that everything served here stands behind.

mod body;
mod headers;
mod host;
mod language;
pub(crate) mod reply;

use std::{io, net::Ipv4Addr, pin::pin, time::Duration};

use crate::lang::{Phrase, texts};
use axum::{Router, middleware};
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::{
    net::{TcpListener, TcpStream},
    runtime::Runtime,
    sync::watch,
    task::JoinSet,
    time::{sleep, timeout},
};

texts! {
    const;
    port_taken(port: String, why: String): "port {port} on 127.0.0.1 cannot be opened: {why}; choose another with --port, or 0 for any free one",
        "127.0.0.1의 {}번 포트를 열 수 없습니다: {}. --port로 다른 포트를 지정하거나 0을 지정하면 빈 포트를 씁니다";
}

pub(crate) use body::{BodyRefusal, read_body};
pub(crate) use headers::protect_pages;
pub(crate) use host::check_host;
pub(crate) use language::{language_of, remember};

/// A request's head may take this many bytes: API Gateway itself stops at about 10 KB.
const LARGEST_HEAD: usize = 64 * 1024;

/// How long a client may take to send a request's head, counted from the last answer on its
/// connection: so also for how long an idle connection is kept.
const SLOWEST_HEAD: Duration = Duration::from_secs(300);

/// How long requests in flight may take to end once the server stops.
const GRACE: Duration = Duration::from_secs(2);

/// A listener on `port` of 127.0.0.1; 0 takes any free one.
///
/// # Errors
/// When the port is taken or not for this user.
pub async fn bind(port: u16) -> Result<TcpListener, Phrase> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port))
        .await
        .map_err(|error| port_taken(port.to_string(), error.to_string()))
}

/// The runtime that a server needs: one worker takes requests while the other reads or writes
/// telemetry.
///
/// # Errors
/// When the system gives no threads.
pub fn runtime() -> io::Result<Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .thread_name("server-worker")
        .enable_all()
        .build()
}

/// Serves pages on a loopback listener until `shutdown`: only loopback hosts are answered, and
/// pages load nothing but this server's own files.
pub(crate) async fn serve_pages(
    pages: Router,
    listener: TcpListener,
    shutdown: impl Future<Output = ()>,
) {
    let pages = pages.layer(middleware::from_fn(protect_pages));
    serve(check_host(pages, None), listener, shutdown).await;
}

/// Serves `router` on `listener` until `shutdown`, then lets the requests in flight end for up
/// to two seconds.
pub(crate) async fn serve(
    router: Router,
    listener: TcpListener,
    shutdown: impl Future<Output = ()>,
) {
    let (stop, stopping) = watch::channel(());
    let mut connections = JoinSet::new();
    let mut shutdown = pin!(shutdown);
    loop {
        tokio::select! {
            () = &mut shutdown => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(converse(stream, router.clone(), stopping.clone()));
                }
                // Out of descriptors, or a client that went away at once: the listener lives on.
                Err(_) => sleep(Duration::from_millis(10)).await,
            },
            Some(_) = connections.join_next() => {}
        }
    }
    drop(listener);
    drop(stop);
    let all = async { while connections.join_next().await.is_some() {} };
    // Connections that are still open after the grace time are dropped with the set.
    let _ = timeout(GRACE, all).await;
}

async fn converse(stream: TcpStream, router: Router, mut stopping: watch::Receiver<()>) {
    // Nagle's algorithm would hold back small answers and so add to the modelled latency.
    let _ = stream.set_nodelay(true);
    let service = TowerToHyperService::new(router);
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(SLOWEST_HEAD)
        .max_buf_size(LARGEST_HEAD)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = pin!(connection);
    tokio::select! {
        _ = connection.as_mut() => return,
        _ = stopping.changed() => connection.as_mut().graceful_shutdown(),
    }
    // Errors are the client's: it broke off or sent what is no HTTP.
    let _ = connection.await;
}
