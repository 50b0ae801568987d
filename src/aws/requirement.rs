//! A scenario's `[function]` table against what is deployed: what differs, and the command that
//! would change it. Nothing is changed here.

use super::{
    Endpoint, FunctionConfiguration,
    call::{Call, shell_line},
    command::AwsPlace,
};
use crate::{
    control::FunctionSettings,
    units::{is_timeout, show_duration},
};

/// One thing that a scenario wants otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requirement {
    /// `memory`, `timeout`, `reserved_concurrency` or `provisioned_concurrency`.
    pub setting: &'static str,
    /// What the scenario wants.
    pub wanted: String,
    /// What is deployed.
    pub found: String,
    /// The command that would change it; `None` where no command can.
    pub command: Option<String>,
    /// What to know before it is changed.
    pub note: Option<&'static str>,
}

/// What `wanted` asks for and `found` is not. `init` and `warm` are the sandbox's alone and are
/// not looked at.
pub fn unmet(
    wanted: &FunctionSettings,
    found: &FunctionConfiguration,
    target: &AwsPlace,
) -> Vec<Requirement> {
    let command = |operation: &'static str, option: &str, value: String| {
        let call = Call::new("lambda", operation)
            .with("--function-name", &found.name)
            .with(option, value);
        let endpoint = target.endpoint.as_ref().map(Endpoint::url);
        Some(shell_line(&call.arguments(
            "".as_ref(),
            &target.region,
            endpoint,
        )))
    };
    let mut unmet = Vec::new();
    if let Some(memory) = wanted.memory.filter(|memory| *memory != found.memory) {
        unmet.push(Requirement {
            setting: "memory",
            wanted: memory.to_string(),
            found: found.memory.to_string(),
            command: command(
                "update-function-configuration",
                "--memory-size",
                memory.mb().to_string(),
            ),
            note: Some("This empties all environments: the next requests are cold."),
        });
    }
    if let Some(timeout) = wanted.timeout.filter(|timeout| *timeout != found.timeout) {
        let offered = is_timeout(timeout);
        unmet.push(Requirement {
            setting: "timeout",
            wanted: show_duration(timeout),
            found: show_duration(found.timeout),
            command: offered
                .then(|| {
                    command(
                        "update-function-configuration",
                        "--timeout",
                        timeout.as_secs().to_string(),
                    )
                })
                .flatten(),
            note: Some(if offered {
                "This empties all environments: the next requests are cold."
            } else {
                "Lambda's timeouts are whole seconds from 1 to 900."
            }),
        });
    }
    if wanted.reserved_concurrency.is_some()
        && wanted.reserved_concurrency != found.reserved_concurrency
    {
        let limit = wanted.reserved_concurrency.unwrap_or_default();
        unmet.push(Requirement {
            setting: "reserved_concurrency",
            wanted: limit.to_string(),
            found: found
                .reserved_concurrency
                .map_or_else(|| "none".to_owned(), |limit| limit.to_string()),
            command: command(
                "put-function-concurrency",
                "--reserved-concurrent-executions",
                limit.to_string(),
            ),
            note: Some(
                "Lambda refuses it where too few would be left for the account's other functions, as in many new accounts.",
            ),
        });
    }
    if let Some(wanted) = wanted.provisioned_concurrency.filter(|wanted| *wanted > 0) {
        unmet.push(Requirement {
            setting: "provisioned_concurrency",
            wanted: wanted.to_string(),
            found: "none".to_owned(),
            command: None,
            note: Some(
                "It needs a version or an alias, and the sample app's API calls the unqualified function, which it never reaches.",
            ),
        });
    }
    unmet
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::units::Memory;

    fn deployed() -> FunctionConfiguration {
        FunctionConfiguration {
            name: "datadog-sample-entry-function".to_owned(),
            arn: "arn".to_owned(),
            memory: Memory::from_mb(512).expect("a size"),
            timeout: Duration::from_secs(3),
            reserved_concurrency: None,
        }
    }

    fn target() -> AwsPlace {
        AwsPlace {
            region: "us-east-1".to_owned(),
            endpoint: None,
        }
    }

    #[test]
    fn a_function_that_is_as_wanted_needs_no_change() {
        let wanted = FunctionSettings {
            memory: Some(deployed().memory),
            timeout: Some(Duration::from_secs(3)),
            ..FunctionSettings::default()
        };
        assert_eq!(unmet(&wanted, &deployed(), &target()), []);
        assert_eq!(
            unmet(&FunctionSettings::default(), &deployed(), &target()),
            []
        );
    }

    #[test]
    fn each_difference_comes_with_the_command_that_would_change_it() {
        let wanted = FunctionSettings {
            memory: Memory::from_mb(1024).ok(),
            timeout: Some(Duration::from_secs(10)),
            reserved_concurrency: Some(2),
            provisioned_concurrency: Some(1),
            ..FunctionSettings::default()
        };
        let unmet = unmet(&wanted, &deployed(), &target());
        let commands: Vec<Option<&str>> =
            unmet.iter().map(|unmet| unmet.command.as_deref()).collect();
        assert_eq!(
            commands,
            [
                Some(
                    "aws lambda update-function-configuration --function-name datadog-sample-entry-function --memory-size 1024 --region us-east-1"
                ),
                Some(
                    "aws lambda update-function-configuration --function-name datadog-sample-entry-function --timeout 10 --region us-east-1"
                ),
                Some(
                    "aws lambda put-function-concurrency --function-name datadog-sample-entry-function --reserved-concurrent-executions 2 --region us-east-1"
                ),
                None,
            ]
        );
    }

    #[test]
    fn a_timeout_that_lambda_cannot_have_gets_no_command() {
        let wanted = FunctionSettings {
            timeout: Some(Duration::from_millis(1500)),
            ..FunctionSettings::default()
        };
        let unmet = unmet(&wanted, &deployed(), &target());
        assert_eq!(unmet.len(), 1);
        assert_eq!(unmet[0].command, None);
    }
}
