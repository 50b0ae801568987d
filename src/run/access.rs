//! Which API can be asked about a run, and with what keys.

use super::{RunError, RunErrorKind};
use crate::{
    datadog::{Client, Keys, Links, Site},
    environment::variable,
    insight::Basis,
    record::{Folder, Run, TargetKind},
    sandbox::{EmbeddedSandbox, Sandbox, SandboxOptions, TelemetryStorage},
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
            client: Client::new(address, keys).map_err(RunErrorKind::Credentials.caused())?,
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
            client: Client::new(&site.api(), keys).map_err(RunErrorKind::Credentials.caused())?,
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
            (TargetKind::Sandbox, Some(url)) => Access::to_sandbox(url).map(Some),
            _ if run.target.unnamed() => Ok(None),
            _ => Access::to_datadog(),
        }
    }

    /// A sandbox's API.
    ///
    /// # Errors
    /// As [`Access::at`].
    pub fn to_sandbox(address: &str) -> Result<Access, RunError> {
        Access::at(address, Keys::for_sandbox(), Basis::Sandbox)
    }

    /// The API at an address that was named, with the keys that are set. On this machine it is a sandbox's.
    ///
    /// # Errors
    /// As [`Access::at`], and unusable keys.
    pub fn named(address: &str) -> Result<Access, RunError> {
        let keys = keys()?.unwrap_or_else(Keys::for_sandbox);
        let access = Access::at(address, keys, Basis::Datadog)?;
        Ok(match access.client.is_local() {
            true => Access {
                basis: Basis::Sandbox,
                ..access
            },
            false => access,
        })
    }

    /// The API to ask about a run: the one at `address`, if it was named, else that of
    /// [`Access::of_run`].
    ///
    /// # Errors
    /// As there.
    pub fn to_ask(run: &Run, address: Option<&str>) -> Result<Option<Access>, RunError> {
        let Some(address) = address else {
            return Access::of_run(run);
        };
        let mut access = Access::named(address)?;
        if run.target.kind == TargetKind::Sandbox {
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
    Keys::from_environment(variable).map_err(RunErrorKind::Credentials.caused())
}

/// The site that `DD_SITE` names.
///
/// # Errors
/// When Datadog has no such site.
pub fn site() -> Result<Site, RunError> {
    let named = Site::named(variable);
    let site = named.map_or(Ok(Site::default()), |named| named.parse());
    site.map_err(RunErrorKind::Credentials.caused())
}

/// A sandbox that serves the telemetry that a run's folder keeps. None if it keeps none.
///
/// # Errors
/// When the telemetry cannot be read or the sandbox cannot be started.
pub fn served(folder: &Folder) -> Result<Option<EmbeddedSandbox>, RunError> {
    let telemetry = folder.telemetry_file();
    if !telemetry.exists() {
        return Ok(None);
    }
    let options = SandboxOptions {
        data: TelemetryStorage::Recorded(telemetry),
        ..SandboxOptions::default()
    };
    let served = Sandbox::embedded(options).map_err(RunErrorKind::System.caused())?;
    Ok(Some(served))
}
