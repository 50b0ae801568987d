//! `--invoke`: functions that are invoked through Lambda's own API, and checked before anything is
//! sent.

use std::time::SystemTime;

use serde_json::Value;

use super::{
    AwsQuery, Destination, ForceCold, Invoked, RunError, RunErrorKind, Talk, blocking::block_on,
    invoked::check_payload, region::configured_region, signing::credentials, stack::not_as_needed,
    target, words,
};
use crate::{
    aws::{self, Aws, AwsPlace, InvokedFunction, Signing, invoke_refusal, lambda_api},
    control::Info,
    environment::variable,
    lambda::FunctionSettings,
    record::TargetKind,
    telemetry::search::{Pattern, PatternPiece},
    units::Address,
};

/// The region that requests to an emulator are signed for if no other is given.
const ANY_REGION: &str = "us-east-1";
/// How much of a refusal is read, in bytes.
const LARGEST_REFUSAL: usize = 64 * 1024;

/// The functions that are invoked, and their payload.
#[derive(Clone, Debug, Default)]
pub struct InvokeQuery {
    /// The functions.
    pub functions: Vec<InvokedFunction>,
    /// Also all functions whose names match this pattern: `shop-*`.
    pub matching: Option<String>,
    /// The payload, JSON; None: the scenario's body, or `{}`.
    pub payload: Option<Vec<u8>>,
    /// Where they are: without a region the ARN's, or the one that `aws` would use.
    pub on_aws: AwsQuery,
}

impl Destination {
    /// Functions through Lambda's Invoke API. Each is checked by a request that invokes nothing
    /// (`DryRun`), which shows whether the function exists and may be invoked.
    ///
    /// # Errors
    /// A payload that Lambda does not accept, functions of several regions, no region or
    /// credentials, a function, version or alias that does not exist, a missing permission, and a
    /// function that is not as `wanted`, the scenario's `[function]` table, demands.
    pub fn invoking(
        query: &InvokeQuery,
        wanted: &FunctionSettings,
        talk: &Talk,
    ) -> Result<Destination, RunError> {
        if let Some(payload) = &query.payload {
            check_payload(payload)?;
        }
        let sandbox = match &query.on_aws.endpoint {
            Some(emulator) => target::sandbox_at(emulator.url())?,
            None => None,
        };
        let region = match &sandbox {
            Some(_) => None,
            None => Some(region(query)?),
        };
        let query = &InvokeQuery {
            functions: all(query, sandbox.as_ref(), region.as_deref(), talk)?,
            ..query.clone()
        };
        let Some(first) = query.functions.first() else {
            return Err(RunErrorKind::Target.error(words::NO_FUNCTION));
        };
        let api = lambda_api(
            region.as_deref().unwrap_or(ANY_REGION),
            query.on_aws.endpoint.as_ref(),
            variable,
        )
        .map_err(RunErrorKind::Target.caused())?;
        let credentials = match &region {
            Some(region) => Some(credentials(region, talk)?),
            None => None,
        };
        let invoked = Invoked {
            functions: query.functions.clone(),
            payload: query.payload.clone(),
            region,
            credentials,
        };
        for function in &invoked.functions {
            invoked.dry_run(function, &api)?;
        }
        let kind = match (&sandbox, api.is_this_machine()) {
            (Some(_), _) => TargetKind::Sandbox,
            (None, true) => TargetKind::Http,
            (None, false) => TargetKind::Aws,
        };
        let mut url = api.join(&first.path());
        url.show_parameters(&["Qualifier".to_owned()]);
        let mut found = Destination::of_kind(kind, url);
        found.sandbox = sandbox;
        if let Some(region) = &invoked.region {
            let place = AwsPlace {
                region: region.clone(),
                endpoint: query.on_aws.endpoint.clone(),
            };
            found.force_cold = invoked.on_aws(query, &place, wanted, talk)?;
        }
        found.invoked = Some(invoked);
        Ok(found)
    }
}

impl Invoked {
    /// Asks Lambda about a function without invoking it.
    ///
    /// # Errors
    /// What Lambda refuses, and an API that does not answer.
    fn dry_run(&self, function: &InvokedFunction, api: &Address) -> Result<(), RunError> {
        let url = api.join(&function.path());
        let region = self.region.as_deref().unwrap_or(ANY_REGION);
        let body = b"{}".to_vec();
        let mut headers = Vec::new();
        if let Some(credentials) = &self.credentials {
            let signing = Signing {
                region: region.to_owned(),
                service: "lambda",
                method: "POST".to_owned(),
                url: url.url().to_string(),
                host: url.authority(),
                body: body.clone(),
            };
            headers = (signing.headers(credentials, SystemTime::now()))
                .map_err(|why| RunErrorKind::Credentials.error(why))?;
        }
        let mut request = target::client(url.url())?
            .post(url.url().clone())
            .header("x-amz-invocation-type", "DryRun")
            .body(body);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let silent = |error: reqwest::Error| {
            let why = target::cause(&error);
            RunErrorKind::Target.error(words::lambda_silent(url.host(), why.to_string()))
        };
        let answer = block_on(async {
            let answer = request.send().await.map_err(silent)?;
            let status = answer.status();
            let kind = answer.headers().get("x-amzn-errortype");
            let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
            let kind = kind.to_owned();
            let said = target::beginning(answer, LARGEST_REFUSAL).await;
            let said = said.map_err(silent)?;
            Ok::<_, RunError>((status, kind, said))
        })?;
        let (status, kind, said) = answer?;
        if status.is_success() {
            return Ok(());
        }
        let body: Value = serde_json::from_str(&said).unwrap_or_default();
        let text = |name: &str| body[name].as_str().map(str::to_owned);
        let message = text("message").or_else(|| text("Message")).unwrap_or(said);
        // Emulators may name the type in the body alone.
        let kind = match kind.is_empty() {
            true => text("__type").or_else(|| text("code")).unwrap_or_default(),
            false => kind,
        };
        let message = match kind.is_empty() {
            true => format!("{status} {message}"),
            false => message,
        };
        let message: String = message.chars().take(1_000).collect();
        let refusal = invoke_refusal(function, region, &kind, &message);
        Err(RunErrorKind::Target.caused()(refusal))
    }

    /// Compares the functions with the scenario's `[function]` table. Returns what forces cold
    /// starts, if that was requested.
    fn on_aws(
        &self,
        query: &InvokeQuery,
        place: &AwsPlace,
        wanted: &FunctionSettings,
        talk: &Talk,
    ) -> Result<Option<ForceCold>, RunError> {
        let published = query.functions.iter().find(|one| one.is_published());
        if let (true, Some(function)) = (query.on_aws.force_cold, published) {
            return Err(RunErrorKind::Target.error(words::never_changes(&function.to_string())));
        }
        let told = Talk::clone(talk);
        let aws = Aws::new(place.clone(), move |line| told(line));
        block_on(async {
            if *wanted != FunctionSettings::default() {
                for function in &query.functions {
                    let name = function.to_string();
                    let found = aws::function_configuration(&aws, &name).await?;
                    let unmet = aws::unmet(wanted, &found, place);
                    if !unmet.is_empty() {
                        return Ok(Err(not_as_needed(&name, &unmet)));
                    }
                }
            }
            let names: Vec<String> = query.functions.iter().map(|one| one.name.clone()).collect();
            let forced = match query.on_aws.force_cold {
                true => Some(ForceCold::of(&names, place, talk).await?),
                false => None,
            };
            Ok::<_, aws::Error>(Ok(forced))
        })?
        .map_err(RunErrorKind::Target.caused())?
    }
}

/// The most functions of one run: each is checked before anything is sent.
const MOST: usize = 100;

/// The named functions, each once, and those whose names match the pattern.
fn all(
    query: &InvokeQuery,
    sandbox: Option<&Info>,
    region: Option<&str>,
    talk: &Talk,
) -> Result<Vec<InvokedFunction>, RunError> {
    let mut functions: Vec<InvokedFunction> = Vec::new();
    let mut add = |function: InvokedFunction| {
        let known = functions.iter().any(|other| other.name == function.name);
        if !known {
            functions.push(function);
        }
    };
    query.functions.iter().cloned().for_each(&mut add);
    if let Some(pattern) = &query.matching {
        let names: Vec<String> = match (sandbox, region) {
            (Some(info), _) => info.functions.iter().map(|one| one.name.clone()).collect(),
            (None, region) => {
                let place = AwsPlace {
                    region: region.unwrap_or(ANY_REGION).to_owned(),
                    endpoint: query.on_aws.endpoint.clone(),
                };
                let told = Talk::clone(talk);
                let aws = Aws::new(place, move |line| told(line));
                block_on(aws::function_names(&aws))?.map_err(RunErrorKind::Target.caused())?
            }
        };
        let wanted = names_like(pattern);
        let found = names.iter().filter(|name| wanted.is(name));
        let before = names.len();
        let mut matched = 0;
        for function in found.filter_map(|name| name.parse().ok()) {
            add(function);
            matched += 1;
        }
        if matched == 0 {
            let why = words::nothing_matches(pattern, before);
            return Err(RunErrorKind::Target.error(why));
        }
    }
    match functions.len() {
        ..=MOST => Ok(functions),
        many => Err(RunErrorKind::Target.error(words::too_many_functions(many, MOST))),
    }
}

/// The pattern for names: `*` matches any text.
fn names_like(text: &str) -> Pattern {
    let piece = |c| match c {
        '*' => PatternPiece::AnyText,
        c => PatternPiece::Char(c),
    };
    Pattern::of(text.chars().map(piece).collect())
}

/// The one region of the functions.
fn region(query: &InvokeQuery) -> Result<String, RunError> {
    let named = query.functions.iter().filter_map(|one| one.region.as_ref());
    let mut regions: Vec<&String> = named.chain(&query.on_aws.region).collect();
    regions.sort_unstable();
    regions.dedup();
    match regions.as_slice() {
        [region] => Ok((*region).clone()),
        [] if query.on_aws.endpoint.is_some() => {
            Ok(configured_region().unwrap_or_else(|| ANY_REGION.to_owned()))
        }
        [] => block_on(aws::region(None))?.map_err(RunErrorKind::Target.caused()),
        several => {
            let several: Vec<&str> = several.iter().map(|region| region.as_str()).collect();
            Err(RunErrorKind::Target.error(words::several_regions(several.join(", "))))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_part_of_a_name() {
        for (pattern, name, fits) in [
            ("shop-*", "shop-cart", true),
            ("*-worker", "shop-worker", true),
            ("shop-*-v*", "shop-cart-v2", true),
            ("*", "anything", true),
            ("shop", "shop", true),
            ("shop-*", "my-shop-cart", false),
            ("shop", "shop-cart", false),
        ] {
            assert_eq!(names_like(pattern).is(name), fits, "{pattern} {name}");
        }
        // Trying every position for each star would never end.
        assert!(!names_like(&("*a".repeat(30) + "b")).is(&"a".repeat(64)));
    }
}
