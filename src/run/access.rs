//! Which API can be asked about a run, and with what keys.

use super::{RunError, RunErrorKind};
use crate::{
    datadog::{Client, Keys, Links, Site},
    environment::variable,
    insight::Basis,
    record::{Run, TargetKind},
};

/// An API that can be asked about a run.
#[derive(Debug)]
pub struct Access {
    /// Its client.
    pub client: Client,
    /// Links to its pages.
    pub links: Links,
    /// What its answers count as.
    pub basis: Basis,
}

impl Access {
    /// The API at an address.
    ///
    /// # Errors
    /// When that is no address of an API.
    pub fn at(address: &str, keys: Keys, basis: Basis) -> Result<Access, RunError> {
        Ok(Access {
            client: Client::new(address, keys)
                .map_err(RunError::from_cause(RunErrorKind::Credentials))?,
            links: Links::to_base(address),
            basis,
        })
    }

    /// Datadog itself; None without keys.
    ///
    /// # Errors
    /// Unusable keys, and a site that Datadog does not have.
    pub fn to_datadog() -> Result<Option<Access>, RunError> {
        let site = site()?;
        let Some(keys) = keys()? else {
            return Ok(None);
        };
        Ok(Some(Access {
            client: Client::new(&site.api(), keys)
                .map_err(RunError::from_cause(RunErrorKind::Credentials))?,
            links: Links::to_site(site),
            basis: Basis::Datadog,
        }))
    }

    /// Whom to ask at the end of a run: the sandbox that it spoke to, or Datadog if there are
    /// keys.
    ///
    /// # Errors
    /// As [`Access::at`] and [`Access::to_datadog`].
    pub fn of_run(run: &Run) -> Result<Option<Access>, RunError> {
        match (run.target.kind, &run.target.datadog_url) {
            (TargetKind::Sandbox, Some(url)) => {
                Access::at(url, Keys::for_sandbox(), Basis::Sandbox).map(Some)
            }
            _ if run.target.unnamed() => Ok(None),
            _ => Access::to_datadog(),
        }
    }
}

impl Access {
    /// The API to ask about a run: the one at `address`, if it was named, else that of
    /// [`Access::of_run`].
    ///
    /// # Errors
    /// As there.
    pub fn to_ask(run: &Run, address: Option<&str>) -> Result<Option<Access>, RunError> {
        let Some(address) = address else {
            return Access::of_run(run);
        };
        let keys = keys()?.unwrap_or_else(Keys::for_sandbox);
        let mut access = Access::at(address, keys, Basis::Datadog)?;
        if access.client.is_local() || run.target.kind == TargetKind::Sandbox {
            access.basis = Basis::Sandbox;
        }
        Ok(Some(access))
    }
}

/// The keys in the environment.
///
/// # Errors
/// Keys that cannot be used.
pub fn keys() -> Result<Option<Keys>, RunError> {
    Keys::from_environment(variable).map_err(RunError::from_cause(RunErrorKind::Credentials))
}

/// The site that `DD_SITE` names.
///
/// # Errors
/// When Datadog has no such site.
pub fn site() -> Result<Site, RunError> {
    let named = Site::named(variable);
    let site = named.map_or(Ok(Site::default()), |named| named.parse());
    site.map_err(RunError::from_cause(RunErrorKind::Credentials))
}
