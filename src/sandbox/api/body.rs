//! What came with a request: bounded bodies, JSON, parameters.

use std::{collections::HashMap, io::Read};

use axum::{
    extract::{FromRequest, FromRequestParts, Query, Request},
    http::{StatusCode, header, request::Parts},
};
use flate2::read::{MultiGzDecoder, ZlibDecoder};
use ruzstd::decoding::StreamingDecoder;
use serde::de::DeserializeOwned;

use super::ErrorResponse;
use crate::server::{BodyRefusal, read_body};

/// How large a body may be, before and after decompression.
const LIMIT: usize = 8 << 20;

/// How many bytes of text a body may become where it writes a text once and uses it often.
pub(in crate::sandbox) const LARGEST_UNPACKED: usize = 64 << 20;

/// A body's bytes, decompressed.
pub(in crate::sandbox) struct BodyBytes(pub(in crate::sandbox) Vec<u8>);

impl<S: Send + Sync> FromRequest<S> for BodyBytes {
    type Rejection = ErrorResponse;

    async fn from_request(request: Request, _: &S) -> Result<BodyBytes, ErrorResponse> {
        let (parts, body) = request.into_parts();
        let bytes = read_body(body, LIMIT)
            .await
            .map_err(|refusal| match refusal {
                BodyRefusal::TooLarge => too_large(),
                BodyRefusal::Broken => ErrorResponse::bad_request("The body could not be read"),
                BodyRefusal::TooSlow => ErrorResponse::new(
                    StatusCode::REQUEST_TIMEOUT,
                    "The body did not arrive in time",
                ),
            })?;
        let encoding = parts.headers.get(header::CONTENT_ENCODING);
        match encoding.map(|encoding| encoding.as_bytes()) {
            None | Some(b"" | b"identity") => Ok(BodyBytes(bytes.to_vec())),
            Some(b"gzip") => inflate(MultiGzDecoder::new(bytes.as_ref())),
            // What a frame calls its window is held in memory before the first byte comes out.
            Some(b"zstd") => {
                match StreamingDecoder::new_with_max_window_size(bytes.as_ref(), LIMIT as u64) {
                    Ok(decoder) => inflate(decoder),
                    Err(_) => Err(not_compressed()),
                }
            }
            Some(b"deflate") => inflate(ZlibDecoder::new(bytes.as_ref())),
            Some(_) => Err(ErrorResponse::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "The sandbox takes the content encodings zstd, gzip and deflate",
            )),
        }
    }
}

pub(in crate::sandbox) fn too_large() -> ErrorResponse {
    ErrorResponse::new(StatusCode::PAYLOAD_TOO_LARGE, "Payload too large")
}

fn not_compressed() -> ErrorResponse {
    ErrorResponse::bad_request("The body could not be decompressed")
}

fn inflate(decoder: impl Read) -> Result<BodyBytes, ErrorResponse> {
    let mut bytes = Vec::new();
    decoder
        .take(LIMIT as u64 + 1)
        .read_to_end(&mut bytes)
        .map_err(|_| not_compressed())?;
    if bytes.len() > LIMIT {
        return Err(too_large());
    }
    Ok(BodyBytes(bytes))
}

/// A JSON body. The content type is not looked at: the API takes several, and none.
pub(in crate::sandbox) struct JsonBody<T>(pub(in crate::sandbox) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for JsonBody<T> {
    type Rejection = ErrorResponse;

    async fn from_request(request: Request, state: &S) -> Result<JsonBody<T>, ErrorResponse> {
        let BodyBytes(bytes) = BodyBytes::from_request(request, state).await?;
        match serde_json::from_slice(&bytes) {
            Ok(value) => Ok(JsonBody(value)),
            Err(error) if error.is_data() => Err(ErrorResponse::validation(error)),
            Err(error) => Err(ErrorResponse::bad_request(format!("Invalid JSON: {error}"))),
        }
    }
}

/// The parameters of a URL's query.
pub(in crate::sandbox) struct Params(HashMap<String, String>);

impl Params {
    pub(in crate::sandbox) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// What a comma parts; nothing if the parameter is missing.
    pub(super) fn list(&self, name: &str) -> Vec<String> {
        let parts = self.get(name).map(|list| list.split(','));
        parts.into_iter().flatten().map(str::to_owned).collect()
    }

    /// A moment in milliseconds, which is written in seconds.
    pub(super) fn seconds(&self, name: &str) -> Result<i64, ErrorResponse> {
        let seconds: Result<i64, _> = self.needed(name)?.parse();
        let seconds = seconds.map(|seconds| seconds.saturating_mul(1000));
        seconds.map_err(|_| not_seconds(name))
    }

    pub(super) fn needed(&self, name: &str) -> Result<&str, ErrorResponse> {
        self.get(name).ok_or_else(|| {
            ErrorResponse::bad_request(format!("Missing required parameter: {name}"))
        })
    }
}

pub(super) fn not_seconds(name: &str) -> ErrorResponse {
    ErrorResponse::bad_request(format!("{name} must be a POSIX timestamp in seconds"))
}

impl<S: Send + Sync> FromRequestParts<S> for Params {
    type Rejection = ErrorResponse;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Params, ErrorResponse> {
        Query::try_from_uri(&parts.uri)
            .map(|Query(params)| Params(params))
            .map_err(|_| ErrorResponse::bad_request("The URL's parameters do not read"))
    }
}
