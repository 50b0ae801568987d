//! What the spans of both functions have in common.

use std::{collections::BTreeMap, time::Duration};

use super::{
    FinishedInvocation,
    context::SpanContext,
    payload,
    tags::{EMITTED_BY, Library, meta},
};
use crate::{
    lambda::{End, Fault, Invocation},
    sandbox::clock::Epoch,
    sandbox::names::{ACCOUNT, ENV, REGION, function_arn, topic_arn, topic_of},
    telemetry::store::{Span, TelemetryRecord},
};
use serde_json::Value;

/// The process id that every runtime has in its own environment.
const PROCESS: f64 = 8.0;
/// The line of the handler that raises, in `/var/task/index.py`.
const RAISING_LINE: u32 = 5;

/// What every span of an invocation carries of its trace.
pub(super) struct Trace {
    pub id: u128,
    high: Option<String>,
    priority: i64,
    made_here: bool,
    runtime_id: String,
    language: &'static str,
    function: String,
    service: String,
}

impl Trace {
    pub(super) fn of(context: &SpanContext, invocation: &Invocation) -> Trace {
        let function = &invocation.function;
        Trace {
            id: context.trace_id,
            high: context.high(),
            priority: context.priority,
            made_here: context.made_here,
            runtime_id: invocation.environment_id.simple().to_string(),
            language: Library::of(&function.runtime).language,
            function: function.name.clone(),
            service: function.service.clone(),
        }
    }

    /// The tags of a span that opens a chunk of the trace.
    pub(super) fn add_root_tags(&self, tags: &mut BTreeMap<String, String>) {
        tags.extend(meta([
            ("runtime-id", self.runtime_id.clone()),
            ("language", self.language.to_owned()),
            ("_dd.base_service", self.service.clone()),
            ("_dd.origin", "lambda".to_owned()),
            ("_dd.svc_src", "m".to_owned()),
            ("_dd.tags.process", "entrypoint".to_owned()),
            ("env", ENV.to_owned()),
        ]));
        if let Some(high) = &self.high {
            tags.insert("_dd.p.tid".to_owned(), high.clone());
        }
        if self.made_here {
            tags.insert("_dd.p.dm".to_owned(), "-0".to_owned());
        }
    }

    /// The numbers of a span that opens a chunk of the trace.
    pub(super) fn root_metrics(&self) -> BTreeMap<String, f64> {
        BTreeMap::from([
            ("process_id".to_owned(), PROCESS),
            ("_sampling_priority_v1".to_owned(), self.priority as f64),
            ("_dd.top_level".to_owned(), 1.0),
        ])
    }

    /// A span that the library infers from the event; `ids` are its own and its parent's.
    pub(super) fn inferred(
        &self,
        ids: (u64, u64),
        (name, resource): (&str, &str),
        (start_ns, end_ns): (i64, i64),
        meta: BTreeMap<String, String>,
    ) -> Span {
        let mut metrics = self.root_metrics();
        metrics.insert("_dd._inferred_span".to_owned(), 1.0);
        Span {
            trace_id: self.id,
            span_id: ids.0,
            parent_id: ids.1,
            name: name.to_owned(),
            service: resource.to_owned(),
            resource: resource.to_owned(),
            kind: "web".to_owned(),
            start_ns,
            duration_ns: end_ns.saturating_sub(start_ns).max(0),
            error: false,
            meta,
            metrics,
        }
    }

    /// The `aws.lambda` span; `ids` are its own and its parent's.
    pub(super) fn lambda_span(
        &self,
        ids: (u64, u64),
        start_ns: i64,
        duration: Duration,
        tags: BTreeMap<String, String>,
        error: bool,
    ) -> Span {
        Span {
            trace_id: self.id,
            span_id: ids.0,
            parent_id: ids.1,
            name: "aws.lambda".to_owned(),
            service: self.service.clone(),
            resource: self.function.clone(),
            kind: "serverless".to_owned(),
            start_ns,
            duration_ns: nanos(duration),
            error,
            meta: tags,
            metrics: BTreeMap::from([("_dd.top_level".to_owned(), 1.0)]),
        }
    }
}

/// `aws.lambda.load`: what the new process took to load, as a child of its first invocation; the
/// model leaves out its children, one for each module. And what else a new process did to `resource`.
fn load(
    trace: &Trace,
    (name, resource): (&str, &str),
    ids: (u64, u64),
    start_ns: i64,
    took: Duration,
) -> Span {
    let mut tags = meta([
        ("operation_name", name.to_owned()),
        ("resource.name", resource.to_owned()),
        ("resource_names", resource.to_owned()),
    ]);
    trace.add_root_tags(&mut tags);
    Span {
        trace_id: trace.id,
        span_id: ids.0,
        parent_id: ids.1,
        name: name.to_owned(),
        service: "aws.lambda".to_owned(),
        resource: resource.to_owned(),
        kind: name.to_owned(),
        start_ns,
        duration_ns: nanos(took),
        error: false,
        meta: tags,
        metrics: trace.root_metrics(),
    }
}

/// How a real handler was loaded, as Datadog's library would tell it, and marked as told in its place:
/// `aws.lambda.load`, and below it `aws.lambda.import` (in Node `aws.lambda.require`) for each module.
fn loaded(
    invocation: &Invocation,
    epoch: Epoch,
    trace: &Trace,
    (own, parent): (u64, u64),
    records: &mut Vec<TelemetryRecord>,
) {
    let handler = invocation.handler.as_ref();
    let Some(told) = handler.and_then(|handler| handler.load.as_ref()) else {
        return;
    };
    let import = match trace.language {
        "javascript" => "aws.lambda.require",
        _ => "aws.lambda.import",
    };
    let modules = told.modules.iter();
    let modules = modules.map(|it| (import, it.module.as_str(), it.after, it.took));
    let all = [(
        "aws.lambda.load",
        trace.function.as_str(),
        told.after,
        told.took,
    )];
    // Ids of their own, by Fibonacci hashing: nothing that could be drawn remembers how many there are.
    let id = |n: u64| own ^ (n.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 1);
    for (n, (name, resource, after, took)) in (1..).zip(all.into_iter().chain(modules)) {
        let ids = (id(n), if n == 1 { parent } else { id(1) });
        let start_ns = epoch.ns(invocation.arrived + after);
        let mut span = load(trace, (name, resource), ids, start_ns, took);
        span.meta
            .insert(EMITTED_BY.0.to_owned(), EMITTED_BY.1.to_owned());
        records.push(TelemetryRecord::Span(span));
    }
}

/// What an invocation that was not cut off leaves below its `aws.lambda` span: the publish, and the
/// load of a new process.
pub(super) fn below(
    finished: &FinishedInvocation,
    epoch: Epoch,
    trace: &Trace,
    records: &mut Vec<TelemetryRecord>,
) {
    let Some(ids) = finished.ids() else {
        return;
    };
    let invocation = &finished.invocation;
    if invocation.end == End::Timeout {
        return;
    }
    let is_modelled = invocation.handler.is_none();
    if invocation.end == End::Ok && is_modelled && !invocation.function.invokes.is_empty() {
        records.push(TelemetryRecord::Span(publish(
            finished,
            (ids.publish, ids.lambda),
            epoch,
            trace,
        )));
    }
    if let Some(init) = finished.init() {
        // What the library calls a load, the extension calls a cold start.
        let name = match invocation.handler {
            Some(_) => "aws.lambda.cold_start",
            None => "aws.lambda.load",
        };
        records.push(TelemetryRecord::Span(load(
            trace,
            (name, &trace.function),
            (ids.load, ids.lambda),
            epoch.ns(finished.began().saturating_sub(init)),
            init,
        )));
        loaded(invocation, epoch, trace, (ids.load, ids.lambda), records);
    }
}

/// The tags that the library puts on every `aws.lambda` span as it begins.
pub(super) fn lambda_tags(finished: &FinishedInvocation) -> BTreeMap<String, String> {
    let invocation = &finished.invocation;
    let name = &invocation.function.name;
    let library = Library::of(&invocation.function.runtime);
    let mut tags = meta([
        ("cold_start", invocation.tagged_cold().to_string()),
        ("function_arn", function_arn(name)),
        ("function_version", "$LATEST".to_owned()),
        ("functionname", name.to_owned()),
        ("resource_names", name.to_owned()),
        ("request_id", invocation.request_id.to_string()),
        ("span.name", "aws.lambda".to_owned()),
        ("span.kind", "server".to_owned()),
        ("_dd.origin", "lambda".to_owned()),
        ("_dd.svc_src", "m".to_owned()),
        ("env", ENV.to_owned()),
    ]);
    if invocation.handler.is_some() {
        tags.insert(EMITTED_BY.0.to_owned(), EMITTED_BY.1.to_owned());
    } else {
        tags.insert("datadog_lambda".to_owned(), library.version.to_owned());
        if let Some(tracer) = library.tracer {
            tags.insert("dd_trace".to_owned(), tracer.to_owned());
        }
    }
    if invocation.tagged_proactive() {
        tags.insert("proactive_initialization".to_owned(), "true".to_owned());
    }
    tags
}

/// The tags that an `aws.lambda` span gets as it ends: payloads, and what went wrong.
pub(super) fn finish_lambda(
    finished: &FinishedInvocation,
    event: &Value,
    response: &Value,
    tags: &mut BTreeMap<String, String>,
) {
    if let Some(handler) = &finished.invocation.handler {
        // Of a real handler no payload is kept, as with the library's own default.
        tags.extend(handler.error.iter().flat_map(|error| {
            meta([
                ("error.type", error.kind.clone()),
                ("error.message", error.message.clone()),
                ("error.stack", error.traceback()),
            ])
        }));
        return;
    }
    match finished.invocation.end {
        // The wrapper's last part never ran, so there are no payloads.
        End::Timeout | End::OutOfMemory | End::Exited => tags.extend(meta([
            ("error.type", "Timeout".to_owned()),
            ("error.msg", "Datadog detected a Timeout".to_owned()),
        ])),
        end => {
            payload::tag(tags, "function.request", event);
            payload::tag(tags, "function.response", response);
            if end == End::Exception {
                tags.extend(meta([
                    ("error.type", "builtins.Exception".to_owned()),
                    ("error.message", "Throw an error.".to_owned()),
                    ("error.stack", traceback()),
                ]));
            }
        }
    }
}

/// The traceback of the line that `break` and the `error` fault raise at.
pub(super) fn traceback() -> String {
    let library = "/opt/python/lib/python3.13/site-packages";
    format!(
        "Traceback (most recent call last):\n  \
         File \"{library}/datadog_lambda/wrapper.py\", line 192, in __call__\n    \
         self.response = self.func(event, context, **kwargs)\n  \
         File \"{library}/ddtrace/contrib/internal/aws_lambda/patch.py\", line 126, in __call__\n    \
         self.response = self.func(*args, **kwargs)\n  \
         File \"/var/task/index.py\", line {RAISING_LINE}, in handler\n    \
         raise Exception('Throw an error.')\n\
         Exception: Throw an error.\n"
    )
}

/// A duration in nanoseconds, as spans have it.
pub(super) fn nanos(duration: Duration) -> i64 {
    i64::try_from(duration.as_nanos()).unwrap_or(i64::MAX)
}

/// The share of the handler's time that the publish takes, an assumption: the handler does
/// nothing else.
const PUBLISH_SHARE: f64 = 0.8;

/// `sns.command`: the publish that invokes other functions; `ids` are its own and its parent's.
fn publish(finished: &FinishedInvocation, ids: (u64, u64), epoch: Epoch, trace: &Trace) -> Span {
    let topic = topic_of(&trace.function);
    let (start, duration) = publishing(finished);
    let tags = meta([
        ("aws.operation", "Publish".to_owned()),
        ("aws.agent", "botocore".to_owned()),
        ("component", "botocore".to_owned()),
        ("aws_service", "sns".to_owned()),
        ("aws_account", ACCOUNT.to_owned()),
        ("topicname", topic.clone()),
        ("aws.sns.topic_arn", topic_arn(&topic)),
        ("aws.requestid", finished.invocation.request_id.to_string()),
        ("aws.partition", "aws".to_owned()),
        ("aws.region", REGION.to_owned()),
        ("region", REGION.to_owned()),
        ("peer.service", format!("sns.{REGION}.amazonaws.com")),
        ("_dd.peer.service.source", "peer.service".to_owned()),
        ("http.status_code", "200".to_owned()),
        ("span.kind", "client".to_owned()),
        ("_dd.origin", "lambda".to_owned()),
        ("_dd.base_service", trace.service.clone()),
        ("_dd.svc_src", "m".to_owned()),
        ("env", ENV.to_owned()),
    ]);
    Span {
        trace_id: trace.id,
        span_id: ids.0,
        parent_id: ids.1,
        name: "sns.command".to_owned(),
        service: "aws.sns".to_owned(),
        resource: "sns.publish".to_owned(),
        kind: "http".to_owned(),
        start_ns: epoch.ns(start),
        duration_ns: nanos(duration),
        error: false,
        meta: tags,
        metrics: BTreeMap::from([
            ("_dd.measured".to_owned(), 1.0),
            ("_dd.top_level".to_owned(), 1.0),
            ("retry_attempts".to_owned(), 0.0),
        ]),
    }
}

/// When the handler began to publish and how long that took: the end of its time, without what
/// a latency fault added before.
pub(super) fn publishing(finished: &FinishedInvocation) -> (Duration, Duration) {
    let running = finished.running();
    let added = match finished.invocation.fault {
        Some(Fault::Latency(added)) => added,
        _ => Duration::ZERO,
    };
    let own = running.saturating_sub(added);
    let duration = own.mul_f64(PUBLISH_SHARE);
    let after = own.mul_f64((1.0 - PUBLISH_SHARE) / 2.0);
    let start = finished.began() + running.saturating_sub(duration + after);
    (start, duration)
}
