//! Which trace a request belongs to: what the entry function's library takes from its headers.
//!
//! The rules are those of datadog-lambda 8.130.0 with ddtrace 4.16.0, measured by calling its
//! extractor (the table in this file's tests): Datadog's headers are tried first, then W3C's. A
//! context without trace id, parent id and sampling priority is ignored completely.

use axum::http::HeaderMap;
use rand::Rng;

/// The context of a trace as it travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SpanContext {
    /// 128 bits; the high half is 0 where the caller sent none.
    pub trace_id: u128,
    /// The caller's span; 0: none.
    pub parent_id: u64,
    /// The sampling priority: 2 keeps the trace, 1 leaves it to sampling, 0 and below drop it.
    pub priority: i64,
    /// Whether the context was made here because the request brought none.
    pub made_here: bool,
}

impl SpanContext {
    /// The context that `headers` carry, or a new one.
    pub fn of(headers: &HeaderMap, now_s: i64, rng: &mut impl Rng) -> SpanContext {
        let found = datadog(headers).unwrap_or_else(|| w3c(headers));
        found.unwrap_or_else(|| SpanContext::new(now_s, rng))
    }

    /// A new trace, `now_s` seconds after 1970.
    pub fn new(now_s: i64, rng: &mut impl Rng) -> SpanContext {
        SpanContext {
            trace_id: new_trace_id(now_s, rng),
            parent_id: 0,
            priority: 1,
            made_here: true,
        }
    }

    /// The high half of the trace id as tracers write it in `_dd.p.tid`; None where it is 0.
    pub fn high(&self) -> Option<String> {
        let high = (self.trace_id >> 64) as u64;
        (high != 0).then(|| format!("{high:016x}"))
    }

    /// The low half of the trace id, which Datadog's headers write in decimal.
    pub fn low(&self) -> u64 {
        self.trace_id as u64
    }
}

/// A trace id as ddtrace makes them: the seconds since 1970 in the highest 32 bits, then 32
/// zero bits, then 64 random ones.
fn new_trace_id(now_s: i64, rng: &mut impl Rng) -> u128 {
    let seconds = u128::from(now_s.clamp(0, i64::from(u32::MAX)) as u64);
    (seconds << 96) | u128::from(new_span_id(rng))
}

/// A span id: 64 random bits, never 0.
pub fn new_span_id(rng: &mut impl Rng) -> u64 {
    rng.next_u64().max(1)
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok().map(str::trim)
}

/// None: the headers name no trace. `Some(None)`: they do, incompletely, which hides W3C's.
fn datadog(headers: &HeaderMap) -> Option<Option<SpanContext>> {
    let low: u64 = text(headers, "x-datadog-trace-id")?
        .parse()
        .ok()
        .filter(|id| *id != 0)?;
    let high = text(headers, "x-datadog-tags")
        .into_iter()
        .flat_map(|tags| tags.split(','))
        .find_map(|tag| tag.trim().strip_prefix("_dd.p.tid="))
        .and_then(|tid| hex(tid, 16))
        .unwrap_or(0);
    let context = || {
        Some(SpanContext {
            trace_id: high << 64 | u128::from(low),
            parent_id: text(headers, "x-datadog-parent-id")?
                .parse()
                .ok()
                .filter(|id| *id != 0)?,
            priority: text(headers, "x-datadog-sampling-priority")?.parse().ok()?,
            made_here: false,
        })
    };
    Some(context())
}

/// `traceparent`, and the sampling priority in `tracestate` where it does not contradict the
/// sampled flag.
fn w3c(headers: &HeaderMap) -> Option<SpanContext> {
    let mut parts = text(headers, "traceparent")?.split('-');
    let version = hex(parts.next()?, 2)?;
    let trace_id = hex(parts.next()?, 32).filter(|id| *id != 0)?;
    let parent_id = hex(parts.next()?, 16).filter(|id| *id != 0)? as u64;
    let flags = hex(parts.next()?, 2)?;
    // Version ff is forbidden, and version 00 ends here.
    if version == 0xff || (version == 0 && parts.next().is_some()) {
        return None;
    }
    let sampled = i64::from(flags & 1 == 1);
    let stated: Option<i64> = text(headers, "tracestate")
        .into_iter()
        .flat_map(|state| state.split(','))
        .find_map(|member| member.trim().strip_prefix("dd="))
        .and_then(|dd| dd.split(';').find_map(|item| item.strip_prefix("s:")))
        .and_then(|priority| priority.parse().ok());
    Some(SpanContext {
        trace_id,
        parent_id,
        priority: stated
            .filter(|priority| (*priority > 0) == (sampled == 1))
            .unwrap_or(sampled),
        made_here: false,
    })
}

/// `text` as exactly `digits` lower-case hexadecimal digits.
fn hex(text: &str, digits: usize) -> Option<u128> {
    let all = text.len() == digits
        && text
            .bytes()
            .all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
    all.then(|| u128::from_str_radix(text, 16).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderName, HeaderValue};
    use proptest::prelude::*;
    use rand::SeedableRng;
    use rand_xoshiro::Xoshiro256PlusPlus;

    use super::*;

    const W3C_ID: u128 = 0x0af7_6519_16cd_43dd_8448_eb21_1c80_319c;
    const W3C_PARENT: u64 = 0xb7ad_6b71_6920_3331;

    fn of(sent: &[(&'static str, &str)]) -> SpanContext {
        let mut headers = HeaderMap::new();
        for (name, value) in sent {
            headers.insert(
                HeaderName::from_static(name),
                HeaderValue::from_bytes(value.as_bytes()).expect("a header value"),
            );
        }
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(1);
        SpanContext::of(&headers, 1_800_000_000, &mut rng)
    }

    const ID: (&str, &str) = ("x-datadog-trace-id", "1234567890");
    const PARENT: (&str, &str) = ("x-datadog-parent-id", "987");
    const KEEP: (&str, &str) = ("x-datadog-sampling-priority", "2");
    const TID: (&str, &str) = ("x-datadog-tags", "_dd.p.tid=68126c4300000000");
    const SAMPLED: (&str, &str) = (
        "traceparent",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    );
    const UNSAMPLED: (&str, &str) = (
        "traceparent",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00",
    );

    #[test]
    fn the_context_is_taken_as_the_real_library_takes_it() {
        // Sent headers, and the trace id, parent and priority that datadog-lambda 8.130.0
        // extracted from them (measured); None: it ignored them.
        type Extracted = Option<(u128, u64, i64)>;
        let high = 0x6812_6c43_0000_0000_u128 << 64;
        let w3c = |priority| Some((W3C_ID, W3C_PARENT, priority));
        let table: Vec<(Vec<(&'static str, &str)>, Extracted)> = vec![
            (
                vec![ID, PARENT, KEEP, TID],
                Some((high | 1_234_567_890, 987, 2)),
            ),
            (vec![ID, PARENT], None),
            (vec![ID, KEEP], None),
            (vec![ID, PARENT, SAMPLED], None),
            (
                vec![ID, PARENT, KEEP, SAMPLED, ("tracestate", "dd=s:1")],
                Some((1_234_567_890, 987, 2)),
            ),
            (vec![SAMPLED], w3c(1)),
            (vec![UNSAMPLED], w3c(0)),
            (vec![SAMPLED, ("tracestate", "dd=s:2;o:x")], w3c(2)),
            (vec![SAMPLED, ("tracestate", "dd=s:-1")], w3c(1)),
            (vec![UNSAMPLED, ("tracestate", "dd=s:2")], w3c(0)),
            (vec![UNSAMPLED, ("tracestate", "dd=s:-1")], w3c(-1)),
            (
                vec![(
                    "traceparent",
                    "00-0AF7651916CD43DD8448EB211C80319C-B7AD6B7169203331-01",
                )],
                None,
            ),
            (
                vec![(
                    "traceparent",
                    "01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                )],
                w3c(1),
            ),
            (
                vec![(
                    "traceparent",
                    "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                )],
                None,
            ),
            (
                vec![(
                    "traceparent",
                    "00-00000000000000000000000000000000-b7ad6b7169203331-01",
                )],
                None,
            ),
            (vec![("x-datadog-trace-id", "abc"), PARENT, KEEP], None),
            (
                vec![("x-datadog-trace-id", "abc"), PARENT, KEEP, SAMPLED],
                w3c(1),
            ),
            (vec![("x-datadog-trace-id", "0"), PARENT, KEEP], None),
            (
                vec![("x-datadog-trace-id", "18446744073709551616"), PARENT, KEEP],
                None,
            ),
            (vec![ID, PARENT, ("x-datadog-sampling-priority", "x")], None),
            (
                vec![ID, PARENT, ("x-datadog-sampling-priority", "7")],
                Some((1_234_567_890, 987, 7)),
            ),
            (
                vec![ID, PARENT, KEEP, ("x-datadog-tags", "_dd.p.tid=zz")],
                Some((1_234_567_890, 987, 2)),
            ),
        ];
        for (sent, taken) in table {
            let context = of(&sent);
            let found = (!context.made_here).then_some((
                context.trace_id,
                context.parent_id,
                context.priority,
            ));
            assert_eq!(found, taken, "{sent:?}");
        }
    }

    #[test]
    fn a_new_trace_has_no_parent_and_an_id_of_128_bits() {
        let context = of(&[]);
        assert_eq!((context.parent_id, context.priority), (0, 1));
        assert_eq!(context.high().as_deref(), Some("6b49d20000000000"));
        assert_ne!(context.low(), 0);
    }

    proptest! {
        #[test]
        fn any_header_values_give_a_usable_context(
            id in "[ -~]{0,40}", tags in "[ -~]{0,40}", parent in "[ -~]{0,60}", state in "[ -~]{0,40}",
        ) {
            let context = of(&[
                ("x-datadog-trace-id", &id), PARENT, KEEP, ("x-datadog-tags", &tags),
                ("traceparent", &parent), ("tracestate", &state),
            ]);
            prop_assert_ne!(context.trace_id, 0);
        }
    }
}
