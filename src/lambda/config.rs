//! The settings of the model that belong to the account, the region and the queue.

use std::{fmt::Display, ops::RangeInclusive, time::Duration};

use super::{Reuse, ScalingRate};
use crate::lang::{Phrase, Text, texts};
use crate::units::Distribution;

texts! {
    pub(super) const;
    out_of_range(name: Text, found: String, low: String, high: String): "{} is {}; it must be {} to {}", "{} 값이 {}입니다. 허용 범위: {}~{}";
    bad_timeout(found: String): "the function's timeout is {}; it must be 1s to 900s without fractions", "함수의 제한 시간 값이 {}입니다. 허용 범위: 1s~900s의 초 단위 정수";
    ACCOUNT_CONCURRENCY: "account concurrency", "계정 동시성";
    SCALING_BURST: "scaling burst", "스케일링 버스트";
    SCALING_RATE: "scaling rate a second", "초당 스케일링 속도";
    PROACTIVE: "proactive share", "사전 초기화 비율";
    BATCH_SIZE: "batch size", "배치 크기";
    BATCH_WINDOW: "batching window in seconds", "배치 기간(초)";
    BATCHES: "concurrent batches", "동시 배치 수";
    MOST_BATCHES: "maximum of concurrent batches", "최대 동시 배치 수";
    GROWTH: "growth of concurrent batches a minute", "분당 동시 배치 증가량";
    VISIBILITY: "visibility timeout in seconds", "가시성 제한 시간(초)";
    RECEIVES: "receives", "수신 횟수";
    leaves_unreserved(wanted: u32, unreserved: u32, account: u32, most: u32): "{} reserved or provisioned environments would leave fewer than {} of the account's {} unreserved, which AWS refuses; this function can have at most {}",
        "예약 또는 프로비저닝된 환경이 {0}개이면 계정의 {2}개 중 예약되지 않은 환경이 {1}개보다 적어져 AWS가 거부합니다. 이 함수의 최댓값은 {3}개입니다";
    provisioned_above(provisioned: u32, reserved: u32): "provisioned concurrency {} is more than the function's reserved concurrency {}; raise the reservation or provision less",
        "프로비저닝된 동시성 {:이} 함수의 예약된 동시성 {}보다 큽니다. 예약을 늘리거나 프로비저닝을 줄이세요";
    outlives_visibility(timeout: Duration, visibility: Duration): "the consumer's timeout {} is longer than the queue's visibility timeout {}, which AWS refuses; set the timeout to at most that",
        "컨슈머의 제한 시간 {:이} 대기열의 가시성 제한 시간 {}보다 길어 AWS가 거부합니다. 제한 시간을 그 이하로 설정하세요";
    count(found: usize): "{} functions: an app has 1 to 1000", "함수 {}개: 앱의 함수는 1~1000개입니다";
    twice(name: &str): "the function `{}` is there twice: give each a name of its own", "`{}` 함수가 두 번 있습니다. 이름을 다르게 하세요";
    unknown_target(function: &str, invokes: &str): "`{}` invokes `{}`, which is no function of the app: add a [[function]] of that name",
        "`{}` 함수가 호출하는 `{:`은} 앱에 없는 함수입니다. 그 이름의 [[function]]을 추가하세요";
    HOSTED_PROVISIONED: "provisioned concurrency is modelled only: a function that really runs here has none; leave it out, or leave out --function-dir and --app",
        "프로비저닝된 동시성은 모델에서만 지원합니다. 여기서 실제로 실행하는 함수에는 쓸 수 없습니다. 설정을 빼거나 --function-dir와 --app을 빼세요";
    batch_window(size: u32): "a batch size of {} needs a batching window of at least 1s; a size of up to 10 needs none",
        "배치 크기 {}에는 1초 이상의 배치 기간이 필요합니다. 크기가 10 이하이면 필요 없습니다";
}

/// The settings of a [`super::LambdaApp`] that no function owns.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// Everything random follows from it: durations, ids, expiry.
    pub seed: u64,
    /// Environments that may be busy at once in the account: 1,000 unless AWS gave less
    /// (AWS Lambda developer guide, "Lambda quotas"); new accounts often have 10
    /// (DataDog/datadog-serverless-functions issue 621). 1 to 1,000,000.
    pub account_concurrency: u32,
    /// How fast each function may add environments.
    pub scaling: ScalingRate,
    /// How long an idle environment is kept. AWS does not document it: the constant 600 s is
    /// what mikhail.io measured in 2019 and STeLLAR (IISWC'21) in 2021; before and since,
    /// others saw 5 to 60 minutes.
    pub expiry: Distribution,
    /// How old an environment may become before it is replaced once idle; None: any age.
    pub max_lifetime: Option<Distribution>,
    /// Which idle environment takes the next request.
    pub reuse: Reuse,
    /// The share of cold starts for which Lambda turns out to have initialised an environment
    /// ahead of need, 0 to 1. Stuyvenberg saw 50 to 85 % on his own functions; 0 by default, so
    /// that every cold start is seen.
    pub proactive: f64,
    /// Where the default durations come from.
    pub profile: DurationProfile,
    /// The queue in front of the consumer.
    pub queue: QueueSettings,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            seed: 42,
            account_concurrency: 1_000,
            scaling: ScalingRate::default(),
            expiry: Distribution::Constant(Duration::from_secs(600)),
            max_lifetime: None,
            reuse: Reuse::default(),
            proactive: 0.0,
            profile: DurationProfile::default(),
            queue: QueueSettings::default(),
        }
    }
}

/// Where a function's default durations come from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, clap::ValueEnum, strum::Display)]
#[strum(serialize_all = "lowercase")]
pub enum DurationProfile {
    // No measurements of exactly the sample app with these and the AWS SDK are published.
    /// With Datadog's library and extension: assumptions
    #[default]
    Instrumented,
    /// Without libraries: init as maxday/lambda-perf measured it
    Bare,
}

/// The SQS queue and Lambda's event source mapping between it and the consumer
/// (AWS Lambda developer guide, "Using Lambda with Amazon SQS").
#[derive(Clone, Debug, PartialEq)]
pub struct QueueSettings {
    /// From the publish until a poller can receive the message: SNS, SQS and the long poll.
    /// An assumption; AWS gives no figure.
    pub delivery: Distribution,
    /// Messages in one batch at most: 10 by default, 1 to 10,000.
    pub batch_size: u32,
    /// How long an incomplete batch waits for more: 0 by default, at most 300 s. A batch size
    /// above 10 needs at least 1 s.
    pub window: Duration,
    /// Batches in flight at once to begin with: 5.
    pub concurrent_batches: u32,
    /// By how many batches in flight that grows a minute while messages wait: 300.
    pub growth_per_minute: u32,
    /// Batches in flight at once at most: 1,000.
    pub max_concurrent_batches: u32,
    /// For how long a received message stays hidden. Its batch comes back after that when the
    /// consumer failed. AWS asks for at least six times the function's timeout: 18 s here.
    pub visibility_timeout: Duration,
    /// After how many receives a message goes to the dead-letter queue: 5, the least that the
    /// same guide advises.
    pub max_receives: u32,
}

impl Default for QueueSettings {
    fn default() -> QueueSettings {
        QueueSettings {
            delivery: Distribution::LogNormal(
                Duration::from_millis(40),
                Duration::from_millis(200),
            ),
            batch_size: 10,
            window: Duration::ZERO,
            concurrent_batches: 5,
            growth_per_minute: 300,
            max_concurrent_batches: 1_000,
            visibility_timeout: Duration::from_secs(18),
            max_receives: 5,
        }
    }
}

/// A number must be one of `range`.
fn within<T: PartialOrd + Display>(
    name: Text,
    found: T,
    range: RangeInclusive<T>,
) -> Result<(), Phrase> {
    match range.contains(&found) {
        true => Ok(()),
        false => {
            let (low, high) = (range.start().to_string(), range.end().to_string());
            Err(out_of_range(name, found.to_string(), low, high))
        }
    }
}

impl Config {
    /// Checks every range.
    ///
    /// # Errors
    /// The first setting that is out of its range.
    pub fn check(&self) -> Result<(), Phrase> {
        let (account, scaling) = (self.account_concurrency, self.scaling);
        within(ACCOUNT_CONCURRENCY, account, 1..=1_000_000)?;
        within(SCALING_BURST, scaling.burst, 1..=1_000_000)?;
        within(SCALING_RATE, scaling.per_second, 1..=1_000_000)?;
        within(PROACTIVE, self.proactive, 0.0..=1.0)?;
        self.queue.check()
    }
}

impl QueueSettings {
    fn check(&self) -> Result<(), Phrase> {
        let (window, visibility) = (self.window, self.visibility_timeout);
        within(BATCH_SIZE, self.batch_size, 1..=10_000)?;
        within(BATCH_WINDOW, window.as_secs_f64(), 0.0..=300.0)?;
        if self.batch_size > 10 && window < Duration::from_secs(1) {
            return Err(batch_window(self.batch_size));
        }
        let most = self.max_concurrent_batches;
        within(BATCHES, self.concurrent_batches, 1..=most)?;
        within(MOST_BATCHES, most, 1..=10_000)?;
        within(GROWTH, self.growth_per_minute, 0..=60_000)?;
        within(VISIBILITY, visibility.as_secs_f64(), 0.001..=43_200.0)?;
        within(RECEIVES, self.max_receives, 1..=1_000)
    }
}
