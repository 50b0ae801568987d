//! The HTML report in Korean: what runs keep in English is said in Korean.

use std::{fs, path::Path};

use loadgen::{
    lang::{
        FailureClass, Lang, Statement,
        statements::{failure, notes},
    },
    record::{Folder, Run},
    report::Format,
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

fn is_korean(page: &str, what: &str) {
    let none: [&str; 0] = [];
    assert_eq!(english(&visible(page)), none, "{what}");
    assert!(!page.contains("lang=\"en\""), "{what}");
}

#[test]
fn every_built_in_scenario_reads_in_korean() {
    let folder = tempfile::tempdir().expect("a folder");
    for builtin in BUILTINS {
        let path = folder.path().join(builtin.name);
        simulate(builtin.name, &path);
        let page = written(&Folder::at(&path), Format::Html, Lang::Ko);
        is_korean(&page, builtin.name);
        assert!(
            page.contains(&(builtin.title)().to(Lang::Ko)),
            "{}",
            builtin.name
        );
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
    is_korean(&page.replace(&title, ""), "mixed");

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
