//! Functions that requests invoke by Lambda's own API.

use super::{RunError, RunErrorKind, words};
use crate::{
    aws::{Credentials, InvokedFunction, LARGEST_PAYLOAD},
    lang::Reason,
};

/// Functions that can be invoked, and how.
#[derive(Debug)]
pub struct Invoked {
    /// The functions.
    pub functions: Vec<InvokedFunction>,
    /// The payload, JSON; None: the scenario's body, or `{}`.
    pub payload: Option<Vec<u8>>,
    /// Their region; None in a sandbox.
    pub region: Option<String>,
    /// What signs requests; None in a sandbox, which checks no signature.
    pub credentials: Option<Credentials>,
}

impl Invoked {
    /// These functions of a sandbox.
    pub fn in_sandbox(functions: Vec<InvokedFunction>) -> Invoked {
        Invoked {
            functions,
            payload: None,
            region: None,
            credentials: None,
        }
    }

    /// What each request carries.
    pub fn body(&self, of_scenario: &[u8]) -> Result<Vec<u8>, RunError> {
        let body = match &self.payload {
            Some(payload) => payload.clone(),
            None if of_scenario.is_empty() => b"{}".to_vec(),
            None => of_scenario.to_vec(),
        };
        check_payload(&body)?;
        Ok(body)
    }
}

/// Checks that Lambda takes a payload.
///
/// # Errors
/// One that is too large or no JSON.
pub(super) fn check_payload(payload: &[u8]) -> Result<(), RunError> {
    let refused = |why| Err(RunErrorKind::Scenario.error(why));
    if payload.len() > LARGEST_PAYLOAD {
        return refused(words::payload_too_large(payload.len(), LARGEST_PAYLOAD));
    }
    match serde_json::from_slice::<serde::de::IgnoredAny>(payload) {
        Ok(_) => Ok(()),
        Err(error) => refused(words::payload_no_json(Reason::of(error))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_payload_is_json_that_lambda_takes() {
        assert!(check_payload(b"{}").is_ok());
        assert!(check_payload(b"7").is_ok());
        for refused in [&b"{"[..], b"", b"no", &[b'1'; LARGEST_PAYLOAD + 1]] {
            assert!(check_payload(refused).is_err());
        }
    }
}
