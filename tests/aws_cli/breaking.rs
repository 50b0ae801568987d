//! Breaking a function, and putting the original back.

use crate::{
    stage::{FUNCTION, Stage, files_in},
    support::server::{ok, serve},
};

const ORIGINAL: &[u8] = b"PK the original archive";
const WHERE: &str = "arn:aws:lambda:eu-west-1:123456789012:function:datadog-sample-entry-function";

/// A server that gives `body` to everybody, as the signed address of a function's code does.
fn code_server(body: &'static [u8]) -> String {
    let address = serve(move |_| ok(body));
    format!("{address}/code?X-Amz-Signature=secret-signature")
}

/// A function whose code has the checksum that the file `sha` says.
fn stage(runtime: &str, body: &'static [u8]) -> Stage {
    let configuration = format!(
        r#"case "$*" in
        *CodeSha256*) echo "{{\"FunctionArn\":\"{WHERE}\",\"Runtime\":\"{runtime}\",\"PackageType\":\"Zip\",\"CodeSha256\":\"$(cat "$play/sha")\",\"CodeSize\":{},\"RevisionId\":\"r1\",\"Handler\":\"datadog_lambda.handler.handler\",\"Wrapped\":\"index.handler\"}}" ;;
        *) echo '{{"State":"Active","LastUpdateStatus":"Successful"}}' ;;
        esac"#,
        ORIGINAL.len()
    );
    Stage::new()
        .plays("sha", "original")
        .plays("get-function-configuration", &configuration)
        .plays("get-function", &format!("echo '\"{}\"'", code_server(body)))
        .plays(
            "update-function-code",
            r#"case "$*" in *original.zip*) new=original ;; *) new=broken ;; esac
            printf $new >"$play/sha"; echo "{\"CodeSha256\":\"$new\"}""#,
        )
}

#[test]
fn breaking_remembers_the_original_privately_and_restoring_puts_it_back_and_forgets_it() {
    let stage = stage("python3.13", ORIGINAL);
    let said = stage.aws(&["break"]);
    said.ended(0, &["Throw an error.", "loadgen aws restore"]);
    assert!(!said.err.contains("secret-signature"), "{}", said.err);
    let broken = stage.given("update-function-code", "broken.zip");
    let broken = String::from_utf8_lossy(&broken);
    assert!(broken.contains("index.py") && broken.contains("raise Exception('Throw an error.')"));

    let remembered = files_in(&stage.at("state"));
    assert!(
        remembered.iter().all(|(_, mode)| mode & 0o077 == 0),
        "{remembered:?}"
    );
    let original = remembered
        .iter()
        .find(|(path, _)| path.ends_with("original.zip"));
    assert_eq!(
        std::fs::read(&original.expect("it").0).expect("it"),
        ORIGINAL
    );

    stage
        .aws(&["restore"])
        .ended(0, &["has its original code again"]);
    assert_eq!(
        stage.given("update-function-code", "original.zip"),
        ORIGINAL
    );
    assert!(
        !files_in(&stage.at("state"))
            .iter()
            .any(|(path, _)| path.is_file())
    );
    stage.aws(&["restore"]).ended(
        2,
        &["no original of `datadog-sample-entry-function` is saved"],
    );
}

#[test]
fn a_node_function_throws_in_its_own_language() {
    let stage = stage("nodejs22.x", ORIGINAL);
    stage
        .aws(&["break", "--function", "the-consumer"])
        .ended(0, &[]);
    let broken = stage.given("update-function-code", "broken.zip");
    let broken = String::from_utf8_lossy(&broken);
    assert!(broken.contains("index.js") && broken.contains("throw new Error('Throw an error.')"));
}

#[test]
fn the_broken_archive_is_one_that_others_can_read() {
    let stage = stage("python3.13", ORIGINAL);
    stage.aws(&["break"]).ended(0, &[]);
    let archive = stage
        .at("bin")
        .join("given-update-function-code-broken.zip");
    let python = std::process::Command::new("python3")
        .args(["-m", "zipfile", "-t"])
        .arg(archive)
        .output();
    match python {
        Ok(output) => assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        ),
        Err(_) => eprintln!("SKIPPED: no `python3` to read the archive with"),
    }
}

#[test]
fn other_runtimes_are_left_alone() {
    let stage = stage("java21", ORIGINAL);
    stage.aws(&["break"]).ended(2, &["runs java21"]);
    assert_eq!(stage.count("update-function-code"), 0);
}

#[test]
fn until_it_is_restored_every_command_says_that_it_is_broken() {
    let stage = stage("python3.13", ORIGINAL);
    stage.aws(&["break"]).ended(0, &[]);
    let reminder = "`datadog-sample-entry-function` in eu-west-1 was broken by `loadgen aws break`";
    stage
        .aws(&["outputs"])
        .ended(0, &[reminder, "loadgen aws restore --region eu-west-1"]);
    stage
        .aws(&["break"])
        .ended(0, &[reminder, "was broken already"]);
    assert_eq!(stage.count("update-function-code"), 1);
    stage.aws(&["restore"]).ended(0, &[]);
    assert!(!stage.aws(&["outputs"]).err.contains("broken"));
}

#[test]
fn interrupting_while_lambda_takes_the_code_leaves_what_restore_can_mend() {
    let stage = stage("python3.13", ORIGINAL).plays(
        "update-function-code.1",
        r#"printf broken >"$play/sha"; kill -INT $PPID; sleep 20"#,
    );
    stage
        .aws(&["break"])
        .ended(130, &["may be broken by now", "loadgen aws restore"]);
    stage
        .aws(&["outputs"])
        .ended(0, &["was broken by `loadgen aws break`"]);
    stage
        .aws(&["restore"])
        .ended(0, &["has its original code again"]);
    assert_eq!(
        stage.given("update-function-code", "original.zip"),
        ORIGINAL
    );
}

#[test]
fn interrupting_before_lambda_took_the_code_leaves_nothing_to_mend() {
    let stage =
        stage("python3.13", ORIGINAL).plays("update-function-code.1", "kill -INT $PPID; sleep 20");
    stage.aws(&["break"]).ended(130, &["may be broken by now"]);
    stage
        .aws(&["restore"])
        .ended(0, &["breaking it had been interrupted"]);
    assert_eq!(stage.count("update-function-code"), 1);
}

#[test]
fn an_original_that_does_not_arrive_whole_is_not_replaced() {
    let stage = stage("python3.13", b"PK half");
    stage.aws(&["break"]).ended(
        2,
        &[
            "could not be downloaded, so it was not touched",
            "7 bytes came",
        ],
    );
    assert_eq!(stage.count("update-function-code"), 0);
    assert!(!stage.aws(&["outputs"]).err.contains("broken"));
}

#[test]
fn a_signed_address_elsewhere_must_be_https() {
    let stage =
        stage("python3.13", ORIGINAL).plays("get-function", r#"echo '"http://192.0.2.1/code"'"#);
    stage.aws(&["break"]).ended(2, &["not https"]);
    assert_eq!(stage.count("update-function-code"), 0);
}

#[test]
fn a_refused_change_is_not_remembered_as_a_break() {
    for (code, part) in [
        ("AccessDeniedException", "AWS denied"),
        ("ResourceConflictException", "another update of"),
        ("PreconditionFailedException", "changed by another user"),
    ] {
        let stage = stage("python3.13", ORIGINAL).refuses("update-function-code", code, "no");
        stage.aws(&["break"]).ended(2, &[part]);
        assert!(!stage.aws(&["outputs"]).err.contains("broken"), "{code}");
    }
}

#[test]
fn code_that_somebody_deployed_since_is_not_overwritten() {
    let stage = stage("python3.13", ORIGINAL);
    stage.aws(&["break"]).ended(0, &[]);
    let stage = stage.plays("sha", "newer");
    stage
        .aws(&["restore"])
        .ended(2, &["it has been deployed since", "original.zip"]);
    assert_eq!(stage.count("update-function-code"), 1);
}

#[test]
fn restoring_in_another_region_says_where_it_was_broken() {
    let stage = stage("python3.13", ORIGINAL);
    stage.aws(&["break"]).ended(0, &[]);
    let elsewhere = stage.plays(
        "get-function-configuration",
        r#"case "$*" in *CodeSha256*) echo '{"FunctionArn":"arn:aws:lambda:us-east-1:1:function:x","CodeSha256":"s"}' ;; *) echo '{}' ;; esac"#,
    );
    elsewhere
        .aws(&["restore", "--region", "us-east-1"])
        .ended(2, &["loadgen aws restore --region eu-west-1"]);
}

#[test]
fn deleting_the_stack_forgets_what_was_broken_in_it() {
    let stage = stage("python3.13", ORIGINAL)
        .plays(
            "describe-stack-resources",
            &format!("echo '[\"{FUNCTION}\"]'"),
        )
        .plays("delete-stack", "true");
    stage.aws(&["break"]).ended(0, &[]);
    let gone = stage.plays(
        "describe-stacks",
        r#"if [ -e "$play/count-delete-stack" ]; then echo '{"Stacks":[{"StackStatus":"DELETE_COMPLETE"}]}'; else echo '{"Stacks":[{"StackId":"arn:stack","StackStatus":"CREATE_COMPLETE"}]}'; fi"#,
    );
    gone.aws(&["delete", "--yes"])
        .ended(0, &["The stack is gone."]);
    assert!(!gone.aws(&["outputs"]).err.contains("broken"));
}
