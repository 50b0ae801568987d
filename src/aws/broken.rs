//! Breaking a function as the guide does, with `raise Exception('Throw an error.')`, and putting
//! the original back.
//!
//! The original is remembered on this machine before anything is changed (see [`StateFolder`]),
//! so that an interruption at any step leaves a function that `restore` can mend, and the next
//! command says so.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

pub use super::state::Broken;
use super::{
    Aws, Error, StateFolder,
    call::Call,
    function::{ask, change, idle, settle, text},
    zip::archive,
};

/// Lambda's limit for a zip archive, unpacked (AWS Lambda developer guide, "Lambda quotas").
const CODE_LIMIT: u64 = 250 << 20;

/// What [`break_function`] found and did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Break {
    /// The function now raises.
    Done,
    /// It did so already; nothing was changed.
    Already,
}

/// What [`restore_function`] found and did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Restore {
    /// The original is back.
    Done,
    /// It was there already, since `break` was interrupted before it changed anything.
    Unneeded,
}

/// The code of a function as Lambda describes it.
struct Code {
    arn: String,
    runtime: String,
    package: String,
    sha256: String,
    size: u64,
    revision: String,
    handler: String,
}

/// Makes every invocation of the function raise, after remembering its code.
///
/// # Errors
/// [`Error::Unbreakable`] for a runtime that is neither Python nor Node.js, [`Error::Download`],
/// [`Error::Conflict`], [`Error::ChangedMeanwhile`], and what any call can meet.
pub async fn break_function(
    aws: &Aws,
    state: &StateFolder,
    function: &str,
) -> Result<Break, Error> {
    idle(aws, function).await?;
    let code = code(aws, function).await?;
    let Some((name, source)) = stub(&code) else {
        let runtime = if code.package == "Image" {
            "a container image"
        } else {
            &code.runtime
        };
        return Err(Error::Unbreakable {
            function: function.to_owned(),
            runtime: runtime.to_owned(),
        });
    };
    let known = if aws.is_dry_run() {
        None
    } else {
        state.of(&code.arn)?
    };
    if let Some(known) = &known
        && known.original_sha256 != code.sha256
        && known
            .broken_sha256
            .as_ref()
            .is_none_or(|broken| *broken == code.sha256)
    {
        return Ok(Break::Already);
    }

    let original = download(aws, function, &code).await?;
    let mut broken = Broken {
        function: function.to_owned(),
        arn: code.arn.clone(),
        region: aws.region().to_owned(),
        endpoint: aws.target().endpoint.as_ref().map(ToString::to_string),
        since: Timestamp::now(),
        original_sha256: code.sha256.clone(),
        broken_sha256: None,
    };
    if !aws.is_dry_run() {
        state.remember(&broken, Some(&original))?;
    }
    let file = state.original(&code.arn);
    aws.say(&format!("  the original, remembered: {}", file.display()));
    let call = Call::new("lambda", "update-function-code")
        .with("--function-name", function)
        .with("--revision-id", &code.revision)
        .only("{CodeSha256: CodeSha256}")
        .with_bytes(
            "--zip-file",
            "broken.zip",
            archive(&name, &source),
            format!("{name}: {source:?}"),
        );
    let left_behind = format!(
        "`{function}` may be broken by now. To put the original back: loadgen aws restore --function {function}"
    );
    let example = json!({ "CodeSha256": "of the broken code" });
    let answer = match change(aws, function, call, example, left_behind).await {
        Err(error) if error.is_refusal() => {
            state.forget(&code.arn)?;
            return Err(error);
        }
        answer => answer?,
    };
    broken.broken_sha256 = answer["CodeSha256"].as_str().map(str::to_owned);
    if !aws.is_dry_run() {
        state.remember(&broken, None)?;
    }
    settle(aws, function).await?;
    aws.settled();
    Ok(Break::Done)
}

/// Puts the remembered original back, and forgets it.
///
/// # Errors
/// [`Error::NotBroken`] where none is remembered, [`Error::Overtaken`] where somebody deployed
/// since, and what any call can meet.
pub async fn restore_function(
    aws: &Aws,
    state: &StateFolder,
    function: &str,
) -> Result<Restore, Error> {
    idle(aws, function).await?;
    let code = code(aws, function).await?;
    let original = state.original(&code.arn);
    if !aws.is_dry_run() {
        let known = state.of(&code.arn)?.ok_or_else(|| Error::NotBroken {
            function: function.to_owned(),
            folder: state.folder(&code.arn),
        })?;
        if known.original_sha256 == code.sha256 {
            state.forget(&code.arn)?;
            return Ok(Restore::Unneeded);
        }
        if known
            .broken_sha256
            .is_some_and(|broken| broken != code.sha256)
        {
            return Err(Error::Overtaken {
                function: function.to_owned(),
                file: original,
            });
        }
    }
    let call = Call::new("lambda", "update-function-code")
        .with("--function-name", function)
        .with("--revision-id", &code.revision)
        .with("--zip-file", format!("fileb://{}", original.display()))
        .only("{CodeSha256: CodeSha256}");
    let left_behind = format!(
        "`{function}` may still be broken. To put the original back: loadgen aws restore --function {function}"
    );
    change(aws, function, call, Value::Null, left_behind).await?;
    settle(aws, function).await?;
    if !aws.is_dry_run() {
        state.forget(&code.arn)?;
    }
    aws.settled();
    Ok(Restore::Done)
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
    // Datadog's library stands before the handler, and names it in this variable.
    let wrapped = text(&found, "Wrapped");
    Ok(Code {
        arn: text(&found, "FunctionArn"),
        runtime: text(&found, "Runtime"),
        package: text(&found, "PackageType"),
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

/// The file and the code that raise in place of the handler; `None` for other languages.
fn stub(code: &Code) -> Option<(String, String)> {
    if code.package == "Image" {
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

/// The function's archive, from the signed address that Lambda gives. The address is a secret
/// while it lasts (10 minutes) and is not shown.
async fn download(aws: &Aws, function: &str, code: &Code) -> Result<Vec<u8>, Error> {
    let call = Call::new("lambda", "get-function")
        .with("--function-name", function)
        .only("Code.Location");
    let location = ask(aws, function, call, Value::Null).await?;
    if aws.is_dry_run() {
        return Ok(Vec::new());
    }
    let failed = |problem: String| Error::Download {
        function: function.to_owned(),
        problem,
    };
    let url = location
        .as_str()
        .and_then(|text| reqwest::Url::parse(text).ok())
        .ok_or_else(|| failed("Lambda gave no address for it".to_owned()))?;
    let local = url
        .host_str()
        .is_some_and(|host| host == "localhost" || host == "127.0.0.1" || host == "[::1]");
    if url.scheme() != "https" && !local {
        return Err(failed("Lambda's address for it is not https".to_owned()));
    }
    let zip = fetch(url)
        .await
        .map_err(|error| failed(error.without_url().to_string()))?;
    if zip.len() as u64 != code.size || !zip.starts_with(b"PK") {
        return Err(failed(format!(
            "{} bytes came, and Lambda says it has {}",
            zip.len(),
            code.size
        )));
    }
    Ok(zip)
}

async fn fetch(url: reqwest::Url) -> Result<Vec<u8>, reqwest::Error> {
    // Another part of loadgen may have installed it already.
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
