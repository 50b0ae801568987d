//! The user's `aws` command, the account that it speaks for, and the stack deployed there.

use super::{Check, Topic, function::function};
use crate::{
    aws::{self, Aws, AwsPlace, Endpoint, Error},
    units::Address,
};

/// What to look at on AWS.
#[derive(Clone, Debug)]
pub struct Account<'a> {
    /// The region as typed, if it was.
    pub region: Option<&'a str>,
    /// An emulator instead of AWS.
    pub endpoint: Option<Endpoint>,
    /// The stack of the sample app, where one is meant. Without it AWS is not needed, and what is
    /// missing is only said.
    pub stack: Option<&'a str>,
    /// The Datadog site that will be asked, where it is one.
    pub site: Option<&'a str>,
    /// The largest burst that a run is likely to send.
    pub burst: u64,
}

/// What was found on AWS.
#[derive(Debug, Default)]
pub struct AccountFindings {
    /// How things stand.
    pub checks: Vec<Check>,
    /// Where the stack's requests go.
    pub invoke_url: Option<Address>,
    /// The stack's functions, the entry function first.
    pub functions: Vec<String>,
}

/// Looks at the `aws` command, the account and the stack. Every call is first given to `show`.
pub async fn account(
    wanted: &Account<'_>,
    show: impl Fn(&str) + Clone + Send + Sync + 'static,
) -> AccountFindings {
    let mut found = AccountFindings::default();
    let place = |region: String| AwsPlace {
        region,
        endpoint: wanted.endpoint.clone(),
    };
    // The version needs no region.
    match Aws::new(place(String::new()), |_| {}).version().await {
        Ok(version) => found
            .checks
            .push(Check::ok(Topic::AwsCommand, format!("version {version}"))),
        Err(error) => {
            found.lacks(wanted, Topic::AwsCommand, &error);
            return found;
        }
    }
    let region = match aws::region(wanted.region).await {
        Ok(region) => region,
        Err(error) => {
            found.lacks(wanted, Topic::AwsRegion, &error);
            return found;
        }
    };
    found.checks.push(Check::ok(Topic::AwsRegion, &region));
    let aws = Aws::new(place(region), show);
    match aws::identity(&aws).await {
        Ok(who) => found.checks.push(Check::ok(
            Topic::AwsIdentity,
            format!("{} in account {}", who.arn, who.account),
        )),
        Err(error) => {
            found.lacks(wanted, Topic::AwsIdentity, &error);
            return found;
        }
    }
    found.checks.push(match aws::concurrency(&aws).await {
        Ok(limit) => concurrency(limit, wanted.burst),
        Err(error) => Check::cannot_tell(
            Topic::AwsConcurrency,
            error,
            "it takes the permission lambda:GetAccountSettings; without it, look for throttles in the run",
        ),
    });
    if let Some(stack) = wanted.stack {
        if let Err(error) = of_stack(&aws, stack, wanted, &mut found).await {
            found.checks.push(Check::wrong(Topic::Stack, error));
        }
    } else {
        found.checks.push(Check::skipped(
            Topic::Stack,
            "none was named: `--stack NAME` looks at the functions too",
        ));
    }
    found
}

impl AccountFindings {
    /// Something that AWS takes is not there: that must be fixed only where a stack is meant.
    fn lacks(&mut self, wanted: &Account<'_>, topic: Topic, error: &Error) {
        self.checks.push(match wanted.stack {
            Some(_) => Check::wrong(topic, error),
            None => Check::skipped(
                topic,
                format!("{error} It is needed only for a stack of yours."),
            ),
        });
        let later = [
            Topic::AwsRegion,
            Topic::AwsIdentity,
            Topic::AwsConcurrency,
            Topic::Stack,
        ];
        let later = later.into_iter().filter(|later| *later > topic);
        let why = format!("it takes the {}", topic.title());
        self.checks
            .extend(later.map(|later| Check::skipped(later, &why)));
    }
}

async fn of_stack(
    aws: &Aws,
    stack: &str,
    wanted: &Account<'_>,
    found: &mut AccountFindings,
) -> Result<(), Error> {
    let outputs = aws::stack_outputs(aws, stack).await?;
    found.checks.push(Check::ok(
        Topic::Stack,
        format!("{stack} in {}: {}", outputs.region, outputs.status),
    ));
    found.invoke_url = Address::parse(&outputs.invoke_url).ok();
    found.functions = aws::stack_functions(aws, &outputs).await?;
    for name in &found.functions {
        match aws::instrumentation(aws, name).await {
            Ok(seen) => found.checks.extend(function(name, &seen, wanted.site)),
            Err(error) => found
                .checks
                .push(Check::wrong(Topic::Runtime, error).of(name)),
        }
    }
    Ok(())
}

/// Lambda starts an environment for each request of a burst that finds none free, up to the
/// account's limit; beyond it requests are throttled (AWS Lambda developer guide, "Understanding
/// Lambda function scaling").
fn concurrency(limit: aws::Concurrency, burst: u64) -> Check {
    let found = format!(
        "{} environments at once in this region, {} of them reserved by no function",
        limit.limit, limit.unreserved
    );
    // The consumer runs beside the entry function, on a few environments.
    if limit.unreserved >= burst {
        return Check::ok(Topic::AwsConcurrency, found);
    }
    Check::advice(
        Topic::AwsConcurrency,
        format!(
            "{found}: a burst of {burst}, as `loadgen cold-start` sends it, would be throttled"
        ),
        format!(
            "send at most half as many at once (`loadgen cold-start --burst {}`), or ask AWS for more: \
             Service Quotas, AWS Lambda, \"Concurrent executions\"",
            (limit.unreserved / 2).max(1)
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::State;

    #[test]
    fn a_new_accounts_ten_environments_would_throttle_a_burst_of_twenty() {
        let new = aws::Concurrency {
            limit: 10,
            unreserved: 10,
        };
        let check = concurrency(new, 20);
        assert_eq!(check.state, State::Advice);
        assert!(check.fix.is_some_and(|fix| fix.contains("--burst 5")));
        let usual = aws::Concurrency {
            limit: 1_000,
            unreserved: 900,
        };
        assert_eq!(concurrency(usual, 20).state, State::Ok);
    }
}
