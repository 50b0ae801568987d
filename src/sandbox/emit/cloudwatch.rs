//! CloudWatch's own metrics of a function, as Datadog's AWS integration names them.
//!
//! On AWS they arrive minutes later and once a minute; here they arrive within a second, so
//! that no run waits for what depends on nothing but them (throttles, the timeout, provisioned
//! concurrency). CloudWatch's Invocations leaves out what was throttled, and a returned 5xx is
//! no error to it (AWS Lambda developer guide, "Types of metrics for Lambda functions").

use std::{collections::BTreeMap, mem::take, time::Duration};

use super::tags;
use crate::{
    lambda::{End, Function, FunctionId, Invocation, ModelTime},
    sandbox::clock::Epoch,
    telemetry::store::{MetricKind, MetricPoint, TelemetryRecord},
};

/// What happened since the metrics were last given, of each function that anything happened to.
#[derive(Debug, Default)]
pub(super) struct CloudWatch(BTreeMap<FunctionId, CloudWatchTotals>);

#[derive(Debug, Default)]
struct CloudWatchTotals {
    last: ModelTime,
    invocations: u32,
    errors: u32,
    throttles: u32,
    total: Duration,
    longest: Duration,
    concurrent: u32,
    utilization: f64,
    utilizations: u32,
}

/// How many environments were busy when an invocation started.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ConcurrencyAtStart {
    /// Of the function, all kinds.
    pub busy: u32,
    /// Busy ones among the provisioned, and how many are provisioned; None: the function has
    /// no provisioned concurrency.
    pub provisioned: Option<(u32, u32)>,
}

impl CloudWatch {
    fn tally(&mut self, id: FunctionId) -> &mut CloudWatchTotals {
        self.0.entry(id).or_default()
    }

    /// An invocation ended.
    pub(super) fn ended(&mut self, invocation: &Invocation, concurrency: ConcurrencyAtStart) {
        let failed = matches!(
            invocation.end,
            End::Exception | End::Timeout | End::OutOfMemory | End::Exited
        );
        let tally = self.tally(invocation.id);
        tally.last = tally.last.max(invocation.ended());
        tally.invocations += 1;
        tally.errors += u32::from(failed);
        tally.total += invocation.duration;
        tally.longest = tally.longest.max(invocation.duration);
        tally.concurrent = tally.concurrent.max(concurrency.busy);
        if let Some((busy, provisioned @ 1..)) = concurrency.provisioned {
            tally.utilization += f64::from(busy) / f64::from(provisioned);
            tally.utilizations += 1;
        }
    }

    /// Lambda refused `more` invocations at `at`.
    pub(super) fn throttled(&mut self, id: FunctionId, at: ModelTime, more: u32) {
        let tally = self.tally(id);
        tally.last = tally.last.max(at);
        tally.throttles += more;
    }

    /// Whether there is anything to give.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The metrics since the last call.
    pub(super) fn give<'a>(
        &mut self,
        epoch: Epoch,
        function: impl Fn(FunctionId) -> &'a Function,
    ) -> Vec<TelemetryRecord> {
        let mut records = Vec::new();
        for (id, tally) in take(&mut self.0) {
            tally.give(epoch, function(id), &mut records);
        }
        records
    }
}

impl CloudWatchTotals {
    fn give(self, epoch: Epoch, function: &Function, records: &mut Vec<TelemetryRecord>) {
        let tags: std::sync::Arc<[String]> = tags::function(function).into();
        let mut add = |name: &str, kind, value: f64| {
            records.push(TelemetryRecord::Metric(MetricPoint {
                name: format!("aws.lambda.{name}"),
                kind,
                at_ms: epoch.ms(self.last),
                value,
                tags: tags.clone(),
            }));
        };
        let millis = |duration: Duration| duration.as_secs_f64() * 1e3;
        add(
            "invocations",
            MetricKind::Count,
            f64::from(self.invocations),
        );
        add("errors", MetricKind::Count, f64::from(self.errors));
        add("throttles", MetricKind::Count, f64::from(self.throttles));
        add("timeout", MetricKind::Gauge, function.timeout.as_secs_f64());
        add(
            "memorysize",
            MetricKind::Gauge,
            f64::from(function.memory.mb()),
        );
        if self.invocations > 0 {
            let average = millis(self.total) / f64::from(self.invocations);
            add("duration", MetricKind::Gauge, average);
            add("duration.maximum", MetricKind::Gauge, millis(self.longest));
            let concurrent = f64::from(self.concurrent);
            add("concurrent_executions", MetricKind::Gauge, concurrent);
        }
        if self.utilizations > 0 {
            // A share from 0 to 1, as CloudWatch gives it.
            let average = self.utilization / f64::from(self.utilizations);
            add(
                "provisioned_concurrency_utilization",
                MetricKind::Gauge,
                average,
            );
        }
    }
}
