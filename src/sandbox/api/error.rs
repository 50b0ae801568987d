//! How the API refuses.

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

use crate::telemetry::{
    query::{QuerySyntaxError, time::TimeError},
    search::SearchSyntaxError,
    store::StoreError,
};

/// An error in one of the API's two shapes: `{"errors":["..."]}`, or with title and detail.
#[derive(Clone, Debug, PartialEq)]
pub struct Refusal {
    status: StatusCode,
    body: Value,
}

impl Refusal {
    pub(in crate::sandbox) fn new(status: StatusCode, error: impl Into<String>) -> Refusal {
        Refusal {
            status,
            body: json!({"errors": [error.into()]}),
        }
    }

    /// 400
    pub(in crate::sandbox) fn bad_request(error: impl Into<String>) -> Refusal {
        Refusal::new(StatusCode::BAD_REQUEST, error)
    }

    /// 400, as the v2 query endpoints word it.
    pub(super) fn validation(error: impl std::fmt::Display) -> Refusal {
        Refusal::bad_request(format!("API input validation failed: {error}."))
    }

    /// 403
    pub(super) fn forbidden() -> Refusal {
        Refusal::new(StatusCode::FORBIDDEN, "Forbidden")
    }

    /// 404
    pub(super) fn not_found() -> Refusal {
        Refusal::new(StatusCode::NOT_FOUND, "Not found")
    }

    /// 422, in the shape of the spans endpoints.
    pub(super) fn unprocessable(detail: impl Into<String>) -> Refusal {
        Refusal {
            status: StatusCode::UNPROCESSABLE_ENTITY,
            body: json!({"errors": [{"title": "Generic Error", "detail": detail.into()}]}),
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        (self.status, Json(self.body)).into_response()
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Refusal {
        Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, error.to_string())
    }
}

impl From<QuerySyntaxError> for Refusal {
    fn from(error: QuerySyntaxError) -> Refusal {
        Refusal::bad_request(error.to_string())
    }
}

impl From<SearchSyntaxError> for Refusal {
    fn from(error: SearchSyntaxError) -> Refusal {
        Refusal::bad_request(error.to_string())
    }
}

impl From<TimeError> for Refusal {
    fn from(error: TimeError) -> Refusal {
        Refusal::bad_request(error.to_string())
    }
}
