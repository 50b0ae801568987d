//! `loadgen doctor`: what must be fixed before a run against a real target.

use std::{env, time::Duration};

use clap::Args;

use super::{Exit, Failure, flags::Global, out};
use crate::{
    aws::Endpoint,
    control::Info,
    datadog::{Client, Keys, Links, Site},
    doctor::{self, Account, Api, Check, Report, Topic, account, api, endpoint},
    report::text,
    run::{Destination, keys},
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

/// How long one answer of the API may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// Looks at everything and prints the findings.
///
/// # Errors
/// An address that is none.
pub fn run(typed: &DoctorArgs, global: &Global) -> Result<Exit, Failure> {
    let target = match &typed.url {
        Some(url) => Some(Destination::at(url)?),
        None => None,
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let report = runtime.block_on(examine(typed, target.as_ref(), global.quiet))?;
    if typed.json {
        let json = serde_json::to_string_pretty(&report).map_err(Failure::new)?;
        out::line(json)?;
    } else {
        out::text(text::doctor(&report))?;
    }
    Ok(match report.healthy {
        true => Exit::Met,
        false => Exit::Unable,
    })
}

async fn examine(
    typed: &DoctorArgs,
    target: Option<&Destination>,
    quiet: bool,
) -> Result<Report, Failure> {
    let sandbox = target.and_then(|target| target.sandbox.as_ref());
    let mut checks = Vec::new();
    let (place, site) = match place(typed, sandbox) {
        Ok(place) => place,
        Err(check) => {
            checks.push(check);
            (None, None)
        }
    };
    let aws = on_aws(typed, sandbox, site, quiet).await;
    match place {
        Some(place) => checks.extend(of_api(typed, place, sandbox, &aws.functions).await?),
        None => checks.push(Check::skipped(
            Topic::Api,
            "without a site nobody knows where it is",
        )),
    }
    checks.extend(aws.checks);
    match (target, &aws.invoke_url) {
        (Some(target), _) => checks.extend(endpoint(&target.url, sandbox).await),
        (None, Some(url)) if typed.endpoint.is_none() => checks.extend(endpoint(url, None).await),
        (None, Some(_)) => checks.push(Check::skipped(
            Topic::Target,
            "on an emulator a request would call the function, so none was sent",
        )),
        (None, None) => checks.push(Check::skipped(
            Topic::Target,
            "none was named: --url URL or --stack NAME; without one, runs go to an embedded sandbox",
        )),
    }
    Ok(Report::of(checks))
}

/// Where the API is.
struct Place {
    address: String,
    links: Links,
    found: String,
}

/// Where the API is, and the site's name where it is Datadog's own.
fn place(
    typed: &DoctorArgs,
    sandbox: Option<&Info>,
) -> Result<(Option<Place>, Option<&'static str>), Check> {
    let instead = |address: &String, found: String| Place {
        links: Links::to_base(address),
        address: address.clone(),
        found,
    };
    if let Some(address) = &typed.datadog_url {
        let found =
            "the address that --datadog-url or LOADGEN_DATADOG_URL names, instead of a site";
        return Ok((Some(instead(address, found.to_owned())), None));
    }
    if let Some(info) = sandbox {
        let found = format!("the sandbox's own API at {}", info.datadog_url);
        return Ok((Some(instead(&info.datadog_url, found)), None));
    }
    let named = env::var("DD_SITE").ok().filter(|site| !site.is_empty());
    let site: Site = match &named {
        Some(site) => site
            .parse()
            .map_err(|error| Check::wrong(Topic::Site, error))?,
        None => Site::default(),
    };
    let unsaid = match named {
        Some(_) => "",
        None => " (DD_SITE is not set)",
    };
    let place = Place {
        address: site.api(),
        links: Links::to_site(site),
        found: format!("{site}{unsaid}: API {}, pages {}", site.api(), site.app()),
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
    let local = || Client::new(&place.address, Keys::none()).is_ok_and(|client| client.is_local());
    let keys = match keys() {
        _ if of_sandbox.is_some() => {
            checks.push(Check::ok(Topic::Keys, "a sandbox takes any"));
            Some(Keys::for_sandbox())
        }
        Ok(Some(keys)) => {
            checks.push(Check::ok(
                Topic::Keys,
                "an API key and an application key are there",
            ));
            Some(keys)
        }
        Ok(None) if local() => {
            let found = "none are set; those that any sandbox takes are used";
            checks.push(Check::ok(Topic::Keys, found));
            Some(Keys::for_sandbox())
        }
        Ok(None) => {
            let found = format!(
                "DD_API_KEY and DD_APP_KEY are not set (nor the files DD_API_KEY_FILE and \
                 DD_APP_KEY_FILE). `loadgen verify` needs them; keys are made at {}",
                place.links.api_keys()
            );
            checks.push(Check::skipped(Topic::Keys, found));
            None
        }
        Err(failure) => {
            checks.push(Check::wrong(Topic::Keys, failure));
            None
        }
    };
    let with_keys = keys.is_some();
    let client = Client::new(&place.address, keys.unwrap_or_else(Keys::none))
        .map_err(Failure::new)?
        .impatient(PATIENCE);
    let names: Vec<String> = match of_sandbox {
        Some(info) => info.functions.iter().map(|f| f.name.clone()).collect(),
        None => functions.to_vec(),
    };
    let now = of_sandbox.map_or_else(jiff::Timestamp::now, |info| info.now);
    let looked_at = Api {
        client: &client,
        address: &place.address,
        links: &place.links,
        with_keys,
        of_sandbox: of_sandbox.is_some(),
        functions: &names,
        now_ms: now.as_millisecond(),
    };
    checks.extend(api(&looked_at).await);
    Ok(checks)
}

async fn on_aws(
    typed: &DoctorArgs,
    sandbox: Option<&Info>,
    site: Option<&str>,
    quiet: bool,
) -> doctor::AccountFindings {
    if sandbox.is_some() {
        return doctor::AccountFindings {
            checks: vec![Check::skipped(Topic::AwsCommand, "a sandbox needs no AWS")],
            ..doctor::AccountFindings::default()
        };
    }
    let wanted = Account {
        region: typed.region.as_deref(),
        endpoint: typed.endpoint.clone(),
        stack: typed.stack.as_deref(),
        site,
        burst: usual_burst(),
    };
    account(&wanted, move |line| {
        if !quiet {
            eprintln!("{line}");
        }
    })
    .await
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
