//! Everything that the program has, has its place in the guide.

use loadgen::{insight::Id, scenario::BUILTINS};

use super::page::{self, Page};

fn chapter(lang: &str, file: &str) -> Page {
    let chapters = page::chapters(lang);
    let found = chapters.into_iter().find(|chapter| chapter.file() == file);
    found.unwrap_or_else(|| panic!("{lang} has no chapter {file}"))
}

#[test]
fn every_insight_has_its_section() {
    for lang in ["en", "ko"] {
        let headings = chapter(lang, "insights.md").headings();
        for &id in Id::ALL {
            let section = headings
                .iter()
                .find(|heading| heading.id.as_deref() == Some(id.key()));
            let section = section.unwrap_or_else(|| panic!("{lang}: insights.md#{id}"));
            let name = id.insight().name.to(lang.parse().expect("a language"));
            assert!(
                section.title.contains(name),
                "{lang}: `{}` is not called {name}",
                section.title
            );
        }
    }
}

#[test]
fn every_scenario_is_told_and_run() {
    let run: String = page::all()
        .iter()
        .flat_map(Page::blocks)
        .filter(|block| block.language("sh"))
        .map(|block| block.text)
        .collect();
    for lang in ["en", "ko"] {
        let told = chapter(lang, "scenarios.md").text;
        for scenario in BUILTINS {
            let name = scenario.name;
            let named = told
                .split(|c: char| !c.is_ascii_alphanumeric() && c != '-')
                .any(|word| word == name);
            assert!(named, "{lang}: scenarios.md has no `{name}`");
            let typed = run.split_whitespace().any(|word| word == name);
            assert!(typed, "no command of the guide uses {name}");
        }
    }
}

#[test]
fn every_subcommand_is_told_and_typed_somewhere() {
    let told: String = page::all()
        .iter()
        // What is made of the program's help names every command and tells of none.
        .flat_map(|page| page.written.split(super::reference::MADE).next())
        .collect();
    let command = loadgen::cli::command();
    for subcommand in command.get_subcommands() {
        let words = format!("loadgen {}", subcommand.get_name());
        let is_told = told.match_indices(&words).any(|(at, _)| {
            let after = told[at + words.len()..].chars().next();
            after.is_none_or(|c| !c.is_ascii_alphanumeric() && c != '-')
        });
        assert!(
            is_told || subcommand.is_hide_set(),
            "no chapter has `{words}`"
        );
    }
}
