//! Reports of a recorded run, byte for byte: `tests/reports/mixed` is a run against the sandbox,
//! and beside it stands what each format makes of it.
//!
//! After a change that is meant, write them anew with `LOADGEN_BLESS=1 cargo test --test reports`,
//! and read the difference.

mod comparison;
mod korean;
mod page;
#[path = "../support/mod.rs"]
mod support;

use std::{fs, path::PathBuf};

use loadgen::{
    lang::{Lang, speaking},
    record::Folder,
    report::{self, Format},
};

fn place(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/reports")
        .join(name)
}

fn of_mixed(format: Format) -> String {
    let mut text = Vec::new();
    report::write_folder(&Folder::at(place("mixed")), format, &mut text).expect("a report");
    String::from_utf8(text).expect("UTF-8")
}

fn is_golden(format: Format, name: &str) {
    compare(&without_colours(&of_mixed(format)), name);
}

fn without_colours(text: &str) -> String {
    anstream::adapter::strip_str(text).to_string()
}

fn compare(text: &str, name: &str) {
    let golden = place(name);
    if std::env::var_os("LOADGEN_BLESS").is_some() {
        fs::write(&golden, text).expect("written");
    }
    let expected = fs::read_to_string(&golden).expect("the golden file");
    let same = text
        .chars()
        .zip(expected.chars())
        .take_while(|(now, agreed)| now == agreed)
        .count();
    let from_there = |text: &str| text.chars().skip(same).take(120).collect::<String>();
    assert!(
        text == expected,
        "{name} differs from its character {same} on; LOADGEN_BLESS=1 writes it anew.\nnow:    {}\nagreed: {}",
        from_there(text),
        from_there(&expected)
    );
}

#[test]
fn a_run_of_schema_1_is_readable_and_its_sentences_stand_as_they_are() {
    let of = |name: &str, lang: Lang| {
        let mut text = Vec::new();
        speaking(lang, || {
            report::write_folder(&Folder::at(place(name)), Format::Html, &mut text)
        })
        .expect("a report");
        String::from_utf8(text).expect("UTF-8")
    };
    let english = "more than 1\u{a0}%";
    assert!(of("schema-1", Lang::En).contains(english));
    assert!(of("schema-1", Lang::Ko).contains(english));
    assert!(!of("mixed", Lang::Ko).contains(english));
}

#[test]
fn the_text_is_as_agreed() {
    is_golden(Format::Text, "mixed.txt");
    is_golden(Format::Short, "mixed.short.txt");
}

#[test]
fn the_markdown_is_as_agreed() {
    is_golden(Format::Markdown, "mixed.md");
}

#[test]
fn the_junit_xml_is_as_agreed() {
    is_golden(Format::Junit, "mixed.xml");
}

#[test]
fn the_korean_reports_are_as_agreed() {
    for (format, name) in [
        (Format::Text, "mixed.ko.txt"),
        (Format::Short, "mixed.short.ko.txt"),
        (Format::Markdown, "mixed.ko.md"),
        (Format::Junit, "mixed.ko.xml"),
    ] {
        speaking(Lang::Ko, || is_golden(format, name));
    }
}

#[test]
fn the_html_is_as_agreed() {
    let text = of_mixed(Format::Html);
    // The stylesheet is agreed upon elsewhere, and its hash changes with it.
    let (before, rest) = text.split_once("<style>").expect("a style");
    let (_, after) = rest.split_once("</style>").expect("its end");
    let (start, rest) = before.split_once("'sha256-").expect("a hash");
    let (_, end) = rest.split_once('\'').expect("its end");
    compare(
        &format!("{start}'sha256-...'{end}<style>...</style>{after}"),
        "mixed.html",
    );
}

#[test]
fn csv_has_a_line_for_each_request_and_reads_back() {
    let text = of_mixed(Format::Csv);
    let mut table = csv::Reader::from_reader(text.as_bytes());
    let head = table.headers().expect("a header").clone();
    let at = |name: &str| head.iter().position(|column| column == name).expect(name);
    let (index, phase, cycle) = (at("index"), at("phase"), at("cycle"));
    let (response, temperature) = (at("response_us"), at("temperature"));
    let rows: Vec<csv::StringRecord> = table.records().map(|row| row.expect("a row")).collect();
    let samples: Vec<_> = Folder::at(place("mixed"))
        .samples()
        .expect("samples")
        .collect();
    assert_eq!(rows.len(), samples.len());
    for (row, sample) in rows.iter().zip(&samples) {
        assert_eq!(row[index], sample.index.to_string());
        assert_eq!(row[cycle], (sample.step / 4).to_string());
        assert_eq!(
            &row[phase],
            ["idle", "burst", "pause", "steady"][sample.step as usize % 4]
        );
        assert_eq!(
            row[response],
            sample.response_us().expect("sent").to_string()
        );
        assert!(["cold", "warm", "unknown"].contains(&&row[temperature]));
    }
    assert!(text.contains("\r\n"));
}
