//! SNS, SQS and the event source mapping of the modelled sample app.

use std::time::Duration;

use loadgen::lambda::{
    Config, End, Fault, FunctionId, FunctionSettings, Invocation, InvokeRequest, LambdaApp,
    QueueSettings, Start,
};

fn app(queue: QueueSettings) -> LambdaApp {
    LambdaApp::sample(Config {
        queue,
        ..Config::default()
    })
    .expect("a valid configuration")
}

fn at(seconds: f64) -> Duration {
    Duration::from_secs_f64(seconds)
}

/// Sends `n` requests at once and lets everything that follows happen.
fn consumed(app: &mut LambdaApp, now: Duration, n: usize) -> Vec<Invocation> {
    for _ in 0..n {
        app.invoke(now, InvokeRequest::default());
    }
    let mut all = Vec::new();
    while let Some(due) = app.next_event() {
        all.extend(app.advance(due));
    }
    all
}

/// How many of these ran at `now`.
fn running(invocations: &[Invocation], now: Duration) -> usize {
    invocations
        .iter()
        .filter(|i| i.arrived <= now && now < i.ended())
        .count()
}

#[test]
fn five_batches_are_in_flight_at_first_and_three_hundred_more_a_minute() {
    let mut app = app(QueueSettings {
        batch_size: 1,
        visibility_timeout: Duration::from_secs(200),
        ..QueueSettings::default()
    });
    let slow = FunctionSettings {
        warm: "30s".parse().ok(),
        timeout: Some(Duration::from_secs(60)),
        ..FunctionSettings::default()
    };
    app.configure(at(0.0), FunctionId::CONSUMER, &slow)
        .expect("a slow consumer");
    let all = consumed(&mut app, at(0.0), 200);
    let first = all[0].arrived;
    // Nothing has ended yet in the first 20 s, so only growth admits more.
    for (after, most) in [(0.1, 5), (1.0, 11), (4.0, 26), (10.0, 56), (20.0, 106)] {
        let now = running(&all, first + at(after));
        assert!((most - 2..=most).contains(&now), "{after} s: {now}");
    }
    assert_eq!(all.len(), 200);
}

#[test]
fn waiting_messages_make_full_batches() {
    let mut app = app(QueueSettings::default());
    let all = consumed(&mut app, at(0.0), 400);
    let sizes: Vec<usize> = all.iter().map(|i| i.batch.len()).collect();
    assert_eq!(sizes.iter().sum::<usize>(), 400);
    assert_eq!(sizes.iter().max(), Some(&10));
    assert!(sizes.len() < 200, "{sizes:?}");
}

#[test]
fn a_window_gathers_what_comes_within_it() {
    let mut app = app(QueueSettings {
        batch_size: 100,
        window: Duration::from_secs(5),
        ..QueueSettings::default()
    });
    let mut all = Vec::new();
    for i in 0..8 {
        app.invoke(at(f64::from(i) * 0.3), InvokeRequest::default());
    }
    while let Some(due) = app.next_event() {
        all.extend(app.advance(due));
    }
    assert_eq!(all.len(), 1);
    assert_eq!(all[0].batch.len(), 8);
}

#[test]
fn a_failed_batch_comes_back_whole_after_its_visibility_timeout_until_it_is_given_up() {
    let mut app = app(QueueSettings {
        max_receives: 3,
        ..QueueSettings::default()
    });
    let slow = FunctionSettings {
        warm: "10s".parse().ok(),
        ..FunctionSettings::default()
    };
    app.configure(at(0.0), FunctionId::CONSUMER, &slow)
        .expect("a slow consumer");
    let all = consumed(&mut app, at(0.0), 1);
    assert_eq!(all.len(), 3);
    assert!(all.iter().all(|i| i.end == End::Timeout));
    assert!(all.iter().all(|i| i.batch == all[0].batch));
    for pair in all.windows(2) {
        assert_eq!(pair[1].arrived - pair[0].arrived, Duration::from_secs(18));
        assert!(matches!(pair[1].start, Start::Reset { .. }));
    }
    assert_eq!(app.dead_letters(), 1);
}

#[test]
fn a_throttled_batch_is_tried_again_and_none_is_lost() {
    let mut app = app(QueueSettings::default());
    let reserve = |reserved| FunctionSettings {
        reserved_concurrency: Some(reserved),
        ..FunctionSettings::default()
    };
    app.configure(at(0.0), FunctionId::CONSUMER, &reserve(0))
        .expect("no consumer");
    for i in 0..20 {
        app.invoke(at(f64::from(i) * 0.01), InvokeRequest::default());
    }
    assert_eq!(app.advance(at(15.0)).len(), 0);
    assert!(app.throttles(FunctionId::CONSUMER) > 0);
    app.configure(at(15.0), FunctionId::CONSUMER, &reserve(100))
        .expect("a consumer again");
    let mut delivered = 0;
    while let Some(due) = app.next_event() {
        delivered += app
            .advance(due)
            .iter()
            .map(|i| i.batch.len())
            .sum::<usize>();
    }
    assert_eq!(delivered, 20);
}

#[test]
fn a_late_answer_still_publishes_and_a_fault_before_the_publish_does_not() {
    let mut app = app(QueueSettings::default());
    let request = |fault: &str| InvokeRequest {
        fault: fault.parse::<Fault>().ok(),
        broken: false,
        ..InvokeRequest::default()
    };
    for (i, fault) in ["latency;ms=500", "error", "status;code=500", "timeout"]
        .into_iter()
        .enumerate()
    {
        app.invoke(at(60.0 * i as f64), request(fault));
    }
    let broken = InvokeRequest {
        fault: None,
        broken: true,
        ..InvokeRequest::default()
    };
    app.invoke(at(300.0), broken);
    let mut delivered = 0;
    while let Some(due) = app.next_event() {
        delivered += app.advance(due).len();
    }
    // The first one's message was delivered while the others came in.
    assert_eq!(delivered, 1);
}
