//! The endpoint that requests would go to. None of what is asked here reaches a function.

use std::time::Duration;

use reqwest::{Url, redirect::Policy};

use super::{Check, State, Topic, api::clock, host::host};
use crate::{control::Info, datadog::skew};

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// Looks at the endpoint at `address`; `sandbox` is what it says of itself, where it is one.
pub async fn endpoint(address: &str, sandbox: Option<&Info>) -> Vec<Check> {
    if let Some(info) = sandbox {
        return vec![Check::ok(
            Topic::Target,
            format!(
                "a sandbox of loadgen {} with the sample app, profile {}, at {}",
                info.version, info.profile, info.invoke_url
            ),
        )];
    }
    let url = match Url::parse(address) {
        Ok(url) => url,
        Err(error) => {
            return vec![Check::fix(
                Topic::Target,
                format!("`{address}` is no address: {error}"),
                "write it like https://HOST/PATH; `loadgen aws outputs` prints the sample app's",
            )];
        }
    };
    let reached = host(Topic::TargetHost, &url).await;
    if reached.state == State::Fix {
        let why = "its host cannot be reached";
        return vec![reached, Check::skipped(Topic::Target, why)];
    }
    let mut checks = vec![reached];
    checks.extend(gateway(&url).await);
    checks
}

/// Asks API Gateway for what is no stage of the API: it answers without calling a function, so no
/// invocation is made and nothing is paid for. Any other host is not asked at all.
async fn gateway(url: &Url) -> Vec<Check> {
    let name = url.host_str().unwrap_or_default();
    let is_gateway = name.contains(".execute-api.") && name.ends_with(".amazonaws.com");
    if !is_gateway {
        return vec![Check::skipped(
            Topic::Target,
            "a request would call the function, so none was sent",
        )];
    }
    let mut root = url.clone();
    root.set_path("/loadgen-doctor");
    root.set_query(None);
    let client = reqwest::Client::builder()
        .redirect(Policy::none())
        .timeout(PATIENCE)
        .build();
    let now = || jiff::Timestamp::now().as_millisecond();
    let asked_at = now();
    let answer = match client {
        Ok(client) => client.get(root).send().await,
        Err(error) => Err(error),
    };
    match answer {
        Ok(answer) => {
            let mut checks = vec![Check::ok(
                Topic::Target,
                format!(
                    "API Gateway answers ({} for what is no stage); the function was not called",
                    answer.status().as_u16()
                ),
            )];
            let apart = clock(skew(answer.headers(), asked_at, now()));
            checks.extend(apart.map(|check| check.of(name)));
            checks
        }
        Err(error) => vec![Check::fix(
            Topic::Target,
            format!("API Gateway does not answer: {}", error.without_url()),
            "check the network and a proxy in HTTPS_PROXY, and that the stack is still there: `loadgen aws outputs`",
        )],
    }
}
