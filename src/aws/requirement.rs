//! A scenario's `[function]` table compared with the deployed function: each difference, and the
//! command that would change it. Nothing is changed here.

use std::fmt;

use super::{
    Endpoint, FunctionConfiguration,
    call::{Call, shell_line},
    command::AwsPlace,
    words,
};
use crate::{
    lambda::FunctionSettings,
    lang::Text,
    units::{is_timeout, show_duration},
};

/// A setting of the function that differs from the scenario's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requirement {
    /// `memory`, `timeout`, `reserved_concurrency` or `provisioned_concurrency`.
    pub setting: &'static str,
    /// The scenario's value.
    pub wanted: String,
    /// The deployed value; None if it has none.
    pub found: Option<String>,
    /// The command that would change it; `None` if no command can.
    pub command: Option<String>,
    /// What the change would do.
    pub note: Text,
}

impl fmt::Display for Requirement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (setting, wanted) = (self.setting, &self.wanted);
        match &self.found {
            Some(found) => writeln!(f, "  {}", words::differs(setting, found, wanted))?,
            None => writeln!(f, "  {}", words::lacks_setting(setting, wanted))?,
        }
        if let Some(command) = &self.command {
            writeln!(f, "    {command}")?;
        }
        write!(f, "    {}", self.note)
    }
}

/// The settings in which `found` differs from `wanted`. Only the sandbox has `init` and `warm`:
/// they are not compared.
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
        shell_line(&call.arguments("".as_ref(), &target.region, endpoint))
    };
    let mut unmet = configuration(wanted, found, |option, value| {
        command("update-function-configuration", option, value)
    });
    unmet.extend(concurrency(wanted, found, |option, value| {
        command("put-function-concurrency", option, value)
    }));
    unmet
}

/// Memory and timeout, and the command that `update` makes for each.
fn configuration(
    wanted: &FunctionSettings,
    found: &FunctionConfiguration,
    update: impl Fn(&str, String) -> String,
) -> Vec<Requirement> {
    let memory = wanted.memory.filter(|memory| *memory != found.memory);
    let memory = memory.map(|memory| Requirement {
        setting: "memory",
        wanted: memory.to_string(),
        found: Some(found.memory.to_string()),
        command: Some(update("--memory-size", memory.mb().to_string())),
        note: words::EMPTIES,
    });
    let timeout = wanted.timeout.filter(|timeout| *timeout != found.timeout);
    let timeout = timeout.map(|timeout| Requirement {
        setting: "timeout",
        wanted: show_duration(timeout),
        found: Some(show_duration(found.timeout)),
        command: is_timeout(timeout).then(|| update("--timeout", timeout.as_secs().to_string())),
        note: match is_timeout(timeout) {
            true => words::EMPTIES,
            false => words::WHOLE_SECONDS,
        },
    });
    memory.into_iter().chain(timeout).collect()
}

/// Reserved concurrency with the command that `put` makes, and provisioned concurrency.
fn concurrency(
    wanted: &FunctionSettings,
    found: &FunctionConfiguration,
    put: impl Fn(&str, String) -> String,
) -> Vec<Requirement> {
    let is = found.reserved_concurrency;
    let reserved = wanted
        .reserved_concurrency
        .filter(|limit| Some(*limit) != is);
    let reserved = reserved.map(|limit| Requirement {
        setting: "reserved_concurrency",
        wanted: limit.to_string(),
        found: is.map(|limit| limit.to_string()),
        command: Some(put("--reserved-concurrent-executions", limit.to_string())),
        note: words::TOO_FEW_LEFT,
    });
    let provisioned = wanted.provisioned_concurrency.filter(|wanted| *wanted > 0);
    let provisioned = provisioned.map(|provisioned| Requirement {
        setting: "provisioned_concurrency",
        wanted: provisioned.to_string(),
        found: None,
        command: None,
        note: words::NEEDS_ALIAS,
    });
    reserved.into_iter().chain(provisioned).collect()
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
