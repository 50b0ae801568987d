//! The account that the user's `aws` command speaks for.

use serde_json::json;

use super::{Aws, Error, call::Call, function::text, words};

/// The user's identity on AWS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The account's number.
    pub account: String,
    /// The user or role.
    pub arn: String,
}

/// How many environments an account may run at once in a region.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Concurrency {
    /// The total. Lambda's quota is 1,000, and 10 for many new accounts.
    pub limit: u64,
    /// The part that no function has reserved.
    pub unreserved: u64,
}

/// Asks who the user is on AWS.
///
/// # Errors
/// The errors of any call.
pub async fn identity(aws: &Aws) -> Result<Identity, Error> {
    let call = Call::new("sts", "get-caller-identity").only("{Account: Account, Arn: Arn}");
    let example = json!({ "Account": "123456789012", "Arn": "arn:aws:iam::123456789012:user/you" });
    let found = aws.ask(call, example).await?;
    Ok(Identity {
        account: text(&found, "Account"),
        arn: text(&found, "Arn"),
    })
}

/// Asks how many environments the account may run at once in this region.
///
/// # Errors
/// The errors of any call.
pub async fn concurrency(aws: &Aws) -> Result<Concurrency, Error> {
    let call = Call::new("lambda", "get-account-settings").only(
        "AccountLimit.{Limit: ConcurrentExecutions, Unreserved: UnreservedConcurrentExecutions}",
    );
    let found = aws
        .ask(call, json!({ "Limit": 1000, "Unreserved": 1000 }))
        .await?;
    let number = |key: &str| found.get(key).and_then(serde_json::Value::as_u64);
    match (number("Limit"), number("Unreserved")) {
        (Some(limit), Some(unreserved)) => Ok(Concurrency { limit, unreserved }),
        _ => Err(Error::garbage(
            "aws lambda get-account-settings",
            words::lacks("AccountLimit"),
        )),
    }
}
