//! A Datadog that misbehaves, played in time: what `verify` and `doctor` make of each way.
//!
//! `cargo test --test verify what_verify -- --nocapture` prints the table of what they said.

mod cases;

use std::{fs, path::Path, process::Output};

use cases::{Case, cases};

use crate::{
    command::{a_run_on_aws, change},
    support::{
        command::{Finished, loadgen_in},
        stub::Stub,
    },
};

/// Keys of the right form that stand nowhere else.
const API_KEY: &str = "ca9a41e5ca9a41e5ca9a41e5ca9a41e5";
const APP_KEY: &str = "ca9a41e5feedca9a41e5feedca9a41e5feedca9a";
/// What both have, and every part of them that could be shown.
const CANARY: &str = "ca9a41e5";

/// What came of one case.
struct Came {
    name: &'static str,
    verify: (Option<i32>, String),
    doctor: (Option<i32>, String),
    wrong: Vec<String>,
}

async fn play(case: Case) -> Came {
    let stubs = [
        Stub::answering((case.plays)()).await,
        Stub::answering((case.plays)()).await,
        Stub::answering((case.plays)()).await,
    ];
    let [for_doctor, for_json, for_verify] = stubs.each_ref().map(|stub| stub.address.clone());
    let (name, wait, change_run) = (case.name, case.wait, case.run);
    let ran = tokio::task::spawn_blocking(move || {
        let (folder, run) = a_run_on_aws();
        change(&run, change_run);
        let command = |address: &str, arguments: &[&str]| -> Output {
            loadgen_in(folder.path())
                .args(arguments)
                .args(["--datadog-url", address])
                .env("DD_API_KEY", API_KEY)
                .env("DD_APP_KEY", APP_KEY)
                .env("PATH", folder.path())
                .env("RUST_LOG", "trace")
                .env("RUST_BACKTRACE", "full")
                .output()
                .expect("it runs")
        };
        let doctor = Finished::from(command(&for_doctor, &["doctor"]));
        let json = Finished::from(command(&for_json, &["doctor", "--json"]));
        let verify = Finished::from(command(
            &for_verify,
            &["verify", "run", "--full", "--wait", wait],
        ));
        let shown = [&doctor, &json, &verify].map(|said| format!("{}{}", said.out, said.err));
        let mut wrong: Vec<String> = shown
            .iter()
            .filter(|text| text.contains(CANARY) || text.contains("panicked"))
            .map(|text| format!("a key or a panic in: {text}"))
            .collect();
        wrong.extend(files_with_keys(folder.path()));
        (verify, doctor, wrong)
    });
    let (verify, doctor, mut wrong) = ran.await.expect("it ran");
    let one = |said: Finished| (said.code, plain(&format!("{}\n{}", said.out, said.err)));
    let (verify, doctor) = (one(verify), one(doctor));
    for (who, (code, text), (expected, parts)) in [
        ("verify", &verify, case.verify),
        ("doctor", &doctor, case.doctor),
    ] {
        if *code != Some(expected) {
            wrong.push(format!("{who}: exit {code:?}, not {expected}: {text}"));
        }
        let missing = parts.iter().filter(|part| !text.contains(*part));
        wrong.extend(missing.map(|part| format!("{who}: no {part:?} in {text}")));
    }
    Came {
        name,
        verify,
        doctor,
        wrong,
    }
}

/// The text in one line.
fn plain(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Every file below `folder` that holds a key.
fn files_with_keys(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(files_with_keys(&path));
            continue;
        }
        let bytes = fs::read(&path).expect("a file");
        if bytes
            .windows(CANARY.len())
            .any(|part| part == CANARY.as_bytes())
        {
            found.push(format!("a key in {}", path.display()));
        }
    }
    found
}

/// The part of what was said that matters for the table: an error, else the verdict and the notes.
fn gist(text: &str) -> String {
    let of = |from: &str| text.find(from).map(|at| &text[at..]);
    let error = of("error: ").map(str::to_owned);
    let sentence = || text.split(" Datadog ").next().unwrap_or(text);
    let gist = error.unwrap_or_else(|| {
        let head = sentence().split("  scenario").next().unwrap_or(text);
        let head = head.split(" scenario ").next().unwrap_or(head);
        let rest = of("verifying: ").or_else(|| of("✗ API ")).or_else(|| {
            let fixes = text.match_indices('✗').nth(1);
            fixes.map(|(at, _)| &text[at..])
        });
        match rest {
            Some(rest) => format!("{head} … {rest}"),
            None => head.to_owned(),
        }
    });
    gist.chars().take(230).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_verify_and_doctor_say_of_each_is_right_and_shows_no_key() {
    // All at once: most of the time is spent waiting between attempts.
    let played: Vec<_> = cases()
        .into_iter()
        .map(|case| tokio::spawn(play(case)))
        .collect();
    let mut wrong = Vec::new();
    for came in played {
        let came = came.await.expect("it was played");
        println!(
            "| {} | {:?} | {} | {:?} | {} |",
            came.name,
            came.verify.0.unwrap_or(-1),
            gist(&came.verify.1),
            came.doctor.0.unwrap_or(-1),
            gist(&came.doctor.1)
        );
        wrong.extend(
            came.wrong
                .into_iter()
                .map(|w| format!("{}: {w}", came.name)),
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn a_panic_with_a_client_at_hand_shows_no_key() {
    use loadgen::datadog::{Client, Keys};
    let keys = Keys::from_environment(|name| {
        let keys = [("DD_API_KEY", API_KEY), ("DD_APP_KEY", APP_KEY)];
        keys.iter()
            .find(|(key, _)| *key == name)
            .map(|(_, value)| (*value).to_owned())
    });
    let keys = keys.expect("keys").expect("both");
    let client = Client::new("https://api.datadoghq.com", keys.clone()).expect("a client");
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        panic!("{keys:?} {client:?} {client:#?}")
    }));
    let said = panicked.expect_err("it panics");
    let said = said.downcast_ref::<String>().expect("a text");
    assert!(said.contains("Keys") && !said.contains(CANARY), "{said}");
}

#[test]
fn a_key_in_the_wrong_variable_is_not_shown() {
    let (folder, _) = a_run_on_aws();
    for name in [
        "DD_SITE",
        "DD_API_KEY_FILE",
        "DD_APP_KEY_FILE",
        "DD_API_KEY",
    ] {
        for arguments in [&["doctor"][..], &["doctor", "--json"], &["verify", "run"]] {
            let Finished { code, out, err } = Finished::of(
                loadgen_in(folder.path())
                    .args(arguments)
                    .env("PATH", folder.path())
                    // An address that nobody listens at, so that nothing leaves this machine.
                    .env(
                        "LOADGEN_DATADOG_URL",
                        if name == "DD_SITE" {
                            ""
                        } else {
                            "http://127.0.0.1:9"
                        },
                    )
                    .env(name, API_KEY),
            );
            assert_eq!(code, Some(2), "{name} {arguments:?}: {out}{err}");
            assert!(
                !format!("{out}{err}").contains(CANARY),
                "{name}: {out}{err}"
            );
        }
    }
}
