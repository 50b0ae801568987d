//! Ctrl-C and SIGTERM in two steps: the first lets requests in flight finish, the second cuts them
//! off. Either way the report is written.

use std::{io, thread};

use tokio::signal::unix::{SignalKind, signal};

use crate::engine::Stop;

/// Listens from now on, for as long as the process lives.
///
/// # Errors
/// When the system gives no thread or no signal handler.
pub fn listen(stop: Stop) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let (mut interrupt, mut terminate) = {
        let _inside = runtime.enter();
        (
            signal(SignalKind::interrupt())?,
            signal(SignalKind::terminate())?,
        )
    };
    thread::Builder::new()
        .name("signals".to_owned())
        .spawn(move || {
            runtime.block_on(async {
                loop {
                    tokio::select! {
                        _ = interrupt.recv() => {}
                        _ = terminate.recv() => {}
                    }
                    match stop.is_signalled() {
                        false => eprintln!(
                            "\nstopping: requests under way may finish; once more cuts them off"
                        ),
                        true => eprintln!("\ncutting off what is under way"),
                    }
                    stop.signal();
                }
            });
        })?;
    Ok(())
}
