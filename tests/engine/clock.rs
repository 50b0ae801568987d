//! A wall clock that is set while a run goes on.

use std::{
    collections::BTreeSet,
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime},
};

use jiff::Timestamp;
use loadgen::{
    engine::{SamplingPriority, WallClock},
    record::{Folder, Reading, Run, TargetKind, Times, with_recorder},
    sample::Outcome,
};

use crate::support::{OK, Peer, Plan, Ran, Server, run};

const HOURS: Duration = Duration::from_secs(5 * 3600);

/// A wall clock that is set after so many looks at it, and does not stand still otherwise.
fn set_after(
    looks: u64,
    set: impl Fn(SystemTime) -> SystemTime + Send + Sync + 'static,
) -> WallClock {
    let looked = AtomicU64::new(0);
    WallClock::new(
        move || match looked.fetch_add(1, Ordering::SeqCst) < looks {
            true => SystemTime::now(),
            false => set(SystemTime::now()),
        },
    )
}

/// A server that keeps the high half of each request's trace id, which holds the wall clock.
fn keeping_times() -> (Server, Arc<Mutex<Vec<u64>>>) {
    let times = Arc::new(Mutex::new(Vec::new()));
    let server = Server::start({
        let times = Arc::clone(&times);
        move |stream| {
            let times = Arc::clone(&times);
            async move {
                let mut peer = Peer::new(stream);
                while let Some(head) = peer.request().await {
                    let traced = head.split_once("traceparent: 00-").map(|(_, id)| &id[..8]);
                    let seconds = traced.and_then(|hex| u64::from_str_radix(hex, 16).ok());
                    times.lock().expect("sound").extend(seconds);
                    peer.send(OK.as_bytes()).await;
                }
            }
        }
    });
    (server, times)
}

fn recorded(
    place: &Path,
    times: &Times<impl Fn() -> Reading>,
    samples: &[loadgen::sample::Sample],
) -> Run {
    let mixed = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reports/mixed");
    let mut run = Folder::at(mixed).read_run().expect("a run");
    run.started_at = times.started_at();
    run.ended_at = None;
    run.notes.clear();
    run.target.kind = TargetKind::Http;
    run.target.range.from_ms = run.started_at.as_millisecond();
    run.requests.planned = samples.len() as u64;
    let folder = Folder::at(place);
    let ((), recorded) = with_recorder(&folder, &run, |recorder| {
        samples.iter().for_each(|sample| recorder.record(sample));
    })
    .expect("recorded");
    times.end(&mut run);
    recorded.fill(&mut run);
    folder.write_run(&run).expect("written");
    folder.read_run().expect("it reads")
}

#[test]
fn a_wall_clock_that_is_set_by_hours_moves_no_request_and_no_latency() {
    let set: [fn(SystemTime) -> SystemTime; 2] = [|now| now + HOURS, |now| now - HOURS];
    for set in set {
        let (server, seen) = keeping_times();
        let plan = [
            Plan::Rate(500, 60, None),
            Plan::Idle(Duration::from_millis(100)),
            Plan::Burst(20),
        ];
        let mut job = server.job(&plan);
        job.trace = Some(SamplingPriority::AutoKeep);
        job.wall = set_after(30, set);
        let ran = run(job);
        ran.all(Outcome::Ok);
        assert_eq!(ran.ended.totals.sent, 80);
        let jump = HOURS.as_micros() as u64;
        assert!(ran.ended.ended_us < jump);
        for sample in &ran.samples {
            let planned = sample.planned_us.expect("planned");
            let sent = sample.sent_us.expect("sent");
            assert!(planned <= sent && sent <= sample.done_us, "{sample:?}");
            assert!(
                sample.response_us().is_some_and(|us| us < jump),
                "{sample:?}"
            );
        }
        // The clock was set indeed, and no two requests share a trace for it.
        let seen = seen.lock().expect("sound");
        let (least, most) = (seen.iter().min(), seen.iter().max());
        assert!(
            most.zip(least)
                .is_some_and(|(most, least)| most - least >= HOURS.as_secs() - 1)
        );
        let ids: BTreeSet<_> = ran.samples.iter().map(|sample| &sample.trace_id).collect();
        assert_eq!(ids.len(), 80);

        // What is written of it: the times as they stand at the end, and that they were set.
        let steady = std::time::Instant::now();
        let wall = set_after(1, set);
        let times = Times::begin(|| Reading {
            wall: Timestamp::try_from(wall.now()).expect("a time"),
            steady: steady.elapsed(),
        });
        let place = tempfile::tempdir().expect("a folder");
        let run = recorded(place.path(), &times, &ran.samples);
        let range = run.target.range;
        assert!(range.from_ms <= range.to_ms && range.to_ms - range.from_ms < jump as i64 / 1_000);
        assert!(run.ended_at.is_some_and(|ended| run.started_at <= ended));
        assert_eq!((run.requests.planned, run.requests.sent), (80, 80));
        assert!(
            run.notes
                .iter()
                .any(|note| note.text.contains("clock was set 5 h")),
            "{:?}",
            run.notes
        );
    }
}

/// What a shard sends of 80 requests, 20 a second, that are to start in half a second, if its wall
/// clock is set meanwhile.
fn shard_of_a_clock_set(by: impl Fn(SystemTime) -> SystemTime + Send + Sync + 'static) -> Ran {
    let server = Server::answering(OK);
    let mut job = server.job(&[Plan::Rate(20, 80, None)]);
    job.part.start_at = Some(SystemTime::now() + Duration::from_millis(500));
    job.wall = set_after(2, by);
    run(job)
}

#[test]
fn a_clock_that_jumps_over_the_start_leaves_out_what_was_due_and_sends_the_rest() {
    let late = shard_of_a_clock_set(|now| now + Duration::from_secs(2));
    let totals = &late.ended.totals;
    assert_eq!(totals.sent + totals.not_sent, 80);
    // A clock that is two seconds ahead is 1.5 s late or, on a busy machine, more.
    assert!((20..=45).contains(&totals.not_sent), "{totals:?}");
    assert!(late.ended.start_lag >= Duration::from_millis(1_400));
    let never = shard_of_a_clock_set(|now| now + HOURS);
    assert_eq!(never.ended.totals.sent, 0);
    assert_eq!(never.ended.totals.not_sent, 80);
    assert!(never.ended.start_lag >= HOURS - Duration::from_secs(1));
}

#[test]
fn a_clock_that_jumps_back_before_the_start_starts_by_the_new_time_and_sends_all() {
    let began = std::time::Instant::now();
    let ran = shard_of_a_clock_set(|now| now - Duration::from_secs(1));
    ran.all(Outcome::Ok);
    assert_eq!(ran.ended.totals.sent, 80);
    // 0.5 s to the start, 1 s that the clock was set back, and 79 gaps of 50 ms.
    assert!(began.elapsed() >= Duration::from_millis(1_400 + 3_950));
}
