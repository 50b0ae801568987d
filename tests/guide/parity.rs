//! Section by section, both languages have the same inline code, links and numbers, and no page shows
//! the marks of its own writing.

use std::collections::{BTreeMap, BTreeSet};

use pulldown_cmark::{Event, HeadingLevel, Tag, TagEnd};
use regex::Regex;

use super::{books, page::Page, reference, twins};

/// What a section has that no translation changes.
#[derive(Default)]
struct Section {
    code: BTreeSet<String>,
    links: BTreeSet<String>,
    /// Numbers in digits, outside code.
    numbers: BTreeSet<String>,
    text: String,
}

/// Seoul's region, and the Korean pages of Datadog and AWS, stand for those of the English page.
fn alike(text: &str) -> String {
    text.split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .replace("ap-northeast-2", "us-east-1")
        .replace("docs.datadoghq.com/ko/", "docs.datadoghq.com/")
        .replace("docs.aws.amazon.com/ko_kr/", "docs.aws.amazon.com/")
        .replace("book/ko/", "book/en/")
        .replace("README.ko.md", "README.md")
}

/// The sections by the anchors of their headings.
fn sections(page: &Page) -> BTreeMap<String, Section> {
    let number = Regex::new(r"\d[\d,]*(\.\d+)?").expect("a pattern");
    let mut all: BTreeMap<String, Section> = BTreeMap::new();
    let (mut here, mut in_block) = ("top".to_owned(), false);
    for event in page.parser() {
        let section = all.entry(here.clone()).or_default();
        match event {
            Event::Start(Tag::Heading { level, id, .. }) if level <= HeadingLevel::H3 => {
                here = id.map_or_else(|| here.clone(), |id| id.to_string());
            }
            Event::Start(Tag::CodeBlock(_)) => in_block = true,
            Event::End(TagEnd::CodeBlock) => in_block = false,
            Event::Code(code) => drop(section.code.insert(alike(&code))),
            Event::Start(Tag::Link { dest_url, .. }) => {
                section.links.insert(alike(&dest_url));
            }
            Event::Text(text) if !in_block => {
                section.text.push_str(&text.to_lowercase());
                section.text.push(' ');
                let found = number.find_iter(&text);
                let bare = |found: regex::Match| found.as_str().trim_end_matches(',').to_owned();
                section.numbers.extend(found.map(bare));
            }
            _ => {}
        }
    }
    all
}

/// How English spells a number that Korean writes in digits.
fn spelt(number: &str) -> &'static [&'static str] {
    match number {
        "1" => &[
            "one", "first", "once", "a ", "an ", "january", "single", "each",
        ],
        "2" => &["two", "second", "twice", "couple", "february"],
        "3" => &["three", "third", "march", "three times"],
        "4" => &["four", "april"],
        "5" => &["five", "fifth", "may"],
        "6" => &["six", "june"],
        "7" => &["seven", "week", "july"],
        "8" => &["eight", "august"],
        "9" => &["nine", "september"],
        "10" => &["ten", "october"],
        "11" => &["eleven", "november"],
        "12" => &["twelve", "december"],
        "15" => &["fifteen", "quarter"],
        "16" => &["sixteen", "hexadecimal"],
        "20" => &["twenty"],
        "24" => &["day"],
        "30" => &["thirty", "half"],
        "40" => &["forty"],
        "50" => &["fifty"],
        "60" => &["sixty"],
        "95" => &["ninety-five"],
        "100" => &["hundred"],
        _ => &[],
    }
}

#[test]
fn each_section_has_the_same_code_links_and_numbers_in_both_languages() {
    let mut wrong = Vec::new();
    for (english, korean) in twins::twins() {
        if english.written.contains(reference::MADE) {
            continue;
        }
        let theirs = sections(&korean);
        for (anchor, ours) in sections(&english) {
            let at = format!("{}#{anchor}", korean.name);
            let Some(other) = theirs.get(&anchor) else {
                wrong.push(format!("{at}: no section"));
                continue;
            };
            let mut differ = |what: &str, one: &BTreeSet<String>, two: &BTreeSet<String>| {
                if one != two {
                    let only: Vec<_> = one.symmetric_difference(two).collect();
                    wrong.push(format!("{at}: {what} {only:?} in one language alone"));
                }
            };
            differ("the code", &ours.code, &other.code);
            differ("the links", &ours.links, &other.links);
            for number in ours.numbers.difference(&other.numbers) {
                wrong.push(format!("{at}: the English has {number}"));
            }
            for number in other.numbers.difference(&ours.numbers) {
                let words = spelt(number);
                if !words.iter().any(|word| ours.text.contains(word)) {
                    wrong.push(format!("{at}: the Korean has {number}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_asterisk_is_left_in_a_rendered_page_outside_code() {
    let code = Regex::new(r"(?s)<(pre|code|script)[ >].*?</(pre|code|script)>|<[^>]*>")
        .expect("a pattern");
    let mut wrong = Vec::new();
    for (name, html) in books::pages() {
        let text = code.replace_all(html, "");
        for line in text.lines().filter(|line| line.contains('*')) {
            wrong.push(format!("{name}: {}", line.trim()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
