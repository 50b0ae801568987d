//! `PROVED.md` names what there is: every test, benchmark and script that it calls a proof, and every
//! claim that the README makes.

use std::{
    fs,
    path::{Path, PathBuf},
};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn read(name: &str) -> String {
    fs::read_to_string(root().join(name)).expect(name)
}

/// The rows of the table of claims: claim, proof, command.
fn claims() -> Vec<[String; 3]> {
    let page = read("PROVED.md");
    let (_, table) = page.split_once("| claim |").expect("the claims");
    let rows = table.lines().filter(|line| line.starts_with("| "));
    rows.map(|row| {
        let cells: Vec<String> = row.split('|').map(|cell| cell.trim().to_owned()).collect();
        let [_, claim, proof, command, _] = cells.as_slice() else {
            panic!("three cells: {row}");
        };
        [claim.clone(), proof.clone(), command.clone()]
    })
    .collect()
}

/// Whether a Rust file below `folder`, or the file itself, has this test.
fn has_test(folder: &Path, name: &str) -> bool {
    if folder.is_dir() {
        let mut entries = fs::read_dir(folder).expect("a folder");
        return entries.any(|entry| has_test(&entry.expect("an entry").path(), name));
    }
    let is_rust = folder
        .extension()
        .is_some_and(|extension| extension == "rs");
    is_rust && fs::read_to_string(folder).is_ok_and(|text| text.contains(&format!("fn {name}(")))
}

/// Whether what a command runs is there.
fn is_there(command: &str) -> bool {
    let words: Vec<&str> = command.split(' ').collect();
    match words.as_slice() {
        ["cargo", "test", "--lib", name] => has_test(&root().join("src"), name),
        ["cargo", "test", "--test", program, name] => {
            let tests = root().join("tests");
            has_test(&tests.join(program), name)
                || has_test(&tests.join(format!("{program}.rs")), name)
        }
        ["cargo", "bench", "--bench", name] => {
            let benches = root().join("benches");
            benches.join(name).exists() || benches.join(format!("{name}.rs")).exists()
        }
        [script] | [script, _] => root().join(script).is_file(),
        _ => false,
    }
}

#[test]
fn every_proof_is_there() {
    let claims = claims();
    assert!(claims.len() > 20, "{}", claims.len());
    for [claim, proof, command] in claims {
        if proof == "real account" {
            assert_eq!(command, "none yet", "{claim}");
            continue;
        }
        let kinds = [
            "closed form",
            "others' client",
            "recorded answers",
            "own model",
        ];
        assert!(kinds.contains(&proof.as_str()), "{claim}: {proof}");
        assert!(is_there(command.trim_matches('`')), "{claim}: {command}");
    }
}

#[test]
fn every_claim_of_the_readme_has_its_proof() {
    let page = read("README.md");
    let (_, claims_of) = page.split_once("## What it claims").expect("the claims");
    let claims_of = claims_of.split("\n## ").next().unwrap_or_default();
    let proved: Vec<String> = claims().into_iter().map(|[claim, ..]| claim).collect();
    let bold: Vec<&str> = claims_of.split("**").skip(1).step_by(2).collect();
    assert!(bold.len() >= 4, "{bold:?}");
    for claim in bold {
        let begins = claim.trim_end_matches(['.', ',']).replace('\n', " ");
        let found = proved.iter().any(|proved| proved.starts_with(&begins));
        assert!(found, "PROVED.md has no row for: {claim}");
    }
}

#[test]
fn nothing_is_called_proved_on_an_account_before_it_was() {
    for name in ["README.md", "README.ko.md"] {
        let page = read(name);
        assert!(page.contains("(PROVED.md)"), "{name}");
        let none_yet = ["no real AWS or Datadog account", "실제 AWS나 Datadog 계정"];
        assert!(none_yet.iter().any(|text| page.contains(text)), "{name}");
    }
}
