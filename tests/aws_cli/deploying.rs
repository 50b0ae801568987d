//! Deploying and deleting the stack.

use std::{
    fs::{self, File},
    time::{Duration, SystemTime},
};

use serde_json::{Value, json};

use crate::{
    stage::{COMPLETE, KEY, NO_STACK, Stage},
    support::command::{Finished, ignores_a_closed_terminal},
};

/// There is no stack until it is created.
fn new_stack() -> Stage {
    Stage::new()
        .plays("describe-stacks.1", NO_STACK)
        .plays("create-stack", r#"echo '{"StackId":"arn:stack"}'"#)
}

fn parameter<'a>(given: &'a Value, key: &str) -> Option<&'a Value> {
    given["Parameters"]
        .as_array()?
        .iter()
        .find(|parameter| parameter["ParameterKey"] == key)
}

#[test]
fn a_new_stack_gets_the_key_by_a_private_file_and_a_fault_key_of_its_own() {
    let fault_key = || {
        let stage = new_stack();
        let said = stage.aws(&["deploy", "--yes"]);
        said.ended(
            0,
            &[
                "The sample app is deployed.",
                "To undo: loadgen aws delete",
                "***",
            ],
        );
        assert!(said.out.contains("ApiGatewayInvokeURL"));
        let given = stage.given_json("create-stack");
        assert_eq!(
            parameter(&given, "DdApiKey").expect("a key")["ParameterValue"],
            KEY
        );
        let fault_key =
            parameter(&given, "LoadgenFaultKey").expect("a fault key")["ParameterValue"]
                .to_string();
        assert!(!said.err.contains(&fault_key) && !stage.calls().contains(&fault_key));
        let template = std::fs::read("book/sample-app/template.yaml").expect("the template");
        assert_eq!(stage.given("create-stack", "template.yaml"), template);
        fault_key
    };
    let (one, other) = (fault_key(), fault_key());
    assert_eq!(one.len(), 32 + 2);
    assert_ne!(one, other);
}

#[test]
fn the_key_may_stand_in_a_file() {
    let stage = new_stack();
    std::fs::write(stage.at("key"), format!("{KEY}\n")).expect("a file");
    let mut command = stage.loadgen();
    command
        .env_remove("DD_API_KEY")
        .env("DD_API_KEY_FILE", stage.at("key"))
        .args(["aws", "deploy", "--yes"]);
    Finished::of(&mut command).ended(0, &[]);
    let given = stage.given_json("create-stack");
    assert_eq!(
        parameter(&given, "DdApiKey").expect("a key")["ParameterValue"],
        KEY
    );
}

#[test]
fn a_new_stack_without_a_key_is_not_begun() {
    let stage = new_stack();
    let mut command = stage.loadgen();
    command
        .env_remove("DD_API_KEY")
        .args(["aws", "deploy", "--yes"]);
    Finished::of(&mut command).ended(2, &["set DD_API_KEY"]);
    assert_eq!(stage.count("create-stack"), 0);
}

#[test]
fn nothing_is_deployed_or_deleted_unasked() {
    let stage = Stage::new();
    for step in ["deploy", "delete"] {
        stage.aws(&[step]).ended(2, &["add --yes"]);
    }
    assert_eq!(stage.calls(), "");
}

#[test]
fn an_update_keeps_what_is_not_named() {
    let before = r#"echo '{"Stacks":[{"StackStatus":"UPDATE_COMPLETE","Parameters":[
        {"ParameterKey":"DdApiKey","ParameterValue":"****"},{"ParameterKey":"LoadgenFaultKey","ParameterValue":"****"},
        {"ParameterKey":"MemorySize","ParameterValue":"512"},{"ParameterKey":"Timeout","ParameterValue":"3"},
        {"ParameterKey":"OfAnotherTemplate","ParameterValue":"x"}]}]}'"#;
    let stage = Stage::new()
        .plays("describe-stacks.1", before)
        .plays("update-stack", "echo '{}'");
    stage
        .aws(&[
            "deploy",
            "--yes",
            "--memory",
            "1GB",
            "--reserved-concurrency",
            "2",
        ])
        .ended(0, &["The sample app is up to date."]);
    let given = stage.given_json("update-stack");
    let expected = json!([
        { "ParameterKey": "DdApiKey", "ParameterValue": KEY },
        { "ParameterKey": "MemorySize", "ParameterValue": "1024" },
        { "ParameterKey": "ReservedConcurrency", "ParameterValue": "2" },
        { "ParameterKey": "LoadgenFaultKey", "UsePreviousValue": true },
        { "ParameterKey": "Timeout", "UsePreviousValue": true },
    ]);
    assert_eq!(given["Parameters"], expected);
}

#[test]
fn an_update_that_changes_nothing_is_fine() {
    let stage = Stage::new().refuses(
        "update-stack",
        "ValidationError",
        "No updates are to be performed.",
    );
    stage
        .aws(&["deploy", "--yes"])
        .ended(0, &["up to date already"]);
}

#[test]
fn a_timeout_that_lambda_cannot_have_is_refused_before_anything_is_called() {
    let stage = Stage::new();
    for timeout in ["1500ms", "0s", "31s", "soon"] {
        stage
            .aws(&["deploy", "--yes", "--timeout", timeout])
            .ended(2, &[]);
    }
    assert_eq!(stage.calls(), "");
}

#[test]
fn a_deployment_that_fails_is_told_with_its_reason() {
    let stage = new_stack()
        .plays(
            "describe-stacks.2",
            r#"echo '{"Stacks":[{"StackStatus":"CREATE_IN_PROGRESS"}]}'"#,
        )
        .plays(
            "describe-stacks.3",
            r#"echo '{"Stacks":[{"StackStatus":"ROLLBACK_COMPLETE"}]}'"#,
        )
        .plays(
            "describe-stack-events",
            r#"echo '[["EntryFunction","ReservedConcurrentExecutions is too high"]]'"#,
        );
    stage.aws(&["deploy", "--yes"]).ended(
        2,
        &[
            "CREATE_IN_PROGRESS",
            "ROLLBACK_COMPLETE (EntryFunction: ReservedConcurrentExecutions is too high)",
            "loadgen aws delete",
        ],
    );
}

#[test]
fn credentials_that_expire_while_waiting_leave_a_stack_at_work_and_say_so() {
    let stage = new_stack().plays(
        "describe-stacks.2",
        "echo 'An error occurred (ExpiredToken) when calling the DescribeStacks operation: expired' >&2; exit 254",
    );
    stage.aws(&["deploy", "--yes"]).ended(
        2,
        &[
            "have expired",
            "CloudFormation may be working on the stack",
            "loadgen aws delete",
        ],
    );
}

#[test]
fn a_refused_deployment_leaves_nothing_to_look_after() {
    let stage = new_stack().refuses(
        "create-stack",
        "AccessDenied",
        "not authorized to perform: iam:CreateRole",
    );
    let said = stage.aws(&["deploy", "--yes"]);
    said.ended(2, &["iam:CreateRole"]);
    assert!(!said.err.contains("may be working"), "{}", said.err);
}

#[test]
fn a_key_that_aws_repeats_in_a_message_is_not_shown() {
    let shell = format!(
        "echo 'Parameter validation failed: Invalid type, value: {KEY}, type: str' >&2; exit 255"
    );
    let stage = new_stack().plays("create-stack", &shell);
    stage
        .aws(&["deploy", "--yes"])
        .ended(2, &["value: ***, type"]);
}

/// Each looks that the file with the key is gone.
#[test]
fn stopping_a_deployment_says_what_goes_on() {
    for signal in ["INT", "TERM", "HUP"] {
        if signal == "HUP" && ignores_a_closed_terminal() {
            eprintln!("SKIPPED: under nohup, a closed terminal ends nothing");
            continue;
        }
        let kill = format!("kill -{signal} $PPID; sleep 20");
        let stage = new_stack().plays("create-stack", &kill);
        let told = [
            "interrupted",
            "continues without loadgen",
            "loadgen aws delete",
        ];
        stage.aws(&["deploy", "--yes"]).ended(130, &told);
    }
}

#[test]
fn a_file_that_a_killed_deployment_left_goes_with_the_next_command() {
    let stage = new_stack().plays("create-stack", "kill -KILL $PPID; sleep 0.1");
    let killed = Finished::of(stage.loadgen().args(["aws", "deploy", "--yes"]));
    assert_eq!(killed.code, None, "{}", killed.err);
    let left = || fs::read_dir(stage.at("tmp")).expect("the folder").flatten();
    let folders: Vec<_> = left().map(|entry| entry.path()).collect();
    assert_eq!(folders.len(), 1);
    // A folder may be a running process's until it is a minute old.
    Finished::of(stage.loadgen().args(["aws", "outputs"])).ended(0, &[]);
    assert_eq!(left().count(), 1);
    let old = SystemTime::now() - Duration::from_secs(61);
    let folder = File::open(&folders[0]).expect("a folder");
    folder.set_modified(old).expect("its age");
    stage.aws(&["outputs"]).ended(0, &[]);
}

#[test]
fn interrupting_before_anything_was_changed_says_that() {
    let stage = Stage::new().plays("describe-stacks", "kill -INT $PPID; sleep 20");
    stage
        .aws(&["deploy", "--yes"])
        .ended(130, &["interrupted. Nothing was changed."]);
}

#[test]
fn deleting_waits_until_the_stack_is_gone() {
    let stage = Stage::new()
        .plays(
            "describe-stack-resources",
            r#"echo '["datadog-sample-entry-function"]'"#,
        )
        .plays("describe-stacks.1", COMPLETE)
        .plays(
            "describe-stacks.2",
            r#"echo '{"Stacks":[{"StackStatus":"DELETE_IN_PROGRESS"}]}'"#,
        )
        .plays(
            "describe-stacks.3",
            r#"echo '{"Stacks":[{"StackStatus":"DELETE_COMPLETE"}]}'"#,
        )
        .plays("delete-stack", "true");
    stage.aws(&["delete", "--yes"]).ended(
        0,
        &[
            "DELETE_IN_PROGRESS",
            "The stack is gone.",
            "loadgen aws deploy",
        ],
    );
}

#[test]
fn deleting_what_is_not_there_says_so() {
    let stage = Stage::new().plays("describe-stacks", NO_STACK);
    stage
        .aws(&["delete", "--yes"])
        .ended(0, &["nothing was deleted"]);
    assert_eq!(stage.count("delete-stack"), 0);
}
