//! Breaking a function as the guide does, with `raise Exception('Throw an error.')`, and restoring
//! the original code.
//!
//! The original is saved on this machine before anything is changed (see [`StateFolder`]): wherever
//! `break` is interrupted, `restore` can repair the function, and the next command says so.

use std::{fmt::Display, time::Duration};

use jiff::Timestamp;
use serde_json::{Value, json};

pub use super::state::Broken;
use super::{
    Aws, Error, StateFolder,
    call::Call,
    function::{ask, change, idle, settle, text},
    words,
    zip::archive,
};
use crate::{lang::Reason, units::is_loopback};

/// Lambda's limit for a zip archive, unpacked (AWS Lambda developer guide, "Lambda quotas").
const CODE_LIMIT: u64 = 250 << 20;

/// The outcome of [`break_function`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Break {
    /// The function raises now.
    Done,
    /// It was broken already; nothing was changed.
    Already,
}

/// The outcome of [`restore_function`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Restore {
    /// The function has its original code again.
    Done,
    /// `break` was interrupted before it changed anything.
    Unneeded,
}

/// The code of a function as Lambda describes it.
struct Code {
    arn: String,
    runtime: String,
    is_image: bool,
    sha256: String,
    size: u64,
    revision: String,
    handler: String,
}

/// Makes every invocation of the function raise, after saving its code.
///
/// # Errors
/// For a runtime that is neither Python nor Node.js, if the original cannot be downloaded,
/// [`Error::Conflict`], and the errors of any call.
pub async fn break_function(
    aws: &Aws,
    state: &StateFolder,
    function: &str,
) -> Result<Break, Error> {
    idle(aws, function).await?;
    let code = code(aws, function).await?;
    let (file, source) = stub(&code).ok_or_else(|| {
        let runtime = match code.is_image {
            true => words::CONTAINER_IMAGE.into(),
            false => (&code.runtime).into(),
        };
        Error::Failed(words::unbreakable(function, runtime))
    })?;
    let keeps_state = !aws.is_dry_run();
    if keeps_state
        && state
            .of(&code.arn)?
            .is_some_and(|saved| saved.runs(&code.sha256))
    {
        return Ok(Break::Already);
    }
    let original = download(aws, function, &code).await?;
    let mut broken = about_to_break(aws, function, &code);
    if keeps_state {
        state.remember(&broken, Some(&original))?;
    }
    let saved = state.original(&code.arn);
    aws.say(&words::saved_original(&saved.display().to_string()).to_string());
    let shown = format!("{file}: {source:?}");
    let call = update_code(function, &code).with_file(
        "--zip-file",
        "broken.zip",
        archive(&file, &source),
        Some(shown),
    );
    let left_behind = words::maybe_broken(function);
    let example = json!({ "CodeSha256": "of the broken code" });
    let answer = change(aws, function, call, example, left_behind).await;
    if answer.as_ref().is_err_and(Error::is_refusal) {
        state.forget(&code.arn)?;
    }
    broken.broken_sha256 = answer?["CodeSha256"].as_str().map(str::to_owned);
    if keeps_state {
        state.remember(&broken, None)?;
    }
    settle(aws, function).await?;
    aws.settled();
    Ok(Break::Done)
}

/// The record of a function whose code is about to be replaced.
fn about_to_break(aws: &Aws, function: &str, code: &Code) -> Broken {
    Broken {
        function: function.to_owned(),
        arn: code.arn.clone(),
        region: aws.region().to_owned(),
        endpoint: aws.target().endpoint.as_ref().map(ToString::to_string),
        since: Timestamp::now(),
        original_sha256: code.sha256.clone(),
        broken_sha256: None,
    }
}

/// Restores the saved original, and deletes the saved copy.
///
/// # Errors
/// If no original is saved or other code was deployed since, and the errors of any call.
pub async fn restore_function(
    aws: &Aws,
    state: &StateFolder,
    function: &str,
) -> Result<Restore, Error> {
    idle(aws, function).await?;
    let code = code(aws, function).await?;
    let original = state.original(&code.arn);
    if !aws.is_dry_run() {
        let saved = state.of(&code.arn)?.ok_or_else(|| {
            let folder = state.folder(&code.arn).display().to_string();
            Error::Failed(words::not_broken(function, &folder))
        })?;
        if saved.original_sha256 == code.sha256 {
            state.forget(&code.arn)?;
            return Ok(Restore::Unneeded);
        }
        if !saved.runs(&code.sha256) {
            let file = original.display().to_string();
            return Err(Error::Failed(words::overtaken(function, &file)));
        }
    }
    let archive = format!("fileb://{}", original.display());
    let call = update_code(function, &code).with("--zip-file", archive);
    let left_behind = words::maybe_still_broken(function);
    change(aws, function, call, Value::Null, left_behind).await?;
    settle(aws, function).await?;
    if !aws.is_dry_run() {
        state.forget(&code.arn)?;
    }
    aws.settled();
    Ok(Restore::Done)
}

/// Replaces the function's code. Fails if the function has changed since `code` was read.
fn update_code(function: &str, code: &Code) -> Call {
    Call::new("lambda", "update-function-code")
        .with("--function-name", function)
        .with("--revision-id", &code.revision)
        .only("{CodeSha256: CodeSha256}")
}

async fn code(aws: &Aws, function: &str) -> Result<Code, Error> {
    let call = Call::new("lambda", "get-function-configuration")
        .with("--function-name", function)
        .only(
            "{FunctionArn: FunctionArn, Runtime: Runtime, PackageType: PackageType, CodeSha256: CodeSha256, CodeSize: CodeSize, RevisionId: RevisionId, Handler: Handler, Wrapped: Environment.Variables.DD_LAMBDA_HANDLER}",
        );
    let example = json!({
        "FunctionArn": format!("arn:aws:lambda:{}:ACCOUNT:function:{function}", aws.region()),
        "Runtime": if function.contains("consumer") { "nodejs22.x" } else { "python3.13" },
        "Handler": "index.handler",
        "RevisionId": "the revision just read",
    });
    let found = ask(aws, function, call, example).await?;
    // Datadog's library wraps the handler, and keeps its name in this variable.
    let wrapped = text(&found, "Wrapped");
    Ok(Code {
        arn: text(&found, "FunctionArn"),
        runtime: text(&found, "Runtime"),
        is_image: text(&found, "PackageType") == "Image",
        sha256: text(&found, "CodeSha256"),
        size: found["CodeSize"].as_u64().unwrap_or_default(),
        revision: text(&found, "RevisionId"),
        handler: if wrapped.is_empty() {
            text(&found, "Handler")
        } else {
            wrapped
        },
    })
}

/// A file with a handler that raises; `None` for other languages.
fn stub(code: &Code) -> Option<(String, String)> {
    if code.is_image {
        return None;
    }
    let (module, name) = code.handler.rsplit_once('.')?;
    let identifier = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let path = |c: char| identifier(c) || "/.-".contains(c);
    if module.is_empty()
        || !module.chars().all(path)
        || name.is_empty()
        || !name.chars().all(identifier)
    {
        return None;
    }
    let module = module.trim_start_matches('/');
    if code.runtime.starts_with("python") {
        let file = format!("{}.py", module.replace('.', "/"));
        let source = format!(
            "# `loadgen aws break` put this here; `loadgen aws restore` puts the original back.\ndef {name}(event, context):\n    raise Exception('Throw an error.')\n"
        );
        Some((file, source))
    } else if code.runtime.starts_with("nodejs") {
        let source = format!(
            "// `loadgen aws break` put this here; `loadgen aws restore` puts the original back.\nexports.{name} = async () => {{\n  throw new Error('Throw an error.');\n}};\n"
        );
        Some((format!("{module}.js"), source))
    } else {
        None
    }
}

/// The function's archive. Lambda's address for it is signed: it is a secret for 10 minutes, and
/// never shown.
async fn download(aws: &Aws, function: &str, code: &Code) -> Result<Vec<u8>, Error> {
    let call = Call::new("lambda", "get-function")
        .with("--function-name", function)
        .only("Code.Location");
    let location = ask(aws, function, call, Value::Null).await?;
    if aws.is_dry_run() {
        return Ok(Vec::new());
    }
    let failed =
        |problem: &dyn Display| Error::Failed(words::download(function, &Reason::of(problem)));
    let url = location
        .as_str()
        .and_then(|text| reqwest::Url::parse(text).ok())
        .ok_or_else(|| failed(&words::NO_ADDRESS))?;
    if url.scheme() != "https" && !url.host_str().is_some_and(is_loopback) {
        return Err(failed(&words::NOT_HTTPS));
    }
    let zip = fetch(url)
        .await
        .map_err(|error| failed(&error.without_url()))?;
    if zip.len() as u64 != code.size || !zip.starts_with(b"PK") {
        return Err(failed(&words::other_size(zip.len(), code.size)));
    }
    Ok(zip)
}

async fn fetch(url: reqwest::Url) -> Result<Vec<u8>, reqwest::Error> {
    // This fails if a provider is installed already, and then one is there.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(Duration::from_secs(60))
        .build()?;
    let mut answer = client.get(url).send().await?.error_for_status()?;
    let mut zip = Vec::new();
    while let Some(chunk) = answer.chunk().await? {
        zip.extend_from_slice(&chunk);
        if zip.len() as u64 > CODE_LIMIT {
            break;
        }
    }
    Ok(zip)
}
