//! The sandbox's API and intakes over HTTP: the shapes, codes and error bodies of Datadog's own.

mod intake;
mod monitors;
mod otlp;
mod queries;
mod refusals;
mod search;

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use loadgen::{
    sandbox::{
        api::{self, ApiOptions, ApiState},
        intake as intakes,
    },
    telemetry::store::{LogEntry, MetricKind, MetricPoint, Span, Store, TelemetryRecord},
};
use serde_json::{Value, json};

/// 2026-11-22T08:26:40Z on the model's clock.
const NOW_MS: i64 = 1_795_336_000_000;
const API_KEY: &str = "0123456789abcdef0123456789abcdef";
const APPLICATION_KEY: &str = "0123456789abcdef0123456789abcdef01234567";

/// A served API over a store in memory.
struct Api {
    base: String,
    client: reqwest::Client,
    store: Store,
    now_ms: Arc<AtomicI64>,
}

/// What came back.
#[derive(Debug)]
struct Answer {
    status: u16,
    headers: reqwest::header::HeaderMap,
    body: Value,
}

impl Api {
    async fn new(records: Vec<TelemetryRecord>) -> Api {
        Api::with(records, ApiOptions::default()).await
    }

    async fn with(records: Vec<TelemetryRecord>, options: ApiOptions) -> Api {
        // Fails where another test has installed it already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let store = Store::in_memory().unwrap();
        store.writer().put_all(records);
        let now_ms = Arc::new(AtomicI64::new(NOW_MS));
        let clock = {
            let now_ms = now_ms.clone();
            Arc::new(move || now_ms.load(Ordering::SeqCst))
        };
        let state = ApiState::new(store.clone(), clock, options, Default::default());
        let router = api::router(state.clone()).merge(intakes::router(state));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Api {
            base,
            client: reqwest::Client::new(),
            store,
            now_ms,
        }
    }

    fn request(&self, method: &str, path: &str) -> reqwest::RequestBuilder {
        let method = method.parse().unwrap();
        self.client
            .request(method, format!("{}{path}", self.base))
            .header("DD-API-KEY", API_KEY)
            .header("DD-APPLICATION-KEY", APPLICATION_KEY)
    }

    fn bare(&self, method: &str, path: &str) -> reqwest::RequestBuilder {
        let method = method.parse().unwrap();
        self.client.request(method, format!("{}{path}", self.base))
    }

    async fn get(&self, path: &str) -> Answer {
        answer(self.request("GET", path)).await
    }

    async fn post(&self, path: &str, body: Value) -> Answer {
        answer(self.request("POST", path).json(&body)).await
    }

    /// `GET /api/v1/query`, from `from_s` seconds before now to now.
    async fn query(&self, query: &str, from_s: i64) -> Answer {
        let to = NOW_MS / 1000;
        let url = format!("/api/v1/query?from={}&to={to}", to - from_s);
        let url = format!("{url}&query={}", encoded(query));
        self.get(&url).await
    }

    async fn spans(&self, query: &str) -> Answer {
        let filter = json!({"query": query, "from": "now-1d", "to": "now"});
        let attributes = json!({"filter": filter, "sort": "timestamp", "page": {"limit": 100}});
        let body = json!({"data": {"type": "search_request", "attributes": attributes}});
        self.post("/api/v2/spans/events/search", body).await
    }
}

async fn answer(request: reqwest::RequestBuilder) -> Answer {
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    let headers = response.headers().clone();
    let text = response.text().await.unwrap();
    let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
    Answer {
        status,
        headers,
        body,
    }
}

fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

fn point(name: &str, ago_s: i64, value: f64, tags: &[&str]) -> TelemetryRecord {
    TelemetryRecord::Metric(MetricPoint {
        name: name.to_owned(),
        kind: MetricKind::Distribution,
        at_ms: NOW_MS - ago_s * 1000,
        value,
        tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
    })
}

fn span(span_id: u64, ago_s: i64, name: &str, meta: &[(&str, &str)]) -> Span {
    Span {
        trace_id: 0x6812_6c43_0000_0000_1234_5678_9abc_def0,
        span_id,
        parent_id: 0,
        name: name.to_owned(),
        service: "datadog-serverless-sample-app".to_owned(),
        resource: "datadog-sample-entry-function".to_owned(),
        kind: "serverless".to_owned(),
        start_ns: (NOW_MS - ago_s * 1000) * 1_000_000,
        duration_ns: 1_500_000_000,
        error: false,
        meta: meta
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect(),
        metrics: BTreeMap::new(),
    }
}

fn log(ago_s: i64, message: &str, attributes: Value) -> TelemetryRecord {
    TelemetryRecord::Log(LogEntry {
        at_ms: NOW_MS - ago_s * 1000,
        status: "info".to_owned(),
        service: "datadog-serverless-sample-app".to_owned(),
        host: "arn:aws:lambda:us-east-1:1:function:f".to_owned(),
        source: "lambda".to_owned(),
        message: message.to_owned(),
        tags: vec!["env:dev".to_owned()],
        attributes,
    })
}
