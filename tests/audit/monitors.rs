//! `loadgen audit --monitors`: what is printed. That it parses elsewhere is checked with Datadog's
//! own client and a parser of Terraform's language in `tests/clients/`.

use std::collections::BTreeSet;

use serde_json::Value;
use tempfile::TempDir;

use crate::{
    shop::{SERVICE, shop},
    support::command::{Finished, loadgen_in},
};

fn printed(format: &str) -> Finished {
    let folder = TempDir::new().expect("a folder");
    let url = &shop().sandbox.info().datadog_url;
    let words = [
        "audit",
        "--service",
        SERVICE,
        "--monitors",
        format,
        "--datadog-url",
        url,
    ];
    Finished::of(loadgen_in(folder.path()).args(words))
}

#[test]
fn every_function_gets_a_monitor_for_each_condition_that_a_metric_carries() {
    let Finished { code, out, err } = printed("json");
    assert_eq!(code, Some(0), "{err}");
    let monitors: Vec<Value> = serde_json::from_str(&out).expect("a list");
    // Nine Insights, six functions.
    assert_eq!(monitors.len(), 54);
    let names: BTreeSet<&str> = monitors
        .iter()
        .filter_map(|one| one["name"].as_str())
        .collect();
    assert_eq!(names.len(), 54);
    for monitor in &monitors {
        assert_eq!(monitor["type"], "query alert");
        let query = monitor["query"].as_str().expect("a query");
        let limit = query.rsplit(' ').next().expect("a limit");
        let critical = monitor["options"]["thresholds"]["critical"].as_f64();
        assert_eq!(limit.parse().ok(), critical, "{query}");
    }
    let cold = monitors
        .iter()
        .find(|one| one["name"] == "Cold starts on shop-search");
    assert_eq!(
        cold.expect("one")["query"],
        "sum(last_1h):sum:aws.lambda.enhanced.invocations{functionname:shop-search,service:shop,\
         cold_start:true}.as_count() / sum:aws.lambda.enhanced.invocations\
         {functionname:shop-search,service:shop}.as_count() > 0.01"
    );
}

#[test]
fn what_is_left_out_is_said_on_stderr() {
    let Finished { out, err, .. } = printed("json");
    for id in [
        "high_iterator_age",
        "provisioned_concurrency",
        "threats_detected",
    ] {
        assert!(err.contains(&format!("no monitor for {id} of ")), "{err}");
        assert!(!out.contains(id));
    }
}

#[test]
fn terraform_has_the_same_queries_under_names_of_their_own() {
    let Finished { code, out, .. } = printed("terraform");
    assert_eq!(code, Some(0));
    let names: BTreeSet<&str> = out
        .lines()
        .filter_map(|line| line.strip_prefix("resource \"datadog_monitor\" "))
        .collect();
    assert_eq!(names.len(), 54);
    assert!(
        names.contains("\"lambda_shop_payment_high_errors\" {"),
        "{names:?}"
    );
    let Finished { out: json, .. } = printed("json");
    let monitors: Vec<Value> = serde_json::from_str(&json).expect("a list");
    for monitor in monitors {
        let query = monitor["query"].as_str().expect("a query");
        assert!(
            out.contains(&format!("  query   = \"{query}\"\n")),
            "{query}"
        );
    }
}
