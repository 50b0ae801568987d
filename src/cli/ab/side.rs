//! A side of `loadgen ab` as it is typed.

use std::{fmt, str::FromStr};

use serde_json::{Map, Value};

use crate::{
    aws::InvokedFunction,
    cli::{
        Failure,
        target::{Own, function_name},
    },
    lambda::FunctionSettings,
    lang::{Reason, texts},
    record::FunctionNames,
    run::{AwsQuery, Destination, InvokeQuery, RunTarget, Stack, Talk},
    scenario::Scenario,
};

texts! {
    const;
    no_side(found: &str): "`{}` is no target: write an address (https://...), stack:NAME, invoke:FUNCTION, sandbox, or sandbox:memory=1024MB,init=800ms",
        "`{}`: 대상이 아닙니다. 주소(https://...), stack:이름, invoke:함수, sandbox, sandbox:memory=1024MB,init=800ms 중 하나로 쓰세요";
    no_setting(found: &str): "`{}` is no setting: write KEY=VALUE", "`{}`: 설정이 아닙니다. KEY=VALUE로 쓰세요";
    set_twice(key: &str): "`{}` is set twice", "`{:을}` 두 번 설정했습니다";
    bad_settings(why: Reason): "these are no settings of a sandbox's function: {}", "샌드박스 함수의 설정이 아닙니다: {}";
}

/// A target as typed.
#[derive(Clone, Debug)]
pub struct TypedSide {
    written: String,
    kind: SideKind,
}

#[derive(Clone, Debug)]
enum SideKind {
    Sandbox(FunctionSettings),
    Url,
    Stack(String),
    Invoke(InvokedFunction),
}

impl fmt::Display for TypedSide {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.written)
    }
}

impl FromStr for TypedSide {
    type Err = String;

    fn from_str(text: &str) -> Result<TypedSide, String> {
        let kind = match text.split_once(':') {
            None if text == "sandbox" => SideKind::Sandbox(FunctionSettings::default()),
            Some(("sandbox", rest)) => SideKind::Sandbox(settings(rest)?),
            Some(("http" | "https", rest)) if rest.starts_with("//") => SideKind::Url,
            Some(("stack", name)) if !name.is_empty() => SideKind::Stack(name.to_owned()),
            Some(("invoke", name)) => SideKind::Invoke(function(name)?),
            Some(("arn", _)) => SideKind::Invoke(function(text)?),
            _ => return Err(no_side(&text.chars().take(80).collect::<String>()).to_string()),
        };
        Ok(TypedSide {
            written: text.to_owned(),
            kind,
        })
    }
}

fn function(name: &str) -> Result<InvokedFunction, String> {
    name.parse().map_err(|error| format!("{error}"))
}

/// Settings as `memory=1024MB,init=lognormal:900ms,1.5s`: a value may hold commas itself.
fn settings(text: &str) -> Result<FunctionSettings, String> {
    let mut pairs: Vec<(String, String)> = Vec::new();
    for piece in text.split(',') {
        match (piece.split_once('='), pairs.last_mut()) {
            (Some((key, value)), _) => pairs.push((key.trim().to_owned(), value.trim().to_owned())),
            (None, Some((_, value))) => value.extend([",", piece]),
            (None, None) => return Err(no_setting(piece).to_string()),
        }
    }
    let value = |text: String| text.parse::<u32>().map_or(Value::String(text), Value::from);
    let mut map: Map<String, Value> = Map::new();
    for (key, text) in pairs {
        if map.insert(key.clone(), value(text)).is_some() {
            return Err(set_twice(&key).to_string());
        }
    }
    serde_json::from_value(Value::Object(map))
        .map_err(|error| bad_settings(Reason::of(error)).to_string())
}

/// Where sides on AWS are, and how they are made cold.
#[derive(Clone, Debug, clap::Args)]
pub struct SidePlace {
    /// Your function that answers at both addresses, or for two addresses with a function each:
    /// A's, then again B's
    #[arg(long = "function", value_name = "NAME", value_parser = function_name)]
    pub functions: Vec<String>,
    /// Its `service` in Datadog, where one name is not enough to find its spans
    #[arg(long, value_name = "NAME", requires = "functions")]
    service: Option<String>,
    /// Its `env` in Datadog
    #[arg(long, value_name = "NAME", requires = "functions")]
    env: Option<String>,
    #[command(flatten)]
    pub on_aws: AwsQuery,
}

impl TypedSide {
    /// Whether it is invoked by Lambda's own API.
    pub fn is_invoked(&self) -> bool {
        matches!(self.kind, SideKind::Invoke(_))
    }

    /// Whether its environments can be emptied: those of functions that are known by name.
    pub fn can_be_forced_cold(&self) -> bool {
        matches!(self.kind, SideKind::Stack(_) | SideKind::Invoke(_))
    }

    /// The function behind it, as it was named. A sandbox names its own.
    pub fn functions(&self, place: &SidePlace, is_second: bool) -> Option<FunctionNames> {
        let name = match place.functions.as_slice() {
            [_, second] if is_second => Some(second),
            names => names.first(),
        };
        let own = Own {
            functions: name.cloned().into_iter().collect(),
            service: place.service.clone(),
            env: place.env.clone(),
        };
        own.names()
            .filter(|_| !matches!(self.kind, SideKind::Sandbox(_)))
    }

    /// Gives the scenario the settings that were typed.
    pub fn configure(&self, scenario: &mut Scenario) {
        if let SideKind::Sandbox(typed) = &self.kind {
            let of = scenario.function.clone();
            scenario.function = FunctionSettings {
                memory: typed.memory.or(of.memory),
                timeout: typed.timeout.or(of.timeout),
                reserved_concurrency: typed.reserved_concurrency.or(of.reserved_concurrency),
                provisioned_concurrency: (typed.provisioned_concurrency)
                    .or(of.provisioned_concurrency),
                init: typed.init.or(of.init),
                warm: typed.warm.or(of.warm),
                flush_strategy: of.flush_strategy,
            };
        }
    }

    /// The target.
    ///
    /// # Errors
    /// When nothing is there that can be sent to.
    pub fn target(
        &self,
        place: &AwsQuery,
        scenario: &Scenario,
        talk: &Talk,
    ) -> Result<RunTarget, Failure> {
        Ok(match &self.kind {
            SideKind::Sandbox(_) => RunTarget::Embedded,
            SideKind::Url => match &place.endpoint {
                Some(endpoint) => Destination::on_emulator(&self.written, endpoint)?.into(),
                None => RunTarget::at(&self.written)?,
            },
            SideKind::Stack(name) => {
                let stack = Stack::look_up(name, place, scenario, talk)?;
                Destination::of_stack(stack, place.endpoint.as_ref())?.into()
            }
            SideKind::Invoke(function) => {
                let query = InvokeQuery {
                    functions: vec![function.clone()],
                    on_aws: place.clone(),
                    ..InvokeQuery::default()
                };
                Destination::invoking(&query, &scenario.function, talk)?.into()
            }
        })
    }
}
