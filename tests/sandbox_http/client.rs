//! A running sandbox and a client for it.

use std::sync::Once;

use loadgen::{
    control::Info,
    sandbox::{EmbeddedSandbox, Sandbox, SandboxOptions},
};
use reqwest::{Method, RequestBuilder, Response};
use serde_json::{Value, json};

/// A sandbox of its own, and an HTTP client.
pub struct Sandboxed {
    pub info: Info,
    pub http: reqwest::Client,
    embedded: EmbeddedSandbox,
}

impl Sandboxed {
    /// Starts one whose functions are fast: timing is not what these tests are about.
    pub async fn start(options: SandboxOptions) -> Sandboxed {
        static PROVIDER: Once = Once::new();
        PROVIDER.call_once(|| {
            // Another test binary's setting is as good.
            let _ = rustls::crypto::ring::default_provider().install_default();
        });
        let embedded = Sandbox::embedded(options).expect("the sandbox starts");
        let sandbox = Sandboxed {
            info: embedded.info().clone(),
            http: reqwest::Client::builder()
                .no_proxy()
                .build()
                .expect("a client"),
            embedded,
        };
        let fast = json!({ "init": "20ms", "warm": "5ms" });
        for function in ["entry", "sqs-consumer"] {
            let path = format!("/_sandbox/functions/datadog-sample-{function}-function");
            let (status, _) = sandbox.json(Method::PUT, &path, Some(&fast)).await;
            // An app of one's own has neither.
            assert!(status == 200 || status == 404, "{status}");
        }
        sandbox
    }

    /// A sandbox as it comes.
    pub async fn usual() -> Sandboxed {
        Sandboxed::start(SandboxOptions::default()).await
    }

    /// A request to the sample app.
    pub fn request(&self) -> RequestBuilder {
        self.http.get(&self.info.invoke_url)
    }

    /// Sends a request to the sample app.
    pub async fn invoke(&self) -> Response {
        self.request().send().await.expect("an answer")
    }

    /// Sends a request that asks for a fault, with the key.
    pub async fn fault(&self, fault: &str) -> Response {
        self.request()
            .header("x-loadgen-fault", fault)
            .header("x-loadgen-fault-key", "sandbox")
            .send()
            .await
            .expect("an answer")
    }

    /// Sends JSON to a path and reads JSON back.
    pub async fn json(&self, method: Method, path: &str, body: Option<&Value>) -> (u16, Value) {
        let url = format!("{}{path}", self.info.datadog_url);
        let mut request = self.http.request(method, url);
        if let Some(body) = body {
            request = request.json(body);
        }
        let answer = request.send().await.expect("an answer");
        let status = answer.status().as_u16();
        (status, answer.json().await.expect("JSON"))
    }

    /// Changes the entry function.
    pub async fn configure(&self, settings: Value) {
        let path = "/_sandbox/functions/datadog-sample-entry-function";
        let (status, body) = self.json(Method::PUT, path, Some(&settings)).await;
        assert_eq!(status, 200, "{body}");
    }

    /// Moves the model's clock forward.
    pub async fn advance(&self, by_ms: u64) -> Value {
        let body = json!({ "by_ms": by_ms });
        let (status, info) = self
            .json(Method::POST, "/_sandbox/advance", Some(&body))
            .await;
        assert_eq!(status, 200, "{info}");
        info
    }

    /// Stops it and waits for the end.
    pub async fn stop(self) {
        drop(self.http);
        tokio::task::spawn_blocking(|| self.embedded.stop())
            .await
            .expect("it stops")
            .expect("all is stored");
    }
}

/// A marker of an answer.
pub fn marker(answer: &Response, name: &str) -> Option<String> {
    let value = answer.headers().get(name)?;
    Some(value.to_str().expect("text").to_owned())
}

/// Whether the answer says that it was a cold start.
pub fn cold(answer: &Response) -> bool {
    marker(answer, "x-loadgen-cold-start").expect("a marker") == "true"
}
