//! Mistakes in requests that differ, feeds, flows and the sign-in: found before anything is sent.

use std::fs;

use super::{one, told};
use crate::scenario::{LoadError, Scenario};

const PHASE: &str = "\n[[phase]]\nname = \"p\"\nburst = 5\n";

fn head(text: &str) -> String {
    format!("name = \"x\"\n{text}{PHASE}")
}

#[test]
fn what_a_template_names_is_there_by_then() {
    let two = "[[request]]\nname = \"first\"\ncapture = { id = \"json:$.id\" }\n\
               [[request]]\nname = \"second\"\n";
    let flow = "[[flow]]\nname = \"f\"\n";
    let usual = "steps = [\"first\", \"second\"]";
    for (path, steps, begins, ends) in [
        (
            "/${frist.id}",
            usual,
            "7:8 `frist` is no feed",
            "did you mean `first`?",
        ),
        (
            "/${first.ids}",
            usual,
            "7:8 `first` captures no `ids`",
            "did you mean `id`?",
        ),
        (
            "/${auth.t}",
            usual,
            "7:8 `auth` is no feed",
            "there are: first, second",
        ),
        (
            "/${first.id}",
            "steps = [\"second\", \"first\"]",
            "7:8 `first` has not been answered by then in the flow `f`",
            "put `first` before `second` in its steps",
        ),
        (
            "/${random(9,1)}",
            usual,
            "7:8 `${random(9,1)}`",
            "a digit / ",
        ),
        (
            "/x",
            "steps = [\"first\", \"secnd\"]",
            "10:19 no request is called",
            "did you mean `second`?",
        ),
        (
            "/x",
            "steps = [\"first\", { pause = \"1s\" }]",
            "10:19 a pause stands between",
            "follows the last",
        ),
        (
            "/x",
            "steps = [\"first\", { pause = \"1x\" }, \"first\"]",
            "10:19",
            "",
        ),
    ] {
        one(
            &head(&format!("{two}path = \"{path}\"\n{flow}{steps}")),
            begins,
            ends,
        );
    }
}

#[test]
fn names_are_there_once_and_none_that_templates_use_themselves() {
    let requests = |one: &str, other: &str| {
        head(&format!(
            "[[request]]\nname = \"{one}\"\n[[request]]\nname = \"{other}\"\n\
             [[flow]]\nname = \"f\"\nsteps = [\"{one}\", \"{other}\"]"
        ))
    };
    one(
        &requests("uuid", "b"),
        "3:8 `uuid` is a word",
        "another name",
    );
    one(
        &requests("a", "a"),
        "5:8 `a` names a request already",
        "another name",
    );
    one(
        &head("[[request]]\nmethod = \"GET\""),
        "3:10 a request of a list",
        "a digit",
    );
    let none = head("[[request]]\nname = \"a\"\n[[request]]\nname = \"b\"");
    one(&none, "5:8 several requests, and no flow", "mixes them");
}

#[test]
fn captures_and_expectations_are_of_their_kind() {
    let request = |line: &str| head(&format!("[[request]]\nname = \"a\"\n{line}"));
    for (line, begins) in [
        ("capture = { a = \"$.id\" }", "4:17 `$.id` does not say"),
        (
            "capture = { a = \"json:$..a..b\" }",
            "4:17 a JSONPath may have one",
        ),
        ("capture = { a = \"json:id\" }", "4:17 `id` is no JSONPath"),
        (
            "capture = { a = \"regex:(a)(b)\" }",
            "4:17 `(a)(b)` has 2 groups",
        ),
        (
            "capture = { a = \"regex:(a\" }",
            "4:17 `(a` is no regular expression",
        ),
        (
            "capture = { a = \"header:a b\" }",
            "4:17 `a b` cannot be a header's name",
        ),
        (
            "expect = { json = { \"status\" = 1 } }",
            "4:21 `status` is no JSONPath",
        ),
        ("function = \"a b\"", "4:12"),
        (
            "json = { a = 1 }\nbody = \"x\"",
            "4:8 the request has both `body` and `json`",
        ),
    ] {
        let told = told(&request(line));
        assert!(told.len() == 1 && told[0].starts_with(begins), "{told:?}");
    }
    // Quoted dots are no descendant segments.
    let quoted = request("capture = { a = \"json:$['a..b']..c\" }");
    assert!(Scenario::parse(&quoted, "x.toml").is_ok());
}

#[test]
fn a_feed_is_read_with_the_scenario_and_says_where_it_is_wrong() {
    let folder = tempfile::tempdir().expect("a folder");
    let load = |feed: &str, text: &str, path: &str| {
        fs::write(folder.path().join(feed), text).expect("written");
        let file = folder.path().join("x.toml");
        let scenario = head(&format!(
            "[data.d]\nfile = \"{feed}\"\n[request]\npath = \"{path}\""
        ));
        fs::write(&file, scenario).expect("written");
        match Scenario::load(&file.display().to_string()) {
            Ok(scenario) => format!("{:?}", scenario.traffic.expect("a feed").feeds[0].rows),
            Err(LoadError::Mistakes(mistakes)) => mistakes.to_string(),
            Err(error) => error.to_string(),
        }
    };
    let path = "/${d.a}";
    assert_eq!(
        load("a.csv", "\u{feff}a,b\r\n\"x, y\",1\r\nz,2\r\n", path),
        "2 rows of [\"a\"]"
    );
    assert_eq!(
        load("a.ndjson", "{\"a\": 1}\n{\"a\": [2]}\n", path),
        "2 rows of [\"a\"]"
    );
    assert_eq!(
        load("a.json", "[{\"a\": 1, \"b\": 2}]", path),
        "1 rows of [\"a\"]"
    );
    for (feed, text, path, says) in [
        ("b.csv", "geheim,b\n1,2\n", path, "no column of b.csv"),
        ("b.csv", "a,b\n1\n", path, "line 2 has 1"),
        ("b.csv", "a\n", path, "no rows"),
        (
            "b.csv",
            "a\ngeheim\n",
            "/${d.a|number}",
            "row 1 of ${d.a} is no number",
        ),
        (
            "b.ndjson",
            "{\"a\": 1}\n{\"b\": \"geheim\"}",
            path,
            "row 2 has no `a`",
        ),
        (
            "b.json",
            "{\"a\": \"geheim\"}",
            path,
            "no JSON object belongs",
        ),
    ] {
        let told = load(feed, text, path);
        let rest = told.replace("[data.d]", "");
        assert!(
            told.contains(says) && !rest.contains("geheim,") && !rest.contains("\"geheim"),
            "{told}"
        );
    }
}

#[test]
fn a_feed_with_a_mistake_is_one_mistake_however_many_templates_name_it() {
    let text = head(
        "[data.d]\nfile = \"a.csv\"\nordre = \"next\"\n[data.e]\norder = \"next\"\n\
         [request]\npath = \"/${d.a}/${d.b}/${e.a}/${e.b}\"",
    );
    let told = Scenario::parse(&text, "x.toml")
        .expect_err("two mistakes")
        .to_string();
    assert_eq!(told.matches('×').count(), 2, "{told}");
}
