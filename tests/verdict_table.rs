//! What a verdict may claim, from the outside: twelve kinds of servers and failures, six kinds of
//! expectations, with verification and without. The table is printed with `-- --nocapture`.

use std::{
    fmt::Write as _,
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    path::Path,
    process::Command,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use serde_json::Value;

/// Requests of each run.
const REQUESTS: usize = 50;

/// What answers, and how.
#[derive(Clone, Copy)]
struct Situation {
    name: &'static str,
    server: Server,
    /// The status that `expect.status` names beside 200.
    status: u16,
    /// The Insight that is expected.
    insight: &'static str,
    /// The share of requests that ask for an exception.
    faults: &'static str,
    flags: &'static [&'static str],
    /// The verdict for each of [`EXPECTATIONS`]: `+` met, `-` missed, `?` not verified.
    verdicts: &'static str,
}

#[derive(Clone, Copy)]
enum Server {
    /// Nobody listens.
    Nobody,
    /// The name does not resolve.
    NoSuchName,
    /// It speaks no TLS, and is asked to.
    NoTls,
    /// The status of the request with this number, and of one that asks for a fault.
    Answers(fn(usize) -> u16, Option<u16>),
}

const EXPECTATIONS: [&str; 6] = [
    "no expectation",
    "absent = [\"*\"]",
    "absent = [\"errors\"]",
    "insights = [...]",
    "errors.share <= 100%",
    "expect.status",
];

const fn situation(name: &'static str, server: Server, verdicts: &'static str) -> Situation {
    Situation {
        name,
        server,
        status: 500,
        insight: "errors",
        faults: "",
        flags: &[],
        verdicts,
    }
}

const FAULT: &str = "fault = { kind = \"error\", share = ";

/// The plain server is no Lambda function that anybody named, so whether a 500 was its error
/// cannot be determined.
const SITUATIONS: [Situation; 12] = [
    situation("no listener", Server::Nobody, "------"),
    Situation {
        flags: &["--yes"],
        ..situation("wrong name", Server::NoSuchName, "------")
    },
    situation("TLS failure", Server::NoTls, "------"),
    Situation {
        status: 302,
        ..situation("all 302", Server::Answers(|_| 302, None), "----+?")
    },
    Situation {
        status: 401,
        ..situation("all 401", Server::Answers(|_| 401, None), "----+?")
    },
    Situation {
        status: 403,
        flags: &["--sigv4"],
        ..situation("all 403, --sigv4", Server::Answers(|_| 403, None), "----+?")
    },
    situation("all 500", Server::Answers(|_| 500, None), "---?+?"),
    situation(
        "2 % of 500",
        Server::Answers(|n| if n == 7 { 500 } else { 200 }, None),
        "---?+?",
    ),
    Situation {
        faults: "0.5",
        ..situation(
            "half 500 by fault",
            Server::Answers(|_| 200, Some(500)),
            "?+??+?",
        )
    },
    Situation {
        faults: "1",
        status: 401,
        ..situation(
            "faults, all 401",
            Server::Answers(|_| 401, Some(401)),
            "----+?",
        )
    },
    Situation {
        status: 429,
        insight: "throttles",
        ..situation("throttles", Server::Answers(|_| 429, None), "---?+?")
    },
    situation("all 200", Server::Answers(|_| 200, None), "?++-+?"),
];

#[test]
fn every_verdict_is_the_one_that_the_rules_give() {
    let cases: Vec<(Situation, usize, bool)> = SITUATIONS
        .into_iter()
        .flat_map(|situation| (0..12).map(move |n| (situation, n / 2, n % 2 == 1)))
        .collect();
    let next = AtomicUsize::new(0);
    let rows = Mutex::new(vec![String::new(); cases.len()]);
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                loop {
                    let place = next.fetch_add(1, Ordering::Relaxed);
                    let Some((situation, expectation, skipped)) = cases.get(place) else {
                        return;
                    };
                    let row = check(situation, *expectation, *skipped);
                    rows.lock().expect("rows")[place] = row;
                }
            });
        }
    });
    let rows = rows.into_inner().expect("rows");
    println!("| situation | expectation | verification | exit | sentence |\n|---|---|---|---|---|");
    for row in &rows {
        println!("{row}");
    }
    assert!(rows.iter().all(|row| row.starts_with("| ")));
}

/// Runs one case, and gives its row.
fn check(situation: &Situation, expectation: usize, skipped: bool) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("run");
    let scenario = folder.path().join("own.toml");
    std::fs::write(&scenario, toml(situation, expectation)).expect("a scenario");
    let url = match situation.server {
        Server::Nobody => {
            let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
            format!("http://{}/", listener.local_addr().expect("bound"))
        }
        Server::NoSuchName => "https://no-such-host.invalid/".to_owned(),
        Server::NoTls => format!("https://{}/", serve(|_| 200, None)),
        Server::Answers(status, fault) => format!("http://{}/", serve(status, fault)),
    };
    let mut command = Command::new(env!("CARGO_BIN_EXE_loadgen"));
    command
        .arg("run")
        .arg(&scenario)
        .args(["--url", &url, "--quiet", "--json", "--out"])
        .arg(&out)
        .args(situation.flags)
        .args(skipped.then_some("--no-verify"))
        .env_remove("DD_API_KEY")
        .env_remove("DD_APP_KEY")
        .env("LOADGEN_FAULT_KEY", "key")
        .env("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
        .env("AWS_SECRET_ACCESS_KEY", "secret")
        .env("AWS_REGION", "eu-central-1");
    let output = command.output().expect("the binary runs");
    let name = format!("{}, {}", situation.name, EXPECTATIONS[expectation]);
    let run: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| {
        panic!(
            "{name}: {error}: {}",
            String::from_utf8_lossy(&output.stderr)
        )
    });
    let (verdict, exit) = match situation.verdicts.as_bytes()[expectation] {
        b'+' => ("met", 0),
        b'-' => ("missed", 1),
        _ => ("not_verified", i32::from(!skipped)),
    };
    let sentence = run["sentence"].as_str().expect("a sentence");
    assert_eq!(run["verdict"], verdict, "{name}: {sentence}");
    assert_eq!(output.status.code(), Some(exit), "{name}: {sentence}");
    assert_reports_agree(&out, sentence, verdict, exit);
    let verification = if skipped { "--no-verify" } else { "asked for" };
    format!(
        "| {} | {} | {verification} | {exit} | {sentence} |",
        situation.name, EXPECTATIONS[expectation]
    )
}

/// Every format says the same sentence, and only one that is met has a tick or no failing case.
fn assert_reports_agree(run: &Path, sentence: &str, verdict: &str, exit: i32) {
    let report = |format: &str| {
        let output = Command::new(env!("CARGO_BIN_EXE_loadgen"))
            .args(["report", "--format", format])
            .arg(run)
            .output()
            .expect("the binary runs");
        assert!(output.status.success());
        String::from_utf8(output.stdout).expect("text")
    };
    let plain = |text: &str| -> String {
        let text = text.replace("&quot;", "\"").replace('\u{a0}', " ");
        let text = text.replace("&lt;", "<").replace("&gt;", ">");
        text.split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
            .replace('\\', "")
    };
    let met = verdict == "met";
    for (format, tick) in [("text", "✓"), ("markdown", "✅")] {
        let text = report(format);
        assert!(plain(&text).contains(sentence), "{format}: {text}");
        let ticked = match format {
            // The marks of Insights are indented.
            "text" => text.lines().any(|line| line.starts_with(tick)),
            _ => text
                .trim_start()
                .lines()
                .next()
                .is_some_and(|line| line.contains(tick)),
        };
        assert_eq!(ticked, met, "{format}: {text}");
    }
    let junit = report("junit");
    assert!(plain(&junit).contains(sentence), "{junit}");
    let whole = junit.lines().find(|line| line.starts_with("<testsuites"));
    let good = whole.is_some_and(|line| line.contains("failures=\"0\" errors=\"0\""));
    assert_eq!(good, exit == 0, "{junit}");
}

fn toml(situation: &Situation, expectation: usize) -> String {
    // A system may look for a name that is nowhere for a long time.
    let mut toml = String::from("name = \"own\"\n[request]\ntimeout = \"3s\"\n");
    if expectation == 5 {
        let status = situation.status;
        let _ = writeln!(toml, "expect = {{ status = [200, {status}] }}");
    }
    let _ = writeln!(toml, "[[phase]]\nname = \"a\"\nburst = {REQUESTS}");
    if !situation.faults.is_empty() {
        let _ = writeln!(toml, "{FAULT}{} }}", situation.faults);
    }
    let insight = situation.insight;
    let _ = match expectation {
        1 => writeln!(toml, "[expect]\nabsent = [\"*\"]"),
        2 => writeln!(toml, "[expect]\nabsent = [\"errors\"]"),
        3 => writeln!(toml, "[expect]\ninsights = [\"{insight}\"]"),
        4 => writeln!(toml, "[thresholds]\n\"errors.share\" = \"<= 100%\""),
        _ => Ok(()),
    };
    toml
}

/// A server of the test's own. It lives as long as the test.
fn serve(status: fn(usize) -> u16, fault: Option<u16>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("bound");
    let served = Arc::new(AtomicUsize::new(0));
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let served = Arc::clone(&served);
            thread::spawn(move || answer(stream, &served, status, fault));
        }
    });
    address
}

/// Answers requests without a body until the client leaves.
fn answer(stream: TcpStream, served: &AtomicUsize, status: fn(usize) -> u16, fault: Option<u16>) {
    let mut reader = BufReader::new(&stream);
    loop {
        let (mut lines, mut faulty) = (0, false);
        loop {
            // No more than what a request may have: a client that speaks TLS sends no lines.
            let mut line = Vec::new();
            match reader.by_ref().take(10_000).read_until(b'\n', &mut line) {
                Ok(1..) => {}
                _ => return,
            }
            if lines == 0 && !line.starts_with(b"GET ") {
                let _ = (&stream).write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
                return;
            }
            lines += 1;
            faulty |= line.to_ascii_lowercase().starts_with(b"x-loadgen-fault:");
            if line == b"\r\n" {
                break;
            }
        }
        // What loadgen asks whether it is a sandbox counts as no request of the run.
        let number = served.fetch_add(1, Ordering::Relaxed);
        let code = match fault {
            Some(code) if faulty => code,
            _ => status(number),
        };
        let head = format!("HTTP/1.1 {code} x\r\nlocation: /other\r\ncontent-length: 0\r\n\r\n");
        if (&stream).write_all(head.as_bytes()).is_err() {
            return;
        }
    }
}
