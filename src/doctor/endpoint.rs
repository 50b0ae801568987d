//! Checks the endpoint. No request here reaches a function.

use std::time::Duration;

use reqwest::{Url, redirect::Policy};

use super::{Check, State, Topic, api::clock, host::host, words};
use crate::{
    aws::address::{is_gateway, is_sample_stage},
    control::Info,
    datadog::skew,
    units::Address,
};

/// The time limit of an answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// Checks the endpoint at `address`; `sandbox` describes it if it is one.
pub async fn endpoint(address: &Address, sandbox: Option<&Info>) -> Vec<Check> {
    if let Some(info) = sandbox {
        return vec![Check::ok(
            Topic::Target,
            words::sandbox(&info.version, info.profile.to_string(), &info.invoke_url),
        )];
    }
    let url = address.url();
    let reached = host(Topic::TargetHost, url).await;
    if reached.state == State::Fix {
        let skipped = Check::skipped(Topic::Target, words::HOST_UNREACHABLE);
        return vec![reached, skipped];
    }
    let mut checks = vec![reached];
    checks.extend(gateway(url).await);
    checks
}

/// Requests a path that is no stage of the sample app's API: a REST API answers without calling a
/// function, so that it costs nothing. No other host gets a request.
async fn gateway(url: &Url) -> Vec<Check> {
    if !is_sample_app(url) {
        return vec![Check::skipped(Topic::Target, words::MIGHT_CALL)];
    }
    let name = url.host_str().unwrap_or_default();
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
                words::gateway_answers(answer.status().as_u16()),
            )];
            let apart = clock(skew(answer.headers(), asked_at, now()));
            checks.extend(apart.map(|check| check.of(name)));
            checks
        }
        Err(error) => vec![Check::fix(
            Topic::Target,
            words::gateway_silent(error.without_url().to_string()),
            words::CHECK_STACK,
        )],
    }
}

/// Whether it is the sample app's API, which is a REST API. An HTTP API may have the stage
/// `$default`, which takes every path (API Gateway developer guide, "Stages for HTTP APIs"): any
/// request may call a function.
fn is_sample_app(url: &Url) -> bool {
    is_gateway(url) && is_sample_stage(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_api_that_may_call_a_function_for_any_path_is_not_asked() {
        for (address, asked) in [
            (
                "https://ab12.execute-api.eu-west-1.amazonaws.com/datadog-sample-app-stage",
                true,
            ),
            ("https://ab12.execute-api.eu-west-1.amazonaws.com/", false),
            (
                "https://ab12.execute-api.eu-west-1.amazonaws.com/prod",
                false,
            ),
            ("https://abc.lambda-url.eu-west-1.on.aws/", false),
            ("https://example.com/datadog-sample-app-stage", false),
        ] {
            let url = Url::parse(address).expect(address);
            assert_eq!(is_sample_app(&url), asked, "{address}");
            if !asked {
                assert_eq!(gateway(&url).await[0].state, State::Skipped, "{address}");
            }
        }
    }
}
