//! What is verified: a run's functions, its time range and its expectations.

use super::View;
use crate::{
    insight::{Band, Basis, KnownSettings, Observation, Quantity},
    scenario::Expect,
};

/// A completed run, as far as verification needs it.
#[derive(Clone, Debug)]
pub struct Subject {
    /// The value of the header `x-loadgen-run`.
    pub run_id: String,
    /// When it started on the target's clock, in milliseconds since 1970.
    pub from_ms: i64,
    /// When it ended on the target's clock.
    pub to_ms: i64,
    /// [`Basis::Sandbox`] or [`Basis::Datadog`].
    pub basis: Basis,
    /// The expectations.
    pub expect: Expect,
    /// The functions, entry function first.
    pub functions: Vec<Watched>,
    /// Whether the entry function is known to tag its spans with the requests' headers.
    pub tagged: bool,
    /// The entry function's tag `service`, if known.
    pub service: Option<String>,
    /// The entry function's tag `env`, if known.
    pub env: Option<String>,
}

/// One function of the run.
#[derive(Clone, Debug, Default)]
pub struct Watched {
    /// What is known without asking. Verification fills in `observed`.
    pub view: View,
    /// Its configuration, as far as known.
    pub settings: KnownSettings,
    /// How many invocations of it this run caused.
    pub sent: Band,
    /// Whether everything reported of the time range counts, other traffic included.
    pub of_window: bool,
}

/// The time range to ask for about a run that lasted from `from_ms` to `to_ms`, in milliseconds
/// since 1970.
///
/// Metrics come in buckets, and only those that start within the range are returned
/// (10 s; 1 min for ranges of some hours). Datadog's own tests ask from a minute before.
pub fn range_asked(from_ms: i64, to_ms: i64, basis: Basis) -> (i64, i64) {
    let length = to_ms.saturating_sub(from_ms).max(0);
    let margin = match basis {
        // A smaller margin, so that an earlier run on the same sandbox is left out.
        Basis::Sandbox => (length / 60).max(20_000),
        _ => (length / 100).max(60_000),
    };
    (
        from_ms.saturating_sub(margin),
        // Queue and consumer complete their work after the last response.
        to_ms.saturating_add(margin.max(120_000)),
    )
}

impl Subject {
    /// The time range to ask for, in milliseconds since 1970.
    pub fn range(&self) -> (i64, i64) {
        range_asked(self.from_ms, self.to_ms, self.basis)
    }

    /// The search for the run's own spans. The sample app captures payloads, so each request's
    /// headers are tags. API Gateway forwards header names as they were sent; other gateways may
    /// not. The extension's own spans, of timeouts and kills, have no payload. So errors of the
    /// entry function are fetched without the tag, and spans of other traffic join no sample. The
    /// same holds for all spans of a function that may not capture payloads.
    pub fn span_query(&self) -> String {
        let id = escaped(&self.run_id);
        let mut query = format!(
            "operation_name:aws.lambda (@function.request.headers.x-loadgen-run:{id} OR \
             @function.request.headers.X-Loadgen-Run:{id}"
        );
        for entry in self.functions.iter().filter(|one| one.view.entry) {
            let name = escaped(&entry.view.function);
            let tag = |key, value: &Option<String>| match value {
                Some(value) => format!(" {key}:{}", escaped(value)),
                None => String::new(),
            };
            let status = if self.tagged { "status:error " } else { "" };
            let (service, env) = (tag("service", &self.service), tag("env", &self.env));
            query.push_str(&format!(" OR ({status}resource_name:{name}{service}{env})"));
        }
        query.push(')');
        query
    }
}

impl Watched {
    /// A function in a time range in which other traffic may have reached it.
    pub fn of_window(function: &str, settings: KnownSettings) -> Watched {
        Watched {
            settings,
            of_window: true,
            view: View::of(function, true),
            ..Watched::default()
        }
    }

    /// How often it ran, given this many reported invocations.
    pub fn sent_of(&self, reported: u64) -> Band {
        match self.of_window && reported > 0 {
            true => Band::exactly(reported),
            false => self.sent,
        }
    }

    /// The entry function. `client` counts how often it ran.
    pub fn entry(settings: KnownSettings, client: Observation) -> Watched {
        Watched {
            sent: client.get(Quantity::Invocations),
            settings,
            view: View {
                client: Some(client.clone()),
                ..View::of(&client.function, true)
            },
            ..Watched::default()
        }
    }

    /// A function that is only watched: how often this run invokes it is unknown.
    pub fn other(function: &str) -> Watched {
        Watched {
            view: View::of(function, false),
            ..Watched::default()
        }
    }

    /// The consumer. It runs at most once for each successful invocation of the entry function, and
    /// at least once for ten of them (SQS delivers up to ten messages at once).
    pub fn consumer(function: &str, settings: KnownSettings, entry: &Observation) -> Watched {
        let ran = entry.get(Quantity::Invocations);
        let certain = match entry.get(Quantity::Errors).high() {
            Some(errors) => ran.low().saturating_sub(errors),
            None => 0,
        };
        let least = certain.div_ceil(10);
        Watched {
            view: View::of(function, false),
            settings,
            sent: Band::bounded(least, ran.high()),
            ..Watched::default()
        }
    }
}

/// A value in a search query: special characters get a backslash.
fn escaped(value: &str) -> String {
    let mut escaped = String::with_capacity(value.len());
    for c in value.chars() {
        if "?><:=\"~/\\ ()*[]{}!&|^".contains(c) {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}
