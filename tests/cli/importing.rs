//! `loadgen import`: what it prints runs as it stands, and what is no import is refused.

use std::sync::{Arc, Mutex};

use crate::{
    place::Place,
    support::server::{ok, serve},
};

#[test]
fn what_is_imported_runs_with_its_secret_from_the_environment_and_none_is_printed() {
    let heads: Arc<Mutex<Vec<String>>> = Arc::default();
    let kept = Arc::clone(&heads);
    let url = serve(move |head| {
        kept.lock().expect("the heads").push(head);
        ok(br#"{"id": "c-7"}"#)
    });
    let place = Place::new();
    let commands = format!(
        "curl '{url}/catalog?for=ana'\n\
         curl '{url}/carts' -X GET -H 'Authorization: Bearer geheim-123'\n"
    );
    place.write("visit.sh", &commands);
    let made = place.run(&["import", "visit.sh"]).succeeded();
    assert!(!made.contains("geheim"), "{made}");
    place.write("visit.toml", &made);
    let words = ["run", "visit.toml", "--url", &url, "--no-verify", "--json"];
    place.run(&words).ended(2, &["AUTHORIZATION"]);
    let mut command = place.command(&words);
    let ended = crate::support::command::Finished::of(command.env("AUTHORIZATION", "geheim-123"));
    let run = ended.json();
    assert_eq!(
        (ended.code, &run["verdict"]),
        (Some(0), &"met".into()),
        "{}",
        ended.err
    );
    assert_eq!(run["requests"]["sent"], 2);
    assert!(!format!("{}{}", ended.out, ended.err).contains("geheim"));
    let heads = heads.lock().expect("the heads");
    let sent: Vec<&String> = heads
        .iter()
        .filter(|head| !head.contains("_sandbox"))
        .collect();
    assert!(sent[0].starts_with("GET /catalog?for=ana "), "{sent:?}");
    assert!(
        sent[1].contains("authorization: Bearer geheim-123\r\n"),
        "{sent:?}"
    );
}

#[test]
fn what_cannot_be_imported_is_refused_with_its_place() {
    let place = Place::new();
    place.write("no.har", "{\"log\":\n {\"entries\": 7}}");
    place.write("no.yml", "config: {}\n");
    std::fs::write(place.path("bytes"), b"curl \xff").expect("a file is written");
    for (file, told) in [
        ("no.har", "line 2, column 14"),
        ("no.yml", "`scenarios`"),
        ("bytes", "UTF-8"),
        ("nowhere", "nowhere"),
        (".", "cannot be imported"),
    ] {
        let ended = place.run(&["import", file]);
        ended.ended(2, &[told]);
        assert_eq!(ended.out, "", "{file}");
    }
    place
        .run(&["import", "no.har", "--lang", "ko"])
        .ended(2, &["2번째 줄 14번째 열"]);
}
