//! The AWS region. It is written into every call, because version 1 of `aws` does not read
//! `AWS_REGION`.

use std::process::Stdio;

use super::{Error, words};
use crate::environment::variable;

/// The region: `flag`, else `AWS_REGION`, else `AWS_DEFAULT_REGION`, else what `aws configure`
/// has stored.
///
/// # Errors
/// If none is set, or `aws` would have to be asked and is not installed.
pub async fn region(flag: Option<&str>) -> Result<String, Error> {
    let from_environment = ["AWS_REGION", "AWS_DEFAULT_REGION"]
        .into_iter()
        .filter_map(variable);
    let named = flag.map(str::to_owned).into_iter().chain(from_environment);
    if let Some(region) = named.into_iter().find(|region| !region.trim().is_empty()) {
        return Ok(region.trim().to_owned());
    }
    let output = tokio::process::Command::new("aws")
        .args(["configure", "get", "region"])
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await
        .map_err(|_| Error::Refused(words::ABSENT.into()))?;
    let stored = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    if stored.is_empty() || stored.contains(char::is_whitespace) {
        return Err(Error::Refused(words::NO_REGION.into()));
    }
    Ok(stored)
}
