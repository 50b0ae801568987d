//! The figures that a README takes from the benchmark's own page are those of that page.

use std::{collections::BTreeMap, fs};

use super::page;

/// The cells of each row of the page's tables.
fn rows(text: &str) -> Vec<Vec<String>> {
    let cells = |line: &str| -> Vec<String> {
        let inner = line.trim().trim_matches('|');
        let bare = |cell: &str| cell.trim().trim_matches('*').to_owned();
        inner.split('|').map(bare).collect()
    };
    text.lines()
        .filter(|line| line.starts_with('|') && !line.contains("|--"))
        .map(cells)
        .collect()
}

/// What the benchmark wrote of each tool: share of wrk's requests, memory, and its p99 at each rate.
fn measured() -> BTreeMap<String, Vec<String>> {
    let page = page::root().join("book/benchmarks/compare.md");
    let page = fs::read_to_string(page).expect("the benchmark's page");
    let mut measured: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut table = String::new();
    for row in rows(&page) {
        let cell = |at: usize| row.get(at).cloned().unwrap_or_default();
        if ["tool", "rate"].contains(&cell(0).as_str()) {
            table = row.join(" ");
        } else if table.contains("of wrk's") {
            let memory: f64 = cell(4).parse().unwrap_or_default();
            measured.insert(cell(0), vec![cell(2), format!("{memory:.0}")]);
        } else if table.contains("requests answered") {
            measured.entry(cell(1)).or_default().push(cell(4));
        }
    }
    measured
}

#[test]
fn the_readmes_have_the_figures_of_the_benchmark() {
    let measured = measured();
    for name in ["README.md", "README.ko.md"] {
        let text = fs::read_to_string(page::root().join(name)).expect("a README");
        let mut found = 0;
        for row in rows(&text) {
            // What was measured in another sitting has its mark in brackets.
            let tool = row[0].split(' ').next().unwrap_or_default();
            let Some(figures) = measured.get(tool).filter(|_| !row[0].contains('(')) else {
                continue;
            };
            found += 1;
            let told: Vec<_> = row[1..]
                .iter()
                .map(|cell| cell.trim_end_matches(" ms"))
                .collect();
            // A tool without a rate has its words there.
            for (told, figure) in told.iter().zip(figures) {
                assert_eq!(told, figure, "{name}: {row:?} and {figures:?}");
            }
        }
        assert!(found >= 4, "{name} has {found} of the rows");
        let truth = measured.get("true").expect("the true percentiles");
        let truth = truth.join(", ");
        let told = text.replace(" and ", ", ");
        assert!(told.contains(&truth), "{name} lacks {truth}");
    }
}
