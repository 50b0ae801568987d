//! What the engine's account of a run says in its record.

use jiff::Timestamp;

use crate::{
    engine::{EngineSummary, Stopwatch},
    lang::Lang,
    record::{
        Connections, Reading, Run, Times,
        words::{LATENESS, REASON, RESENT, RESUMED, RETRY_AFTER},
    },
    report::text::said,
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
    }
}

/// What went wrong in words, for the notes of a run.
pub(super) fn reasons(ended: &EngineSummary) -> Vec<String> {
    let mut notes: Vec<String> = ended
        .reasons
        .iter()
        .map(|reason| {
            let count = reason.count.to_string();
            REASON.say(Lang::En, &[&count, reason.outcome.key(), &reason.text])
        })
        .collect();
    let connections = ended.connections.to_string();
    for (text, count) in [
        (RETRY_AFTER, ended.retry_after),
        (RESENT, ended.resent),
        (RESUMED, ended.tls_resumed),
    ] {
        if count > 0 {
            notes.push(text.say(Lang::En, &[&count.to_string(), &connections]));
        }
    }
    notes
}

/// A warning where requests left so late that it shows in the response times.
pub(super) fn lateness(run: &Run) -> Option<String> {
    let late = run.schedule.send_lag_ms.p99?;
    let response = run.latency(Measure::Response, Class::All).p50?;
    (late > 1.0 && late > response / 10.0).then(|| LATENESS.say(Lang::En, &[&said(Some(late))]))
}
