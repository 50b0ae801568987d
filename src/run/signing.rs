//! `--sigv4`: requests signed with the user's AWS credentials.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, SystemTime},
};

use jiff::Timestamp;

use super::{
    RunError, RunErrorKind, RunOptions, Talk,
    blocking::block_on,
    job::{address, method},
    region::configured_region,
    target::Destination,
    words,
};
use crate::{
    aws::{self, Aws, AwsPlace, Credentials, Signing, address::region_of},
    engine::Signer,
    lang::Reason,
    sample::Front,
    scenario::{FilledRequest, Scenario},
    units::Address,
};

/// Signs each request. None if that was not requested.
///
/// # Errors
/// A target that checks no signature, no region, no credentials.
pub fn signing(
    options: &RunOptions,
    target: &Destination,
    scenario: &Scenario,
    filled: &FilledRequest,
    talk: &Talk,
) -> Result<Option<RunSigning>, RunError> {
    let invoked = target.invoked.as_ref();
    if !options.sign && invoked.is_none_or(|invoked| invoked.credentials.is_none()) {
        return Ok(None);
    }
    if target.sandbox.is_some() {
        return Err(RunErrorKind::Credentials.error(words::SIGNING_IN_SANDBOX));
    }
    let region = invoked.and_then(|invoked| invoked.region.clone());
    let region = region
        .or_else(|| options.region.clone())
        .or_else(|| region_of(target.address.url()))
        .or_else(configured_region)
        .ok_or_else(|| RunErrorKind::Credentials.error(words::NO_REGION))?;
    let mut headers = filled.headers.iter();
    let own = headers.find(|(name, _)| name.eq_ignore_ascii_case("host"));
    let host = match own.map(|(_, value)| value).or(target.host_header.as_ref()) {
        Some(host) => host.clone(),
        None => target.url.authority(),
    };
    let known = match invoked.and_then(|invoked| invoked.credentials.clone()) {
        Some(credentials) => credentials,
        None => credentials(&region, talk)?,
    };
    let length: Duration = scenario.phases.iter().map(|it| it.arrivals.length()).sum();
    let ends_at = SystemTime::now() + length.saturating_mul(scenario.repeat);
    let is_fixed = Credentials::from_environment().is_some();
    if let Some(end) = known.end_at().filter(|end| is_fixed && *end < ends_at)
        && let Ok(end) = Timestamp::try_from(end)
    {
        talk(&words::credentials_end(format!("{end:.0}")).to_string());
    }
    let renewed = RenewedCredentials {
        current: Arc::new(Mutex::new(known)),
        is_asking: Arc::default(),
        region: (!is_fixed).then(|| region.clone()),
    };
    let signing = Signing {
        service: match Front::of_address(&host, target.address.url().path()) {
            Front::FunctionUrl | Front::InvokeApi => "lambda",
            _ => "execute-api",
        },
        region,
        method: method(scenario, target),
        url: address(scenario, filled, target).url().to_string(),
        host,
        body: filled.body.clone(),
    };
    let renewed = Arc::new(renewed);
    Ok(Some(RunSigning { signing, renewed }))
}

/// What signs the requests of a run: the same for all but their addresses.
pub struct RunSigning {
    signing: Signing,
    renewed: Arc<RenewedCredentials>,
}

impl RunSigning {
    /// What signs each request to this address.
    pub fn signer(&self, url: &Address) -> Signer {
        let renewed = Arc::clone(&self.renewed);
        let signing = Signing {
            url: url.url().to_string(),
            ..self.signing.clone()
        };
        Signer::new(move |at| signing.headers(&renewed.at(at), at))
    }
}

/// Credentials that are renewed before they expire. Meanwhile requests use the current ones.
struct RenewedCredentials {
    current: Arc<Mutex<Credentials>>,
    is_asking: Arc<AtomicBool>,
    /// None: they come from the environment and cannot be renewed.
    region: Option<String>,
}

impl RenewedCredentials {
    fn at(&self, now: SystemTime) -> Credentials {
        let current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(region) = self.region.clone()
            && current.are_due(now)
            && !self.is_asking.swap(true, Ordering::Relaxed)
        {
            let (known, is_asking) = (Arc::clone(&self.current), Arc::clone(&self.is_asking));
            // If this fails, the next second's signature tries again.
            thread::spawn(move || {
                if let Ok(better) = credentials(&region, &(Arc::new(|_: &str| {}) as Talk)) {
                    *known.lock().unwrap_or_else(PoisonError::into_inner) = better;
                }
                is_asking.store(false, Ordering::Relaxed);
            });
        }
        current.clone()
    }
}

/// The keys in the environment, else those that the user's `aws` command would use.
pub(super) fn credentials(region: &str, talk: &Talk) -> Result<Credentials, RunError> {
    if let Some(credentials) = Credentials::from_environment() {
        return Ok(credentials);
    }
    let place = AwsPlace {
        region: region.to_owned(),
        endpoint: None,
    };
    let told = Talk::clone(talk);
    let aws = Aws::new(place, move |line| told(line));
    let found = block_on(Credentials::of_aws(&aws))?.map_err(|error| {
        if matches!(error, aws::Error::UnknownCall(_)) {
            return RunErrorKind::Credentials.error(words::OLD_AWS);
        }
        RunErrorKind::Credentials.error(words::no_credentials(Reason::of(error)))
    })?;
    match found.end_at().filter(|end| *end <= SystemTime::now()) {
        Some(end) => {
            let end = Timestamp::try_from(end).unwrap_or_default();
            let ended = words::credentials_ended(format!("{end:.0}"));
            Err(RunErrorKind::Credentials.error(ended))
        }
        None => Ok(found),
    }
}
