//! How the API refuses.

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

use crate::{
    lang::{Lang, speaking},
    telemetry::{QuerySyntaxError, query::time::TimeError, store::StoreError},
};

/// What a call answers with.
pub(in crate::sandbox) type JsonAnswer = Result<Json<Value>, ErrorResponse>;

/// An error in one of the API's two shapes: `{"errors":["..."]}`, or with title and detail.
#[derive(Clone, Debug, PartialEq)]
pub struct ErrorResponse {
    status: StatusCode,
    body: Value,
}

impl ErrorResponse {
    pub(in crate::sandbox) fn new(status: StatusCode, error: impl Into<String>) -> ErrorResponse {
        ErrorResponse {
            status,
            body: json!({"errors": [error.into()]}),
        }
    }

    /// 400
    pub(in crate::sandbox) fn bad_request(error: impl Into<String>) -> ErrorResponse {
        ErrorResponse::new(StatusCode::BAD_REQUEST, error)
    }

    /// 400, as the v2 query endpoints word it.
    pub(super) fn validation(error: impl std::fmt::Display) -> ErrorResponse {
        ErrorResponse::bad_request(format!("API input validation failed: {error}."))
    }

    /// 403
    pub(super) fn forbidden() -> ErrorResponse {
        ErrorResponse::new(StatusCode::FORBIDDEN, "Forbidden")
    }

    /// 404
    pub(super) fn not_found() -> ErrorResponse {
        ErrorResponse::new(StatusCode::NOT_FOUND, "Not found")
    }

    /// 422, in the shape of the spans endpoints.
    pub(super) fn unprocessable(detail: impl Into<String>) -> ErrorResponse {
        ErrorResponse {
            status: StatusCode::UNPROCESSABLE_ENTITY,
            body: json!({"errors": [{"title": "Generic Error", "detail": detail.into()}]}),
        }
    }
}

impl IntoResponse for ErrorResponse {
    fn into_response(self) -> Response {
        (self.status, Json(self.body)).into_response()
    }
}

impl From<StoreError> for ErrorResponse {
    fn from(error: StoreError) -> ErrorResponse {
        let status = match error {
            StoreError::TooLong => StatusCode::REQUEST_TIMEOUT,
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        };
        ErrorResponse::new(status, error.to_string())
    }
}

impl From<QuerySyntaxError> for ErrorResponse {
    fn from(error: QuerySyntaxError) -> ErrorResponse {
        // The API speaks English, whatever loadgen speaks.
        ErrorResponse::bad_request(speaking(Lang::En, || error.to_string()))
    }
}

impl From<TimeError> for ErrorResponse {
    fn from(error: TimeError) -> ErrorResponse {
        ErrorResponse::bad_request(error.to_string())
    }
}
