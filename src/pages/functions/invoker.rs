//! What invokes a function, read from its latest trace.

use crate::{
    pages::{data, range::PageRange, show},
    telemetry::store::{Span, StoreError, StoreReader},
};

/// A resource that invokes a function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Invoker {
    /// `API Gateway`, `SNS`, ...
    pub(super) kind: &'static str,
    /// Its own name.
    pub(super) name: String,
    /// What it hands its events to.
    pub(super) invokes: String,
}

/// What the latest invocation tells of a function.
pub(super) struct LatestInvocation {
    /// The service of its span.
    pub(super) service: String,
    /// What invoked it, the nearest last.
    pub(super) invokers: Vec<Invoker>,
}

/// The latest invocation of `function` in `range`.
pub(super) fn latest(
    reader: &StoreReader,
    function: &str,
    range: &PageRange,
) -> Result<Option<LatestInvocation>, StoreError> {
    let times = (range.from_ms, range.to_ms);
    let page = data::invocations(
        reader,
        function,
        times,
        &data::InvocationFilter::default(),
        None,
        1,
    )?;
    let Some(invocation) = page.items.first() else {
        return Ok(None);
    };
    let trace = reader.trace(invocation.value.trace_id as u64)?;
    let spans: Vec<&Span> = trace.iter().map(|stored| &stored.value).collect();
    let Some(own) = spans
        .iter()
        .find(|span| span.span_id == invocation.value.span_id)
    else {
        return Ok(None);
    };
    let mut invokers = Vec::new();
    let mut below = *own;
    // A trace's parents may form a ring when it is hostile: the chain ends before that.
    while invokers.len() < 8
        && let Some(parent) = spans.iter().find(|span| span.span_id == below.parent_id)
        && let Some(kind) = kind(&parent.name)
    {
        invokers.insert(
            0,
            Invoker {
                kind,
                name: name(parent),
                invokes: name(below),
            },
        );
        below = parent;
    }
    Ok(Some(LatestInvocation {
        service: show::cut(&own.service, show::LONGEST_NAME).to_owned(),
        invokers,
    }))
}

/// The event sources that Datadog's libraries make spans of.
fn kind(operation: &str) -> Option<&'static str> {
    match operation {
        "aws.apigateway" | "aws.httpapi" | "aws.apigateway.rest" | "aws.apigateway.websocket" => {
            Some("API Gateway")
        }
        "aws.sns" => Some("SNS"),
        "aws.sqs" => Some("SQS"),
        "aws.kinesis" => Some("Kinesis"),
        "aws.dynamodb" => Some("DynamoDB"),
        "aws.s3" => Some("S3"),
        "aws.eventbridge" => Some("EventBridge"),
        "aws.lambda.url" => Some("Lambda function URL"),
        _ => None,
    }
}

/// An API goes by its address and route, a queue or topic by its name.
fn name(span: &Span) -> String {
    let [service, resource] =
        [&span.service, &span.resource].map(|text| show::cut(text, show::LONGEST_NAME));
    if span.kind == "web" && span.meta.contains_key("http.method") {
        format!("{service} {resource}")
    } else {
        resource.to_owned()
    }
}
