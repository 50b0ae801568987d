//! How long environments initialised: Lambda's REPORT lines as Datadog's log search has them, or
//! else the metric that Datadog's extension makes of them.

use super::{Reports, Subject};
use crate::{
    aws::LogEvent,
    datadog::{ApiError, Client, FoundLog, Question},
    insight::{Aggregator, tag_value},
    lambda::LogLine,
    record::{InitSource, InitTimes},
};

/// The most lines that are read of one run: two of each cold start.
const MOST_LINES: usize = 50_000;
/// Up to this many requests, the lines of warm ones are read too: they have their durations.
const MOST_FOR_ALL_LINES: u64 = 5_000;

/// How long environments initialised, and the lines that say it of single requests.
#[derive(Clone, Debug)]
pub struct FoundInits {
    /// The numbers, before anything is joined.
    pub times: InitTimes,
    /// The lines; none where only the metric is there.
    pub reports: Reports,
}

/// Asks how long the entry function's environments initialised. None if no data has it.
///
/// # Errors
/// Errors of the API about the metric. Logs need their own scope, and may not be stored at all:
/// without them only the metric is asked.
pub async fn fetch_inits(
    client: &Client,
    subject: &Subject,
) -> Result<Option<FoundInits>, ApiError> {
    let Some(entry) = subject.functions.iter().find(|one| one.view.entry) else {
        return Ok(None);
    };
    let function = &entry.view.function;
    let (from, to) = subject.range();
    let few = entry
        .sent
        .high()
        .is_some_and(|most| most <= MOST_FOR_ALL_LINES);
    let query = log_query(function, few);
    let logs = client.search_logs(&query, from, to, MOST_LINES).await;
    let reports = Reports::of(&events(logs.unwrap_or_default()), false);
    if let Some(times) = reports.init_times(function, subject.basis) {
        return Ok(Some(FoundInits { times, reports }));
    }
    let numbers = client.scalars(from, to, &questions(function)).await?;
    let number = |place: usize| numbers.get(place).copied().flatten();
    let number = |place| number(place).filter(|number| number.is_finite() && *number >= 0.0);
    let (count, sum, largest) = (number(0), number(1), number(2));
    let times = count.filter(|count| *count >= 1.0).map(|count| InitTimes {
        function: function.clone(),
        basis: subject.basis,
        source: InitSource::Metric,
        n: count.round() as u64,
        mean_ms: sum.map(|seconds| seconds / count * 1e3),
        max_ms: largest.map(|seconds| seconds * 1e3),
        joined: 0,
    });
    Ok(times.map(|times| FoundInits {
        times,
        reports: Reports::default(),
    }))
}

/// The lines of initialisations, or all REPORT lines if `all`. The extension sends REPORT lines in
/// Lambda's words (DataDog/datadog-lambda-extension, `bottlecap/src/logs/lambda/processor.rs`), and
/// so does the Forwarder, which forwards Lambda's own.
fn log_query(function: &str, all: bool) -> String {
    let function = tag_value(function);
    let all = if all { "\"REPORT\" OR " } else { "" };
    format!(
        "functionname:{function} ({all}\"Init Duration\" OR \"Restore Duration\" OR \"INIT_START\")"
    )
}

/// Lambda's lines. The extension gives an environment's INIT_START the id of the first request, so
/// that lines of one request stand together as those of a stream do in CloudWatch.
fn events(logs: Vec<FoundLog>) -> Vec<LogEvent> {
    let event = |log: FoundLog| {
        let line = LogLine::parse(&log.message)?;
        let own = match &line {
            LogLine::Report(report) => Some(report.request_id.clone()),
            _ => None,
        };
        Some(LogEvent {
            stream: own.or(log.request_id).unwrap_or_default(),
            at_ms: log.at_ms,
            line,
        })
    };
    let mut events: Vec<LogEvent> = logs.into_iter().filter_map(event).collect();
    events.sort_by(|a, b| (&a.stream, a.at_ms).cmp(&(&b.stream, b.at_ms)));
    events
}

/// Count, sum and largest value of the metric, in seconds.
fn questions(function: &str) -> [Question; 3] {
    let function = tag_value(function);
    let metric = format!("aws.lambda.enhanced.init_duration{{functionname:{function}}}");
    let question = |aggregator, query| Question { aggregator, query };
    [
        question(Aggregator::Sum, format!("count:{metric}.as_count()")),
        question(Aggregator::Sum, format!("sum:{metric}")),
        question(Aggregator::Max, format!("max:{metric}")),
    ]
}
