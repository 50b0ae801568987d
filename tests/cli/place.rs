//! An empty folder to type commands in, and a plain server to aim at.

use std::{
    io::{BufRead, BufReader, Write},
    net::{SocketAddr, TcpListener},
    path::PathBuf,
    process::{Child, Command, Output, Stdio},
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;

use crate::environment::unset;

/// An empty folder.
pub struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    pub fn new() -> Place {
        Place {
            folder: tempfile::tempdir().expect("a temporary folder"),
        }
    }

    /// `loadgen` with these words, not started yet.
    pub fn command(&self, words: &[&str]) -> Command {
        self.start(env!("CARGO_BIN_EXE_loadgen"), words)
    }

    /// A shell script in which `$0` is `loadgen`.
    pub fn shell(&self, script: &str) -> Command {
        self.within(&[], script)
    }

    /// The same within another command.
    pub fn within(&self, outer: &[&str], script: &str) -> Command {
        let shell = ["sh", "-c", script, env!("CARGO_BIN_EXE_loadgen")];
        let words: Vec<&str> = outer.iter().chain(&shell).copied().collect();
        self.start(words[0], &words[1..])
    }

    fn start(&self, program: &str, words: &[&str]) -> Command {
        let mut command = unset(program);
        command
            .args(words)
            .current_dir(self.folder.path())
            .stdin(Stdio::null());
        command
    }

    /// What came of it.
    pub fn run(&self, words: &[&str]) -> Ended {
        Ended(self.command(words).output().expect("loadgen starts"))
    }

    pub fn write(&self, name: &str, text: &str) {
        std::fs::write(self.folder.path().join(name), text).expect("a file is written");
    }

    /// Changes what a file says.
    pub fn change_file(&self, name: &str, change: impl FnOnce(String) -> String) {
        let path = self.folder.path().join(name);
        let text = std::fs::read_to_string(&path).expect("a file");
        std::fs::write(path, change(text)).expect("a file is written");
    }

    /// Changes what `run.json` says in a run's folder.
    pub fn change_run(&self, name: &str, change: impl FnOnce(&mut Value)) {
        self.change_file(&format!("{name}/run.json"), |text| {
            let mut run = serde_json::from_str(&text).expect("JSON");
            change(&mut run);
            run.to_string()
        });
    }

    /// The folder of the newest run, once there is one.
    pub fn newest(&self) -> Option<PathBuf> {
        let runs = self.folder.path().join("loadgen-runs");
        let name = std::fs::read_to_string(runs.join("latest")).ok()?;
        Some(runs.join(name.trim()))
    }

    /// Whether there is a run, or as much as the folder of one.
    pub fn has_runs(&self) -> bool {
        self.newest().is_some()
    }
}

/// A command that has ended.
pub struct Ended(Output);

impl Ended {
    pub fn code(&self) -> Option<i32> {
        self.0.status.code()
    }

    pub fn out(&self) -> String {
        String::from_utf8(self.0.stdout.clone()).expect("stdout is UTF-8")
    }

    pub fn talk(&self) -> String {
        String::from_utf8(self.0.stderr.clone()).expect("stderr is UTF-8")
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out()).expect("stdout is JSON")
    }
}

/// Waits until the newest run has samples on disk.
pub fn until_samples(place: &Place) {
    let patience = Instant::now() + Duration::from_secs(60);
    loop {
        let lines = place
            .newest()
            .and_then(|run| std::fs::read_to_string(run.join("samples.ndjson")).ok())
            .map_or(0, |text| text.lines().count());
        if lines >= 5 {
            return;
        }
        assert!(Instant::now() < patience, "no samples came");
        thread::sleep(Duration::from_millis(20));
    }
}

/// Sends a running loadgen a signal.
pub fn signal(child: &Child, name: &str) {
    let sent = Command::new("kill")
        .args([&format!("-{name}"), &child.id().to_string()])
        .status()
        .expect("kill runs");
    assert!(sent.success());
}

/// A plain HTTP server that is not ours: it answers every request with 200 and no marker.
pub fn plain_server() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("an address");
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            thread::spawn(move || {
                let mut answer = stream.try_clone().expect("a second handle");
                for line in BufReader::new(stream).lines().map_while(Result::ok) {
                    if line.is_empty()
                        && answer
                            .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")
                            .is_err()
                    {
                        return;
                    }
                }
            });
        }
    });
    address
}
