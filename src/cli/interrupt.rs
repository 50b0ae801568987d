//! Ctrl-C, SIGTERM and a closed terminal in two steps: the first lets requests in flight finish,
//! the second cuts them off. Either way the report is written.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicI32, Ordering},
    },
    thread,
};

use tokio::signal::unix::{Signal, SignalKind, signal};

use super::out;
use crate::{
    engine::StopSignal,
    lang::{Text, texts},
};

texts! {
    const;
    DRAINING: "stopping: requests in flight may finish; once more cuts them off",
        "멈추는 중: 진행 중인 요청은 끝까지 기다립니다. 한 번 더 누르면 끊습니다";
    CUTTING_OFF: "cutting off the requests in flight", "진행 중인 요청을 끊습니다";
    COMMAND_MAY_END: "stopping: waiting for the command to end; once more kills it",
        "멈추는 중: 명령이 끝나기를 기다립니다. 한 번 더 누르면 강제로 종료합니다";
    KILLING: "killing the command", "명령을 강제로 종료합니다";
}

/// Listens from now on, for as long as the process lives.
///
/// # Errors
/// When the system gives no thread or no signal handler.
pub fn listen(stop: StopSignal) -> io::Result<()> {
    listen_and_say(stop, [DRAINING, CUTTING_OFF], |_| ())
}

/// The same while another program sends: the first signal lets it end, the second kills it. `pass_on`
/// becomes the number of each signal but Ctrl-C, which a terminal sends to both.
///
/// # Errors
/// As [`listen`].
pub fn listen_beside_command(stop: StopSignal, pass_on: Arc<AtomicI32>) -> io::Result<()> {
    listen_and_say(stop, [COMMAND_MAY_END, KILLING], move |signal| {
        if signal != SignalKind::interrupt() {
            pass_on.store(signal.as_raw_value(), Ordering::Relaxed);
        }
    })
}

fn listen_and_say(
    stop: StopSignal,
    [first, again]: [Text; 2],
    received: impl Fn(SignalKind) + Send + 'static,
) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let mut signals = {
        let _inside = runtime.enter();
        StopSignals::catch()?
    };
    let terminals = hangup::Terminals::find();
    thread::Builder::new()
        .name("signals".to_owned())
        .spawn(move || {
            runtime.block_on(async {
                loop {
                    let signal = signals.next().await;
                    received(signal);
                    if signal == SignalKind::hangup() {
                        terminals.let_go();
                    }
                    let what = match stop.is_signalled() {
                        false => first,
                        true => again,
                    };
                    out::say(format!("\n{what}"));
                    stop.signal();
                }
            });
        })?;
    Ok(())
}

/// Ends at the next Ctrl-C or SIGTERM, or when the terminal closes. These signals are caught from now
/// on. Call it within a runtime, and before an address is announced, so that a reader of the address
/// can stop the server cleanly.
///
/// # Errors
/// When the system gives no signal handler.
pub fn stopped() -> io::Result<impl Future<Output = ()> + Send + 'static> {
    let mut signals = StopSignals::catch()?;
    Ok(async move {
        signals.next().await;
    })
}

/// The signals that stop a run or a server.
struct StopSignals {
    interrupt: Signal,
    terminate: Signal,
    hangup: Option<Signal>,
}

impl StopSignals {
    fn catch() -> io::Result<StopSignals> {
        Ok(StopSignals {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hangup: hangup::watch()?,
        })
    }

    /// Waits for the next one.
    async fn next(&mut self) -> SignalKind {
        let hangup = async {
            match &mut self.hangup {
                Some(hangup) => drop(hangup.recv().await),
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = self.interrupt.recv() => SignalKind::interrupt(),
            _ = self.terminate.recv() => SignalKind::terminate(),
            () = hangup => SignalKind::hangup(),
        }
    }
}

/// A terminal that closes.
#[cfg(target_os = "linux")]
mod hangup {
    use std::{
        fs::{self, File},
        io::{self, IsTerminal},
    };

    use tokio::signal::unix::{Signal, SignalKind, signal};

    /// None if SIGHUP is ignored: `nohup` started loadgen, which must outlive the terminal.
    pub fn watch() -> io::Result<Option<Signal>> {
        match is_ignored() {
            true => Ok(None),
            false => signal(SignalKind::hangup()).map(Some),
        }
    }

    /// Whether SIGHUP is ignored, by the mask in `/proc/self/status` (proc(5)).
    fn is_ignored() -> bool {
        let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
        let mask = status
            .lines()
            .find_map(|line| line.strip_prefix("SigIgn:"))
            .and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
        mask.is_some_and(|mask| mask & 1 == 1)
    }

    /// Which outputs are a terminal. This cannot be asked once the terminal is gone.
    pub struct Terminals {
        stdout: bool,
        stderr: bool,
    }

    impl Terminals {
        pub fn find() -> Terminals {
            Terminals {
                stdout: io::stdout().is_terminal(),
                stderr: io::stderr().is_terminal(),
            }
        }

        /// Discards further output to the terminal, which would fail now that it is gone.
        pub fn let_go(&self) {
            let Ok(nowhere) = File::options().write(true).open("/dev/null") else {
                return;
            };
            if self.stdout {
                let _ = rustix::stdio::dup2_stdout(&nowhere);
            }
            if self.stderr {
                let _ = rustix::stdio::dup2_stderr(&nowhere);
            }
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod hangup {
    use std::io;

    use tokio::signal::unix::Signal;

    pub fn watch() -> io::Result<Option<Signal>> {
        Ok(None)
    }

    pub struct Terminals;

    impl Terminals {
        pub fn find() -> Terminals {
            Terminals
        }

        pub fn let_go(&self) {}
    }
}
