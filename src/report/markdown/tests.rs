use super::*;
use crate::record::{Folder, SCHEMA};

/// A run with more of everything than a page can hold, and names that try to be markup.
fn crowded() -> Run {
    let hostile = "x | y\n\n# big <script>alert(1)</script> [a](javascript:b) @everyone `c`";
    let summary = serde_json::json!({ "n": 9, "p50": 1.5, "min": 1, "max": 2 });
    let classes: serde_json::Map<String, serde_json::Value> = Class::ALL
        .iter()
        .map(|class| (class.key().to_owned(), summary.clone()))
        .collect();
    let finding = |verdict: &str| {
        serde_json::json!({
            "id": "cold_starts", "function": hostile, "expected": "present",
            "predicted": null, "client": null, "observed": null, "measured": hostile,
            "basis": "client", "verdict": verdict, "reason": hostile,
            "link": "https://example.com/a) evil",
        })
    };
    let findings = [vec![finding("seen"); 40], vec![finding("missing"); 3]].concat();
    let phase = serde_json::json!({
        "name": hostile, "what": hostile, "times": 1, "planned": 1, "sent": 1, "ok": 1,
        "failed": 0, "cold": 1, "warm": 0, "unknown": 0,
    });
    let limit = serde_json::json!({
        "metric": "response.all.p50", "limit": "< 1ms", "value": 1.5, "met": false,
    });
    serde_json::from_value(serde_json::json!({
        "schema": SCHEMA, "tool_version": hostile, "run_id": hostile,
        "scenario": { "name": hostile, "title": hostile, "seed": 1, "toml": null },
        "target": {
            "kind": "http", "url": hostile, "datadog_url": null,
            "functions": { "entry": hostile, "consumer": null },
            "range": { "from_ms": 0, "to_ms": 1 },
        },
        "simulated": false, "started_at": "2026-01-01T00:00:00Z",
        "ended_at": "2026-01-01T00:00:01Z", "interrupted": false,
        "requests": {
            "planned": 9, "sent": 9, "completed": 9, "failed": 0, "timed_out": 0, "not_sent": 0,
        },
        "schedule": {
            "send_lag_ms": { "p50": 0.1, "p99": 0.1, "max": 0.1 }, "length_ms": 1, "skipped_ms": 0,
        },
        "latency_ms": { "response": classes, "service": classes, "connect": classes },
        "cold": {
            "cold": 3, "warm": 3, "unknown": 3, "share_low": 0.3, "share_high": 0.6,
            "evidence": { "marker": 6 },
        },
        "status": { "200": 9 }, "failures": {}, "phases": vec![phase; 40],
        "insights": findings,
        "thresholds": vec![limit; 40], "verdict": "missed", "notes": vec![hostile; 40],
        "samples": { "share": 1.0 },
    }))
    .expect("a run")
}

#[test]
fn the_page_stays_short_however_much_there_is_to_say() {
    let page = write(&crowded());
    let lines = page.lines().count();
    assert!(lines < 60, "{lines} lines:\n{page}");
    assert!(page.contains("and 35 more"), "{page}");
}

#[test]
fn what_was_missed_comes_first_and_names_stay_text() {
    let page = write(&crowded());
    let first = page
        .lines()
        .find(|line| line.contains("cold\\_starts]("))
        .expect("an Insight");
    assert!(first.starts_with("| ❌ missing"), "{first}");
    for markup in ["<script", "[a](javascript", " @everyone", "evil"] {
        assert!(!page.contains(markup), "{markup} in\n{page}");
    }
    for row in page.lines().filter(|line| line.starts_with("| ")) {
        let bars = row.replace("\\|", "").matches('|').count();
        assert!([4, 5, 7, 8].contains(&bars), "{row}");
    }
}

#[test]
fn a_run_without_requests_still_has_a_page() {
    let mut run = crowded();
    let folder = Folder::at("nowhere");
    run.fill(&folder.figures(&run).expect("no samples"));
    (run.insights, run.phases, run.thresholds) = Default::default();
    let page = write(&run);
    assert!(page.starts_with("### "), "{page}");
    assert!(!page.contains("NaN"), "{page}");
}
