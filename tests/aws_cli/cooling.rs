//! Cold environments on demand.

use serde_json::json;

use crate::stage::{FUNCTION, OTHER_KEY, Stage};

const SETTLED: &str = r#"echo '{"State":"Active","LastUpdateStatus":"Successful"}'"#;

/// A function whose configuration is read as often as `reads` says: what is read is one shell
/// piece for the waiting (odd) and for the variables (even).
fn stage() -> Stage {
    let read = format!(
        r#"case "$*" in
        *RevisionId*) echo '{{"RevisionId":"r1","Environment":{{"Variables":{{"DD_API_KEY":"{OTHER_KEY}","DD_ENV":"dev","QUOTED":"a \"b\" $c"}}}}}}' ;;
        *) echo '{{"State":"Active","LastUpdateStatus":"Successful"}}' ;;
        esac"#
    );
    Stage::new()
        .plays("get-function-configuration", &read)
        .plays(
            "update-function-configuration",
            r#"echo '{"LastUpdateStatus":"InProgress"}'"#,
        )
        .plays(
            "describe-stack-resources",
            r#"echo '["the-consumer","datadog-sample-entry-function"]'"#,
        )
}

#[test]
fn one_variable_is_new_and_all_others_are_written_back_as_they_were() {
    let stage = stage();
    stage
        .aws(&["cold", "--function", FUNCTION])
        .ended(0, &["LOADGEN_COLD", "nothing to undo"]);
    let given = stage.given_json("update-function-configuration");
    assert_eq!(given["FunctionName"], FUNCTION);
    assert_eq!(given["RevisionId"], "r1");
    let mut variables = given["Environment"]["Variables"].clone();
    let new = variables
        .as_object_mut()
        .expect("a map")
        .remove("LOADGEN_COLD");
    assert!(
        new.expect("it")
            .as_str()
            .is_some_and(|value| !value.is_empty())
    );
    assert_eq!(
        variables,
        json!({ "DD_API_KEY": OTHER_KEY, "DD_ENV": "dev", "QUOTED": "a \"b\" $c" })
    );
}

#[test]
fn all_functions_of_the_stack_go_cold_the_entry_function_first() {
    let stage = stage();
    let said = stage.aws(&["cold"]);
    said.ended(
        0,
        &[
            "`datadog-sample-entry-function` are retired",
            "`the-consumer` are retired",
        ],
    );
    assert_eq!(stage.count("update-function-configuration"), 2);
    assert_eq!(
        stage.given_json("update-function-configuration")["FunctionName"],
        "the-consumer"
    );
}

#[test]
fn it_waits_until_the_update_has_taken_effect() {
    let stage = stage()
        .plays("get-function-configuration.1", SETTLED)
        .plays(
            "get-function-configuration.3",
            r#"echo '{"State":"Active","LastUpdateStatus":"InProgress"}'"#,
        )
        .plays("get-function-configuration.4", SETTLED);
    stage.aws(&["cold", "--function", FUNCTION]).ended(0, &[]);
    assert_eq!(stage.count("get-function-configuration"), 4);
}

#[test]
fn an_update_that_lambda_fails_is_told_with_its_reason() {
    let stage = stage().plays(
        "get-function-configuration.3",
        r#"echo '{"State":"Active","LastUpdateStatus":"Failed","Reason":"The layer is gone"}'"#,
    );
    stage
        .aws(&["cold", "--function", FUNCTION])
        .ended(2, &["The layer is gone"]);
}

#[test]
fn a_change_in_between_is_read_again_before_writing() {
    let stage = stage()
        .plays(
            "update-function-configuration.1",
            "echo 'An error occurred (PreconditionFailedException) when calling the UpdateFunctionConfiguration operation: The Revision Id provided does not match' >&2; exit 254",
        );
    stage.aws(&["cold", "--function", FUNCTION]).ended(0, &[]);
    assert_eq!(stage.count("update-function-configuration"), 2);
}

#[test]
fn who_cannot_get_a_word_in_says_that_nothing_was_changed() {
    for (code, part) in [
        ("PreconditionFailedException", "changed by another user"),
        ("ResourceConflictException", "another update of"),
    ] {
        let stage = stage().refuses("update-function-configuration", code, "not now");
        let said = stage.aws(&["cold", "--function", FUNCTION]);
        said.ended(2, &[part]);
        assert_eq!(stage.count("update-function-configuration"), 3);
        assert!(!said.err.contains("note:"), "{}", said.err);
    }
}

#[test]
fn variables_that_cannot_be_read_are_not_overwritten() {
    let read = r#"case "$*" in
        *RevisionId*) echo '{"RevisionId":"r1","Environment":{"Error":{"ErrorCode":"AccessDeniedException","Message":"Lambda was unable to decrypt"}}}' ;;
        *) echo '{"State":"Active"}' ;;
        esac"#;
    let stage = stage().plays("get-function-configuration", read);
    stage.aws(&["cold", "--function", FUNCTION]).ended(
        2,
        &["unable to decrypt", "Nothing was changed", "kms:Decrypt"],
    );
    assert_eq!(stage.count("update-function-configuration"), 0);
}

#[test]
fn a_function_that_is_not_there_is_named_with_its_region() {
    let stage = stage().refuses(
        "get-function-configuration",
        "ResourceNotFoundException",
        "Function not found",
    );
    stage
        .aws(&["cold", "--function", "gone"])
        .ended(2, &["no function `gone` in eu-west-1"]);
}

#[test]
fn a_variable_that_aws_repeats_in_a_message_is_not_shown() {
    let shell = format!("echo 'Invalid value {OTHER_KEY} for DD_API_KEY' >&2; exit 255");
    let stage = stage().plays("update-function-configuration", &shell);
    stage
        .aws(&["cold", "--function", FUNCTION])
        .ended(2, &["Invalid value *** for DD_API_KEY"]);
}

#[test]
fn interrupting_says_what_may_have_happened() {
    let stage = stage().plays("update-function-configuration", "kill -INT $PPID; sleep 20");
    stage.aws(&["cold", "--function", FUNCTION]).ended(
        130,
        &["interrupted", "LOADGEN_COLD", "nothing needs to be undone"],
    );
}
