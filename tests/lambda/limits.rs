//! Limits of the modelled account and functions: concurrency, scaling, reserved, provisioned.

use std::time::Duration;

use loadgen::{
    lambda::{
        Admission, Config, FunctionId, FunctionSettings, Invocation, InvokeRequest, LambdaApp,
        QueueSettings, Reuse, ScalingRate, Start, Throttle,
    },
    units::Distribution,
};
use proptest::prelude::*;

fn app(config: Config) -> LambdaApp {
    LambdaApp::sample(config).expect("a valid configuration")
}

fn at(seconds: f64) -> Duration {
    Duration::from_secs_f64(seconds)
}

/// `n` requests at once: how many were cold, warm, and throttled, and the last reason.
fn burst(app: &mut LambdaApp, now: Duration, n: usize) -> (usize, usize, usize, Option<Throttle>) {
    let (mut cold, mut warm, mut throttled, mut reason) = (0, 0, 0, None);
    for _ in 0..n {
        match app.invoke(now, InvokeRequest::default()) {
            Admission::Started(invocation) => match invocation.start {
                Start::Cold { .. } => cold += 1,
                _ => warm += 1,
            },
            Admission::Throttled(why) => {
                throttled += 1;
                reason = Some(why);
            }
        }
    }
    (cold, warm, throttled, reason)
}

#[test]
fn a_function_adds_a_thousand_environments_at_once_and_a_hundred_a_second() {
    let mut app = app(Config {
        account_concurrency: 5_000,
        ..Config::default()
    });
    let rate = Some(Throttle::ScalingRate);
    assert_eq!(burst(&mut app, at(0.0), 3_000), (1_000, 0, 2_000, rate));
    assert_eq!(burst(&mut app, at(1.0), 3_000).0, 100);
}

#[test]
fn an_idle_burst_of_n_starts_as_many_as_the_account_allows() {
    for (concurrency, n) in [(10, 20), (10, 7), (1_000, 1_200)] {
        let mut app = app(Config {
            account_concurrency: concurrency,
            ..Config::default()
        });
        let started = n.min(concurrency as usize);
        let (cold, warm, throttled, reason) = burst(&mut app, at(1.0), n);
        assert_eq!((cold, warm, throttled), (started, 0, n - started));
        assert_eq!(reason, (n > started).then_some(Throttle::Account));
        // Before the expiry they are all warm, unless the consumer holds some of the account.
        let again = burst(&mut app, at(400.0), n);
        assert_eq!((again.0, again.1), (0, started));
    }
}

#[test]
fn the_consumer_shares_the_account_s_concurrency() {
    let mut app = app(Config {
        account_concurrency: 10,
        ..Config::default()
    });
    burst(&mut app, at(0.0), 10);
    // The consumer runs as the entry invocations end and leaves less for the next burst.
    let mut consumed_at = None;
    while let (None, Some(due)) = (consumed_at, app.next_event()) {
        consumed_at = app.advance(due).first().map(|i| i.handler_began);
    }
    let during = consumed_at.expect("a consumer invocation");
    let (_, warm, throttled, reason) = burst(&mut app, during, 10);
    assert!(warm < 10 && throttled > 0, "{warm} {throttled}");
    assert_eq!(reason, Some(Throttle::Account));
}

#[test]
fn reserved_concurrency_limits_the_function_and_is_kept_for_it() {
    let mut app = app(Config::default());
    let reserve = |n| FunctionSettings {
        reserved_concurrency: Some(n),
        ..FunctionSettings::default()
    };
    app.configure(at(0.0), FunctionId::ENTRY, &reserve(5))
        .expect("a reservation");
    let reason = Some(Throttle::Reserved);
    assert_eq!(burst(&mut app, at(0.0), 12), (5, 0, 7, reason));
    assert_eq!(app.throttles(FunctionId::ENTRY), 7);
    app.configure(at(60.0), FunctionId::ENTRY, &reserve(0))
        .expect("none at all");
    assert_eq!(burst(&mut app, at(60.0), 3), (0, 0, 3, reason));
    app.configure(at(61.0), FunctionId::ENTRY, &reserve(100))
        .expect("enough again");
    assert_eq!(burst(&mut app, at(61.0), 12), (7, 5, 0, None));
}

#[test]
fn what_aws_would_refuse_is_refused_and_changes_nothing() {
    let mut large = app(Config::default());
    let mut small = app(Config {
        account_concurrency: 10,
        ..Config::default()
    });
    let change = |change: fn(&mut FunctionSettings)| {
        let mut changes = FunctionSettings::default();
        change(&mut changes);
        changes
    };
    let reserve = change(|c| c.reserved_concurrency = Some(1));
    let refused = small.configure(at(0.0), FunctionId::ENTRY, &reserve);
    let said = refused.expect_err("refused").to_string();
    assert!(said.contains("can have at most 0"), "{said}");
    for refused in [
        change(|c| c.reserved_concurrency = Some(901)),
        change(|c| c.provisioned_concurrency = Some(901)),
        change(|c| {
            c.reserved_concurrency = Some(1);
            c.provisioned_concurrency = Some(2);
        }),
        change(|c| c.timeout = Some(Duration::ZERO)),
        change(|c| c.timeout = Some(Duration::from_millis(1_500))),
        change(|c| c.timeout = Some(Duration::from_secs(901))),
    ] {
        let before = large.function(FunctionId::ENTRY).clone();
        assert!(
            large
                .configure(at(0.0), FunctionId::ENTRY, &refused)
                .is_err()
        );
        assert_eq!(large.function(FunctionId::ENTRY), &before);
    }
    let longer_than_visible = change(|c| c.timeout = Some(Duration::from_secs(19)));
    let refused = large.configure(at(0.0), FunctionId::CONSUMER, &longer_than_visible);
    let said = refused.expect_err("refused").to_string();
    assert!(said.contains("visibility timeout"), "{said}");
}

#[test]
fn settings_out_of_range_are_refused() {
    let changed = |change: fn(&mut Config)| {
        let mut config = Config::default();
        change(&mut config);
        LambdaApp::sample(config).err()
    };
    assert_eq!(changed(|_| {}), None);
    for error in [
        changed(|c| c.account_concurrency = 0),
        changed(|c| c.account_concurrency = u32::MAX),
        changed(|c| c.scaling.burst = 0),
        changed(|c| c.scaling.per_second = 0),
        changed(|c| c.proactive = f64::NAN),
        changed(|c| c.proactive = 1.5),
        changed(|c| c.queue.batch_size = 0),
        changed(|c| c.queue.batch_size = 11),
        changed(|c| c.queue.window = Duration::from_secs(301)),
        changed(|c| c.queue.concurrent_batches = 0),
        changed(|c| c.queue.max_concurrent_batches = 4),
        changed(|c| c.queue.visibility_timeout = Duration::ZERO),
        changed(|c| c.queue.max_receives = 0),
    ] {
        assert!(error.is_some());
    }
}

#[test]
fn provisioned_environments_are_ready_and_stay_so_and_the_rest_spills_over() {
    let mut app = app(Config::default());
    let provision = FunctionSettings {
        provisioned_concurrency: Some(5),
        ..FunctionSettings::default()
    };
    app.configure(at(0.0), FunctionId::ENTRY, &provision)
        .expect("provisioned");
    for cycle in 0..3 {
        let now = at(f64::from(cycle) * 7_200.0);
        assert_eq!(app.environments(now, FunctionId::ENTRY).provisioned_idle, 5);
        // Five are served without an init, the other three find no environment.
        assert_eq!(burst(&mut app, now, 8), (3, 5, 0, None), "cycle {cycle}");
        assert_eq!(app.environments(now, FunctionId::ENTRY).provisioned_busy, 5);
    }
}

#[test]
fn a_deployment_replaces_idle_and_busy_environments() {
    let mut app = app(Config::default());
    burst(&mut app, at(0.0), 4);
    app.deploy(at(0.5), FunctionId::ENTRY);
    assert_eq!(app.environments(at(0.5), FunctionId::ENTRY).busy, 4);
    assert_eq!(app.environments(at(30.0), FunctionId::ENTRY).idle, 0);
    assert_eq!(burst(&mut app, at(30.0), 4), (4, 0, 0, None));
}

#[test]
fn an_environment_is_not_used_beyond_its_longest_lifetime() {
    let mut app = app(Config {
        max_lifetime: Some(Distribution::Constant(Duration::from_secs(7_200))),
        ..Config::default()
    });
    let mut cold = Vec::new();
    for minute in 0..300 {
        let now = at(f64::from(minute) * 60.0);
        if burst(&mut app, now, 1).0 == 1 {
            cold.push(minute);
        }
    }
    assert_eq!(cold, [0, 120, 240]);
}

#[test]
fn proactive_initialization_takes_its_share_of_the_cold_starts() {
    let mut app = app(Config {
        proactive: 0.6,
        account_concurrency: 10_000,
        scaling: ScalingRate {
            burst: 10_000,
            per_second: 1_000,
        },
        ..Config::default()
    });
    let first: Vec<Invocation> = (0..5_000)
        .filter_map(
            |_| match app.invoke(at(5_000.0), InvokeRequest::default()) {
                Admission::Started(invocation) => Some(*invocation),
                Admission::Throttled(_) => None,
            },
        )
        .collect();
    let ahead = first
        .iter()
        .filter(|i| matches!(i.start, Start::Proactive { .. }))
        .count();
    assert!((2_850..3_150).contains(&ahead), "{ahead}");
    for invocation in &first {
        if let Start::Proactive { age } = invocation.start {
            assert_eq!(invocation.handler_began, invocation.arrived);
            assert_eq!(invocation.init_ended + age, invocation.arrived);
            assert!(invocation.tagged_proactive() != invocation.tagged_cold());
        }
    }
}

#[test]
fn little_s_law_holds_in_the_app_for_every_policy() {
    for &reuse in Reuse::ALL {
        let mut app = app(Config {
            reuse,
            ..Config::default()
        });
        let tick = 0.01;
        let (mut heads, mut seconds) = (0_u64, 0.0);
        for i in 0..40_000_u32 {
            let now = at(f64::from(i) * tick);
            // A request every 70 ms, none in the last 20 s.
            if i % 7 == 0
                && i < 38_000
                && let Admission::Started(invocation) = app.invoke(now, InvokeRequest::default())
            {
                seconds += (invocation.ended() - invocation.arrived).as_secs_f64();
            }
            heads += u64::from(app.environments(now, FunctionId::ENTRY).busy);
        }
        let ratio = heads as f64 * tick / seconds;
        assert!((0.95..1.12).contains(&ratio), "{reuse}: {ratio}");
    }
}

/// What may happen to the app.
#[derive(Clone, Debug)]
enum Happening {
    Requests(u8),
    Deploy,
    Memory(u16),
    Timeout(u8),
    Reserve(u8),
    Provision(u8),
    Fault(&'static str),
}

fn happening() -> impl Strategy<Value = Happening> {
    prop_oneof![
        8 => (1..60_u8).prop_map(Happening::Requests),
        1 => Just(Happening::Deploy),
        1 => (0..12_000_u16).prop_map(Happening::Memory),
        1 => any::<u8>().prop_map(Happening::Timeout),
        1 => any::<u8>().prop_map(Happening::Reserve),
        1 => any::<u8>().prop_map(Happening::Provision),
        3 => prop::sample::select(vec![
            "error", "timeout", "memory;percent=150", "status;code=418", "latency;ms=2900",
        ]).prop_map(Happening::Fault),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn whatever_happens_the_limits_hold_and_time_does_not_run_backwards(
        seed in any::<u64>(),
        account in prop::sample::select(vec![1_u32, 10, 40, 150, 1_000]),
        happenings in prop::collection::vec((0..400_000_u64, happening()), 1..60),
    ) {
        let mut app = app(Config {
            seed,
            account_concurrency: account,
            proactive: 0.2,
            expiry: "exp:100s".parse().expect("a distribution"),
            queue: QueueSettings { max_receives: 2, ..QueueSettings::default() },
            ..Config::default()
        });
        let mut now = Duration::ZERO;
        let mut last_batch = Duration::ZERO;
        let mut request = InvokeRequest::default();
        for (gap, what) in happenings {
            // Every tenth step lies in the past: callers' clocks race.
            let told = if gap % 10 == 0 { now / 2 } else { now + Duration::from_millis(gap) };
            now = now.max(told);
            let mut changes = FunctionSettings::default();
            match what {
                Happening::Requests(n) => {
                    for _ in 0..n {
                        if let Admission::Started(i) = app.invoke(told, request) {
                            prop_assert_eq!(i.arrived, now);
                            prop_assert!(i.handler_began >= i.arrived);
                            prop_assert!(i.init_ended <= i.handler_began);
                            prop_assert!(i.duration <= i.timeout && i.response_after <= i.duration);
                            prop_assert!(i.billed >= i.duration);
                            prop_assert!(i.memory_used_mb <= i.memory.mb());
                        }
                    }
                }
                Happening::Deploy => app.deploy(told, FunctionId::ENTRY),
                Happening::Memory(mb) => {
                    changes.memory = loadgen::units::Memory::from_mb(u32::from(mb)).ok();
                }
                Happening::Timeout(s) => changes.timeout = Some(Duration::from_secs(u64::from(s))),
                Happening::Reserve(n) => changes.reserved_concurrency = Some(u32::from(n)),
                Happening::Provision(n) => changes.provisioned_concurrency = Some(u32::from(n)),
                Happening::Fault(fault) => request.fault = fault.parse().ok(),
            }
            let _ = app.configure(told, FunctionId::ENTRY, &changes);
            for i in app.advance(told) {
                prop_assert!(i.arrived >= last_batch && i.arrived <= now);
                last_batch = i.arrived;
            }
            let entry = app.environments(told, FunctionId::ENTRY);
            let consumer = app.environments(told, FunctionId::CONSUMER);
            let busy = [entry, consumer].map(|e| e.busy + e.provisioned_busy);
            prop_assert!(busy[0] + busy[1] <= account, "{busy:?} of {account}");
        }
        // Nothing is in flight forever.
        for _ in 0..100_000 {
            let Some(due) = app.next_event() else { break };
            app.advance(due);
        }
        prop_assert_eq!(app.next_event(), None);
    }
}
