//! The snippets that add markers to a function of the reader's own: what they say is what loadgen
//! reads.

use std::{
    path::PathBuf,
    process::{Command, Stdio},
};

use loadgen::control;

/// The Rust snippet, compiled as it stands in the guide.
mod rust {
    include!("../book/snippets/markers.rs");

    pub fn asked(request_id: &str) -> Vec<(String, String)> {
        let _ = environment();
        markers(request_id)
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect()
    }
}

/// Runs a snippet three times in one environment: `name value` lines, a blank line after each.
fn run(program: &str, arguments: &[&str]) -> Option<Vec<Vec<(String, String)>>> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("book/snippets");
    let output = Command::new(program)
        .args(arguments)
        .current_dir(folder)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .stderr(Stdio::inherit())
        .output();
    let Ok(output) = output else {
        assert!(
            std::env::var_os("CI").is_none(),
            "`{program}` is needed in CI to test the snippets"
        );
        eprintln!("SKIPPED: `{program}` is not installed, so its snippet was not run");
        return None;
    };
    assert!(output.status.success(), "{program} failed");
    let text = String::from_utf8(output.stdout).expect("text");
    let answer = |block: &str| {
        block
            .lines()
            .filter_map(|line| line.split_once(' '))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect()
    };
    Some(text.trim().split("\n\n").map(answer).collect())
}

/// What every snippet must say of three requests in a row.
#[track_caller]
fn says(answers: &[Vec<(String, String)>]) {
    assert_eq!(answers.len(), 3);
    let value = |place: usize, name: &str| -> String {
        let found = answers[place].iter().find(|(found, _)| found == name);
        found.expect(name).1.clone()
    };
    let colds = [0, 1, 2].map(|place| value(place, control::COLD_START_HEADER));
    assert_eq!(colds, ["true", "false", "false"]);
    for (place, id) in ["id-0", "id-1", "id-2"].iter().enumerate() {
        assert_eq!(value(place, control::REQUEST_ID_HEADER), *id);
        let age: u64 = value(place, control::INIT_AGE_HEADER)
            .parse()
            .expect("milliseconds");
        assert!(age < 600_000);
        let environment = value(place, control::ENVIRONMENT_ID_HEADER);
        assert_eq!(environment.len(), 36, "a UUID: {environment}");
        assert_eq!(environment, value(0, control::ENVIRONMENT_ID_HEADER));
    }
}

#[test]
fn the_python_snippet_marks_the_first_of_three_requests_as_cold() {
    let asked = "import types, markers\n\
        for n in range(3):\n\
        \x20   said = markers.markers(types.SimpleNamespace(aws_request_id=f'id-{n}'))\n\
        \x20   [print(name, value) for name, value in said.items()]\n\
        \x20   print()";
    if let Some(answers) = run("python3", &["-c", asked]) {
        says(&answers);
    }
}

#[test]
fn the_node_snippet_marks_the_first_of_three_requests_as_cold() {
    let asked = "import { markers } from './markers.mjs';\n\
        for (const n of [0, 1, 2]) {\n\
            for (const [name, value] of Object.entries(markers({ awsRequestId: `id-${n}` }))) console.log(name, value);\n\
            console.log();\n\
        }";
    if let Some(answers) = run("node", &["--input-type=module", "-e", asked]) {
        says(&answers);
    }
}

#[test]
fn the_rust_snippet_marks_the_first_of_three_requests_as_cold() {
    says(&["id-0", "id-1", "id-2"].map(rust::asked));
}
