//! Each way in which `aws` or AWS can fail is named with its cause and the next step.

use crate::{
    stage::{COMPLETE, NO_STACK, OTHER_KEY, Stage},
    support::command::Finished,
};

#[test]
fn without_an_aws_command_it_says_how_to_get_one() {
    let stage = Stage::new();
    std::fs::remove_file(stage.at("bin/aws")).expect("it was there");
    let mut command = stage.loadgen();
    command
        .env("PATH", stage.at("bin"))
        .args(["aws", "outputs"]);
    let parts = ["no `aws` command was found", "https://aws.amazon.com/cli/"];
    Finished::of(&mut command).ended(2, &parts);
}

#[test]
fn both_versions_of_aws_will_do() {
    for version in [
        "echo 'aws-cli/2.31.0 Python/3.13.7 Linux/6.1 exe/x86_64.debian.12'",
        "echo 'aws-cli/1.46.3 Python/3.11.7 Linux/6.1 botocore/1.43.62'",
        // On old Pythons version 1 wrote it to stderr.
        "echo 'aws-cli/1.17.4 Python/2.7.18 Linux/6.1 botocore/1.14.4' >&2",
    ] {
        let said = Stage::new().plays("version", version).aws(&["outputs"]);
        said.ended(0, &[]);
    }
}

#[test]
fn an_aws_that_is_too_old_or_something_else_is_not_used() {
    for (version, part) in [
        (
            "echo 'aws-cli/1.16.300 Python/3.6.9 Linux/5.4 botocore/1.13.36'",
            "version 1.16.300",
        ),
        (
            "echo 'All Web Services 7'",
            "not the AWS command line interface",
        ),
        (
            "echo 'aws-cli/latest'",
            "not the AWS command line interface",
        ),
        ("true", "not the AWS command line interface"),
    ] {
        let stage = Stage::new().plays("version", version);
        stage.aws(&["outputs"]).ended(2, &[part]);
        assert_eq!(stage.count("describe-stacks"), 0);
    }
}

#[test]
fn a_refusal_is_named_with_its_cause_and_the_next_step() {
    for (code, message, parts) in [
        (
            "ExpiredToken",
            "The security token included in the request is expired",
            ["have expired", "aws sso login"],
        ),
        (
            "AccessDenied",
            "User: arn:aws:iam::1:user/a is not authorized to perform: cloudformation:DescribeStacks",
            ["AWS denied", "not authorized to perform"],
        ),
        (
            "InvalidClientTokenId",
            "The security token included in the request is invalid",
            ["does not accept your credentials", "clock"],
        ),
        (
            "Throttling",
            "Rate exceeded",
            ["throttling", "Wait a minute"],
        ),
        (
            "InternalFailure",
            "Something broke",
            ["InternalFailure: Something broke", ""],
        ),
    ] {
        let stage = Stage::new().refuses("describe-stacks", code, message);
        stage.aws(&["outputs"]).ended(2, &parts);
    }
}

#[test]
fn what_aws_says_before_it_reaches_aws_is_named_too() {
    for (message, part) in [
        (
            "Unable to locate credentials. You can configure credentials by running \\\"aws configure\\\".",
            "found no usable credentials",
        ),
        (
            "The config profile (work) could not be found",
            "found no usable credentials",
        ),
        (
            "Error loading SSO Token: Token for default does not exist",
            "have expired",
        ),
        (
            "The SSO session associated with this profile has expired or is otherwise invalid.",
            "have expired",
        ),
        (
            "You must specify a region. You can also configure your region by running \\\"aws configure\\\".",
            "no AWS region is set",
        ),
        (
            "Could not connect to the endpoint URL: \\\"https://cloudformation.eu-wst-1.amazonaws.com/\\\"",
            "the region's name",
        ),
        (
            "usage: aws\naws: error: argument operation: Invalid choice, valid choices are:",
            "probably too old",
        ),
        (
            "Killed",
            "`aws cloudformation describe-stacks` failed: Killed",
        ),
        ("", "it said nothing"),
    ] {
        let stage = Stage::new().plays(
            "describe-stacks",
            &format!("echo \"{message}\" >&2; exit 255"),
        );
        stage.aws(&["outputs"]).ended(2, &[part]);
    }
}

#[test]
fn an_answer_that_cannot_be_read_is_an_error_and_is_not_shown() {
    for garbage in [
        format!("echo 'Welcome! {OTHER_KEY}'"),
        format!("printf '\\377\\376{OTHER_KEY}'"),
        "echo '{\"Stacks\":'".to_owned(),
        "echo '{}'".to_owned(),
        "echo '[]'".to_owned(),
        "true".to_owned(),
    ] {
        let said = Stage::new()
            .plays("describe-stacks", &garbage)
            .aws(&["outputs"]);
        said.ended(2, &["gave an answer that cannot be read"]);
        assert!(!said.err.contains("Welcome"));
    }
}

#[test]
fn a_stack_that_is_not_there_names_the_region_it_was_looked_for_in() {
    let stage = Stage::new().plays("describe-stacks", NO_STACK);
    let said = stage.aws(&["outputs", "--stack", "mine"]);
    said.ended(2, &["no stack `mine` in eu-west-1", "--region"]);
}

#[test]
fn the_region_that_is_typed_goes_into_every_call_before_the_environments() {
    let stage = Stage::new();
    stage
        .aws(&["outputs", "--region", "ap-northeast-2"])
        .ended(0, &[]);
    stage.aws(&["outputs"]).ended(0, &[]);
    let regions: Vec<String> = stage
        .calls()
        .lines()
        .filter_map(|call| Some(call.split_once("--region ")?.1.to_owned()))
        .collect();
    assert_eq!(regions, ["ap-northeast-2", "eu-west-1"]);
}

#[test]
fn without_any_region_it_asks_for_one() {
    let stage = Stage::new().plays("get", "exit 1");
    let mut command = stage.loadgen();
    command.env_remove("AWS_REGION").args(["aws", "outputs"]);
    Finished::of(&mut command).ended(2, &["no AWS region is set"]);
}

#[test]
fn a_stack_that_is_not_ours_is_said_to_lack_the_output() {
    let shell = r#"echo '{"Stacks":[{"StackStatus":"CREATE_COMPLETE","Outputs":[{"OutputKey":"Url","OutputValue":"x"}]}]}'"#;
    let stage = Stage::new().plays("describe-stacks", shell);
    stage
        .aws(&["outputs"])
        .ended(2, &["no output `ApiGatewayInvokeURL`", "--stack"]);
}

#[test]
fn a_stack_that_failed_is_told_with_the_first_reason_and_the_way_out() {
    let stage = Stage::new()
        .plays("describe-stacks", r#"echo '{"Stacks":[{"StackStatus":"ROLLBACK_COMPLETE"}]}'"#)
        .plays(
            "describe-stack-events",
            // Newest first, as CloudFormation gives them.
            r#"echo '[["Api","Resource creation cancelled"],["EntryFunction","datadog-sample-entry-function already exists"]]'"#,
        );
    // What is copied must not reach another stack.
    stage.aws(&["outputs", "--stack", "mine"]).ended(
        2,
        &[
            "ROLLBACK_COMPLETE (EntryFunction: datadog-sample-entry-function already exists)",
            "loadgen aws delete --stack mine --region eu-west-1",
        ],
    );
}

#[test]
fn a_stack_at_work_is_not_disturbed() {
    let busy = r#"echo '{"Stacks":[{"StackStatus":"DELETE_IN_PROGRESS"}]}'"#;
    let stage = Stage::new().plays("describe-stacks", busy);
    stage
        .aws(&["deploy", "--yes"])
        .ended(2, &["DELETE_IN_PROGRESS", "Wait"]);
    assert_eq!(stage.count("create-stack") + stage.count("update-stack"), 0);
}

#[test]
fn outputs_are_data_on_stdout_and_calls_are_talk_on_stderr() {
    let said = Stage::new()
        .plays("describe-stacks", COMPLETE)
        .aws(&["outputs"]);
    said.ended(0, &["$ aws cloudformation describe-stacks --stack-name datadog-serverless-sample-app --region eu-west-1"]);
    assert_eq!(
        said.out,
        "ApiGatewayInvokeURL  https://ab12.execute-api.eu-west-1.amazonaws.com/datadog-sample-app-stage\n\
         DatadogFunctionLink  https://app.datadoghq.com/functions\n\
         EntryFunctionName    datadog-sample-entry-function\n\
         Status               CREATE_COMPLETE\n"
    );
}
