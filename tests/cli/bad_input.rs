//! Bad input: what was found, where, and the way out; exit code 2; nothing sent.

use std::{ffi::OsStr, os::unix::ffi::OsStrExt};

use super::{place::Place, support::command::Finished};

fn refused(words: &[&str], told: &[&str]) {
    let place = Place::new();
    let ended = place.run(words);
    assert_eq!(ended.code, Some(2), "{words:?}: {}", ended.err);
    assert_eq!(ended.out, "", "{words:?}");
    for told in told {
        assert!(
            ended.err.contains(told),
            "{words:?} does not say `{told}`:\n{}",
            ended.err
        );
    }
    assert!(!place.has_runs(), "{words:?} left a run behind");
}

#[test]
fn numbers_that_make_no_sense_are_refused() {
    refused(&["cold-start", "--burst", "0"], &["--burst"]);
    refused(&["cold-start", "--times", "0"], &["--times"]);
    refused(&["cold-start", "--idle", "0s"], &["--idle"]);
    refused(&["cold-start", "--idle", "-5s"], &["--idle"]);
    refused(&["cold-start", "--idle", "soon"], &["soon", "15m"]);
    refused(&["errors", "--share", "1.5"], &["--share", "0.2"]);
    refused(&["errors", "--share", "nan"], &["--share"]);
    refused(&["errors", "--rate", "0"], &["--rate"]);
    refused(&["errors", "--for", "0s"], &["--for"]);
    refused(
        &["cold-start", "--max-in-flight", "0"],
        &["--max-in-flight"],
    );
}

#[test]
fn a_request_that_cannot_be_sent_leaves_no_run_behind() {
    let https = ["bench", "https://127.0.0.1:9/", "-d", "1s"];
    let run = ["run", "cold-start", "--no-verify"];
    for (words, more, told) in [
        (
            &https[..],
            &["--streams", "4", "-H", "Connection: x"][..],
            "--streams",
        ),
        (&https, &["-m", "GET IT"], "`GET IT` is no method"),
        (&https, &["-H", "a b: c"], "`a b` is no header name"),
        (
            &https,
            &["-H", "content-length: 7"],
            "`content-length` is set by",
        ),
        (
            &https,
            &["--rate", "5/s", "-m", "CONNECT"],
            "`CONNECT` is no method",
        ),
        (&run, &["--set", "request.method=GET IT"], "GET IT"),
    ] {
        refused(&[words, more].concat(), &[told]);
    }
}

#[test]
fn limits_on_nothing_and_in_no_unit_are_refused() {
    for flag in ["--threshold", "--abort-on"] {
        let refused = |limit, told: &[&str]| refused(&["cold-start", flag, limit], told);
        refused(
            "reponse.warm.p95 < 1s",
            &["did you mean `response.warm.p95`"],
        );
        refused("response.warm.p95 < 800", &["< 800ms"]);
        refused("errors.share", &["a figure, a sign and a limit"]);
        refused("errors.share > 120%", &["above 100 %"]);
        refused("requests_per_second > 5", &["loadgen bench"]);
        refused("errors.share > nan", &["errors.share"]);
        refused("< 5%", &["no figure"]);
    }
    let late = "requests_per_second < 5";
    refused(
        &["bench", "http://127.0.0.1:1/", "--abort-on", late],
        &["--threshold"],
    );
}

#[test]
fn a_password_in_an_address_is_refused_before_it_is_shown() {
    let place = Place::new();
    for address in [
        "http://me:hush-hush@127.0.0.1:9/",
        "https:me:hush-hush@host.invalid/",
        "https://me:hush-hush@host.invalid:99999/",
    ] {
        for words in [
            &["bench", address, "--rate", "1/s", "--duration", "1s"][..],
            &["cold-start", "--url", address],
            &["doctor", "--url", address],
        ] {
            let ended = place.run(words);
            assert_eq!(ended.code, Some(2), "{words:?}: {}", ended.err);
            let said = ended.err + &ended.out;
            assert!(said.contains("put it into a header"), "{words:?}: {said}");
            assert!(!said.contains("hush-hush"), "{words:?}: {said}");
        }
    }
    assert!(!place.has_runs());
}

#[test]
fn without_a_terminal_and_without_a_yes_nothing_is_sent() {
    let place = Place::new();
    let ended = place.run(&["cold-start", "--url", "https://host.invalid/"]);
    assert_eq!(ended.code, Some(2));
    assert!(ended.err.contains("--yes"), "{}", ended.err);
    assert!(!place.has_runs());
}

#[test]
fn scenarios_that_are_none_are_refused() {
    refused(&["run", "cold-strat"], &["did you mean", "cold-start"]);
    refused(&["run", "missing.toml"], &["missing.toml"]);
    refused(&["plan", "."], &["directory"]);
    refused(&["scenarios", "erors"], &["did you mean", "errors"]);
    refused(&["no-such-command"], &["no-such-command"]);
}

#[test]
fn a_variable_whose_bytes_are_no_text_is_not_called_unset() {
    let place = Place::new();
    place.write(
        "body.toml",
        "name = \"b\"\n[request]\nbody = \"${BIG}\"\n[[phase]]\nname = \"a\"\nburst = 1\n",
    );
    let mut command = place.command(&["run", "body.toml"]);
    command.env("BIG", OsStr::from_bytes(b"\xff"));
    Finished::of(&mut command).ended(2, &["BIG, which holds bytes that are no text", "body_file"]);
}

#[test]
fn certificates_for_a_target_without_tls_are_refused() {
    for words in [
        &["bench", "http://127.0.0.1:9/", "--cacert", "ca.pem"][..],
        &["cold-start", "--insecure", "localhost"],
    ] {
        refused(words, &["reached without it"]);
    }
}

#[test]
fn a_mistake_in_a_scenario_is_shown_with_its_place() {
    let place = Place::new();
    place.write(
        "mine.toml",
        "name = \"mine\"\n[[phase]]\nname = \"one\"\nbrust = 3\n",
    );
    let ended = place.run(&["run", "mine.toml"]);
    assert_eq!(ended.code, Some(2));
    for told in ["mine.toml:4:1", "brust", "burst"] {
        assert!(ended.err.contains(told), "{told}: {}", ended.err);
    }
    assert!(!place.has_runs());
}
