//! SNS for functions that really run, by the query protocol: a form in, XML out (Amazon SNS API
//! reference). Signatures are not checked.

use std::{collections::HashMap, sync::Arc};

use axum::{
    Router,
    extract::State,
    http::{HeaderMap, StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
    routing::post,
};
use bytes::Bytes;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::{
    invoke::header,
    names::topic_arn,
    sqs::{MessagingRefusal, SenderTrace, refusal, size},
    state::{ModelState, SandboxState},
};
use crate::host::{AppTopic, SNS_PATH};

/// The largest message (Amazon SNS quotas).
const LARGEST: usize = 256 * 1024;

/// The most messages of one call (Amazon SNS API reference, `PublishBatch`).
const MOST_IN_BATCH: usize = 10;

/// The routes.
pub(super) fn router() -> Router<Arc<SandboxState>> {
    Router::new()
        .route(SNS_PATH, post(serve))
        .route(&format!("{SNS_PATH}/"), post(serve))
}

/// Serves a call.
async fn serve(
    State(shared): State<Arc<SandboxState>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let form: HashMap<String, String> = url::form_urlencoded::parse(&body).into_owned().collect();
    let field = |name: &str| form.get(name).map_or("", String::as_str);
    let action = field("Action");
    let arn = [field("TopicArn"), field("TargetArn")].concat();
    let mut topics = shared.topics.iter();
    let done = match (action, topics.find(|topic| topic_arn(&topic.name) == arn)) {
        ("Publish" | "PublishBatch", None) => Err(refusal("", "NotFound", "Topic does not exist")),
        ("Publish", Some(topic)) => {
            let mut state = shared.state();
            let trace = state.sender(header(&headers, "x-amzn-trace-id"));
            let id = state.published(topic, &form, "", trace);
            id.map(|id| format!("<MessageId>{id}</MessageId>"))
        }
        ("PublishBatch", Some(topic)) => {
            let mut state = shared.state();
            let trace = state.sender(header(&headers, "x-amzn-trace-id"));
            state.published_each(topic, &form, trace)
        }
        _ => {
            let message =
                format!("`{action}` of SNS is not served here: only Publish and PublishBatch");
            Err(refusal("", "InvalidAction", message))
        }
    };
    shared.news.notify_one();
    let (status, body) = match done {
        Ok(result) => (
            StatusCode::OK,
            format!(
                "<{action}Response><{action}Result>{result}</{action}Result></{action}Response>"
            ),
        ),
        Err(MessagingRefusal { code, message, .. }) => (
            match code {
                "NotFound" => StatusCode::NOT_FOUND,
                _ => StatusCode::BAD_REQUEST,
            },
            format!(
                "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{}</Message></Error></ErrorResponse>",
                maud::html! { (message) }.into_string()
            ),
        ),
    };
    (status, [(CONTENT_TYPE, "text/xml")], body).into_response()
}

impl ModelState {
    /// Publishes the message whose fields begin with `prefix`; its id.
    fn published(
        &mut self,
        topic: &AppTopic,
        form: &HashMap<String, String>,
        prefix: &str,
        trace: SenderTrace,
    ) -> Result<Uuid, MessagingRefusal> {
        let field = |name: &str| form.get(&format!("{prefix}{name}")).map(String::as_str);
        let message = field("Message").unwrap_or_default();
        let refused = |message| Err(refusal("", "InvalidParameter", message));
        if message.is_empty() {
            return refused("Invalid parameter: Empty message");
        }
        if field("MessageStructure").is_some() {
            return refused("MessageStructure is not served here: publish a text");
        }
        let attribute = |n: usize| {
            let field = |name: &str| field(&format!("MessageAttributes.entry.{n}.{name}"));
            let names = ["DataType", "StringValue", "BinaryValue"];
            let values = names.into_iter().filter_map(|name| {
                let value = field(&format!("Value.{name}"))?;
                Some((name.to_owned(), Value::from(value)))
            });
            Some((field("Name")?.to_owned(), Value::Object(values.collect())))
        };
        let attributes: Map<String, Value> = (1..).map_while(attribute).collect();
        if message.len() + size(&attributes) > LARGEST {
            return refused("Invalid parameter: Message too long");
        }
        Ok(self.publish(topic, (message, field("Subject")), attributes, trace))
    }

    /// Publishes up to ten messages; the members of the result.
    fn published_each(
        &mut self,
        topic: &AppTopic,
        form: &HashMap<String, String>,
        trace: SenderTrace,
    ) -> Result<String, MessagingRefusal> {
        let prefix = |n: usize| format!("PublishBatchRequestEntries.member.{n}.");
        let ids = (1..).map_while(|n| form.get(&format!("{}Id", prefix(n))));
        let refused = |code, message| Err(refusal("", code, message));
        match ids.clone().count() {
            0 => return refused("EmptyBatchRequest", "The batch request holds no entry"),
            1..=MOST_IN_BATCH => {}
            _ => {
                return refused(
                    "TooManyEntriesInBatchRequest",
                    "The batch request holds more than 10 entries",
                );
            }
        }
        let (mut done, mut failed) = (String::new(), String::new());
        for (n, own) in (1..).zip(ids) {
            let prefix = prefix(n);
            let own = maud::html! { (own) }.into_string();
            match self.published(topic, form, &prefix, trace) {
                Ok(id) => {
                    done += &format!("<member><Id>{own}</Id><MessageId>{id}</MessageId></member>")
                }
                Err(MessagingRefusal { code, message, .. }) => {
                    failed += &format!(
                        "<member><Id>{own}</Id><Code>{code}</Code><Message>{message}</Message><SenderFault>true</SenderFault></member>"
                    );
                }
            }
        }
        Ok(format!(
            "<Successful>{done}</Successful><Failed>{failed}</Failed>"
        ))
    }
}
