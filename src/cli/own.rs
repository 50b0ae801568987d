//! Which functions a run is about: the sample app's, or the reader's own.

use super::{
    Failure,
    flags::{Own, Sending},
    target::Target,
};
use crate::{aws::SAMPLE_STAGE, record::FunctionNames, scenario::Expect};

impl Own {
    /// Whether what was typed beside it leaves it a place.
    ///
    /// # Errors
    /// A function without an address, and one beside a stack, which has functions of its own.
    pub fn fits(&self, sending: &Sending) -> Result<(), Failure> {
        if self.functions.is_empty() || sending.url.is_some() {
            Ok(())
        } else if sending.on_aws.stack.is_some() {
            Err(Failure::new(
                "--stack says which functions there are, so --function has no place beside it: \
                 for a function of your own give --url and --function",
            ))
        } else {
            Err(Failure::new(
                "--function names a function of your own, and nothing says where it answers: add --url \
                 with its address, https://ID.execute-api.REGION.amazonaws.com/STAGE or \
                 https://ID.lambda-url.REGION.on.aws",
            ))
        }
    }

    /// The functions as typed; None where none was.
    pub fn names(&self) -> Option<FunctionNames> {
        let (entry, watched) = self.functions.split_first()?;
        let mut names = FunctionNames {
            entry: Some(entry.clone()),
            service: self.service.clone(),
            env: self.env.clone(),
            ..FunctionNames::default()
        };
        for other in watched {
            if other != entry && !names.watched.contains(other) {
                names.watched.push(other.clone());
            }
        }
        Some(names)
    }
}

/// The functions of a run, and where on AWS they are.
#[derive(Debug)]
pub struct Named {
    /// The functions.
    pub functions: FunctionNames,
    /// Their region, where they were named and are on AWS, or on an emulator of it.
    pub region: Option<String>,
    /// The emulator's address, where one stands in for AWS.
    pub endpoint: Option<String>,
}

impl Named {
    /// The sample app's, in the sandbox.
    pub fn sample_app() -> Named {
        Named {
            functions: FunctionNames::sample_app(),
            region: None,
            endpoint: None,
        }
    }

    /// Those behind `target`.
    ///
    /// # Errors
    /// When functions were typed for a target that has functions of its own.
    pub fn at(target: &Target, sending: &Sending) -> Result<Named, Failure> {
        let named = !sending.own.functions.is_empty();
        let on_aws = &sending.on_aws;
        let region = match &target.stack {
            Some(stack) => Some(stack.outputs.region.clone()),
            None if named => on_aws
                .region
                .clone()
                .or_else(|| region_of(sending.url.as_deref()?))
                .or_else(configured_region),
            None => None,
        };
        Ok(Named {
            functions: functions(&sending.own, target)?,
            region,
            endpoint: on_aws.endpoint.as_ref().map(ToString::to_string),
        })
    }
}

/// What a scenario expects of the sample app's functions, expected of `functions`: the entry
/// function's is the entry function's, whatever its name, and the consumer's is left out where
/// there is no such function. Gives what was left out, in words.
pub fn expect_of(expect: &mut Expect, functions: &FunctionNames) -> Vec<String> {
    let sample = FunctionNames::sample_app();
    let mut left_out = Vec::new();
    for list in [&mut expect.insights, &mut expect.absent] {
        list.retain_mut(|expected| {
            if expected.function.is_none() {
                return true;
            }
            if expected.function == sample.entry {
                expected.function = None;
            } else if expected.function == sample.consumer {
                if functions.consumer.is_none() {
                    left_out.push(format!(
                        "what the scenario expects of the sample app's consumer ({}) is left out: \
                         there is none here",
                        expected.insight.key()
                    ));
                    return false;
                }
                expected.function.clone_from(&functions.consumer);
            }
            true
        });
    }
    left_out
}

/// The region in an address of AWS's: `ID.execute-api.REGION.amazonaws.com`,
/// `ID.lambda-url.REGION.on.aws`.
pub fn region_of(url: &str) -> Option<String> {
    let url = reqwest::Url::parse(url).ok()?;
    let labels: Vec<&str> = url.host_str()?.split('.').collect();
    match labels.as_slice() {
        [_, "execute-api", region, "amazonaws", ..] | [_, "lambda-url", region, "on", "aws"] => {
            Some((*region).to_owned())
        }
        _ => None,
    }
}

/// The region that `aws` would use; None where it has none, or is not there.
pub fn configured_region() -> Option<String> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .ok()?
        .block_on(crate::aws::region(None))
        .ok()
}

/// The functions behind `target`: those that were typed, what the sandbox or the stack says, the
/// sample app's where its stage is in the address, else nobody knows.
///
/// # Errors
/// When functions were typed for a target that has functions of its own.
fn functions(own: &Own, target: &Target) -> Result<FunctionNames, Failure> {
    let typed = own.names();
    if let Some(info) = &target.sandbox {
        if typed.is_some() {
            return Err(Failure::new(
                "--function names a function of your own, and the sandbox has only the sample app's: \
                 add --url with your function's address, or leave --function out",
            ));
        }
        let mut names = info.functions.iter().map(|function| function.name.clone());
        return Ok(FunctionNames {
            entry: names.next(),
            consumer: names.next(),
            ..FunctionNames::default()
        });
    }
    match (&target.stack, typed) {
        (Some(stack), _) => Ok(stack.names()),
        (None, Some(names)) => Ok(names),
        (None, None) if is_sample_stage(&target.url) => Ok(FunctionNames::sample_app()),
        (None, None) => Ok(FunctionNames::default()),
    }
}

/// Whether an address is that of the sample app's stage, wherever its API is.
fn is_sample_stage(url: &str) -> bool {
    let Ok(url) = reqwest::Url::parse(url) else {
        return false;
    };
    let mut segments = url.path_segments().into_iter().flatten();
    segments.next() == Some(SAMPLE_STAGE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::Scenario;

    #[test]
    fn the_sample_app_is_known_by_its_stage() {
        for (url, known) in [
            (
                "https://ab12.execute-api.us-east-1.amazonaws.com/datadog-sample-app-stage",
                true,
            ),
            ("http://127.0.0.1:4566/datadog-sample-app-stage/", true),
            (
                "https://ab12.execute-api.us-east-1.amazonaws.com/prod",
                false,
            ),
            ("https://example.com/a/datadog-sample-app-stage", false),
        ] {
            assert_eq!(is_sample_stage(url), known, "{url}");
        }
    }

    #[test]
    fn what_is_expected_of_the_sample_app_is_expected_of_the_functions_that_are_there() {
        let scenario = Scenario::load("cold-start").expect("a built-in scenario");
        let names = |expect: &Expect| -> Vec<Option<String>> {
            let all = expect.insights.iter().chain(&expect.absent);
            all.map(|expected| expected.function.clone()).collect()
        };
        let mut expect = scenario.expect.clone();
        let consumer = FunctionNames::sample_app().consumer;
        assert!(
            names(&expect).contains(&consumer),
            "else this shows nothing"
        );

        let own = FunctionNames {
            entry: Some("mine".to_owned()),
            ..FunctionNames::default()
        };
        assert_eq!(expect_of(&mut expect, &own).len(), 1);
        assert!(names(&expect).iter().all(Option::is_none));

        let mut expect = scenario.expect.clone();
        let stack = FunctionNames {
            consumer: Some("stack-consumer-1".to_owned()),
            ..own
        };
        assert!(expect_of(&mut expect, &stack).is_empty());
        assert!(names(&expect).contains(&stack.consumer));
    }

    #[test]
    fn an_address_of_aws_names_its_region() {
        for (url, region) in [
            (
                "https://ab12.execute-api.eu-west-1.amazonaws.com/prod",
                Some("eu-west-1"),
            ),
            (
                "https://ab12.execute-api.cn-north-1.amazonaws.com.cn/",
                Some("cn-north-1"),
            ),
            (
                "https://abc.lambda-url.ap-northeast-2.on.aws/",
                Some("ap-northeast-2"),
            ),
            ("https://example.com/", None),
        ] {
            assert_eq!(region_of(url).as_deref(), region, "{url}");
        }
    }

    #[test]
    fn the_first_function_answers_and_the_others_are_watched() {
        let typed = ["api", "worker", "api", "worker"].map(str::to_owned);
        let own = Own {
            functions: typed.to_vec(),
            ..Own::default()
        };
        let names = own.names().expect("names");
        assert_eq!(names.entry.as_deref(), Some("api"));
        assert_eq!(names.watched, ["worker"]);
        assert!(!names.is_sample_app());
    }
}
