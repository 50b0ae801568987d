//! A day of traffic for six functions: all troubles are found, nothing is invented.

use std::collections::BTreeMap;

use loadgen::lambda::End;
use serde_json::Value;
use tempfile::TempDir;

use crate::{
    shop::{ENV, SERVICE, shop},
    support::command::{Finished, loadgen_in},
};

fn audit(flags: &[&str]) -> Finished {
    let folder = TempDir::new().expect("a folder");
    let url = &shop().sandbox.info().datadog_url;
    Finished::of(
        loadgen_in(folder.path())
            .args(["audit", "--datadog-url", url])
            .args(flags),
    )
}

fn as_json(flags: &[&str]) -> (Option<i32>, Value) {
    let ended = audit(&[flags, &["--format", "json"]].concat());
    (ended.code, ended.json())
}

/// By function, the Insights whose answer is `met`.
fn with(page: &Value, met: &str) -> BTreeMap<String, Vec<String>> {
    let functions = page["functions"].as_array().expect("functions");
    functions
        .iter()
        .map(|function| {
            let insights = function["insights"].as_array().expect("insights");
            let mut ids: Vec<String> = insights
                .iter()
                .filter(|one| one["met"] == met)
                .map(|one| one["id"].as_str().expect("an id").to_owned())
                .collect();
            ids.sort();
            (
                function["function"].as_str().expect("a name").to_owned(),
                ids,
            )
        })
        .collect()
}

fn standing<'a>(page: &'a Value, function: &str, id: &str) -> &'a Value {
    let functions = page["functions"].as_array().expect("functions");
    let found = functions.iter().find(|one| one["function"] == function);
    let insights = found.expect(function)["insights"]
        .as_array()
        .expect("insights");
    insights
        .iter()
        .find(|one| one["id"] == id)
        .expect("every Insight")
}

#[test]
fn every_trouble_of_the_day_is_found_and_nothing_is_invented() {
    let (code, page) = as_json(&["--service", SERVICE, "--env", ENV]);
    assert_eq!(code, Some(1));
    let expected = [
        ("shop-cart", vec![]),
        ("shop-image", vec!["high_memory", "out_of_memory"]),
        ("shop-payment", vec!["errors", "high_errors"]),
        ("shop-report", vec!["high_duration"]),
        ("shop-search", vec!["cold_starts"]),
        ("shop-webhook", vec!["throttles"]),
    ];
    let expected: BTreeMap<String, Vec<String>> = expected
        .into_iter()
        .map(|(name, ids)| {
            (
                name.to_owned(),
                ids.into_iter().map(str::to_owned).collect(),
            )
        })
        .collect();
    assert_eq!(with(&page, "yes"), expected);
    // Nobody reads a stream, has provisioned concurrency, or could be told of threats.
    for (function, ids) in with(&page, "cannot_tell") {
        assert_eq!(
            ids,
            [
                "high_iterator_age",
                "provisioned_concurrency",
                "threats_detected"
            ],
            "{function}"
        );
    }
}

#[test]
fn what_is_measured_is_what_the_model_did() {
    let (_, page) = as_json(&["--service", SERVICE]);
    let days = &shop().days;
    for (function, day) in days {
        let n = day.invocations.len();
        let cold = standing(&page, function, "cold_starts")["measured"]["text"].clone();
        let cold = cold.as_str().expect("a sentence").to_owned();
        let s = if day.cold() == 1 { "" } else { "s" };
        let expected = format!(
            "{} cold start{s} in {} invocations: ",
            day.cold(),
            loadgen::units::show_count(n as u64)
        );
        assert!(
            cold.starts_with(&expected),
            "{function}: {cold} is not {expected}"
        );
    }
    let errors = standing(&page, "shop-payment", "errors")["measured"]["text"].clone();
    let errors_expected = 3 * days["shop-payment"].ended(End::Exception);
    let expected = loadgen::units::show_count(errors_expected as u64);
    assert!(
        errors
            .as_str()
            .expect("text")
            .starts_with(&format!("{expected} enhanced.errors in"))
    );
    let throttles = standing(&page, "shop-webhook", "throttles")["measured"]["text"].clone();
    let expected = loadgen::units::show_count(days["shop-webhook"].throttles.len() as u64);
    assert!(
        throttles
            .as_str()
            .expect("text")
            .starts_with(&format!("{expected} throttles in"))
    );
}

#[test]
fn the_most_urgent_comes_first() {
    let (_, page) = as_json(&["--service", SERVICE]);
    let functions = page["functions"].as_array().expect("functions");
    let met: Vec<usize> = functions
        .iter()
        .map(|function| {
            let insights = function["insights"].as_array().expect("insights");
            insights.iter().filter(|one| one["met"] == "yes").count()
        })
        .collect();
    assert!(met.is_sorted_by(|a, b| a >= b), "{met:?}");
    assert_eq!(
        functions.last().map(|one| &one["function"]),
        Some(&"shop-cart".into())
    );
    for function in functions {
        let insights = function["insights"].as_array().expect("insights");
        let near: Vec<f64> = insights
            .iter()
            .filter(|one| one["met"] == "no")
            .map(|one| one["nearness"].as_f64().unwrap_or(0.0))
            .collect();
        assert!(near.is_sorted_by(|a, b| a >= b), "{near:?}");
    }
}

#[test]
fn a_healthy_function_alone_is_exit_0_and_says_how_far_it_is() {
    let Finished { code, out, err } = audit(&["--service", SERVICE, "--function", "Shop-Cart"]);
    assert_eq!(code, Some(0), "{err}");
    for part in [
        "The one function meets no Insight's condition.",
        ": simulated",
        "shop-cart  nothing met",
        "more cold starts",
        "Cannot be told",
    ] {
        assert!(out.contains(part), "{part}: {out}");
    }
    assert!(!out.contains("shop-search"), "{out}");
}

#[test]
fn text_and_markdown_say_the_same_of_each_trouble() {
    let Finished { out: text, .. } = audit(&["--service", SERVICE]);
    assert!(
        text.contains("5 of 6 functions meet the condition of an Insight."),
        "{text}"
    );
    let Finished {
        code,
        out: markdown,
        ..
    } = audit(&["--service", SERVICE, "--format", "markdown"]);
    assert_eq!(code, Some(1));
    assert!(markdown.contains("**5 of 6 functions meet the condition of an Insight.**"));
    for (id, name) in [
        ("throttles", "Throttles"),
        ("high_duration", "High duration"),
        ("cold_starts", "Cold starts"),
    ] {
        assert!(text.contains(&format!("✗ {id}")), "{text}");
        assert!(markdown.contains(&format!("| **[{name}](")), "{markdown}");
    }
}

#[test]
fn a_range_before_the_day_holds_nothing_of_it() {
    let Finished { code, err, .. } = audit(&["--service", SERVICE, "--range", "5m"]);
    assert_eq!(code, Some(2));
    assert!(err.contains("look further back with --range"), "{err}");
}
