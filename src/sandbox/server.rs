//! The listening side: connections, their limits, and the end of them.

use std::{pin::pin, time::Duration};

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinSet,
    time::{sleep, timeout},
};

/// A request's head may take this many bytes: API Gateway itself stops at about 10 KB.
const LARGEST_HEAD: usize = 64 * 1024;

/// How long a client may take to send a request's head, counted from the last answer on its
/// connection: so also for how long an idle connection is kept.
const SLOWEST_HEAD: Duration = Duration::from_secs(300);

/// How long requests in flight may take to end once the server stops.
const GRACE: Duration = Duration::from_secs(2);

/// Serves `router` on `listener` until `shutdown`, then lets the requests in flight end for up
/// to two seconds.
pub(super) async fn serve(
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
    // What is still talking after the grace time is cut off with the set.
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
