//! What belongs together, and what the texts mean.

use super::{super::Scenario, before, one, phase, told};

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
    for path in ["a", "a b", "/a#b", "http://example.com/", "/\\r\\nx: y"] {
        one(
            &request(&format!("path = \"{path}\"")),
            "3:8 `",
            "without #",
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
        &header("te = \"x\""),
        "3:13 loadgen sets the header te itself",
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
fn functions_are_modelled_and_named_by_phases() {
    let text = r#"
        name = "shop"
        [[function]]
        name = "cart"
        init = "400ms"
        invokes = ["mail"]
        [[function]]
        name = "mail"
        [[phase]]
        name = "all"
        burst = 1
        [[phase]]
        name = "mail"
        burst = 2
        function = "mail"
        [request]
        json = { order = 7, by = "${WHO}", lines = [1.5, true], at = 2026-11-29 }
    "#;
    let scenario = Scenario::parse(text, "shop.toml").expect("a scenario");
    let names: Vec<&str> = scenario.models.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(names, ["cart", "mail"]);
    assert_eq!(scenario.invoked(), ["cart", "mail"]);
    let both = text.replacen("burst = 1", "burst = 1\n        function = \"mail\"", 1);
    let both = Scenario::parse(&both, "shop.toml").expect("a scenario");
    assert_eq!(both.invoked(), ["mail"]);
    let without = text.replace("function = \"mail\"", "");
    let without = Scenario::parse(&without, "shop.toml").expect("a scenario");
    assert_eq!(
        without.invoked(),
        ["cart"],
        "what others invoke is not invoked beside them"
    );

    let request = &scenario.request;
    assert_eq!(request.method, "POST");
    let filled = request
        .fill(|name| Some(format!("{name}!")))
        .expect("filled");
    let json = ("content-type".to_owned(), "application/json".to_owned());
    assert_eq!(filled.headers, [json]);
    let body: serde_json::Value = serde_json::from_slice(&filled.body).expect("JSON");
    let expected = serde_json::json!({
        "order": 7, "by": "WHO!", "lines": [1.5, true], "at": "2026-11-29",
    });
    assert_eq!(body, expected);

    for (wrong, right, begins) in [
        ("[\"mail\"]", "[\"male\"]", "`cart` invokes `male`"),
        (
            "name = \"cart\"",
            "name = \"mail\"",
            "two functions are called `mail`",
        ),
        ("name = \"cart\"", "name = \"a b\"", "`a b` is no function"),
        (
            "= \"mail\"\n        [request]",
            "= \"male\"\n        [request]",
            "no [[function]] is called `male`",
        ),
        (
            "burst = 2",
            "idle = \"1s\"",
            "an idle phase invokes nothing",
        ),
        (
            "json =",
            "body = \"\"\n        json =",
            "the request has both `body` and `json`",
        ),
    ] {
        let told = told(&text.replacen(wrong, right, 1));
        assert!(
            told.iter().any(|it| it.contains(begins)),
            "{begins}: {told:?}"
        );
    }
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
        "6:9 1,001,000,000 requests are more",
        "",
    );
    let two = "burst = 1\n[[phase]]\nname = \"q\"\nburst = 1";
    one(
        &repeated(100_000, two),
        "9:9 2 phases 100,000 times are more than 100,000 steps",
        "",
    );
}
