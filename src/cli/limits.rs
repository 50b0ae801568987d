//! `--threshold` and `--abort-on`: limits on figures of the report.

use clap::Args;

use super::Failure;
use crate::{
    lang::{Phrase, texts},
    scenario::{Metric, MetricError, Scenario, Threshold, ThresholdError},
    stats::Measure,
};

texts! {
    const;
    only_in_bench(limit: String): "`{}`: a scenario sends on schedule, so only `loadgen bench` measures requests_per_second",
        "`{}`: 시나리오는 일정에 따라 보내므로 requests_per_second는 `loadgen bench`에서만 측정됩니다";
    init_is_late(limit: String): "--abort-on `{}`: how long environments initialised is known only once Lambda's REPORT lines were read; --threshold holds it then",
        "--abort-on `{}`: 초기화 시간은 Lambda의 REPORT 줄을 읽은 뒤에야 알 수 있습니다. --threshold를 쓰세요";
    no_phases(limit: String): "`{}`: a benchmark has no phases; leave out `phase.` and the name",
        "`{}`: 벤치마크에는 단계가 없습니다. `phase.`와 이름을 빼세요";
    no_planned_times(limit: String): "`{}`: a closed loop plans no times, so it has no response time and no send lag: limit `service`, or send at a `--rate`",
        "`{}`: 닫힌 루프에는 계획된 시각이 없어 응답 시간과 전송 지연이 없습니다. `service`를 제한하거나 `--rate`로 보내세요";
    no_init(limit: String): "`{}`: `loadgen bench` measures a plain server, whose initialisation is unknown",
        "`{}`: `loadgen bench`는 일반 HTTP 서버를 측정하며 그 초기화 시간은 알 수 없습니다";
    rate_is_late(limit: String): "--abort-on `{}`: requests_per_second is known only at the end; --threshold holds it then",
        "--abort-on `{}`: requests_per_second는 끝나야 알 수 있습니다. --threshold를 쓰세요";
    did_you_mean(near: &str): "did you mean `{}`?", "혹시 `{:`을} 쓰려고 했나요?";
}

/// Flags that limit figures of the report.
#[derive(Clone, Debug, Default, Args)]
pub struct Limits {
    /// A limit on a figure of the report, for example "response.warm.p95 < 800ms"; may be repeated
    #[arg(long = "threshold", value_name = "FIGURE < LIMIT", value_parser = threshold)]
    pub thresholds: Vec<Threshold>,
    /// Stop early and fail once this is so, for example "errors.share > 50%" (a share counts once
    /// 20 requests are over, a percentile once enough are); may be repeated
    #[arg(long, value_name = "FIGURE > LIMIT", value_parser = threshold)]
    pub abort_on: Vec<Threshold>,
}

impl Limits {
    /// # Errors
    /// When a limit is on a figure that this scenario does not measure, or on a phase that it has not.
    pub fn check_for_scenario(&self, scenario: &Scenario) -> Result<(), Failure> {
        let all = || self.thresholds.iter().chain(&self.abort_on);
        for limit in all() {
            if let Some(why) = scenario.unknown_part(&limit.figure) {
                return Err(Failure::new(format!("`{limit}`: {why}")));
            }
        }
        refuse(all(), is_rate, only_in_bench)?;
        refuse(self.abort_on.iter(), is_init, init_is_late)
    }

    /// # Errors
    /// When a limit is on a figure that this benchmark does not measure, or a run is to be stopped for
    /// one that is known only at its end.
    pub fn check_for_bench(&self, is_closed: bool) -> Result<(), Failure> {
        let all = || self.thresholds.iter().chain(&self.abort_on);
        refuse(all(), |limit| limit.figure.phase.is_some(), no_phases)?;
        if is_closed {
            refuse(all(), is_of_plan, no_planned_times)?;
        }
        refuse(all(), is_init, no_init)?;
        refuse(self.abort_on.iter(), is_rate, rate_is_late)
    }
}

/// Refuses the first limit that is of a kind which cannot be held.
fn refuse<'a>(
    mut limits: impl Iterator<Item = &'a Threshold>,
    is: fn(&Threshold) -> bool,
    why: fn(String) -> Phrase,
) -> Result<(), Failure> {
    match limits.find(|limit| is(limit)) {
        Some(limit) => Err(Failure::new(why(limit.to_string()))),
        None => Ok(()),
    }
}

fn is_rate(limit: &Threshold) -> bool {
    limit.figure.metric == Metric::RequestsPerSecond
}

/// Whether the figure counts from planned times.
fn is_of_plan(limit: &Threshold) -> bool {
    matches!(
        limit.figure.metric,
        Metric::Latency(Measure::Response, ..) | Metric::SendLag(_)
    )
}

fn is_init(limit: &Threshold) -> bool {
    matches!(limit.figure.metric, Metric::Latency(Measure::Init, ..))
}

/// A limit as a flag's value.
fn threshold(text: &str) -> Result<Threshold, String> {
    text.parse::<Threshold>().map_err(|error| match &error {
        ThresholdError::Metric(MetricError {
            near: Some(near), ..
        }) => format!("{error}; {}", did_you_mean(near)),
        _ => error.to_string(),
    })
}
