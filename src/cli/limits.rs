//! `--threshold` and `--abort-on`: limits on figures of the report.

use clap::Args;

use super::Failure;
use crate::{
    scenario::{Metric, MetricError, Scenario, Threshold, ThresholdError},
    stats::Measure,
};

/// Flags that limit figures of the report.
#[derive(Clone, Debug, Default, Args)]
pub struct Limits {
    /// A limit on a figure of the report, for example "response.warm.p95 < 800ms"; may be repeated
    #[arg(long = "threshold", value_name = "FIGURE < LIMIT", value_parser = threshold)]
    pub thresholds: Vec<Threshold>,
    /// Stop early and fail once this is so, for example "errors.share > 50%" (a share counts once
    /// 20 requests are over); may be repeated
    #[arg(long, value_name = "FIGURE > LIMIT", value_parser = threshold)]
    pub abort_on: Vec<Threshold>,
}

impl Limits {
    /// # Errors
    /// When a limit is on a figure that this scenario does not measure, or on a phase that it has not.
    pub fn check_for_scenario(&self, scenario: &Scenario) -> Result<(), Failure> {
        let all = || self.thresholds.iter().chain(&self.abort_on);
        let phases = scenario.phases.iter().map(|phase| phase.name.as_str());
        for limit in all() {
            let checked = limit.figure.check_phase(phases.clone());
            checked.map_err(|error| Failure::new(format!("`{limit}`: {error}")))?;
        }
        if let Some(limit) = all().find(|limit| limit.figure.metric == Metric::RequestsPerSecond) {
            return Err(Failure::new(format!(
                "`{limit}`: a scenario sends on schedule, so only `loadgen bench` measures \
                 requests_per_second"
            )));
        }
        match self.abort_on.iter().find(|limit| is_init(limit)) {
            Some(limit) => Err(Failure::new(format!(
                "--abort-on `{limit}`: how long environments initialised is known only once Lambda's \
                 REPORT lines were read; --threshold holds it then"
            ))),
            None => Ok(()),
        }
    }

    /// # Errors
    /// When a limit is on a figure that this benchmark does not measure, or a run is to be stopped for
    /// one that is known only at its end.
    pub fn check_for_bench(&self, is_closed: bool) -> Result<(), Failure> {
        let all = || self.thresholds.iter().chain(&self.abort_on);
        if let Some(limit) = all().find(|limit| limit.figure.phase.is_some()) {
            return Err(Failure::new(format!(
                "`{limit}`: a benchmark has no phases; leave out `phase.` and the name"
            )));
        }
        if let Some(limit) = all().find(|limit| is_closed && is_of_plan(limit)) {
            return Err(Failure::new(format!(
                "`{limit}`: a closed loop plans no times, so it has no response time and no send lag: \
                 limit `service`, or send at a `--rate`"
            )));
        }
        if let Some(limit) = all().find(|limit| is_init(limit)) {
            return Err(Failure::new(format!(
                "`{limit}`: `loadgen bench` measures a plain server, of which nobody knows any \
                 initialisation"
            )));
        }
        let late = |limit: &&Threshold| limit.figure.metric == Metric::RequestsPerSecond;
        match self.abort_on.iter().find(late) {
            Some(limit) => Err(Failure::new(format!(
                "--abort-on `{limit}`: requests_per_second is known only at the end; \
                 --threshold holds it then"
            ))),
            None => Ok(()),
        }
    }
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
        ThresholdError::Metric(MetricError::Unknown {
            near: Some(near), ..
        }) => format!("{error}; did you mean `{near}`?"),
        _ => error.to_string(),
    })
}
