//! A side of `loadgen ab` as it is typed.

use std::{fmt, str::FromStr};

use serde_json::{Map, Value};

use crate::{
    aws::{Endpoint, InvokedFunction},
    cli::Failure,
    lambda::FunctionSettings,
    lang::{Reason, texts},
    run::{Destination, InvokeQuery, RunTarget, Stack, StackQuery, Talk},
    scenario::Scenario,
};

texts! {
    const;
    no_side(found: &str): "`{}` is no target: write an address (https://...), stack:NAME, invoke:FUNCTION, sandbox, or sandbox:memory=1024MB,init=800ms",
        "`{}`: 대상이 아닙니다. 주소(https://...), stack:이름, invoke:함수, sandbox, sandbox:memory=1024MB,init=800ms 중 하나로 쓰세요";
    no_setting(found: &str): "`{}` is no setting: write KEY=VALUE", "`{}`: 설정이 아닙니다. KEY=VALUE로 쓰세요";
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
    let map: Map<String, Value> = (pairs.into_iter())
        .map(|(key, text)| (key, value(text)))
        .collect();
    serde_json::from_value(Value::Object(map))
        .map_err(|error| bad_settings(Reason::of(error)).to_string())
}

/// Where sides on AWS are, and how they are made cold.
#[derive(Clone, Debug, clap::Args)]
pub struct SidePlace {
    /// The region of stacks and functions
    #[arg(long, value_name = "NAME")]
    pub region: Option<String>,
    /// Instead of idling empty all execution environments of stacks and functions
    #[arg(long)]
    pub force_cold: bool,
    /// An emulator, or a sandbox, that stands in for AWS
    #[arg(long, value_name = "URL")]
    pub endpoint: Option<Endpoint>,
}

impl TypedSide {
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
            };
        }
    }

    /// The target.
    ///
    /// # Errors
    /// When nothing is there that can be sent to.
    pub fn target(
        &self,
        place: &SidePlace,
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
                let query = StackQuery {
                    region: place.region.clone(),
                    emulator: place.endpoint.clone(),
                    force_cold: place.force_cold,
                };
                let stack = Stack::look_up(name, &query, scenario, talk)?;
                Destination::of_stack(stack, place.endpoint.as_ref())?.into()
            }
            SideKind::Invoke(function) => {
                let query = InvokeQuery {
                    functions: vec![function.clone()],
                    matching: None,
                    payload: None,
                    region: place.region.clone(),
                    emulator: place.endpoint.clone(),
                    force_cold: place.force_cold,
                };
                Destination::invoking(&query, &scenario.function, talk)?.into()
            }
        })
    }
}
