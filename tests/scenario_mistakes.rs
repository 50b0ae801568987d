//! Bad scenarios: each mistake is found, at its place, with a way out.

use loadgen::scenario::{Mistakes, Scenario};
use proptest::prelude::*;

fn mistakes(text: &str) -> Mistakes {
    Scenario::parse(text, "bad.toml").expect_err(text)
}

/// Each mistake as `line:column message / help`.
fn told(text: &str) -> Vec<String> {
    let mistakes = mistakes(text);
    let tell = |mistake| {
        let (line, column) = mistakes.position(mistake);
        let help = mistake.help.as_deref().unwrap_or_default();
        format!("{line}:{column} {} / {help}", mistake.message)
    };
    mistakes.iter().map(tell).collect()
}

/// The file has exactly this mistake, which begins and ends as given.
#[track_caller]
fn one(text: &str, begins: &str, ends: &str) {
    let told = told(text);
    assert!(
        told.len() == 1 && told[0].starts_with(begins) && told[0].ends_with(ends),
        "wanted `{begins} ... {ends}`, got {told:#?}"
    );
}

/// A scenario whose only phase is this.
fn phase(lines: &str) -> String {
    format!("name = \"x\"\n[[phase]]\nname = \"p\"\n{lines}\n")
}

/// A sound scenario with this before its phase.
fn before(lines: &str) -> String {
    format!("name = \"x\"\n{lines}\n[[phase]]\nname = \"p\"\nburst = 1\n")
}

#[test]
fn an_unknown_key_is_told_with_the_one_that_was_meant() {
    one(
        &phase("bust = 20\nburst = 20"),
        "4:1 `bust` is no key of `phase`",
        "did you mean `burst`?",
    );
    one(&before("sed = 1"), "2:1 `sed`", "did you mean `seed`?");
    one(
        &before("[function]\nmemroy = \"1GB\""),
        "3:1 `memroy`",
        "did you mean `memory`?",
    );
    one(
        &before("[repeat]\nhow_often = 3\ntimes = 3"),
        "3:1 `how_often`",
        "the keys of `repeat` are `times`",
    );
}

#[test]
fn a_missing_key_is_told_where_it_should_stand() {
    one(
        "[[phase]]\nname = \"p\"\nburst = 1",
        "1:1 a scenario has no `name`",
        "\"cold-start\".",
    );
    one(
        "name = \"x\"",
        "1:1 a scenario has no `phase`",
        "the line [[phase]].",
    );
    one(
        "name = \"x\"\n[[phase]]\nburst = 1",
        "2:1 `phase` has no `name`",
        "share one.",
    );
    one(
        &before("[repeat]"),
        "2:1 `repeat` has no `times`",
        "1 to 100,000.",
    );
    one("name = \"x\"\nphase = []", "2:9 `phase` has 0 entries", "");
    let single = "name = \"x\"\n[phase]\nname = \"p\"\nburst = 1";
    one(
        single,
        "2:1 `phase` is a table, where a list belongs",
        "the line [[phase]].",
    );
}

#[test]
fn a_value_of_the_wrong_type_is_told_with_what_belongs_there() {
    one(
        &phase("burst = \"20\""),
        "4:9 `burst` is text, where a whole number belongs",
        "`within`.",
    );
    one(
        &phase("burst = 2.5"),
        "4:9 `burst` is a number, where a whole number belongs",
        "",
    );
    one(
        &phase("idle = 15"),
        "4:8 `idle` is a whole number, where text belongs",
        "\"15m\".",
    );
    one(
        &phase("idle = 1979-05-27"),
        "4:8 `idle` is a date, where text belongs",
        "",
    );
    one(
        &before("[function]\nmemory = true"),
        "3:10 `memory` is true or false",
        "\"512MB\".",
    );
    one(
        &before("request = []"),
        "2:11 `request` is a list, where a table belongs",
        "",
    );
    let unquoted = before("[thresholds]\nresponse.warm.p95 = \"< 1s\"");
    one(
        &unquoted,
        "3:1 `response` is a table",
        "\"response.warm.p95\" = \"< 800ms\".",
    );
}

#[test]
fn numbers_out_of_range_and_numbers_that_are_none_are_refused() {
    one(
        &phase("burst = 0"),
        "4:9 `burst` is 0: it must be at least 1",
        "",
    );
    one(
        &phase("burst = -3"),
        "4:9 `burst` is -3: it must be at least 1",
        "",
    );
    one(
        &phase("burst = 99999999"),
        "4:9 `burst` is 99999999: it must be at most 1000000",
        "",
    );
    one(
        &phase("burst = 99999999999999999999"),
        "4:9 `burst` is a number too large",
        "",
    );
    for rate in ["0", "-5", "nan", "inf", "-inf", "1e7", "1e999"] {
        one(
            &phase(&format!("rate = {rate}\nfor = \"1s\"")),
            "4:8 `rate` is ",
            "",
        );
    }
    let ramp = |ramp| phase(&format!("ramp = {{ {ramp} }}\nfor = \"1s\""));
    one(
        &ramp("from = -1, to = 5"),
        "4:17 `from` is -1: it must be at least 0",
        "",
    );
    one(
        &ramp("from = 0, to = 0"),
        "4:8 the phase `p` sends no request",
        "",
    );
    let share = |share| {
        phase(&format!(
            "burst = 10\nfault = {{ kind = \"error\", share = {share} }}"
        ))
    };
    one(
        &share("1.5"),
        "5:35 `share` is 1.5: it must be at most 1",
        "",
    );
    one(&share("0"), "5:35 `share` is 0: it must be above 0", "");
    one(
        &share("nan"),
        "5:35 `share` is NaN: it must be a finite number",
        "",
    );
    one(
        &share("0.01"),
        "5:9 a share of 0.01 of 10 requests comes to none",
        "",
    );
    one(&before("[repeat]\ntimes = 0"), "3:9 `times` is 0", "");
}

#[test]
fn durations_that_are_none_are_refused() {
    for idle in [
        "soon",
        "-3s",
        "15",
        "",
        "PT15M",
        "99999999h",
        "1e9s",
        "NaNs",
    ] {
        one(&phase(&format!("idle = \"{idle}\"")), "4:8 `", "");
    }
    one(&phase("idle = \"0s\""), "4:8 `idle` is zero", "");
    one(&phase("rate = 1\nfor = \"0ms\""), "5:7 `for` is zero", "");
    one(
        &phase("burst = 2\nwithin = \"-1s\""),
        "5:10 `-1s` is negative",
        "",
    );
    one(
        &before("[request]\ntimeout = \"0s\""),
        "3:11 `timeout` is zero",
        "",
    );
    one(
        &before("[request]\ntimeout = \"16m\""),
        "3:11 no answer",
        "at most \"15m\"",
    );
    one(
        &before("[function]\ntimeout = \"1500ms\""),
        "3:11 `1500ms` is no timeout",
        "\"15m\"",
    );
}

#[test]
fn a_phase_does_exactly_one_thing() {
    one(
        &phase(""),
        "3:8 the phase `p` does not say what it does",
        "burst = 20",
    );
    one(
        &phase("burst = 1\nidle = \"1s\""),
        "5:8 the phase `p` has both `burst` and `idle`",
        "a [[phase]] of its own",
    );
    one(
        &phase("rate = 1"),
        "4:8 the phase `p` does not say how long",
        "another duration",
    );
    one(
        &phase("burst = 1\nfor = \"1s\""),
        "5:7 `for` says nothing about `burst`",
        "poisson",
    );
    one(
        &phase("idle = \"1s\"\nwithin = \"1s\""),
        "5:10 `within` says nothing",
        "with burst",
    );
    one(
        &phase("rate = 0.1\nfor = \"1s\""),
        "4:8 the phase `p` sends no request",
        "longer `for`",
    );
    let idle = phase("idle = \"1s\"\nfault = { kind = \"error\", share = 1 }");
    one(
        &idle,
        "5:9 an idle phase sends no requests",
        "the phase that sends",
    );
}

#[test]
fn a_fault_has_the_one_number_of_its_kind() {
    let fault = |fault| phase(&format!("burst = 10\nfault = {{ share = 1, {fault} }}"));
    one(
        &fault("kind = \"eror\""),
        "5:29 `eror` is nothing that `kind` can be",
        "\"error\"?",
    );
    one(
        &fault("kind = \"latency\""),
        "5:9 this fault has no `ms`",
        "add ms = 500",
    );
    one(
        &fault("kind = \"memory\", ms = 5, percent = 97"),
        "5:44 `ms` does not go",
        "percent = 97",
    );
    one(
        &fault("kind = \"error\", code = 500"),
        "5:45 `code` does not go",
        "takes no number",
    );
    one(
        &fault("kind = \"status\", code = 42"),
        "5:46 `code` is 42",
        "",
    );
    one(
        &fault("kind = \"memory\", percent = 201"),
        "5:49 `percent` is 201",
        "",
    );
}

#[test]
fn names_are_plain_and_phase_names_differ() {
    let named = |name| format!("name = \"{name}\"\n[[phase]]\nname = \"p\"\nburst = 1\n");
    for name in [
        "",
        "two words",
        "a/b",
        "-a",
        "ä",
        "a_b",
        "..",
        "a\\u001b[31m",
        &"a".repeat(65),
    ] {
        one(&named(name), "1:8 `", "the first is no hyphen");
    }
    let twice =
        "name = \"x\"\n[[phase]]\nname = \"p\"\nburst = 1\n[[phase]]\nname = \"p\"\nburst = 1\n";
    one(
        twice,
        "6:8 two phases are called `p`",
        "every phase needs its own",
    );
    one(&before("title = \"two\\nlines\""), "2:9 this title", "");
}

#[test]
fn insights_are_known_and_not_contradicted() {
    let expect = |lines: &str| before(&format!("[expect]\n{lines}"));
    one(
        &expect("insights = [\"cold_start\"]"),
        "3:13 `cold_start` is nothing that `insights` can be",
        "did you mean \"cold_starts\"?",
    );
    one(
        &expect("absent = [\"all\"]"),
        "3:11 `all` is nothing that `absent` can be",
        "",
    );
    one(
        &expect("insights = [\"errors\", \"errors\"]"),
        "3:23 `errors` is listed twice",
        "",
    );
    one(
        &expect("insights = [\"errors\"]\nabsent = [\"errors\"]"),
        "4:11 `errors` is expected, and expected to be absent",
        "",
    );
    // The name that Datadog's own page once gives to the consumer.
    one(
        &expect(
            "insights = [{ insight = \"errors\", function = \"datadog-sample-sqs-function\" }]",
        ),
        "3:13 `datadog-sample-sqs-function` is no function",
        "datadog-sample-entry-function and datadog-sample-sqs-consumer-function",
    );
    one(
        &expect("insights = [{ insight = \"errors\" }]"),
        "3:13 `insights` has no `function`",
        "",
    );
}

#[test]
fn thresholds_name_a_figure_and_a_limit_in_its_unit() {
    let threshold = |line: &str| before(&format!("[thresholds]\n{line}"));
    one(
        &threshold("\"reponse.warm.p95\" = \"< 1s\""),
        "3:1 `reponse.warm.p95` is no figure of a report",
        "did you mean \"response.warm.p95\"?",
    );
    one(
        &threshold("\"speed\" = \"< 1s\""),
        "3:1 `speed` is no figure",
        "or requests.sent",
    );
    one(
        &threshold("\"response.warm.p95\" = \"< 800\""),
        "3:23 `< 800` is no limit for response.warm.p95: write \"< 800ms\"",
        "",
    );
    one(
        &threshold("\"errors.share\" = \"< 20\""),
        "3:18 `< 20` is a share above 100 %",
        "",
    );
    one(
        &threshold("\"errors.count\" = \"< 0\""),
        "3:18 `< 0` can never be met",
        "",
    );
}

#[test]
fn requests_are_ones_that_can_be_sent() {
    let request = |line: &str| before(&format!("[request]\n{line}"));
    one(
        &request("method = \"get\""),
        "3:10 `get` is no method",
        "did you mean \"GET\"?",
    );
    for path in [
        "a",
        "a b",
        "/a b",
        "/a#b",
        "/${A}",
        "http://example.com/",
        "/\\r\\nx: y",
    ] {
        one(
            &request(&format!("path = \"{path}\"")),
            "3:8 `",
            "without ${...}",
        );
    }
    let header = |header: &str| request(&format!("headers = {{ {header} }}"));
    one(
        &header("\"a b\" = \"x\""),
        "3:13 `a b` cannot be a header's name",
        "",
    );
    one(
        &header("a = \"x\\ny\""),
        "3:17 `x\\ny` cannot be a header's value",
        "",
    );
    one(
        &header("a = \"x\", A = \"y\""),
        "3:22 the header A is set twice",
        "",
    );
    one(
        &header("host = \"x\""),
        "3:13 loadgen sets the header host itself",
        "leave it out",
    );
    one(&header("X-Loadgen-Run = \"x\""), "3:13 loadgen sets", "");
    one(
        &header("a = \"${NO PE}\""),
        "3:17 `${NO PE}` does not name a variable",
        "",
    );
    one(&request("body = \"${A\""), "3:8 `${` is not closed", "");
}

#[test]
fn functions_are_ones_that_lambda_offers() {
    let function = |lines: &str| before(&format!("[function]\n{lines}"));
    one(
        &function("memory = \"64MB\""),
        "3:10 `64MB` is not a memory size",
        "",
    );
    one(&function("init = \"fast\""), "3:8 `fast` is ", "");
    one(
        &function("reserved_concurrency = 1\nprovisioned_concurrency = 2"),
        "4:27 2 provisioned environments do not fit",
        "at most the reserved concurrency",
    );
}

#[test]
fn what_no_run_can_do_is_refused() {
    let repeated = |times: u32, lines: &str| format!("{}[repeat]\ntimes = {times}\n", phase(lines));
    one(
        &repeated(100_000, "idle = \"1h\""),
        "6:9 the phases and their repetitions last",
        "",
    );
    one(
        &repeated(1_001, "burst = 1000000"),
        "6:9 1001000000 requests are more",
        "",
    );
    let two = "burst = 1\n[[phase]]\nname = \"q\"\nburst = 1";
    one(
        &repeated(100_000, two),
        "9:9 2 phases 100000 times are more than 100000 steps",
        "",
    );
}

#[test]
fn mistakes_of_every_kind_are_reported_together_in_order() {
    let text = "name = \"no good\"\nsed = 1\n[[phase]]\nname = \"a\"\nbust = 1\n\
                [[phase]]\nname = \"b\"\nidle = \"soon\"\n[thresholds]\n\"x\" = \"< 1\"\n";
    let places: Vec<String> = told(text)
        .iter()
        .filter_map(|told| Some(told.split_once(' ')?.0.to_owned()))
        .collect();
    assert_eq!(places, ["1:8", "2:1", "5:1", "8:8", "10:1"]);
}

#[test]
fn the_place_is_shown_with_its_line_and_the_way_out() {
    let shown = mistakes(&phase("bust = 20\nburst = 20")).to_string();
    for part in [
        "bad.toml:4:1",
        "4 │ bust = 20",
        "unknown key",
        "did you mean `burst`?",
    ] {
        assert!(shown.contains(part), "{part} in\n{shown}");
    }
}

#[test]
fn what_is_no_toml_is_told_with_its_place() {
    for (text, place) in [
        ("name = \"x", "1:"),
        ("name = \"x\"\nname = \"y\"", "2:1 "),
        ("name = \"x\"\n[[phase]\n", "2:"),
        ("name = \"x\"\n= 3", "2:"),
        ("\u{0}", "1:1 "),
    ] {
        let told = told(text);
        assert!(told[0].starts_with(place), "{text:?}: {told:?}");
    }
}

#[test]
fn a_file_cannot_command_the_terminal() {
    let text = before("# \u{1b}[31m \u{9b}31m\nsed = \"\\u001b[31m\"");
    assert!(!mistakes(&text).to_string().contains(['\u{1b}', '\u{9b}']));
    let named = Scenario::parse("x", "\u{1b}[31m")
        .expect_err("bad")
        .to_string();
    assert!(!named.contains('\u{1b}'));
}

#[test]
fn deep_nesting_and_endless_lines_are_refused_in_few_words() {
    let deep = format!("name = {}", "[".repeat(100_000));
    assert!(mistakes(&deep).to_string().len() < 10_000);
    let long = format!("name = \"{}\"", "x ".repeat(100_000));
    assert!(mistakes(&long).to_string().len() < 10_000);
    let many = "[[phase]]\n".repeat(10_000);
    assert!(mistakes(&many).to_string().len() < 10_000);
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "(?s).{0,200}") {
        if let Err(mistakes) = Scenario::parse(&text, "x") {
            prop_assert!(!mistakes.to_string().is_empty());
        }
    }

    /// A sound scenario with a piece cut out and another put in: nearly TOML, nearly right.
    #[test]
    fn no_edit_makes_it_panic(
        which in 0..loadgen::scenario::BUILTINS.len(),
        at in 0.0..1.0,
        cut in 0..20_usize,
        put in "[ -~\\n\"]{0,8}",
    ) {
        let chars: Vec<char> = loadgen::scenario::BUILTINS[which].text.chars().collect();
        let at = (at * chars.len() as f64) as usize;
        let end = (at + cut).min(chars.len());
        let edited: String = chars[..at]
            .iter()
            .copied()
            .chain(put.chars())
            .chain(chars[end..].iter().copied())
            .collect();
        if let Err(mistakes) = Scenario::parse(&edited, "x") {
            prop_assert!(!mistakes.to_string().is_empty());
        }
    }
}
