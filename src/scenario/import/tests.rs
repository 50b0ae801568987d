//! What is imported runs as it stands, says what is missing, and holds no secret.

use proptest::prelude::*;

use super::{import, toml};
use crate::scenario::Scenario;

/// The scenario, which its own reader takes.
fn imported(text: &str) -> (String, Scenario) {
    let made = import(text).unwrap_or_else(|error| panic!("{error}"));
    let text = toml(&made);
    let scenario = Scenario::parse(&text, "made.toml");
    let scenario = scenario.unwrap_or_else(|error| panic!("{error}\n{text}"));
    (text, scenario)
}

#[test]
fn json_of_curl_brings_both_of_its_headers_unless_they_were_given() {
    let (text, _) = imported("curl https://shop.example/ --json '{}'\n");
    assert!(text.contains("\"accept\" = \"application/json\""), "{text}");
    assert!(
        text.contains("\"content-type\" = \"application/json\""),
        "{text}"
    );
    let (text, _) = imported("curl https://shop.example/ --json '{}' -H 'Accept: text/csv'\n");
    assert!(
        text.contains("text/csv") && text.matches("accept").count() == 1,
        "{text}"
    );
}

#[test]
fn command_lines_of_curl_become_one_flow() {
    let (text, scenario) = imported(
        "curl 'https://shop.example/login?next=%2F' \\\n  -H 'content-type: application/json' \\\n  \
         -H 'sec-ch-ua: \"x\"' --data-raw '{\"user\": \"ana\", \"password\": \"geheim\", \"n\": 1}' --compressed\n\
         # a comment\n\
         curl -sS -X PUT https://shop.example/cart -H 'Authorization: Bearer geheim2' -d a=1 -d 'b=x y' -k\n\
         curl -G https://shop.example/find --data-urlencode 'q=a&b' -u me:geheim3 --fancy\n\
         curl https://elsewhere.example/\n",
    );
    let traffic = scenario.traffic.expect("requests");
    let said: Vec<(&str, String)> = (traffic.requests.iter())
        .map(|one| {
            (
                one.method.as_str(),
                one.path
                    .as_ref()
                    .map(ToString::to_string)
                    .unwrap_or_default(),
            )
        })
        .collect();
    let wanted = [
        ("POST", "/login?next=%2F"),
        ("PUT", "/cart"),
        ("GET", "/find?q=a%26b"),
    ];
    assert_eq!(said, wanted.map(|(method, path)| (method, path.to_owned())));
    assert_eq!(traffic.flows[0].steps.len(), 3);
    assert!(
        !text.contains("geheim") && !text.contains("sec-ch-ua"),
        "{text}"
    );
    for part in [
        "password\" = \"${PASSWORD}\"",
        "Bearer ${AUTHORIZATION}",
        "Basic ${AUTHORIZATION_2}",
        "--url https://shop.example",
        "--fancy",
        "https://elsewhere.example",
        "form = { \"a\" = \"1\", \"b\" = \"x y\" }",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
}

fn har(count: usize) -> String {
    let entry = |number: usize| {
        let url = match number % 50 {
            49 => "data:image/png;base64,AAAA".to_owned(),
            _ => format!("https://shop.example/items/{number}?session=geheim"),
        };
        format!(
            r#"{{"startedDateTime": "2026-11-29T12:{:02}:{:02}Z", "time": 50, "request":
            {{"method": "POST", "url": "{url}", "headers": [{{"name": ":authority", "value": "x"}},
            {{"name": "Cookie", "value": "sid=geheim"}}, {{"name": "X-Api-Key", "value": "geheim"}}],
            "postData": {{"mimeType": "application/json", "text": "{{\"a\": {number}, \"t\": null}}"}}}}}}"#,
            number / 60,
            number % 60
        )
    };
    let entries: Vec<String> = (0..count).map(entry).collect();
    format!(r#"{{"log": {{"entries": [{}]}}}}"#, entries.join(","))
}

#[test]
fn of_two_hundred_requests_of_a_browser_nearly_all_are_carried_and_the_rest_is_named() {
    let (text, scenario) = imported(&har(200));
    let traffic = scenario.traffic.expect("requests");
    assert_eq!(traffic.requests.len(), 196);
    let flow = &traffic.flows[0];
    assert!(flow.cookies);
    assert_eq!(flow.steps.len(), 196);
    assert_eq!(flow.steps[1].pause.as_millis(), 950);
    assert_eq!(text.matches("entry ").count(), 4, "{text}");
    assert!(!text.contains("geheim"));
}

const ARTILLERY: &str = r#"
config:
  target: https://shop.example
  phases:
    - duration: 30
      arrivalRate: 1
    - duration: 60
      arrivalRate: 1
      rampTo: 100
  payload:
    path: users.csv
    fields: [email, password]
  processor: ./p.js
scenarios:
  - name: Buy
    weight: 3
    flow:
      - post:
          url: /login
          json: { email: "{{ email }}", password: "{{ password }}" }
          capture:
            - { json: "$.data.token", as: token }
      - think: 2
      - loop:
          - post:
              url: "/orders?n={{ $randomNumber(1, 9) }}"
              headers: { Authorization: "Bearer {{ token }}", X-Key: "{{ $env.KEY }}" }
              json: { sku: "{{ sku }}", qty: 2 }
        count: 2
  - flow:
      - get: { url: "/", beforeRequest: f }
"#;

#[test]
fn an_artillery_script_keeps_its_phases_flows_and_captures() {
    let (text, scenario) = imported(ARTILLERY);
    assert_eq!(scenario.phases.len(), 2);
    let traffic = scenario.traffic.expect("requests");
    let flows: Vec<_> = (traffic.flows.iter())
        .map(|flow| (flow.name.as_str(), flow.weight, flow.steps.len()))
        .collect();
    assert_eq!(flows, [("Buy", 3, 3), ("flow-2", 1, 1)]);
    for part in [
        "${data.email}",
        "Bearer ${post-login.token}",
        "${random(1,9)}",
        "${KEY}",
        "json:$.data.token",
        "`processor`",
        "`sku`",
        "beforeRequest",
        "email,password",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
}

/// Datadog's sample app is loaded so, by steps of JavaScript between the requests.
const SAMPLE_APP: &str = r#"
config:
  target: "{{ $processEnvironment.API }}"
  http: { timeout: 60 }
  processor: generator.js
  phases:
    - { duration: 30, arrivalRate: 1 }
    - { duration: 60, arrivalCount: 20 }
    - { duration: 10, arrivalRate: 0 }
scenarios:
  - name: One customer orders
    flow:
      - function: makeEmail
      - post:
          url: "{{ $processEnvironment.USERS }}/login"
          json: { email: "{{ Email }}", password: "geheim12", nothing: null }
          capture: { json: "$.data.token", as: jwt }
      - get:
          url: "{{ $processEnvironment.PRODUCTS }}/product"
          capture: [{ json: "$.data[", as: bad }, { regexp: "a(b)(c)", as: two }, { json: "$", as: all }]
      - post:
          url: "/orders/{{ all }}#top"
          ifTrue: all
          headers: { Authorization: "Bearer {{jwt}}", X-Bad: "a\r\nInjected: 1" }
          json: { products: ["{{ Products }}"] }
"#;

#[test]
fn of_the_sample_app_s_load_test_the_flow_is_carried_and_its_javascript_named() {
    let (text, scenario) = imported(SAMPLE_APP);
    assert_eq!(scenario.phases.len(), 2);
    let traffic = scenario.traffic.expect("requests");
    let steps = traffic.flows[0].steps.iter();
    let sent: Vec<_> = steps.map(|step| &traffic.requests[step.request]).collect();
    assert_eq!(sent[0].timeout.as_secs(), 60);
    assert_eq!(sent.len(), 3);
    for part in [
        "Run it with: loadgen run FILE --url URL",
        "`function: makeEmail`",
        "$processEnvironment.USERS",
        "`Email`",
        "\"$.data.token\"".trim_matches('"'),
        "Bearer ${post-login.jwt}",
        "path = \"/orders/${get-product.all}\"",
        "ifTrue",
        "x-bad",
        "`bad`",
        "`two`",
        "phases[2]",
        "\\\"nothing\\\":null",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
    assert!(!text.contains("Injected"), "{text}");
}

#[test]
fn what_a_browser_copies_is_read_as_its_shell_would() {
    let bash = r"curl 'http://h/a' -H 'x-note: a;b' --data-raw $'{\'a\': \u0021\n}' --oauth2-bearer geheim123 --mystery x";
    let cmd = "curl ^\"http://h/a^\" ^\r\n  -H ^\"x-note: a;b^\" ^\r\n  --data-raw ^\"100^%^\"\r\n";
    for (line, body) in [(bash, "{'a': !\\n}"), (cmd, "100%")] {
        let (text, scenario) = imported(line);
        let one = &scenario.traffic.expect("a request").requests[0];
        assert_eq!(
            one.path.as_ref().map(ToString::to_string),
            Some("/a".to_owned())
        );
        assert!(text.contains(body), "{text}");
        assert!(
            text.contains("\"x-note\" = \"a;b\"") && !text.contains("geheim"),
            "{text}"
        );
    }
    let (text, _) =
        imported("curl https://me:geheim%21@h/ -d a=1 -d a=2 -X POST\ncurl -X BREW https://h/");
    assert!(
        text.contains("Basic ${AUTHORIZATION}") && text.contains("body = \"a=1&a=2\""),
        "{text}"
    );
    assert!(text.contains("BREW"), "{text}");
}

#[test]
fn a_secret_is_a_variable_wherever_it_stands() {
    let entry = |request: &str| format!(r#"{{"request": {request}}}"#);
    let jwt = "eyJhbGciOiJub25lIn0.eyJnZWhlaW0iOjF9.geheim";
    let of = |path: &str, more: &str| {
        entry(&format!(
            r#"{{"method": "POST", "url": "https://h/{path}", {more}}}"#
        ))
    };
    let json = format!(
        r#"{{\"pin\": 4711, \"deep\": [{{\"accessToken\": \"geheim-at\"}}], \"x\": \"{jwt}\", \"t\": \"geheim-query\"}}"#
    );
    let entries = [
        of(
            "a?api_key=geheim-query&x=1",
            r#""headers": [{"name": "X-Xsrf-Token", "value": "geheim-xsrf"}]"#,
        ),
        of(
            "b",
            &format!(r#""postData": {{"mimeType": "application/json", "text": "{json}"}}"#),
        ),
        of(
            "c/geheim-query",
            r#""postData": {"mimeType": "application/x-www-form-urlencoded", "text": "pwd=geheim-pw&a=b"}"#,
        ),
        of(
            "d",
            r#""postData": {"mimeType": "text/xml", "text": "<t>geheim-query</t>"}"#,
        ),
    ];
    let (text, _) = imported(&format!(
        r#"{{"log": {{"entries": [{}]}}}}"#,
        entries.join(",")
    ));
    assert!(!text.contains("geheim") && !text.contains("4711"), "{text}");
    for part in [
        "/a?api_key=${API_KEY}&x=1",
        "path = \"/c/${API_KEY}\"",
        "<t>${API_KEY}</t>",
        "${PIN}",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
}

#[test]
fn what_is_none_of_these_is_refused_with_its_place_and_aliases_explode_nothing() {
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..12 {
        let of = format!("*a{}", level - 1);
        let nine = vec![of; 9].join(", ");
        bomb.push_str(&format!("a{level}: &a{level} [{nine}]\n"));
    }
    bomb.push_str("scenarios: *a11\n");
    let deep = "[".repeat(100_000);
    let deep_har = format!("{{\"log\": {deep}");
    for (text, said) in [
        ("", "no request"),
        ("# nothing\n", "no request"),
        ("{\"log\": {}}", "line 1, column 10"),
        ("{", "line 1"),
        ("a: [", "line"),
        ("just words", "scenarios"),
        ("curl 'x", "line 1: a quote"),
        ("scenarios: []", "no request"),
        (
            "scenarios: [{flow: [{get: {url: x}}], engine: ws}]",
            "no request",
        ),
        (&bomb, "line"),
        (&deep, "line"),
        (&deep_har, "line 1"),
    ] {
        let error = import(text).expect_err("it is refused").to_string();
        assert!(error.contains(said), "{error}");
    }
    let many = format!(
        "scenarios: [{{flow: [{}]}}]",
        "{get: {url: /}},".repeat(2_000)
    );
    assert!(
        import(&many)
            .expect_err("too many")
            .to_string()
            .contains("1,000")
    );
}

proptest! {
    #[test]
    fn whatever_a_file_holds_it_becomes_a_scenario_that_runs_or_is_refused(
        value in any::<String>(),
        name in "[a-zA-Z${} -]{1,12}",
        number in any::<f64>(),
    ) {
        let word = format!("'{}'", value.replace('\'', "'\\''"));
        let text = serde_json::Value::from(value.as_str());
        let files = [
            format!("curl http://h/ -H {name}:{word} --data-raw {word}"),
            format!("curl {word}"),
            format!(
                r#"{{"log": {{"entries": [{{"time": 1, "request": {{"method": "PUT", "url": "http://h/x?{name}",
                "headers": [{{"name": "{name}", "value": {text}}}], "postData": {{"mimeType": "{name}", "text": {text}}}}}}}]}}}}"#
            ),
            format!(
                "config: {{target: {text}, phases: [{{duration: {number}, arrivalRate: {number}}}, {{pause: {number}}}],
                payload: {{path: {text}, fields: [{text}, '{name}']}}}}
scenarios: [{{name: {text}, weight: {number}, flow: [{{post: {{url: {text}, json: {{'{name}': {text}}},
                headers: {{'{name}': {text}}}, capture: {{json: {text}, as: '{name}'}}}}}}, {{think: {number}}}, {{get: {{url: '{{{{ {name} }}}}'}}}}]}}]"
            ),
        ];
        for file in &files {
            if let Ok(made) = import(file) {
                let text = toml(&made);
                prop_assert!(Scenario::parse(&text, "made.toml").is_ok(), "{}", text);
            }
        }
        // Nothing that is plain is refused.
        if value.chars().all(|c| c.is_ascii_alphanumeric()) {
            prop_assert!(import(&files[0]).is_ok() && import(&files[2]).is_ok(), "{:?}", files);
        }
    }
}
