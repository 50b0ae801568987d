//! The modelled sample app: what its functions and its queue do.

use std::time::Duration;

use loadgen::lambda::{
    Admission, Changes, Config, End, Fault, Invocation, Request, Role, SampleApp, Start,
};

fn app(config: Config) -> SampleApp {
    SampleApp::new(config).expect("a valid configuration")
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

fn with(fault: Fault) -> Request {
    Request {
        fault: Some(fault),
        broken: false,
    }
}

#[test]
fn the_first_request_is_cold_the_next_warm_and_after_the_expiry_cold_again() {
    let mut app = app(Config::default());
    let first = started(app.invoke(at(0.0), Request::default()));
    assert!(matches!(first.start, Start::Cold { .. }));
    let second = started(app.invoke(at(10.0), Request::default()));
    assert_eq!(second.start, Start::Warm);
    assert_eq!(second.environment_id, first.environment_id);
    let late = second.ended() + at(600.0);
    let third = started(app.invoke(late, Request::default()));
    assert!(matches!(third.start, Start::Cold { .. }));
    assert_ne!(third.environment_id, first.environment_id);
}

#[test]
fn requests_at_once_need_an_environment_each() {
    let mut app = app(Config::default());
    let burst: Vec<Invocation> = (0..20)
        .map(|_| started(app.invoke(at(1.0), Request::default())))
        .collect();
    assert!(burst.iter().all(|i| matches!(i.start, Start::Cold { .. })));
    assert_eq!(app.environments(at(1.1), Role::Entry).busy, 20);
    assert_eq!(app.environments(at(60.0), Role::Entry).idle, 20);
}

#[test]
fn every_published_message_reaches_the_consumer_once() {
    let mut app = app(Config::default());
    let mut published: Vec<_> = (0..200)
        .map(|i| started(app.invoke(at(f64::from(i) * 0.05), Request::default())).request_id)
        .collect();
    let mut consumed = Vec::new();
    while let Some(due) = app.next_event() {
        for invocation in app.advance(due) {
            assert_eq!(invocation.role, Role::Consumer);
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
    let next = started(app.invoke(killed.ended(), Request::default()));
    let Start::Reset { init } = next.start else {
        panic!("{:?}", next.start)
    };
    assert_eq!(next.environment_id, killed.environment_id);
    assert!(next.duration > init && next.billed >= next.duration);
    assert!(next.tagged_cold());
    let after = started(app.invoke(next.ended(), Request::default()));
    assert_eq!(after.start, Start::Warm);
}

#[test]
fn a_new_memory_size_replaces_the_environments() {
    let mut app = app(Config::default());
    let first = started(app.invoke(at(0.0), Request::default()));
    let changes = Changes {
        memory: "256MB".parse().ok(),
        ..Changes::default()
    };
    let later = first.ended() + at(1.0);
    app.configure(later, Role::Entry, &changes).expect("a size");
    let second = started(app.invoke(later, Request::default()));
    assert!(matches!(second.start, Start::Cold { .. }));
    assert_eq!(second.memory.mb(), 256);
}
