//! Answers of the sandbox's own routes.

use std::fmt::Display;

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde_json::json;

/// `{"error": message}` with `status`.
pub fn error(status: StatusCode, message: impl Display) -> Response {
    (status, Json(json!({ "error": message.to_string() }))).into_response()
}
