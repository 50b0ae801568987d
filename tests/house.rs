//! The borders of the house: which room may import which.
//!
//! Every `crate::` and `super::` path under `src/` is held against the list below. A border that
//! turns out wrong is changed here and in CONTRIBUTING together, with the reason.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

/// What each room may import. `cli` and `main` may import everything.
const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("units", &[]),
    ("lang", &["units"]),
    ("look", &["lang"]),
    ("control", &["units"]),
    ("sample", &["lang"]),
    ("lambda", &["units"]),
    (
        "scenario",
        &["control", "insight", "lambda", "lang", "stats", "units"],
    ),
    ("schedule", &["lambda", "scenario"]),
    ("stats", &["sample"]),
    ("insight", &["control", "lang", "sample", "units"]),
    (
        "predict",
        &[
            "control", "insight", "lambda", "scenario", "schedule", "units",
        ],
    ),
    (
        "engine",
        &[
            "control", "lambda", "lang", "sample", "scenario", "schedule", "units",
        ],
    ),
    ("server", &["units"]),
    ("telemetry", &[]),
    (
        "pages",
        &[
            "insight",
            "lambda",
            "lang",
            "look",
            "server",
            "telemetry",
            "units",
        ],
    ),
    (
        "sandbox",
        &[
            "control",
            "insight",
            "lambda",
            "lang",
            "pages",
            "server",
            "telemetry",
            "units",
        ],
    ),
    (
        "simulate",
        &[
            "control", "insight", "lambda", "sample", "scenario", "schedule", "stats", "units",
        ],
    ),
    ("datadog", &["insight", "units"]),
    (
        "verify",
        &[
            "aws",
            "control",
            "datadog",
            "insight",
            "lambda",
            "lang",
            "record",
            "sample",
            "scenario",
            "schedule",
            "stats",
            "telemetry",
            "units",
        ],
    ),
    (
        "record",
        &["control", "lang", "sample", "stats", "units", "verify"],
    ),
    (
        "report",
        &[
            "audit", "compare", "doctor", "insight", "lambda", "lang", "look", "predict", "record",
            "sample", "scenario", "schedule", "simulate", "stats", "units", "verify",
        ],
    ),
    (
        "compare",
        &["record", "sample", "scenario", "stats", "verify"],
    ),
    ("aws", &["control", "units"]),
    ("doctor", &["aws", "control", "datadog", "insight", "units"]),
    ("guide", &["lang", "server"]),
    ("audit", &["datadog", "insight"]),
];

#[test]
fn no_room_imports_what_lies_beyond_its_borders() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let allowed: BTreeMap<&str, &[&str]> = MAY_IMPORT.iter().copied().collect();
    let mut wrong = Vec::new();
    for file in rust_files(&src) {
        let inside = file.strip_prefix(&src).expect("a file under src");
        let path = module_path(inside);
        let Some(room) = path.first().map(String::as_str) else {
            continue;
        };
        if room == "cli" {
            continue;
        }
        let Some(may) = allowed.get(room) else {
            wrong.push(format!("{room} is in no list of tests/house.rs"));
            continue;
        };
        let text = fs::read_to_string(&file).expect("a readable source file");
        for import in imports(&text, path.len()) {
            if import != room && !may.contains(&import.as_str()) {
                wrong.push(format!("{} imports {import}", inside.display()));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "beyond the borders:\n{}",
        wrong.join("\n")
    );
}

#[test]
fn the_borders_test_sees_every_form_of_import() {
    let text = "use crate::{lambda::Fault, scenario::{self, Phase},\n units};\nuse crate::engine;\n\
                fn f() { crate::verify::judge(); super::super::report::write(); super::near(); }";
    let seen: Vec<String> = imports(text, 2).into_iter().collect();
    assert_eq!(
        seen,
        ["engine", "lambda", "report", "scenario", "units", "verify"]
    );
}

/// `lambda/pool.rs` is `[lambda, pool]`, `lambda/mod.rs` is `[lambda]`, `lib.rs` is `[]`.
fn module_path(inside: &Path) -> Vec<String> {
    inside
        .with_extension("")
        .components()
        .map(|part| part.as_os_str().to_string_lossy().into_owned())
        .filter(|part| !matches!(part.as_str(), "mod" | "lib" | "main"))
        .collect()
}

/// The rooms that a file of a module `depth` levels below the crate's root names.
fn imports(text: &str, depth: usize) -> BTreeSet<String> {
    let code: String = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .map(|line| format!("{line}\n"))
        .collect();
    let out = "super::".repeat(depth);
    let mut found = BTreeSet::new();
    for root in ["crate::", &out] {
        for (at, _) in code.match_indices(root) {
            let before = code[..at].chars().next_back();
            if before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '_' | ':' | '$')) {
                continue;
            }
            let rest = &code[at + root.len()..];
            match rest.strip_prefix('{') {
                Some(group) => found.extend(first_names(group)),
                None => found.extend(identifier(rest)),
            }
        }
    }
    found.retain(|name| name.chars().next().is_some_and(char::is_lowercase) && name != "super");
    found
}

/// The first name of each item of a `{...}` group whose opening brace was just read.
fn first_names(group: &str) -> Vec<String> {
    let (mut depth, mut names, mut item) = (0, Vec::new(), String::new());
    for c in group.chars() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => names.extend(identifier(&std::mem::take(&mut item))),
            c => item.push(c),
        }
    }
    names.extend(identifier(&item));
    names
}

fn identifier(text: &str) -> Option<String> {
    let name: String = text
        .trim_start()
        .chars()
        .take_while(|c| c.is_alphanumeric() || *c == '_')
        .collect();
    (!name.is_empty()).then_some(name)
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).expect("a readable folder") {
        let path = entry.expect("a readable entry").path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}

#[test]
fn one_thing_has_one_name_in_all_places() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let scenarios: BTreeSet<String> = fs::read_dir(root.join("scenarios"))
        .expect("the scenarios")
        .map(|entry| entry.expect("an entry").path())
        .filter_map(|path| Some(path.file_stem()?.to_string_lossy().into_owned()))
        .collect();
    let built_in: BTreeSet<String> = loadgen::scenario::BUILTINS
        .iter()
        .map(|builtin| builtin.name.to_owned())
        .collect();
    assert_eq!(scenarios, built_in, "files and built-ins differ");
    for id in loadgen::insight::Id::ALL {
        let file = root.join(format!("src/insight/{}.rs", id.key()));
        assert!(file.is_file(), "{} is missing", file.display());
        if let loadgen::insight::Provoked::By(scenario) = id.insight().provoked_by {
            assert!(scenarios.contains(scenario), "{id} names {scenario}");
        }
    }
}
