//! A deployed Lambda function: its configuration, and cold environments on demand.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::{Aws, Error, call::Call, words};
use crate::{lang::Phrase, units::Memory};

/// How long an update may take: that of a zip function takes seconds.
const UPDATE_LIMIT: Duration = Duration::from_secs(180);
/// How often a read-modify-write is tried if another caller writes in between.
const ATTEMPTS: u32 = 3;
/// The environment variable that [`force_cold`] changes. No code reads it.
const COLD_VARIABLE: &str = "LOADGEN_COLD";

/// A function's configuration, without its environment variables.
#[derive(Clone, Debug, PartialEq)]
pub struct FunctionConfiguration {
    /// The function's name.
    pub name: String,
    /// Its ARN, which names account and region.
    pub arn: String,
    /// Its memory.
    pub memory: Memory,
    /// Its timeout.
    pub timeout: Duration,
    /// Its reserved concurrency, if it has any.
    pub reserved_concurrency: Option<u32>,
}

/// Asks for a function's configuration.
///
/// # Errors
/// If there is no such function, and those of any call.
pub async fn function_configuration(
    aws: &Aws,
    function: &str,
) -> Result<FunctionConfiguration, Error> {
    let call = Call::new("lambda", "get-function-configuration")
        .with("--function-name", function)
        .only("{FunctionArn: FunctionArn, MemorySize: MemorySize, Timeout: Timeout}");
    let example = json!({ "FunctionArn": function, "MemorySize": 512, "Timeout": 3 });
    let found = ask(aws, function, call, example).await?;
    let call = Call::new("lambda", "get-function-concurrency").with("--function-name", function);
    let concurrency = ask(aws, function, call, Value::Null).await?;
    let number = |value: &Value| value.as_u64().and_then(|number| u32::try_from(number).ok());
    let (Some(memory), Some(seconds)) = (
        number(&found["MemorySize"]).and_then(|mb| Memory::from_mb(mb).ok()),
        found["Timeout"].as_u64(),
    ) else {
        return Err(unreadable(words::lacks("MemorySize, Timeout")));
    };
    Ok(FunctionConfiguration {
        name: function.to_owned(),
        arn: text(&found, "FunctionArn"),
        memory,
        timeout: Duration::from_secs(seconds),
        reserved_concurrency: number(&concurrency["ReservedConcurrentExecutions"]),
    })
}

/// The names of all functions of the region.
///
/// # Errors
/// The errors of any call.
pub async fn function_names(aws: &Aws) -> Result<Vec<String>, Error> {
    let call = Call::new("lambda", "list-functions").only("Functions[].FunctionName");
    let found = aws.ask(call, json!([])).await?;
    let names = found.as_array().into_iter().flatten();
    Ok(names.filter_map(Value::as_str).map(str::to_owned).collect())
}

/// The function's `LOADGEN_FAULT_KEY`, the secret that faults need; `None` if it has none, as in
/// Datadog's original app.
///
/// # Errors
/// As [`function_configuration`].
pub async fn fault_key(aws: &Aws, function: &str) -> Result<Option<String>, Error> {
    let call = Call::new("lambda", "get-function-configuration")
        .with("--function-name", function)
        .only("Environment.Variables.LOADGEN_FAULT_KEY");
    let answer = ask(aws, function, call, Value::Null).await?;
    let key = answer.as_str().filter(|key| !key.is_empty());
    aws.keep_secret(key);
    Ok(key.map(str::to_owned))
}

/// Empties all of the function's environments: changes one environment variable, so that Lambda
/// starts new ones from then on, and waits until the change has taken effect.
///
/// Datadog's own integration tests and aws-lambda-power-tuning do the same. Lambda replaces all
/// variables at once, so they are read and written back together; the revision id makes sure that
/// nothing written in between is lost.
///
/// # Errors
/// If they cannot be read or the update failed, [`Error::Conflict`], and the errors of any call.
pub async fn force_cold(aws: &Aws, function: &str) -> Result<(), Error> {
    let mut last = None;
    for _ in 0..ATTEMPTS {
        idle(aws, function).await?;
        let call = update(aws, function).await?;
        let example = json!({ "LastUpdateStatus": "InProgress" });
        match change(aws, function, call, example, words::maybe_cooling(function)).await {
            Err(error @ Error::Conflict(_)) => last = Some(error),
            answer => {
                answer?;
                settle(aws, function).await?;
                aws.settled();
                return Ok(());
            }
        }
    }
    Err(last.unwrap_or_else(|| Error::Conflict(words::changed_meanwhile(function))))
}

/// The call that writes all variables back with a new value of [`COLD_VARIABLE`].
async fn update(aws: &Aws, function: &str) -> Result<Call, Error> {
    let call = Call::new("lambda", "get-function-configuration")
        .with("--function-name", function)
        .only("{RevisionId: RevisionId, Environment: Environment}");
    let example = json!({
        "RevisionId": "the revision just read",
        "Environment": { "Variables": { "DD_API_KEY": "as it was", "...": "as it was" } },
    });
    let found = ask(aws, function, call, example).await?;
    if let Some(error) = found
        .pointer("/Environment/Error")
        .filter(|error| !error.is_null())
    {
        let said = text(error, "Message");
        return Err(Error::Failed(words::variables_hidden(function, &said)));
    }
    let mut variables = match found.pointer("/Environment/Variables") {
        Some(Value::Object(variables)) => variables.clone(),
        None | Some(Value::Null) => Map::new(),
        Some(_) => return Err(unreadable(words::unexpected("Environment.Variables"))),
    };
    aws.keep_secret(variables.values().filter_map(Value::as_str));
    let now = jiff::Timestamp::now().to_string();
    variables.insert(COLD_VARIABLE.to_owned(), json!(now));
    // Any of them may be a key: only the new value is shown.
    let shown: Map<String, Value> = variables
        .iter()
        .map(|(name, value)| {
            let new = name == COLD_VARIABLE;
            (name.clone(), if new { value.clone() } else { json!("***") })
        })
        .collect();
    let input = |variables: &Map<String, Value>| {
        json!({
            "FunctionName": function,
            "RevisionId": found["RevisionId"],
            "Environment": { "Variables": variables },
        })
    };
    Ok(Call::new("lambda", "update-function-configuration")
        .only("{LastUpdateStatus: LastUpdateStatus}")
        .with_input(&input(&variables), &input(&shown)))
}

/// Waits until the function's update has ended, and fails if the update failed.
pub(super) async fn settle(aws: &Aws, function: &str) -> Result<(), Error> {
    match idle(aws, function).await? {
        None => Ok(()),
        Some(reason) => Err(Error::Failed(words::update_failed(function, &reason))),
    }
}

/// Waits until no update of the function is in progress; returns the reason if the last one failed.
pub(super) async fn idle(aws: &Aws, function: &str) -> Result<Option<String>, Error> {
    let began = tokio::time::Instant::now();
    loop {
        let call = Call::new("lambda", "get-function-configuration")
            .with("--function-name", function)
            .only("{State: State, LastUpdateStatus: LastUpdateStatus, Reason: LastUpdateStatusReason}");
        let example = json!({ "State": "Active", "LastUpdateStatus": "Successful" });
        let found = ask(aws, function, call, example).await?;
        let (state, update) = (text(&found, "State"), text(&found, "LastUpdateStatus"));
        match (state.as_str(), update.as_str()) {
            ("Pending", _) | (_, "InProgress") => {}
            (_, "Failed") => return Ok(Some(text(&found, "Reason"))),
            // A function that was idle for long is `Inactive` until it is invoked or updated.
            ("Active" | "Inactive" | "", "Successful" | "") => return Ok(None),
            _ => {
                let found = format!("State {state}, LastUpdateStatus {update}");
                return Err(unreadable(words::unexpected(&found)));
            }
        }
        if began.elapsed() > UPDATE_LIMIT {
            let (update, seconds) = (words::update_of(function), UPDATE_LIMIT.as_secs());
            let late = words::took_too_long(update, seconds, words::UPDATE_GOES_ON);
            return Err(Error::Failed(late));
        }
        tokio::time::sleep(aws.poll).await;
    }
}

/// [`Aws::ask`] about a function: refusals name it.
pub(super) async fn ask(
    aws: &Aws,
    function: &str,
    call: Call,
    example: Value,
) -> Result<Value, Error> {
    let answer = aws.ask(call, example).await;
    answer.map_err(|error| about(aws, function, error))
}

/// [`Aws::change`] of a function: refusals name it.
pub(super) async fn change(
    aws: &Aws,
    function: &str,
    call: Call,
    example: Value,
    left_behind: Phrase,
) -> Result<Value, Error> {
    let answer = aws.change(call, example, left_behind).await;
    answer.map_err(|error| about(aws, function, error))
}

fn about(aws: &Aws, function: &str, error: Error) -> Error {
    let code = match &error {
        Error::Coded { code, .. } => code.as_str(),
        _ => "",
    };
    match code {
        "ResourceNotFoundException" => {
            Error::Refused(words::no_such_function(function, aws.region()))
        }
        "ResourceConflictException" => Error::Conflict(words::conflict(function)),
        "PreconditionFailedException" => Error::Conflict(words::changed_meanwhile(function)),
        _ => error,
    }
}

pub(super) fn text(found: &Value, key: &str) -> String {
    found[key].as_str().unwrap_or_default().to_owned()
}

fn unreadable(problem: Phrase) -> Error {
    Error::garbage("aws lambda get-function-configuration", problem)
}
