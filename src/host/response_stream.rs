//! Responses that a handler streams (AWS Lambda developer guide, "Response streaming for Lambda
//! functions" and "Building a custom runtime").

use std::{io, time::Instant};

use axum::{
    body::Body,
    http::{HeaderMap, header},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::{Bytes, BytesMut};
use futures_util::{Stream, TryStreamExt, stream::unfold};
use http_body_util::BodyExt;
use serde_json::json;
use tokio::sync::mpsc;

/// How many pieces wait for a client that reads slowly.
const MOST_WAITING: usize = 16;
/// The largest response that is streamed, in bytes (AWS Lambda developer guide, "Lambda quotas").
const LARGEST: usize = 200 << 20;
/// Within so many bytes the status and the headers must end.
const LARGEST_PRELUDE: usize = 16 * 1024;
/// What stands between them and the body.
pub const PRELUDE_END: [u8; 8] = [0; 8];
/// The type of a response that begins with its status and its headers.
const HTTP_RESPONSE: &str = "application/vnd.awslambda.http-integration-response";

/// What a handler answers.
#[derive(Debug)]
pub enum HandlerPayload {
    /// All of it.
    Whole(Bytes),
    /// As it comes.
    Stream(HandlerStream),
}

/// A response as it comes.
#[derive(Debug)]
pub struct HandlerStream {
    /// Its status and headers as JSON, where it begins with them.
    pub prelude: Option<Bytes>,
    pieces: mpsc::Receiver<StreamPiece>,
}

/// A piece of a stream. One that ends without `End` was cut off.
#[derive(Debug)]
enum StreamPiece {
    Data(Bytes),
    End,
}

impl HandlerPayload {
    /// All of it, once it is there; what was cut off is an error.
    pub async fn whole(self) -> io::Result<Bytes> {
        match self {
            HandlerPayload::Whole(payload) => Ok(payload),
            HandlerPayload::Stream(_) => {
                let all: BytesMut = self.pieces().try_collect().await?;
                Ok(all.freeze())
            }
        }
    }

    /// Its body, piece by piece.
    pub fn pieces(self) -> impl Stream<Item = io::Result<Bytes>> + Send + 'static {
        let pieces = match self {
            HandlerPayload::Whole(payload) => Err(payload),
            HandlerPayload::Stream(stream) => Ok(stream.pieces),
        };
        unfold(Some(pieces), |pieces| async {
            match pieces? {
                Err(whole) => Some((Ok(whole), None)),
                Ok(mut pieces) => match pieces.recv().await {
                    Some(StreamPiece::Data(piece)) => Some((Ok(piece), Some(Ok(pieces)))),
                    Some(StreamPiece::End) => None,
                    None => Some((Err(io::ErrorKind::UnexpectedEof.into()), None)),
                },
            }
        })
    }
}

/// How a stream ended.
#[derive(Debug)]
pub(super) struct StreamEnd {
    pub(super) at: Instant,
    pub(super) bytes: usize,
    /// The error as a runtime tells it, where there was one.
    pub(super) error: Option<Bytes>,
}

fn error(kind: &str, message: &str) -> Option<Bytes> {
    let error = json!({ "errorType": kind, "errorMessage": message });
    Some(error.to_string().into())
}

/// Reads a body and hands it on: `begins` gets the stream once its first byte, or its prelude, is there.
pub(super) async fn hand_on(
    headers: &HeaderMap,
    mut body: Body,
    begins: impl FnOnce(HandlerStream),
) -> StreamEnd {
    let kind = headers.get(header::CONTENT_TYPE);
    let mut has_prelude =
        kind.is_some_and(|kind| kind.as_bytes().starts_with(HTTP_RESPONSE.as_bytes()));
    let (send, pieces) = mpsc::channel(MOST_WAITING);
    let mut begins = Some((begins, pieces));
    let (mut head, mut bytes, mut failed) = (BytesMut::new(), 0, None);
    while failed.is_none()
        && let Some(frame) = body.frame().await
    {
        let data = match frame.map(|frame| frame.into_data()) {
            Ok(Ok(data)) => data,
            Ok(Err(frame)) => {
                failed = frame.into_trailers().ok().and_then(|it| trailed(&it));
                continue;
            }
            Err(_) => {
                failed = error("Runtime.TruncatedResponse", "The response was cut off");
                continue;
            }
        };
        bytes += data.len();
        if bytes > LARGEST {
            let message = format!("The response is larger than {LARGEST} bytes");
            failed = error("Function.ResponseSizeTooLarge", &message);
            continue;
        }
        head.extend_from_slice(&data);
        let mut prelude = None;
        if has_prelude {
            let found = head
                .windows(PRELUDE_END.len())
                .position(|part| part == PRELUDE_END);
            match found {
                Some(at) => {
                    prelude = Some(head.split_to(at).freeze());
                    drop(head.split_to(PRELUDE_END.len()));
                }
                None if head.len() < LARGEST_PRELUDE => continue,
                None => {}
            }
            has_prelude = false;
        }
        if let Some((begins, pieces)) = begins.take() {
            begins(HandlerStream { prelude, pieces });
        }
        // A client that has gone away does not stop the handler.
        let _ = send.send(StreamPiece::Data(head.split().freeze())).await;
    }
    if let Some((begins, pieces)) = begins.take() {
        begins(HandlerStream {
            prelude: None,
            pieces,
        });
        let _ = send.send(StreamPiece::Data(head.freeze())).await;
    }
    if failed.is_none() {
        let _ = send.send(StreamPiece::End).await;
    }
    StreamEnd {
        at: Instant::now(),
        bytes,
        error: failed,
    }
}

/// The error in the trailers of a stream that failed on its way.
fn trailed(trailers: &HeaderMap) -> Option<Bytes> {
    let kind = trailers.get("lambda-runtime-function-error-type")?;
    let body = trailers.get("lambda-runtime-function-error-body");
    let body = body.and_then(|body| STANDARD.decode(body.as_bytes()).ok());
    match body {
        Some(body) => Some(body.into()),
        None => error(kind.to_str().unwrap_or_default(), ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn handed_on(kind: &str, parts: &[&'static [u8]]) -> (Option<Bytes>, Bytes, StreamEnd) {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, kind.parse().expect("a value"));
        let parts: Vec<_> = parts
            .iter()
            .map(|part| Ok::<_, io::Error>(Bytes::from_static(part)))
            .collect();
        let body = Body::from_stream(futures_util::stream::iter(parts));
        let mut begun = None;
        let end = hand_on(&headers, body, |stream| begun = Some(stream)).await;
        let stream = begun.expect("it begins");
        let prelude = stream.prelude.clone();
        let whole = HandlerPayload::Stream(stream)
            .whole()
            .await
            .expect("all of it");
        (prelude, whole, end)
    }

    #[tokio::test]
    async fn status_and_headers_are_told_from_the_body_wherever_the_parts_are_cut() {
        let text: &[u8] = b"{\"statusCode\":201}\0\0\0\0\0\0\0\0one two";
        for cut in 1..text.len() {
            let parts = [&text[..cut], &text[cut..]];
            let (prelude, body, end) = handed_on(HTTP_RESPONSE, &parts).await;
            assert_eq!(
                prelude.as_deref(),
                Some(&b"{\"statusCode\":201}"[..]),
                "{cut}"
            );
            assert_eq!(
                (&body[..], end.bytes),
                (&b"one two"[..], text.len()),
                "{cut}"
            );
        }
        let (prelude, body, _) = handed_on("application/octet-stream", &[text]).await;
        assert_eq!((prelude, &body[..]), (None, text));
        let (prelude, body, _) = handed_on(HTTP_RESPONSE, &[b"no end"]).await;
        assert_eq!((prelude, &body[..]), (None, &b"no end"[..]));
        let (_, body, _) = handed_on(HTTP_RESPONSE, &[]).await;
        assert!(body.is_empty());
    }
}
