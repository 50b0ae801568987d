//! The modelled sample app: what its functions and its queue do.

use std::time::Duration;

use loadgen::{
    lambda::{
        Admission, Config, DurationProfile, End, Fault, FunctionId, FunctionSettings, Invocation,
        InvokeRequest, LambdaApp, Start, bare, cost_usd, log_lines, report_line,
    },
    units::Distribution,
};
use rand::SeedableRng;
use rand_xoshiro::Xoshiro256PlusPlus;

fn app(config: Config) -> LambdaApp {
    LambdaApp::sample(config).expect("a valid configuration")
}

fn started(admission: Admission) -> Invocation {
    match admission {
        Admission::Started(invocation) => *invocation,
        Admission::Throttled(throttle) => panic!("throttled: {throttle:?}"),
    }
}

fn at(seconds: f64) -> Duration {
    Duration::from_secs_f64(seconds)
}

fn with(fault: Fault) -> InvokeRequest {
    InvokeRequest {
        fault: Some(fault),
        broken: false,
        ..InvokeRequest::default()
    }
}

#[test]
fn the_first_request_is_cold_the_next_warm_and_after_the_expiry_cold_again() {
    let mut app = app(Config::default());
    let first = started(app.invoke(at(0.0), InvokeRequest::default()));
    assert!(matches!(first.start, Start::Cold { .. }));
    let second = started(app.invoke(at(10.0), InvokeRequest::default()));
    assert_eq!(second.start, Start::Warm);
    assert_eq!(second.environment_id, first.environment_id);
    let late = second.ended() + at(600.0);
    let third = started(app.invoke(late, InvokeRequest::default()));
    assert!(matches!(third.start, Start::Cold { .. }));
    assert_ne!(third.environment_id, first.environment_id);
}

#[test]
fn requests_at_once_need_an_environment_each() {
    let mut app = app(Config::default());
    let burst: Vec<Invocation> = (0..20)
        .map(|_| started(app.invoke(at(1.0), InvokeRequest::default())))
        .collect();
    assert!(burst.iter().all(|i| matches!(i.start, Start::Cold { .. })));
    assert_eq!(app.environments(at(1.1), FunctionId::ENTRY).busy, 20);
    assert_eq!(app.environments(at(60.0), FunctionId::ENTRY).idle, 20);
}

#[test]
fn every_published_message_reaches_the_consumer_once() {
    let mut app = app(Config::default());
    let mut published: Vec<_> = (0..200)
        .map(|i| started(app.invoke(at(f64::from(i) * 0.05), InvokeRequest::default())).request_id)
        .collect();
    let mut consumed = Vec::new();
    while let Some(due) = app.next_event() {
        for invocation in app.advance(due) {
            assert_eq!(invocation.id, FunctionId::CONSUMER);
            assert!((1..=10).contains(&invocation.batch.len()));
            consumed.extend(invocation.batch);
        }
    }
    published.sort();
    consumed.sort();
    assert_eq!(consumed, published);
}

#[test]
fn a_handler_that_fails_publishes_nothing() {
    for fault in [
        Fault::Error,
        Fault::Timeout,
        Fault::Memory { percent: 120 },
        Fault::Status(503),
    ] {
        let mut app = app(Config::default());
        let invocation = started(app.invoke(at(0.0), with(fault)));
        assert_ne!(invocation.end, End::Ok, "{fault}");
        assert_eq!(app.next_event(), None, "{fault}");
    }
}

#[test]
fn a_timeout_resets_the_environment_and_init_runs_again_inside_the_next_invocation() {
    let mut app = app(Config::default());
    let killed = started(app.invoke(at(0.0), with(Fault::Timeout)));
    assert_eq!(killed.end, End::Timeout);
    assert_eq!(killed.duration, killed.timeout);
    let next = started(app.invoke(killed.ended(), InvokeRequest::default()));
    let Start::Reset { init } = next.start else {
        panic!("{:?}", next.start)
    };
    assert_eq!(next.environment_id, killed.environment_id);
    assert!(next.duration > init && next.billed >= next.duration);
    assert!(next.tagged_cold());
    let after = started(app.invoke(next.ended(), InvokeRequest::default()));
    assert_eq!(after.start, Start::Warm);
}

#[test]
fn a_new_memory_size_replaces_the_environments() {
    let mut app = app(Config::default());
    let first = started(app.invoke(at(0.0), InvokeRequest::default()));
    let changes = FunctionSettings {
        memory: "256MB".parse().ok(),
        ..FunctionSettings::default()
    };
    let later = first.ended() + at(1.0);
    app.configure(later, FunctionId::ENTRY, &changes)
        .expect("a size");
    let second = started(app.invoke(later, InvokeRequest::default()));
    assert!(matches!(second.start, Start::Cold { .. }));
    assert_eq!(second.memory.mb(), 256);
}

#[test]
fn the_same_seed_tells_the_same_story_and_another_one_another() {
    let story = |seed| {
        let mut app = app(Config {
            seed,
            ..Config::default()
        });
        let mut all = Vec::new();
        for i in 0..50 {
            all.push(started(
                app.invoke(at(f64::from(i) * 0.03), InvokeRequest::default()),
            ));
        }
        all.extend(app.advance(at(100.0)));
        all
    };
    assert_eq!(story(1), story(1));
    assert_ne!(story(1), story(2));
}

#[test]
fn asking_what_goes_on_changes_nothing() {
    let story = |curious: bool| {
        let mut app = app(Config {
            expiry: "exp:2s".parse().expect("a distribution"),
            ..Config::default()
        });
        let mut all = Vec::new();
        for i in 0..200 {
            let now = at(f64::from(i) * 0.3);
            if curious {
                app.environments(now, FunctionId::ENTRY);
                app.environments(now, FunctionId::CONSUMER);
            }
            all.push(started(app.invoke(now, InvokeRequest::default())));
        }
        all
    };
    assert_eq!(story(true), story(false));
}

#[test]
fn ordinary_invocations_stay_far_from_timeout_and_memory_size() {
    for profile in [DurationProfile::Instrumented, DurationProfile::Bare] {
        let mut app = app(Config {
            profile,
            ..Config::default()
        });
        let mut all = Vec::new();
        for i in 0..20_000_u32 {
            let now = at(f64::from(i) * 3.0);
            if i % 10 == 0 {
                app.deploy(now, FunctionId::ENTRY);
                app.deploy(now, FunctionId::CONSUMER);
            }
            all.push(started(app.invoke(now, InvokeRequest::default())));
            all.extend(app.advance(now));
        }
        for i in &all {
            assert_eq!(i.end, End::Ok);
            assert!(i.duration < i.timeout.mul_f64(0.95), "{:?}", i.duration);
            assert!(i.memory_used_mb < i.memory.mb() * 95 / 100);
        }
        // More than 10 % of the memory, so that nothing is called over-provisioned.
        assert!(all.iter().any(|i| i.memory_used_mb * 10 > i.memory.mb()));
    }
}

#[test]
fn init_of_the_bare_profile_has_the_measured_quantiles() {
    let n = 100_000;
    for row in bare::rows() {
        let runtime = match row.runtime.strip_prefix("python3") {
            Some(minor) => format!("python3.{minor}"),
            None => row.runtime.replace('x', ".x"),
        };
        let memory = format!("{}MB", row.memory_mb).parse().expect("a size");
        let init = bare::init(&runtime, memory).expect("a measured runtime");
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(3);
        let mut drawn: Vec<f64> = (0..n)
            .map(|_| init.draw(&mut rng).as_secs_f64() * 1e3)
            .collect();
        drawn.sort_by(f64::total_cmp);
        let [p50, p90, p99, max] = row.quantiles_ms;
        for (quantile, measured, within) in [(0.5, p50, 0.05), (0.9, p90, 0.05), (0.99, p99, 0.1)] {
            let ours = drawn[(quantile * f64::from(n)) as usize];
            let off = (ours / measured - 1.0).abs();
            assert!(off < within, "{row:?}: p{quantile} {ours} {measured}");
        }
        assert!(drawn[n as usize - 1] <= max * 1.000_001);
    }
    assert_eq!(bare::rows().count(), 24);
    assert_eq!(bare::init("cobol", "512MB".parse().expect("a size")), None);
}

#[test]
fn the_bare_profile_draws_its_init_from_that_table() {
    let app = app(Config {
        profile: DurationProfile::Bare,
        ..Config::default()
    });
    for (role, p50) in [(FunctionId::ENTRY, 93_300), (FunctionId::CONSUMER, 145_300)] {
        let Distribution::Quantiles([median, ..]) = app.function(role).init else {
            panic!("{:?}", app.function(role).init)
        };
        assert_eq!(median.as_micros(), p50);
    }
}

/// An app whose entry function always takes this long to initialise and to run.
fn fixed(init: &str, warm: &str, timeout: u64) -> LambdaApp {
    let mut app = app(Config::default());
    let changes = FunctionSettings {
        init: init.parse().ok(),
        warm: warm.parse().ok(),
        timeout: Some(Duration::from_secs(timeout)),
        ..FunctionSettings::default()
    };
    app.configure(at(0.0), FunctionId::ENTRY, &changes)
        .expect("settings");
    app
}

#[test]
fn an_init_over_ten_seconds_is_given_up_and_run_again_within_the_function_s_timeout() {
    let mut patient = fixed("12s", "100ms", 30);
    let first = started(patient.invoke(at(0.0), InvokeRequest::default()));
    assert_eq!(first.start, Start::Reset { init: at(12.0) });
    assert_eq!(first.end, End::Ok);
    assert!(first.handler_began >= at(10.0) && first.duration > at(12.1));
    let second = started(patient.invoke(first.ended(), InvokeRequest::default()));
    assert_eq!(second.start, Start::Warm);

    // At a short timeout the second init never ends either, and every invocation tries again.
    let mut hasty = fixed("12s", "100ms", 3);
    let mut now = at(0.0);
    for _ in 0..3 {
        let invocation = started(hasty.invoke(now, InvokeRequest::default()));
        assert_eq!(invocation.end, End::Timeout);
        assert_eq!(invocation.duration, at(3.0));
        now = invocation.ended();
    }
}

#[test]
fn an_init_just_within_the_limit_is_an_ordinary_cold_start() {
    let mut app = fixed("9999ms", "100ms", 3);
    let first = started(app.invoke(at(0.0), InvokeRequest::default()));
    assert_eq!(first.start, Start::Cold { init: at(9.999) });
    assert_eq!(first.end, End::Ok);
}

#[test]
fn a_timeout_can_cascade_when_init_and_handler_together_exceed_it() {
    // Cold: init outside the timeout. After a reset it is inside, and 2.5 s + 1 s > 3 s.
    let mut app = fixed("2500ms", "1s", 3);
    let cold = started(app.invoke(at(0.0), InvokeRequest::default()));
    assert_eq!(cold.end, End::Ok);
    let killed = started(app.invoke(cold.ended(), with(Fault::Timeout)));
    let mut now = killed.ended();
    for _ in 0..3 {
        let next = started(app.invoke(now, InvokeRequest::default()));
        assert!(matches!(next.start, Start::Reset { .. }));
        assert_eq!(next.end, End::Timeout);
        now = next.ended();
    }
}

#[test]
fn memory_beyond_the_size_kills_the_environment_and_below_it_is_only_reported() {
    let mut app = app(Config::default());
    let high = started(app.invoke(at(0.0), with(Fault::Memory { percent: 97 })));
    assert_eq!((high.end, high.memory_used_mb), (End::Ok, 496));
    let killed = started(app.invoke(at(10.0), with(Fault::Memory { percent: 130 })));
    assert_eq!((killed.end, killed.memory_used_mb), (End::OutOfMemory, 512));
    let next = started(app.invoke(at(20.0), InvokeRequest::default()));
    assert!(matches!(next.start, Start::Reset { .. }));
}

#[test]
fn a_late_handler_is_late_by_what_was_asked_and_stopped_at_the_timeout() {
    let mut app = fixed("100ms", "100ms", 3);
    started(app.invoke(at(0.0), InvokeRequest::default()));
    let late = started(app.invoke(at(10.0), with(Fault::Latency(at(0.4)))));
    assert_eq!(late.response_after, at(0.5));
    assert_eq!(late.end, End::Ok);
    let stopped = started(app.invoke(at(20.0), with(Fault::Latency(at(2.95)))));
    assert_eq!((stopped.end, stopped.duration), (End::Timeout, at(3.0)));
}

#[test]
fn what_is_billed_is_init_and_duration_and_costs_by_memory() {
    let mut app = app(Config::default());
    for i in 0..100 {
        let invocation = started(app.invoke(at(f64::from(i) * 300.0), InvokeRequest::default()));
        let init = match invocation.start {
            Start::Cold { init } => init,
            _ => Duration::ZERO,
        };
        let sum = init + invocation.duration;
        assert!(invocation.billed >= sum && invocation.billed < sum + at(0.001));
        assert_eq!(invocation.billed.subsec_nanos() % 1_000_000, 0);
        let cost = cost_usd(invocation.billed, invocation.memory, false);
        assert_eq!(invocation.cost_usd, cost);
    }
}

#[test]
fn lambda_s_own_log_lines_have_lambda_s_form() {
    let mut app = app(Config::default());
    let cold = started(app.invoke(at(0.0), InvokeRequest::default()));
    let lines = log_lines(&cold);
    assert_eq!(lines[0], "INIT_START Runtime Version: python:3.13.v1");
    assert_eq!(
        lines[1],
        format!("START RequestId: {} Version: $LATEST", cold.request_id)
    );
    assert_eq!(lines[2], format!("END RequestId: {}", cold.request_id));
    assert_eq!(lines[3], report_line(&cold));
    let fields: Vec<&str> = lines[3].split('\t').collect();
    let keys: Vec<&str> = fields
        .iter()
        .filter_map(|field| Some(field.split_once(": ")?.0))
        .collect();
    assert_eq!(
        keys,
        [
            "REPORT RequestId",
            "Duration",
            "Billed Duration",
            "Memory Size",
            "Max Memory Used",
            "Init Duration"
        ]
    );
    assert_eq!(fields[3], "Memory Size: 512 MB");
    assert_eq!(fields[6], "");

    let warm = started(app.invoke(at(10.0), InvokeRequest::default()));
    assert!(!report_line(&warm).contains("Init Duration"));
    assert_eq!(log_lines(&warm).len(), 3);

    let stopped = started(app.invoke(at(20.0), with(Fault::Timeout)));
    let lines = log_lines(&stopped);
    assert!(lines[1].ends_with("Task timed out after 3.00 seconds"));
    assert!(report_line(&stopped).contains("\tStatus: timeout"));
    assert!(report_line(&stopped).contains("\tDuration: 3000.00 ms\tBilled Duration: 3000 ms"));
    let reset = started(app.invoke(at(30.0), InvokeRequest::default()));
    assert!(!report_line(&reset).contains("Init Duration"));
}
