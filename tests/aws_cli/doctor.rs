//! `loadgen doctor --stack` against an `aws` command that plays each case.

use loadgen::{
    doctor::{Check, Report, State, Topic},
    sandbox::{Sandbox, SandboxOptions},
};

use crate::{
    stage::{FUNCTION, KEY, NO_STACK, OTHER_KEY, Stage},
    support::command::Finished,
};

const OURS: &str = r#"echo '{"Runtime":"python3.13","PackageType":"Zip","Timeout":3,"MemorySize":512,
  "Layers":["arn:aws:lambda:eu-west-1:464622532012:layer:Datadog-Python313:130","arn:aws:lambda:eu-west-1:464622532012:layer:Datadog-Extension:99"],
  "Variables":["DD_API_KEY","DD_SITE"],"Site":"datadoghq.com","Flush":"end","Capture":"true"}'"#;

fn stage() -> Stage {
    Stage::new()
        .plays(
            "get-caller-identity",
            r#"echo '{"Account":"123456789012","Arn":"arn:aws:iam::123456789012:user/me"}'"#,
        )
        .plays(
            "get-account-settings",
            r#"echo '{"Limit":1000,"Unreserved":1000}'"#,
        )
        .plays(
            "describe-stack-resources",
            r#"echo '["datadog-sample-entry-function","datadog-sample-sqs-consumer-function"]'"#,
        )
        .plays("get-function-configuration", OURS)
}

/// What the doctor found, with a sandbox in Datadog's place and nothing in AWS's.
fn examined(stage: &Stage, arguments: &[&str]) -> (Option<i32>, Report) {
    let sandbox = Sandbox::embedded(SandboxOptions::default()).expect("a sandbox");
    let mut command = stage.loadgen();
    command
        .env_remove("DD_API_KEY")
        .args(["doctor", "--json", "--stack", "mine"])
        // API Gateway would be asked over the network; on an emulator it is not.
        .args(["--endpoint", "http://127.0.0.1:9"])
        .args(["--datadog-url", &sandbox.info().datadog_url])
        .args(arguments);
    let finished = Finished::of(&mut command);
    sandbox.stop().expect("it stops");
    for key in [KEY, OTHER_KEY] {
        let seen = [&finished.out, &finished.err, &stage.calls()]
            .iter()
            .any(|text| text.contains(key));
        assert!(!seen, "a key was seen");
    }
    let report = serde_json::from_value(finished.json()).expect("a report");
    (finished.code, report)
}

fn of<'a>(report: &'a Report, topic: Topic, subject: Option<&str>) -> &'a Check {
    let found = report.checks.iter().find(|check| {
        check.topic == topic && subject.is_none_or(|name| check.subject.as_deref() == Some(name))
    });
    found.unwrap_or_else(|| panic!("no {topic:?} in {report:?}"))
}

#[test]
fn a_stack_as_we_deploy_it_needs_nothing_and_no_value_of_its_environment_is_asked_for() {
    let stage = stage();
    let (code, report) = examined(&stage, &[]);
    assert_eq!(code, Some(0), "{report:?}");
    for topic in [
        Topic::AwsCommand,
        Topic::AwsRegion,
        Topic::AwsIdentity,
        Topic::AwsConcurrency,
        Topic::Stack,
    ] {
        assert_eq!(of(&report, topic, None).state, State::Ok, "{topic:?}");
    }
    for function in [FUNCTION, "datadog-sample-sqs-consumer-function"] {
        for topic in [Topic::Runtime, Topic::Layers, Topic::FlushStrategy] {
            assert_eq!(of(&report, topic, Some(function)).state, State::Ok);
        }
    }
    let calls = stage.calls();
    assert!(
        calls.contains("keys(not_null(Environment.Variables"),
        "{calls}"
    );
    assert!(!calls.contains("DD_API_KEY"), "{calls}");
    assert!(
        !calls.contains("update") && !calls.contains("invoke"),
        "{calls}"
    );
}

#[test]
fn a_new_account_and_an_old_app_get_advice() {
    let stage = stage()
        .plays(
            "get-account-settings",
            r#"echo '{"Limit":10,"Unreserved":10}'"#,
        )
        .plays(
            "get-function-configuration",
            r#"echo '{"Runtime":"python3.9","PackageType":"Zip","Timeout":3,"MemorySize":512,
              "Layers":["arn:aws:lambda:eu-west-1:464622532012:layer:Datadog-Python39:73","arn:aws:lambda:eu-west-1:464622532012:layer:Datadog-Extension:44"],
              "Variables":["DD_API_KEY"],"Site":"datadoghq.com","Flush":null,"Capture":"true"}'"#,
        );
    let (code, report) = examined(&stage, &[]);
    assert_eq!(code, Some(0), "{report:?}");
    let concurrency = of(&report, Topic::AwsConcurrency, None);
    assert_eq!(concurrency.state, State::Advice);
    assert!(
        concurrency.found.english().contains("a burst of 20"),
        "{concurrency:?}"
    );
    for topic in [Topic::Runtime, Topic::Layers, Topic::FlushStrategy] {
        assert_eq!(of(&report, topic, Some(FUNCTION)).state, State::Advice);
    }
}

#[test]
fn what_aws_refuses_is_told_and_what_does_not_depend_on_it_is_still_looked_at() {
    let stage = stage().refuses("get-account-settings", "AccessDeniedException", "no");
    let (code, report) = examined(&stage, &[]);
    assert_eq!(code, Some(0), "{report:?}");
    let concurrency = of(&report, Topic::AwsConcurrency, None);
    assert_eq!(concurrency.state, State::CannotTell);
    assert_eq!(of(&report, Topic::Stack, None).state, State::Ok);

    let (code, report) = examined(&stage.plays("describe-stacks", NO_STACK), &[]);
    assert_eq!(code, Some(2));
    let missing = of(&report, Topic::Stack, None);
    assert!(
        missing.found.english().contains("loadgen aws deploy"),
        "{missing:?}"
    );

    let expired = Stage::new().refuses("get-caller-identity", "ExpiredToken", "it has");
    let (code, report) = examined(&expired, &[]);
    assert_eq!(code, Some(2));
    let identity = of(&report, Topic::AwsIdentity, None);
    assert!(
        identity.found.english().contains("aws sso login"),
        "{identity:?}"
    );
    assert_eq!(of(&report, Topic::Stack, None).state, State::Skipped);
}
