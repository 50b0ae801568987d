//! The order of the house: who may import whom, and that one name stands for one thing.
//!
//! The crate is read with `syn`, and each path is followed through re-exports to the file that
//! defines its end. Rooms form an order, and no two files import each other. A border that turns out
//! wrong is changed here and in CONTRIBUTING together, with the reason.

mod circles;
mod examples;
mod imports;
mod korean;
mod tree;
mod words;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    sync::LazyLock,
};

use imports::Graph;
use tree::Tree;

/// What a room never imports, though the order would let it.
const NEVER: &[(&str, &[&str])] = &[
    // It is reached only over HTTP, with the code that talks to AWS and Datadog.
    ("sandbox", &["engine", "scenario", "run", "verify"]),
    // It sends, and knows nothing of Insights.
    ("engine", &["insight", "predict"]),
    // They never send load.
    ("report", &["engine"]),
    ("verify", &["engine"]),
];

/// All that a room imports of ours.
const ONLY: &[(&str, &[&str])] = &[("lambda", &["lang", "units"])];

/// What does not hold, and where it shows.
type Complaints = BTreeMap<String, String>;

static TREE: LazyLock<Tree> = LazyLock::new(|| Tree::read(&sources()));

#[test]
fn rooms_form_an_order() {
    hold(
        "room",
        in_a_circle(circles::circles(&imports::of_rooms(&TREE))),
    );
}

#[test]
fn no_two_files_import_each_other() {
    hold(
        "file",
        in_a_circle(circles::pairs(&imports::of_files(&TREE))),
    );
}

#[test]
fn no_room_imports_what_lies_beyond_its_borders() {
    hold("border", beyond_borders(&imports::of_rooms(&TREE)));
}

/// `cli::out` writes, after `medium::terminal`; nothing else leads out.
#[test]
fn nothing_prints_by_itself() {
    hold("print", prints(&TREE));
}

#[test]
fn one_name_stands_for_one_type() {
    hold("name", shared_names(&TREE));
    hold("alias", aliases(&TREE));
}

fn in_a_circle(circles: BTreeMap<String, Vec<imports::Place>>) -> Complaints {
    let shown = |places: Vec<imports::Place>| {
        let lines: Vec<String> = places.iter().map(|place| format!("    {place}")).collect();
        lines.join("\n")
    };
    circles
        .into_iter()
        .map(|(chain, places)| (chain, shown(places)))
        .collect()
}

fn beyond_borders(rooms: &Graph) -> Complaints {
    let beyond = |from: &str, to: &str| {
        let listed = |list: &[(&str, &[&str])]| {
            let row = list.iter().find(|(room, _)| *room == from);
            row.map(|(_, rooms)| rooms.contains(&to))
        };
        listed(NEVER) == Some(true) || listed(ONLY) == Some(false)
    };
    rooms
        .iter()
        .filter(|((from, to), _)| beyond(from, to))
        .map(|((from, to), place)| (format!("{from} → {to}"), format!("    {place}")))
        .collect()
}

fn prints(tree: &Tree) -> Complaints {
    tree.prints
        .iter()
        .map(|print| {
            let place = imports::place(tree, print);
            (place.file.clone(), format!("    {place}"))
        })
        .collect()
}

fn shared_names(tree: &Tree) -> Complaints {
    let mut definitions: BTreeMap<&str, Vec<&tree::TypeDefinition>> = BTreeMap::new();
    for definition in &tree.types {
        definitions
            .entry(&definition.name)
            .or_default()
            .push(definition);
    }
    definitions
        .into_iter()
        .filter(|(_, all)| all.len() > 1 && !alternatives(all))
        .map(|(name, all)| {
            let places: Vec<String> = all
                .iter()
                .map(|one| format!("    src/{}:{}", tree.files[one.file], one.line))
                .collect();
            (name.to_owned(), places.join("\n"))
        })
        .collect()
}

/// One type, written anew in the same file for each target.
fn alternatives(definitions: &[&tree::TypeDefinition]) -> bool {
    let file = definitions[0].file;
    definitions
        .iter()
        .all(|one| one.conditional && one.file == file)
}

fn aliases(tree: &Tree) -> Complaints {
    imports::aliases(tree)
        .into_iter()
        .map(|(alias, place)| (format!("{} {alias}", place.file), format!("    {place}")))
        .collect()
}

/// Fails with each complaint and where it shows.
fn hold(rule: &str, complaints: Complaints) {
    let said: Vec<String> = complaints
        .iter()
        .map(|(what, place)| format!("{rule}: {what}\n{place}"))
        .collect();
    assert!(said.is_empty(), "{}", said.join("\n"));
}
// ---------------------------------------------------------------------------------------------

/// The texts of all files under `src/`, by their path.
fn sources() -> BTreeMap<String, String> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    rust_files(&src)
        .into_iter()
        .map(|file| {
            let text = fs::read_to_string(&file).expect("a readable source file");
            let inside = file.strip_prefix(&src).expect("a file under src");
            (inside.to_string_lossy().replace('\\', "/"), text)
        })
        .collect()
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
    for &id in loadgen::insight::Id::ALL {
        let file = root.join(format!("src/insight/{}.rs", id.key()));
        assert!(file.is_file(), "{} is missing", file.display());
        if let loadgen::insight::Provoked::By(scenario) = id.insight().provoked_by {
            assert!(scenarios.contains(scenario), "{id} names {scenario}");
        }
    }
}

/// The top of the repository.
fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// What is written without knowing Korean is `[ko] ` and the English again. It is listed here, so that
/// somebody who knows Korean finds it; `UPDATE=1` writes the list.
#[test]
fn what_waits_for_its_korean_is_listed() {
    let texts = korean::declared(sources().values());
    let texts = texts
        .into_iter()
        .filter(|(_, ko)| ko.starts_with(korean::WAITS));
    let mut waiting: Vec<String> = texts.map(|(en, _)| en).collect();
    for page in words::pages() {
        let lines = page
            .text
            .lines()
            .filter(|line| line.contains(korean::WAITS));
        waiting.extend(lines.map(|line| format!("{}: {}", page.name, line.trim())));
    }
    waiting.sort();
    let mut listed = waiting.join("\n");
    listed.push('\n');
    let file = root().join("tests/house/waits_for_korean.txt");
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&file, &listed).expect("written");
    }
    let known = fs::read_to_string(&file).expect("the list");
    assert_eq!(
        known.trim(),
        listed.trim(),
        "UPDATE=1 writes {}",
        file.display()
    );
}

#[test]
fn no_retired_word_is_in_a_text_the_guide_or_a_readme() {
    let mut found = Vec::new();
    for (en, ko) in korean::declared(sources().values()) {
        found.extend(words::retired(&en, words::ENGLISH).map(|word| format!("{word}: {en}")));
        found.extend(words::retired(&ko, words::KOREAN).map(|word| format!("{word}: {ko}")));
    }
    for page in words::pages() {
        let list = match page.is_korean() {
            true => words::KOREAN,
            false => words::ENGLISH,
        };
        let prose = words::prose(&page.text);
        for (number, line) in prose.lines().enumerate() {
            let at = format!("{}:{}", page.name, number + 1);
            found.extend(words::retired(line, list).map(|word| format!("{at}: {word}: {line}")));
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn no_retired_word_is_in_a_comment() {
    // Where a field is named so, or a formula uses its name.
    let named = ["(whole + high + m)", "`whole`"];
    let mut found = Vec::new();
    for (file, source) in sources() {
        for (number, line) in source.lines().enumerate() {
            let Some(comment) = line.trim_start().strip_prefix("//") else {
                continue;
            };
            if !named.iter().any(|name| comment.contains(name)) {
                let at = format!("{file}:{}", number + 1);
                let words = words::retired(comment, words::ENGLISH);
                found.extend(words.map(|word| format!("{at}: {word}: {}", line.trim())));
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn each_quote_of_a_text_is_closed() {
    let texts = korean::declared(sources().values());
    let both = texts.into_iter().flat_map(|(en, ko)| [en, ko]);
    let open: Vec<String> = both
        .filter(|text| text.matches('`').count() % 2 == 1)
        .collect();
    assert!(open.is_empty(), "{}", open.join("\n"));
}

#[test]
fn every_text_is_said_in_korean() {
    let texts = korean::declared(sources().values());
    assert!(texts.len() > 300, "{}", texts.len());
    let odd: Vec<&(String, String)> = texts
        .iter()
        .filter(|(_, ko)| !ko.starts_with(korean::WAITS) && !korean::english(ko).is_empty())
        .collect();
    assert!(odd.is_empty(), "{odd:#?}");
    assert_eq!(
        korean::english("측정 `what it was` 20 ms not more than"),
        ["ms not more than"]
    );
}
