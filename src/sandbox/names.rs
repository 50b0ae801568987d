//! What the parts of an app are called, in an account and a region that stand for the reader's; those
//! of the sample app have Datadog's own names.

pub use crate::lambda::{CONSUMER_FUNCTION, ENTRY_FUNCTION, SAMPLE_SERVICE};

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
/// The topic that the sample app's entry function publishes to.
pub const TOPIC: &str = "datadog-sample-sns-topic";
/// The queue between that topic and the consumer.
pub const QUEUE: &str = "datadog-sample-sqs-queue";
/// `DD_ENV` of every function.
pub const ENV: &str = "dev";
/// `DD_VERSION` of every function.
pub const VERSION: &str = "1.0.0";

/// The topic that a function publishes to.
pub fn topic_of(function: &str) -> String {
    match function {
        ENTRY_FUNCTION => TOPIC.to_owned(),
        other => format!("{other}-topic"),
    }
}

/// The queue that feeds a function.
pub fn queue_of(function: &str) -> String {
    match function {
        CONSUMER_FUNCTION => QUEUE.to_owned(),
        other => format!("{other}-queue"),
    }
}

/// The function's ARN.
pub fn function_arn(name: &str) -> String {
    format!("arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}")
}

/// The topic's ARN.
pub fn topic_arn(topic: &str) -> String {
    format!("arn:aws:sns:{REGION}:{ACCOUNT}:{topic}")
}

/// The queue's ARN.
pub fn queue_arn(queue: &str) -> String {
    format!("arn:aws:sqs:{REGION}:{ACCOUNT}:{queue}")
}

/// Where a queue is on AWS; the host gives its functions the sandbox's own address instead.
pub fn queue_url(queue: &str) -> String {
    format!("https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{queue}")
}

/// The stage's ARN, which names the event source of the entry function.
pub fn stage_arn() -> String {
    format!("arn:aws:apigateway:{REGION}::/restapis/{API_ID}/stages/{STAGE}")
}

/// The host name that API Gateway would answer under.
pub fn api_host() -> String {
    format!("{API_ID}.execute-api.{REGION}.amazonaws.com")
}
