//! Shards and their merge where there is no room to write: a clear error, or a merged run that says
//! what is missing.

use std::{
    fs,
    process::{Command, Stdio},
    time::{SystemTime, UNIX_EPOCH},
};

use serde_json::Value;

use crate::{
    faults::{json, may_unshare, note},
    place::Place,
    support::server::plain_server,
};

const SCENARIO: &str = "name = \"half\"\n[[phase]]\nname = \"rate\"\nrate = 600\nfor = \"1s\"\n\
                        [thresholds]\n\"response.p95\" = \"< 1m\"\n";

/// What is typed of a shard, but for its number and its folder. It starts so many seconds from now.
fn shard(place: &Place, server: &str, seconds: u64) -> String {
    place.write("half.toml", SCENARIO);
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let start = now.expect("a time").as_secs() + seconds;
    format!("run half.toml --url {server} --start-at @{start} --json")
}

/// Runs both shards at once: the first by this script, in which `$0` is loadgen, the other with room.
fn both(place: &Place, mut first: Command, shard: &str) -> Value {
    let first = first.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let first = first.expect("a shell");
    let other = format!("exec \"$0\" {shard} --shard 1/2 --out 1");
    let other = place.shell(&other).output().expect("a shell");
    assert_eq!(json(&other)["requests"]["completed"], 300);
    json(&first.wait_with_output().expect("it ends"))
}

fn merged(place: &Place) -> Value {
    let merged = ["merge", "0", "1", "--out", "merged", "--json"];
    json(&place.command(&merged).output().expect("a shell"))
}

#[test]
fn a_shard_without_room_for_its_samples_is_merged_with_all_its_figures() {
    let place = Place::new();
    let shard = shard(&place, &plain_server(), 4);
    // Files of at most 32 KiB: enough for all but its samples.
    let small = place.shell(&format!(
        "trap '' XFSZ; ulimit -f 64; exec \"$0\" {shard} --shard 0/2 --out 0"
    ));
    let one = both(&place, small, &shard);
    assert!(note(&one, "not every sample is on disk"), "{one}");
    let run = merged(&place);
    assert_eq!(run["requests"]["completed"], 600);
    assert_eq!(run["latency_ms"]["response"]["all"]["n"], 600);
    assert_eq!(run["samples"]["lost"], true);
    assert_eq!(run["thresholds"][0]["met"], true);
    // What is read again is what was said.
    let again = place.run(&["report", "merged", "--format", "json"]).json();
    assert_eq!(again, run);
    assert!(
        note(&run, "shard 0: not every sample is on disk"),
        "{}",
        run["notes"]
    );
}

#[test]
fn a_shard_whose_disk_is_full_is_cut_off_or_sends_nothing_and_the_merged_run_says_so() {
    if !may_unshare("a full disk") {
        return;
    }
    let place = Place::new();
    let server = plain_server();
    let typed = shard(&place, &server, 4);
    let later = shard(&place, &server, 60);
    // The disk is gone with the process, so what is on it is copied.
    let script = format!(
        "mkdir disk && mount -t tmpfs -o size=24k none disk && \
         \"$0\" {typed} --shard 0/2 --out disk/0; cp -r disk/0 0; \
         rm -r disk/0; cat /dev/zero > disk/full 2>/dev/null; \
         \"$0\" {later} --shard 0/2 --out disk/late 2> said; echo $? >> said"
    );
    let namespace = ["unshare", "--user", "--map-root-user", "--mount"];
    let one = both(&place, place.within(&namespace, &script), &typed);
    assert_eq!(one["requests"]["completed"], 300);
    let run = merged(&place);
    let (sent, not_sent) = (&run["requests"]["sent"], &run["requests"]["not_sent"]);
    let sum = sent.as_u64().zip(not_sent.as_u64());
    assert_eq!(sum.map(|(sent, not_sent)| sent + not_sent), Some(600));
    assert!(not_sent.as_u64() > Some(0), "{not_sent}");
    assert_eq!(run["verdict"], "not_verified");
    assert!(
        note(&run, "shard 0 of 2 (counted from 0) was cut off"),
        "{}",
        run["notes"]
    );
    let said = fs::read_to_string(place.path("said")).expect("what it said");
    assert!(said.contains("No space left on device"), "{said}");
    assert!(said.ends_with("2\n"), "{said}");
}

#[test]
fn a_merge_without_room_fails_and_what_it_leaves_is_no_complete_run() {
    let place = Place::new();
    let typed = shard(&place, &plain_server(), 4);
    let one = place.shell(&format!("exec \"$0\" {typed} --shard 0/2 --out 0"));
    both(&place, one, &typed);
    let full = place
        .shell("trap '' XFSZ; ulimit -f 64; exec \"$0\" merge 0 1 --out merged")
        .output()
        .expect("a shell");
    let said = String::from_utf8_lossy(&full.stderr);
    assert_eq!(full.status.code(), Some(2), "{said}");
    assert!(
        said.contains("the merged run in merged is not complete: samples.ndjson"),
        "{said}"
    );
    let left = place.run(&["report", "merged", "--format", "json"]).json();
    assert_eq!(left["interrupted"], true);
    assert_eq!(left["ended_at"], Value::Null);
    assert_eq!(left["verdict"], "not_verified");
    // With room, the same shards are one run.
    fs::rename(place.path("merged"), place.path("left")).expect("renamed");
    assert_eq!(merged(&place)["requests"]["sent"], 600);
}
