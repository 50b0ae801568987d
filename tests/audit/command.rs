//! What is typed wrong, and what is not there.

use tempfile::TempDir;

use crate::{
    shop::{SERVICE, shop},
    support::command::{Finished, loadgen_in},
};

fn told(environment: &[(&str, &str)], flags: &[&str]) -> (Option<i32>, String) {
    let folder = TempDir::new().expect("a folder");
    let Finished { code, err, .. } = Finished::of(
        loadgen_in(folder.path())
            .arg("audit")
            .args(flags)
            .envs(environment.iter().copied()),
    );
    (code, err)
}

#[test]
fn what_cannot_be_asked_is_exit_2_with_the_way_out() {
    type Case<'a> = (&'a [(&'a str, &'a str)], &'a [&'a str], &'a str);
    let cases: [Case; 11] = [
        (&[], &[], "`loadgen audit latest` audits the newest run"),
        (
            &[],
            &["--service", "s"],
            "`loadgen audit latest` audits the newest run",
        ),
        (&[], &["latest"], "loadgen-runs"),
        (
            &[("DD_API_KEY", "k")],
            &["--service", "s"],
            "set DD_APP_KEY",
        ),
        (
            &[("DD_SITE", "datadog.com")],
            &["--service", "s"],
            "set DD_SITE to one of",
        ),
        (
            &[],
            &["--service", "a,b"],
            "no list, no pattern and no query",
        ),
        (
            &[],
            &["--service", "s", "--range", "0s"],
            "a range of zero holds nothing",
        ),
        (
            &[],
            &["--service", "s", "--range", "451d"],
            "Datadog keeps metrics for 15 months",
        ),
        (&[], &["--service", "s", "--range", "-1h"], "is negative"),
        (
            &[],
            &["--service", "s", "--range", "soon"],
            "is not a duration",
        ),
        (
            &[],
            &[
                "--service",
                "s",
                "--datadog-url",
                "http://api.datadoghq.com",
            ],
            "is not https",
        ),
    ];
    for (environment, flags, expected) in cases {
        let (code, err) = told(environment, flags);
        assert_eq!(code, Some(2), "{flags:?}: {err}");
        assert!(err.contains(expected), "{expected}: {err}");
    }
}

#[test]
fn a_service_or_function_that_is_not_there_says_which_services_are() {
    let url = &shop().sandbox.info().datadog_url;
    for flags in [
        vec!["--service", "shpo"],
        vec!["--service", SERVICE, "--env", "dev"],
        vec!["--function", "no-such"],
        vec![],
    ] {
        let (code, err) = told(&[("LOADGEN_DATADOG_URL", url)], &flags);
        assert_eq!(code, Some(2), "{flags:?}: {err}");
        assert!(
            err.contains("services with invocations: shop"),
            "{flags:?}: {err}"
        );
    }
}

#[test]
fn a_function_that_is_not_there_beside_one_that_is_is_said() {
    let url = &shop().sandbox.info().datadog_url;
    let folder = TempDir::new().expect("a folder");
    let Finished { code, out, .. } = Finished::of(
        loadgen_in(folder.path())
            .args(["audit", "--function", "shop-cart", "--function", "no-such"])
            .args(["--datadog-url", url]),
    );
    assert_eq!(code, Some(0));
    let expected = "no metric of the time range names the function no-such";
    assert!(out.contains(expected), "{out}");
}

#[test]
fn a_refused_key_is_exit_2_and_not_shown() {
    let url = &shop().sandbox.info().datadog_url;
    let key = "0".repeat(32);
    let environment = [
        ("DD_API_KEY", key.as_str()),
        ("DD_APP_KEY", "secretsecret"),
        ("LOADGEN_DATADOG_URL", url),
    ];
    let (code, err) = told(&environment, &["--service", SERVICE]);
    assert_eq!(code, Some(2));
    assert!(err.contains("refused the keys"), "{err}");
    assert!(
        !err.contains(&key) && !err.contains("secretsecret"),
        "{err}"
    );
}
