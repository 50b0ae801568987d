use std::{fs, time::Duration};

use jiff::Timestamp;
use tempfile::TempDir;

use super::*;
use crate::{
    sample::{Connect, Evidence, Outcome, Sample, Temperature},
    stats::{Latencies, Tally},
};

pub(super) fn run(share: f64) -> Run {
    let scenario = ScenarioInfo {
        name: "test".to_owned(),
        title: Statement::default(),
        seed: 0,
        toml: None,
        changes: Vec::new(),
        set: Vec::new(),
        requests: Vec::new(),
        flows: Vec::new(),
    };
    let target = Target::at(TargetKind::Http, "http://127.0.0.1".to_owned());
    let (id, start) = ("test".to_owned(), Timestamp::UNIX_EPOCH);
    Run {
        samples: Kept::share(share),
        ..Run::begun(id, scenario, target, start, 0, Duration::ZERO)
    }
}

/// A request whose every field follows from its index, with all outcomes and temperatures.
fn sample(index: u64) -> Sample {
    let outcome = Outcome::ALL[(index % 97) as usize % Outcome::ALL.len()];
    let sent = outcome != Outcome::NotSent;
    let planned = index * 10;
    Sample {
        index,
        step: 0,
        planned_us: Some(planned),
        sent_us: sent.then_some(planned + index % 311),
        connect: index.is_multiple_of(50).then_some(Connect {
            dns_us: 0,
            tcp_us: index % 200,
            tls_us: 0,
        }),
        first_byte_us: None,
        done_us: planned + 500 + (index * index) % 400_000,
        outcome,
        status: outcome.is_answer().then_some(200 + (index % 3) as u16),
        bytes: 2,
        temperature: match index % 3 {
            0 => Temperature::Cold,
            1 => Temperature::Warm,
            _ => Temperature::Unknown,
        },
        evidence: match index % 3 {
            2 => Evidence::None,
            _ => Evidence::Marker,
        },
        ..Sample::answered()
    }
}

fn assert_equal_latencies(one: &Latencies, other: &Latencies) {
    assert_eq!(
        one.iter().collect::<Vec<_>>(),
        other.iter().collect::<Vec<_>>()
    );
}

/// Everything but the steps, which `run.json` does not tell apart.
fn assert_equal(one: &Tally, other: &Tally) {
    assert_equal_latencies(&one.latencies, &other.latencies);
    assert_eq!(one.lag, other.lag);
    assert_eq!(one.counts, other.counts);
}

fn lines(folder: &Folder) -> u64 {
    let text = fs::read_to_string(folder.samples_file()).expect("samples");
    text.lines().count() as u64
}

#[test]
fn the_figures_of_a_thinned_run_are_exact() {
    let place = TempDir::new().expect("a folder");
    let folder = Folder::at(place.path());
    let planned = 130_000;
    let mut run = run(Keep::of_planned(planned));
    let mut whole = Tally::default();
    let ((), recorded) = with_recorder(&folder, &run, |recorder| {
        for index in 0..planned {
            recorder.record(&sample(index));
            whole.record(&sample(index));
            if index.is_multiple_of(40_000) {
                recorder.end_interval();
            }
        }
    })
    .expect("recorded");
    recorded.fill(&mut run);
    assert!(run.samples.share < 1.0 && !run.samples.lost);
    assert!(
        run.notes[0]
            .text
            .contains(" % of the requests, drawn uniformly"),
        "{:?}",
        run.notes
    );
    assert!((95_000..=MOST_SAMPLES).contains(&lines(&folder)));
    assert_equal(&folder.figures(&run).expect("figures"), &whole);
}

#[test]
fn a_run_of_unknown_length_is_thinned_while_it_goes_on_and_stays_uniform() {
    let place = TempDir::new().expect("a folder");
    let folder = Folder::at(place.path());
    let mut run = run(1.0);
    let total = 230_000;
    let mut whole = Tally::default();
    let ((), recorded) = with_recorder(&folder, &run, |recorder| {
        for index in 0..total {
            recorder.record(&sample(index));
            whole.record(&sample(index));
        }
    })
    .expect("recorded");
    recorded.fill(&mut run);
    assert!(
        (0.249..0.251).contains(&run.samples.share),
        "{:?}",
        run.samples
    );
    let kept: Vec<u64> = folder
        .samples()
        .expect("samples")
        .map(|sample| sample.index)
        .collect();
    let same = Keep::share(run.samples.share);
    let expected: Vec<u64> = (0..total).filter(|index| same.takes(*index)).collect();
    assert_eq!(kept, expected);
    assert_equal(&folder.figures(&run).expect("figures"), &whole);
}

#[test]
fn a_thinned_run_that_is_killed_has_the_figures_of_its_last_whole_second() {
    let place = TempDir::new().expect("a folder");
    let folder = Folder::at(place.path());
    let mut whole = Tally::default();
    with_recorder(&folder, &run(0.1), |recorder| {
        for index in 0..1_000 {
            recorder.record(&sample(index));
            whole.record(&sample(index));
        }
        recorder.end_interval();
        for index in 1_000..1_500 {
            recorder.record(&sample(index));
        }
        // What stands on disk now is what a kill leaves.
        let killed = folder.read_run().expect("it reads");
        assert!(killed.interrupted);
        assert!(killed.notes[0].text.contains("last complete second"));
        assert_eq!(killed.requests.sent, whole.counts.requests.sent);
        assert_equal(&folder.figures(&killed).expect("figures"), &whole);
    })
    .expect("recorded");
}

#[test]
fn a_cut_or_damaged_interval_is_passed_over() {
    let place = TempDir::new().expect("a folder");
    let folder = Folder::at(place.path());
    let run = run(0.1);
    let ((), _) =
        with_recorder(&folder, &run, |recorder| recorder.record(&sample(0))).expect("recorded");
    let whole = folder.intervals().expect("a log").count();
    let mut log = fs::read(folder.histograms_file()).expect("a log");
    log.extend(
        b"Tag=response.all,1.0,1.0,0.5,bm90IGEgaGlzdG9ncmFt\n\xff\xfe\nTag=response.all,2.0,1",
    );
    fs::write(folder.histograms_file(), log).expect("written");
    assert_eq!(folder.intervals().expect("a log").count(), whole);
    assert!(whole > 0);
}

#[test]
fn a_share_that_is_lowered_from_outside_holds_for_the_whole_file() {
    let place = TempDir::new().expect("a folder");
    let folder = Folder::at(place.path());
    let mut run = run(1.0);
    let ((), recorded) = with_recorder(&folder, &run, |recorder| {
        for index in 0..1_000 {
            recorder.record(&sample(index));
        }
        recorder.keep().halve();
        for index in 1_000..2_000 {
            recorder.record(&sample(index));
        }
    })
    .expect("recorded");
    recorded.fill(&mut run);
    let kept: Vec<u64> = folder
        .samples()
        .expect("samples")
        .map(|sample| sample.index)
        .collect();
    // Far fewer than are kept at most, so that is no reason to give.
    assert_eq!(run.notes[0].code, "thinned_early");
    let half = Keep::share(0.5);
    let expected: Vec<u64> = (0..2_000).filter(|index| half.takes(*index)).collect();
    assert_eq!(kept, expected);
    assert_eq!(run.samples.share, 0.5);
}

#[test]
fn a_line_without_end_is_read_past_and_not_kept() {
    let text = [&b"one\n"[..], &[b'x'; 10_000], b"\ntwo"].concat();
    let mut from = std::io::BufReader::with_capacity(64, text.as_slice());
    let mut line = Vec::new();
    let mut read = || {
        let length = lines::read_line(&mut from, &mut line, 100).expect("memory");
        (length, line.len(), line.first().copied())
    };
    assert_eq!(read(), (4, 4, Some(b'o')));
    assert_eq!(read(), (10_001, 100, Some(b'x')));
    assert_eq!(read(), (3, 3, Some(b't')));
    assert_eq!(read(), (0, 0, None));
}

/// A histogram that claims to hold values up to 2^60 with five digits would take gigabytes.
#[test]
fn a_small_log_that_claims_a_large_histogram_takes_no_memory() {
    use std::io::Write as _;
    let mut head = Vec::new();
    for field in [0x1c84_9303_u32, 0, 0, 5] {
        head.extend(field.to_be_bytes());
    }
    for field in [1_u64, 1 << 60, 1.0_f64.to_bits()] {
        head.extend(field.to_be_bytes());
    }
    let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    zlib.write_all(&head).expect("in memory");
    let zlib = zlib.finish().expect("in memory");
    let mut packed = 0x1c84_9314_u32.to_be_bytes().to_vec();
    packed.extend((zlib.len() as u32).to_be_bytes());
    packed.extend(zlib);
    let packed = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, packed);
    let line = format!("Tag=response.all,0.0,1.0,1.0,{packed}\n");
    assert_eq!(Intervals::of(line.repeat(600).into_bytes()).count(), 0);
}

#[test]
fn pruning_goes_by_the_record_and_leaves_what_is_in_use_or_not_ours() {
    let place = tempfile::tempdir().expect("a folder");
    let runs = Runs::at(place.path());
    let made = |name: &str, at: &str| {
        let folder = Folder::create(place.path().join(name)).expect("a folder");
        let mut run = run(1.0);
        run.started_at = at.parse().expect("a time");
        folder.write_run(&run).expect("written");
        folder
    };
    // By name the baseline would be the newest.
    let going = made("2026-11-26T090000Z-going", "2026-11-26T09:00:00Z");
    drop(made("baseline", "2026-11-26T10:00:00Z"));
    drop(made("2026-11-26T100100Z-own", "2026-11-26T10:01:00Z"));
    drop(made("2026-11-26T080000Z-notes", "2026-11-26T08:00:00Z"));
    std::fs::write(
        place.path().join("2026-11-26T080000Z-notes/notes.md"),
        "mine",
    )
    .expect("written");
    drop(made("2026-11-26T100200Z-newest", "2026-11-26T10:02:00Z"));
    let elsewhere = tempfile::tempdir().expect("a folder");
    drop(Folder::create(elsewhere.path()).map(|folder| folder.write_run(&run(1.0))));
    std::os::unix::fs::symlink(elsewhere.path(), place.path().join("linked")).expect("a link");
    let name = |folder: &Folder| folder.path().file_name().map(|name| name.to_owned());
    let listed = runs.list().expect("a list");
    assert_eq!(
        name(&listed[0].folder),
        name(&Folder::at("2026-11-26T100200Z-newest"))
    );
    let pruned = runs.prune(1).expect("pruned");
    let (kept, removed): (Vec<_>, Vec<_>) = pruned.iter().partition(|one| one.kept.is_some());
    assert_eq!((kept.len(), removed.len()), (2, 2));
    assert!(going.run_file().exists() && elsewhere.path().join("run.json").exists());
    assert!(!place.path().join("baseline").exists());
    assert!(
        place
            .path()
            .join("2026-11-26T080000Z-notes/notes.md")
            .exists()
    );
}

#[test]
fn two_runs_never_share_a_folder() {
    let place = tempfile::tempdir().expect("a folder");
    let first = Folder::create(place.path()).expect("a folder");
    let second = Folder::create(place.path()).expect_err("it is in use");
    assert!(
        second.to_string().contains("another run is in progress"),
        "{second}"
    );
    drop(first);
    assert!(Folder::create(place.path()).is_ok());
}

#[test]
fn a_scenario_without_a_title_is_headed_by_its_name_alone() {
    assert_eq!(super::named_and_titled("shop", ""), "shop");
    assert_eq!(super::named_and_titled("shop", "Orders"), "shop: Orders");
}
