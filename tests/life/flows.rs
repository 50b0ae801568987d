//! Flows against a server that is not ours: what is captured leads on, and each name has its figures.

use std::{
    collections::BTreeMap,
    num::NonZeroU64,
    sync::{Arc, Mutex},
};

use loadgen::{
    engine::StopSignal,
    record::{Folder, Overall, Run},
    run::{RunOptions, RunTarget, run},
    sample::{Outcome, Sample},
    scenario::Scenario,
};

use crate::{
    support::server::{ok, serve},
    watching::{Watching, folder, options},
};

type Log = Arc<Mutex<Vec<String>>>;

/// A server that keeps the heads of its requests and answers what `answer` makes of a path and the
/// `authorization` header.
fn shop(answer: impl Fn(&str, &str) -> Vec<u8> + Send + Sync + 'static) -> (String, Log) {
    let log: Log = Arc::default();
    let kept = Arc::clone(&log);
    let address = serve(move |head| {
        let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
        let mut lines = head.lines();
        let token = lines.find_map(|line| line.strip_prefix("authorization: "));
        let answered = answer(&path, token.unwrap_or_default());
        if !path.starts_with("/_sandbox") {
            kept.lock().expect("the log").push(path);
        }
        answered
    });
    (address, log)
}

fn status(status: u16) -> Vec<u8> {
    format!("HTTP/1.1 {status} Status\r\ncontent-length: 0\r\n\r\n").into_bytes()
}

fn sent(
    text: &str,
    address: &str,
    change: impl FnOnce(&mut RunOptions),
) -> (Run, Vec<Sample>, Folder) {
    let scenario = Scenario::parse(text, "flows.toml").unwrap_or_else(|error| panic!("{error}"));
    let folder = folder();
    let mut options = options(folder.path());
    options.verify = false;
    change(&mut options);
    let target = RunTarget::at(address).expect("a target");
    let done = run(&scenario, target, &options, &mut Watching::default()).expect("a run");
    let samples = done.folder.samples().expect("samples").collect();
    std::mem::forget(folder);
    (done.run, samples, done.folder)
}

const BUY: &str = r#"
name = "buy"
seed = 5
[[request]]
name = "cart"
path = "/cart/${random(1,1000000)}"
capture = { id = "json:$.id" }
[[request]]
name = "order"
path = "/order/${cart.id}/${uuid}"
[[request]]
name = "look"
path = "/look"
[[flow]]
name = "buy"
weight = 3
steps = ["cart", { pause = "30ms" }, "order"]
[[flow]]
name = "look"
steps = ["look"]
[[phase]]
name = "all"
burst = 40
within = "200ms"
[thresholds]
"request.order.errors.count" = "< 1"
"flow.look.requests.sent" = ">= 10"
"#;

/// A cart has the number that its path ends with.
fn carts(path: &str, _: &str) -> Vec<u8> {
    let id = path.rsplit('/').next().unwrap_or_default();
    ok(format!(r#"{{"id": "c{id}"}}"#).as_bytes())
}

#[test]
fn a_capture_leads_to_the_next_request_and_each_name_has_its_figures() {
    let (address, log) = shop(carts);
    let (run, samples, _) = sent(BUY, &address, |_| {});
    assert_eq!(run.verdict, Overall::Met, "{}", run.sentence);
    assert_eq!((run.requests.planned, run.requests.sent), (70, 70));
    assert_eq!(run.phases[0].planned, 70);
    let of = |part: &loadgen::record::PartReport| (part.name.clone(), part.sent);
    let named = |name: &str, sent| (name.to_owned(), sent);
    let requests: Vec<_> = run.by_request.iter().map(of).collect();
    assert_eq!(
        requests,
        [named("cart", 30), named("order", 30), named("look", 10)]
    );
    let flows: Vec<_> = run.by_flow.iter().map(of).collect();
    assert_eq!(flows, [named("buy", 60), named("look", 10)]);
    let log = log.lock().expect("the log");
    for order in log.iter().filter_map(|path| path.strip_prefix("/order/c")) {
        let id = order.split('/').next().unwrap_or_default();
        assert!(log.contains(&format!("/cart/{id}")), "{order}");
    }
    // The first request is planned by the phase, a later one by the answer before it and the pause.
    let first: BTreeMap<u64, &Sample> = samples
        .iter()
        .filter(|one| one.turn == 0)
        .map(|one| (one.index, one))
        .collect();
    for (index, sample) in &first {
        assert_eq!(
            sample.planned_us,
            Some(index * 5_000),
            "200 ms for 40 arrivals"
        );
    }
    for order in samples.iter().filter(|one| one.turn == 1) {
        let after = first[&order.index].done_us + 30_000;
        assert_eq!(order.planned_us, Some(after));
        assert!(order.sent_us >= Some(after));
    }
}

#[test]
fn threads_send_the_requests_that_one_process_sends() {
    let paths = |threads: u64| {
        let (address, log) = shop(carts);
        let (run, ..) = sent(BUY, &address, |options| {
            options.sharing.threads = NonZeroU64::new(threads).expect("threads");
        });
        assert_eq!(run.requests.sent, 70);
        let mut paths = log.lock().expect("the log").clone();
        paths.sort_unstable();
        paths
    };
    assert_eq!(paths(1), paths(3));
}

#[test]
fn at_most_so_many_requests_are_in_flight_and_none_waits_for_ever() {
    let (address, _) = shop(carts);
    let (run, samples, _) = sent(BUY, &address, |options| options.max_in_flight = 1);
    assert_eq!((run.requests.sent, run.requests.not_sent), (70, 0));
    let mut spans: Vec<(u64, u64)> = samples
        .iter()
        .filter_map(|one| Some((one.sent_us?, one.done_us)))
        .collect();
    spans.sort_unstable();
    for pair in spans.windows(2) {
        assert!(pair[0].1 <= pair[1].0, "{pair:?}");
    }
}

#[test]
fn a_flow_ends_where_a_later_request_lacks_what_it_needs_and_says_so() {
    let (address, log) = shop(|path, _| match path.starts_with("/cart") {
        true => ok(b"{\"error\": \"geheim\"}"),
        false => ok(b"ok"),
    });
    let (run, samples, _) = sent(BUY, &address, |_| {});
    assert_eq!(run.verdict, Overall::Missed);
    assert_eq!((run.requests.planned, run.requests.sent), (40, 40));
    assert_eq!(run.failures.get("capture_failed"), Some(&30));
    let told = run
        .notes
        .iter()
        .map(|note| note.text.clone())
        .collect::<String>();
    assert!(
        told.contains("the answer to `cart` has no json:$.id"),
        "{told}"
    );
    assert!(
        !serde_json::to_string(&run)
            .expect("JSON")
            .contains("geheim")
    );
    assert!(
        !log.lock()
            .expect("the log")
            .iter()
            .any(|path| path.starts_with("/order"))
    );
    let failed = samples
        .iter()
        .filter(|one| one.outcome == Outcome::CaptureFailed);
    assert_eq!(failed.count(), 30);
}

#[test]
fn the_shop_brings_what_it_promises_of_each_of_its_functions() {
    let scenario = Scenario::load("shop").expect("built in");
    let folder = folder();
    let mut seen = Watching::default();
    let done = run(
        &scenario,
        RunTarget::Embedded,
        &options(folder.path()),
        &mut seen,
    );
    let run = done.expect("a run").run;
    assert_eq!(run.verdict, Overall::Met, "{}", run.sentence);
    let of = |part: &loadgen::record::PartReport| (part.name.clone(), part.sent, part.failed);
    let parts: Vec<_> = run.by_request.iter().map(of).collect();
    let named = |name: &str, sent| (name.to_owned(), sent, 0);
    assert_eq!(
        parts,
        [named("browse", 80), named("cart", 20), named("order", 20)]
    );
    for function in ["shop-catalog", "shop-cart", "shop-orders"] {
        let row = run
            .functions
            .iter()
            .find(|one| one.requests.name == function);
        let cold = &row.expect(function).requests.cold;
        assert!(cold.cold > 0 && cold.unknown == 0, "{function}: {cold:?}");
    }
    // The fourth signs in, once: its cold start is found by asking.
    let of_login = |finding: &&loadgen::record::Finding| finding.function == "shop-login";
    let login: Vec<_> = run.insights.iter().filter(of_login).collect();
    let cold = login
        .iter()
        .find(|finding| finding.id == loadgen::insight::Id::ColdStarts);
    assert_eq!(
        cold.expect("it is asked about").verdict,
        loadgen::record::Verdict::AlsoSeen
    );
    assert_eq!(run.sign_ins.expect("a sign-in").sent, 1);
}

#[test]
fn forty_functions_behind_one_api_are_mixed_ten_to_one_with_figures_and_insights_of_each() {
    let mut text = "name = \"forty\"\n".to_owned();
    for place in 0..40 {
        let weight = if place % 2 == 0 { 10 } else { 1 };
        text.push_str(&format!(
            "[[function]]\nname = \"f{place}\"\nroute = \"/f{place}\"\n\
             [[request]]\nname = \"r{place}\"\npath = \"/f{place}\"\nfunction = \"f{place}\"\n\
             [[flow]]\nname = \"w{place}\"\nweight = {weight}\nsteps = [\"r{place}\"]\n"
        ));
    }
    text.push_str("[[phase]]\nname = \"all\"\nburst = 440\nwithin = \"4s\"\n");
    text.push_str("[thresholds]\n\"errors.share\" = \"< 1%\"\n");
    let scenario = Scenario::parse(&text, "forty.toml").unwrap_or_else(|error| panic!("{error}"));
    let folder = folder();
    let mut watching = Watching::default();
    let options = options(folder.path());
    let done = run(&scenario, RunTarget::Embedded, &options, &mut watching).expect("a run");
    let run = done.run;
    assert_eq!(run.verdict, Overall::Met, "{}", run.sentence);
    assert_eq!((run.requests.sent, run.functions.len()), (440, 40));
    for place in 0..40 {
        let name = format!("f{place}");
        let mut functions = run.functions.iter();
        let row = functions.find(|one| one.requests.name == name);
        let row = &row.expect("a row").requests;
        let sent = if place % 2 == 0 { 20 } else { 2 };
        assert_eq!(
            (row.sent, row.failed, row.cold.unknown),
            (sent, 0, 0),
            "{name}"
        );
        assert!(row.cold.cold > 0, "{name}");
        let mut findings = run.insights.iter();
        let cold = findings.find(|finding| {
            finding.function == name && finding.id == loadgen::insight::Id::ColdStarts
        });
        let cold = cold.expect("a finding");
        assert_eq!(cold.verdict, loadgen::record::Verdict::AlsoSeen, "{name}");
        assert!(cold.predicted.is_some(), "{name}");
    }
}

const SIGNED: &str = r#"
name = "signed"
[auth]
request = { path = "/login" }
capture = { token = "json:$.token" }
[request]
path = "/mine"
headers = { authorization = "Bearer ${auth.token}" }
[[phase]]
name = "all"
burst = 30
within = "300ms"
"#;

/// Each token opens the door ten times.
fn door() -> impl Fn(&str, &str) -> Vec<u8> {
    let used: Mutex<BTreeMap<String, u32>> = Mutex::default();
    let signed_in = Mutex::new(0);
    move |path, token| {
        if path == "/login" {
            let mut signed_in = signed_in.lock().expect("a number");
            *signed_in += 1;
            return ok(format!(r#"{{"token": "t{signed_in}"}}"#).as_bytes());
        }
        let mut used = used.lock().expect("the tokens");
        let times = used.entry(token.to_owned()).or_default();
        *times += 1;
        let is_open = *times <= 10 && token.starts_with("Bearer t");
        if is_open { ok(b"{}") } else { status(401) }
    }
}

#[test]
fn a_sign_in_comes_first_once_more_on_a_401_and_is_reported_apart() {
    let (address, log) = shop(door());
    let (run, ..) = sent(SIGNED, &address, |_| {});
    let log = log.lock().expect("the log");
    assert_eq!(log[0], "/login");
    let refused = run.status.get(&401).copied().unwrap_or_default();
    assert_eq!(
        run.status.get(&200),
        Some(&30),
        "each is sent again with the new token"
    );
    assert_eq!(run.requests.sent, 30 + refused);
    let sign_ins = run.sign_ins.expect("sign-ins");
    let logins = log.iter().filter(|path| *path == "/login").count() as u64;
    assert_eq!((sign_ins.sent, sign_ins.failed), (logins, 0));
    assert!(
        (3..=4).contains(&logins),
        "one for ten requests, not one for each 401: {logins}"
    );
    assert!(run.by_request.is_empty() && run.by_flow.is_empty());
}

/// Signs in by way of three redirects, each of which needs the cookie of the one before.
fn redirecting(head: &str, last: &str) -> Vec<u8> {
    let redirect = |status: u16, location: &str, cookie: &str| {
        let lines = format!("location: {location}\r\nset-cookie: {cookie}; Path=/");
        format!("HTTP/1.1 {status} Status\r\ncontent-length: 0\r\n{lines}\r\n\r\n").into_bytes()
    };
    let line = head.lines().next().unwrap_or_default();
    let has = |cookies: &str| head.contains(&format!("cookie: {cookies}\r\n"));
    match line.trim_end_matches(" HTTP/1.1") {
        "POST /login" if head.contains("x-who: me") => redirect(307, "/login/2?at=1", "a=1"),
        "POST /login/2?at=1" if has("a=1") => redirect(302, "3#top", "b=2"),
        "GET /login/3" if has("a=1; b=2") => redirect(303, last, "a=; Max-Age=0"),
        "GET /token" if has("b=2") => ok(br#"{"token": "t1"}"#),
        "GET /mine" if head.contains("authorization: Bearer t1\r\n") => ok(b"{}"),
        _ => status(404),
    }
}

#[test]
fn a_sign_in_follows_redirects_within_its_origin_and_no_further() {
    let post = "{ method = \"POST\", path = \"/login\", headers = { x-who = \"${WHO}\" } }";
    let text = SIGNED.replace("{ path = \"/login\" }", &post.replace("${WHO}", "me"));
    let address = serve(|head| redirecting(&head, "/token"));
    let (run, ..) = sent(&text, &address, |_| {});
    assert_eq!(run.status.get(&200), Some(&30), "{}", run.sentence);
    let sign_ins = run.sign_ins.expect("sign-ins");
    assert_eq!((sign_ins.sent, sign_ins.failed), (4, 0));
    // Nothing is sent to another host, and a circle ends.
    let other = serve(|_| panic!("another origin"));
    let circle = "HTTP/1.1 302 Found\r\ncontent-length: 0\r\nlocation: /login\r\n\r\n";
    let elsewhere = [format!("{other}/token"), "http://[".to_owned()];
    let ends = elsewhere.map(|last| serve(move |head| redirecting(&head, &last)));
    let circles = serve(move |_| circle.as_bytes().to_vec());
    for (address, sign_ins) in ends.iter().zip([3, 3]).chain([(&circles, 6)]) {
        let (run, ..) = sent(&text, address, |_| {});
        assert_eq!(run.requests.sent, 0);
        assert!(run.sentence.contains("not followed"), "{}", run.sentence);
        assert_eq!(
            run.sign_ins.map(|it| (it.sent, it.failed)),
            Some((sign_ins, 1))
        );
    }
}

#[test]
fn a_run_that_cannot_sign_in_sends_nothing_else_and_says_why() {
    let (address, log) = shop(|path, _| {
        if path == "/login" {
            status(429)
        } else {
            ok(b"")
        }
    });
    let (run, ..) = sent(SIGNED, &address, |_| {});
    assert_eq!(run.verdict, Overall::Missed);
    assert!(
        run.sentence.contains("answered with status 429"),
        "{}",
        run.sentence
    );
    assert_eq!(*log.lock().expect("the log"), ["/login"]);
    assert_eq!((run.requests.sent, run.requests.not_sent), (0, 30));
}

#[test]
fn a_stop_leaves_what_was_to_follow_unsent_and_counted() {
    let text = BUY.replace("30ms", "1h").replace("burst = 40", "burst = 4");
    let (address, _) = shop(carts);
    let stop = StopSignal::new();
    let signal = stop.clone();
    std::thread::spawn(move || {
        std::thread::sleep(std::time::Duration::from_millis(600));
        signal.signal();
    });
    let (run, ..) = sent(&text, &address, |options| options.stop = stop);
    assert!(run.interrupted);
    assert_eq!((run.requests.sent, run.requests.not_sent), (4, 3));
    assert_eq!(run.requests.planned, 7);
}
