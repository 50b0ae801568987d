//! The verdict as JUnit XML, which CI systems show: each expectation and each threshold a case.
//!
//! The shape is that of the schema `junit-10.xsd` of Jenkins' xUnit plugin, which GitHub's and
//! GitLab's readers take as well.

use std::io;

use quick_xml::{
    Writer,
    events::{BytesDecl, BytesText, Event},
};

use super::{
    rows::{Case, CaseResult, ReportRow},
    run_rows,
    text::verdict_sentence,
};
use crate::{
    lang::texts,
    medium,
    record::{Overall, Run, Verification},
};

texts! {
    const;
    THE_VERDICT: "the verdict", "판정";
}

/// The suite of the verdict.
const RUN: &str = "run";
/// Evaluations after the run take none of its time.
const NO_TIME: &str = "0.000";

struct Suite {
    name: &'static str,
    cases: Vec<Case>,
    /// What else a reader must know.
    out: Vec<String>,
}

impl Suite {
    fn count(&self, wanted: impl Fn(CaseResult) -> bool) -> usize {
        self.cases.iter().filter(|case| wanted(case.result)).count()
    }
}

/// The XML with a line break at its end.
pub fn write(run: &Run) -> String {
    let suite = |name, rows| Suite {
        name,
        cases: cases(run, rows),
        out: Vec::new(),
    };
    let suites = [
        whole(run),
        suite("insights", run_rows::insights(run)),
        suite("monitors", run_rows::monitors(run)),
        suite("thresholds", run_rows::limits(run)),
    ];
    let mut writer = Writer::new_with_indent(Vec::new(), b' ', 2);
    document(&mut writer, run, &suites).expect("memory takes every write");
    let mut text = String::from_utf8_lossy(&writer.into_inner()).into_owned();
    text.push('\n');
    text
}

/// The verdict as a case of its own: a file whose cases all pass is one of a run that is met.
fn whole(run: &Run) -> Suite {
    let (_, sentence) = verdict_sentence(run);
    let result = match (run.verdict, run.verification) {
        (Overall::Missed, _) => CaseResult::Failed,
        (Overall::Met, _) => CaseResult::Passed,
        (Overall::NotVerified, Verification::Skipped) if !run.interrupted => CaseResult::Skipped,
        (Overall::NotVerified, _) => CaseResult::Error,
    };
    Suite {
        name: RUN,
        cases: vec![Case {
            name: THE_VERDICT.to_string(),
            result,
            message: sentence.clone(),
            details: Vec::new(),
        }],
        out: std::iter::once(sentence)
            .chain(run.notes.iter().map(ToString::to_string))
            .collect(),
    }
}

/// The rows that CI counts. Without a response no case passes.
fn cases(run: &Run, rows: Vec<ReportRow>) -> Vec<Case> {
    let stands = |case: Case| match case.result {
        CaseResult::Passed if run.requests.completed == 0 => Case {
            result: CaseResult::Skipped,
            ..case
        },
        _ => case,
    };
    rows.into_iter()
        .filter_map(|row| row.case)
        .map(stands)
        .collect()
}

fn document(writer: &mut Writer<Vec<u8>>, run: &Run, suites: &[Suite]) -> io::Result<()> {
    let sum = |wanted: fn(CaseResult) -> bool| -> String {
        let counts = suites.iter().map(|suite| suite.count(wanted));
        counts.sum::<usize>().to_string()
    };
    let seconds = run.ended_at.map_or(0.0, |ended| {
        ended.duration_since(run.started_at).as_secs_f64()
    });
    let time = format!("{seconds:.3}");
    writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    writer
        .create_element("testsuites")
        .with_attributes([
            ("name", "loadgen"),
            ("tests", &sum(|_| true)),
            ("failures", &sum(|result| result == CaseResult::Failed)),
            ("errors", &sum(|result| result == CaseResult::Error)),
            ("time", &time),
        ])
        .write_inner_content(|writer| {
            for suite in suites.iter().filter(|suite| !suite.cases.is_empty()) {
                write_suite(writer, run, suite, &time)?;
            }
            Ok(())
        })?;
    Ok(())
}

fn write_suite(
    writer: &mut Writer<Vec<u8>>,
    run: &Run,
    suite: &Suite,
    time: &str,
) -> io::Result<()> {
    let classname = medium::xml(&format!("{}.{}", run.scenario.name, suite.name));
    let count = |wanted: fn(CaseResult) -> bool| suite.count(wanted).to_string();
    let timestamp = run.started_at.strftime("%Y-%m-%dT%H:%M:%S").to_string();
    writer
        .create_element("testsuite")
        .with_attributes([
            ("name", classname.as_str()),
            ("tests", &count(|_| true)),
            ("failures", &count(|result| result == CaseResult::Failed)),
            ("errors", &count(|result| result == CaseResult::Error)),
            ("skipped", &count(|result| result == CaseResult::Skipped)),
            ("time", if suite.name == RUN { time } else { NO_TIME }),
            ("timestamp", &timestamp),
        ])
        .write_inner_content(|writer| {
            properties(writer, run)?;
            for case in &suite.cases {
                // Only the run took time; evaluations took none.
                let time = if suite.name == RUN { time } else { NO_TIME };
                write_case(writer, &classname, (case, time))?;
            }
            if !suite.out.is_empty() {
                let text = medium::xml(&suite.out.join("\n"));
                writer
                    .create_element("system-out")
                    .write_text_content(BytesText::new(&text))?;
            }
            Ok(())
        })?;
    Ok(())
}

fn properties(writer: &mut Writer<Vec<u8>>, run: &Run) -> io::Result<()> {
    writer
        .create_element("properties")
        .write_inner_content(|writer| {
            for (name, value) in [
                ("run", &run.run_id),
                ("target", &run.target.url),
                ("loadgen", &run.tool_version),
            ] {
                writer
                    .create_element("property")
                    .with_attributes([("name", name), ("value", &medium::xml(value))])
                    .write_empty()?;
            }
            Ok(())
        })?;
    Ok(())
}

fn write_case(
    writer: &mut Writer<Vec<u8>>,
    classname: &str,
    (case, time): (&Case, &str),
) -> io::Result<()> {
    let name = medium::xml(&case.name);
    let element = writer.create_element("testcase").with_attributes([
        ("classname", classname),
        ("name", &name),
        ("time", time),
    ]);
    let outcome = match case.result {
        CaseResult::Passed => {
            element.write_empty()?;
            return Ok(());
        }
        CaseResult::Failed => "failure",
        CaseResult::Error => "error",
        CaseResult::Skipped => "skipped",
    };
    element.write_inner_content(|writer| {
        let element = writer
            .create_element(outcome)
            .with_attribute(("message", medium::xml(&case.message).as_str()));
        match case.details.is_empty() {
            true => element.write_empty()?,
            false => {
                let details = medium::xml(&case.details.join("\n"));
                element.write_text_content(BytesText::new(&details))?
            }
        };
        Ok(())
    })?;
    Ok(())
}
