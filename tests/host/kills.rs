//! Kills at random moments: of the run, of its supervisor, of an environment. Twelve; `.ci/run` sets
//! LOADGEN_KILLS to 50.

use std::{
    process::{Command, Stdio},
    thread,
    time::Duration,
};

use crate::place::Place;

const SCENARIO: &str = "\
name = \"killed\"
[[phase]]
name = \"cold\"
burst = 2
[[phase]]
name = \"idle\"
idle = \"15m\"
[[phase]]
name = \"steady\"
rate = 20
for = \"300ms\"
";

#[test]
fn whatever_is_killed_and_when_nothing_is_left() {
    let handler = "import time\ndef handler(event, context):\n    time.sleep(0.02)\n    return {'statusCode': 200}\n";
    let place = Place::with(&[("hello/index.py", handler), ("killed.toml", SCENARIO)]);
    let mut chance: u64 = 0x9e37_79b9_7f4a_7c15;
    let kills = std::env::var("LOADGEN_KILLS")
        .ok()
        .and_then(|kills| kills.parse().ok());
    for turn in 0..kills.unwrap_or(12) {
        // Marsaglia's xorshift: moments that no two turns share, the same each time.
        chance ^= chance << 13;
        chance ^= chance >> 7;
        chance ^= chance << 17;
        let mut command = place.loadgen(&["run", "killed.toml", "--no-verify", "--quiet"]);
        command.args(["--function-dir", "hello=hello:index.handler"]);
        let mut run = command
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("it starts");
        thread::sleep(Duration::from_millis(chance % 800));
        let victim = match turn % 3 {
            0 => Some(run.id()),
            1 => place.supervisors().first().copied(),
            _ => place.processes().first().copied(),
        };
        if let Some(victim) = victim {
            // It may have ended meanwhile.
            let _ = Command::new("kill")
                .args(["-9", &victim.to_string()])
                .stderr(Stdio::null())
                .status();
        }
        let code = run.wait().expect("it ends").code();
        // The run itself tells what became of its requests, unless it was the one that was killed.
        assert!(
            turn % 3 == 0 || matches!(code, Some(0..=2)),
            "turn {turn}: {code:?}"
        );
        place.is_clean_after(&format!("turn {turn}"));
    }
}

/// Runs what follows on a terminal of its own, which is closed when this is killed.
const ON_A_TERMINAL: &str = "\
import os, pty, sys
child, terminal = pty.fork()
if child == 0:
    os.execvp(sys.argv[1], sys.argv[1:])
while True:
    os.read(terminal, 4096)
";

#[test]
fn a_terminal_that_is_closed_leaves_nothing() {
    let handler = "import time\ndef handler(event, context):\n    time.sleep(0.3)\n    return {'statusCode': 200}\n";
    let place = Place::with(&[("hello/index.py", handler), ("killed.toml", SCENARIO)]);
    for wait in [0, 400] {
        let words = [
            "run",
            "killed.toml",
            "--no-verify",
            "--function-dir",
            "hello=hello:index.handler",
        ];
        let loadgen = place.loadgen(&words);
        let mut command = Command::new("python3");
        command
            .args(["-c", ON_A_TERMINAL])
            .arg(loadgen.get_program())
            .args(loadgen.get_args());
        command
            .current_dir(place.path(""))
            .env("TMPDIR", place.path("tmp"));
        let mut terminal = command.stdin(Stdio::null()).spawn().expect("it starts");
        place.comes(|| !place.processes().is_empty());
        thread::sleep(Duration::from_millis(wait));
        terminal.kill().expect("killed");
        terminal.wait().expect("it ends");
        place.is_clean_after("a closed terminal");
    }
}
