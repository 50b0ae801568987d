//! An empty folder to type commands in.

use std::{
    path::PathBuf,
    process::{Child, Command},
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;

use crate::support::command::{Finished, unset};

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

    /// The path of a file here.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
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
        command.args(words).current_dir(self.folder.path());
        command
    }

    /// Runs `loadgen` with these words to its end.
    pub fn run(&self, words: &[&str]) -> Finished {
        Finished::of(&mut self.command(words))
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
