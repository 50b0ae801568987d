//! Secrets that stand in every place of a flow are in nothing that a run leaves behind: not in its folder, its
//! reports, the sandbox's pages and data, or the words of a process. A value that is no secret is found there.

use std::{
    collections::BTreeSet,
    fs,
    io::{Read, Write},
    net::TcpStream,
    path::{Path, PathBuf},
    process::Stdio,
    thread,
    time::Duration,
};

use loadgen::telemetry::{search::Query, store};

use crate::{place::Place, sandbox::Running, support::command::Finished};

/// What each planted secret begins with.
const PLANTED: &str = "geh7im-";
/// What the header begins with that is no secret.
const SEEN: &str = "nothing-secret";

/// The first answers carry what is captured, and what nobody captures.
const APP: &str = r#"
[[function]]
name = "gate"
route = "/login"
answer = '{"token": "geh7im-token", "expires_in": 3600}'
[[function]]
name = "shop"
route = "/shop"
answer = '{"id": "geh7im-captured", "note": "geh7im-answer"}'
"#;

const SCENARIO: &str = r#"
name = "planted"
[data.people]
file = "people.csv"
[auth]
capture = { token = "json:$.token" }
[auth.request]
method = "POST"
path = "/login?k=${QUERY}"
headers = { x-key = "${AUTH_HEADER}" }
json = { user = "${people.user}", password = "${AUTH_BODY}" }
function = "gate"
[[request]]
name = "first"
method = "POST"
path = "/shop/${PATH_PART}/${people.path}?q=${QUERY}"
headers = { authorization = "Bearer ${auth.token}", x-own = "${HEADER}", cookie = "sid=${COOKIE}", x-row = "${people.header}", x-plain = "nothing-secret" }
json = { secret = "${JSON}", of = "${people.body}", deep = [{ token = "${JSON}" }] }
capture = { id = "json:$.id" }
function = "shop"
[[request]]
name = "second"
method = "POST"
path = "/shop/${first.id}?q=${first.id}"
headers = { authorization = "Basic ${BASIC}", x-id = "${first.id}" }
body = "text with ${BODY}"
function = "shop"
[[request]]
name = "third"
method = "POST"
path = "/shop"
form = { field = "${FORM}", row = "${people.body}" }
capture = { none = "json:$.none" }
function = "shop"
[[request]]
name = "fourth"
path = "/shop/${third.none}"
function = "shop"
[[flow]]
name = "all"
steps = ["first", "second", "third", "fourth"]
[[phase]]
name = "burst"
burst = 6
within = "300ms"
[expect]
insights = [{ insight = "cold_starts", function = "shop" }]
"#;

const VARIABLES: [&str; 10] = [
    "QUERY",
    "AUTH_HEADER",
    "AUTH_BODY",
    "PATH_PART",
    "HEADER",
    "COOKIE",
    "JSON",
    "BASIC",
    "BODY",
    "FORM",
];

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder").flatten();
    let paths = entries.map(|entry| entry.path());
    let of = |path: PathBuf| match path.is_dir() {
        true => files(&path),
        false => vec![path],
    };
    paths.flat_map(of).collect()
}

#[track_caller]
fn has_none(what: &str, text: &[u8]) {
    let text = String::from_utf8_lossy(text);
    if let Some(at) = text.find(PLANTED) {
        let before: String = text[..at].chars().rev().take(80).collect();
        let before: String = before.chars().rev().collect();
        let after: String = text[at..].chars().take(40).collect();
        panic!("{what} has ...{before}{after}");
    }
}

/// The body that an address answers with.
fn page(host: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(host).expect("a connection");
    let head = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    stream.write_all(head.as_bytes()).expect("sent");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("an answer");
    String::from_utf8_lossy(&answer).into_owned()
}

/// The pages that are reached from the first one, by their addresses.
fn pages(host: &str) -> Vec<(String, String)> {
    let mut known: BTreeSet<String> = ["/functions", "/logs"].map(str::to_owned).into();
    let mut waiting: Vec<String> = known.iter().cloned().collect();
    let mut read = Vec::new();
    while let Some(path) = waiting.pop().filter(|_| read.len() < 120) {
        let text = page(host, &path);
        for link in text.split("href=\"").skip(1) {
            let link = link.split('"').next().unwrap_or_default();
            let link = link.replace("&amp;", "&");
            let is_new = link.starts_with('/') && !link.starts_with("//");
            // Many filters lead to the same traces.
            let is_of_traces = link.starts_with("/apm/trace") && !link.contains('&');
            if is_new && (is_of_traces || known.len() < 60) && known.insert(link.clone()) {
                waiting.push(link);
            }
        }
        read.push((path, text));
    }
    read
}

/// The words of each process that is there.
fn process_words() -> Vec<u8> {
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    let words = processes.filter_map(|process| fs::read(process.path().join("cmdline")).ok());
    words.flatten().collect()
}

#[test]
fn the_secrets_of_a_flow_are_in_nothing_that_a_run_leaves_behind() {
    let place = Place::new();
    place.write("app.toml", APP);
    let data = place.path("data");
    let app = place.path("app.toml");
    let mut sandbox = Running::start(&[
        "--functions",
        app.to_str().expect("a path"),
        "--data",
        data.to_str().expect("a path"),
    ]);
    let address = |name: &str| sandbox.addresses[name].as_str().expect("an address");
    let url = address("invoke_url").to_owned();
    let base = address("datadog_url").to_owned();
    let host = base.trim_start_matches("http://").trim_end_matches('/');
    place.write("planted.toml", SCENARIO);
    let row = "geh7im-user,geh7im-row,geh7im-header,geh7im-cell\n";
    place.write("people.csv", &format!("user,path,header,body\n{row}"));
    let mut command =
        place.command(&["run", "planted.toml", "--url", &url, "--full", "--out", "r"]);
    for name in VARIABLES {
        command.env(name, format!("{PLANTED}{}", name.to_lowercase()));
    }
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("it starts");
    while child.try_wait().expect("its state").is_none() {
        has_none("ps", &process_words());
        thread::sleep(Duration::from_millis(10));
    }
    let ended = Finished::from(child.wait_with_output().expect("it ends"));
    // The third request's answer has no such value.
    assert_eq!(ended.code, Some(1), "{}{}", ended.out, ended.err);
    assert!(ended.out.contains("json:$.none"), "{}", ended.out);
    has_none("stdout", ended.out.as_bytes());
    has_none("stderr", ended.err.as_bytes());
    for format in ["text", "json", "html", "markdown", "junit", "csv", "hlog"] {
        let report = place.run(&["report", "r", "--format", format]);
        assert_eq!(report.code, Some(0), "{}", report.err);
        has_none(format, report.out.as_bytes());
        has_none(format, report.err.as_bytes());
    }
    let read = pages(host);
    for (path, text) in &read {
        has_none(path, text.as_bytes());
    }
    let shown = |text: &(String, String)| text.1.contains(SEEN);
    assert!(read.iter().any(shown), "a trace shows the header: {read:?}");
    assert_eq!(sandbox.signal("-TERM"), Some(0));
    let reader = store::StoreReader::open(data.join("telemetry.db")).expect("the store");
    let query = Query::parse("*").expect("a query");
    let all = store::EventSearch {
        query: &query,
        from_ms: 0,
        to_ms: i64::MAX / 2_000_000,
        order: store::SearchOrder::OldestFirst,
        after: None,
    };
    let spans = format!("{:?}", reader.spans(&all, 10_000).expect("spans").items);
    assert!(spans.contains(SEEN), "{spans}");
    assert!(spans.contains("\"POST /shop/{proxy+}\""), "{spans}");
    has_none("the spans", spans.as_bytes());
    for folder in ["r", "data"] {
        let left = files(&place.path(folder));
        assert!(!left.is_empty(), "{folder}");
        for file in left {
            has_none(
                &file.display().to_string(),
                &fs::read(&file).expect("a file"),
            );
        }
    }
}

/// What each import holds, and what stands in its place.
#[test]
fn what_is_imported_with_secrets_prints_none_of_them() {
    let place = Place::new();
    place.write(
        "copied.sh",
        "curl -u me:geh7im-1 'https://h/a?token=geh7im-2' -H 'X-Key: geh7im-3' -b 'sid=geh7im-4' \
         --data-raw '{\"password\": \"geh7im-5\", \"none\": null}' --proxy-user me:geh7im-6 --pass geh7im-7\n\
         curl https://h/b -d '{\"userPin\": \"geh7im-8\"}' -Egeh7im-9 -d client_secret=geh7im-10\n\
         curl https://me:geh7im-11@h/c --oauth2-bearer geh7im-12 -d a=1 -d a=2 -d pwd=geh7im-13\n\
         curl https://h/d -d '<x><password>geh7im-14</password></x>' -H 'content-type: text/xml'\n",
    );
    let entry = |request: &str| {
        format!(
            r#"{{"request": {{"method": "POST", "url": "https://h/a?sid=geh7im-20", "headers": [
            {{"name": "Cookie", "value": "old=geh7im-21"}}, {{"name": "X-Csrf-Token", "value": "geh7im-22"}}],
            "cookies": [{{"name": "old", "value": "geh7im-21"}}], {request}}}}}"#
        )
    };
    let parts =
        r#"--b\r\nContent-Disposition: form-data; name=\"password\"\r\n\r\ngeh7im-24\r\n--b--"#;
    let entries = [
        entry(
            r#""postData": {"mimeType": "application/json", "text": "[{\"accessToken\": \"geh7im-23\"}]"}"#,
        ),
        entry(&format!(
            r#""postData": {{"mimeType": "multipart/form-data; boundary=b", "text": "{parts}"}}"#
        )),
    ];
    place.write(
        "visit.har",
        &format!(r#"{{"log": {{"entries": [{}]}}}}"#, entries.join(",")),
    );
    place.write(
        "test.yml",
        r#"
config:
  target: https://h
  variables: { apiToken: geh7im-30, secret: [geh7im-31] }
  http: { defaults: { headers: { X-Api-Key: geh7im-32 } } }
  environments: { live: { variables: { password: geh7im-33 } } }
scenarios:
  - flow:
      - post:
          url: "/a/{{ apiToken }}"
          auth: { user: me, pass: geh7im-34 }
          json: { note: "{{ apiToken }}", more: "{{ secret }}", credentials: { login: x, password: geh7im-35 } }
"#,
    );
    for (file, stands) in [
        ("copied.sh", "${USERPIN}"),
        ("visit.har", "${ACCESSTOKEN}"),
        ("test.yml", "${APITOKEN}"),
    ] {
        let made = place.run(&["import", file]);
        assert_eq!(made.code, Some(0), "{file}: {}", made.err);
        has_none(file, made.out.as_bytes());
        has_none(file, made.err.as_bytes());
        assert!(made.out.contains(stands), "{file}: {}", made.out);
    }
    let har = place.run(&["import", "visit.har"]).succeeded();
    assert!(har.contains("the cookie old"), "{har}");
}

/// A value whose name says nothing is known by its form, and ids and words are left as they are.
#[test]
fn a_value_drawn_at_random_is_taken_for_a_secret_and_an_id_is_not() {
    let place = Place::new();
    let random = [
        "9f86d081884c7d659a2feaa0c55ad015",
        "hR3kZ8qLw0TnV5yXcB2mD7",
        "ghp_aaaaaaaaaaaaaaaaaaaaaaaa",
        "eyJhbGciOiJub25lIn0.eyJhIjoxfQ.x",
    ];
    let plain = [
        "123e4567-e89b-12d3-a456-426614174000",
        "2026-11-29T12:00:00.000Z",
        "application/x-www-form-urlencoded",
        "iPhone 15 Pro Max 256GB Black Titanium",
        "0123456789012345678901234567890123456789",
    ];
    for (values, are_hidden) in [(&random[..], true), (&plain[..], false)] {
        for value in values {
            let line = format!(
                "curl https://h/a -H 'x-note: {value}' --json '{{\"note\": \"{value}\"}}'\n"
            );
            place.write("one.sh", &line);
            let made = place.run(&["import", "one.sh"]).succeeded();
            assert_eq!(!made.contains(value), are_hidden, "{made}");
        }
    }
}
