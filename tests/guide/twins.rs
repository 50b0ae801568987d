//! The two languages have the same chapters, anchors, code and pictures, and say which English text
//! a Korean page was made from.

use std::{env, fs};

use pulldown_cmark::Event;
use sha2::{Digest, Sha256};

use super::page::{self, Page};

/// Before and after the fingerprint of the English page, at the beginning of its twin.
const MARK: (&str, &str) = ("<!-- english: ", " -->\n");

/// The English and the Korean page of each chapter, and the two READMEs.
pub fn twins() -> Vec<(Page, Page)> {
    let (english, korean) = (page::chapters("en"), page::chapters("ko"));
    let names = |pages: &[Page]| -> Vec<String> {
        pages.iter().map(|page| page.file().to_owned()).collect()
    };
    assert_eq!(
        names(&english),
        names(&korean),
        "both have the same chapters"
    );
    let readmes = ["README.md", "README.ko.md"].map(|name| Page::read(&page::root().join(name)));
    let [one, other] = readmes;
    english
        .into_iter()
        .zip(korean)
        .chain([(one, other)])
        .collect()
}

/// Short, and still no two texts will share it by chance.
fn fingerprint(page: &Page) -> String {
    // What is made of the program's help is made in both languages.
    let written = page.written.split(super::reference::MADE).next();
    let hash = Sha256::digest(written.unwrap_or_default().as_bytes());
    hash.iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[test]
fn a_twin_is_of_the_english_text_as_it_is_now() {
    let mut stale = Vec::new();
    for (english, korean) in twins() {
        let current = fingerprint(&english);
        let marked = korean
            .written
            .strip_prefix(MARK.0)
            .and_then(|rest| rest.split_once(MARK.1));
        if marked.is_some_and(|(mark, _)| mark == current) {
            continue;
        }
        if env::var_os("UPDATE").is_some() {
            let text = marked.map_or(korean.written.as_str(), |(_, text)| text);
            let path = page::root().join(&korean.name);
            fs::write(path, format!("{}{current}{}{text}", MARK.0, MARK.1)).expect("written");
        } else {
            stale.push(korean.name);
        }
    }
    assert!(
        stale.is_empty(),
        "the English page of these has changed:\n{}\nBring them up to date, then write the new \
         marks with: UPDATE=1 cargo test --test guide twin",
        stale.join("\n")
    );
}

#[test]
fn twins_have_the_same_anchors_code_and_pictures() {
    let mut wrong = Vec::new();
    for (english, korean) in twins() {
        let name = english.file();
        let anchors = |page: &Page| -> Vec<_> {
            let headings = page.headings();
            headings
                .into_iter()
                .map(|heading| (heading.level, heading.id))
                .collect()
        };
        if anchors(&english) != anchors(&korean) {
            wrong.push(format!("{name}: the anchors of the headings differ"));
        }
        // A Korean page shows the Korean screens.
        let in_korean = |file: String| file.replace(".webp", ".ko.webp");
        let translated: Vec<_> = pictures(&english).into_iter().map(in_korean).collect();
        if translated != pictures(&korean) {
            wrong.push(format!("{name}: the pictures differ"));
        }
        let (ours, theirs) = (english.blocks(), korean.blocks());
        if ours.len() != theirs.len() {
            wrong.push(format!(
                "{name}: {} blocks of code and {}",
                ours.len(),
                theirs.len()
            ));
        }
        let mut translated = false;
        for (one, other) in ours.iter().zip(&theirs) {
            // What a command prints in Korean, and comments in code, are the translator's.
            // A Korean reader's nearest region is Seoul.
            let theirs = other.text.replace("ap-northeast-2", "us-east-1");
            let same = one.info == other.info
                && (one.text == theirs || translated && one.language("text"));
            translated = other.text.contains("--lang ko") && other.language("sh")
                || code(&one.text) != one.text && code(&one.text) == code(&other.text);
            if !same && !translated && !one.is("drawing") {
                wrong.push(format!(
                    "{}:{}: the code is another",
                    korean.name, other.line
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The text without comments.
fn code(text: &str) -> String {
    let lines = text.lines().map(|line| {
        line.split_once(" # ")
            .map_or(line, |(code, _)| code.trim_end())
    });
    lines
        .filter(|line| !line.trim_start().starts_with('#'))
        .flat_map(|line| [line, "\n"])
        .collect()
}

/// The files that the page shows.
fn pictures(page: &Page) -> Vec<String> {
    let html: String = page
        .parser()
        .filter_map(|event| match event {
            Event::Html(html) | Event::InlineHtml(html) => Some(html.to_string()),
            _ => None,
        })
        .collect();
    html.split("images/")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap_or_default().to_owned())
        .collect()
}
