//! A stage for `loadgen aws`: an `aws` of our own on the PATH, which plays what a test tells it to,
//! and a state folder that nobody else uses.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
    sync::{Arc, Mutex},
};

use tempfile::TempDir;

use crate::support::command::{Finished, loadgen};

/// A key that must never be seen anywhere but in a private file.
pub const KEY: &str = "0123456789abcdef-a-datadog-key";
/// Another, which the function's environment holds.
pub const OTHER_KEY: &str = "fedcba9876543210-in-the-function";

pub const FUNCTION: &str = "datadog-sample-entry-function";
pub const COMPLETE: &str = r#"echo '{"Stacks":[{"StackId":"arn:stack","StackStatus":"CREATE_COMPLETE","Outputs":[
  {"OutputKey":"ApiGatewayInvokeURL","OutputValue":"https://ab12.execute-api.eu-west-1.amazonaws.com/datadog-sample-app-stage"},
  {"OutputKey":"EntryFunctionName","OutputValue":"datadog-sample-entry-function"},
  {"OutputKey":"DatadogFunctionLink","OutputValue":"https://app.datadoghq.com/functions"}]}]}'"#;
pub const NO_STACK: &str = "echo 'An error occurred (ValidationError) when calling the DescribeStacks operation: Stack with id x does not exist' >&2; exit 254";

/// The heads of requests to a server of the test, in the order in which they came.
pub type Heads = Arc<Mutex<Vec<String>>>;

pub struct Stage {
    folder: TempDir,
}

impl Stage {
    pub fn new() -> Stage {
        let folder = TempDir::new().expect("a temporary folder");
        for part in ["bin", "tmp", "state"] {
            fs::create_dir(folder.path().join(part)).expect("a folder");
        }
        let stage = Stage { folder };
        let script = stage.at("bin/aws");
        fs::write(&script, include_str!("aws")).expect("the script");
        fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).expect("its mode");
        stage
            .plays(
                "version",
                "echo 'aws-cli/2.15.30 Python/3.11.8 Linux/6.1 exe/x86_64'",
            )
            .plays("describe-stacks", COMPLETE)
    }

    pub fn at(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    /// The answer to an operation, as a piece of shell.
    pub fn plays(self, operation: &str, shell: &str) -> Stage {
        fs::write(self.at("bin").join(operation), shell).expect("an answer");
        self
    }

    /// The answer to an operation that AWS refuses.
    pub fn refuses(self, operation: &str, code: &str, message: &str) -> Stage {
        let shell = format!(
            "echo \"An error occurred ({code}) when calling the Some operation: {message}\" >&2; exit 254"
        );
        self.plays(operation, &shell)
    }

    pub fn loadgen(&self) -> Command {
        let mut command = loadgen();
        command
            .env(
                "PATH",
                format!("{}:/usr/bin:/bin", self.at("bin").display()),
            )
            .env("TMPDIR", self.at("tmp"))
            .env("LOADGEN_STATE", self.at("state"))
            .env("AWS_REGION", "eu-west-1")
            .env("DD_API_KEY", KEY);
        command
    }

    /// Runs `loadgen aws ...` and looks that no key was shown, given away or left lying about.
    pub fn aws(&self, arguments: &[&str]) -> Finished {
        let said = Finished::of(self.loadgen().arg("aws").args(arguments));
        for key in [KEY, OTHER_KEY] {
            let places = [
                &said.out,
                &said.err,
                &self.calls(),
                &self.note("environment"),
            ];
            assert!(
                places.iter().all(|place| !place.contains(key)),
                "a key was seen"
            );
        }
        for mode in self.note("modes").lines() {
            assert!(["-rw-------", "drwx------"].contains(&mode), "{mode}");
        }
        let left = fs::read_dir(self.at("tmp")).expect("the folder").count();
        assert_eq!(left, 0, "a temporary file was left");
        said
    }

    /// Every call of `aws` so far, a line each.
    pub fn calls(&self) -> String {
        self.note("calls")
    }

    /// How often an operation was called.
    pub fn count(&self, operation: &str) -> usize {
        let word = format!(" {operation} ");
        self.calls()
            .lines()
            .filter(|call| call.contains(&word))
            .count()
    }

    /// The last file of that name that an operation was given.
    pub fn given(&self, operation: &str, file: &str) -> Vec<u8> {
        fs::read(self.at("bin").join(format!("given-{operation}-{file}"))).expect(file)
    }

    pub fn given_json(&self, operation: &str) -> serde_json::Value {
        serde_json::from_slice(&self.given(operation, "input.json")).expect("JSON")
    }

    fn note(&self, name: &str) -> String {
        fs::read_to_string(self.at("bin").join(name)).unwrap_or_default()
    }
}

/// The state folder's files, with their modes.
pub fn files_in(folder: &Path) -> Vec<(PathBuf, u32)> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let mode = entry.metadata().expect("a file").permissions().mode() & 0o777;
        files.push((entry.path(), mode));
        files.extend(files_in(&entry.path()));
    }
    files
}
