//! Templates become the bytes that are meant, whatever values they get; answers become values.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{BasePath, FlowCursor, FlowScript, KeptAnswer, LARGEST_KEPT, Miss, RenderedRequest};
use crate::scenario::Scenario;

const BASE: BasePath<'_> = BasePath {
    path: "/stage/",
    query: None,
};

fn script(text: &str) -> FlowScript {
    let text = format!("name = \"x\"\n{text}\n[[phase]]\nname = \"p\"\nburst = 1\n");
    let scenario = Scenario::parse(&text, "x.toml").unwrap_or_else(|error| panic!("{error}"));
    let traffic = scenario.traffic.as_ref().expect("requests that differ");
    let lookup = |name: &str| (name == "KEY").then(|| "s3 \"cret".to_owned());
    FlowScript::of(&scenario, traffic, BASE, &[], &lookup).expect("a script")
}

/// Two requests: the first captures what the second is filled with.
fn pair(second: &str) -> FlowScript {
    script(&format!(
        "[[request]]\nname = \"a\"\ncapture = {{ v = \"json:$.v\" }}\n\
         [[request]]\nname = \"b\"\n{second}\n\
         [[flow]]\nname = \"f\"\nsteps = [\"a\", \"b\"]"
    ))
}

fn answer(body: &str) -> KeptAnswer {
    let mut answer = KeptAnswer::default();
    answer.keep(body.as_bytes());
    answer
}

/// The second request, after the first one was answered so.
fn filled(script: &FlowScript, value: &Value) -> RenderedRequest {
    let mut cursor = script.begin(0);
    let read = script.read(0, &mut cursor, &answer(&json!({ "v": value }).to_string()));
    assert_eq!(read, Ok(()));
    script.render(1, 0, &cursor).expect("it differs")
}

fn any_json() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        prop::collection::vec(any::<String>(), 0..3).prop_map(Value::from),
    ]
}

proptest! {
    #[test]
    fn a_value_that_is_one_template_keeps_its_type_and_another_stays_a_text(value in any_json()) {
        let script = pair("method = \"POST\"\njson = { one = \"${a.v}\", more = \"<${a.v}>\", n = [1, true] }");
        let body: Value = serde_json::from_slice(&filled(&script, &value).body).expect("JSON");
        let inside = match &value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        prop_assert_eq!(body, json!({ "one": value, "more": format!("<{inside}>"), "n": [1, true] }));
    }

    #[test]
    fn no_value_leaves_its_place_in_a_path_or_a_form(value in any::<String>()) {
        let script = pair("method = \"POST\"\npath = \"/x/${a.v}/y?z=${a.v}\"\nform = { f = \"${a.v}\" }");
        let filled = filled(&script, &value.clone().into());
        let url = url::Url::parse(&format!("http://h{}", filled.path)).expect("an address");
        prop_assert_eq!(url.query_pairs().next().map(|(_, z)| z.into_owned()), Some(value.clone()));
        prop_assert_eq!(url.fragment(), None);
        prop_assert!(url.path().starts_with("/stage/x/") || value == "." || value == "..");
        let form: Vec<_> = url::form_urlencoded::parse(&filled.body).into_owned().collect();
        prop_assert_eq!(form, [("f".to_owned(), value)]);
    }

    #[test]
    fn whatever_an_answer_says_a_header_stays_one_line(value in any::<String>()) {
        let script = pair("headers = { x = \"${a.v}\" }");
        let mut cursor = script.begin(0);
        match script.read(0, &mut cursor, &answer(&json!({ "v": value }).to_string())) {
            Ok(()) => {
                let lines = script.render(1, 0, &cursor).expect("it differs").lines;
                prop_assert_eq!(lines, format!("x: {value}\r\n").into_bytes());
                prop_assert!(!value.contains(['\r', '\n', '\0']));
            }
            Err(miss) => prop_assert!(matches!(miss, Miss::Capture(_))),
        }
    }

    #[test]
    fn random_values_follow_from_seed_arrival_and_place_alone(index in any::<u64>(), turn in 0_u32..9) {
        let text = "[[request]]\nname = \"a\"\npath = \"/${uuid}/${uuid}/${random(-3,3)}\"";
        let cursor = FlowCursor { turn, ..FlowCursor::default() };
        let path = |seed: u32, index| {
            let script = script(&format!("seed = {seed}\n{text}"));
            script.render(0, index, &cursor).expect("it differs").path
        };
        let here = path(1, index);
        prop_assert_eq!(&here, &path(1, index));
        prop_assert_ne!(&here, &path(2, index));
        prop_assert_ne!(&here, &path(1, index.wrapping_add(1)));
        let parts: Vec<&str> = here.split('/').collect();
        prop_assert_ne!(parts[2], parts[3]);
        prop_assert!((-3..=3).contains(&parts[4].parse::<i64>().expect("a number")));
    }
}

#[test]
fn a_header_that_differs_may_stand_before_one_that_is_always_the_same() {
    let script = script(
        "[[request]]\nname = \"a\"\n\
         headers = { a = \"${uuid}\", b = \"key ${KEY}\", c = \"${random(1,1)}\" }",
    );
    let request = &script.requests()[0];
    let fixed = [("b".to_owned(), "key s3 \"cret".to_owned())];
    assert_eq!(request.headers, fixed);
    assert_eq!(request.varying, ["a", "c"]);
    let rendered = script.render(0, 0, &script.begin(0)).expect("it differs");
    let lines = String::from_utf8(rendered.lines).expect("text");
    assert!(
        lines.starts_with("a: ") && lines.ends_with("\r\nc: 1\r\n"),
        "{lines}"
    );
}

#[test]
fn secrets_of_the_environment_are_filled_in_and_escaped_like_any_value() {
    let script = script(
        "[[request]]\nname = \"a\"\nmethod = \"POST\"\npath = \"/${KEY}?q=a b\"\n\
         headers = { authorization = \"Bearer ${KEY}\" }\njson = { k = \"${KEY}\" }",
    );
    let fixed = script.fixed(0).expect("nothing differs");
    assert_eq!(fixed.path, "/stage/s3%20%22cret?q=a%20b");
    assert_eq!(fixed.body, br#"{"k":"s3 \"cret"}"#);
    let headers = &script.requests()[0].headers;
    assert_eq!(headers[0].1, "Bearer s3 \"cret");
    assert_eq!(headers[1].1, "application/json");
    assert!(script.render(0, 0, &script.begin(0)).is_none());
}

#[test]
fn what_an_answer_lacks_is_named_and_what_it_holds_is_not() {
    let script = script(
        "[[request]]\nname = \"a\"\nexpect = { json = { \"$.status\" = \"ok\" } }\n\
         capture = { id = \"json:$.id\", to = \"header:Location\", n = 'regex:n=(\\d+)' }\n\
         [[request]]\nname = \"b\"\npath = \"/${a.id}${a.to}${a.n}\"\n\
         [[flow]]\nname = \"f\"\nsteps = [\"a\", \"b\"]",
    );
    let good = r#"{"status": "ok", "id": 7, "x": "n=12"}"#;
    let with_header = |body: &str| {
        let mut answer = answer(body);
        answer.headers.push(("LOCATION".into(), (*b"/u").into()));
        answer
    };
    let mut cursor = script.begin(0);
    assert_eq!(script.read(0, &mut cursor, &with_header(good)), Ok(()));
    let filled = script.render(1, 0, &cursor).expect("it differs");
    assert_eq!(filled.path, "/stage/7%2Fu12");

    let mut read = |answer: &KeptAnswer| match script.read(0, &mut cursor, answer) {
        Err(Miss::Expected(why)) => format!("expected: {}", why.text),
        Err(Miss::Capture(why)) => format!("capture: {}", why.text),
        Ok(()) => "nothing".to_owned(),
    };
    for (body, lacks) in [
        ("<html>geheim", "expected: the answer to `a` is no JSON"),
        (
            r#"{"status": "geheim"}"#,
            "expected: the answer to `a` is not as",
        ),
        (
            r#"{"status": "ok", "x": "n=1"}"#,
            "capture: the answer to `a` has no json:$.id",
        ),
        (
            r#"{"status": "ok", "id": 1}"#,
            "capture: the answer to `a` has no regex:",
        ),
    ] {
        let found = read(&with_header(body));
        assert!(
            found.starts_with(lacks) && !found.contains("geheim"),
            "{found}"
        );
    }
    assert!(read(&answer(good)).contains("header:Location"));
    let long = format!(
        "{{\"status\": \"ok\", \"x\": \"{}\"}}",
        "a".repeat(LARGEST_KEPT)
    );
    let found = read(&with_header(&long));
    assert!(found.contains("larger than 1 MB"), "{found}");
}

#[test]
fn a_flow_keeps_cookies_only_where_it_is_asked_to() {
    for (asked, sent) in [("cookies = true", true), ("", false)] {
        let script = script(&format!(
            "[[request]]\nname = \"a\"\n[[flow]]\nname = \"f\"\n{asked}\nsteps = [\"a\"]"
        ));
        let mut cursor = script.begin(0);
        for line in ["sid=1; Path=/; HttpOnly", "b=2", "b=; Max-Age=0", "sid=3"] {
            let mut answer = answer("");
            answer
                .headers
                .push(("Set-Cookie".into(), line.as_bytes().into()));
            assert_eq!(script.read(0, &mut cursor, &answer), Ok(()));
        }
        let rendered = script.render(0, 0, &cursor);
        let lines = rendered.map(|rendered| rendered.lines);
        assert_eq!(lines, sent.then(|| b"cookie: sid=3\r\n".to_vec()));
    }
}

#[test]
fn a_sign_in_lasts_as_long_as_the_scenario_the_token_or_the_answer_says() {
    let now = UNIX_EPOCH + Duration::from_secs(1_000);
    let part = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let jwt = format!("{}.{}.x", part(json!({})), part(json!({ "exp": 1_100 })));
    let after = |lifetime: &str, body: Value| {
        let script = script(&format!(
            "[auth]\nrequest = {{ path = \"/login\" }}\ncapture = {{ t = \"json:$.t\" }}\n{lifetime}\n\
             [request]\nheaders = {{ authorization = \"${{auth.t}}\" }}"
        ));
        let signed_in = script
            .signed_in(&answer(&body.to_string()), now)
            .expect("a token");
        let at = |at: SystemTime| at.duration_since(now).expect("later").as_secs();
        signed_in.renew_at.map(at)
    };
    let both = json!({ "t": jwt, "expires_in": 50 });
    assert_eq!(after("lifetime = \"1000s\"", both.clone()), Some(900));
    assert_eq!(after("", both), Some(90));
    assert_eq!(
        after("", json!({ "t": "opaque", "expires_in": "50" })),
        Some(45)
    );
    assert_eq!(after("", json!({ "t": "opaque" })), None);
}
