//! Checks a deployed function: whether all its telemetry reaches the right Datadog in time.

use super::{Check, Topic, words};
use crate::{aws::Instrumentation, lang::Value};

/// Runtimes of Datadog's sample app of 2023 that AWS no longer supports (the table of deprecation dates in the AWS Lambda
/// developer guide, "Lambda runtimes").
const DEPRECATED: [(&str, &str); 3] = [
    ("python3.9", "2025-12-15"),
    ("nodejs18.x", "2025-09-01"),
    ("nodejs12.x", "2023-03-31"),
];
/// The extension of Datadog's own template of 2023: it counts no out-of-memory kills of Python
/// functions (DataDog/datadog-lambda-extension, pull request 776, of August 2025).
const WITHOUT_OUT_OF_MEMORY: u64 = 44;

/// Checks the function `name`; `site` is the Datadog site that verification asks.
pub(super) fn function(name: &str, seen: &Instrumentation, site: Option<&str>) -> Vec<Check> {
    let mut checks = vec![runtime(seen), layers(seen)];
    checks.extend(site_of(seen, site));
    checks.push(flush_strategy(seen));
    checks.push(payload_capture(seen));
    checks.into_iter().map(|check| check.of(name)).collect()
}

fn runtime(seen: &Instrumentation) -> Check {
    let named: Value = match seen.is_image {
        true => words::IMAGE.into(),
        false => (&seen.runtime).into(),
    };
    let (mb, seconds) = (seen.memory_mb, seen.timeout_s);
    if seen.is_managed {
        let found = words::managed(named, mb, seconds);
        return Check::advice(Topic::Runtime, found, words::NO_MEMORY);
    }
    match DEPRECATED.iter().find(|(name, _)| *name == seen.runtime) {
        Some((_, since)) => Check::advice(
            Topic::Runtime,
            words::deprecated(named, mb, seconds, since),
            words::STILL_RUNS,
        ),
        None => Check::ok(Topic::Runtime, words::runtime(named, mb, seconds)),
    }
}

fn layers(seen: &Instrumentation) -> Check {
    let topic = Topic::Layers;
    if seen.is_image {
        return Check::cannot_tell(topic, words::IN_THE_IMAGE, words::CHECK_IMAGE);
    }
    let layers = seen.layers.iter();
    let shown: Vec<String> = layers
        .map(|layer| format!("{} {}", layer.name, layer.version))
        .collect();
    let shown = shown.join(", ");
    match (seen.extension(), seen.library()) {
        (None, None) if shown.is_empty() => Check::fix(topic, words::NO_LAYER, words::ADD_LAYERS),
        (None, None) => Check::fix(topic, words::no_datadog_layer(&shown), words::ADD_LAYERS),
        (None, Some(_)) => Check::advice(topic, words::no_extension(&shown), words::SUBSCRIBE),
        (Some(extension), _) if extension.version <= WITHOUT_OUT_OF_MEMORY => {
            Check::advice(topic, words::old_extension(&shown), words::UPDATE_EXTENSION)
        }
        (Some(_), None) => Check::advice(topic, words::no_library(&shown), words::ADD_LIBRARY),
        (Some(_), Some(_)) => Check::ok(topic, shown),
    }
}

fn site_of(seen: &Instrumentation, site: Option<&str>) -> Vec<Check> {
    let topic = Topic::FunctionSite;
    let mut checks = Vec::new();
    // Datadog's extension and libraries send there by default.
    let sends = seen.site.as_deref().unwrap_or("datadoghq.com");
    let mut variables = seen.variables.iter();
    let has_key = variables.any(|name| name.starts_with("DD_") && name.contains("API_KEY"));
    if !has_key && seen.extension().is_some() {
        checks.push(Check::fix(
            topic,
            words::NO_FUNCTION_KEY,
            words::SET_FUNCTION_KEY,
        ));
    }
    checks.push(match site {
        Some(site) if !sends.eq_ignore_ascii_case(site) => Check::fix(
            topic,
            words::other_site(sends, site),
            words::set_site(sends, site),
        ),
        _ => Check::ok(topic, sends),
    });
    checks
}

fn flush_strategy(seen: &Instrumentation) -> Check {
    let strategy: Value = match seen.flush_strategy.as_deref() {
        Some("end") => return Check::ok(Topic::FlushStrategy, words::FLUSH_END),
        Some(other) => other.into(),
        None => words::DEFAULT_FLUSH.into(),
    };
    Check::advice(
        Topic::FlushStrategy,
        words::holds_back(strategy),
        words::SET_FLUSH,
    )
}

fn payload_capture(seen: &Instrumentation) -> Check {
    let topic = Topic::PayloadCapture;
    match seen.capture_payload.as_deref() {
        Some(on) if on.eq_ignore_ascii_case("true") => Check::ok(topic, words::CAPTURES),
        _ => Check::advice(topic, words::NO_CAPTURE, words::SET_CAPTURE),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{aws::Layer, doctor::State, lang::assert_korean};

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
    fn every_finding_is_said_in_korean() {
        let with = |layers: &[(&str, u64)]| Instrumentation {
            layers: layers
                .iter()
                .map(|(name, version)| layer(name, *version))
                .collect(),
            ..ours()
        };
        let old = Instrumentation {
            runtime: "python3.9".to_owned(),
            variables: Vec::new(),
            flush_strategy: None,
            capture_payload: None,
            ..with(&[("Datadog-Extension", 44)])
        };
        let managed = Instrumentation {
            is_managed: true,
            ..ours()
        };
        let image = Instrumentation {
            is_image: true,
            flush_strategy: Some("periodically".to_owned()),
            ..ours()
        };
        for seen in [
            old,
            managed,
            image,
            with(&[]),
            with(&[("Other", 1)]),
            with(&[("Datadog-Python313", 130)]),
            with(&[("Datadog-Extension", 99)]),
        ] {
            let checks = function("f", &seen, Some("us5.datadoghq.com"));
            assert_korean(checks.iter().flat_map(Check::sentences));
        }
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
                .is_some_and(|fix| fix.english().contains("DD_SITE=datadoghq.eu"))
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
