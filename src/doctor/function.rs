//! A deployed function: whether its telemetry reaches the Datadog that will be asked, whole and
//! in time.

use super::{Check, Topic};
use crate::aws::Instrumentation;

/// Runtimes that AWS no longer supports (the table of deprecation dates in the AWS Lambda
/// developer guide, "Lambda runtimes"), those of Datadog's sample app of 2023.
const DEPRECATED: [(&str, &str); 3] = [
    ("python3.9", "2025-12-15"),
    ("nodejs18.x", "2025-09-01"),
    ("nodejs12.x", "2023-03-31"),
];
/// The extension of Datadog's own template of 2023: it counts no out-of-memory kills of Python
/// functions (DataDog/datadog-lambda-extension, pull request 776, of August 2025).
const WITHOUT_OUT_OF_MEMORY: u64 = 44;

/// Looks at the function `name`; `site` is the Datadog site that will be asked, where it is one.
pub(super) fn function(name: &str, seen: &Instrumentation, site: Option<&str>) -> Vec<Check> {
    let mut checks = vec![runtime(seen), layers(seen)];
    checks.extend(site_of(seen, site));
    checks.push(flush_strategy(seen));
    checks.push(payload_capture(seen));
    checks.into_iter().map(|check| check.of(name)).collect()
}

fn runtime(seen: &Instrumentation) -> Check {
    let named = if seen.is_image {
        "container image"
    } else {
        &seen.runtime
    };
    let found = format!(
        "{named}, {} MB, timeout {} s",
        seen.memory_mb, seen.timeout_s
    );
    match DEPRECATED.iter().find(|(name, _)| *name == seen.runtime) {
        Some((_, since)) => Check::advice(
            Topic::Runtime,
            format!("{found}; AWS deprecated this runtime on {since}"),
            "it still runs; `loadgen aws deploy` deploys the sample app with current ones",
        ),
        None => Check::ok(Topic::Runtime, found),
    }
}

fn layers(seen: &Instrumentation) -> Check {
    if seen.is_image {
        return Check::cannot_tell(
            Topic::Layers,
            "a container image has its layers inside",
            "see that the image holds Datadog's extension and library",
        );
    }
    let shown: Vec<String> = seen
        .layers
        .iter()
        .map(|layer| format!("{} {}", layer.name, layer.version))
        .collect();
    let shown = shown.join(", ");
    match (seen.extension(), seen.library()) {
        (None, None) => Check::fix(
            Topic::Layers,
            if shown.is_empty() {
                "no layer at all".to_owned()
            } else {
                format!("no layer of Datadog's: {shown}")
            },
            "without them only the Forwarder could send its metrics, and nothing its traces: add \
             Datadog-Extension and the library for its language (`loadgen aws deploy` has both)",
        ),
        (None, Some(_)) => Check::advice(
            Topic::Layers,
            format!("{shown}, without the extension"),
            "the Forwarder must be subscribed to its log group, or add the layer Datadog-Extension",
        ),
        (Some(extension), _) if extension.version <= WITHOUT_OUT_OF_MEMORY => Check::advice(
            Topic::Layers,
            format!("{shown}; this extension counts no out-of-memory kills of Python functions"),
            "take a current one for the Insight out_of_memory; the others need none",
        ),
        (Some(_), None) => Check::advice(
            Topic::Layers,
            format!("{shown}, without a library for its language"),
            "spans and the tag cold_start come from the library: add it, unless the code brings its own",
        ),
        (Some(_), Some(_)) => Check::ok(Topic::Layers, shown),
    }
}

fn site_of(seen: &Instrumentation, site: Option<&str>) -> Vec<Check> {
    let mut checks = Vec::new();
    // Datadog's extension and libraries send there where nothing is set.
    let sends = seen.site.as_deref().unwrap_or("datadoghq.com");
    let has_key = seen
        .variables
        .iter()
        .any(|name| name.starts_with("DD_") && name.contains("API_KEY"));
    if !has_key && seen.extension().is_some() {
        checks.push(Check::fix(
            Topic::FunctionSite,
            "the extension has no API key: none of DD_API_KEY, DD_API_KEY_SECRET_ARN and their like is set",
            "set one in the function's environment; `loadgen aws deploy` does it from your DD_API_KEY",
        ));
    }
    checks.push(match site {
        Some(site) if !sends.eq_ignore_ascii_case(site) => Check::fix(
            Topic::FunctionSite,
            format!("it sends its telemetry to {sends}, and {site} will be asked for it"),
            format!("set DD_SITE={sends} here, or {site} in the function (`loadgen aws deploy`)"),
        ),
        _ => Check::ok(Topic::FunctionSite, sends),
    });
    checks
}

fn flush_strategy(seen: &Instrumentation) -> Check {
    match seen.flush_strategy.as_deref() {
        Some("end") => Check::ok(Topic::FlushStrategy, "end: nothing is held back"),
        other => Check::advice(
            Topic::FlushStrategy,
            format!(
                "{}: an environment that is frozen after a burst holds its last telemetry back until \
                 its next invocation or its end, minutes later",
                other.unwrap_or("the extension's default")
            ),
            "set DD_SERVERLESS_FLUSH_STRATEGY=end in the function's environment, or repeat a burst with as \
             many requests at once before you verify",
        ),
    }
}

fn payload_capture(seen: &Instrumentation) -> Check {
    match seen.capture_payload.as_deref() {
        Some(on) if on.eq_ignore_ascii_case("true") => {
            Check::ok(Topic::PayloadCapture, "on: traces carry their run's id")
        }
        _ => Check::advice(
            Topic::PayloadCapture,
            "off: a run's traces cannot be found by its id, so cold and warm rest on the answers' markers",
            "set DD_CAPTURE_LAMBDA_PAYLOAD=true in the function's environment, where its payloads may be seen",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{aws::Layer, doctor::State};

    fn layer(name: &str, version: u64) -> Layer {
        Layer {
            name: name.to_owned(),
            version,
        }
    }

    fn ours() -> Instrumentation {
        Instrumentation {
            runtime: "python3.13".to_owned(),
            timeout_s: 3,
            memory_mb: 512,
            layers: vec![
                layer("Datadog-Python313", 130),
                layer("Datadog-Extension", 99),
            ],
            variables: vec!["DD_API_KEY".to_owned(), "DD_SITE".to_owned()],
            site: Some("datadoghq.eu".to_owned()),
            flush_strategy: Some("end".to_owned()),
            capture_payload: Some("true".to_owned()),
            ..Instrumentation::default()
        }
    }

    fn of(checks: &[Check], topic: Topic) -> &Check {
        let found = checks.iter().find(|check| check.topic == topic);
        found.expect("a check")
    }

    #[test]
    fn the_sample_app_as_we_deploy_it_needs_nothing() {
        let checks = function("f", &ours(), Some("datadoghq.eu"));
        assert!(
            checks.iter().all(|check| check.state == State::Ok),
            "{checks:?}"
        );
        assert!(
            checks
                .iter()
                .all(|check| check.subject.as_deref() == Some("f"))
        );
    }

    #[test]
    fn datadogs_app_of_2023_is_usable_and_each_weakness_is_named() {
        let seen = Instrumentation {
            runtime: "python3.9".to_owned(),
            layers: vec![
                layer("Datadog-Python39", 73),
                layer("Datadog-Extension", 44),
            ],
            flush_strategy: None,
            ..ours()
        };
        let checks = function("f", &seen, Some("datadoghq.eu"));
        for topic in [Topic::Runtime, Topic::Layers, Topic::FlushStrategy] {
            assert_eq!(of(&checks, topic).state, State::Advice, "{topic:?}");
        }
        assert!(checks.iter().all(|check| check.state != State::Fix));
    }

    #[test]
    fn telemetry_that_goes_elsewhere_or_nowhere_must_be_fixed() {
        let checks = function("f", &ours(), Some("us5.datadoghq.com"));
        let site = of(&checks, Topic::FunctionSite);
        assert_eq!(site.state, State::Fix);
        assert!(
            site.fix
                .as_ref()
                .is_some_and(|fix| fix.contains("DD_SITE=datadoghq.eu"))
        );
        let bare = Instrumentation {
            layers: Vec::new(),
            ..ours()
        };
        assert_eq!(
            of(&function("f", &bare, None), Topic::Layers).state,
            State::Fix
        );
        let keyless = Instrumentation {
            variables: Vec::new(),
            ..ours()
        };
        let checks = function("f", &keyless, Some("datadoghq.eu"));
        assert_eq!(of(&checks, Topic::FunctionSite).state, State::Fix);
    }
}
