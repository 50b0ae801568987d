//! One request as API Gateway hands it to the entry function: the proxy event of a REST API.

use std::collections::BTreeMap;

use axum::{
    extract::Query,
    http::{HeaderMap, Method, Uri, header},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use rand::Rng;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::context::{SpanContext, new_span_id};
use crate::lambda::{ApiRoute, PayloadFormat};
use crate::sandbox::names::{ACCOUNT, API_ID, STAGE, api_host};

/// The longest body that is looked into for tags; a longer one is tagged as text.
const LARGEST_PARSED: usize = 64 * 1024;

/// Headers that are about the client's connection and so end at API Gateway (RFC 9110, 7.6.1).
const HOP_BY_HOP: [&str; 6] = [
    "connection",
    "keep-alive",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// A request to the sample app, and the trace that it belongs to.
#[derive(Clone, Debug)]
pub struct ApiRequest {
    /// `GET`, `POST`, ...
    pub method: Method,
    /// The path below the stage; begins with `/`.
    pub path: String,
    /// The resource of the API that takes it: `/orders/{id}`.
    pub resource: String,
    /// What stands in the place of the resource's parameters.
    pub parameters: BTreeMap<String, String>,
    /// The complete request target, for its query.
    pub uri: Uri,
    /// The headers as they came.
    pub headers: HeaderMap,
    /// The body as it came.
    pub body: Bytes,
    /// API Gateway's own id of the request.
    pub gateway_id: Uuid,
    /// The trace.
    pub context: SpanContext,
    /// The ids of the spans that this request will become.
    pub spans: EntrySpans,
}

/// The ids of an invocation's spans.
#[derive(Clone, Copy, Debug)]
pub struct EntrySpans {
    /// `aws.apigateway`, where it came through API Gateway.
    pub gateway: u64,
    /// `aws.lambda`
    pub lambda: u64,
    /// `sns.command`
    pub publish: u64,
    /// `aws.lambda.load`
    pub load: u64,
}

impl EntrySpans {
    /// New ids.
    pub fn new(ids: &mut impl Rng) -> EntrySpans {
        EntrySpans {
            gateway: new_span_id(ids),
            lambda: new_span_id(ids),
            publish: new_span_id(ids),
            load: new_span_id(ids),
        }
    }
}

impl ApiRequest {
    /// The header's value as text.
    pub(super) fn header(&self, name: header::HeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The event, with the request taken in at `epoch_ms`. API Gateway's `multiValue...` twins
    /// are left out: they repeat every header and would double the tags.
    pub(super) fn event(&self, epoch_ms: i64) -> Value {
        let request_path = match self.path.as_str() {
            "/" => format!("/{STAGE}"),
            below => format!("/{STAGE}{below}"),
        };
        json!({
            "resource": self.resource,
            "path": self.path,
            "httpMethod": self.method.as_str(),
            "headers": self.event_headers(epoch_ms),
            "queryStringParameters": self.query(),
            "pathParameters": (!self.parameters.is_empty()).then_some(&self.parameters),
            "stageVariables": null,
            "requestContext": {
                "accountId": ACCOUNT,
                "apiId": API_ID,
                "domainName": api_host(),
                "domainPrefix": API_ID,
                "httpMethod": self.method.as_str(),
                "identity": {
                    "sourceIp": "127.0.0.1",
                    "userAgent": self.header(header::USER_AGENT),
                },
                "path": request_path,
                "protocol": "HTTP/1.1",
                "requestId": self.gateway_id.to_string(),
                "requestTimeEpoch": epoch_ms,
                "resourceId": "sandbox0",
                "resourcePath": self.resource,
                "stage": STAGE,
            },
            "body": self.event_body(),
            "isBase64Encoded": false,
        })
    }

    fn full_body(&self) -> (Value, bool) {
        match str::from_utf8(&self.body) {
            Ok("") => (Value::Null, false),
            Ok(text) => (Value::from(text), false),
            Err(_) => (Value::from(STANDARD.encode(&self.body)), true),
        }
    }

    /// The path as a function behind this route sees it.
    fn path_of(&self, route: &ApiRoute) -> &str {
        match self.path.strip_prefix(&route.prefix).unwrap_or(&self.path) {
            "" => "/",
            below => below,
        }
    }

    /// The event as a real handler gets it from an HTTP API or a function URL.
    pub fn http_event(&self, epoch_ms: i64, route: &ApiRoute) -> Value {
        let mut headers: BTreeMap<String, String> = BTreeMap::new();
        let mut cookies = Vec::new();
        for (name, value) in &self.event_headers(epoch_ms) {
            let value = value.as_str().unwrap_or_default().to_owned();
            match name.to_ascii_lowercase() {
                cookie if cookie == "cookie" => {
                    cookies.extend(value.split("; ").map(str::to_owned));
                }
                name => drop(headers.insert(name, value)),
            }
        }
        let mut query: BTreeMap<String, String> = BTreeMap::new();
        for (name, values) in self.all_parameters() {
            query.insert(name, values.join(","));
        }
        let path = self.path_of(route);
        let (body, is_base64) = self.full_body();
        let mut event = json!({
            "version": "2.0",
            "routeKey": route.key(),
            "rawPath": path,
            "rawQueryString": self.uri.query().unwrap_or_default(),
            "headers": headers,
            "requestContext": {
                "accountId": ACCOUNT,
                "apiId": API_ID,
                "domainName": api_host(),
                "domainPrefix": API_ID,
                "http": {
                    "method": self.method.as_str(),
                    "path": path,
                    "protocol": "HTTP/1.1",
                    "sourceIp": "127.0.0.1",
                    "userAgent": self.header(header::USER_AGENT).unwrap_or_default(),
                },
                "requestId": self.gateway_id.to_string(),
                "routeKey": route.key(),
                "stage": "$default",
                "timeEpoch": epoch_ms,
            },
            "isBase64Encoded": is_base64,
        });
        let optional = [
            ("cookies", json!(cookies), cookies.is_empty()),
            ("queryStringParameters", json!(query), query.is_empty()),
            (
                "pathParameters",
                json!(self.parameters),
                self.parameters.is_empty(),
            ),
            ("body", body, self.body.is_empty()),
        ];
        for (name, value, is_empty) in optional {
            if !is_empty {
                event[name] = value;
            }
        }
        event
    }

    /// The event as a real handler gets it from a REST API: the full body, and every value of each
    /// header and parameter.
    pub fn rest_event(&self, epoch_ms: i64, route: &ApiRoute) -> Value {
        let mut event = self.event(epoch_ms);
        event["path"] = self.path_of(route).into();
        if route.payload == PayloadFormat::HttpV1 {
            event["version"] = "1.0".into();
        }
        let (body, is_base64) = self.full_body();
        event["body"] = body;
        event["isBase64Encoded"] = is_base64.into();
        let mut all: Map<String, Value> = Map::new();
        for (name, value) in event["headers"].as_object().into_iter().flatten() {
            all.insert(name.clone(), json!([value]));
        }
        for name in self.headers.keys().map(http::HeaderName::as_str) {
            let values = self.headers.get_all(name).iter();
            let texts: Vec<_> = values
                .map(|value| String::from_utf8_lossy(value.as_bytes()))
                .collect();
            if texts.len() > 1 && !HOP_BY_HOP.contains(&name) {
                all.insert(canonical(name), json!(texts));
            }
        }
        event["multiValueHeaders"] = Value::Object(all);
        let parameters = self.all_parameters();
        event["multiValueQueryStringParameters"] = match parameters.is_empty() {
            true => Value::Null,
            false => json!(parameters),
        };
        event
    }

    /// The query's parameters, every value of each.
    fn all_parameters(&self) -> BTreeMap<String, Vec<String>> {
        let mut parameters: BTreeMap<String, Vec<String>> = BTreeMap::new();
        if let Ok(Query(pairs)) = Query::<Vec<(String, String)>>::try_from_uri(&self.uri) {
            for (name, value) in pairs {
                parameters.entry(name).or_default().push(value);
            }
        }
        parameters
    }

    /// Each header's last value under its usual spelling, with those that API Gateway sets.
    fn event_headers(&self, epoch_ms: i64) -> Map<String, Value> {
        let mut headers = Map::new();
        for (name, value) in &self.headers {
            if HOP_BY_HOP.contains(&name.as_str()) {
                continue;
            }
            let text = String::from_utf8_lossy(value.as_bytes()).into_owned();
            headers.insert(canonical(name.as_str()), Value::String(text));
        }
        headers.insert("Host".to_owned(), Value::String(api_host()));
        let seconds = u32::try_from(epoch_ms / 1_000).unwrap_or(0);
        let id = self.gateway_id.simple().to_string();
        headers.insert(
            "X-Amzn-Trace-Id".to_owned(),
            Value::String(format!("Root=1-{seconds:08x}-{}", &id[..24])),
        );
        headers
    }

    fn event_body(&self) -> Value {
        if self.body.is_empty() {
            return Value::Null;
        }
        let mut text = String::from_utf8_lossy(&self.body).into_owned();
        if text.len() > LARGEST_PARSED {
            // Cut, it no longer is JSON, and so stays one tag.
            text = text.chars().take(LARGEST_PARSED).collect();
        }
        Value::String(text)
    }

    /// The query's parameters, the last value of each.
    fn query(&self) -> Value {
        let pairs = Query::<Vec<(String, String)>>::try_from_uri(&self.uri);
        match pairs {
            Ok(Query(pairs)) if !pairs.is_empty() => {
                let pairs = pairs.into_iter();
                Value::Object(
                    pairs
                        .map(|(key, value)| (key, Value::String(value)))
                        .collect(),
                )
            }
            _ => Value::Null,
        }
    }
}

/// `x-loadgen-run` as `X-Loadgen-Run`.
fn canonical(name: &str) -> String {
    let mut start = true;
    name.chars()
        .map(|c| {
            let shown = if start { c.to_ascii_uppercase() } else { c };
            start = c == '-';
            shown
        })
        .collect()
}
