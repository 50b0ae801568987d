//! The variables of an environment: a clean set, nothing of the user's shell (AWS Lambda developer
//! guide, "Defined runtime environment variables").

use std::{net::SocketAddr, path::Path};

use super::{HostOwner, HostedFunction, function::HandlerLanguage};
use crate::lambda::Function;

/// What extensions are not told (AWS Lambda developer guide, "Using the Lambda Extensions API").
const RUNTIME_ONLY: [&str; 7] = [
    "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_LOG_GROUP_NAME",
    "AWS_LAMBDA_LOG_STREAM_NAME",
    "LAMBDA_RUNTIME_DIR",
    "LAMBDA_TASK_ROOT",
    "_HANDLER",
    "_X_AMZN_TRACE_ID",
];

/// Those of the variables that an extension of the same environment starts with.
pub(super) fn of_extension(all: &[(String, String)]) -> Vec<(String, String)> {
    let shared = all
        .iter()
        .filter(|(name, _)| !RUNTIME_ONLY.contains(&name.as_str()));
    shared.cloned().collect()
}

/// The variables that a process starts with; `folder` is its own.
pub(super) fn variables(
    owner: HostOwner,
    hosted: &HostedFunction,
    configured: &Function,
    api: SocketAddr,
    folder: &Path,
) -> Vec<(String, String)> {
    let name = &hosted.name;
    let code = hosted.code.to_string_lossy();
    let stream = folder.file_name().unwrap_or_default().to_string_lossy();
    let beside = hosted.program.parent().unwrap_or(Path::new("/usr/bin"));
    let sqs = format!("http://{}{SQS_PATH}", owner.address);
    let mut all = vec![
        ("AWS_LAMBDA_RUNTIME_API", api.to_string()),
        ("AWS_LAMBDA_FUNCTION_NAME", name.clone()),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST".to_owned()),
        (
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
            configured.memory.mb().to_string(),
        ),
        ("AWS_LAMBDA_LOG_GROUP_NAME", format!("/aws/lambda/{name}")),
        ("AWS_LAMBDA_LOG_STREAM_NAME", format!("[$LATEST]{stream}")),
        ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand".to_owned()),
        (
            "AWS_EXECUTION_ENV",
            format!("AWS_Lambda_{}", hosted.runtime),
        ),
        ("AWS_REGION", owner.region.to_owned()),
        ("AWS_DEFAULT_REGION", owner.region.to_owned()),
        // No real credentials: AWS refuses what is signed with them.
        ("AWS_ACCESS_KEY_ID", "AKIALOADGENHOST00000".to_owned()),
        ("AWS_SECRET_ACCESS_KEY", "none".to_owned()),
        ("AWS_SESSION_TOKEN", "none".to_owned()),
        ("LAMBDA_TASK_ROOT", code.clone().into_owned()),
        ("LAMBDA_RUNTIME_DIR", folder.to_string_lossy().into_owned()),
        ("_HANDLER", hosted.handler.clone()),
        ("TZ", ":UTC".to_owned()),
        ("LANG", "en_US.UTF-8".to_owned()),
        (
            "PATH",
            format!(
                "{}:/usr/local/bin:/usr/bin:/bin",
                hosted.of_layers("bin", &beside.display().to_string())
            ),
        ),
        ("LD_LIBRARY_PATH", hosted.of_layers("lib", "")),
        ("TMPDIR", folder.join("tmp").to_string_lossy().into_owned()),
        ("PYTHONPATH", hosted.of_layers("python", &code)),
        // The code's folder is the reader's: on Lambda it cannot be written to.
        ("PYTHONDONTWRITEBYTECODE", "1".to_owned()),
        (
            "NODE_PATH",
            hosted.of_layers("nodejs/node_modules", &format!("{code}/node_modules")),
        ),
        // What AWS's libraries send to these services comes to the sandbox.
        (
            "AWS_ENDPOINT_URL_LAMBDA",
            format!("http://{}", owner.address),
        ),
        (
            "AWS_ENDPOINT_URL_SNS",
            format!("http://{}{SNS_PATH}", owner.address),
        ),
        ("AWS_ENDPOINT_URL_SQS", sqs.clone()),
    ];
    all.retain(|(name, value)| *name != "LD_LIBRARY_PATH" || !value.is_empty());
    if hosted.library {
        all.extend(library(hosted));
    }
    let given = hosted.environment.iter().filter(|(name, _)| {
        let is_ours = |(own, _): &(&str, String)| own == name && !MAY_BE_GIVEN.contains(own);
        name.as_str() != "AWS_LAMBDA_EXEC_WRAPPER" && !all.iter().any(is_ours)
    });
    // A queue's address is here, not on AWS.
    let on_aws = format!("https://sqs.{}.amazonaws.com", owner.region);
    let given = given.map(|(name, value)| (name.clone(), value.replace(&on_aws, &sqs)));
    let given: Vec<_> = given.collect();
    let owned = all
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value));
    // The later one of two stands.
    owned.chain(given).collect()
}

/// Where the sandbox serves SNS.
pub const SNS_PATH: &str = "/_aws/sns";
/// Where the sandbox serves SQS.
pub const SQS_PATH: &str = "/_aws/sqs";

/// Variables of ours that a function's own replace.
const MAY_BE_GIVEN: [&str; 8] = [
    "DD_ENV",
    "DD_SERVICE",
    "DD_VERSION",
    "LANG",
    "NODE_PATH",
    "PATH",
    "PYTHONPATH",
    "TZ",
];

/// What makes Datadog's library wrap the handler and write to stdout what it measured, as it does
/// where the Forwarder reads the logs.
fn library(hosted: &HostedFunction) -> Vec<(&'static str, String)> {
    let wrapper = match hosted.language {
        HandlerLanguage::Node => "node_modules/datadog-lambda-js/dist/handler.handler",
        HandlerLanguage::Python | HandlerLanguage::Own => "datadog_lambda.handler.handler",
    };
    vec![
        ("_HANDLER", wrapper.to_owned()),
        ("DD_LAMBDA_HANDLER", hosted.handler.clone()),
        ("DD_FLUSH_TO_LOG", "true".to_owned()),
        ("DD_TRACE_ENABLED", "true".to_owned()),
        ("DD_SERVICE", hosted.name.clone()),
        ("DD_ENV", "dev".to_owned()),
        ("DD_VERSION", "1.0.0".to_owned()),
        ("DD_INSTRUMENTATION_TELEMETRY_ENABLED", "false".to_owned()),
        ("DD_REMOTE_CONFIGURATION_ENABLED", "false".to_owned()),
        ("DD_COLD_START_TRACING", "true".to_owned()),
    ]
}
