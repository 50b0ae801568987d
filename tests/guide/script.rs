//! A page's commands in their order, in a new and empty folder.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs::{self, File},
    io,
    path::PathBuf,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use regex::Regex;
use tempfile::TempDir;

use super::{
    alike,
    page::{Block, Page},
};

/// No command of the guide takes nearly so long; one that hangs must not hold up the tests.
const LONGEST: Duration = Duration::from_secs(240);

/// The folder in which a page's commands run, and the servers that they started.
pub struct Place {
    folder: TempDir,
    servers: Vec<Child>,
    /// A port that the page shows, and the one that was free.
    ports: BTreeMap<String, String>,
}

/// What a script printed, and how it ended.
struct Printed {
    text: String,
    code: Option<i32>,
}

/// Runs what `page` has, and gives what went otherwise than it shows.
pub fn prove(page: &Page) -> Vec<String> {
    let mut place = Place::new();
    let blocks = page.blocks();
    let mut wrong = Vec::new();
    for (n, block) in blocks.iter().enumerate() {
        let shown = blocks
            .get(n + 1)
            .filter(|next| next.language("text") && !next.is("drawing"));
        if let Err(why) = place.prove(block, shown) {
            let mut told = String::new();
            let _ = write!(told, "{}:{}: {}{why}", page.name, block.line, block.text);
            wrong.push(told);
        }
    }
    wrong
}

/// Whether the test runs the block.
pub fn runs(block: &Block) -> bool {
    let there = block.language("sh") && !block.is("cloud") && !block.is("aside");
    if there && block.is("python") && Command::new("python3").arg("-V").output().is_err() {
        eprintln!("SKIPPED: python3 is missing for {}", block.text.trim());
        return false;
    }
    there
}

impl Place {
    fn new() -> Place {
        Place {
            folder: tempfile::tempdir().expect("a folder"),
            servers: Vec::new(),
            ports: BTreeMap::new(),
        }
    }

    fn prove(&mut self, block: &Block, shown: Option<&Block>) -> Result<(), String> {
        if let Some(name) = block.mark("file-") {
            let path = self.folder.path().join(name);
            return fs::write(path, &block.text).map_err(|error| error.to_string());
        }
        if !runs(block) {
            return Ok(());
        }
        let script = self.script(block);
        if block.is("server") {
            return self.serve(&script, shown);
        }
        let printed = self.run(&script).map_err(|error| error.to_string())?;
        let expected: i32 = block
            .mark("exit-")
            .map_or(Ok(0), str::parse)
            .map_err(|_| "exit?")?;
        if printed.code != Some(expected) {
            let code = printed.code;
            return Err(format!(
                "ended with {code:?}, not {expected}:\n{}",
                printed.text
            ));
        }
        match shown {
            None => Ok(()),
            Some(shown) => alike::compare(&shown.text, &printed.text)
                .map_err(|difference| format!("{difference}\nall of it:\n{}", printed.text)),
        }
    }

    /// The block's commands, with the program that was built for the test and the ports that were
    /// free.
    fn script(&self, block: &Block) -> String {
        let mut script = block.text.replace("cargo run --release --", "loadgen");
        for (shown, free) in &self.ports {
            for host in ["127.0.0.1", "localhost"] {
                script = script.replace(&format!("{host}:{shown}"), &format!("127.0.0.1:{free}"));
            }
            script = script.replace(&format!("--port {shown}"), &format!("--port {free}"));
        }
        script
    }

    fn run(&self, script: &str) -> io::Result<Printed> {
        let output = self.folder.path().join(".printed");
        let mut child = self.shell(&format!("set -e\n{script}"), &output)?;
        let begun = Instant::now();
        let code = loop {
            match child.try_wait()? {
                Some(status) => break status.code(),
                None if begun.elapsed() > LONGEST => {
                    child.kill()?;
                    break child.wait()?.code();
                }
                None => thread::sleep(Duration::from_millis(20)),
            }
        };
        let text = String::from_utf8_lossy(&fs::read(&output)?).into_owned();
        fs::remove_file(output)?;
        Ok(Printed { text, code })
    }

    /// Starts a server on a free port and waits until it says where it is.
    fn serve(&mut self, script: &str, shown: Option<&Block>) -> Result<(), String> {
        let said = Regex::new(r"127\.0\.0\.1:(\d+)").expect("a pattern");
        let port = |text: &str| said.captures(text).map(|found| found[1].to_owned());
        let chosen = Regex::new(r"--port[ =](\d+)").expect("a pattern");
        let default = |script: &str| match script.contains(" guide") {
            true => "8485".to_owned(),
            false => "8484".to_owned(),
        };
        let documented = shown
            .and_then(|shown| port(&shown.text))
            .or_else(|| chosen.captures(script).map(|found| found[1].to_owned()))
            .unwrap_or_else(|| default(script));
        let command = chosen.replace(script.trim(), "");
        let name = format!(".server-{}", self.servers.len());
        let output = self.folder.path().join(name);
        let child = self
            .shell(&format!("exec {} --port 0", command.trim()), &output)
            .map_err(|error| error.to_string())?;
        self.servers.push(child);
        let begun = Instant::now();
        loop {
            let printed = fs::read_to_string(&output).unwrap_or_default();
            if let Some(free) = port(&printed).filter(|_| printed.ends_with('\n')) {
                self.ports.insert(documented, free);
                // Printed in pieces: what is still to come must not fail the comparison.
                return self.shown_by_server(&output, shown, begun);
            }
            if begun.elapsed() > Duration::from_secs(60) {
                return Err(format!("never said where it is:\n{printed}"));
            }
            thread::sleep(Duration::from_millis(20));
        }
    }

    fn shown_by_server(
        &self,
        output: &PathBuf,
        shown: Option<&Block>,
        begun: Instant,
    ) -> Result<(), String> {
        let Some(shown) = shown else { return Ok(()) };
        loop {
            let printed = fs::read_to_string(output).unwrap_or_default();
            match alike::compare(&shown.text, &printed) {
                Ok(()) => return Ok(()),
                Err(why) if begun.elapsed() > Duration::from_secs(60) => {
                    return Err(format!("{why}\nall of it:\n{printed}"));
                }
                Err(_) => thread::sleep(Duration::from_millis(50)),
            }
        }
    }

    /// A shell as on a terminal of 80 columns: both streams in one, nothing from the outside.
    fn shell(&self, script: &str, output: &PathBuf) -> io::Result<Child> {
        let program = PathBuf::from(env!("CARGO_BIN_EXE_loadgen"));
        let programs = program.parent().expect("a folder").display().to_string();
        let path = format!("{programs}:{}", std::env::var("PATH").unwrap_or_default());
        let output = File::create(output)?;
        let mut command = Command::new("sh");
        command
            .args(["-c", script])
            .current_dir(self.folder.path())
            .env_clear()
            .env("PATH", path)
            .env("HOME", self.folder.path())
            .env("LANG", "C.UTF-8")
            .env("COLUMNS", "80")
            .stdin(Stdio::null())
            .stdout(output.try_clone()?)
            .stderr(output);
        command.spawn()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        for server in &mut self.servers {
            let _ = server.kill();
            let _ = server.wait();
        }
    }
}
