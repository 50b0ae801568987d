//! `InvokeWithResponseStream` of Lambda's own API (AWS Lambda API reference): the answer of a real
//! function as it comes, in messages of `application/vnd.amazon.eventstream`.

use std::{convert::Infallible, sync::Arc};

use axum::{
    Router,
    body::Body,
    extract::{Path, Request, State},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::post,
};
use bytes::Bytes;
use futures_util::{
    StreamExt,
    stream::{iter, once},
};
use serde_json::json;
use uuid::Uuid;

use super::{
    invoke::{asked, insert, refused, started, tail, wants_tail},
    state::SandboxState,
};
use crate::host::{HandlerPayload, HandlerStream, PRELUDE_END};

/// The route.
pub(super) fn router() -> Router<Arc<SandboxState>> {
    let path = "/2021-11-15/functions/{name}/response-streaming-invocations";
    Router::new().route(path, post(serve))
}

async fn serve(
    State(shared): State<Arc<SandboxState>>,
    Path(name): Path<String>,
    request: Request,
) -> Response {
    let call = match asked(&shared, &name, request).await {
        Ok(call) => call,
        Err(refused) => return *refused,
    };
    let Some(host) = &shared.host else {
        let message = "Only functions that really run here stream: --function-dir, --app";
        let status = StatusCode::BAD_REQUEST;
        return refused(
            status,
            "InvalidParameterValueException",
            message,
            Uuid::nil(),
        );
    };
    let wants_tail = wants_tail(&call);
    let (id, running) = match started(&shared, host, call) {
        Ok(started) => started,
        Err(refused) => return *refused,
    };
    let answer = running.answer.await.ok().and_then(Result::ok);
    let head = match &answer {
        Some(HandlerPayload::Stream(HandlerStream {
            prelude: Some(prelude),
            ..
        })) => Some([prelude, &PRELUDE_END[..]].concat().into()),
        _ => None,
    };
    let pieces = answer.map(|payload| payload.pieces().boxed());
    let pieces = pieces.unwrap_or_else(|| iter([]).boxed());
    // Of a stream that is cut off the invocation knows why.
    let chunks = iter(head.map(Ok)).chain(pieces).filter_map(|piece| async {
        piece
            .ok()
            .map(|piece: Bytes| message("PayloadChunk", "application/octet-stream", &piece))
    });
    let complete = once(async move {
        let mut body = json!({});
        if let Ok(invocation) = running.invocation.await {
            let handler = invocation.handler.as_ref();
            if let Some(error) = handler.and_then(|handler| handler.error.as_ref()) {
                let details = json!({ "errorType": error.kind, "errorMessage": error.message });
                body["ErrorCode"] = "Unhandled".into();
                body["ErrorDetails"] = details.to_string().into();
            }
            if wants_tail {
                body["LogResult"] = tail(&invocation).into();
            }
        }
        message(
            "InvokeComplete",
            "application/json",
            body.to_string().as_bytes(),
        )
    });
    let body = Body::from_stream(chunks.chain(complete).map(Ok::<Bytes, Infallible>));
    let mut response = body.into_response();
    let headers = response.headers_mut();
    insert(
        headers,
        "content-type",
        "application/vnd.amazon.eventstream",
    );
    insert(headers, "x-amzn-requestid", &id);
    insert(headers, "x-amz-executed-version", "$LATEST");
    response
}

/// A message: its length and that of its headers, their checksum, headers, payload, the checksum of it all
/// (Smithy, "Amazon Event Stream Specification").
fn message(event: &str, content: &str, payload: &[u8]) -> Bytes {
    let mut headers = Vec::new();
    for (name, value) in [
        (":message-type", "event"),
        (":event-type", event),
        (":content-type", content),
    ] {
        headers.push(name.len() as u8);
        headers.extend(name.as_bytes());
        // A text, with its length in two bytes.
        headers.push(7);
        headers.extend((value.len() as u16).to_be_bytes());
        headers.extend(value.as_bytes());
    }
    // Each length is far below 4 GB.
    let lengths = [headers.len() + payload.len() + 16, headers.len()];
    let mut all: Vec<u8> = lengths
        .iter()
        .flat_map(|n| (*n as u32).to_be_bytes())
        .collect();
    all.extend(crc32fast::hash(&all).to_be_bytes());
    all.extend(headers);
    all.extend(payload);
    all.extend(crc32fast::hash(&all).to_be_bytes());
    all.into()
}
