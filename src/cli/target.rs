//! Flags that say where a run is sent: an address, a stack, or functions by Lambda's own API.

use clap::Args;

use super::{Failure, function_dirs::FunctionDirs};
use crate::{
    aws::{Endpoint, InvokedFunction},
    files,
    lang::texts,
    record::FunctionNames,
    run::{AwsQuery, Destination, InvokeQuery, Invoked, RunTarget, Stack, Talk},
    scenario::Scenario,
    units::is_function_name,
};

texts! {
    const;
    name_alone(name: &str): "write the function's name alone: {}", "함수 이름만 쓰세요: {}";
    FUNCTION_NAMES: "a function's name has up to 64 letters, digits, hyphens and underscores",
        "함수 이름은 영문자, 숫자, 하이픈, 밑줄 최대 64자입니다";
    FUNCTION_BESIDE_STACK: "--stack says which functions there are, so --function has no place beside it: for a function of your own give --url and --function",
        "함수는 --stack에서 정해지므로 --function을 함께 쓸 수 없습니다. 자신의 함수라면 --url과 --function을 쓰세요";
    FUNCTION_WITHOUT_URL: "--function names a function of your own, and nothing says where it answers: write --invoke in its place, or add --url with its address, https://ID.execute-api.REGION.amazonaws.com/STAGE or https://ID.lambda-url.REGION.on.aws",
        "--function으로 지정한 함수의 주소를 알 수 없습니다. 대신 --invoke를 쓰거나 --url에 주소를 쓰세요: https://ID.execute-api.REGION.amazonaws.com/STAGE 또는 https://ID.lambda-url.REGION.on.aws";
    ENDPOINT_ALONE: "--endpoint alone does not say where to send: add --stack NAME, --invoke FUNCTION, or --url with an address of API Gateway",
        "--endpoint만으로는 어디로 보낼지 알 수 없습니다. --stack NAME이나 --invoke FUNCTION을 쓰거나 --url에 API Gateway 주소를 쓰세요";
    BESIDE_FUNCTION_DIR: "--function-dir or --app says which functions there are, and that they run here: leave out --stack, --function, --endpoint and --force-cold",
        "--function-dir나 --app으로 함수를 지정하고 이 컴퓨터에서 실행하므로 --stack, --function, --endpoint, --force-cold를 함께 쓸 수 없습니다";
    FORCE_COLD_ALONE: "--force-cold empties the environments of functions on AWS: add --stack NAME or --invoke FUNCTION",
        "--force-cold는 AWS에 있는 함수의 환경을 비웁니다. --stack NAME이나 --invoke FUNCTION을 추가하세요";
    PAYLOAD_ALONE: "--payload is what a function is invoked with: add --invoke FUNCTION", "--payload는 함수를 호출할 때 쓰는 값입니다. --invoke FUNCTION을 추가하세요";
    payload_no_json(why: String): "--payload is no JSON: {}", "--payload가 JSON이 아닙니다: {}";
    payload_no_file(file: &str, why: String): "--payload `{}` is neither JSON nor a file that can be read: {}", "--payload `{:`은} JSON도, 읽을 수 있는 파일도 아닙니다: {}";
}

/// Where a run is sent.
#[derive(Clone, Debug, Args)]
pub struct TargetFlags {
    /// Send to this address instead of an embedded sandbox
    #[arg(long, value_name = "URL", conflicts_with_all = ["stack", "function_dirs", "hosted_app"])]
    url: Option<String>,
    #[command(flatten)]
    invoke: Invoking,
    #[command(flatten)]
    hosted: FunctionDirs,
    #[command(flatten)]
    pub own: Own,
    #[command(flatten)]
    pub on_aws: OnAws,
}

/// Flags that name a function to be invoked by Lambda's own API.
#[derive(Clone, Debug, Default, Args)]
struct Invoking {
    /// Invoke this function by Lambda's own API, without any URL: its name, NAME:ALIAS, NAME:VERSION
    /// or its ARN. Every answer carries the end of the log, whose REPORT line tells cold from warm.
    /// Again for others: each gets the scenario's requests, interleaved, and a row of its own
    #[arg(long = "invoke", id = "invoked", value_name = "FUNCTION", conflicts_with_all = ["url", "stack", "sigv4", "function_dirs", "hosted_app"])]
    functions: Vec<InvokedFunction>,
    /// Invoke all functions whose names match, for example `shop-*`; your `aws` command lists them
    #[arg(long = "invoke-matching", id = "matching", value_name = "PATTERN", conflicts_with_all = ["url", "stack", "sigv4", "function_dirs", "hosted_app"])]
    matching: Option<String>,
    /// What the function is invoked with: JSON, or a file that holds it; else the scenario's body,
    /// or {}
    #[arg(long, value_name = "FILE|TEXT")]
    payload: Option<String>,
}

impl Invoking {
    /// Whether any function was typed.
    fn is_typed(&self) -> bool {
        !self.functions.is_empty() || self.matching.is_some()
    }

    /// The functions as typed, or else those on AWS that phases name; None where there are none.
    ///
    /// # Errors
    /// A payload that is neither JSON nor a file that can be read.
    fn query(
        &self,
        on_aws: &OnAws,
        of_phases: Vec<InvokedFunction>,
    ) -> Result<Option<InvokeQuery>, Failure> {
        let functions = match self.is_typed() {
            true => self.functions.clone(),
            false if of_phases.is_empty() => {
                return match &self.payload {
                    Some(_) => Err(Failure::new(PAYLOAD_ALONE)),
                    None => Ok(None),
                };
            }
            false => of_phases,
        };
        Ok(Some(InvokeQuery {
            functions,
            matching: self.matching.clone(),
            payload: self.payload.as_deref().map(payload).transpose()?,
            on_aws: on_aws.query(),
        }))
    }
}

/// A payload as typed: JSON itself, or the file that holds it.
fn payload(text: &str) -> Result<Vec<u8>, Failure> {
    let wrong = match serde_json::from_str::<serde::de::IgnoredAny>(text) {
        Ok(_) => return Ok(text.as_bytes().to_vec()),
        Err(error) => error,
    };
    let begins_as_json = text.trim_start().starts_with(['{', '[', '"']);
    match files::read(text.as_ref(), files::LARGEST) {
        Ok(content) => Ok(content),
        Err(_) if begins_as_json => Err(Failure::new(payload_no_json(wrong.to_string()))),
        Err(error) => Err(Failure::new(payload_no_file(text, error.to_string()))),
    }
}

/// Flags that name functions of the reader's own.
#[derive(Clone, Debug, Default, Args)]
pub struct Own {
    /// Your own Lambda function that answers at --url; again, or beside --invoke, for others to watch
    #[arg(long = "function", id = "own", value_name = "NAME", value_parser = function_name)]
    pub functions: Vec<String>,
    /// Its `service` in Datadog, where one name is not enough to find its spans
    #[arg(long, value_name = "NAME", requires = "own")]
    pub service: Option<String>,
    /// Its `env` in Datadog
    #[arg(long, value_name = "NAME", requires = "own")]
    pub env: Option<String>,
}

/// Flags that point at what is deployed on AWS.
#[derive(Clone, Debug, Args)]
pub struct OnAws {
    /// Send to this CloudFormation stack of the sample app, looked up by your `aws` command
    #[arg(long, value_name = "NAME")]
    pub stack: Option<String>,
    /// The region of the stack or function; else the address's, AWS_REGION, AWS_DEFAULT_REGION or
    /// what `aws configure` has stored
    #[arg(long, value_name = "NAME")]
    pub region: Option<String>,
    /// Instead of idling empty all execution environments, as `loadgen aws cold` does
    #[arg(long, conflicts_with_all = ["real_idle", "url"])]
    pub force_cold: bool,
    /// Reach the API Gateway address, and AWS itself, on an emulator or a sandbox on this machine
    #[arg(long, value_name = "URL")]
    pub endpoint: Option<Endpoint>,
}

impl OnAws {
    fn query(&self) -> AwsQuery {
        AwsQuery {
            region: self.region.clone(),
            force_cold: self.force_cold,
            endpoint: self.endpoint.clone(),
        }
    }
}

/// A Lambda function's name as a flag's value.
///
/// # Errors
/// What is no such name, with the name that an ARN or a qualified name holds.
pub fn function_name(text: &str) -> Result<String, String> {
    if is_function_name(text) {
        return Ok(text.to_owned());
    }
    let inner = text
        .parse()
        .ok()
        .map(|function: InvokedFunction| function.name);
    Err(match inner {
        Some(name) => name_alone(&name).to_string(),
        None => FUNCTION_NAMES.to_string(),
    })
}

impl Own {
    /// Checks --function against --url and --stack.
    ///
    /// # Errors
    /// A function without an address, and one beside a stack, which has functions of its own.
    fn check(&self, to: &TargetFlags) -> Result<(), Failure> {
        let named = to.url.is_some() || to.invoke.is_typed();
        if self.functions.is_empty() || named {
            Ok(())
        } else if to.on_aws.stack.is_some() {
            Err(Failure::new(FUNCTION_BESIDE_STACK))
        } else {
            Err(Failure::new(FUNCTION_WITHOUT_URL))
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

impl TargetFlags {
    /// The target as typed.
    ///
    /// # Errors
    /// When nothing is there that can be sent to, or flags contradict each other.
    pub fn target(&self, scenario: &Scenario, talk: &Talk) -> Result<RunTarget, Failure> {
        if let Some(app) = self.hosted.app()? {
            let OnAws {
                stack,
                force_cold,
                endpoint,
                ..
            } = &self.on_aws;
            let elsewhere = stack.is_some() || *force_cold || endpoint.is_some();
            return match elsewhere || !self.own.functions.is_empty() {
                true => Err(Failure::new(BESIDE_FUNCTION_DIR)),
                false => Ok(RunTarget::Hosted(app)),
            };
        }
        self.own.check(self)?;
        let on_aws = &self.on_aws;
        let elsewhere = self.url.is_some() || on_aws.stack.is_some();
        let of_phases = match elsewhere || !scenario.models.is_empty() {
            true => Vec::new(),
            false => invoked(scenario)?,
        };
        if let Some(query) = self.invoke.query(on_aws, of_phases)? {
            return Ok(Destination::invoking(&query, &scenario.function, talk)?.into());
        }
        if on_aws.force_cold && on_aws.stack.is_none() {
            return Err(Failure::new(FORCE_COLD_ALONE));
        }
        Ok(match (&self.url, &on_aws.stack, &on_aws.endpoint) {
            (Some(address), _, Some(endpoint)) => {
                Destination::on_emulator(address, endpoint)?.into()
            }
            (Some(address), _, None) => RunTarget::at(address)?,
            (None, Some(name), endpoint) => {
                let stack = Stack::look_up(name, &on_aws.query(), scenario, talk)?;
                Destination::of_stack(stack, endpoint.as_ref())?.into()
            }
            (None, None, Some(_)) => {
                return Err(Failure::new(ENDPOINT_ALONE));
            }
            // The sample app, or else the functions that the scenario models itself.
            (None, None, None) => match invoked(scenario)? {
                none if none.is_empty() => RunTarget::Embedded,
                functions => RunTarget::Modelled(Invoked::in_sandbox(functions)),
            },
        })
    }
}

/// The functions that a scenario invokes by name.
fn invoked(scenario: &Scenario) -> Result<Vec<InvokedFunction>, Failure> {
    let functions = scenario.invoked().into_iter().map(str::parse);
    functions.collect::<Result<_, _>>().map_err(Failure::new)
}

#[cfg(test)]
mod tests {
    use super::*;

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
