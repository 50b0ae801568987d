//! Checks the user's `aws` command, the account, and the stack.

use std::fmt::Display;

use super::{Check, Topic, function::function, words};
use crate::{
    aws::{self, Aws, AwsPlace, Endpoint, Error},
    lang::Reason,
    units::Address,
};

/// What to check on AWS.
#[derive(Clone, Debug)]
pub struct Account<'a> {
    /// The region of --region.
    pub region: Option<&'a str>,
    /// An emulator instead of AWS.
    pub endpoint: Option<Endpoint>,
    /// The stack of the sample app. Without one AWS is optional, and failed checks are skipped.
    pub stack: Option<&'a str>,
    /// A function that is invoked by Lambda's own API.
    pub function: Option<&'a str>,
    /// The Datadog site that verification asks, if it is one.
    pub site: Option<&'a str>,
    /// The largest burst that a run is likely to send.
    pub burst: u64,
}

/// The findings on AWS.
#[derive(Debug, Default)]
pub struct AccountFindings {
    /// The checks.
    pub checks: Vec<Check>,
    /// The address of the stack's API.
    pub invoke_url: Option<Address>,
    /// The stack's functions, the entry function first.
    pub functions: Vec<String>,
}

/// Checks the `aws` command, the account and the stack. Every call is given to `show` first.
pub async fn account(
    wanted: &Account<'_>,
    show: impl Fn(&str) + Clone + Send + Sync + 'static,
) -> AccountFindings {
    let mut found = AccountFindings::default();
    if let Err((topic, error)) = found.examine(wanted, show).await {
        found.lacks(wanted, topic, &error);
    }
    found
}

impl AccountFindings {
    /// Checks each topic in turn. The error is of a topic that all later ones need.
    async fn examine(
        &mut self,
        wanted: &Account<'_>,
        show: impl Fn(&str) + Clone + Send + Sync + 'static,
    ) -> Result<(), (Topic, Error)> {
        let place = |region: String| AwsPlace {
            region,
            endpoint: wanted.endpoint.clone(),
        };
        let at = |topic: Topic| move |error: Error| (topic, error);
        // The version needs no region.
        let local = Aws::new(place(String::new()), |_| {});
        let version = local.version().await.map_err(at(Topic::AwsCommand))?;
        self.ok(Topic::AwsCommand, words::version(version));
        let region = aws::region(wanted.region).await;
        let region = region.map_err(at(Topic::AwsRegion))?;
        self.ok(Topic::AwsRegion, &region);
        let aws = Aws::new(place(region), show);
        let user = aws::identity(&aws).await.map_err(at(Topic::AwsIdentity))?;
        self.ok(
            Topic::AwsIdentity,
            words::identity(&user.arn, &user.account),
        );
        self.checks.push(match aws::concurrency(&aws).await {
            Ok(limit) => concurrency(limit, wanted.burst),
            Err(error) => Check::cannot_tell(Topic::AwsConcurrency, error, words::NO_LIMIT),
        });
        match wanted.stack {
            Some(stack) => {
                if let Err(error) = self.examine_stack(&aws, stack, wanted).await {
                    self.checks.push(Check::wrong(Topic::Stack, error));
                }
            }
            None => {
                self.checks
                    .push(Check::skipped(Topic::Stack, words::NO_STACK));
                self.functions
                    .extend(wanted.function.map(ToOwned::to_owned));
                self.examine_functions(&aws, wanted).await;
            }
        }
        Ok(())
    }

    fn ok(&mut self, topic: Topic, found: impl Display) {
        self.checks.push(Check::ok(topic, found));
    }

    async fn examine_stack(
        &mut self,
        aws: &Aws,
        stack: &str,
        wanted: &Account<'_>,
    ) -> Result<(), Error> {
        let outputs = aws::stack_outputs(aws, stack).await?;
        self.ok(
            Topic::Stack,
            words::stack(stack, &outputs.region, &outputs.status),
        );
        self.functions = aws::stack_functions(aws, &outputs).await?;
        self.invoke_url = Address::parse(&outputs.invoke_url).ok();
        self.examine_functions(aws, wanted).await;
        Ok(())
    }

    async fn examine_functions(&mut self, aws: &Aws, wanted: &Account<'_>) {
        for name in &self.functions {
            match aws::instrumentation(aws, name).await {
                Ok(seen) => self.checks.extend(function(name, &seen, wanted.site)),
                Err(error) => self
                    .checks
                    .push(Check::wrong(Topic::Runtime, error).of(name)),
            }
        }
    }

    /// The topic failed, and those that need it are skipped. It must be fixed only for a stack.
    fn lacks(&mut self, wanted: &Account<'_>, topic: Topic, error: &Error) {
        self.checks.push(match wanted.stack {
            Some(_) => Check::wrong(topic, error),
            None => {
                let why = words::optional(&Reason::of(error), words::ONLY_FOR_A_STACK);
                Check::skipped(topic, why)
            }
        });
        let later = [
            Topic::AwsRegion,
            Topic::AwsIdentity,
            Topic::AwsConcurrency,
            Topic::Stack,
        ];
        let later = later.into_iter().filter(|later| *later > topic);
        let why = words::needs(topic.title());
        self.checks
            .extend(later.map(|later| Check::skipped(later, &why)));
    }
}

/// Lambda starts an environment for each request of a burst that finds none free, up to the
/// account's limit, and throttles further requests (AWS Lambda developer guide, "Understanding
/// Lambda function scaling"). The consumer needs a few environments too.
fn concurrency(limit: aws::Concurrency, burst: u64) -> Check {
    let (all, unreserved) = (limit.limit, limit.unreserved);
    if unreserved >= burst {
        return Check::ok(Topic::AwsConcurrency, words::environments(all, unreserved));
    }
    Check::advice(
        Topic::AwsConcurrency,
        words::too_few_environments(all, unreserved, burst),
        words::send_fewer((unreserved / 2).max(1)),
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
        assert!(
            check
                .fix
                .is_some_and(|fix| fix.english().contains("--burst 5"))
        );
        let usual = aws::Concurrency {
            limit: 1_000,
            unreserved: 900,
        };
        assert_eq!(concurrency(usual, 20).state, State::Ok);
    }
}
