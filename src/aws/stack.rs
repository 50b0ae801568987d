//! The sample app's CloudFormation stack.

use std::{collections::BTreeMap, time::Duration};

use serde_json::{Value, json};

use super::{Aws, Deployment, Error, call::Call};

/// The template that `deploy` sends.
pub const TEMPLATE: &str = include_str!("../../book/sample-app/template.yaml");
/// How long a stack may take: CloudFormation's own operations on this app take a minute or two.
const STACK_LIMIT: Duration = Duration::from_secs(900);

/// What a deployed stack says of itself.
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
    /// Every output by name, these two included.
    pub all: BTreeMap<String, String>,
}

/// What `deploy` did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deployed {
    /// There was no such stack before.
    Created,
    /// There was, and it is now as the template says.
    Updated,
    /// There was, and it was so already.
    Unchanged,
}

/// The outputs of a stack that is complete.
///
/// # Errors
/// [`Error::NoSuchStack`], [`Error::StackFailed`] and [`Error::NoOutput`] for a stack that cannot
/// be used, and what any call can meet.
pub async fn stack_outputs(aws: &Aws, stack: &str) -> Result<StackOutputs, Error> {
    let found = describe(aws, stack)
        .await?
        .ok_or_else(|| Error::NoSuchStack {
            stack: stack.to_owned(),
            region: aws.region().to_owned(),
        })?;
    let status = status_of(&found);
    match Phase::of(&status) {
        Phase::Usable => {}
        // An update under way: the outputs stand, and requests are answered.
        Phase::Busy if status.starts_with("UPDATE_") => {}
        Phase::Busy => return Err(busy(stack, &status)),
        Phase::Dead => return Err(failed(aws, stack, &status).await),
    }
    let all = outputs_of(&found);
    let output = |name: &str| {
        all.get(name).cloned().ok_or_else(|| Error::NoOutput {
            stack: stack.to_owned(),
            region: aws.region().to_owned(),
            missing: name.to_owned(),
        })
    };
    Ok(StackOutputs {
        stack: stack.to_owned(),
        region: aws.region().to_owned(),
        status,
        invoke_url: output("ApiGatewayInvokeURL")?,
        entry_function: output("EntryFunctionName")?,
        all,
    })
}

/// A stack as CloudFormation described it.
pub struct Found(Value);

/// The stack, in whatever state it is; `None` where there is none. In a dry run there is none.
///
/// # Errors
/// What any call can meet.
pub async fn find(aws: &Aws, stack: &str) -> Result<Option<Found>, Error> {
    let found = describe(aws, stack).await?;
    Ok(found.filter(|_| !aws.is_dry_run()).map(Found))
}

/// The names of a complete stack's Lambda functions, the entry function first.
///
/// # Errors
/// What any call can meet.
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
/// What any call can meet.
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

/// Creates the stack, or brings the one that was [`find`]ed to the template, and waits until it
/// is complete.
///
/// # Errors
/// [`Error::StackFailed`] with the first resource's reason where CloudFormation gave up.
pub async fn deploy(
    aws: &Aws,
    stack: &str,
    before: Option<&Found>,
    wanted: &Deployment,
) -> Result<Deployed, Error> {
    let secrets = [&wanted.api_key, &wanted.fault_key];
    aws.keep_secret(secrets.into_iter().flatten().map(String::as_str));
    if let Some(Found(found)) = before {
        let status = status_of(found);
        match Phase::of(&status) {
            Phase::Usable => {}
            Phase::Busy => return Err(busy(stack, &status)),
            Phase::Dead => return Err(failed(aws, stack, &status).await),
        }
    }
    let (operation, done, undo) = match before {
        None => (
            "create-stack",
            Deployed::Created,
            "To take it down: loadgen aws delete",
        ),
        Some(_) => (
            "update-stack",
            Deployed::Updated,
            "If it fails, CloudFormation goes back to the former state by itself.",
        ),
    };
    let parameters = |hidden| wanted.parameters(before.map(|Found(found)| found), hidden);
    let call = Call::new("cloudformation", operation)
        .with("--stack-name", stack)
        .with("--capabilities", "CAPABILITY_IAM")
        .with_text("--template-body", "template.yaml", TEMPLATE)
        .with_input(
            &json!({ "Parameters": parameters(false) }),
            &json!({ "Parameters": parameters(true) }),
        );
    let left_behind = format!(
        "CloudFormation may be working on the stack `{stack}`, and goes on without loadgen. To see how it stands: loadgen aws outputs. {undo}"
    );
    let example = json!({ "StackId": "arn:aws:cloudformation:..." });
    match aws.change(call, example, left_behind).await {
        Err(Error::Refused { message, .. })
            if message.contains("No updates are to be performed") =>
        {
            return Ok(Deployed::Unchanged);
        }
        answer => answer?,
    };
    wait(aws, stack).await?;
    aws.settled();
    Ok(done)
}

/// Deletes the stack and waits until it is gone. `false` where there was none.
///
/// # Errors
/// [`Error::StackFailed`] where something could not be deleted.
pub async fn delete(aws: &Aws, stack: &str) -> Result<bool, Error> {
    let Some(found) = describe(aws, stack).await? else {
        return Ok(false);
    };
    // By its id, which can still be asked for when the name is free again.
    let id = found["StackId"].as_str().unwrap_or(stack).to_owned();
    let left_behind = format!(
        "CloudFormation may be deleting the stack `{stack}`, and goes on without loadgen. To see whether it is gone: loadgen aws outputs. To have it again: loadgen aws deploy"
    );
    let call = Call::new("cloudformation", "delete-stack").with("--stack-name", stack);
    aws.change(call, Value::Null, left_behind).await?;
    if !aws.is_dry_run() {
        wait(aws, &id).await?;
    }
    aws.settled();
    Ok(true)
}

/// Waits until nothing is at work on the stack, and fails where it ended badly.
async fn wait(aws: &Aws, stack: &str) -> Result<(), Error> {
    let began = tokio::time::Instant::now();
    let mut told = String::new();
    loop {
        let Some(found) = describe(aws, stack).await? else {
            return Ok(());
        };
        let status = status_of(&found);
        if status != told && !aws.is_dry_run() {
            aws.say(&format!("  {status}"));
            told.clone_from(&status);
        }
        match (Phase::of(&status), status.as_str()) {
            (_, "DELETE_COMPLETE") => return Ok(()),
            // Back where it was: the update failed.
            (_, "UPDATE_ROLLBACK_COMPLETE") | (Phase::Dead, _) => {
                return Err(failed(aws, stack, &status).await);
            }
            (Phase::Usable, _) => return Ok(()),
            (Phase::Busy, _) => {}
        }
        if began.elapsed() > STACK_LIMIT {
            return Err(Error::TookTooLong {
                what: format!("the work on the stack `{stack}`, now in {status},"),
                seconds: STACK_LIMIT.as_secs(),
                next: "It goes on in AWS; `loadgen aws outputs` tells how it stands.".to_owned(),
            });
        }
        tokio::time::sleep(aws.poll * 3).await;
    }
}

/// The stack as CloudFormation describes it; `None` where there is none.
async fn describe(aws: &Aws, stack: &str) -> Result<Option<Value>, Error> {
    let call = Call::new("cloudformation", "describe-stacks").with("--stack-name", stack);
    let example = json!({ "Stacks": [{
        "StackStatus": "CREATE_COMPLETE",
        "Outputs": [
            { "OutputKey": "ApiGatewayInvokeURL", "OutputValue": "https://ID.execute-api.REGION.amazonaws.com/datadog-sample-app-stage" },
            { "OutputKey": "EntryFunctionName", "OutputValue": "datadog-sample-entry-function" },
        ],
    }]});
    match aws.ask(call, example).await {
        Ok(answer) => match answer.pointer("/Stacks/0") {
            Some(found) => Ok(Some(found.clone())),
            None => Err(Error::Garbage {
                call: "aws cloudformation describe-stacks".to_owned(),
                problem: "no stack in the answer".to_owned(),
            }),
        },
        Err(Error::Refused { code, message, .. })
            if code == "ValidationError" && message.contains("does not exist") =>
        {
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

fn status_of(found: &Value) -> String {
    found["StackStatus"]
        .as_str()
        .unwrap_or("an unknown state")
        .to_owned()
}

fn outputs_of(found: &Value) -> BTreeMap<String, String> {
    let outputs = found["Outputs"].as_array().into_iter().flatten();
    outputs
        .filter_map(|output| {
            let key = output["OutputKey"].as_str()?;
            Some((key.to_owned(), output["OutputValue"].as_str()?.to_owned()))
        })
        .collect()
}

/// What a status means for us (AWS CloudFormation user guide, "Stack status codes").
#[derive(PartialEq)]
enum Phase {
    Usable,
    Busy,
    Dead,
}

impl Phase {
    fn of(status: &str) -> Phase {
        match status {
            "CREATE_COMPLETE"
            | "UPDATE_COMPLETE"
            | "UPDATE_ROLLBACK_COMPLETE"
            | "IMPORT_COMPLETE"
            | "IMPORT_ROLLBACK_COMPLETE" => Phase::Usable,
            busy if busy.ends_with("_IN_PROGRESS") => Phase::Busy,
            _ => Phase::Dead,
        }
    }
}

fn busy(stack: &str, status: &str) -> Error {
    Error::StackBusy {
        stack: stack.to_owned(),
        status: status.to_owned(),
    }
}

/// The failure, with the first resource's reason: the later ones only follow from it.
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
        "UPDATE_ROLLBACK_COMPLETE" => {
            "The update failed and CloudFormation went back: the app is as it was. Mend the reason and deploy again."
        }
        "UPDATE_ROLLBACK_FAILED" => {
            "Mend the reason, then run `aws cloudformation continue-update-rollback`, or take the stack down: loadgen aws delete"
        }
        _ => {
            "Such a stack can only be deleted: loadgen aws delete, mend the reason, then loadgen aws deploy"
        }
    };
    Error::StackFailed {
        stack: stack.to_owned(),
        status: status.to_owned(),
        reason: first.map_or_else(String::new, |reason| format!(" ({reason})")),
        next: next.to_owned(),
    }
}
