//! SQS for functions that really run, and for programs beside them, by its JSON protocol (Amazon SQS API
//! reference). Signatures are not checked.

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{
    Router,
    extract::State,
    http::{HeaderMap, HeaderName, StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
    routing::post,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use serde_json::{Map, Value, json};
use tokio::time::sleep;
use uuid::Uuid;

use super::{
    invoke::header,
    names::{ACCOUNT, queue_arn},
    state::{ModelState, SandboxState},
};
use crate::{
    host::SQS_PATH,
    lambda::{MessageContent, ModelTime, SqsMessage, SqsQueue},
};

/// The largest message (Amazon SQS quotas).
const LARGEST: usize = 1024 * 1024;
/// The longest wait for messages (`WaitTimeSeconds`), and how often is looked meanwhile.
const LONGEST_POLL: u64 = 20;
const LOOK: Duration = Duration::from_millis(20);
/// The longest delay and the longest visibility timeout, in seconds.
const LONGEST_DELAY: u64 = 900;
const LONGEST_HIDDEN: u64 = 43_200;

/// A trace, and a span in it.
pub(super) type SenderTrace = Option<(u128, u64)>;

/// The routes.
pub(super) fn router() -> Router<Arc<SandboxState>> {
    Router::new()
        .route(SQS_PATH, post(serve))
        .route(&format!("{SQS_PATH}/"), post(serve))
        .route(&format!("{SQS_PATH}/{{*queue}}"), post(serve))
}

/// Why a call is refused.
pub(super) struct MessagingRefusal {
    /// The error of SQS's JSON protocol.
    pub(super) kind: &'static str,
    /// The same in the query protocol.
    pub(super) code: &'static str,
    pub(super) message: String,
}

pub(super) fn refusal(
    kind: &'static str,
    code: &'static str,
    message: impl Into<String>,
) -> MessagingRefusal {
    let message = message.into();
    MessagingRefusal {
        kind,
        code,
        message,
    }
}

fn invalid(message: impl Into<String>) -> MessagingRefusal {
    let kind = "com.amazon.coral.service#InvalidParameterValueException";
    refusal(kind, "InvalidParameterValue", message)
}

/// Serves a call: a header names what is asked.
async fn serve(
    State(shared): State<Arc<SandboxState>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let target = header(&headers, "x-amz-target").unwrap_or_default();
    let action = target.trim_start_matches("AmazonSQS.");
    let asked: Value = serde_json::from_slice(&body).unwrap_or_default();
    let wait = match action {
        "ReceiveMessage" => asked["WaitTimeSeconds"].as_u64().unwrap_or(0),
        _ => 0,
    };
    let until = Instant::now() + Duration::from_secs(wait.min(LONGEST_POLL));
    let base = format!("http://{}{SQS_PATH}/{ACCOUNT}", shared.address);
    let answered = loop {
        let answered = {
            let mut state = shared.state();
            let trace = state.sender(header(&headers, "x-amzn-trace-id"));
            state.sqs(action, &asked, &base, trace)
        };
        shared.news.notify_one();
        let is_empty = |answer: &Value| answer.get("Messages").is_none();
        if !answered.as_ref().is_ok_and(is_empty) || Instant::now() >= until {
            break answered;
        }
        sleep(LOOK).await;
    };
    let kind = (CONTENT_TYPE, "application/x-amz-json-1.0".to_owned());
    match answered {
        Ok(answer) => ([kind], answer.to_string()).into_response(),
        Err(MessagingRefusal {
            kind: error,
            code,
            message,
        }) => {
            let code = (
                HeaderName::from_static("x-amzn-query-error"),
                format!("{code};Sender"),
            );
            let body = json!({ "__type": error, "message": message }).to_string();
            (StatusCode::BAD_REQUEST, [kind, code], body).into_response()
        }
    }
}

impl ModelState {
    fn sqs(
        &mut self,
        action: &str,
        asked: &Value,
        base: &str,
        trace: SenderTrace,
    ) -> Result<Value, MessagingRefusal> {
        if !SERVED.contains(&action) {
            let message = match action {
                "" => "SQS is served in its JSON protocol: use a library of AWS that is not older than November 2023".to_owned(),
                _ => format!("`{action}` of SQS is not served here: only {}", SERVED.join(", ")),
            };
            let kind = "com.amazon.coral.service#UnknownOperationException";
            return Err(refusal(kind, "InvalidAction", message));
        }
        let name = match action {
            "GetQueueUrl" => asked["QueueName"].as_str().unwrap_or_default(),
            _ => asked["QueueUrl"]
                .as_str()
                .unwrap_or_default()
                .rsplit('/')
                .next()
                .unwrap_or_default(),
        };
        let (now, epoch) = (self.clock.now(), self.clock.epoch());
        let Some(queue) = self.app.queue(now, name) else {
            let code = "AWS.SimpleQueueService.NonExistentQueue";
            let message = "The specified queue does not exist.";
            return Err(refusal(
                "com.amazonaws.sqs#QueueDoesNotExist",
                code,
                message,
            ));
        };
        match action {
            "SendMessage" => self.sent(name, asked, trace),
            "SendMessageBatch" => each(asked, |entry| self.sent(name, entry, trace)),
            "ReceiveMessage" => receive(queue, now, asked, |at| epoch.ms(at)),
            "DeleteMessage" => delete(queue, asked),
            "DeleteMessageBatch" => each(asked, |entry| delete(queue, entry)),
            "ChangeMessageVisibility" => hide(queue, now, asked),
            "ChangeMessageVisibilityBatch" => each(asked, |entry| hide(queue, now, entry)),
            "GetQueueUrl" => Ok(json!({ "QueueUrl": format!("{base}/{name}") })),
            _ => {
                let (waiting, hidden) = queue.counts();
                Ok(json!({ "Attributes": {
                    "QueueArn": queue_arn(name),
                    "ApproximateNumberOfMessages": waiting.to_string(),
                    "ApproximateNumberOfMessagesNotVisible": hidden.to_string(),
                } }))
            }
        }
    }

    fn sent(
        &mut self,
        queue: &str,
        asked: &Value,
        trace: SenderTrace,
    ) -> Result<Value, MessagingRefusal> {
        let body = asked["MessageBody"].as_str().unwrap_or_default();
        let attributes = asked["MessageAttributes"]
            .as_object()
            .cloned()
            .unwrap_or_default();
        if body.is_empty() {
            let kind = "com.amazon.coral.service#MissingRequiredParameterException";
            let message = "The request must contain the parameter MessageBody.";
            return Err(refusal(kind, "MissingParameter", message));
        }
        if body.len() + size(&attributes) > LARGEST {
            let why = format!("Reason: Message must be shorter than {} bytes.", LARGEST);
            return Err(invalid(format!(
                "One or more parameters are invalid. {why}"
            )));
        }
        let delay = seconds(asked, "DelaySeconds", LONGEST_DELAY)?.unwrap_or_default();
        let md5 = md5_of(&attributes);
        let content = MessageContent {
            body: body.to_owned().into(),
            attributes,
            trace,
            ..MessageContent::default()
        };
        let id = self.send(queue, content, delay).unwrap_or_default();
        let mut answer = json!({
            "MessageId": id.to_string(),
            "MD5OfMessageBody": format!("{:x}", md5::compute(body)),
        });
        if let Some(md5) = md5 {
            answer["MD5OfMessageAttributes"] = md5.into();
        }
        Ok(answer)
    }
}

/// What of SQS is served.
const SERVED: [&str; 9] = [
    "SendMessage",
    "SendMessageBatch",
    "ReceiveMessage",
    "DeleteMessage",
    "DeleteMessageBatch",
    "ChangeMessageVisibility",
    "ChangeMessageVisibilityBatch",
    "GetQueueUrl",
    "GetQueueAttributes",
];

/// Each entry of a batch by itself: some may fail.
fn each(
    asked: &Value,
    mut one: impl FnMut(&Value) -> Result<Value, MessagingRefusal>,
) -> Result<Value, MessagingRefusal> {
    let entries = asked["Entries"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    match entries.len() {
        0 => {
            let code = "AWS.SimpleQueueService.EmptyBatchRequest";
            let message = "There should be at least one entry in the request.";
            return Err(refusal(
                "com.amazonaws.sqs#EmptyBatchRequest",
                code,
                message,
            ));
        }
        1..=10 => {}
        many => {
            let code = "AWS.SimpleQueueService.TooManyEntriesInBatchRequest";
            let message =
                format!("Maximum number of entries per request are 10. You have sent {many}.");
            return Err(refusal(
                "com.amazonaws.sqs#TooManyEntriesInBatchRequest",
                code,
                message,
            ));
        }
    }
    let (mut done, mut failed) = (Vec::new(), Vec::new());
    for entry in entries {
        match one(entry) {
            Ok(mut answer) => {
                answer["Id"] = entry["Id"].clone();
                done.push(answer);
            }
            Err(MessagingRefusal { code, message, .. }) => failed.push(json!({
                "Id": entry["Id"], "Code": code, "Message": message, "SenderFault": true,
            })),
        }
    }
    Ok(json!({ "Successful": done, "Failed": failed }))
}

/// A number of seconds up to `most`; None: it is not said.
fn seconds(asked: &Value, name: &str, most: u64) -> Result<Option<ModelTime>, MessagingRefusal> {
    let value = &asked[name];
    if value.is_null() {
        return Ok(None);
    }
    let found = value.as_u64().filter(|seconds| *seconds <= most);
    let wrong = || {
        let reason = format!("Reason: Must be between 0 and {most}, if provided.");
        invalid(format!(
            "Value {value} for parameter {name} is invalid. {reason}"
        ))
    };
    found
        .map(|found| Some(ModelTime::from_secs(found)))
        .ok_or_else(wrong)
}

fn receive(
    queue: &mut SqsQueue,
    now: ModelTime,
    asked: &Value,
    ms: impl Fn(ModelTime) -> i64,
) -> Result<Value, MessagingRefusal> {
    let most = asked["MaxNumberOfMessages"].as_u64().unwrap_or(1);
    if !(1..=10).contains(&most) {
        let reason = "Reason: Must be between 1 and 10, if provided.";
        let message =
            format!("Value {most} for parameter MaxNumberOfMessages is invalid. {reason}");
        return Err(invalid(message));
    }
    let hidden = seconds(asked, "VisibilityTimeout", LONGEST_HIDDEN)?;
    let wants = |lists: &[&str], name: &str| {
        let names = lists
            .iter()
            .flat_map(|list| asked[*list].as_array().into_iter().flatten());
        let mut names = names.filter_map(Value::as_str);
        names.any(|wanted| {
            let start = wanted.strip_suffix(".*").or(wanted.strip_suffix('*'));
            wanted == name || wanted == "All" || start.is_some_and(|start| name.starts_with(start))
        })
    };
    let told = |message: &SqsMessage| {
        let content = message.content.clone().unwrap_or_default();
        let system = [
            (
                "ApproximateReceiveCount",
                (message.receives + 1).to_string(),
            ),
            ("SentTimestamp", ms(content.sent).to_string()),
        ];
        let system = system
            .into_iter()
            .filter(|(name, _)| wants(&["AttributeNames", "MessageSystemAttributeNames"], name));
        let system: HashMap<&str, String> = system.collect();
        let mut own = content.attributes.clone();
        own.retain(|name, _| wants(&["MessageAttributeNames"], name));
        let mut told = json!({
            "MessageId": message.id.to_string(),
            "ReceiptHandle": STANDARD.encode(message.id.as_bytes()),
            "Body": String::from_utf8_lossy(&content.body),
            "MD5OfBody": format!("{:x}", md5::compute(&content.body)),
        });
        if !system.is_empty() {
            told["Attributes"] = json!(system);
        }
        if let Some(md5) = md5_of(&own) {
            told["MD5OfMessageAttributes"] = md5.into();
            told["MessageAttributes"] = Value::Object(own);
        }
        told
    };
    let received = queue.receive(now, usize::try_from(most).unwrap_or(1), hidden);
    let messages: Vec<Value> = received.iter().map(told).collect();
    Ok(match messages.is_empty() {
        true => json!({}),
        false => json!({ "Messages": messages }),
    })
}

fn receipt(asked: &Value) -> Result<Uuid, MessagingRefusal> {
    let handle = asked["ReceiptHandle"].as_str().unwrap_or_default();
    let id = STANDARD.decode(handle).ok();
    let id = id.and_then(|bytes| Uuid::from_slice(&bytes).ok());
    let message = format!("The input receipt handle \"{handle}\" is not a valid receipt handle.");
    let kind = "com.amazonaws.sqs#ReceiptHandleIsInvalid";
    id.ok_or_else(|| refusal(kind, "ReceiptHandleIsInvalid", message))
}

fn delete(queue: &mut SqsQueue, asked: &Value) -> Result<Value, MessagingRefusal> {
    queue.delete(receipt(asked)?);
    Ok(json!({}))
}

fn hide(queue: &mut SqsQueue, now: ModelTime, asked: &Value) -> Result<Value, MessagingRefusal> {
    let hidden = seconds(asked, "VisibilityTimeout", LONGEST_HIDDEN)?;
    queue.hide_until(now + hidden.unwrap_or_default(), receipt(asked)?);
    Ok(json!({}))
}

/// The bytes that attributes count for: names, types and values.
pub(super) fn size(attributes: &Map<String, Value>) -> usize {
    let values = attributes.values().filter_map(Value::as_object);
    let texts = values.flat_map(Map::values).filter_map(Value::as_str);
    attributes.keys().map(String::len).sum::<usize>() + texts.map(str::len).sum::<usize>()
}

/// The checksum that libraries compare (Amazon SQS developer guide, "Calculating the MD5 message digest
/// for message attributes"); None: there are none.
fn md5_of(attributes: &Map<String, Value>) -> Option<String> {
    let mut all: Vec<_> = attributes.iter().collect();
    all.sort_unstable_by_key(|(name, _)| *name);
    let mut bytes = Vec::new();
    let add = |bytes: &mut Vec<u8>, part: &[u8]| {
        bytes.extend(u32::try_from(part.len()).unwrap_or(u32::MAX).to_be_bytes());
        bytes.extend(part);
    };
    for (name, value) in &all {
        let text = |field: &str| value[field].as_str();
        add(&mut bytes, name.as_bytes());
        add(&mut bytes, text("DataType").unwrap_or_default().as_bytes());
        bytes.push(if text("BinaryValue").is_some() { 2 } else { 1 });
        match text("BinaryValue") {
            Some(binary) => add(&mut bytes, &STANDARD.decode(binary).unwrap_or_default()),
            None => add(
                &mut bytes,
                text("StringValue").unwrap_or_default().as_bytes(),
            ),
        }
    }
    (!all.is_empty()).then(|| format!("{:x}", md5::compute(&bytes)))
}
