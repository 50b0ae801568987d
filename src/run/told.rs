//! What the engine's account of a run says in its record.

use std::time::Duration;

use jiff::Timestamp;

use crate::{
    engine::{EngineSummary, Stopwatch},
    lang::{
        FailureClass, Statement,
        statements::{failure, notes},
    },
    record::{Connections, Reading, Run, SignInReport, Times},
    stats::{Class, Measure},
};

/// A run's times, by this machine's clocks. It begins now.
pub(super) fn times() -> Times<impl Fn() -> Reading> {
    let steady = Stopwatch::start();
    Times::begin(move || Reading {
        wall: Timestamp::now(),
        steady: steady.elapsed(),
    })
}

/// What carried the requests.
pub(super) fn connections(ended: &EngineSummary) -> Connections {
    let http1 = ended.connections.saturating_sub(ended.http2);
    let protocols = [
        (Connections::HTTP1, http1),
        (Connections::HTTP2, ended.http2),
    ];
    Connections {
        opened: ended.connections,
        tls_resumed: ended.tls_resumed,
        protocols: protocols
            .into_iter()
            .filter(|(_, count)| *count > 0)
            .map(|(protocol, count)| (protocol.to_owned(), count))
            .collect(),
        streams: ended.streams,
    }
}

/// The sign-ins, where there were any.
pub(super) fn sign_ins(ended: &EngineSummary) -> Option<SignInReport> {
    let counts = ended.sign_ins;
    (counts.sent + counts.failed > 0).then(|| SignInReport {
        sent: counts.sent,
        failed: counts.failed,
        mean_ms: counts.total_us as f64 / 1e3 / counts.sent.max(1) as f64,
        max_ms: counts.longest_us as f64 / 1e3,
    })
}

/// What went wrong, for the notes of a run.
pub(super) fn reasons(ended: &EngineSummary) -> Vec<Statement> {
    let of_requests = ended.reasons.iter().map(|reason| {
        let class = FailureClass(reason.outcome.key());
        failure::reason(reason.count, class, reason.why.clone())
    });
    let mut said: Vec<Statement> = of_requests.collect();
    let some = |count: u64, note: Statement| (count > 0).then_some(note);
    said.extend(some(
        ended.retry_after,
        notes::retry_after(ended.retry_after),
    ));
    said.extend(some(ended.resent, notes::resent(ended.resent)));
    said.extend(ended.fewer_streams.map(notes::fewer_streams));
    let resumed = notes::resumed(ended.tls_resumed, ended.connections);
    said.extend(some(ended.tls_resumed, resumed));
    said
}

/// A warning where requests left so late that it shows in the response times.
pub(super) fn lateness(run: &Run) -> Option<Statement> {
    let late = run.schedule.send_lag_ms.p99?;
    let response = run.latency(Measure::Response, Class::All).p50?;
    let shows = late > 1.0 && late > response / 10.0;
    shows.then(|| notes::lateness(Duration::from_secs_f64(late.max(0.0) / 1e3)))
}
