//! `loadgen doctor`: what must be fixed before a run against a real target.

mod words;

use std::{sync::Arc, time::Duration};

use clap::Args;

use super::{Exit, Failure, flags::Global, out};
use crate::{
    aws::{Endpoint, InvokedFunction},
    control::Info,
    datadog::{Client, Keys, Links, Site},
    doctor::{self, Account, Api, Check, Report, Topic, account, api, endpoint},
    environment::variable,
    lambda::FunctionSettings,
    lang::{Reason, Text},
    report::{json, text},
    run::{AwsQuery, Destination, InvokeQuery, Talk, block_on, keys},
    scenario::{Arrivals, Scenario},
};

/// Check keys, site, endpoint, aws command and clock, and say what to fix
///
/// Changes nothing, and sends no request to a function. Exit code 0: nothing must be fixed; 2:
/// something must.
#[derive(Debug, Args)]
pub struct DoctorArgs {
    /// Look at this endpoint: a deployed API, or a sandbox
    #[arg(long, value_name = "URL", conflicts_with = "stack")]
    url: Option<String>,
    /// Look at this function, which is invoked by Lambda's own API; the look invokes nothing
    #[arg(long, value_name = "FUNCTION", conflicts_with_all = ["url", "stack"])]
    invoke: Option<InvokedFunction>,
    /// Look at this CloudFormation stack of the sample app, with your `aws` command
    #[arg(long, value_name = "NAME")]
    stack: Option<String>,
    /// The AWS region; else AWS_REGION, AWS_DEFAULT_REGION or what `aws configure` has stored
    #[arg(long, value_name = "NAME")]
    region: Option<String>,
    /// An emulator on this machine instead of AWS
    #[arg(long, value_name = "URL")]
    endpoint: Option<Endpoint>,
    /// Look at the API at this address instead of Datadog's site in DD_SITE
    #[arg(long, value_name = "URL", env = "LOADGEN_DATADOG_URL")]
    datadog_url: Option<String>,
    /// Print the findings as JSON, schema loadgen.doctor/1: healthy, and checks of topic, subject,
    /// state (ok, advice, fix, cannot_tell, skipped), found and fix
    #[arg(long)]
    json: bool,
}

/// The time limit of an answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// Makes all checks and prints their report.
///
/// # Errors
/// An invalid address.
pub fn run(typed: &DoctorArgs, global: &Global) -> Result<Exit, Failure> {
    let (target, invoked) = match (&typed.url, &typed.invoke) {
        (Some(url), _) => (Some(Destination::at(url)?), None),
        (None, Some(function)) => {
            let (target, check) = invoke(typed, function);
            (target, Some(check))
        }
        (None, None) => (None, None),
    };
    let report = block_on(examine(typed, target.as_ref(), invoked, global))??;
    out::text(match typed.json {
        true => json::write(&report),
        false => text::doctor(&report),
    })?;
    Ok(if report.healthy {
        Exit::Met
    } else {
        Exit::Unable
    })
}

/// Whether the function is there and may be invoked: a request that invokes nothing.
fn invoke(typed: &DoctorArgs, function: &InvokedFunction) -> (Option<Destination>, Check) {
    let query = InvokeQuery {
        functions: vec![function.clone()],
        on_aws: AwsQuery {
            region: typed.region.clone(),
            force_cold: false,
            endpoint: typed.endpoint.clone(),
        },
        ..InvokeQuery::default()
    };
    let name = function.to_string();
    let silent: Talk = Arc::new(|_| {});
    match Destination::invoking(&query, &FunctionSettings::default(), &silent) {
        Ok(found) => {
            let check = Check::ok(
                Topic::Target,
                words::may_be_invoked(&name, found.url.host()),
            );
            (Some(found), check)
        }
        Err(error) => (None, Check::wrong(Topic::Target, error)),
    }
}

async fn examine(
    typed: &DoctorArgs,
    target: Option<&Destination>,
    invoked: Option<Check>,
    global: &Global,
) -> Result<Report, Failure> {
    let sandbox = target.and_then(|target| target.sandbox.as_ref());
    let mut checks = Vec::new();
    let (place, site) = match place(typed, sandbox) {
        Ok(place) => place,
        Err(check) => {
            checks.push(*check);
            (None, None)
        }
    };
    let aws = on_aws(typed, sandbox, site, global).await;
    match place {
        Some(place) => checks.extend(of_api(typed, place, sandbox, &aws.functions).await?),
        None => checks.push(Check::skipped(Topic::Api, words::NO_SITE)),
    }
    checks.extend(aws.checks);
    if let Some(check) = invoked {
        checks.push(check);
        return Ok(Report::of(checks));
    }
    match (target, &aws.invoke_url) {
        (Some(target), _) => checks.extend(endpoint(&target.url, sandbox).await),
        (None, Some(url)) if typed.endpoint.is_none() => checks.extend(endpoint(url, None).await),
        (None, Some(_)) => checks.push(Check::skipped(Topic::Target, words::NOT_ON_EMULATOR)),
        (None, None) => checks.push(Check::skipped(Topic::Target, words::NO_TARGET)),
    }
    Ok(Report::of(checks))
}

/// Where the API is.
struct Place {
    address: String,
    links: Links,
    found: Reason,
}

/// Where the API is, and the site's name where it is Datadog's own.
fn place(
    typed: &DoctorArgs,
    sandbox: Option<&Info>,
) -> Result<(Option<Place>, Option<&'static str>), Box<Check>> {
    let instead = |address: &String, found: Reason| Place {
        links: Links::to_base(address),
        address: address.clone(),
        found,
    };
    if let Some(address) = &typed.datadog_url {
        let found = Reason::of(words::OTHER_API);
        return Ok((Some(instead(address, found)), None));
    }
    if let Some(info) = sandbox {
        let found = Reason::of(words::sandbox_api(&info.datadog_url));
        return Ok((Some(instead(&info.datadog_url, found)), None));
    }
    let named = Site::named(variable);
    let site: Site = match &named {
        Some(site) => site
            .parse()
            .map_err(|error| Box::new(Check::wrong(Topic::Site, error)))?,
        None => Site::default(),
    };
    let found = match named {
        Some(_) => words::site(site.domain(), site.api(), site.app()),
        None => words::default_site(site.domain(), site.api(), site.app()),
    };
    let place = Place {
        address: site.api(),
        links: Links::to_site(site),
        found: Reason::of(found),
    };
    Ok((Some(place), Some(site.domain())))
}

async fn of_api(
    typed: &DoctorArgs,
    place: Place,
    sandbox: Option<&Info>,
    functions: &[String],
) -> Result<Vec<Check>, Failure> {
    let mut checks = vec![Check::ok(Topic::Site, &place.found)];
    let of_sandbox = sandbox.filter(|_| typed.datadog_url.is_none());
    let (keys, check) = usable_keys(&place, of_sandbox.is_some());
    checks.push(check);
    let with_keys = keys.is_some();
    let client = Client::new(&place.address, keys.unwrap_or_else(Keys::none))?.impatient(PATIENCE);
    let names: Vec<String> = match of_sandbox {
        Some(info) => info.functions.iter().map(|f| f.name.clone()).collect(),
        None => functions.to_vec(),
    };
    let now = of_sandbox.map_or_else(jiff::Timestamp::now, |info| info.now);
    let examined = Api {
        client: &client,
        address: &place.address,
        links: &place.links,
        with_keys,
        of_sandbox: of_sandbox.is_some(),
        functions: &names,
        now_ms: now.as_millisecond(),
    };
    checks.extend(api(&examined).await);
    Ok(checks)
}

/// The keys for the API, and their check.
fn usable_keys(place: &Place, of_sandbox: bool) -> (Option<Keys>, Check) {
    let ok = |found: Text| Check::ok(Topic::Keys, found);
    let is_local =
        || Client::new(&place.address, Keys::none()).is_ok_and(|client| client.is_local());
    match keys() {
        _ if of_sandbox => (Some(Keys::for_sandbox()), ok(words::ANY_KEYS)),
        Ok(Some(keys)) => (Some(keys), ok(words::KEYS)),
        Ok(None) if is_local() => (Some(Keys::for_sandbox()), ok(words::SANDBOX_KEYS)),
        Ok(None) => {
            let found = words::no_keys(place.links.api_keys());
            (None, Check::skipped(Topic::Keys, found))
        }
        Err(error) => (None, Check::wrong(Topic::Keys, error)),
    }
}

async fn on_aws(
    typed: &DoctorArgs,
    sandbox: Option<&Info>,
    site: Option<&str>,
    global: &Global,
) -> doctor::AccountFindings {
    if sandbox.is_some() {
        return doctor::AccountFindings {
            checks: vec![Check::skipped(Topic::AwsCommand, words::NO_AWS)],
            ..doctor::AccountFindings::default()
        };
    }
    let wanted = Account {
        region: typed.region.as_deref(),
        endpoint: typed.endpoint.clone(),
        stack: typed.stack.as_deref(),
        function: typed.invoke.as_ref().map(|function| function.name.as_str()),
        site,
        burst: usual_burst(),
    };
    let talk = global.talk();
    account(&wanted, move |line| talk(line)).await
}

/// The burst that `loadgen cold-start` sends where nothing else is said.
fn usual_burst() -> u64 {
    let scenario = Scenario::load("cold-start").ok();
    let phases = scenario.iter().flat_map(|scenario| &scenario.phases);
    let bursts = phases.filter_map(|phase| match phase.arrivals {
        Arrivals::Burst { count, .. } => Some(count),
        _ => None,
    });
    bursts.max().unwrap_or_default()
}
