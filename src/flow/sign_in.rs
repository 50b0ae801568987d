//! What a sign-in gave, and until when it lasts.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::Value;

/// What a sign-in gave. Its values are secrets.
#[derive(Clone, PartialEq)]
pub struct SignedIn {
    pub(super) values: Vec<Value>,
    /// When it is renewed: after nine tenths of its life. None: nothing says how long it lasts.
    pub renew_at: Option<SystemTime>,
}

impl std::fmt::Debug for SignedIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SignedIn until {:?}", self.renew_at)
    }
}

impl SignedIn {
    /// From the values captured at `now`. How long they last is what the scenario says, else the
    /// `exp` of a JSON Web Token among them (RFC 7519), else `expires_in` of the answer (RFC 6749).
    pub(super) fn new(
        values: Vec<Value>,
        lifetime: Option<Duration>,
        answer: Option<Value>,
        now: SystemTime,
    ) -> SignedIn {
        let of_token = || {
            values
                .iter()
                .find_map(|value| left_of_token(value.as_str()?, now))
        };
        let of_answer = || {
            let seconds = answer.as_ref()?.get("expires_in")?;
            let seconds = seconds
                .as_f64()
                .or_else(|| seconds.as_str()?.parse().ok())?;
            Duration::try_from_secs_f64(seconds).ok()
        };
        let life = lifetime.or_else(of_token).or_else(of_answer);
        SignedIn {
            renew_at: life.and_then(|life| now.checked_add(life / 10 * 9)),
            values,
        }
    }
}

/// How long a JSON Web Token lasts from now on.
fn left_of_token(token: &str, now: SystemTime) -> Option<Duration> {
    let mut parts = token.split('.');
    let (_, payload, _, None) = (parts.next()?, parts.next()?, parts.next()?, parts.next()) else {
        return None;
    };
    let payload = URL_SAFE_NO_PAD.decode(payload.trim_end_matches('=')).ok()?;
    let payload: Value = serde_json::from_slice(&payload).ok()?;
    let ends = Duration::try_from_secs_f64(payload.get("exp")?.as_f64()?).ok()?;
    Some(
        UNIX_EPOCH
            .checked_add(ends)?
            .duration_since(now)
            .unwrap_or_default(),
    )
}
