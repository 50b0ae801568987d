//! What the sample app's parts are called: Datadog's own names, in an account and a region that
//! stand for the reader's.

use crate::lambda::Role;

pub use crate::lambda::{CONSUMER_FUNCTION, ENTRY_FUNCTION};

/// The region of every resource: Seoul.
pub const REGION: &str = "ap-northeast-2";
/// The account of every resource: the one that AWS uses in its documentation.
pub const ACCOUNT: &str = "123456789012";
/// The REST API's id, ten characters as API Gateway gives them.
pub const API_ID: &str = "sandboxapi";
/// The host name by which emulators of AWS serve a REST API on this machine.
pub const LOCAL_API_HOST: &str = "sandboxapi.execute-api.localhost";
/// The API's stage, and the first part of every path.
pub const STAGE: &str = "datadog-sample-app-stage";
/// The topic that the entry function publishes to.
pub const TOPIC: &str = "datadog-sample-sns-topic";
/// The queue between the topic and the consumer.
pub const QUEUE: &str = "datadog-sample-sqs-queue";
/// `DD_SERVICE` of both functions.
pub const SERVICE: &str = "datadog-serverless-sample-app";
/// `DD_ENV` of both functions.
pub const ENV: &str = "dev";
/// `DD_VERSION` of both functions.
pub const VERSION: &str = "1.0.0";

/// The name of the function that plays `role`.
pub fn function_name(role: Role) -> &'static str {
    match role {
        Role::Entry => ENTRY_FUNCTION,
        Role::Consumer => CONSUMER_FUNCTION,
    }
}

/// The role of the function called `name`, in any case: Datadog shows names in lower case.
pub fn role_of(name: &str) -> Option<Role> {
    [Role::Entry, Role::Consumer]
        .into_iter()
        .find(|role| function_name(*role).eq_ignore_ascii_case(name))
}

/// The function's ARN.
pub fn function_arn(role: Role) -> String {
    format!(
        "arn:aws:lambda:{REGION}:{ACCOUNT}:function:{}",
        function_name(role)
    )
}

/// The topic's ARN.
pub fn topic_arn() -> String {
    format!("arn:aws:sns:{REGION}:{ACCOUNT}:{TOPIC}")
}

/// The queue's ARN.
pub fn queue_arn() -> String {
    format!("arn:aws:sqs:{REGION}:{ACCOUNT}:{QUEUE}")
}

/// The stage's ARN, which names the event source of the entry function.
pub fn stage_arn() -> String {
    format!("arn:aws:apigateway:{REGION}::/restapis/{API_ID}/stages/{STAGE}")
}

/// The host name that API Gateway would answer under.
pub fn api_host() -> String {
    format!("{API_ID}.execute-api.{REGION}.amazonaws.com")
}
