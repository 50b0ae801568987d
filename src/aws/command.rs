//! Shows and runs calls of the `aws` command.

use std::{
    io::{self, Write},
    os::unix::process::ExitStatusExt,
    path::Path,
    process::{Output, Stdio},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use serde_json::Value;
use tempfile::TempDir;

use super::{
    Endpoint, Error,
    call::{Call, shell_line},
    refusal::named,
    words,
};
use crate::{files, lang::Phrase, medium};

/// The default stack of `loadgen aws`.
pub const DEFAULT_STACK: &str = "datadog-serverless-sample-app";

/// The oldest version that shows `LastUpdateStatus`, which Lambda's API has had since late 2019.
const OLDEST: (u32, u32) = (1, 17);
/// The time limit of a call: `aws` itself retries and gives up before that.
const CALL_LIMIT: Duration = Duration::from_secs(300);
/// Removed from the environment of `aws`, which needs none of them.
const OUR_SECRETS: [&str; 4] = [
    "DD_API_KEY",
    "DD_APP_KEY",
    "DD_APPLICATION_KEY",
    "LOADGEN_FAULT_KEY",
];

/// Where the calls go.
#[derive(Clone, Debug)]
pub struct AwsPlace {
    /// The region: see [`super::region()`].
    pub region: String,
    /// An AWS-compatible server instead of AWS.
    pub endpoint: Option<Endpoint>,
}

impl AwsPlace {
    /// The command that does `action` to this stack there.
    pub fn command(&self, action: &str, stack: &str) -> String {
        let mut typed = format!("loadgen aws {action}");
        if stack != DEFAULT_STACK {
            typed += &format!(" --stack {}", medium::shell(stack));
        }
        typed += &format!(" --region {}", medium::shell(&self.region));
        if let Some(endpoint) = &self.endpoint {
            typed += &format!(" --endpoint {endpoint}");
        }
        typed
    }

    /// A text whose commands of `loadgen aws` mean this stack there: what is copied must not reach
    /// another one.
    pub fn completed(&self, text: &str, stack: &str) -> String {
        let actions = ["deploy", "outputs", "delete", "restore", "break"];
        actions.iter().fold(text.to_owned(), |text, action| {
            let command = self.command(action, stack);
            text.replace(&format!("loadgen aws {action}"), &command)
        })
    }
}

/// The user's own `aws` command.
pub struct Aws {
    target: AwsPlace,
    dry_run: bool,
    pub(super) poll: Duration,
    show: Box<dyn Fn(&str) + Send + Sync>,
    secrets: Mutex<Vec<String>>,
    in_progress: Mutex<Option<Phrase>>,
    version_seen: tokio::sync::OnceCell<String>,
}

impl Aws {
    /// Calls go to `target`. Each is given to `show` first, in one or two lines.
    pub fn new(target: AwsPlace, show: impl Fn(&str) + Send + Sync + 'static) -> Aws {
        Aws {
            target,
            dry_run: false,
            poll: Duration::from_secs(1),
            show: Box::new(show),
            secrets: Mutex::default(),
            in_progress: Mutex::default(),
            version_seen: tokio::sync::OnceCell::new(),
        }
    }

    /// Only shows calls: nothing is run, and each call is answered with an example.
    pub fn dry_run(mut self) -> Aws {
        self.dry_run = true;
        self
    }

    /// Whether calls are only shown.
    pub fn is_dry_run(&self) -> bool {
        self.dry_run
    }

    /// Where the calls go.
    pub fn target(&self) -> &AwsPlace {
        &self.target
    }

    /// The region of every call.
    pub fn region(&self) -> &str {
        &self.target.region
    }

    /// What an interruption or an error may have left behind; `None` if nothing was changed or the
    /// change is complete.
    pub fn left_behind(&self) -> Option<Phrase> {
        locked(&self.in_progress).clone()
    }

    /// Ends what [`Aws::change`] began: the change is complete.
    pub(super) fn settled(&self) {
        *locked(&self.in_progress) = None;
    }

    /// Hides these texts in the messages of `aws`.
    pub(super) fn keep_secret<'a>(&self, texts: impl IntoIterator<Item = &'a str>) {
        let texts = texts.into_iter().filter(|text| text.len() > 3);
        locked(&self.secrets).extend(texts.map(str::to_owned));
    }

    /// Shows a line between the calls.
    pub fn say(&self, line: &str) {
        (self.show)(line);
    }

    /// [`Aws::ask`] for a call that changes something: until [`Aws::settled`], an interruption or
    /// an error leaves `left_behind`. A refused call has changed nothing.
    pub(super) async fn change(
        &self,
        call: Call,
        example: Value,
        left_behind: Phrase,
    ) -> Result<Value, Error> {
        *locked(&self.in_progress) = Some(left_behind);
        let answer = self.ask(call, example).await;
        if answer.as_ref().is_err_and(Error::is_refusal) {
            self.settled();
        }
        answer
    }

    /// Shows the call and runs it; in a dry run the answer is `example`.
    pub(super) async fn ask(&self, call: Call, example: Value) -> Result<Value, Error> {
        let name = format!("aws {} {}", call.service, call.operation);
        if self.dry_run {
            self.show(&call, Path::new(""));
            return Ok(example);
        }
        self.version().await?;
        // Dropped with its files when the call ends.
        let folder = private_folder(&call)?;
        let _held = folder
            .as_ref()
            .and_then(|folder| files::lock(folder.path()).ok());
        let path = folder.as_ref().map_or(Path::new(""), TempDir::path);
        let output = run(&self.show(&call, path)).await?;
        self.read(&name, &output)
    }

    /// Shows the call, and returns its arguments.
    fn show(&self, call: &Call, folder: &Path) -> Vec<String> {
        let endpoint = self.target.endpoint.as_ref().map(Endpoint::url);
        let arguments = call.arguments(folder, &self.target.region, endpoint);
        (self.show)(&format!("$ {}", shell_line(&arguments)));
        for file in &call.files {
            if let Some(content) = &file.shown {
                (self.show)(&format!("  {}: {content}", file.name));
            }
        }
        arguments
    }

    fn read(&self, call: &str, output: &Output) -> Result<Value, Error> {
        if output.status.signal() == Some(2) || output.status.code() == Some(130) {
            return Err(Error::Interrupted);
        }
        if !output.status.success() {
            return Err(named(call, &self.without_secrets(&output.stderr)));
        }
        if output.stdout.iter().all(u8::is_ascii_whitespace) {
            return Ok(Value::Null);
        }
        serde_json::from_slice(&output.stdout).map_err(|error| {
            let problem = words::not_json(output.stdout.len(), &error.to_string());
            Error::garbage(call, problem)
        })
    }

    fn without_secrets(&self, said: &[u8]) -> String {
        let mut said = String::from_utf8_lossy(said).into_owned();
        for secret in locked(&self.secrets).iter() {
            said = said.replace(secret.as_str(), "***");
        }
        said
    }

    /// The version of `aws`, asked for once.
    ///
    /// # Errors
    /// If there is none, it is another program, or too old.
    pub async fn version(&self) -> Result<&str, Error> {
        let seen = self.version_seen.get_or_try_init(|| self.check_version());
        seen.await.map(String::as_str)
    }

    async fn check_version(&self) -> Result<String, Error> {
        remove_leftovers(&std::env::temp_dir());
        let output = run(&["--version".to_owned()]).await?;
        // Version 1 writes it to stderr on old Pythons.
        let said = [output.stdout.as_slice(), &output.stderr].concat();
        let said = String::from_utf8_lossy(&said);
        let Some((version, (major, minor))) = version(&said) else {
            // A traceback: the last line is the cause.
            if !output.status.success() {
                return Err(named("--version", &said));
            }
            let found: String = said.trim().chars().take(80).collect();
            return Err(Error::Refused(words::not_aws(&found)));
        };
        if (major, minor) < OLDEST {
            return Err(Error::Refused(words::too_old(&version)));
        }
        Ok(version)
    }
}

/// The version in `aws-cli/2.15.30 Python/3.11.8 ...`.
fn version(said: &str) -> Option<(String, (u32, u32))> {
    let (_, rest) = said.split_once("aws-cli/")?;
    let version = rest.split_whitespace().next()?;
    let mut numbers = version.split('.').map(str::parse::<u32>);
    match (numbers.next()?, numbers.next()?) {
        (Ok(major), Ok(minor)) => Some((version.to_owned(), (major, minor))),
        _ => None,
    }
}

async fn run(arguments: &[String]) -> Result<Output, Error> {
    let mut command = tokio::process::Command::new("aws");
    command
        .args(arguments)
        .env("AWS_DEFAULT_OUTPUT", "json")
        .env("AWS_PAGER", "")
        .env("AWS_CLI_AUTO_PROMPT", "off")
        .stdin(Stdio::null())
        .kill_on_drop(true);
    for name in OUR_SECRETS {
        command.env_remove(name);
    }
    let ended = tokio::time::timeout(CALL_LIMIT, command.output()).await;
    match ended {
        Ok(Ok(output)) => Ok(output),
        Ok(Err(error)) if error.kind() == io::ErrorKind::NotFound => {
            Err(Error::Refused(words::ABSENT.into()))
        }
        Ok(Err(error)) => Err(Error::file("aws".as_ref())(error)),
        Err(_) => {
            let call = words::a_call(arguments.first().map_or("", String::as_str));
            let seconds = CALL_LIMIT.as_secs();
            let late = words::took_too_long(call, seconds, words::CALL_UNKNOWN);
            Err(Error::Failed(late))
        }
    }
}

/// How the folders of calls begin.
const PREFIX: &str = "loadgen-aws-";

/// Removes leftovers of killed processes: folders that no process holds and that are at least a
/// minute old. Other users' folders cannot be removed.
fn remove_leftovers(among: &Path) {
    for entry in std::fs::read_dir(among).into_iter().flatten().flatten() {
        let is_left = entry.metadata().is_ok_and(|of| {
            let age = of.modified().ok().and_then(|at| at.elapsed().ok());
            of.is_dir() && age.is_some_and(|age| age.as_secs() >= 60)
        });
        if is_left
            && entry.file_name().to_string_lossy().starts_with(PREFIX)
            && let Ok(Some(_held)) = files::lock(&entry.path())
        {
            // What cannot be removed now is tried again at the next start.
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}

/// Writes the call's files into a new folder. Only this user can read them.
fn private_folder(call: &Call) -> Result<Option<TempDir>, Error> {
    use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
    if call.files.is_empty() {
        return Ok(None);
    }
    let folder = tempfile::Builder::new()
        .prefix(PREFIX)
        .permissions(std::fs::Permissions::from_mode(0o700))
        .tempdir()
        .map_err(Error::file(&std::env::temp_dir()))?;
    for file in &call.files {
        let path = folder.path().join(file.name);
        std::fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&path)
            .and_then(|mut open| open.write_all(&file.content))
            .map_err(Error::file(&path))?;
    }
    Ok(Some(folder))
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
