//! What a comparison and an audit say, byte for byte, in both languages.

use std::collections::BTreeMap;

use loadgen::{
    audit::{Audit, AuditScope, Audited, standings},
    compare::{ChangeLimit, Side, compare as compare_sides},
    insight::{Band, Basis, Observation, Quantity},
    lang::{Lang, Reason, speaking, statements},
    record::Folder,
    report::{ComparisonFormat, audit, comparison},
    sample::Sample,
};

use super::{compare, page::run_of, place, without_colours};

const LANGUAGES: [(Lang, &str); 2] = [(Lang::En, "en"), (Lang::Ko, "ko")];

fn side(folder: &Folder) -> Side {
    let run = folder.read_run().expect("a run");
    let latencies = folder.figures(&run).expect("figures").latencies;
    Side::new(run, folder.samples().expect("samples"), latencies)
}

/// The requests of the recorded run, the warm ones slower.
fn slower() -> impl Iterator<Item = Sample> {
    let samples = Folder::at(place("mixed")).samples().expect("samples");
    samples.map(|mut sample| {
        let is_cold = matches!(sample.temperature, loadgen::sample::Temperature::Cold);
        sample.done_us += if is_cold { 0 } else { 400_000 };
        sample
    })
}

#[test]
fn comparisons_are_as_agreed_in_both_languages() {
    let mixed = Folder::at(place("mixed"));
    let recorded = mixed.read_run().expect("a run");
    let (_kept, folder) = run_of(slower(), |run| {
        run.run_id = "mixed-again".to_owned();
        run.scenario.seed += 1;
        run.insights = recorded.insights.clone();
        run.insights.retain(|finding| finding.id.key() != "errors");
        run.phases.clone_from(&recorded.phases);
        run.interrupted = true;
    });
    let limits = [
        "warm.p50 > 10%",
        "warm.p90 > 1000%",
        "errors.share > 1%",
        "warm.p99 > 5%",
    ];
    let limits = limits.map(|limit| limit.parse::<ChangeLimit>().expect("a limit"));
    let (a, b) = (side(&mixed), side(&folder));
    let compared = compare_sides(&a, &b, &limits);
    for (lang, code) in LANGUAGES {
        for (format, end) in [
            (ComparisonFormat::Text, "txt"),
            (ComparisonFormat::Markdown, "md"),
        ] {
            let report = speaking(lang, || comparison(format, &compared, &a, &b));
            compare(
                &without_colours(&report),
                &format!("comparison.{code}.{end}"),
            );
        }
        let page = speaking(lang, || {
            comparison(ComparisonFormat::Html, &compared, &a, &b)
        });
        assert!(page.contains(&format!("<html lang=\"{code}\">")), "{page}");
    }
}

fn audited(function: &str, values: &[(Quantity, u64)]) -> Audited {
    let seen = values.iter().fold(
        Observation::new(function, Basis::Datadog),
        |seen, (quantity, value)| seen.with(*quantity, Band::exactly(*value)),
    );
    let trouble = BTreeMap::from([(Quantity::Throttles, Reason::of("rate limited"))]);
    let scope = AuditScope::default();
    Audited {
        function: function.to_owned(),
        insights: standings(&seen, &scope, &trouble),
        seen,
    }
}

#[test]
fn audits_are_as_agreed_in_both_languages() {
    let busy = [
        (Quantity::Invocations, 1_000),
        (Quantity::Errors, 200),
        (Quantity::ColdStarts, 9),
        (Quantity::Timeouts, 2),
        (Quantity::OutOfMemory, 0),
        (Quantity::LongestDuration, 2_730_000),
        (Quantity::Timeout, 3_000_000),
        (Quantity::MemoryUsed, 480_000),
        (Quantity::MemorySize, 524_288),
    ];
    let quiet = [
        (Quantity::Invocations, 412),
        (Quantity::Errors, 0),
        (Quantity::ColdStarts, 2),
        (Quantity::Timeouts, 0),
        (Quantity::MemoryUsed, 40_000),
        (Quantity::MemorySize, 524_288),
    ];
    let mut page = Audit {
        schema: Audit::SCHEMA,
        tool_version: "0",
        source: statements::audit::at_datadog("api.datadoghq.com"),
        basis: Basis::Datadog,
        service: Some("shop".to_owned()),
        env: Some("prod".to_owned()),
        from_ms: 1_764_200_000_000,
        to_ms: 1_764_286_400_000,
        functions: vec![audited("shop-cart", &quiet), audited("shop-payment", &busy)],
        notes: vec![statements::audit::cloudwatch_late()],
    };
    page.sort();
    for (lang, code) in LANGUAGES {
        let [text, markdown] = speaking(lang, || [audit::text(&page), audit::markdown(&page)]);
        compare(&without_colours(&text), &format!("audit.{code}.txt"));
        compare(&markdown, &format!("audit.{code}.md"));
    }
}
