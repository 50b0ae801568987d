//! Where one arrival stands in its flow.

use std::{collections::BTreeMap, sync::Arc};

use serde_json::Value;

use super::{KeptAnswer, SignedIn};

/// Where one arrival stands in its flow, and what it has captured.
#[derive(Clone, Debug, Default)]
pub struct FlowCursor {
    /// Which flow.
    pub flow: u32,
    /// Which of its steps, from 0.
    pub step: usize,
    /// How many of its requests were sent before this one.
    pub turn: u32,
    /// The sign-in that its present request uses.
    pub signed_in: Option<Arc<SignedIn>>,
    /// Whether its present request was answered 401 and is sent again.
    pub is_repeated: bool,
    pub(super) captured: Vec<Value>,
    pub(super) cookies: Option<BTreeMap<String, String>>,
}

impl FlowCursor {
    /// Takes in the cookies that an answer sets, by `Set-Cookie` (RFC 6265) of one host: their domains
    /// and paths do not matter.
    pub fn take_cookies(&mut self, answer: &KeptAnswer) {
        let Some(jar) = &mut self.cookies else {
            return;
        };
        for line in answer.header("set-cookie") {
            let line = String::from_utf8_lossy(line);
            let mut parts = line.split(';').map(str::trim);
            let Some((name, value)) = parts.next().and_then(|pair| pair.split_once('=')) else {
                continue;
            };
            let is_over = parts.any(|part| {
                let age = part
                    .split_once('=')
                    .filter(|(key, _)| key.eq_ignore_ascii_case("max-age"));
                age.is_some_and(|(_, age)| age.trim().parse::<i64>().is_ok_and(|age| age <= 0))
            });
            match is_over {
                true => drop(jar.remove(name.trim())),
                false => drop(jar.insert(name.trim().to_owned(), value.trim().to_owned())),
            }
        }
    }

    /// The cookies as a header's value; empty where there is none.
    pub(super) fn cookie_line(&self) -> String {
        let cookies = self.cookies.iter().flatten();
        let pairs: Vec<String> = cookies
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        pairs.join("; ")
    }
}
