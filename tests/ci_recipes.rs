//! The action of GitHub and the job of GitLab do what they say: their scripts are run here, in their
//! order, against the sandbox. What the recipes of `book/ci` hand to them is read here too.

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

use tempfile::TempDir;

/// What holds a scenario's run: the file, and what its Markdown report is written to.
const JOBS: [(&str, &str); 2] = [
    ("action.yml", "summary.md"),
    ("book/ci/loadgen.gitlab-ci.yml", "loadgen-report.md"),
];

fn read(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).expect(name)
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// The blocks of a YAML file (`|`) that call loadgen.
fn scripts(name: &str) -> Vec<String> {
    let text = read(name);
    let mut lines = text.lines().peekable();
    let mut found = Vec::new();
    while let Some(head) = lines.next() {
        if !head.ends_with('|') {
            continue;
        }
        let mut script = String::new();
        while let Some(line) = lines.next_if(|line| indent(line) > indent(head)) {
            script += &format!("{}\n", line.trim_start());
        }
        if script.contains("loadgen ") {
            found.push(script);
        }
    }
    found
}

/// One job in a folder of its own.
struct Job {
    name: &'static str,
    folder: TempDir,
    inputs: Vec<(&'static str, &'static str)>,
}

impl Job {
    fn new(name: &'static str, inputs: &[(&'static str, &'static str)]) -> Self {
        Self {
            name,
            folder: tempfile::tempdir().expect("a folder"),
            inputs: inputs.to_vec(),
        }
    }

    /// Runs a script as the runner's shell would, `loadgen` being ours and no `aws` command there.
    fn shell(&self, script: &str) -> Output {
        let folder = self.folder.path();
        let defaults = [
            ("SCENARIO", "cold-start"),
            ("TARGET", ""),
            ("THRESHOLDS", ""),
            ("FLAGS", ""),
            ("OUT", "loadgen-run"),
        ];
        Command::new("/bin/bash")
            .args(["-eo", "pipefail", "-c"])
            .arg(format!(
                "loadgen() {{ \"$LOADGEN\" \"$@\"; }}\nset -u\n{script}"
            ))
            .env_clear()
            .env("LOADGEN", env!("CARGO_BIN_EXE_loadgen"))
            .env("PATH", folder)
            .env("GITHUB_STEP_SUMMARY", folder.join("summary.md"))
            .envs(defaults)
            .envs(self.inputs.iter().copied())
            .current_dir(folder)
            .output()
            .expect("bash")
    }

    /// Runs all scripts of the job; the exit code of the first, which sends, and what all of them said.
    fn run(&self) -> (Option<i32>, String) {
        let outputs: Vec<Output> = scripts(self.name)
            .iter()
            .map(|script| self.shell(script))
            .collect();
        let said = outputs
            .iter()
            .map(|output| String::from_utf8_lossy(&output.stderr));
        assert_eq!(
            outputs.len(),
            2,
            "{}: one that sends, one that reports",
            self.name
        );
        assert!(outputs[1].status.success(), "{}", self.name);
        (outputs[0].status.code(), said.collect())
    }

    fn file(&self, name: &str) -> String {
        fs::read_to_string(self.folder.path().join(name)).unwrap_or_default()
    }
}

#[test]
fn a_job_without_an_account_runs_and_leaves_its_reports() {
    for (name, markdown) in JOBS {
        let limits = "errors.share < 25%\nresponse.warm.p95 < 30s\n";
        let job = Job::new(name, &[("SCENARIO", "errors"), ("THRESHOLDS", limits)]);
        let (code, said) = job.run();
        assert_eq!(code, Some(0), "{name}: {said}");
        let junit = job.file("loadgen-junit.xml");
        for case in ["high_errors", "errors.share", "response.warm.p95"] {
            assert!(junit.contains(case), "{name}: {case}: {junit}");
        }
        assert!(
            job.file("loadgen-report.html").contains("high_errors"),
            "{name}"
        );
        assert!(job.file(markdown).contains(r"high\_errors"), "{name}");
    }
}

#[test]
fn a_job_whose_limit_is_missed_fails_and_leaves_its_reports() {
    for (name, markdown) in JOBS {
        let job = Job::new(
            name,
            &[("SCENARIO", "errors"), ("THRESHOLDS", "errors.share < 1%")],
        );
        let (code, said) = job.run();
        assert_eq!(code, Some(1), "{name}: {said}");
        assert!(job.file("loadgen-junit.xml").contains("<failure"), "{name}");
        assert!(!job.file(markdown).is_empty(), "{name}");
    }
}

#[test]
fn a_job_that_cannot_start_says_why_and_leaves_no_report() {
    for (name, markdown) in JOBS {
        let target = "--stack datadog-serverless-sample-app";
        let job = Job::new(name, &[("TARGET", target), ("FLAGS", "--force-cold --yes")]);
        let (code, said) = job.run();
        assert_eq!(code, Some(2), "{name}: {said}");
        assert!(
            said.contains("aws") && !said.contains("Usage"),
            "{name}: {said}"
        );
        assert!(job.file(markdown).is_empty(), "{name}");
    }
}

#[test]
fn the_recipes_compare_with_the_run_before() {
    let scripts = scripts("book/ci/github-actions.yml");
    let [compare] = scripts.as_slice() else {
        panic!("one script: {scripts:?}");
    };
    let job = Job::new("action.yml", &[("SCENARIO", "errors")]);
    job.run();
    let runs = job.folder.path();
    fs::create_dir(runs.join("baseline")).expect("a folder");
    for entry in fs::read_dir(runs.join("loadgen-run")).expect("the run") {
        let file = entry.expect("an entry").path();
        let name = file.file_name().expect("a name");
        fs::copy(&file, runs.join("baseline").join(name)).expect("copied");
    }
    let output = job.shell(compare);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
}

#[test]
fn the_recipe_of_a_change_fails_when_it_is_slower_and_shows_why() {
    let recipe = "book/ci/prove-a-change.yml";
    let scripts = scripts(recipe);
    let [compare] = scripts.as_slice() else {
        panic!("one script: {scripts:?}");
    };
    for name in ["A", "B", "LIMIT", "FLAGS"] {
        assert!(
            read(recipe).contains(&format!("\n      {name}: ")),
            "{name}"
        );
    }
    let slower = ("B", "sandbox:init=400ms");
    for (b, code, verdict) in [
        (slower, 1, "B takes more: init"),
        (
            ("B", "sandbox:init=300ms,memory=1GB"),
            0,
            "A and B are the same",
        ),
    ] {
        let inputs = [
            ("A", "sandbox:init=300ms"),
            b,
            ("LIMIT", "init.cold.p50 > 5%"),
            ("FLAGS", "--pairs 10 --warm 1"),
        ];
        let job = Job::new(recipe, &inputs);
        let output = job.shell(compare);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{said}");
        let summary = job.file("summary.md");
        assert!(summary.contains(verdict), "{summary}");
        for side in ["a", "b"] {
            assert!(!job.file(&format!("loadgen-ab/{side}/run.json")).is_empty());
        }
    }
}

#[test]
fn the_recipes_name_inputs_that_there_are() {
    let action = read("action.yml");
    let github = read("book/ci/github-actions.yml");
    for input in ["scenario", "target", "thresholds", "flags"] {
        assert!(action.contains(&format!("\n  {input}:\n")), "{input}");
        assert!(github.contains(&format!("          {input}: ")), "{input}");
    }
    let job = read("book/ci/loadgen.gitlab-ci.yml");
    let gitlab = read("book/ci/gitlab-ci.yml");
    for variable in ["TARGET", "THRESHOLDS", "FLAGS"] {
        assert!(job.contains(&format!("    {variable}: ")), "{variable}");
        assert!(gitlab.contains(&format!("    {variable}: ")), "{variable}");
    }
}
