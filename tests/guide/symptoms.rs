//! What a chapter says that the reader sees, the program says.

use std::{collections::BTreeSet, fs, path::Path};

use pulldown_cmark::{Event, Tag, TagEnd};
use regex::Regex;

use super::page::{self, Page};

/// Words that come from elsewhere, and from where.
const FOREIGN: &[(&str, &str)] = &[
    ("error: could not find Cargo.toml", "cargo"),
    ("command not found", "the shell"),
    ("Connection refused", "curl"),
    ("{\"message\":\"Forbidden\"}", "API Gateway"),
    ("{\"message\":\"Internal server error\"}", "API Gateway"),
    ("ROLLBACK_COMPLETE", "AWS CloudFormation"),
    ("DELETE_FAILED", "AWS CloudFormation"),
    ("requires rustc", "cargo"),
    ("feature edition2024 is required", "cargo"),
    ("linker 'cc' not found", "rustc"),
    (
        "unrecognized subcommand",
        "clap, which reads the command line",
    ),
    ("[32m", "a terminal that shows no colours"),
    ("◆ ● ✓", "the font, or what it lacks"),
];

/// The heads of the columns that hold symptoms.
const HEADS: [&str; 2] = ["You see", "증상"];

#[test]
fn what_the_guide_quotes_as_seen_the_program_says() {
    let source = program_words();
    let mut seen = BTreeSet::new();
    let mut wrong = Vec::new();
    for chapter in page::chapters("en").iter().chain(&page::chapters("ko")) {
        for symptom in symptoms(chapter) {
            seen.insert(symptom.clone());
            let foreign = FOREIGN.iter().any(|(said, _)| symptom.contains(said));
            if !foreign && !says(&source, &symptom) {
                wrong.push(format!("{}: `{symptom}`", chapter.name));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "nobody says this; write … for what varies, or name the one who says it in FOREIGN:\n{}",
        wrong.join("\n")
    );
    let idle: Vec<_> = FOREIGN
        .iter()
        .filter(|(said, _)| !seen.iter().any(|symptom| symptom.contains(said)))
        .collect();
    assert!(idle.is_empty(), "no chapter quotes {idle:?} any more");
}

/// The code in the first column of tables whose head is one of [`HEADS`].
fn symptoms(chapter: &Page) -> Vec<String> {
    let (mut column, mut head, mut wanted) = (0, false, false);
    let mut title = String::new();
    let mut found = Vec::new();
    for event in chapter.parser() {
        match event {
            Event::Start(Tag::TableHead) => (column, head, title) = (0, true, String::new()),
            Event::Start(Tag::TableRow) => (column, head) = (0, false),
            Event::Text(text) if head && column == 0 => title.push_str(&text),
            Event::Code(code) if !head && wanted && column == 0 => found.push(code.to_string()),
            Event::End(TagEnd::TableCell) => column += 1,
            Event::End(TagEnd::TableHead) => wanted = HEADS.contains(&title.as_str()),
            _ => {}
        }
    }
    found
}

/// The words of the program's source, in their order: what is not in it, the program cannot say.
/// What a text takes from elsewhere, `{name}`, is a word `…`.
fn program_words() -> Vec<String> {
    let mut source = String::new();
    add(&page::root().join("src"), &mut source);
    let taken = Regex::new(r"\{[a-z_]*(:[^{}]*)?\}").expect("a pattern");
    let source = source
        .replace("\\\n", " ")
        .replace("\\\"", " ")
        .replace('"', " ");
    words(&taken.replace_all(&source, "…"))
}

fn add(folder: &Path, source: &mut String) {
    for entry in fs::read_dir(folder).expect("a readable folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            add(&path, source);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            source.push_str(&fs::read_to_string(&path).expect("a source file"));
            source.push('\n');
        }
    }
}

/// The words without what sets them off: quotes, brackets, stops.
fn words(text: &str) -> Vec<String> {
    let bare = |word: &str| {
        word.trim_matches(|c: char| "▲`\"'()[].,:;".contains(c))
            .to_owned()
    };
    text.split_whitespace()
        .map(bare)
        .filter(|word| !word.is_empty())
        .collect()
}

/// Whether the source has the words of `symptom` in a row. A word that varies fits any one; most
/// words must be the program's own.
fn says(source: &[String], symptom: &str) -> bool {
    let symptom = words(symptom.trim_start_matches("error: "));
    let camel = |word: &str| -> String {
        word.split('_')
            .flat_map(|part| {
                part[..1]
                    .to_uppercase()
                    .chars()
                    .chain(part[1..].chars())
                    .collect::<Vec<_>>()
            })
            .collect()
    };
    // Names such as `not_seen_yet` are made of the variants of types.
    if let [name] = symptom.as_slice()
        && name.contains('_')
        && name.chars().all(|c| c.is_ascii_lowercase() || c == '_')
    {
        let variant = camel(name);
        return source
            .iter()
            .any(|word| word == name || word.split("::").any(|part| part == variant));
    }
    source.windows(symptom.len()).any(|place| {
        let same = place
            .iter()
            .zip(&symptom)
            .filter(|(said, seen)| *said != "…" && *seen != "…" && fits(said, seen))
            .count();
        same * 2 >= symptom.len()
            && place
                .iter()
                .zip(&symptom)
                .all(|(said, seen)| fits(said, seen))
    })
}

fn fits(said: &str, seen: &str) -> bool {
    said == seen
        || seen == "…"
        || said.split_once('…').is_some_and(|(before, after)| {
            seen.len() >= before.len() + after.len()
                && seen.starts_with(before)
                && seen.ends_with(after)
        })
}

#[test]
fn the_guide_names_the_rust_that_the_crate_needs() {
    let needed = env!("CARGO_PKG_RUST_VERSION");
    for lang in ["en", "ko"] {
        let chapters = page::chapters(lang);
        let of = |name: &str| chapters.iter().find(|page| page.file() == name);
        for (name, words) in [
            (
                "first-cold-start.md",
                format!("(https://rustup.rs) {needed} "),
            ),
            ("troubleshooting.md", format!("`requires rustc {needed}`")),
        ] {
            let page = of(name).unwrap_or_else(|| panic!("{lang} has no chapter {name}"));
            assert!(page.text.contains(&words), "{}: no {words}", page.name);
        }
    }
}

#[test]
fn what_varies_in_a_message_is_no_difference_and_its_words_are() {
    let source = words("\"port … on 127.0.0.1 cannot be had: …; choose another\"");
    assert!(says(&source, "port 8484 on 127.0.0.1 cannot be had"));
    assert!(says(&source, "port … on 127.0.0.1 cannot be had"));
    assert!(!says(&source, "port 8484 on 127.0.0.1 is taken"));
    assert!(!says(&source, "no such words"));
}
