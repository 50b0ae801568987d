//! `--dry-run` shows what would be called, and calls nothing.

use crate::{
    stage::{Stage, files_in},
    support::command::Finished,
};

#[test]
fn a_dry_run_of_every_command_shows_the_calls_and_makes_none() {
    for (step, call) in [
        ("deploy", "aws cloudformation create-stack"),
        ("outputs", "aws cloudformation describe-stacks"),
        ("cold", "aws lambda update-function-configuration"),
        ("break", "aws lambda update-function-code"),
        ("restore", "aws lambda update-function-code"),
        ("delete", "aws cloudformation delete-stack"),
    ] {
        let stage = Stage::new();
        let said = stage.aws(&[step, "--dry-run"]);
        said.ended(0, &[]);
        assert!(
            said.out.contains(&format!("$ {call} ")),
            "{step}: {}",
            said.out
        );
        assert!(
            said.out
                .lines()
                .all(|line| line.starts_with("$ aws ") || line.starts_with("  ")),
            "{}",
            said.out
        );
        assert_eq!(stage.calls(), "", "{step}");
        assert_eq!(files_in(&stage.at("state")), [], "{step}");
    }
}

#[test]
fn a_dry_run_needs_neither_aws_nor_a_region_nor_a_key() {
    let stage = Stage::new();
    let mut command = stage.loadgen();
    command
        .env("PATH", stage.at("tmp"))
        .env_remove("AWS_REGION")
        .env_remove("DD_API_KEY")
        .args(["aws", "deploy", "--dry-run"]);
    Finished::of(&mut command).ended(0, &[]);
}

#[test]
fn an_endpoint_goes_into_every_call_and_only_loopback_is_one() {
    let stage = Stage::new();
    let said = stage.aws(&["cold", "--dry-run", "--endpoint", "http://127.0.0.1:4666"]);
    said.ended(0, &[]);
    let calls = said.out.lines().filter(|line| line.starts_with("$ "));
    assert!(calls.clone().count() > 3);
    assert!(
        calls
            .clone()
            .all(|line| line.ends_with("--endpoint-url http://127.0.0.1:4666"))
    );
    stage
        .aws(&["outputs", "--endpoint", "http://example.com"])
        .ended(2, &["must be on this machine"]);
}
