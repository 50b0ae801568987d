//! What cannot start says why, sends nothing and leaves no folder.

use loadgen::{
    run::{RunErrorKind, RunOptions, RunTarget, run},
    scenario::Scenario,
};

use crate::watching::{Watching, folder, is_recorded, once, options, record, scenario};

const FAR: &str = "https://host.invalid/";

/// A run there is refused for this kind of reason, which holds `told`.
#[track_caller]
fn refused(
    scenario: &Scenario,
    address: &str,
    change: impl FnOnce(&mut RunOptions),
    kind: RunErrorKind,
    told: &str,
) -> Watching {
    let folder = folder();
    let mut watching = Watching::default();
    let mut options = options(folder.path());
    // Keys are looked at only where something is to be verified.
    options.verify = false;
    change(&mut options);
    let target = RunTarget::at(address).expect("a target");
    let error = run(scenario, target, &options, &mut watching).expect_err("refused");
    assert_eq!(error.kind(), kind, "{error}");
    assert!(error.to_string().contains(told), "{error}");
    assert!(!record(&folder).path().exists());
    watching
}

#[test]
fn nobody_who_says_no_is_sent_anything() {
    let watching = refused(
        &once("cold-start"),
        FAR,
        |_| {},
        RunErrorKind::Refused,
        "nothing was sent",
    );
    assert_eq!(watching.calls, ["planned", "confirm"]);
    assert_eq!(watching.asked, Some(("host.invalid".to_owned(), 20)));
}

#[test]
fn other_machines_are_reached_only_on_purpose_and_in_bounds() {
    let burst = once("cold-start");
    let plain = "http://host.invalid/";
    refused(
        &burst,
        plain,
        |_| {},
        RunErrorKind::Refused,
        "--allow-http host.invalid",
    );
    let few = |options: &mut RunOptions| options.guard.max_requests = 19;
    refused(&burst, FAR, few, RunErrorKind::Refused, "--max-requests 20");
    let slow = |options: &mut RunOptions| options.guard.max_rate = 19.0;
    let watching = refused(
        &once("errors"),
        FAR,
        slow,
        RunErrorKind::Refused,
        "--max-rate 20",
    );
    assert!(
        watching.calls.is_empty(),
        "nobody is asked what is refused anyway"
    );
}

#[test]
fn a_secret_that_is_not_set_is_named() {
    let scenario = scenario(
        "[request]\nheaders = { authorization = \"${LOADGEN_TEST_UNSET}\" }\n\
         [[phase]]\nname = \"one\"\nburst = 1\n",
    );
    refused(
        &scenario,
        FAR,
        |_| {},
        RunErrorKind::Scenario,
        "LOADGEN_TEST_UNSET",
    );
}

#[test]
fn a_folder_that_holds_a_run_is_not_written_over() {
    let folder = folder();
    let options = options(folder.path());
    let scenario = scenario("[[phase]]\nname = \"one\"\nburst = 1\n");
    let ended = run(&scenario, RunTarget::Embedded, &options, &mut ());
    let before = ended.expect("a run").run;
    let error = run(&scenario, RunTarget::Embedded, &options, &mut ()).expect_err("refused");
    assert_eq!(error.kind(), RunErrorKind::Record);
    is_recorded(&folder, &before);
}

#[test]
fn an_address_that_is_none_and_one_with_a_password_are_refused() {
    for (address, told) in [
        ("nonsense", "https://"),
        ("ftp://127.0.0.1/", "ftp"),
        ("http://me:hush-hush@127.0.0.1:9/", "put it into a header"),
        (
            "https://me:hush-hush@host.invalid:99999/",
            "put it into a header",
        ),
    ] {
        let error = RunTarget::at(address).expect_err(address);
        assert_eq!(error.kind(), RunErrorKind::Target);
        let said = error.to_string();
        assert!(said.contains(told) && !said.contains("hush-hush"), "{said}");
    }
}
