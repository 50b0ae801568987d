//! Asynchronous work from code that is not.

use std::io;

use futures_util::{FutureExt, future::LocalBoxFuture};

/// Does the work on this thread, on a runtime of its own.
///
/// # Errors
/// When the system gives no runtime.
pub fn block_on<T>(work: impl Future<Output = T>) -> io::Result<T> {
    let mut done = None;
    drive(async { done = Some(work.await) }.boxed_local())?;
    done.ok_or_else(|| io::ErrorKind::Interrupted.into())
}

/// For work of any kind, since tokio compiles each of its schedulers, with the work in it, for every type.
fn drive(work: LocalBoxFuture<()>) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(work);
    Ok(())
}
