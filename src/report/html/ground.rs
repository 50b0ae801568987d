//! What the figures rest on: where it ran, by what evidence, and what a reader must know.

use std::time::Duration;

use maud::{Markup, html};

use super::{page::ReportPage, section, show, words::*};
use crate::{
    control::FunctionInfo,
    lang::Text,
    record::TargetKind,
    report::{
        init,
        run_rows::{evidence_parts, protocol},
        text::capital,
    },
    stats::{Class, Measure},
    units::show_duration,
};

/// Where it ran.
pub fn environment(page: &ReportPage<'_>) -> Markup {
    let run = page.run;
    let kind = match (run.simulated, run.target.kind) {
        (true, _) => KIND_SIMULATED,
        (false, TargetKind::Sandbox) => KIND_SANDBOX,
        (false, TargetKind::Aws) => KIND_AWS,
        (false, TargetKind::Http) => KIND_HTTP,
    };
    let said = |text: &str| html! { (text) };
    let mut facts = vec![
        (TARGET, said(&run.target.url)),
        (KIND, said(page.text(kind))),
    ];
    facts.extend((run.target.datadog_url.iter()).map(|url| (DATADOG, said(url))));
    facts.extend(functions(page));
    facts.push((RUN, html! { code { (run.run_id) } }));
    facts.push((STARTED_AT, said(&show::clock(run.started_at))));
    facts.extend((run.ended_at.iter()).map(|ended| (ENDED_AT, said(&show::clock(*ended)))));
    facts.push((SEED, html! { (run.scenario.seed) }));
    facts.push((VERSION, said(&run.tool_version)));
    let facts = html! {
        dl.pairs { @for (name, fact) in facts { dt { (page.text(name)) } dd { (fact) } } }
    };
    section("where-title", WHERE, &facts)
}

/// The functions by name, with how they are configured where that is known.
fn functions(page: &ReportPage<'_>) -> Vec<(Text, Markup)> {
    let target = &page.run.target;
    let names = match target.kind {
        TargetKind::Http => [None, None],
        _ => [&target.functions.entry, &target.functions.consumer].map(Option::as_deref),
    };
    let configured = |function: &FunctionInfo| {
        let timeout = show_duration(Duration::from_millis(function.timeout_ms));
        let memory = function.memory.to_string();
        let [init, warm] = [&function.init, &function.warm].map(ToString::to_string);
        page.say(CONFIGURED, &[&memory, &timeout, &init, &warm])
    };
    let function = |(word, name): (Text, Option<&str>)| {
        let name = name?;
        let of_name = target.configured.iter().filter(|it| it.name == name);
        let said = html! {
            code { (name) }
            @for function in of_name { br; span.quiet { (configured(function)) } }
        };
        Some((word, said))
    };
    let words = [ENTRY, CONSUMER].into_iter().zip(names);
    words.filter_map(function).collect()
}

/// What a reader must know to trust the figures, in complete sentences.
pub fn honesty(page: &ReportPage<'_>) -> Markup {
    let sentences = html! {
        ul.sentences {
            @for sentence in sentences(page) { li { (sentence) } }
            @for note in &page.run.notes {
                @let (lang, note) = page.kept(note);
                li lang=[lang] { (note) }
            }
        }
    };
    section("honesty-title", HONESTY, &sentences)
}

fn sentences(page: &ReportPage<'_>) -> Vec<String> {
    let run = page.run;
    let requests = run.requests;
    let lag = run.schedule.send_lag_ms;
    let closed = run.latency(Measure::Response, Class::All).n == 0
        && run.latency(Measure::Service, Class::All).n > 0;
    let say = |text, values: &[&str]| Some(page.say(text, values));
    let if_any = |count: u64| (count > 0).then(|| show::count(count));
    [
        run.simulated.then(|| page.text(SIMULATED).to_owned()),
        (!run.simulated && run.target.kind == TargetKind::Sandbox)
            .then(|| page.text(SANDBOX).to_owned()),
        run.interrupted.then(|| page.text(INTERRUPTED).to_owned()),
        Some(evidence(page)),
        init::sentence(run).map(|said| page.say(INIT_TIME, &[&said])),
        protocol(run).map(|said| format!("{}.", capital(&said.to_string()))),
        closed.then(|| page.text(CLOSED_LOOP).to_owned()),
        match (closed, lag.p50, lag.p99, lag.max) {
            (false, Some(p50), Some(p99), Some(max)) => {
                let [p50, p99, max] = [p50, p99, max].map(|value| show::ms(Some(value)));
                say(SEND_LAG, &[&p50, &p99, &max])
            }
            _ => None,
        },
        if_any(requests.not_sent)
            .and_then(|n| say(NOT_SENT_NOTE, &[&n, &show::count(requests.planned)])),
        if_any(requests.failed.saturating_add(requests.timed_out))
            .and_then(|n| say(NO_ANSWER_NOTE, &[&n])),
        (run.schedule.skipped_ms > 0).then(|| {
            let skipped = show_duration(Duration::from_millis(run.schedule.skipped_ms));
            page.say(SKIPPED_IDLE, &[&skipped])
        }),
        if_any(page.skipped).and_then(|n| say(DAMAGED, &[&n])),
        Some(page.text(STEPS).to_owned()),
        Some(page.text(INDEPENDENT).to_owned()),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// What the temperatures rest on.
fn evidence(page: &ReportPage<'_>) -> String {
    let parts = evidence_parts(page.run);
    match parts.is_empty() {
        true => page.text(EVIDENCE_NONE).to_owned(),
        false => page.say(EVIDENCE, &[&parts.join(", ")]),
    }
}
