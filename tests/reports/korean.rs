//! The reports in Korean: nothing of ours is left in English.

use std::{fs, path::Path};

use loadgen::{
    insight::{Basis, Id, Observation},
    lang::{
        FailureClass, Lang, Statement,
        statements::{failure, notes},
    },
    record::{Demand, Finding, Folder, Run, ThresholdResult, Verdict},
    report::Format,
    sample::Evidence,
    scenario::BUILTINS,
};

use super::{
    page::{mixed, run_of, traffic, written},
    place,
    support::command::{Finished, loadgen},
};

/// The words that a reader sees, without code, which is nobody's language.
fn visible(page: &str) -> String {
    let mut text = String::new();
    let mut unseen: Option<&str> = None;
    for part in page.split('<').skip(1) {
        let (tag, words) = part.split_once('>').expect("a tag that ends");
        let name = tag.split([' ', '/']).find(|name| !name.is_empty());
        match (unseen, name) {
            (Some(of), Some(name)) if of == name && tag.starts_with('/') => unseen = None,
            (Some(_), _) => continue,
            (None, Some(name @ ("style" | "script" | "code" | "head")))
                if !tag.starts_with('/') =>
            {
                unseen = Some(name);
                continue;
            }
            (None, _) => {}
        }
        text.push_str(words);
        text.push('\n');
    }
    text
}

/// Where three or more English words follow each other.
fn english(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut words: Vec<&str> = Vec::new();
    for line in text.lines() {
        for word in line.split(' ').chain([""]) {
            let bare = word.trim_matches(|c: char| c.is_ascii_punctuation());
            let is_word = bare.len() > 1 && bare.chars().all(|c| c.is_ascii_alphabetic());
            match is_word {
                true => words.push(word),
                false if words.len() > 2 => found.push(std::mem::take(&mut words).join(" ")),
                false => words.clear(),
            }
        }
    }
    found
}

/// The formats that are read by people, in Korean, with what a reader sees of each.
fn seen(folder: &Folder) -> Vec<(Format, String)> {
    let seen = |format| {
        let report = written(folder, format, Lang::Ko);
        let seen = match format {
            Format::Html => visible(&report),
            Format::Junit => messages(&report),
            _ => plain(&report),
        };
        (format, seen)
    };
    [Format::Html, Format::Text, Format::Markdown, Format::Junit]
        .map(seen)
        .into()
}

/// Text without colours, addresses, quotes and the names of Insights, which are nobody's language.
fn plain(report: &str) -> String {
    let mut text = anstream::adapter::strip_str(report)
        .to_string()
        .replace("\\_", "_");
    for &id in Id::ALL {
        text = text.replace(id.key(), "_");
    }
    let quoted = text.split('`').step_by(2);
    quoted.collect::<Vec<_>>().join("_")
}

/// What a JUnit report says: names, messages and details of its cases.
fn messages(report: &str) -> String {
    let attributes = [" name=\"", " message=\""].map(|attribute| report.split(attribute).skip(1));
    let values = attributes.into_iter().flatten();
    let values = values.filter_map(|rest| rest.split('"').next());
    // What stands between tags: details, and the sentence of the run.
    let texts = report.split('>').filter_map(|part| part.split('<').next());
    plain(&values.chain(texts).collect::<Vec<_>>().join("\n"))
}

fn all_are_korean(folder: &Folder, ours: &dyn Fn(&str) -> String, what: &str) {
    for (format, seen) in seen(folder) {
        let none: [&str; 0] = [];
        assert_eq!(english(&ours(&seen)), none, "{what}, {format:?}");
    }
}

#[test]
fn every_built_in_scenario_reads_in_korean() {
    let folder = tempfile::tempdir().expect("a folder");
    // What differs from request to request is not simulated.
    for builtin in BUILTINS.iter().filter(|one| one.name != "shop") {
        let path = folder.path().join(builtin.name);
        simulate(builtin.name, &path);
        let folder = Folder::at(&path);
        all_are_korean(&folder, &str::to_owned, builtin.name);
        let page = written(&folder, Format::Html, Lang::Ko);
        assert!(!page.contains("lang=\"en\""), "{}", builtin.name);
        let title = (builtin.title)().to(Lang::Ko);
        assert!(page.contains(&title), "{}", builtin.name);
    }
}

#[test]
fn every_kind_of_finding_reads_in_korean() {
    let demands = [
        None,
        Some(Demand::Present),
        Some(Demand::Absent),
        Some(Demand::Others),
    ];
    let verdicts = [
        Verdict::Seen,
        Verdict::Missing,
        Verdict::NotSeenYet,
        Verdict::Unexpected,
        Verdict::AlsoSeen,
        Verdict::Absent,
        Verdict::CannotTell,
    ];
    let bases = [
        Basis::Sandbox,
        Basis::Datadog,
        Basis::Cloudwatch,
        Basis::Client,
        Basis::Plan,
    ];
    for basis in bases {
        let (_kept, folder) = run_of(traffic(60), |run| {
            run.scenario.title = Statement::verbatim("제목");
            run.phases.clear();
            for verdict in verdicts {
                for expected in demands {
                    for &id in Id::ALL {
                        let reading = id.insight().evaluate(&Observation::new("f", basis));
                        run.insights.push(Finding {
                            id,
                            function: "f".to_owned(),
                            expected,
                            predicted: Some(reading.met),
                            client: Some(reading.met),
                            observed: Some(reading.met),
                            reason: reading.reason.unwrap_or_else(|| reading.measured.clone()),
                            measured: reading.measured,
                            basis,
                            verdict,
                            link: String::new(),
                            queries: Vec::new(),
                        });
                    }
                }
            }
            for metric in [
                "cold.share",
                "init.cold.p50",
                "response.cold.p99",
                "errors.share",
            ] {
                for (met, value) in [
                    (Some(true), Some(0.5)),
                    (Some(false), Some(0.5)),
                    (None, None),
                ] {
                    run.thresholds.push(ThresholdResult {
                        metric: metric.to_owned(),
                        limit: "< 1".to_owned(),
                        value,
                        met,
                        ends_run: met.is_none(),
                        support: None,
                    });
                }
            }
            let counts = (1..).zip([
                Evidence::Marker,
                Evidence::Trace,
                Evidence::Structure,
                Evidence::Estimate,
            ]);
            run.cold.evidence = counts.map(|(count, evidence)| (evidence, count)).collect();
            (run.cold.unknown, run.cold.share_high) = (3, Some(0.9));
            (
                run.requests.failed,
                run.requests.timed_out,
                run.requests.not_sent,
            ) = (1, 2, 3);
            run.interrupted = true;
        });
        all_are_korean(&folder, &str::to_owned, &format!("{basis:?}"));
    }
}

fn simulate(scenario: &str, out: &Path) {
    Finished::of(loadgen().args(["simulate", scenario, "--out"]).arg(out)).ended(0, &[]);
}

#[test]
fn a_title_and_an_error_of_others_stay_as_they_are() {
    let page = written(&Folder::at(place("mixed")), Format::Html, Lang::Ko);
    let title = mixed().scenario.title.text;
    assert!(page.contains(&title));
    // The text wraps the title.
    let (first, rest) = title.split_at(title.rfind(" missed").expect("a title"));
    let without_title = |seen: &str| {
        let seen = seen.replace(&title, "");
        seen.replace(first, "").replace(rest.trim(), "")
    };
    all_are_korean(&Folder::at(place("mixed")), &without_title, "mixed");

    let (_kept, folder) = run_of(traffic(30), |run: &mut Run| {
        run.interrupted = true;
        run.aborted = Some(notes::gave_up(30, 50, "steady"));
        let why = Statement::verbatim("Connection refused (os error 111)");
        let refused = failure::reason(12, FailureClass("connection_refused"), why);
        let newer = Statement {
            code: "of_tomorrow".to_owned(),
            ..Statement::verbatim("a note of a version to come")
        };
        run.notes = vec![refused, newer];
    });
    let page = written(&folder, Format::Html, Lang::Ko);
    for title in [
        "50 % more traffic than last week",
        "20 % errors, then a pause",
        "2 × spike: then nothing",
        "timeouts",
        "no errors",
    ] {
        let titled = |run: &mut Run| run.scenario.title = title.to_owned().into();
        let (_kept, folder) = run_of(traffic(30), titled);
        let page = written(&folder, Format::Html, Lang::Ko);
        assert!(page.contains(&format!(" · {title}</p>")), "{title}");
    }
    for part in [
        ": `steady` 단계의 요청 50회 중 30회가",
        "<li>연결 거부 12회: Connection refused (os error 111)</li>",
        "<li lang=\"en\">a note of a version to come</li>",
    ] {
        assert!(page.contains(part), "{part}");
    }
}

#[test]
fn english_is_found_where_it_is() {
    let page = "<html><p>측정 <code>what it was</code> 20 ms<b>not more than 1 %</b></p></html>";
    assert_eq!(english(&visible(page)), ["not more than"]);
    assert!(
        fs::read_to_string(place("mixed.html"))
            .is_ok_and(|page| !english(&visible(&page)).is_empty())
    );
}
