//! A function as `--invoke` names it, and the address of Lambda's Invoke API (AWS Lambda API
//! reference, "Invoke").

use std::{fmt, str::FromStr};

use super::{Endpoint, Error, refusal::from_code, words};
use crate::{
    lang::Phrase,
    units::{Address, is_function_name, is_loopback},
};

/// The largest payload of a synchronous invocation: 6 MB (AWS Lambda developer guide, "Lambda
/// quotas").
pub const LARGEST_PAYLOAD: usize = 6 * 1024 * 1024;

/// A function by its name, its ARN or a part of it, with or without a version or an alias.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct InvokedFunction {
    /// Its name, without anything else.
    pub name: String,
    /// The version or alias.
    pub qualifier: Option<String>,
    /// The region that its ARN names.
    pub region: Option<String>,
    /// The account that its ARN names.
    account: Option<String>,
}

impl FromStr for InvokedFunction {
    type Err = Phrase;

    fn from_str(text: &str) -> Result<InvokedFunction, Phrase> {
        let parts: Vec<&str> = text.trim().split(':').collect();
        let owned = |part: &str| Some(part.to_owned());
        let (region, account, rest) = match parts.as_slice() {
            ["arn", _, "lambda", region, account, "function", rest @ ..] => {
                (owned(region), owned(account), rest)
            }
            [account, "function", rest @ ..] => (None, owned(account), rest),
            ["function", rest @ ..] => (None, None, rest),
            rest => (None, None, rest),
        };
        let (name, qualifier) = match rest {
            [name] => (*name, None),
            [name, qualifier] => (*name, Some(*qualifier)),
            _ => ("", None),
        };
        let is_qualifier = |text: &str| text == "$LATEST" || is_function_name(text);
        let is_account =
            |text: &String| text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
        let is_region = |text: &String| {
            text.contains('-')
                && text
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        };
        let valid = is_function_name(name)
            && qualifier.is_none_or(is_qualifier)
            && account.as_ref().is_none_or(is_account)
            && region.as_ref().is_none_or(is_region);
        match valid {
            true => Ok(InvokedFunction {
                name: name.to_owned(),
                qualifier: qualifier.map(str::to_owned),
                region,
                account,
            }),
            false => {
                let found: String = text.chars().take(200).collect();
                Err(words::no_function_name(&found))
            }
        }
    }
}

impl fmt::Display for InvokedFunction {
    /// The name with its version or alias: `checkout:live`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        match &self.qualifier {
            Some(qualifier) => write!(f, ":{qualifier}"),
            None => Ok(()),
        }
    }
}

impl InvokedFunction {
    /// Whether requests reach a published version, which never changes.
    pub fn is_published(&self) -> bool {
        self.qualifier
            .as_ref()
            .is_some_and(|name| name != "$LATEST")
    }

    /// The path of its invocations, with the version or alias as a query.
    pub fn path(&self) -> String {
        let name = match &self.account {
            Some(account) => format!("{account}:function:{}", self.name),
            None => self.name.clone(),
        };
        let query = match &self.qualifier {
            Some(qualifier) => format!("?Qualifier={}", qualifier.replace('$', "%24")),
            None => String::new(),
        };
        format!("/2015-03-31/functions/{name}/invocations{query}")
    }
}

/// The base address of Lambda's API in `region`: the emulator's, else that of the variables
/// `AWS_ENDPOINT_URL_LAMBDA` and `AWS_ENDPOINT_URL`, which name a VPC endpoint, else AWS's own, its
/// FIPS one where `AWS_USE_FIPS_ENDPOINT` is true (AWS SDKs and Tools Reference Guide). `variable`
/// reads the environment.
///
/// # Errors
/// An address in a variable that is none, or plain http to another machine, which would be sent
/// credentials in clear.
pub fn lambda_api(
    region: &str,
    emulator: Option<&Endpoint>,
    variable: impl Fn(&str) -> Option<String>,
) -> Result<Address, Phrase> {
    if let Some(emulator) = emulator {
        return Address::parse(emulator.url());
    }
    let variable = |name: &str| variable(name).filter(|value| !value.trim().is_empty());
    let named = variable("AWS_ENDPOINT_URL_LAMBDA").or_else(|| variable("AWS_ENDPOINT_URL"));
    if let Some(named) = named {
        let address = Address::parse(&named)?;
        return match address.is_https() || is_loopback(address.host()) {
            true => Ok(address),
            false => Err(words::elsewhere(address.host())),
        };
    }
    let fips = match variable("AWS_USE_FIPS_ENDPOINT") {
        Some(value) if value.trim().eq_ignore_ascii_case("true") => "-fips",
        _ => "",
    };
    let suffix = suffix(region);
    Address::parse(&format!("https://lambda{fips}.{region}.{suffix}"))
}

/// What the names of a region's hosts end in (`partitions.json` of AWS's SDKs).
fn suffix(region: &str) -> &'static str {
    let partitions = [
        ("cn-", "amazonaws.com.cn"),
        ("us-isob-", "sc2s.sgov.gov"),
        ("us-isof-", "csp.hci.ic.gov"),
        ("us-iso-", "c2s.ic.gov"),
        ("eu-isoe-", "cloud.adc-e.uk"),
        ("eusc-", "amazonaws.eu"),
    ];
    let mut partitions = partitions.into_iter();
    let found = partitions.find(|(begin, _)| region.starts_with(begin));
    found.map_or("amazonaws.com", |(_, suffix)| suffix)
}

/// Lambda's refusal of a request that invokes nothing (`X-Amz-Invocation-Type: DryRun`), by its
/// error type.
pub fn invoke_refusal(
    function: &InvokedFunction,
    region: &str,
    kind: &str,
    message: &str,
) -> Error {
    // `ResourceNotFoundException:http://internal.amazon.com/...`
    let kind = kind.split(':').next().unwrap_or_default();
    match kind {
        "ResourceNotFoundException" => {
            let name = function.to_string();
            Error::Refused(match function.qualifier.is_some() {
                true => words::no_qualified_function(&name, region, &function.name),
                false => words::no_invoked_function(&name, region),
            })
        }
        "" => Error::Coded {
            call: INVOKE.to_owned(),
            code: String::new(),
            message: message.chars().take(300).collect(),
        },
        code => from_code(INVOKE, code, INVOKE, message.trim_end_matches('.')),
    }
}

const INVOKE: &str = "lambda:InvokeFunction";

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<(String, Option<String>, Option<String>, String)> {
        let function: InvokedFunction = text.parse().ok()?;
        let path = function.path();
        let path = path.trim_start_matches("/2015-03-31/functions/").to_owned();
        Some((function.name, function.qualifier, function.region, path))
    }

    #[test]
    fn a_function_is_named_as_the_invoke_api_takes_it() {
        let some = |text: &str| Some(text.to_owned());
        for (text, qualifier, region, path) in [
            ("shop", None, None, "shop/invocations"),
            (
                "shop:live",
                some("live"),
                None,
                "shop/invocations?Qualifier=live",
            ),
            ("shop:7", some("7"), None, "shop/invocations?Qualifier=7"),
            (
                "shop:$LATEST",
                some("$LATEST"),
                None,
                "shop/invocations?Qualifier=%24LATEST",
            ),
            (
                "123456789012:function:shop",
                None,
                None,
                "123456789012:function:shop/invocations",
            ),
            (
                "arn:aws-cn:lambda:cn-north-1:123456789012:function:shop:live",
                some("live"),
                some("cn-north-1"),
                "123456789012:function:shop/invocations?Qualifier=live",
            ),
        ] {
            let expected = ("shop".to_owned(), qualifier, region, path.to_owned());
            assert_eq!(read(text), Some(expected), "{text}");
        }
        for text in [
            "",
            "a b",
            "shop:",
            "shop:a:b",
            "arn:aws:sqs:eu-west-1:123456789012:shop",
            "arn:aws:lambda:eu-west-1:12:function:shop",
            "arn:aws:lambda:../x:123456789012:function:shop",
            "https://abc.lambda-url.eu-west-1.on.aws",
        ] {
            assert!(text.parse::<InvokedFunction>().is_err(), "{text}");
        }
    }

    #[test]
    fn the_api_is_where_region_partition_and_the_variables_of_aws_say() {
        let none = |_: &str| None;
        let with = |name: &'static str, value: &'static str| {
            move |asked: &str| (asked == name).then(|| value.to_owned())
        };
        let host =
            |address: Result<Address, Phrase>| address.map(|address| address.to_string()).ok();
        let some = |text: &str| Some(text.to_owned());
        for (region, address) in [
            ("eu-west-1", "https://lambda.eu-west-1.amazonaws.com/"),
            ("cn-north-1", "https://lambda.cn-north-1.amazonaws.com.cn/"),
            (
                "us-isob-east-1",
                "https://lambda.us-isob-east-1.sc2s.sgov.gov/",
            ),
        ] {
            assert_eq!(host(lambda_api(region, None, none)), some(address));
        }
        let fips = with("AWS_USE_FIPS_ENDPOINT", "true");
        assert_eq!(
            host(lambda_api("us-east-1", None, fips)),
            some("https://lambda-fips.us-east-1.amazonaws.com/")
        );
        let vpc = "https://vpce-0a1b.lambda.eu-west-1.vpce.amazonaws.com";
        let named = with("AWS_ENDPOINT_URL_LAMBDA", vpc);
        assert_eq!(
            host(lambda_api("eu-west-1", None, named)),
            some(&format!("{vpc}/"))
        );
        let emulator: Endpoint = "http://127.0.0.1:4566".parse().expect("an endpoint");
        assert_eq!(
            host(lambda_api("eu-west-1", Some(&emulator), named)),
            some("http://127.0.0.1:4566/")
        );
        let clear = with("AWS_ENDPOINT_URL", "http://10.0.0.1:4566");
        assert!(lambda_api("eu-west-1", None, clear).is_err());
    }
}
