//! The recipes for GitHub Actions and GitLab do what they say: their commands are run here, in their
//! order, those of the job that needs no account.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

const RECIPES: [&str; 2] = ["github-actions.yml", "gitlab-ci.yml"];

/// The lines of a recipe that call loadgen, without what YAML puts before them.
fn commands(recipe: &str) -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("book/ci")
        .join(recipe);
    let text = fs::read_to_string(path).expect("the recipe");
    text.lines()
        .map(|line| {
            line.trim()
                .trim_start_matches("- ")
                .trim_start_matches("run: ")
        })
        .filter(|line| line.starts_with("loadgen "))
        .map(str::to_owned)
        .collect()
}

/// Runs one line as the runner's shell would, `loadgen` being ours and no `aws` command there.
fn shell(line: &str, folder: &Path) -> Output {
    Command::new("/bin/bash")
        .args(["-eo", "pipefail", "-c"])
        .arg(format!(
            "loadgen() {{ \"$LOADGEN\" \"$@\"; }}\nset -u\n{line}"
        ))
        .env_clear()
        .env("LOADGEN", env!("CARGO_BIN_EXE_loadgen"))
        .env("PATH", folder)
        .env("GITHUB_STEP_SUMMARY", folder.join("summary.md"))
        .current_dir(folder)
        .output()
        .expect("bash")
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder") {
        let file = entry.expect("an entry").path();
        fs::copy(&file, to.join(file.file_name().expect("a name"))).expect("copied");
    }
}

#[test]
fn the_job_without_an_account_runs_and_leaves_its_reports() {
    for recipe in RECIPES {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| -> PathBuf { folder.path().join(name) };
        let lines: Vec<String> = commands(recipe)
            .into_iter()
            .filter(|line| !line.contains("--stack"))
            .collect();
        // GitLab's reports stand above its job, in what jobs share.
        let (runs, others): (Vec<_>, Vec<_>) = lines
            .into_iter()
            .partition(|line| line.starts_with("loadgen run "));
        assert_eq!(runs.len(), 1, "{recipe} runs one scenario: {runs:?}");
        for line in runs.into_iter().chain(others) {
            if line.starts_with("loadgen compare ") && !at("baseline").exists() {
                copy(&at("run"), &at("baseline"));
            }
            let output = shell(&line, folder.path());
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{recipe}: {line}\n{said}");
        }
        let read = |name: &str| fs::read_to_string(at(name)).unwrap_or_default();
        assert!(read("junit.xml").contains("cold_starts"), "{recipe}");
        assert!(read("report.html").contains("cold_starts"), "{recipe}");
        let markdown = read("summary.md") + &read("report.md");
        assert!(markdown.contains(r"cold\_starts"), "{recipe}: {markdown}");
    }
}

#[test]
fn the_job_against_a_stack_is_understood_and_stops_for_want_of_aws() {
    for recipe in RECIPES {
        let folder = tempfile::tempdir().expect("a folder");
        let stack: Vec<String> = commands(recipe)
            .into_iter()
            .filter(|line| line.contains("--stack"))
            .collect();
        assert_eq!(stack.len(), 1, "{recipe}: {stack:?}");
        let output = shell(&stack[0], folder.path());
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{recipe}: {said}");
        assert!(said.contains("aws"), "{recipe}: {said}");
        assert!(!said.contains("Usage"), "{recipe}: {said}");
    }
}
