use super::*;
use crate::{
    insight::{Basis, Id},
    lang::{Lang, speaking},
    record::{Finding, PartReport, ThresholdResult, Verdict},
};

fn plain(text: &str) -> Vec<String> {
    let text = anstream::adapter::strip_str(text).to_string();
    text.lines().map(str::to_owned).collect()
}

/// Each line fits 80 columns, all of them the screen, and the verdict stands last.
fn check(run: &Run) {
    for lang in [Lang::En, Lang::Ko] {
        let (lines, verdict) = speaking(lang, || (plain(&short(run)), verdict(run)));
        let page = lines.join("\n");
        assert!(lines.len() <= ROWS, "{} lines:\n{page}", lines.len());
        for line in &lines {
            assert!(columns(line) <= PAGE, "{line}");
        }
        assert!(
            page.ends_with(&plain(&verdict.join("\n")).join("\n")),
            "{page}"
        );
    }
}

fn entry(section: usize, heading: &str, rank: EntryRank) -> ScreenEntry {
    ScreenEntry {
        section,
        heading: heading.to_owned(),
        lines: vec![format!("line of {section}")],
        rank,
    }
}

#[test]
fn what_fails_the_run_is_left_out_last_and_what_is_left_out_is_counted() {
    let entries = || {
        let mut entries: Vec<ScreenEntry> = (0..9)
            .map(|_| entry(0, "one", EntryRank::Besides))
            .collect();
        entries.push(entry(1, "two", EntryRank::Fails));
        entries
    };
    let all = fitted(entries(), 14);
    assert_eq!(all.concat().len(), 12, "two headings, ten lines: {all:?}");
    let some = fitted(entries(), 10);
    let said = plain(&some.concat().join("\n"));
    assert!(said.contains(&"line of 1".to_owned()), "{said:?}");
    assert!(
        said.last().is_some_and(|last| last.contains("5 more")),
        "{said:?}"
    );
    let lines: usize = some.iter().map(|block| block.len() + 1).sum();
    assert!(lines <= 10, "{some:?}");
    assert_eq!(plain(&fitted(entries(), 0).concat().join("\n")).len(), 1);
}

#[test]
fn a_run_with_more_than_a_screen_holds_still_fits_it_with_the_verdict_last() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/reports/mixed");
    let mut run = crate::record::Folder::at(folder)
        .read_run()
        .expect("the run");
    check(&run);
    let finding = run.insights.first().cloned().expect("a finding");
    for (place, id) in Id::ALL.iter().copied().enumerate() {
        let verdict = match place % 3 {
            0 => Verdict::Missing,
            1 => Verdict::AlsoSeen,
            _ => Verdict::NotSeenYet,
        };
        let function = format!(
            "function-{}-of-a-long-name-that-nobody-would-choose",
            place % 2
        );
        run.insights.push(Finding {
            id,
            verdict,
            function,
            basis: Basis::Datadog,
            ..finding.clone()
        });
    }
    for place in 0..20 {
        run.notes
            .push(format!("note {place}: {}", "word ".repeat(30)).into());
        run.thresholds.push(ThresholdResult {
            metric: "response.warm.p95".to_owned(),
            met: Some(place % 2 == 0),
            value: Some(12.0),
            ..run
                .thresholds
                .first()
                .cloned()
                .unwrap_or_else(|| panic!("a threshold"))
        });
    }
    check(&run);
    let named = |name: &str| PartReport {
        name: name.to_owned(),
        sent: 123_456,
        ok: 123_456,
        failed: 0,
        cold: Default::default(),
        latency_ms: Default::default(),
    };
    let name = "get-orders-of-a-customer-who-came-back-and-their-items";
    run.by_request = vec![named(name), named("post-orders")];
    run.insights.clear();
    run.notes.clear();
    run.thresholds.clear();
    check(&run);
    let lines = plain(&short(&run));
    let line = lines.iter().find(|line| line.contains("get-orders-of"));
    let line = line.expect("the request");
    assert!(line.contains("…") && line.contains("their-items"), "{line}");
    assert!(line.contains("123,456"), "{line}");
    run.target.url = format!("https://{}.example/", "a".repeat(100));
    run.target.kind = crate::record::TargetKind::Http;
    check(&run);
}
