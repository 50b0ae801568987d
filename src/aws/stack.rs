//! The sample app's CloudFormation stack.

use std::{collections::BTreeMap, time::Duration};

use serde_json::{Value, json};

use super::{Aws, Deployment, Error, call::Call, deployment::TEMPLATE, words};

/// How long a stack may take: CloudFormation's own operations on this app take a minute or two.
const STACK_LIMIT: Duration = Duration::from_secs(900);

/// The outputs of a deployed stack.
#[derive(Clone, Debug, PartialEq)]
pub struct StackOutputs {
    /// The stack's name.
    pub stack: String,
    /// The region it is in.
    pub region: String,
    /// CloudFormation's status, for example `CREATE_COMPLETE`.
    pub status: String,
    /// `ApiGatewayInvokeURL`: where requests go.
    pub invoke_url: String,
    /// `EntryFunctionName`: the function that answers them.
    pub entry_function: String,
    /// All outputs by name, including these two.
    pub all: BTreeMap<String, String>,
}

/// What `deploy` did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deployed {
    /// Created a stack.
    Created,
    /// Updated the stack to this template and these parameters.
    Updated,
    /// The stack had this template and these parameters already.
    Unchanged,
}

/// The outputs of a stack that is complete.
///
/// # Errors
/// For a stack that is not there or cannot be used, and those of any call.
pub async fn stack_outputs(aws: &Aws, stack: &str) -> Result<StackOutputs, Error> {
    let found = describe(aws, stack)
        .await?
        .ok_or_else(|| Error::Failed(words::no_such_stack(stack, aws.region())))?;
    let status = found.status();
    // During an update the outputs are unchanged, and requests are answered.
    if !status.starts_with("UPDATE_") || StackState::of(status) != StackState::Busy {
        check_usable(aws, stack, status).await?;
    }
    let all = found.outputs();
    let output = |name: &str| {
        let lacks = || Error::Failed(words::no_output(stack, aws.region(), name));
        all.get(name).cloned().ok_or_else(lacks)
    };
    Ok(StackOutputs {
        stack: stack.to_owned(),
        region: aws.region().to_owned(),
        status: status.to_owned(),
        invoke_url: output("ApiGatewayInvokeURL")?,
        entry_function: output("EntryFunctionName")?,
        all,
    })
}

/// The stack in any state; `None` if it does not exist. In a dry run it never does.
///
/// # Errors
/// The errors of any call.
pub async fn find(aws: &Aws, stack: &str) -> Result<Option<StackDescription>, Error> {
    let found = describe(aws, stack).await?;
    Ok(found.filter(|_| !aws.is_dry_run()))
}

/// The names of a complete stack's Lambda functions, the entry function first.
///
/// # Errors
/// The errors of any call.
pub async fn stack_functions(aws: &Aws, outputs: &StackOutputs) -> Result<Vec<String>, Error> {
    let mut functions = vec![outputs.entry_function.clone()];
    for name in template_functions(aws, &outputs.stack).await? {
        if !functions.contains(&name) {
            functions.push(name);
        }
    }
    Ok(functions)
}

/// The names of the Lambda functions that the stack has, in whatever state it is.
///
/// # Errors
/// The errors of any call.
pub async fn template_functions(aws: &Aws, stack: &str) -> Result<Vec<String>, Error> {
    let call = Call::new("cloudformation", "describe-stack-resources")
        .with("--stack-name", stack)
        .only("StackResources[?ResourceType=='AWS::Lambda::Function'].PhysicalResourceId");
    let example = json!([
        "datadog-sample-entry-function",
        "datadog-sample-sqs-consumer-function"
    ]);
    let answer = aws.ask(call, example).await?;
    let names = answer.as_array().into_iter().flatten();
    Ok(names.filter_map(Value::as_str).map(str::to_owned).collect())
}

/// Creates the stack, or updates the one that [`find`] described, and waits until CloudFormation
/// is done.
///
/// # Errors
/// If CloudFormation gave up, with the first resource's reason.
pub async fn deploy(
    aws: &Aws,
    stack: &str,
    before: Option<&StackDescription>,
    wanted: &Deployment,
) -> Result<Deployed, Error> {
    let secrets = [&wanted.api_key, &wanted.fault_key];
    aws.keep_secret(secrets.into_iter().flatten().map(String::as_str));
    let (operation, deployed, undo) = match before {
        None => ("create-stack", Deployed::Created, words::UNDO_CREATE),
        Some(found) => {
            check_usable(aws, stack, found.status()).await?;
            ("update-stack", Deployed::Updated, words::UNDO_UPDATE)
        }
    };
    let existing = before.map(StackDescription::parameters).unwrap_or_default();
    let input = |hide| json!({ "Parameters": wanted.parameters(&existing, hide) });
    let call = Call::new("cloudformation", operation)
        .with("--stack-name", stack)
        .with("--capabilities", "CAPABILITY_IAM")
        .with_file("--template-body", "template.yaml", TEMPLATE, None)
        .with_input(&input(false), &input(true));
    let left_behind = words::maybe_deploying(stack, undo);
    let example = json!({ "StackId": "arn:aws:cloudformation:..." });
    match aws.change(call, example, left_behind).await {
        Err(Error::Coded { message, .. }) if message.contains("No updates are to be performed") => {
            return Ok(Deployed::Unchanged);
        }
        answer => answer?,
    };
    wait(aws, stack).await?;
    aws.settled();
    Ok(deployed)
}

/// Deletes the stack and waits until it is gone. `false` if it did not exist.
///
/// # Errors
/// If a resource could not be deleted.
pub async fn delete(aws: &Aws, stack: &str) -> Result<bool, Error> {
    let Some(found) = describe(aws, stack).await? else {
        return Ok(false);
    };
    // CloudFormation answers for a deleted stack by its id only.
    let id = found.0["StackId"].as_str().unwrap_or(stack).to_owned();
    let call = Call::new("cloudformation", "delete-stack").with("--stack-name", stack);
    aws.change(call, Value::Null, words::maybe_deleting(stack))
        .await?;
    if !aws.is_dry_run() {
        wait(aws, &id).await?;
    }
    aws.settled();
    Ok(true)
}

/// Waits until CloudFormation's operation on the stack has ended, and fails if it failed.
async fn wait(aws: &Aws, stack: &str) -> Result<(), Error> {
    let began = tokio::time::Instant::now();
    let mut shown = String::new();
    loop {
        let Some(found) = describe(aws, stack).await? else {
            return Ok(());
        };
        let status = found.status();
        if status != shown && !aws.is_dry_run() {
            aws.say(&format!("  {status}"));
            status.clone_into(&mut shown);
        }
        match (StackState::of(status), status) {
            (_, "DELETE_COMPLETE") => return Ok(()),
            // The update failed, and CloudFormation has restored the former state.
            (_, "UPDATE_ROLLBACK_COMPLETE") | (StackState::Failed, _) => {
                return Err(failed(aws, stack, status).await);
            }
            (StackState::Usable, _) => return Ok(()),
            (StackState::Busy, _) => {}
        }
        if began.elapsed() > STACK_LIMIT {
            let (work, seconds) = (words::work_on_stack(stack, status), STACK_LIMIT.as_secs());
            let late = words::took_too_long(work, seconds, words::STACK_GOES_ON);
            return Err(Error::Failed(late));
        }
        tokio::time::sleep(aws.poll * 3).await;
    }
}

/// Asks CloudFormation for the stack; `None` if it does not exist.
async fn describe(aws: &Aws, stack: &str) -> Result<Option<StackDescription>, Error> {
    let call = Call::new("cloudformation", "describe-stacks").with("--stack-name", stack);
    let example = json!({ "Stacks": [{
        "StackStatus": "CREATE_COMPLETE",
        "Outputs": [
            { "OutputKey": "ApiGatewayInvokeURL", "OutputValue": "https://ID.execute-api.REGION.amazonaws.com/datadog-sample-app-stage" },
            { "OutputKey": "EntryFunctionName", "OutputValue": "datadog-sample-entry-function" },
        ],
    }]});
    match aws.ask(call, example).await {
        Ok(mut answer) => match answer.pointer_mut("/Stacks/0") {
            Some(found) => Ok(Some(StackDescription(found.take()))),
            None => Err(Error::garbage(
                "aws cloudformation describe-stacks",
                words::lacks("Stacks"),
            )),
        },
        Err(Error::Coded { code, message, .. })
            if code == "ValidationError" && message.contains("does not exist") =>
        {
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// A stack as CloudFormation describes it.
pub struct StackDescription(Value);

impl StackDescription {
    fn status(&self) -> &str {
        self.0["StackStatus"].as_str().unwrap_or("an unknown state")
    }

    /// The names of its parameters.
    fn parameters(&self) -> Vec<&str> {
        let parameters = self.0["Parameters"].as_array().into_iter().flatten();
        parameters
            .filter_map(|parameter| parameter["ParameterKey"].as_str())
            .collect()
    }

    fn outputs(&self) -> BTreeMap<String, String> {
        let outputs = self.0["Outputs"].as_array().into_iter().flatten();
        outputs
            .filter_map(|output| {
                let key = output["OutputKey"].as_str()?;
                Some((key.to_owned(), output["OutputValue"].as_str()?.to_owned()))
            })
            .collect()
    }
}

/// Whether a stack can be used (AWS CloudFormation user guide, "Stack status codes").
#[derive(PartialEq)]
enum StackState {
    Usable,
    /// An operation is in progress.
    Busy,
    /// It can only be deleted or rolled back.
    Failed,
}

impl StackState {
    fn of(status: &str) -> StackState {
        match status {
            "CREATE_COMPLETE"
            | "UPDATE_COMPLETE"
            | "UPDATE_ROLLBACK_COMPLETE"
            | "IMPORT_COMPLETE"
            | "IMPORT_ROLLBACK_COMPLETE" => StackState::Usable,
            busy if busy.ends_with("_IN_PROGRESS") => StackState::Busy,
            _ => StackState::Failed,
        }
    }
}

/// Fails unless the stack is complete and nothing is in progress on it.
async fn check_usable(aws: &Aws, stack: &str, status: &str) -> Result<(), Error> {
    match StackState::of(status) {
        StackState::Usable => Ok(()),
        StackState::Busy => Err(Error::Failed(words::stack_busy(stack, status))),
        StackState::Failed => Err(failed(aws, stack, status).await),
    }
}

/// The failure with the reason of the first resource: the later ones follow from it.
async fn failed(aws: &Aws, stack: &str, status: &str) -> Error {
    let call = Call::new("cloudformation", "describe-stack-events")
        .with("--stack-name", stack)
        .only("StackEvents[?ends_with(ResourceStatus, '_FAILED')].[LogicalResourceId, ResourceStatusReason]");
    let events = aws.ask(call, Value::Null).await.unwrap_or(Value::Null);
    let first = events
        .as_array()
        .into_iter()
        .flatten()
        .rev()
        .find_map(|event| {
            let reason = event[1].as_str()?;
            (!reason.contains("cancelled"))
                .then(|| format!("{}: {reason}", event[0].as_str().unwrap_or("")))
        });
    let next = match status {
        "UPDATE_ROLLBACK_COMPLETE" => words::UPDATE_FAILED_BACK,
        "UPDATE_ROLLBACK_FAILED" => words::ROLLBACK_FAILED,
        _ => words::ONLY_DELETE,
    };
    Error::Failed(match first {
        Some(reason) => words::stack_failed_over(stack, status, &reason, next),
        None => words::stack_failed(stack, status, next),
    })
}
