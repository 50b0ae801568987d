//! Evidence from Lambda's own log lines: per request if an id joins them, else as an interval.

use std::collections::{HashMap, hash_map::Entry};

use super::{Watched, observe::doubt};
use crate::{
    aws::LogEvent,
    insight::{Band, Basis, Observation, Quantity},
    lambda::{LogLine, ReportLine},
    lang::{FunctionName, Share, Statement, Value, statements::logs},
    record::{InitSource, InitTimes, ReportLines},
    sample::{Sample, Temperature},
    stats::ColdShare,
};

/// An environment initialised this long before its first invocation was initialised ahead of need:
/// Datadog's rule for `cold_start` (`PROACTIVE_INITIALIZATION_THRESHOLD_MS` of its extension).
const AHEAD_MS: f64 = 10_000.0;

/// What Lambda's log says of a function's invocations in a time range.
#[derive(Clone, Debug, Default)]
pub struct Reports {
    invocations: Vec<LoggedInvocation>,
    by_request: HashMap<String, usize>,
    /// None if several invocations share a trace: which one answered cannot be determined.
    by_xray: HashMap<String, Option<usize>>,
}

#[derive(Clone, Debug)]
struct LoggedInvocation {
    report: ReportLine,
    /// Whether an environment was initialised for it; None if the log does not say.
    cold: Option<bool>,
    /// How long that took, where a line of its own says so, in milliseconds.
    init_report_ms: Option<f64>,
}

impl LoggedInvocation {
    /// How long an environment was initialised or restored for it, in microseconds. What the
    /// initialisation's own line says comes first, as in Datadog's extension from v98 on.
    fn init_us(&self) -> Option<u64> {
        let report = &self.report;
        let ms = (report.restore_ms)
            .or(self.init_report_ms)
            .or(report.init_ms)?;
        (self.cold == Some(true)).then(|| (ms * 1e3).round() as u64)
    }
}

impl Reports {
    /// Takes in a function's log, ordered by time within each stream. `writes_init`: the platform
    /// is known to log initialisations, as AWS does, so that a REPORT without one is warm. An
    /// emulator may not log them; then the temperature is unknown.
    pub fn of(events: &[LogEvent], writes_init: bool) -> Reports {
        let says_init = |event: &LogEvent| match &event.line {
            LogLine::Report(report) => report.says_cold(),
            LogLine::InitStart | LogLine::InitReport { .. } | LogLine::RestoreReport => true,
        };
        let writes_init = writes_init || events.iter().any(says_init);
        let mut reports = Reports::default();
        let mut stream = Stream::default();
        for event in events {
            if event.stream != stream.name {
                stream = Stream::named(&event.stream);
            }
            match &event.line {
                LogLine::InitStart => stream.began_ms = Some(event.at_ms),
                LogLine::InitReport { in_invocation, ms } => {
                    stream.again |= in_invocation;
                    stream.init_ms = *ms;
                }
                LogLine::RestoreReport => {}
                LogLine::Report(report) => {
                    let init_report_ms = stream.init_ms.take();
                    let said = init_report_ms.or(report.init_ms);
                    let cold = stream.cold(event.at_ms, report, said);
                    reports.add(LoggedInvocation {
                        report: report.clone(),
                        cold: cold.or(writes_init.then_some(false)),
                        init_report_ms,
                    });
                }
            }
        }
        reports
    }

    fn add(&mut self, invocation: LoggedInvocation) {
        let place = self.invocations.len();
        let report = &invocation.report;
        match self.by_request.entry(report.request_id.clone()) {
            // Lambda repeats the REPORT line of an invocation that it retried.
            Entry::Occupied(_) => return,
            Entry::Vacant(vacant) => vacant.insert(place),
        };
        if let Some(trace) = &report.xray_trace_id {
            let one = self.by_xray.entry(trace.clone()).or_insert(Some(place));
            if *one != Some(place) {
                *one = None;
            }
        }
        self.invocations.push(invocation);
    }

    /// How many invocations are reported.
    pub fn len(&self) -> u64 {
        self.invocations.len() as u64
    }

    /// Whether no invocation is reported.
    pub fn is_empty(&self) -> bool {
        self.invocations.is_empty()
    }

    /// Adds to `sample` what its REPORT line says, unless better evidence says it already. Returns
    /// whether the sample has a line. `x-amzn-requestid` is Lambda's id at a Function URL, and the
    /// gateway's own elsewhere. The gateway's id is in no line, so it joins nothing.
    pub fn improve(&self, sample: &mut Sample) -> bool {
        let Some(found) = self.of_sample(sample) else {
            return false;
        };
        let LoggedInvocation { report, cold, .. } = found;
        sample.improve(*cold, Some(&report.request_id), report.timed_out());
        true
    }

    /// Adds to `sample` how long it ran. Adds how long its environment initialised for it, if its
    /// line says so and the sample is not known to be warm. Returns whether the init time was
    /// added.
    pub fn add_init(&self, sample: &mut Sample) -> bool {
        let Some(found) = self.of_sample(sample) else {
            return false;
        };
        let init_us = found.init_us();
        let duration_us = (found.report.duration_ms * 1e3).round() as u64;
        sample.duration_us = Some(duration_us);
        let is_new = init_us.is_some() && sample.temperature != Temperature::Warm;
        if is_new {
            sample.init_us = init_us;
        }
        is_new
    }

    fn of_sample(&self, sample: &Sample) -> Option<&LoggedInvocation> {
        let by_request = [&sample.request_id, &sample.front_request_id]
            .into_iter()
            .flatten()
            .find_map(|id| self.by_request.get(id).copied());
        let by_xray = || *self.by_xray.get(sample.xray_trace_id.as_ref()?)?;
        self.invocations.get(by_request.or_else(by_xray)?)
    }

    /// How long environments initialised for the invocations that waited for it. None if no line
    /// says so.
    pub fn init_times(&self, function: &str, basis: Basis) -> Option<InitTimes> {
        let waited = self
            .invocations
            .iter()
            .filter_map(LoggedInvocation::init_us);
        let (mut n, mut sum, mut longest) = (0, 0.0, 0.0_f64);
        for init_us in waited {
            let ms = init_us as f64 / 1e3;
            (n, sum, longest) = (n + 1, sum + ms, longest.max(ms));
        }
        (n > 0).then(|| InitTimes {
            function: function.to_owned(),
            basis,
            source: InitSource::ReportLines,
            n,
            mean_ms: Some(sum / n as f64),
            max_ms: Some(longest),
            joined: 0,
        })
    }

    /// What the lines say about a run whose requests have these temperatures. `ran` is the number
    /// of requests that reached the function.
    pub fn lines(&self, function: &str, run: &ColdShare, ran: Band, joined: u64) -> ReportLines {
        let count = |wanted: Option<bool>| self.such(|one| one.cold == wanted);
        let (cold, unknown) = (count(Some(true)), count(None));
        let of_run = run.all();
        // Invocations of other traffic may be the cold ones, and so may those of missing lines.
        let foreign = self.len().saturating_sub(ran.low());
        let missing = ran.high().unwrap_or(of_run).saturating_sub(self.len());
        let most = run.cold.saturating_add(run.unknown);
        let low = cold.saturating_sub(foreign).clamp(run.cold, most);
        let high = (cold + unknown).saturating_add(missing).clamp(low, most);
        let share = |count: u64| (of_run > 0).then(|| count as f64 / of_run as f64);
        ReportLines {
            function: function.to_owned(),
            lines: self.len(),
            cold,
            warm: count(Some(false)),
            unknown,
            timeouts: self.such(|one| one.report.timed_out()),
            missing,
            joined,
            share_low: share(low),
            share_high: share(high),
        }
    }

    fn such(&self, wanted: impl Fn(&LoggedInvocation) -> bool) -> u64 {
        self.invocations.iter().filter(|one| wanted(one)).count() as u64
    }

    /// What the lines say about `watched`, for its Insights. They contain no errors and throttles;
    /// for these the client's own view counts.
    pub fn observation(&self, watched: &Watched) -> Observation {
        let reported = self.len();
        let sent = watched.sent_of(reported);
        let client = watched.view.client.as_ref();
        let mut seen = Observation::new(watched.view.function.clone(), Basis::Cloudwatch);
        seen.doubt = doubt(reported, sent);
        let missing = sent.high().map(|most| most.saturating_sub(reported));
        let growing = |least: u64, more: u64| {
            Band::bounded(least, missing.map(|missing| least + more + missing))
        };
        let cold = |wanted: Option<bool>| self.such(|one| one.cold == wanted);
        let timeouts = self.such(|one| one.report.timed_out());
        // A runtime that was killed for its memory may report only that it exited.
        let exited =
            |report: &ReportLine| report.error_type.as_deref() == Some("Runtime.ExitError");
        let ended = self.such(|one| exited(&one.report) && !one.report.is_full());
        let out_of_memory = self.such(|one| one.report.is_full());
        let failed = self.such(|LoggedInvocation { report, .. }| {
            report.timed_out() || matches!(report.status.as_deref(), Some("error" | "failure"))
        });
        for (quantity, band) in [
            (Quantity::Invocations, growing(reported, 0)),
            (Quantity::CloudwatchInvocations, growing(reported, 0)),
            (Quantity::Reports, Band::exactly(reported)),
            (Quantity::ColdStarts, growing(cold(Some(true)), cold(None))),
            (Quantity::Timeouts, growing(timeouts, 0)),
            (Quantity::OutOfMemory, growing(out_of_memory, ended)),
        ] {
            seen.set(quantity, band);
        }
        let of_client = |quantity| client.map_or(Band::UNKNOWN, |client| client.get(quantity));
        let shared = missing.is_none_or(|_| sent.high().is_some_and(|most| reported > most));
        let errors = of_client(Quantity::Errors);
        let errors = Band::bounded(errors.low().max(failed), errors.high());
        seen.set(Quantity::Errors, errors.bounded_if(!shared));
        seen.set(Quantity::Throttles, of_client(Quantity::Throttles));
        let complete = missing == Some(0);
        let largest = |value: Option<u64>| {
            value.map_or(Band::UNKNOWN, |value| {
                Band::exactly(value).bounded_if(complete)
            })
        };
        let all = || self.invocations.iter().map(|one| &one.report);
        let longest = all().map(|report| (report.duration_ms * 1e3).round() as u64);
        seen.set(Quantity::LongestDuration, largest(longest.max()));
        let used = all().filter_map(|report| report.memory_used_mb);
        seen.set(
            Quantity::MemoryUsed,
            largest(used.max().map(|mb| mb.saturating_mul(1_024))),
        );
        let sizes: Vec<u64> = all().filter_map(|report| report.memory_mb).collect();
        if let (Some(least), Some(most)) = (sizes.iter().min(), sizes.iter().max()) {
            let size = Band::between(least.saturating_mul(1_024), most.saturating_mul(1_024));
            seen.set(Quantity::MemorySize, size);
        }
        watched.settings.fill(&mut seen);
        seen
    }
}

impl ReportLines {
    /// What the lines say.
    pub fn statement(&self) -> Statement {
        let function = FunctionName(&self.function);
        if self.lines == 0 {
            return logs::no_lines(function);
        }
        let mut said = logs::report_lines(self.lines, function, self.cold, self.warm);
        if self.unknown > 0 {
            said = logs::lines_silent(said, self.unknown);
        }
        let (Some(low), Some(high)) = (self.share_low, self.share_high) else {
            return said;
        };
        let share: Value = match low == high {
            true => Share(low).into(),
            false => logs::share_between(Share(low), Share(high)).into(),
        };
        let condition = match self.missing {
            0 => logs::all_lines_came(),
            missing => logs::lines_to_come(missing),
        };
        let said = logs::share_by_lines(said, share, condition);
        match self.joined {
            0 => logs::joined_none(said),
            joined => logs::joined_by_id(said, joined),
        }
    }
}

/// The log of one environment so far.
#[derive(Default)]
struct Stream {
    name: String,
    /// When its initialisation began, until its first invocation.
    began_ms: Option<i64>,
    /// Whether it initialised again within the invocation in flight.
    again: bool,
    /// How long it initialised last, where a line of its own says so, until its first invocation.
    init_ms: Option<f64>,
}

impl Stream {
    fn named(name: &str) -> Stream {
        Stream {
            name: name.to_owned(),
            ..Stream::default()
        }
    }

    /// Whether this invocation waited for an initialisation. None if the log mentions none.
    fn cold(&mut self, ended_ms: i64, report: &ReportLine, init_ms: Option<f64>) -> Option<bool> {
        let began = self.began_ms.take();
        if std::mem::take(&mut self.again) || report.restore_ms.is_some() {
            return Some(true);
        }
        init_ms?;
        let started_ms = ended_ms as f64 - report.duration_ms;
        let ahead = began.is_some_and(|began| started_ms - began as f64 > AHEAD_MS);
        Some(!ahead)
    }
}
