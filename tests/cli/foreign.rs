//! What others made: pipes in place of files, answers without end, and text that a CI system would
//! take for a command.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use crate::{
    place::Place,
    support::{command::Finished, server::serve},
};

const ONE: &str = "name = \"one\"\n[[phase]]\nname = \"one\"\nburst = 1\n";

/// Runs to its end, and says how much memory it took at most, in MiB. It must end within 60 s.
fn ended(mut command: Command) -> (Finished, u64) {
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = child.spawn().expect("loadgen starts");
    let status = format!("/proc/{}/status", child.id());
    let (begun, mut most) = (Instant::now(), 0);
    while child.try_wait().expect("a child").is_none() {
        let status = fs::read_to_string(&status).unwrap_or_default();
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let peak = peak.and_then(|peak| peak.split_whitespace().next()?.parse::<u64>().ok());
        most = most.max(peak.unwrap_or(0) / 1024);
        if begun.elapsed() > Duration::from_secs(60) {
            child.kill().expect("killed");
            panic!("it does not end: {command:?}");
        }
        thread::sleep(Duration::from_millis(20));
    }
    (child.wait_with_output().expect("its output").into(), most)
}

fn with_pipe(name: &str) -> Place {
    let place = Place::new();
    place.write("one.toml", ONE);
    let made = Command::new("mkfifo").arg(place.path(name)).status();
    assert!(made.expect("mkfifo").success());
    place
}

#[test]
fn a_pipe_that_nobody_writes_to_stops_nothing() {
    let place = with_pipe("pipe");
    fs::create_dir(place.path("run")).expect("a folder");
    let made = Command::new("mkfifo")
        .arg(place.path("run/run.json"))
        .status();
    assert!(made.expect("mkfifo").success());
    let bench = ["bench", "https://127.0.0.1:9/", "-d", "1s"];
    let no_file = "it is no regular file";
    for (words, told) in [
        (&["plan", "./pipe"][..], "nothing came through the pipe"),
        (&["report", "run"], "no readable run.json"),
        (&["compare", "run", "run"], "no readable run.json"),
        (&["import", "pipe"], no_file),
        (&["sandbox", "--functions", "pipe"], no_file),
        (&["run", "one.toml", "--app", "pipe"], no_file),
        (
            &["run", "one.toml", "--invoke", "f", "--payload", "pipe"],
            no_file,
        ),
        (
            &["plan", "one.toml", "--set", "request.body_file=pipe"],
            no_file,
        ),
        (&[&bench[..], &["--data", "@pipe"]].concat(), no_file),
        (&[&bench[..], &["--cacert", "pipe"]].concat(), no_file),
        (&[&bench[..], &["--cert", "pipe"]].concat(), no_file),
    ] {
        let (finished, _) = ended(place.command(words));
        assert_eq!(finished.code, Some(2), "{words:?}: {}", finished.err);
        assert!(finished.err.contains(told), "{words:?}: {}", finished.err);
    }
    let mut keys = place.command(&["doctor", "--json"]);
    keys.env("DD_API_KEY_FILE", place.path("pipe"));
    let (finished, _) = ended(keys);
    assert!(finished.out.contains(no_file), "{}", finished.out);
    assert!(!place.has_runs());
}

#[test]
fn a_pipe_in_place_of_the_note_of_the_newest_run_is_replaced() {
    let place = with_pipe("pipe");
    fs::create_dir(place.path("loadgen-runs")).expect("a folder");
    fs::rename(place.path("pipe"), place.path("loadgen-runs/latest")).expect("moved");
    let (report, _) = ended(place.command(&["report"]));
    report.ended(2, &["there are no runs"]);
    let (run, _) = ended(place.command(&["run", "one.toml", "--no-verify"]));
    run.ended(0, &[]);
    assert!(place.has_runs(), "the note is a file now");
}

#[test]
fn a_scenario_comes_through_a_pipe() {
    let place = with_pipe("pipe");
    let mut shell = place.shell("cat one.toml > pipe & exec \"$0\" plan ./pipe");
    Finished::of(&mut shell).ended(0, &[]);
}

/// The lines that a CI system would obey, and the characters that a terminal would.
#[track_caller]
fn obeyed_in(text: &str, what: &str) {
    for line in text.split(['\n', '\r', '\u{85}', '\u{2028}']) {
        let bare = anstream::adapter::strip_str(line).to_string();
        assert!(!bare.trim_start().starts_with("::"), "{what}: {line:?}");
        let is_data = FORMATS[1..].contains(&what);
        assert!(is_data || !bare.contains("##["), "{what}: {line:?}");
    }
    let control = |c: char| matches!(c, '\u{80}'..='\u{9f}');
    assert!(!text.contains(control), "{what}: {text:?}");
}

/// A page is no log.
const FORMATS: [&str; 6] = ["text", "json", "markdown", "junit", "csv", "hlog"];

#[test]
fn nothing_that_a_server_says_becomes_a_command_of_a_ci_system() {
    const COMMAND: &str = "x\u{85}::error::y\u{9b}2J ##[error]z";
    let refused = serve(|request| {
        if request.to_lowercase().contains("invocation-type: dryrun") {
            return b"HTTP/1.1 204 No Content\r\ncontent-length: 0\r\n\r\n".to_vec();
        }
        let body =
            r#"{"message":"no\n::error::a\r\n ::error::b\u0085::error::c\u009b2J ##[error]d"}"#;
        let kind = format!("x-amzn-errortype: ::error::{COMMAND}");
        let length = body.len();
        format!("HTTP/1.1 403 No\r\n{kind}\r\ncontent-length: {length}\r\n\r\n{body}").into_bytes()
    });
    let redirected = serve(|_| {
        let marker = |name: &str| format!("x-loadgen-{name}: ::error::{COMMAND}\r\n");
        let markers = [
            marker("request-id"),
            marker("environment-id"),
            marker("cold-start"),
        ];
        let head = format!("HTTP/1.1 302 ::error::no\r\nlocation: ::error::{COMMAND}\r\n");
        [
            head,
            markers.concat(),
            "content-length: 0\r\n\r\n".to_owned(),
        ]
        .concat()
        .into_bytes()
    });
    let odd = serve(|_| {
        format!("HTTP/1.1 200 OK\r\n::error::{COMMAND}\r\ncontent-length: 0\r\nx\r\n\r\n")
            .into_bytes()
    });
    let place = Place::new();
    place.write("one.toml", ONE);
    for target in [
        &[
            "--invoke",
            "f",
            "--endpoint",
            &refused,
            "--region",
            "eu-west-1",
        ][..],
        &["--url", &redirected],
        &["--url", &odd],
    ] {
        let words = [&["run", "one.toml", "--no-verify", "--full"], target].concat();
        let mut run = place.command(&words);
        run.env("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
            .env("AWS_SECRET_ACCESS_KEY", "secret");
        let run = Finished::of(&mut run);
        assert!(
            run.out.contains("requests"),
            "{target:?}: {}{}",
            run.out,
            run.err
        );
        obeyed_in(&run.out, "stdout");
        obeyed_in(&run.err, "stderr");
        for format in FORMATS {
            let report = place.run(&["report", "--format", format]).succeeded();
            obeyed_in(&report, format);
        }
        obeyed_in(&place.run(&["report"]).succeeded(), "the short report");
    }
}

#[test]
fn nothing_in_a_folder_of_others_becomes_a_command_of_a_ci_system() {
    let place = Place::new();
    place.write("one.toml", ONE);
    let run = ["run", "one.toml", "--no-verify", "--out", "theirs"];
    place.run(&run).ended(0, &[]);
    let command = "x\n::error::a\r::error::b\u{85}::error::c\u{9b}2J ##[error]d";
    place.change_run("theirs", |run| {
        for place in [
            "/scenario/name",
            "/run_id",
            "/target/url",
            "/phases/0/name",
            "/host",
            "/tool_version",
        ] {
            if let Some(value) = run.pointer_mut(place) {
                *value = command.into();
            }
        }
        run["scenario"]["title"] =
            serde_json::json!({"code": "theirs", "values": [], "text": command});
        run["notes"] = serde_json::json!([{"code": "theirs", "values": [], "text": command}]);
    });
    place.change_file("theirs/samples.ndjson", |lines| {
        let mut sample: serde_json::Value =
            serde_json::from_str(lines.lines().next().expect("a sample")).expect("JSON");
        sample["request_id"] = command.into();
        sample["environment_id"] = command.into();
        format!("{sample}\n")
    });
    for format in FORMATS {
        let words = ["report", "theirs", "--format", format, "--full"];
        obeyed_in(&place.run(&words).succeeded(), format);
    }
    obeyed_in(
        &place.run(&["report", "theirs"]).succeeded(),
        "the short report",
    );
    let compared = place.run(&["compare", "theirs", "theirs"]);
    obeyed_in(&compared.out, "compare");
    obeyed_in(&compared.err, "compare");
}

/// Refuses with a body that has no end. With `late`, a DryRun passes.
fn endless(late: bool) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    let answer = move |mut stream: TcpStream| -> Option<()> {
        let mut reader = BufReader::new(stream.try_clone().ok()?);
        loop {
            let mut head = String::new();
            while !head.ends_with("\r\n\r\n") && reader.read_line(&mut head).ok()? > 0 {}
            if late && head.to_lowercase().contains("dryrun") {
                reader.read_exact(&mut [0; 2]).ok()?;
                stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").ok()?;
                continue;
            }
            stream
                .write_all(b"HTTP/1.1 403 No\r\nx-amzn-errortype: No\r\n\r\n{\"message\":\"")
                .ok()?;
            let more = [b'a'; 64 * 1024];
            loop {
                stream.write_all(&more).ok()?;
            }
        }
    };
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            thread::spawn(move || answer(stream));
        }
    });
    format!("http://{address}")
}

#[test]
fn a_refusal_without_end_is_cut_and_takes_no_memory() {
    let place = Place::new();
    place.write("one.toml", ONE);
    let asking = |endpoint: &str| {
        let words = [
            "run",
            "one.toml",
            "--no-verify",
            "--json",
            "--invoke",
            "f",
            "--region",
            "eu-west-1",
            "--endpoint",
            endpoint,
        ];
        let mut command = place.command(&words);
        command
            .env("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
            .env("AWS_SECRET_ACCESS_KEY", "secret");
        ended(command)
    };
    // What asks first reads the beginning of the refusal.
    let (first, memory) = asking(&endless(false));
    first.ended(2, &["aaaa"]);
    assert!(first.err.len() < 2_000 && memory < 200, "{memory} MiB");
    // What sends reads 256 MB, keeps the beginning, and counts an answer that cannot be read.
    let (sent, memory) = asking(&endless(true));
    assert_eq!(sent.code, Some(1), "{}", sent.err);
    assert_eq!(sent.json()["failures"]["bad_response"], 1, "{}", sent.out);
    assert!(memory < 200, "{memory} MiB");
    // Datadog's API: 64 KiB.
    let url = endless(false);
    let mut watch = place.command(&[
        "watch",
        "--function",
        "f",
        "--expect",
        "errors",
        "--since",
        "1m",
        "--wait",
        "0s",
        "--json",
        "--datadog-url",
        &url,
    ]);
    watch
        .env("DD_API_KEY", "0a".repeat(16))
        .env("DD_APP_KEY", "0b".repeat(20));
    let (asked, memory) = ended(watch);
    assert!(asked.out.len() + asked.err.len() < 20_000, "{}", asked.err);
    assert!(memory < 200, "{memory} MiB");
}
