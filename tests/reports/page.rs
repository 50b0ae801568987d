//! The HTML report: what it lets in, what it says of unusual runs, and what reads back.

use std::{fs, path::PathBuf};

use base64::Engine as _;
use loadgen::{
    lang::{Lang, speaking},
    record::{Connections, Folder, Kept, Run, with_recorder},
    report::{self, EmbeddedRun, Format, read_html},
    sample::Sample,
    stats::{Class, Measure},
};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::place;

pub fn mixed() -> Run {
    Folder::at(place("mixed")).read_run().expect("a run")
}

pub fn written(folder: &Folder, format: Format, lang: Lang) -> String {
    let mut text = Vec::new();
    speaking(lang, || report::write_folder(folder, format, &mut text)).expect("a report");
    String::from_utf8(text).expect("UTF-8")
}

/// A run's folder with these samples, its figures filled in by `change`.
pub fn run_of(
    samples: impl Iterator<Item = Sample>,
    change: impl FnOnce(&mut Run),
) -> (TempDir, Folder) {
    let temporary = TempDir::new().expect("a folder");
    let folder = Folder::at(temporary.path().join("run"));
    let mut run = mixed();
    run.insights.clear();
    run.thresholds.clear();
    run.notes.clear();
    run.samples = Kept::share(run.samples.share);
    run.phases.truncate(1);
    let (planned, recorded) = with_recorder(&folder, &run, |recorder| {
        let mut planned = 0;
        for sample in samples {
            recorder.record(&sample);
            planned += 1;
            if planned % 50_000 == 0 {
                recorder.tick();
            }
        }
        planned
    })
    .expect("recorded");
    recorded.fill(&mut run);
    run.requests.planned = planned;
    change(&mut run);
    folder.write_run(&run).expect("written");
    (temporary, folder)
}

fn sample(index: u64, at_us: u64, took_us: u64, outcome: &str, temperature: &str) -> Sample {
    let status = match outcome {
        "ok" => json!(200),
        "function_error" => json!(502),
        "rejected" => json!(500),
        _ => Value::Null,
    };
    serde_json::from_value(json!({
        "index": index, "step": 0, "planned_us": at_us, "sent_us": at_us + 40,
        "first_byte_us": at_us + took_us, "done_us": at_us + took_us, "outcome": outcome,
        "status": status, "temperature": temperature,
        "evidence": if temperature == "unknown" { "none" } else { "marker" },
        "trace_id": format!("6b02d33d00000000{index:016x}"),
    }))
    .expect("a sample")
}

/// Requests at 1 ms distance: the first cold, the others warm, every 50th failed.
pub fn traffic(n: u64) -> impl Iterator<Item = Sample> {
    (0..n).map(|i| {
        // A spread over three decades, drawn without a generator.
        let noise = i.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 44;
        let took = match i {
            0..20 => 800_000 + noise / 4,
            _ => 8_000 + noise / 20 + (noise / 64).pow(2) / 400,
        };
        let outcome = if i % 50 == 49 { "function_error" } else { "ok" };
        sample(
            i,
            i * 1_000,
            took,
            outcome,
            if i < 20 { "cold" } else { "warm" },
        )
    })
}

#[test]
fn nothing_but_its_own_stylesheet_and_icon_is_let_in() {
    let page = written(&Folder::at(place("mixed")), Format::Html, Lang::En);
    let style = between(&page, "<style>", "</style>");
    let hash = ring::digest::digest(&ring::digest::SHA256, style.as_bytes());
    let hash = base64::engine::general_purpose::STANDARD.encode(hash);
    let policy = between(&page, "Content-Security-Policy\" content=\"", "\"");
    assert_eq!(
        policy.replace("&#39;", "'"),
        format!(
            "default-src 'none'; style-src 'sha256-{hash}'; img-src data:; base-uri 'none'; form-action 'none'"
        )
    );
    for outside in [
        "src=", "@import", "url(http", " style=", "onclick", "<iframe",
    ] {
        assert!(!page.contains(outside), "{outside}");
    }
    assert_eq!(page.matches("<script").count(), 3, "all are data");
    for (at, _) in page.match_indices("href=\"") {
        let link = &page[at + 6..];
        assert!(
            ["#", "https://", "http://127.0.0.1", "data:image/svg+xml"]
                .iter()
                .any(|start| link.starts_with(start)),
            "{}",
            &link[..60]
        );
    }
}

fn between<'t>(text: &'t str, begin: &str, end: &str) -> &'t str {
    let (_, rest) = text.split_once(begin).expect("a beginning");
    rest.split_once(end).expect("an end").0
}

#[test]
fn every_chart_has_a_text_and_a_table() {
    for lang in [Lang::En, Lang::Ko] {
        let page = written(&Folder::at(place("mixed")), Format::Html, lang);
        assert!(page.contains(&format!("<html lang=\"{lang}\">")));
        let figures: Vec<&str> = page.split("<figure>").skip(1).collect();
        assert_eq!(figures.len(), 4);
        for figure in figures {
            let figure = figure.split("</figure>").next().unwrap_or_default();
            assert!(figure.contains("role=\"img\" aria-label=\""));
            assert!(figure.contains("<details") && figure.contains("<table>"));
        }
    }
}

#[test]
fn a_report_gives_back_what_it_was_made_of() {
    let folder = Folder::at(place("mixed"));
    let temporary = TempDir::new().expect("a folder");
    let file = temporary.path().join("report.html");
    fs::write(&file, written(&folder, Format::Html, Lang::Ko)).expect("written");
    for format in [Format::Json, Format::Text, Format::Markdown, Format::Junit] {
        let mut back = Vec::new();
        report::write_embedded(&file, format, &mut back).expect("a report");
        let back = String::from_utf8(back).expect("UTF-8");
        assert!(
            back == written(&folder, format, Lang::En),
            "{format:?} differs:\n{back}"
        );
    }
    for format in [Format::Csv, Format::Hlog, Format::Html] {
        let told = report::write_embedded(&file, format, &mut Vec::new())
            .expect_err("no samples")
            .to_string();
        assert!(told.contains("the run's folder"), "{told}");
    }
}

#[test]
fn hostile_names_are_read_and_never_run() {
    let hostile = "</script><script>alert(1)</script><img src=x onerror=alert(2)>\"'&{}{0}`<!--";
    let (_kept, folder) = run_of(traffic(30), |run| {
        run.scenario.name = hostile.to_owned();
        run.scenario.title = hostile.to_owned().into();
        run.scenario.toml = Some(hostile.to_owned());
        run.scenario.changes = vec![hostile.to_owned()];
        run.run_id = hostile.to_owned();
        run.tool_version = hostile.to_owned();
        run.target.url = hostile.to_owned();
        run.notes = vec![hostile.to_owned().into()];
        run.phases[0].name = hostile.to_owned();
        run.phases[0].what = hostile.to_owned().into();
        run.failures.insert(hostile.to_owned(), 1);
        let mut findings = mixed().insights;
        for finding in &mut findings {
            finding.function = hostile.to_owned();
            finding.reason = hostile.to_owned().into();
            finding.link = "javascript:alert(3)".to_owned();
        }
        run.insights = findings;
    });
    for lang in [Lang::En, Lang::Ko] {
        let page = written(&folder, Format::Html, lang);
        assert_eq!(page.matches("<script").count(), 3);
        assert_eq!(page.matches("</script").count(), 3);
        assert!(!page.contains("<img") && !page.contains("<!--"));
        assert!(!page.contains("href=\"javascript"));
        let file = folder.path().join("report.html");
        fs::write(&file, page).expect("written");
        assert_eq!(
            read_html(&file).expect("a run").run,
            folder.read_run().expect("a run")
        );
    }
}

#[test]
fn a_run_without_requests_says_so() {
    let (_kept, folder) = run_of(std::iter::empty(), |_| {});
    let page = written(&folder, Format::Html, Lang::En);
    assert!(page.contains("nothing was answered") && page.contains("nothing was sent"));
    assert_eq!(page.matches("Nothing to draw").count(), 4);
    is_whole(&page);
}

#[test]
fn a_run_of_failures_has_times_waited_and_no_latencies() {
    let failures = (0..40).map(|i| sample(i, i * 1_000, 30_000_000, "timed_out", "unknown"));
    let (_kept, folder) = run_of(failures, |_| {});
    let page = written(&folder, Format::Html, Lang::En);
    assert!(page.contains("nothing was answered") && page.contains("40 timed out"));
    assert!(
        page.contains("points points-error") && page.contains("40 requests got no complete answer")
    );
    assert!(page.contains("0 answered: not even the median is supported"));
    is_whole(&page);
}

#[test]
fn one_request_is_drawn_and_nothing_is_claimed_of_percentiles() {
    let (_kept, folder) = run_of(traffic(1), |_| {});
    let page = written(&folder, Format::Html, Lang::En);
    assert!(page.contains("too few for a percentile"));
    assert!(page.contains("1 answered: not even the median is supported"));
    assert!(page.contains("points points-cold") && !page.contains("curve-0\" points"));
    is_whole(&page);
}

#[test]
fn numbers_that_are_none_harm_nothing() {
    let (_kept, folder) = run_of(traffic(30), |run| {
        for classes in run.latency_ms.values_mut() {
            for summary in classes.values_mut() {
                summary.p50 = Some(1e300);
                summary.p90 = Some(-1.0);
                summary.max = Some(f64::MAX);
            }
        }
        run.requests.planned = u64::MAX;
        run.requests.completed = u64::MAX;
        run.requests.failed = u64::MAX;
        run.cold.cold = u64::MAX;
        run.cold.warm = u64::MAX;
        run.cold.share_low = Some(1e300);
        run.failures.insert("ok".to_owned(), u64::MAX);
        run.schedule.skipped_ms = u64::MAX;
        run.schedule.send_lag_ms.max = Some(1e300);
        run.requests_per_second = Some(1e300);
    });
    is_whole(&written(&folder, Format::Html, Lang::En));
}

#[test]
fn the_protocols_are_told_where_they_are_known() {
    let spoken = |http1: u64, http2: u64, streams: Option<u64>| {
        let (_kept, folder) = run_of(traffic(10), |run| {
            run.target.url = "https://example.test/".to_owned();
            let protocols = [("http/1.1", http1), ("h2", http2)];
            run.connections = Some(Connections {
                opened: http1 + http2,
                tls_resumed: 0,
                protocols: protocols
                    .map(|(name, count)| (name.to_owned(), count))
                    .into(),
                streams,
            });
        });
        [Format::Text, Format::Markdown, Format::Html]
            .map(|format| written(&folder, format, Lang::En))
    };
    for (http1, http2, streams, said) in [
        (3, 0, None, "onnections opened: 3, all of them HTTP/1.1"),
        (0, 5, None, "onnections opened: 5, all of them HTTP/2"),
        (1, 4, None, "onnections opened: 5; 4 of them HTTP/2"),
        (
            0,
            5,
            Some(10),
            "onnections opened: 5, HTTP/2 with up to 10 requests at a time",
        ),
    ] {
        for report in spoken(http1, http2, streams) {
            // Lines end anywhere in the text.
            let report = report.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(report.contains(said), "{report}");
        }
    }
}

#[test]
fn a_time_that_only_a_damaged_file_has_takes_neither_memory_nor_for_ever() {
    let beyond = sample(30, u64::MAX - 1_000_000, 1_000, "ok", "warm");
    let (_kept, folder) = run_of(traffic(30).chain([beyond]), |_| {});
    let page = written(&folder, Format::Html, Lang::En);
    assert!(page.len() < 200_000, "{} bytes", page.len());
    is_whole(&page);
}

/// Every drawing lies on numbers, and the file has its end.
fn is_whole(page: &str) {
    for attribute in page.split("=\"").skip(1) {
        let value = attribute.split('"').next().unwrap_or_default();
        assert!(
            !value.contains("NaN") && !value.contains("inf%") && !value.starts_with("inf"),
            "{value}"
        );
    }
    assert!(page.ends_with("</html>\n"));
}

#[test]
fn a_cut_report_and_another_file_are_told_apart() {
    let page = written(&Folder::at(place("mixed")), Format::Html, Lang::En);
    let temporary = TempDir::new().expect("a folder");
    let file = temporary.path().join("cut.html");
    let told = |text: &[u8]| {
        fs::write(&file, text).expect("written");
        read_html(&file).expect_err("no run").to_string()
    };
    let data = page.find("loadgen-run").expect("data");
    for length in [data / 2, data + 200, page.len() * 99 / 100] {
        assert!(
            told(&page.as_bytes()[..length]).contains("is cut"),
            "{length}"
        );
    }
    assert!(told(b"<html><p>hello").contains("is no run"));
    assert!(told(&[0xff, 0xfe, 0]).contains("is no run"));
    let newer = page.replace("loadgen.run/2", "loadgen.run/9");
    assert!(told(newer.as_bytes()).contains("loadgen.run/9"));
}

#[test]
fn a_thousand_requests_fit_a_mail_and_a_million_fit_one_too() {
    let (_kept, small) = run_of(traffic(1_000), |_| {});
    let page = written(&small, Format::Html, Lang::En);
    assert!(page.len() < 150_000, "{} bytes", page.len());

    let million = 1_000_000;
    let (_kept, large) = run_of(traffic(million), |_| {});
    let page = written(&large, Format::Html, Lang::En);
    assert!(page.len() < 1_000_000, "{} bytes", page.len());
    is_whole(&page);
    // tests/browser opens it.
    let shown = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("million.html");
    fs::write(&shown, &page).expect("written");
    let EmbeddedRun { run, latencies, .. } = read_html(&shown).expect("a run");
    assert!(run.samples.share < 1.0, "single requests were left out");
    let all = latencies
        .get(Measure::Response, Class::All)
        .expect("latencies");
    assert_eq!(all.len(), million, "and the curves rest on all of them");
}
