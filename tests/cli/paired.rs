//! `loadgen ab`: two targets, cold start by cold start.

use std::{
    fs,
    io::{BufRead, BufReader},
    net::TcpListener,
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

use serde_json::Value;

use super::{place::Place, support::command::loadgen};

/// A process that ends with its test.
struct Served(Child);

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn free_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    listener.local_addr().expect("bound").port()
}

/// A sandbox whose intakes take what local functions tell, and its address.
fn sandbox() -> (Served, String) {
    let mut child = loadgen()
        .args(["sandbox", "--json", "--port", "0"])
        .stdout(Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut line = String::new();
    let out = child.stdout.take().expect("piped");
    BufReader::new(out).read_line(&mut line).expect("a line");
    let info: Value = serde_json::from_str(&line).expect("JSON");
    let url = info["datadog_url"].as_str().expect("an address").to_owned();
    (Served(child), url)
}

/// A function that imports four modules, of which `beta` takes so many milliseconds; None without Python.
fn app(folder: &Path, beta_ms: u64, intake: &str) -> Option<(Served, String)> {
    fs::create_dir_all(folder).expect("a folder");
    for (module, ms) in [("alpha", 4), ("beta", beta_ms), ("gamma", 8)] {
        let text = format!("import time\ntime.sleep({ms} / 1000)\n");
        fs::write(folder.join(format!("{module}.py")), text).expect("written");
    }
    let handler = "import json, alpha, beta, gamma\ndef handler(event):\n    return event\n";
    fs::write(folder.join("handler.py"), handler).expect("written");
    let port = free_port();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cli/paired/app.py");
    let child = Command::new("python3")
        .args([script, &port.to_string(), intake])
        .arg(folder)
        .spawn();
    let served = Served(child.ok()?);
    let up = || std::net::TcpStream::connect(("127.0.0.1", port)).is_ok();
    (0..100).find(|_| up() || (thread::sleep(Duration::from_millis(50)), false).1)?;
    Some((served, format!("http://127.0.0.1:{port}/")))
}

#[test]
fn a_slower_import_of_a_real_process_is_found_and_named() {
    let place = Place::new();
    let (_sandbox, intake) = sandbox();
    let folder = tempfile::tempdir().expect("a folder");
    let sides = [("a", 6), ("b", 66)];
    let sides = sides.map(|(name, ms)| app(&folder.path().join(name), ms, &intake));
    let [Some((_a, a)), Some((_b, b))] = &sides else {
        eprintln!("SKIPPED: there is no python3");
        return;
    };
    let words = [
        "ab",
        a,
        b,
        "--idle",
        "500ms",
        "--warm",
        "1",
        "--pairs",
        "20",
        "--function",
        "paired-function",
        "--datadog-url",
        &intake,
        "--fail-on",
        "init.cold.p50 > 5%",
        "--format",
        "json",
    ];
    let page = place.run(&words);
    assert_eq!(page.code, Some(1), "{}{}", page.out, page.err);
    let found: Value = serde_json::from_str(&page.out).expect("JSON");
    assert_eq!(found["finding"], "more", "{}", page.out);
    let named = found["place"]["text"].as_str().unwrap_or_default();
    assert!(named.contains("importing `beta`"), "{}", page.out);
}

#[test]
fn a_side_that_never_answers_ends_it_early_and_is_named() {
    let place = Place::new();
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    let mute = format!("http://{}/", listener.local_addr().expect("bound"));
    // Takes each connection and closes it.
    thread::spawn(move || listener.incoming().for_each(drop));
    let page = place.run(&["ab", "sandbox", &mute, "--warm", "1", "--idle", "1s"]);
    assert_eq!(page.code, Some(1), "{}", page.err);
    let said = page.out.replace("\n  ", " ");
    assert!(
        said.contains("cannot be compared: all 3 cold requests of B failed"),
        "{said}"
    );
}

#[test]
fn a_side_that_is_dead_is_named_before_anything_idles_or_is_sent() {
    let place = Place::new();
    let dead = format!("http://127.0.0.1:{}/", free_port());
    let page = place.run(&["ab", "sandbox", &dead, "--idle", "15m", "--out", "kept"]);
    assert_eq!(page.code, Some(2), "{}{}", page.out, page.err);
    let said = format!("{dead} cannot be reached, so nothing was sent to either side");
    assert!(page.err.contains(&said), "{}", page.err);
}

#[test]
fn a_plan_says_how_many_cold_starts_a_difference_needs() {
    let place = Place::new();
    let page = place.run(&["ab", "sandbox", "sandbox:memory=1024MB", "--plan"]);
    assert_eq!(page.code, Some(0), "{}", page.err);
    assert!(page.out.contains("10 % needs 55 pairs"), "{}", page.out);
}

#[test]
fn what_is_no_side_or_no_paired_figure_is_refused_before_anything_is_sent() {
    let place = Place::new();
    for (words, said) in [
        (vec!["nonsense", "sandbox"], "is no target"),
        (
            vec!["sandbox:memry=1GB", "sandbox"],
            "unknown field `memry`",
        ),
        (vec!["sandbox:memory", "sandbox"], "write KEY=VALUE"),
        (
            vec!["sandbox", "sandbox", "--fail-on", "cold.p99 > 5%"],
            "medians of cold and warm",
        ),
        (
            vec!["sandbox", "sandbox", "--within", "90%"],
            "no percentage",
        ),
        (vec!["sandbox", "sandbox", "--pairs", "5"], "10..=5000"),
    ] {
        let page = place.run(&[&["ab"], words.as_slice()].concat());
        assert_eq!(page.code, Some(2), "{words:?}: {}", page.out);
        assert!(page.err.contains(said), "{words:?}: {}", page.err);
    }
}
