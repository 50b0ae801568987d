//! A shop of six functions over a day, five of them with a trouble of their own.
//!
//! Each is the model of Lambda in virtual time; what its invocations were becomes metrics as
//! library, extension and CloudWatch send them, through the sandbox's public intakes.

use std::{collections::BTreeMap, sync::OnceLock, time::Duration};

use loadgen::{
    lambda::{
        Admission, Config, End, Fault, FunctionId, FunctionSettings, Invocation, InvokeRequest,
        LambdaApp, ModelTime,
    },
    sandbox::{EmbeddedSandbox, Sandbox, SandboxOptions},
};
use serde_json::{Value, json};

pub const SERVICE: &str = "shop";
pub const ENV: &str = "prod";
/// A minute is left over at both ends of the 24 hours that are looked at.
const DAY_S: u64 = 24 * 3600 - 1800;

/// What became of a function's day.
#[derive(Debug, Default)]
pub struct Day {
    pub invocations: Vec<Invocation>,
    pub throttles: Vec<ModelTime>,
}

impl Day {
    pub fn cold(&self) -> usize {
        let cold = |invocation: &&Invocation| invocation.tagged_cold();
        self.invocations.iter().filter(cold).count()
    }

    pub fn ended(&self, end: End) -> usize {
        self.invocations.iter().filter(|one| one.end == end).count()
    }
}

pub struct Shop {
    pub sandbox: EmbeddedSandbox,
    pub days: BTreeMap<&'static str, Day>,
}

/// One function's day: `every` so many seconds, `at_once` requests, each with the fault that its
/// number has.
fn day(
    every: u64,
    at_once: u32,
    changes: FunctionSettings,
    fault: impl Fn(u64) -> Option<Fault>,
) -> Day {
    let mut app = LambdaApp::sample(Config::default()).expect("a model");
    app.configure(ModelTime::ZERO, FunctionId::ENTRY, &changes)
        .expect("changes");
    let (mut day, mut number) = (Day::default(), 0);
    for second in (0..DAY_S).step_by(usize::try_from(every).expect("seconds")) {
        for _ in 0..at_once {
            let at = Duration::from_secs(second);
            let request = InvokeRequest {
                function: FunctionId::ENTRY,
                fault: fault(number),
                broken: false,
            };
            match app.invoke(at, request) {
                Admission::Started(invocation) => day.invocations.push(*invocation),
                Admission::Throttled(_) => day.throttles.push(at),
            }
            number += 1;
        }
    }
    day
}

fn days() -> BTreeMap<&'static str, Day> {
    let none = |_| None;
    let one_environment = FunctionSettings {
        reserved_concurrency: Some(1),
        ..FunctionSettings::default()
    };
    BTreeMap::from([
        // Nothing is wrong with it.
        ("shop-cart", day(60, 1, FunctionSettings::default(), none)),
        // Idle environments are kept for ten minutes, and it is called every twenty.
        (
            "shop-search",
            day(1_200, 1, FunctionSettings::default(), none),
        ),
        // Three in twenty fail.
        (
            "shop-payment",
            day(60, 1, FunctionSettings::default(), |number| {
                (number % 20 < 3).then_some(Fault::Error)
            }),
        ),
        // A slow neighbour eats most of the three seconds.
        (
            "shop-report",
            day(60, 1, FunctionSettings::default(), |_| {
                Some(Fault::Latency(Duration::from_millis(2_500)))
            }),
        ),
        // Large images fill the memory, and one in 300 is too large.
        (
            "shop-image",
            day(60, 1, FunctionSettings::default(), |number| {
                let percent = if number % 300 == 299 { 120 } else { 90 };
                Some(Fault::Memory { percent })
            }),
        ),
        // Five arrive together and one may run.
        ("shop-webhook", day(60, 5, one_environment, none)),
    ])
}

/// The sandbox with the shop's day in it, made once.
pub fn shop() -> &'static Shop {
    static MADE: OnceLock<Shop> = OnceLock::new();
    MADE.get_or_init(|| {
        let sandbox = Sandbox::embedded(SandboxOptions::default()).expect("a sandbox");
        let (days, info) = (days(), sandbox.info());
        let began_s = info.now.as_second() - i64::try_from(DAY_S).expect("seconds") - 600;
        let url = info.datadog_url.clone();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        runtime.block_on(async {
            for (name, day) in &days {
                post(
                    &url,
                    "/api/v1/distribution_points",
                    enhanced(name, day, began_s),
                )
                .await;
                post(&url, "/api/v2/series", cloudwatch(name, day, began_s)).await;
            }
        });
        Shop { sandbox, days }
    })
}

async fn post(url: &str, path: &str, series: Vec<Value>) {
    // Fails where another test has installed it already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let request = reqwest::Client::new()
        .post(format!("{url}{path}"))
        .header("dd-api-key", "0123456789abcdef0123456789abcdef")
        .json(&json!({ "series": series }));
    let answer = request.send().await.expect("an answer");
    assert_eq!(answer.status().as_u16(), 202, "{path}");
}

/// Library and extension: distributions, with service and environment.
fn enhanced(name: &str, day: &Day, began_s: i64) -> Vec<Value> {
    let mut points: BTreeMap<(String, bool), BTreeMap<i64, Vec<f64>>> = BTreeMap::new();
    for one in &day.invocations {
        let mut add = |metric: &str, at: ModelTime, value: f64| {
            points
                .entry((metric.to_owned(), one.tagged_cold()))
                .or_default()
                .entry(began_s + i64::try_from(at.as_secs()).expect("seconds"))
                .or_default()
                .push(value);
        };
        add("invocations", one.handler_began, 1.0);
        add("duration", one.ended(), one.duration.as_secs_f64());
        add(
            "max_memory_used",
            one.ended(),
            f64::from(one.memory_used_mb),
        );
        add("memorysize", one.ended(), f64::from(one.memory.mb()));
        // A raised exception is counted three times, a kill once.
        let errors = match one.end {
            End::Exception => 3,
            End::Timeout | End::OutOfMemory | End::Exited => 1,
            End::Ok | End::Status(_) => 0,
        };
        for _ in 0..errors {
            add("errors", one.ended(), 1.0);
        }
        match one.end {
            End::Timeout => add("timeouts", one.ended(), 1.0),
            End::OutOfMemory => add("out_of_memory", one.ended(), 1.0),
            _ => {}
        }
    }
    points
        .into_iter()
        .map(|((metric, cold), points)| {
            json!({
                "metric": format!("aws.lambda.enhanced.{metric}"),
                "type": "distribution",
                "points": points.into_iter().collect::<Vec<_>>(),
                // Names are sent as they are written; Datadog keeps them in lower case.
                "tags": [
                    format!("functionname:{}", name.to_uppercase()),
                    format!("cold_start:{cold}"),
                    format!("service:{SERVICE}"), format!("env:{ENV}"),
                ],
            })
        })
        .collect()
}

/// CloudWatch through the AWS integration: once a minute, without service and environment.
fn cloudwatch(name: &str, day: &Day, began_s: i64) -> Vec<Value> {
    let mut minutes: BTreeMap<i64, (f64, f64)> = BTreeMap::new();
    let minute =
        |at: ModelTime| (began_s + i64::try_from(at.as_secs()).expect("seconds")) / 60 * 60;
    for one in &day.invocations {
        minutes.entry(minute(one.arrived)).or_default().0 += 1.0;
    }
    for at in &day.throttles {
        minutes.entry(minute(*at)).or_default().1 += 1.0;
    }
    let series = |metric: &str, kind: u8, value: &dyn Fn(&(f64, f64)) -> f64| {
        let points: Vec<Value> = minutes
            .iter()
            .map(|(at, counts)| json!({"timestamp": at, "value": value(counts)}))
            .collect();
        json!({
            "metric": format!("aws.lambda.{metric}"), "type": kind, "points": points,
            "tags": [format!("functionname:{name}")],
        })
    };
    vec![
        series("invocations", 1, &|counts| counts.0),
        series("throttles", 1, &|counts| counts.1),
        series("timeout", 3, &|_| 3.0),
    ]
}
