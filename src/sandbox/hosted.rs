//! Functions that really run: leased from the model, served by the host, told like all others.

use std::{collections::HashSet, sync::Arc, time::Duration};

use axum::{
    body::Body,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use serde_json::Value;
use tokio::{sync::oneshot, task::JoinHandle, time::sleep};
use uuid::Uuid;

use super::{
    emit::{ConcurrencyAtStart, Trigger},
    messages::failed,
    state::SandboxState,
};
use crate::{
    host::{HandlerPayload, HandlerReply, HandlerStream, Host},
    lambda::{FunctionId, Invocation, Lease, MeasuredRun, PayloadFormat},
};

/// How often environments that have expired are looked for.
const SWEEP: Duration = Duration::from_secs(1);

/// A request that runs.
pub(super) struct HostedRequest {
    pub(super) answer: oneshot::Receiver<HandlerReply>,
    pub(super) invocation: JoinHandle<Invocation>,
}

impl SandboxState {
    /// Runs a request in its environment to its end, whether or not the client still waits.
    pub(super) fn run_hosted(
        self: &Arc<SandboxState>,
        host: &Arc<Host>,
        lease: Lease,
        event: Bytes,
        cause: Trigger,
    ) -> HostedRequest {
        let (reply, answer) = oneshot::channel();
        let (shared, host) = (Arc::clone(self), Arc::clone(host));
        let invocation = tokio::spawn(async move {
            let served = shared.serve_hosted(&host, &lease, (event, &cause), reply);
            let (measured, concurrency) = served.await;
            shared.told(lease, measured, &HashSet::new(), (cause, concurrency))
        });
        HostedRequest { answer, invocation }
    }

    /// Runs what queues deliver to real functions.
    pub(super) fn run_batches(self: &Arc<SandboxState>) {
        let Some(host) = &self.host else {
            return;
        };
        let mut state = self.state();
        for lease in state.app.take_leases() {
            let (event, cause) = state.delivered(&lease);
            let source = state.app.source(&lease);
            let reports = source.is_some_and(|source| source.reports_failures);
            let (reply, answer) = oneshot::channel::<HandlerReply>();
            let answered = tokio::spawn(async move { answer.await.ok()?.ok()?.whole().await.ok() });
            let (shared, host) = (Arc::clone(self), Arc::clone(host));
            tokio::spawn(async move {
                let served = shared.serve_hosted(&host, &lease, (event, &cause), reply);
                let (measured, concurrency) = served.await;
                let answer = answered.await.ok().flatten();
                let failed = failed(answer, reports, &lease.batch);
                shared.told(lease, measured, &failed, (cause, concurrency));
            });
        }
    }

    /// Runs a request in its environment to its end.
    async fn serve_hosted(
        &self,
        host: &Host,
        lease: &Lease,
        (event, cause): (Bytes, &Trigger),
        reply: oneshot::Sender<HandlerReply>,
    ) -> (MeasuredRun, ConcurrencyAtStart) {
        let (concurrency, ahead) = {
            let mut state = self.state();
            state.traces.insert(lease.request_id, cause.trace());
            let concurrency = state.concurrency(lease.arrived, lease.id);
            let wall_clock = state.clock.now().saturating_sub(state.clock.skipped());
            (concurrency, lease.arrived.saturating_sub(wall_clock))
        };
        let mut measured = host.serve(lease, event, reply).await;
        measured.handler.ahead = ahead;
        (measured, concurrency)
    }

    /// Gives the environment back, and tells what ran. The messages of its batch that `failed` come back.
    fn told(
        &self,
        lease: Lease,
        measured: MeasuredRun,
        failed: &HashSet<Uuid>,
        (cause, concurrency): (Trigger, ConcurrencyAtStart),
    ) -> Invocation {
        let mut state = self.state();
        let state = &mut *state;
        state.traces.remove(&lease.request_id);
        let invocation = state.app.give_back(lease, measured, failed);
        let told = invocation.clone();
        state
            .ledger
            .started(told, cause, concurrency, &mut state.ids);
        self.news.notify_one();
        invocation
    }

    /// Ends the processes of environments that have expired or were replaced; code that was changed is
    /// a deployment.
    pub(super) async fn reclaim(&self) {
        if let Some(host) = &self.host {
            let changed = host.changed();
            let standing = {
                let mut state = self.state();
                let now = state.clock.now();
                for (place, folder) in changed {
                    let id = FunctionId(place);
                    state.app.deploy(now, id);
                    let detail = format!("a file in {} was changed", folder.display());
                    let name = &state.app.function(id).name;
                    self.deployed(now, name, ("UpdateFunctionCode", detail));
                }
                state.app.standing(now)
            };
            host.keep(&standing).await;
        }
    }

    /// Reclaims environments that have expired, again and again, until the sandbox ends.
    pub(super) async fn reclaim_as_they_expire(self: Arc<SandboxState>) {
        while self.host.is_some() {
            sleep(SWEEP).await;
            self.reclaim().await;
        }
    }

    /// Ends all processes.
    pub(super) async fn close_host(&self) {
        if let Some(host) = &self.host {
            host.close().await;
        }
    }
}

/// The response that a handler's answer describes; None: it is none that API Gateway could pass on. One
/// that is streamed, and begins with its status and its headers, is passed on as it comes.
pub(super) async fn answered(
    payload: HandlerPayload,
    format: PayloadFormat,
) -> Option<(StatusCode, HeaderMap, Body)> {
    if let HandlerPayload::Stream(HandlerStream {
        prelude: Some(prelude),
        ..
    }) = &payload
    {
        let (status, headers, _) = described(prelude)?;
        return Some((status, headers, Body::from_stream(payload.pieces())));
    }
    let payload = payload.whole().await.ok()?;
    let response = match format {
        PayloadFormat::Rest | PayloadFormat::HttpV1 => described(&payload),
        PayloadFormat::Http => described(&payload).or_else(|| inferred(&payload)),
    };
    let (status, headers, body) = response?;
    Some((status, headers, body.into()))
}

/// The response that a payload describes; None: it is none that API Gateway could pass on (API
/// Gateway developer guide, "Lambda proxy integrations in API Gateway").
fn described(payload: &[u8]) -> Option<(StatusCode, HeaderMap, Bytes)> {
    let payload: Value = serde_json::from_slice(payload).ok()?;
    let code = match payload.get("statusCode")? {
        Value::Number(code) => u16::try_from(code.as_u64()?).ok()?,
        Value::String(code) => code.parse().ok()?,
        _ => return None,
    };
    // An interim status is no answer.
    let status = StatusCode::from_u16(code)
        .ok()
        .filter(|status| status.as_u16() >= 200)?;
    let body = match payload.get("body") {
        None | Some(Value::Null) => Bytes::new(),
        Some(Value::String(text)) if payload["isBase64Encoded"] == true => {
            STANDARD.decode(text).ok()?.into()
        }
        Some(Value::String(text)) => text.clone().into(),
        Some(_) => return None,
    };
    let mut headers = HeaderMap::new();
    let mut add = |name: &str, value: &Value| {
        let text = match value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let name = HeaderName::try_from(name)
            .ok()
            .filter(|name| !FRAMING.contains(&name.as_str()));
        if let (Some(name), Ok(value)) = (name, HeaderValue::try_from(text)) {
            headers.append(name, value);
        }
    };
    for (name, value) in payload["headers"].as_object().into_iter().flatten() {
        add(name, value);
    }
    for cookie in payload["cookies"].as_array().into_iter().flatten() {
        add("set-cookie", cookie);
    }
    for (name, values) in payload["multiValueHeaders"]
        .as_object()
        .into_iter()
        .flatten()
    {
        for value in values.as_array().into_iter().flatten() {
            add(name, value);
        }
    }
    Some((status, headers, body))
}

/// The response that an HTTP API makes of a payload that describes none: the payload is its body (API
/// Gateway developer guide, "Create AWS Lambda proxy integrations for HTTP APIs").
fn inferred(payload: &[u8]) -> Option<(StatusCode, HeaderMap, Bytes)> {
    let body = match serde_json::from_slice(payload).ok()? {
        Value::Object(fields) if fields.contains_key("statusCode") => return None,
        Value::String(text) => text.into(),
        _ => Bytes::copy_from_slice(payload),
    };
    Some((StatusCode::OK, HeaderMap::new(), body))
}

/// What is not a function's to say: how its response is framed.
const FRAMING: [&str; 3] = ["content-length", "transfer-encoding", "connection"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_payload_becomes_the_response_that_it_describes_or_none() {
        let read = |text: &str| described(text.as_bytes());
        let (status, headers, body) = read(
            r#"{"statusCode": "201", "headers": {"x-a": 1, "Content-Length": "9", "bad name": "x"},
                "multiValueHeaders": {"set-cookie": ["a=1", "b=2"]}, "body": "aGk=", "isBase64Encoded": true}"#,
        )
        .expect("a response");
        assert_eq!((status.as_u16(), &body[..]), (201, &b"hi"[..]));
        assert_eq!(headers.len(), 3);
        assert_eq!(headers.get_all("set-cookie").iter().count(), 2);
        for text in [
            "",
            "null",
            "\"hello\"",
            "{}",
            r#"{"statusCode": 100}"#,
            r#"{"statusCode": 200, "body": {}}"#,
            r#"{"statusCode": 70000}"#,
        ] {
            assert!(read(text).is_none(), "{text}");
        }
    }
}
