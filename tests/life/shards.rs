//! One run that threads and shards share is the run that one process would have sent.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    sync::{Arc, LazyLock, Mutex},
    thread,
    time::Duration,
};

use jiff::Timestamp;
use loadgen::{
    insight::Id,
    merge::merge,
    record::{
        Finding, Folder, Overall, Run, ShardReport, Target, TargetKind, Verdict, with_recorder,
    },
    run::{
        CompletedRun, RecordPlace, RunOptions, RunTarget, Sharing, Verified, VerifyOptions, run,
        verify,
    },
    sample::{Sample, Temperature},
    schedule::Shard,
    telemetry::{
        search::Query,
        store::{EventSearch, PointFilter, SearchOrder, StoreReader},
    },
};
use tempfile::TempDir;

use crate::{
    support::server::{ok, serve},
    watching::{folder, options, scenario},
};

/// Bursts, a rate with faults, an idle phase and Poisson arrivals, all within two seconds.
const MIXED: &str = r#"
seed = 7
[[phase]]
name = "burst"
burst = 20
[[phase]]
name = "rate"
rate = 80
for = "700ms"
fault = { kind = "error", share = 0.25 }
[[phase]]
name = "idle"
idle = "200ms"
[[phase]]
name = "poisson"
poisson = 60
for = "600ms"
[thresholds]
"errors.share" = "< 1%"
"phase.burst.response.p50" = "< 1m"
"#;

/// A server that notes the trace id of every request that reaches it.
fn noting() -> (String, Arc<Mutex<Vec<String>>>) {
    let seen: Arc<Mutex<Vec<String>>> = Arc::default();
    let noted = Arc::clone(&seen);
    let address = serve(move |head| {
        let parent = head
            .lines()
            .find_map(|line| line.strip_prefix("traceparent: 00-"));
        let trace = parent.and_then(|parent| parent.split('-').next());
        noted
            .lock()
            .expect("noted")
            .extend(trace.map(str::to_owned));
        ok(b"ok")
    });
    (address, seen)
}

fn soon() -> Timestamp {
    Timestamp::now() + Duration::from_secs(2)
}

fn shard_options(place: &Path, shard: Shard, start_at: Timestamp) -> RunOptions {
    RunOptions {
        sharing: Sharing {
            shard: Some(shard),
            start_at: Some(start_at),
            ..Sharing::default()
        },
        ..RunOptions::in_folder(place.join(shard.index().to_string()))
    }
}

/// All shards of a run to this address, each sent by a thread of its own; their folders.
fn shards(text: &str, address: &str, of: u64, place: &Path) -> Vec<PathBuf> {
    let target = || RunTarget::at(address).expect("a target");
    shards_to(target, text, of, place)
}

fn shards_to(
    target: impl Fn() -> RunTarget + Sync,
    text: &str,
    of: u64,
    place: &Path,
) -> Vec<PathBuf> {
    let start_at = soon();
    thread::scope(|scope| {
        for index in 0..of {
            let shard = Shard::new(index, of).expect("a shard");
            let target = &target;
            scope.spawn(move || {
                let options = shard_options(place, shard, start_at);
                run(&scenario(text), target(), &options, &mut ()).expect("a run")
            });
        }
    });
    (0..of).map(|index| place.join(index.to_string())).collect()
}

fn merged(folders: &[PathBuf], place: &Path) -> CompletedRun {
    merge(folders, &RecordPlace::Folder(place.join("merged"))).expect("merged")
}

/// Why these folders are not merged.
fn refused(folders: &[PathBuf], place: &Path) -> String {
    let error = merge(folders, &RecordPlace::Folder(place.join("refused"))).expect_err("refused");
    assert!(!place.join("refused").exists(), "{error}");
    error.to_string()
}

fn samples(folder: &Folder) -> Vec<Sample> {
    let mut samples: Vec<Sample> = folder.samples().expect("samples").collect();
    samples.sort_by_key(|sample| sample.index);
    samples
}

/// What was planned of each request, whoever sent it.
fn arrivals(folder: &Folder) -> Vec<(u64, u32, Option<u64>, Option<String>)> {
    let of = |sample: Sample| (sample.index, sample.step, sample.planned_us, sample.fault);
    samples(folder).into_iter().map(of).collect()
}

/// The server has seen exactly the requests of this run, each of them once.
fn assert_seen(folder: &Folder, seen: &Mutex<Vec<String>>) {
    let mut seen = std::mem::take(&mut *seen.lock().expect("noted"));
    seen.sort();
    let sent: Vec<Sample> = samples(folder);
    let mut sent: Vec<String> = sent
        .into_iter()
        .filter_map(|sample| sample.trace_id)
        .collect();
    sent.sort();
    assert!(!sent.is_empty());
    assert_eq!(sent, seen);
}

fn alone(address: &str, threads: u64) -> (TempDir, CompletedRun) {
    let place = folder();
    let mut options = options(place.path());
    options.sharing.threads = threads.try_into().expect("a number");
    let target = RunTarget::at(address).expect("a target");
    let completed = run(&scenario(MIXED), target, &options, &mut ()).expect("a run");
    (place, completed)
}

#[test]
fn threads_and_shards_send_exactly_the_arrivals_of_one_process() {
    let (address, seen) = noting();
    let (_one, one) = alone(&address, 1);
    assert_seen(&one.folder, &seen);
    let expected = arrivals(&one.folder);
    assert_eq!(expected.len() as u64, one.run.requests.planned);
    for threads in [2, 3] {
        let (_place, shared) = alone(&address, threads);
        assert_seen(&shared.folder, &seen);
        assert_eq!(arrivals(&shared.folder), expected, "{threads} threads");
        assert_eq!(shared.run.requests, one.run.requests);
        assert_eq!(shared.run.phases, one.run.phases);
    }
    for of in [2, 4, 16] {
        let place = folder();
        let folders = shards(MIXED, &address, of, place.path());
        let merged = merged(&folders, place.path());
        assert_seen(&merged.folder, &seen);
        assert_eq!(arrivals(&merged.folder), expected, "{of} shards");
        assert_eq!(merged.run.requests, one.run.requests);
        assert_eq!(merged.run.phases, one.run.phases);
        for (found, expected) in merged.run.thresholds.iter().zip(&one.run.thresholds) {
            assert_eq!((&found.metric, found.met), (&expected.metric, Some(true)));
        }
        assert_eq!(merged.run.thresholds.len(), 2);
        assert_eq!(merged.run.verdict, one.run.verdict);
        assert!(merged.run.shards.iter().all(|shard| shard.complete));
        // The record is one that every command reads.
        let read = merged.folder.read_run().expect("a run");
        let figures = merged.folder.figures(&read).expect("figures");
        assert_eq!(figures.counts.requests.sent, one.run.requests.sent);
        let log = merged.folder.intervals().expect("a log").sums();
        let all = |latencies: &loadgen::stats::Latencies| -> BTreeMap<String, u64> {
            let tags = latencies.iter();
            tags.map(|(m, c, h)| (format!("{}.{}", m.key(), c.key()), h.len()))
                .collect()
        };
        assert_eq!(all(&log.latencies), all(&figures.latencies));
    }
}

#[test]
fn a_shard_is_not_judged_and_its_limits_are_left_to_the_merged_run() {
    let (address, _) = noting();
    let place = folder();
    let folders = shards(MIXED, &address, 2, place.path());
    for folder in &folders {
        let run = Folder::at(folder).read_run().expect("a run");
        assert_eq!(run.verdict, Overall::NotVerified);
        assert!(run.sentence.contains("loadgen merge"), "{}", run.sentence);
        assert!(run.thresholds.is_empty());
        assert_eq!(loadgen::cli::Exit::of(&run), loadgen::cli::Exit::Met);
    }
    let merged = merged(&folders, place.path()).run;
    assert_eq!(merged.thresholds[0].met, Some(true));
}

#[test]
fn what_a_missing_or_late_shard_should_have_sent_is_not_sent() {
    let (address, _) = noting();
    let place = folder();
    let folders = shards(MIXED, &address, 4, place.path());
    let without: Vec<PathBuf> = [&folders[..2], &folders[3..]].concat();
    let run = merged(&without, place.path()).run;
    let missing = &run.shards[2];
    assert!(!missing.found && missing.planned > 0);
    assert_eq!(run.requests.not_sent, missing.planned);
    assert_eq!(run.requests.sent + missing.planned, run.requests.planned);
    assert_eq!(run.verdict, Overall::NotVerified);
    let said = format!(
        "shard 2 of 4 (counted from 0) is missing: its {} requests",
        missing.planned
    );
    assert!(
        run.notes.iter().any(|note| note.text.contains(&said)),
        "{:?}",
        run.notes
    );

    // One that comes after the burst: what was due by then is not sent, the rest is.
    let place = folder();
    let start_at = Timestamp::now() - Duration::from_millis(300);
    let shard = Shard::new(1, 2).expect("a shard");
    let options = shard_options(place.path(), shard, start_at);
    let target = RunTarget::at(&address).expect("a target");
    let late = run_of(target, &options);
    assert!(
        (10..late.requests.planned).contains(&late.requests.not_sent),
        "{:?}",
        late.requests
    );
    assert!(late.requests.sent > 0);
    let lag = late.shard.as_ref().expect("a shard").start_lag_ms;
    assert!(lag >= 300.0, "{lag}");
    let run = merged(&[place.path().join("1")], place.path()).run;
    for said in [
        "shard 0 of 2 (counted from 0) is missing",
        "shard 1 of 2 (counted from 0) started",
    ] {
        assert!(
            run.notes.iter().any(|note| note.text.contains(said)),
            "{said}: {:?}",
            run.notes
        );
    }
    assert_eq!(run.requests.sent, late.requests.sent);
    // A file may say any number.
    change(&place.path().join("1"), |run| {
        run["shard"]["start_lag_ms"] = 1e300.into()
    });
    merge(
        &[place.path().join("1")],
        &RecordPlace::Folder(place.path().join("again")),
    )
    .expect("merged");
    assert_eq!(
        run.requests.sent + run.requests.not_sent,
        run.requests.planned
    );
}

fn run_of(target: RunTarget, options: &RunOptions) -> Run {
    run(&scenario(MIXED), target, options, &mut ())
        .expect("a run")
        .run
}

#[test]
fn a_shard_that_is_killed_leaves_what_it_sent_and_the_rest_is_not_sent() {
    let (address, _) = noting();
    let place = folder();
    let folders = shards(MIXED, &address, 2, place.path());
    // What a kill leaves: no end in run.json, a cut line, the last second of the log missing.
    change(&folders[1], |run| {
        run["ended_at"] = serde_json::Value::Null;
        run["requests"]["sent"] = 0.into();
        run["requests"]["completed"] = 0.into();
    });
    let path = folders[1].join("samples.ndjson");
    let text = fs::read_to_string(&path).expect("samples");
    let half: Vec<&str> = text.lines().take(30).collect();
    fs::write(&path, format!("{}\n{{\"index\":", half.join("\n"))).expect("written");
    fs::write(folders[1].join("histograms.hlog"), "").expect("written");
    let run = merged(&folders, place.path()).run;
    let whole = Folder::at(&folders[0]).read_run().expect("a run");
    assert_eq!(run.requests.sent, whole.requests.sent + 30);
    assert_eq!(
        run.requests.sent + run.requests.not_sent,
        run.requests.planned
    );
    assert!(run.shards[0].complete && !run.shards[1].complete);
    let said = "shard 1 of 2 (counted from 0) was cut off";
    assert!(
        run.notes.iter().any(|note| note.text.contains(said)),
        "{:?}",
        run.notes
    );
    let log = Folder::at(place.path().join("merged"))
        .intervals()
        .expect("a log")
        .sums();
    assert_eq!(log.lag.len(), run.requests.sent);
}

fn change(folder: &Path, change: impl FnOnce(&mut serde_json::Value)) {
    let path = folder.join("run.json");
    let text = fs::read_to_string(&path).expect("a run");
    let mut run = serde_json::from_str(&text).expect("JSON");
    change(&mut run);
    fs::write(path, run.to_string()).expect("written");
}

#[test]
fn what_are_not_the_shards_of_one_run_is_refused_with_the_reason() {
    let (address, _) = noting();
    let place = folder();
    let folders = shards(
        "[[phase]]\nname = \"b\"\nburst = 9\n",
        &address,
        2,
        place.path(),
    );
    let twice = [&folders[..], &folders[1..]].concat();
    assert!(refused(&twice, place.path()).contains("shard 1 is there twice"));
    let (_whole, whole) = alone(&address, 1);
    let with_whole = [&folders[..], &[whole.folder.path().to_owned()]].concat();
    assert!(refused(&with_whole, place.path()).contains("is a complete run and no shard"));
    let all = merged(&folders, place.path());
    let again = vec![all.folder.path().to_owned()];
    assert!(refused(&again, place.path()).contains("is merged already"));
    let original = fs::read_to_string(folders[1].join("run.json")).expect("a run");
    type Change = fn(&mut serde_json::Value);
    let changes: [(Change, &str); 9] = [
        (|run| run["scenario"]["seed"] = 8.into(), "their seeds are"),
        (
            |run| run["scenario"]["toml"] = "other".into(),
            "their scenarios differ",
        ),
        (
            |run| run["scenario"]["changes"] = vec!["burst = 5"].into(),
            "their scenarios differ",
        ),
        (
            |run| run["target"]["url"] = "http://127.0.0.1:9/".into(),
            "the other to http://127.0.0.1:9/",
        ),
        (
            |run| run["shard"]["of"] = 3.into(),
            "one is of 2 shards, the other of 3",
        ),
        (
            |run| run["shard"]["start_at"] = "2026-01-01T00:00:00Z".into(),
            "the other at 2026-01-01",
        ),
        (|run| run["run_id"] = "other".into(), "their run ids are"),
        (
            |run| run["requests"]["planned"] = 7.into(),
            "contradicts itself",
        ),
        (
            |run| run["requests"]["completed"] = 3.into(),
            "contradicts itself",
        ),
    ];
    for (how, said) in changes {
        change(&folders[1], how);
        let error = refused(&folders, place.path());
        assert!(error.contains(said), "{said}: {error}");
        fs::write(folders[1].join("run.json"), &original).expect("written");
    }
    change(&folders[1], |run| run["schema"] = "loadgen.run/9".into());
    assert!(refused(&folders, place.path()).contains("loadgen.run/9"));
    fs::write(folders[1].join("run.json"), &original).expect("written");
    let path = folders[1].join("samples.ndjson");
    let own = fs::read_to_string(&path).expect("samples");
    for (text, said) in [
        (
            own.replace("{\"index\":1,", "{\"index\":2,"),
            "request 2, which belongs to another shard",
        ),
        (
            format!("{own}{}\n", own.lines().next().expect("a line")),
            "twice",
        ),
        (
            own.lines()
                .skip(1)
                .map(|line| format!("{line}\n"))
                .collect(),
            "samples.ndjson 3",
        ),
    ] {
        fs::write(&path, text).expect("written");
        let error = refused(&folders, place.path());
        assert!(error.contains(said), "{said}: {error}");
    }
    fs::write(&path, own).expect("written");
    fs::write(folders[1].join("histograms.hlog"), "").expect("written");
    assert!(refused(&folders, place.path()).contains("histograms.hlog 0"));
}

#[test]
fn a_start_that_cannot_be_kept_is_refused_and_sends_nothing() {
    let (address, seen) = noting();
    let place = folder();
    let shard = Shard::new(0, 2).expect("a shard");
    let past = Timestamp::now() - Duration::from_secs(3600);
    for (sharing, said) in [
        (
            Sharing {
                start_at: Some(past),
                ..Sharing::default()
            },
            "nothing of the run is left",
        ),
        (
            Sharing {
                start_at: Some(past),
                shard: Some(shard),
                ..Sharing::default()
            },
            "nothing of the run is left",
        ),
        (
            Sharing {
                shard: Some(shard),
                ..Sharing::default()
            },
            "nothing says when",
        ),
        (
            Sharing {
                threads: 9_999.try_into().expect("a number"),
                ..Sharing::default()
            },
            "9,999 parts, and only 2,000 requests",
        ),
    ] {
        let options = RunOptions {
            sharing,
            ..options(place.path())
        };
        let target = RunTarget::at(&address).expect("a target");
        let error = run(&scenario(MIXED), target, &options, &mut ()).expect_err("refused");
        assert!(error.to_string().contains(said), "{said}: {error}");
    }
    assert!(seen.lock().expect("noted").is_empty());
}

#[test]
fn threads_skip_an_idle_phase_once_for_all() {
    let place = folder();
    let mut options = options(place.path());
    options.sharing.threads = 3.try_into().expect("a number");
    let text = "[[phase]]\nname = \"idle\"\nidle = \"15m\"\n[[phase]]\nname = \"burst\"\nburst = 20\n[repeat]\ntimes = 2\n";
    let run = run(&scenario(text), RunTarget::Embedded, &options, &mut ())
        .expect("a run")
        .run;
    assert_eq!(run.requests.completed, 40);
    assert_eq!(run.cold.cold, 40);
    assert!(run.schedule.skipped_ms >= 2 * 880_000, "{:?}", run.schedule);
    let range = run.target.range;
    assert!(range.to_ms - range.from_ms < 31 * 60_000, "{range:?}");
}

/// Everything that a run's telemetry holds, each thing once as often as it is there.
fn telemetry(folder: &Path) -> Vec<String> {
    let store = StoreReader::open(Folder::at(folder).telemetry_file()).expect("a store");
    let all = EventSearch {
        query: &Query::All,
        from_ms: i64::MIN,
        to_ms: i64::MAX,
        order: SearchOrder::OldestFirst,
        after: None,
    };
    let mut held = Vec::new();
    let spans = store.spans(&all, 10_000).expect("spans").items;
    held.extend(spans.iter().map(|span| format!("{:?}", span.value)));
    let logs = store.logs(&all, 10_000).expect("logs").items;
    held.extend(logs.iter().map(|line| format!("{:?}", line.value)));
    for name in store.metric_names().expect("metrics") {
        let filter = PointFilter {
            name: &name,
            from_ms: i64::MIN,
            to_ms: i64::MAX,
            interval_ms: 1,
            wanted: &|_| true,
        };
        for series in store.points(&filter).expect("points") {
            for (at_ms, value, count) in series.points {
                let point = format!("{name} {:?} {at_ms} {value}", series.tags);
                held.extend(std::iter::repeat_n(point, count as usize));
            }
        }
    }
    held.sort();
    held
}

#[test]
fn the_telemetry_of_shards_that_each_had_a_sandbox_is_the_merged_runs() {
    let place = folder();
    let text = "[[phase]]\nname = \"burst\"\nburst = 20\n[expect]\ninsights = [\"cold_starts\"]\n";
    let folders = shards_to(|| RunTarget::Embedded, text, 2, place.path());
    let merged = merged(&folders, place.path());
    let mut parts: Vec<String> = folders.iter().flat_map(|part| telemetry(part)).collect();
    parts.sort();
    let lambdas = parts.iter().filter(|one| one.contains("\"aws.lambda\""));
    assert!(lambdas.count() >= 20, "else this shows nothing");
    let whole = telemetry(merged.folder.path());
    assert_eq!(whole.len(), parts.len());
    assert_eq!(whole, parts);
    let options = VerifyOptions::default();
    let verified = verify(merged.folder, &options, &mut ()).expect("verified");
    let Verified::Judged(judged) = verified else {
        panic!("nobody was asked");
    };
    let observed = |finding: &Finding| (finding.id, finding.verdict);
    let cold = judged.run.insights.iter().map(observed);
    assert!(
        cold.clone()
            .any(|found| found == (Id::ColdStarts, Verdict::Seen)),
        "{:?}",
        judged.run.insights
    );
}

/// The record of a shard, or of the whole, of a run of so many requests.
fn recorded(shard: Option<Shard>, planned: u64, start_at: Timestamp) -> Run {
    let target = Target::at(TargetKind::Http, "http://127.0.0.1".to_owned());
    let mut run = Run::begun(
        "run".to_owned(),
        Default::default(),
        target,
        start_at,
        planned,
        Duration::from_secs(100),
    );
    if let Some(shard) = shard {
        run.requests.planned = shard.share_of(planned);
        run.shard = Some(ShardReport {
            shard,
            start_at,
            start_lag_ms: 0.1,
            clock_synchronised: Some(true),
            planned,
            phases: Vec::new(),
            limits: Vec::new(),
        });
    }
    run
}

static ANSWERED: LazyLock<Sample> = LazyLock::new(|| {
    let sample = serde_json::json!({
        "index": 0, "step": 0, "planned_us": 0, "sent_us": 0, "done_us": 0, "outcome": "ok",
        "status": 200, "bytes": 2, "temperature": "warm", "evidence": "marker",
    });
    serde_json::from_value(sample).expect("a sample")
});

/// A request of a run at 2,000 a second whose latency follows from its index: 0.1 ms to 3 s.
fn sample(index: u64) -> Sample {
    let scattered = index.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40;
    let planned = index * 500;
    let sent = planned + scattered % 300;
    Sample {
        index,
        planned_us: Some(planned),
        sent_us: Some(sent),
        done_us: sent + 100 + scattered * scattered / 90_000_000,
        temperature: match index.is_multiple_of(9) {
            true => Temperature::Cold,
            false => Temperature::Warm,
        },
        ..ANSWERED.clone()
    }
}

#[test]
fn the_merged_log_is_byte_for_byte_what_one_recorder_of_all_would_have_written() {
    let planned = 200_000_u64;
    let start_at: Timestamp = "2026-11-29T12:00:00Z".parse().expect("a time");
    let mut all: Vec<Sample> = (0..planned).map(sample).collect();
    all.sort_by_key(|sample| (sample.done_us, sample.index));
    let place = folder();
    let record = |name: &str, shard: Option<Shard>| {
        let folder = Folder::at(place.path().join(name));
        let mut run = recorded(shard, planned, start_at);
        run.samples = loadgen::record::Kept::of_planned(planned);
        let ((), recorded) = with_recorder(&folder, &run, |recorder| {
            let takes = |sample: &&Sample| shard.is_none_or(|shard| shard.takes(sample.index));
            for sample in all.iter().filter(takes) {
                recorder.record(sample);
            }
        })
        .expect("recorded");
        recorded.fill(&mut run);
        run.ended_at = Some(start_at + Duration::from_secs(104));
        folder.write_run(&run).expect("written");
        folder.path().to_owned()
    };
    let whole = record("whole", None);
    let kept = Folder::at(&whole).samples().expect("samples").count();
    assert!((90_000..100_000).contains(&kept), "{kept}");
    let of = 5;
    let shards: Vec<PathBuf> = (0..of)
        .rev()
        .map(|index| record(&format!("{index}-of-{of}"), Shard::new(index, of).ok()))
        .collect();
    let into = place.path().join(format!("merged-{of}"));
    merge(&shards, &RecordPlace::Folder(into.clone())).expect("merged");
    for file in ["histograms.hlog", "samples.ndjson"] {
        let [one, other] = [&whole, &into].map(|folder| fs::read(folder.join(file)).expect(file));
        assert!(one == other, "{file} of {of} shards");
    }
    let seconds: BTreeSet<Duration> = Folder::at(&whole)
        .intervals()
        .expect("a log")
        .map(|interval| interval.start)
        .collect();
    assert!(seconds.iter().all(|start| start.subsec_nanos() == 0));
    assert!(seconds.len() >= 100);
}
