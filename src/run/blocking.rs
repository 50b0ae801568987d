//! Asynchronous work from code that is not.

use std::io;

/// Does the work on this thread, on a runtime of its own.
///
/// # Errors
/// When the system gives no runtime.
pub fn block_on<T>(work: impl Future<Output = T>) -> io::Result<T> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    Ok(runtime.block_on(work))
}
