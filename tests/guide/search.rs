//! What readers type into the guide's search leads to the chapter that answers it.

use std::{
    io::Write,
    process::{Command, Stdio},
};

use pulldown_cmark::{Event, HeadingLevel, Tag, TagEnd};
use serde_json::{Value, json};

use super::page::{self, Page};

/// What is typed, and the page that comes first.
const KOREAN: &[(&str, &str)] = &[
    ("지연 시간", "latency.html"),
    ("지연시간", "latency.html"),
    ("타임아웃", "insights.html#timeouts"),
    ("에러", "create-an-error.html"),
    ("에러를", "create-an-error.html"),
    ("람다", "model.html"),
    ("트러블슈팅", "troubleshooting.html"),
    ("트러블슈", "troubleshooting.html"),
    ("플레임 그래프", "invocations-and-traces.html#flame-graph"),
    ("플레임그래ㅍ", "invocations-and-traces.html#flame-graph"),
    (
        "확장된 Lambda 메트릭",
        "function-details.html#enhanced-metrics",
    ),
    ("콜드스타트", "cold-starts.html"),
    ("콜드 스탙", "cold-starts.html"),
    ("인사이트는", "insights.html"),
    ("시나리오 작성", "scenarios.html"),
    ("로그", "logs.html"),
    ("큐", "invocations-and-traces.html#cold"),
];
const ENGLISH: &[(&str, &str)] = &[
    ("cold start", "cold-starts.html"),
    ("cold starts", "cold-starts.html"),
    ("timeout", "insights.html#timeouts"),
    ("how to write a scenario", "scenarios.html"),
    ("troubleshooting", "troubleshooting.html"),
    ("flame graph", "invocations-and-traces.html#flame-graph"),
    ("latency percentiles", "latency.html"),
    ("insights nonsenseword", "insights.html"),
    ("logs", "logs.html"),
];

/// The sections of a book as the page's script makes them of `print.html`.
fn sections(lang: &str) -> Vec<Value> {
    page::chapters(lang).iter().flat_map(of_chapter).collect()
}

fn of_chapter(page: &Page) -> Vec<Value> {
    let file = page.file().replace(".md", ".html");
    let mut found: Vec<(String, String, String)> = Vec::new();
    let mut in_title = false;
    for event in page.parser() {
        match event {
            Event::Start(Tag::Heading { level, id, .. }) if level <= HeadingLevel::H3 => {
                in_title = true;
                let address = match (level, id) {
                    (HeadingLevel::H1, _) | (_, None) => file.clone(),
                    (_, Some(id)) => format!("{file}#{id}"),
                };
                found.push((address, String::new(), String::new()));
            }
            Event::End(TagEnd::Heading(_)) => in_title = false,
            Event::Text(text) | Event::Code(text) => {
                if let Some((_, title, body)) = found.last_mut() {
                    let into = if in_title { title } else { body };
                    into.push_str(&text);
                }
            }
            Event::SoftBreak | Event::End(_) => {
                if let Some((_, _, body)) = found.last_mut() {
                    body.push(' ');
                }
            }
            _ => {}
        }
    }
    let section =
        |(address, title, text)| json!({"address": address, "title": title, "text": text});
    found.into_iter().map(section).collect()
}

/// The addresses that each query finds, or None where there is no Node.js.
fn found(lang: &str, asked: &[(&str, &str)]) -> Option<Vec<Vec<String>>> {
    let script = page::root().join("tests/guide/search.mjs");
    let node = Command::new("node")
        .arg(script)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn();
    let Ok(mut node) = node else {
        eprintln!("SKIPPED: the guide's search is a script, and there is no `node` to run it");
        return None;
    };
    let queries: Vec<&str> = asked.iter().map(|(query, _)| *query).collect();
    let input = json!({"lang": lang, "sections": sections(lang), "queries": queries});
    let mut stdin = node.stdin.take().expect("its input");
    stdin
        .write_all(input.to_string().as_bytes())
        .expect("is read");
    drop(stdin);
    let output = node.wait_with_output().expect("it ends");
    assert!(output.status.success(), "{output:?}");
    Some(serde_json::from_slice(&output.stdout).expect("JSON"))
}

#[test]
fn what_readers_type_finds_its_chapter_first() {
    let mut wrong = Vec::new();
    for (lang, asked) in [("ko", KOREAN), ("en", ENGLISH)] {
        let Some(found) = found(lang, asked) else {
            return;
        };
        for ((query, page), found) in asked.iter().zip(found) {
            if found.first().is_none_or(|first| first != page) {
                let first: Vec<&String> = found.iter().take(4).collect();
                wrong.push(format!("{lang}: `{query}` finds {first:?}, not {page}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_no_page_has_is_not_found() {
    let Some(found) = found("en", &[("zzzz", "")]) else {
        return;
    };
    assert_eq!(found, [Vec::<String>::new()]);
}
