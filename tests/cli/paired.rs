//! `loadgen ab`: two targets, cold start by cold start.

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;

use super::{
    place::{Place, signal},
    support::command::{Finished, loadgen},
};

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
fn sandbox(more: &[&str]) -> (Served, String) {
    let mut child = loadgen()
        .args(["sandbox", "--json", "--port", "0"])
        .args(more)
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
    let (_sandbox, intake) = sandbox(&[]);
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
fn two_functions_are_told_apart_by_the_tails_of_their_logs() {
    let place = Place::new();
    let functions = tempfile::NamedTempFile::new().expect("a file");
    let app = "[[function]]\nname = \"main\"\ninit = \"300ms\"\n[[function]]\nname = \"candidate\"\ninit = \"400ms\"\n";
    fs::write(&functions, app).expect("written");
    let (_sandbox, address) = sandbox(&["--functions", &functions.path().display().to_string()]);
    let ab = |a: &str, b: &str, more: &[&str]| {
        let words = [
            "ab",
            a,
            b,
            "--endpoint",
            &address,
            "--pairs",
            "10",
            "--warm",
            "1",
        ];
        place.run(&[&words, more].concat())
    };
    let limit = ["--fail-on", "init.cold.p50 > 5%", "--format", "json"];
    let slower = ab("invoke:main", "invoke:candidate", &limit);
    assert_eq!(slower.code, Some(1), "{}{}", slower.out, slower.err);
    let found = slower.json();
    assert_eq!(found["finding"], "more", "{found}");
    let change = found["figures"][0]["change"].as_f64().expect("a change");
    assert!((change - 1.0 / 3.0).abs() < 0.01, "{found}");
    assert_eq!(found["b"]["cold"], found["b"]["asked"], "{found}");
    let absent = ab("invoke:main", "invoke:nobody", &[]);
    absent.ended(2, &["no function `nobody`"]);
}

#[test]
fn two_sides_that_are_equal_to_the_byte_are_the_same_and_so_is_their_name() {
    let place = Place::new();
    let side = "sandbox:init=300ms";
    let page = place.run(&[
        "ab", side, side, "--pairs", "10", "--warm", "1", "--out", "kept",
    ]);
    assert_eq!(page.code, Some(0), "{}{}", page.out, page.err);
    let said = page.out.replace("\n  ", " ");
    for part in [
        "A and B are the same to within 5\u{a0}%: init.cold.p50 changes by 0\u{a0}%",
        "certain after 2 pairs",
        "A and B are the same target, so every difference is chance",
    ] {
        assert!(
            said.replace(" %", "\u{a0}%").contains(part),
            "{part}: {said}"
        );
    }
    // Each side is a run of one scenario, so that two of them are compared as any two.
    let page = place.run(&["compare", "kept/a", "kept/b"]);
    assert_eq!(page.code, Some(0), "{}{}", page.out, page.err);
}

/// `ab` of two sandboxes, once both sides' records hold a request.
fn begun(place: &Place) -> Child {
    let words = [
        "ab",
        "sandbox",
        "sandbox:memory=1GB",
        "--pairs",
        "1000",
        "--warm",
        "1",
        "--out",
        "kept",
    ];
    let mut command = place.command(&words);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.spawn().expect("it starts");
    let has_samples = |side: &str| {
        let file = place.path(&format!("kept/{side}/samples.ndjson"));
        fs::read_to_string(file).is_ok_and(|text| text.lines().count() > 4)
    };
    let patience = Instant::now() + Duration::from_secs(60);
    while !(has_samples("a") && has_samples("b")) {
        assert!(Instant::now() < patience, "no samples came");
        thread::sleep(Duration::from_millis(20));
    }
    child
}

#[test]
fn one_that_is_interrupted_says_what_its_pairs_show_and_ends_with_130() {
    let place = Place::new();
    let child = begun(&place);
    signal(&child, "INT");
    let ended: Finished = child.wait_with_output().expect("it ends").into();
    assert_eq!(ended.code, Some(130), "{}{}", ended.out, ended.err);
    let said = ended.out.replace("\n  ", " ");
    let is_open = said.contains("Neither a difference nor its absence is certain after")
        || said.contains("too few to say whether there is a difference");
    assert!(is_open, "{said}");
    assert!(
        said.contains("It was interrupted: only the pairs that were sent by then count"),
        "{said}"
    );
    for row in ["init.cold.p50", "init code"] {
        assert!(said.contains(row), "{row}: {said}");
    }
}

#[test]
fn the_verdict_is_on_the_limit_that_failed_not_on_the_first() {
    let place = Place::new();
    let ended = place.run(&[
        "ab",
        "sandbox:init=lognormal:60ms,70ms",
        "sandbox:init=lognormal:120ms,140ms",
        "--pairs",
        "10",
        "--warm",
        "1",
        "--fail-on",
        "warm.p50 > 900%",
        "--fail-on",
        "init.cold.p50 > 5%",
    ]);
    assert_eq!(ended.code, Some(1), "{}{}", ended.out, ended.err);
    let said = ended.out.replace("\n  ", " ");
    assert!(said.contains("B takes more: init.cold.p50"), "{said}");
    assert!(said.contains("init code"), "{said}");
}

#[test]
fn one_that_is_killed_leaves_two_runs_that_can_be_reported_and_compared() {
    let place = Place::new();
    let mut child = begun(&place);
    signal(&child, "KILL");
    child.wait().expect("it ends");
    for side in ["kept/a", "kept/b"] {
        let run = place.run(&["report", side, "--format", "json"]).json();
        assert_eq!(run["interrupted"], true, "{side}");
        assert!(
            run["cold"]["cold"].as_u64() > Some(1),
            "{side}: {}",
            run["cold"]
        );
    }
    let page = place.run(&["compare", "kept/a", "kept/b"]);
    assert_eq!(page.code, Some(0), "{}{}", page.out, page.err);
    assert!(
        page.out.replace("\n  ", " ").contains("A was interrupted"),
        "{}",
        page.out
    );
}

/// A function on this machine that answers its requests with these headers, by their number; it closes the
/// connection instead where it has none. It is no sandbox, and says so when it is asked.
fn served(headers: impl Fn(usize) -> Option<&'static str> + Send + Sync + 'static) -> String {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    let url = format!("http://{}/", listener.local_addr().expect("bound"));
    let state = Arc::new((headers, AtomicUsize::new(0)));
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let state = Arc::clone(&state);
            thread::spawn(move || answer(BufReader::new(stream), &state.0, &state.1));
        }
    });
    url
}

/// Answers the requests of a connection until there are no headers for one.
fn answer(
    mut stream: BufReader<TcpStream>,
    headers: &dyn Fn(usize) -> Option<&'static str>,
    place: &AtomicUsize,
) {
    let mut head = String::new();
    while stream.read_line(&mut head).is_ok_and(|read| read > 0) {
        if !head.ends_with("\r\n\r\n") {
            continue;
        }
        let is_asked = head.contains("/_sandbox/");
        head.clear();
        let answer = match is_asked {
            true => "HTTP/1.1 404 Not Found\r\n".to_owned(),
            false => match headers(place.fetch_add(1, Ordering::SeqCst)) {
                Some(headers) => format!("HTTP/1.1 200 OK\r\n{headers}"),
                None => return,
            },
        };
        let answer = format!("{answer}content-length: 0\r\n\r\n");
        if stream.get_mut().write_all(answer.as_bytes()).is_err() {
            return;
        }
    }
}

const COLD: &str = "x-loadgen-cold-start: true\r\n";
const WARM: &str = "x-loadgen-cold-start: false\r\n";

#[test]
fn a_side_that_is_hopeless_ends_it_early_with_the_reason_and_fails() {
    let place = Place::new();
    let in_turn = |place: usize| if place.is_multiple_of(2) { COLD } else { WARM };
    let good = served(move |place| Some(in_turn(place)));
    let sides = [
        (
            served(|_| None),
            "cannot be compared: all 3 cold requests of B failed (3 × connection closed)",
        ),
        (
            served(move |place| (place < 14).then(|| in_turn(place))),
            "Stopped early, B: no request of the last 3 pairs succeeded (6 × connection closed)",
        ),
        (
            served(|_| Some(WARM)),
            "cannot be compared: none of 5 cold requests of B met a cold environment",
        ),
        (
            served(|_| Some("")),
            "cannot be compared: no evidence says that any of 5 requests of B was a cold start",
        ),
    ];
    for (side, why) in &sides {
        let words = [
            "ab", &good, side, "--warm", "1", "--idle", "10ms", "--pairs", "40",
        ];
        let page = place.run(&words);
        assert_eq!(page.code, Some(1), "{}{}", page.out, page.err);
        let said = page.out.replace("\n  ", " ");
        assert!(said.contains(why), "{why}: {said}");
    }
    // What warm requests take is compared all the same.
    let words = [
        "ab",
        &good,
        &sides[2].0,
        "--warm",
        "1",
        "--idle",
        "10ms",
        "--pairs",
        "10",
    ];
    let page = place.run(&[&words[..], &["--fail-on", "warm.p50 > 900%"]].concat());
    assert_eq!(page.code, Some(0), "{}{}", page.out, page.err);
}

#[test]
fn an_init_of_nothing_and_provisioned_concurrency_are_said_and_what_is_left_is_compared() {
    let place = Place::new();
    let ab = |b: &str, more: &[&str]| {
        let words = [
            "ab",
            "sandbox:init=100ms",
            b,
            "--warm",
            "1",
            "--pairs",
            "10",
        ];
        place.run(&[&words, more].concat())
    };
    let page = ab("sandbox:init=0ms", &[]);
    assert_eq!(page.code, Some(0), "{}{}", page.out, page.err);
    let said = page.out.replace("\n    ", " ");
    assert!(said.contains("response.cold.p50 changes by"), "{said}");
    assert!(said.contains("cold starts initialised in 0 ms"), "{said}");
    let page = ab("sandbox:init=0ms", &["--fail-on", "init.cold.p50 > 5%"]);
    assert_eq!(page.code, Some(1), "{}{}", page.out, page.err);
    let said = page.out.replace("\n  ", " ");
    assert!(said.contains("init.cold.p50 of B is 0 ms"), "{said}");
    let page = ab("sandbox:provisioned_concurrency=1", &[]);
    assert_eq!(page.code, Some(1), "{}{}", page.out, page.err);
    let said = page.out.replace("\n  ", " ");
    assert!(
        said.contains("provisioned concurrency had an environment ready for each of 5"),
        "{said}"
    );
    assert!(!said.contains("Other traffic"), "{said}");
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
    assert!(
        page.out.contains("50 % needs 10 pairs, the fewest"),
        "{}",
        page.out
    );
    let plan =
        |format: &str| place.run(&["ab", "sandbox", "sandbox", "--plan", "--format", format]);
    let found = plan("json").json();
    assert_eq!(found["differences"][1]["pairs"], 55, "{found}");
    assert_eq!(found["idle_s"], 54_000, "{found}");
    let page = plan("markdown");
    assert!(page.out.contains("- 10 % needs 55 pairs"), "{}", page.out);
    plan("html").ended(2, &["a plan is no page"]);
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
            vec!["http://127.0.0.1:9/", "sandbox", "--force-cold"],
            "write A or B as stack:NAME or invoke:FUNCTION",
        ),
        (
            vec!["sandbox:init=1s,memory=1GB,init=2s", "sandbox"],
            "`init` is set twice",
        ),
        (
            vec![
                "sandbox",
                "sandbox",
                "--function",
                "a",
                "--function",
                "b",
                "--function",
                "c",
            ],
            "once for both sides, or twice",
        ),
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
