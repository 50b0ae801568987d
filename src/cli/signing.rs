//! `--sigv4`: requests signed with the user's AWS credentials.

use reqwest::Url;

use super::{Failure, flags::Sending, own, send, target::Target};
use crate::{
    aws::{self, Aws, Credentials, Signing, Target as Place, address::region_of},
    engine::Signer,
    sample::Front,
    scenario::{FilledRequest, Scenario},
};

/// What signs each request; None where that was not asked for.
///
/// # Errors
/// A target that checks no signature, no region, no credentials.
pub fn signer(
    sending: &Sending,
    target: &Target,
    scenario: &Scenario,
    filled: &FilledRequest,
) -> Result<Option<Signer>, Failure> {
    if !sending.sigv4 {
        return Ok(None);
    }
    if target.sandbox.is_some() {
        return Err(Failure::new(
            "--sigv4 signs for an endpoint that IAM protects, and the sandbox checks no signature: leave it out",
        ));
    }
    let url = sending.url.as_deref().unwrap_or(&target.url);
    let region = sending.on_aws.region.clone();
    let region = region
        .or_else(|| region_of(&Url::parse(url).ok()?))
        .or_else(own::configured_region)
        .ok_or_else(|| {
            Failure::new(
                "nothing says for which AWS region to sign: add --region, or set AWS_REGION",
            )
        })?;
    let host = match &target.host_header {
        Some(host) => host.clone(),
        None => target.authority(),
    };
    let signing = Signing {
        credentials: credentials(&region)?,
        service: match Front::of_host(&host) {
            Front::FunctionUrl => "lambda",
            _ => "execute-api",
        },
        region,
        method: scenario.request.method.clone(),
        url: send::address(scenario, target),
        host,
        body: filled.body.clone(),
    };
    Ok(Some(Signer::new(move |at| signing.headers(at))))
}

/// The keys in the environment, else those that the user's `aws` command would use.
fn credentials(region: &str) -> Result<Credentials, Failure> {
    if let Some(credentials) = Credentials::from_environment() {
        return Ok(credentials);
    }
    let place = Place {
        region: region.to_owned(),
        endpoint: None,
    };
    let aws = Aws::new(place, |line| eprintln!("{line}"));
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(Credentials::of_aws(&aws))
        .map_err(|error| {
            if matches!(error, aws::Error::UnknownCall { .. }) {
                return Failure::new(
                    "--sigv4 needs AWS credentials, and version 1 of `aws` does not hand them over: \
                     set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or install version 2",
                );
            }
            Failure::new(format!(
                "--sigv4 needs AWS credentials, from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY or from `aws`: {error}"
            ))
        })
}
