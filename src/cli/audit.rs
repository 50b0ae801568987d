//! `loadgen audit`: how near a service's functions are to each Insight.

use std::{collections::BTreeSet, time::Duration};

use clap::{Args, ValueEnum};
use jiff::Timestamp;

use super::{
    Exit, Failure,
    flags::{Global, RunsDir},
    out,
};
use crate::{
    audit::{
        Answers, Audit, AuditScope, Audited, LeftOut, TagValue, answers, functions, monitors,
        services, standings, terraform,
    },
    control::FunctionInfo,
    datadog::{ApiError, Keys},
    insight::{Basis, Id, KnownSettings},
    record::{Folder, TargetKind},
    report::audit as report,
    run::{Access, keys, sandbox_at},
    sandbox::{EmbeddedSandbox, Sandbox, SandboxOptions, TelemetryStorage},
    units::{DurationError, parse_duration_up_to},
    verify::range_asked,
};

/// How near each function of a service is to each Insight, and what would cross it; sends no load
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub struct AuditArgs {
    /// Audit this run's own telemetry instead of Datadog: its folder, its name, or `latest`
    #[arg(value_name = "RUN", conflicts_with_all = ["service", "env", "range"])]
    run: Option<String>,
    /// The service whose functions to audit
    #[arg(long, value_name = "NAME")]
    service: Option<TagValue>,
    /// Only what runs in this environment
    #[arg(long, value_name = "NAME")]
    env: Option<TagValue>,
    /// Only this function; may be repeated
    #[arg(long = "function", value_name = "NAME")]
    functions: Vec<TagValue>,
    /// How far back to look from now
    #[arg(long, value_name = "DURATION", default_value = "24h", allow_hyphen_values = true, value_parser = range)]
    range: Duration,
    /// How to write it
    #[arg(
        long,
        value_name = "FORMAT",
        default_value = "text",
        conflicts_with = "monitors"
    )]
    format: AuditFormat,
    /// Print Datadog monitors for the same conditions and functions instead
    #[arg(long, value_name = "FORMAT")]
    monitors: Option<MonitorFormat>,
    /// Ask the API at this address instead of Datadog's site in DD_SITE
    #[arg(long, value_name = "URL", env = "LOADGEN_DATADOG_URL")]
    datadog_url: Option<String>,
    #[command(flatten)]
    runs: RunsDir,
}

const AFTER_HELP: &str = "\
Examples:
  loadgen audit --service shop --env prod          the last 24 hours at Datadog
  loadgen audit latest                             the newest run's telemetry, without an account
  loadgen audit --service shop --monitors terraform > monitors.tf

Exit code: 0 no Insight's condition is met, 1 some condition is met or nothing ran that could be
judged, 2 it could not be asked.
With --monitors: 0 once they are printed.";

/// How an audit is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum AuditFormat {
    /// For a terminal
    Text,
    /// For programs: schema loadgen.audit/1
    Json,
    /// For a pull request or a wiki
    Markdown,
}

/// How monitors are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum MonitorFormat {
    /// A list of bodies for POST /api/v1/monitor
    Json,
    /// Resources of Terraform's provider DataDog/datadog
    Terraform,
}

/// How long Datadog keeps metrics: 15 months.
const RETENTION: Duration = Duration::from_secs(15 * 30 * 86_400);

fn range(text: &str) -> Result<Duration, String> {
    let range = parse_duration_up_to(text, RETENTION).map_err(|error| match error {
        DurationError::TooLong(..) => format!("{error}: Datadog keeps metrics for 15 months"),
        error => error.to_string(),
    })?;
    match range.is_zero() {
        true => Err("a range of zero holds nothing: write for example 24h".to_owned()),
        false => Ok(range),
    }
}

/// Asks, evaluates, and prints the audit or its monitors.
///
/// # Errors
/// When there is nothing to ask: no keys, no such run, no such function or service, no network.
pub fn run(typed: &AuditArgs, global: &Global) -> Result<Exit, Failure> {
    let asked = match &typed.run {
        Some(run) => AuditRequest::of_run(typed, run)?,
        None => AuditRequest::of_service(typed)?,
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let audit = runtime.block_on(audit(&asked))?;
    if let Some(served) = asked.served {
        served.stop().map_err(Failure::new)?;
    }
    if let Some(format) = typed.monitors {
        let found = monitors(&audit, &asked.scope);
        out::text(match format {
            MonitorFormat::Terraform => terraform(&found.monitors),
            MonitorFormat::Json => {
                let list = serde_json::to_string_pretty(&found.monitors);
                format!("{}\n", list.map_err(Failure::new)?)
            }
        })?;
        if !global.quiet {
            anstream::eprint!("{}", left_out(&found.left_out));
        }
        return Ok(Exit::Met);
    }
    out::text(match typed.format {
        AuditFormat::Text => report::text(&audit),
        AuditFormat::Json => report::json(&audit),
        AuditFormat::Markdown => report::markdown(&audit),
    })?;
    Ok(Exit::of_verdict(audit.verdict()))
}

/// Whom to ask about what.
struct AuditRequest {
    access: Access,
    scope: AuditScope,
    source: String,
    /// How functions are configured, where the sandbox said so.
    configured: Vec<FunctionInfo>,
    /// The sandbox that serves a run's telemetry again.
    served: Option<EmbeddedSandbox>,
}

impl AuditRequest {
    /// A run's own telemetry, served again over HTTP.
    fn of_run(typed: &AuditArgs, name: &str) -> Result<AuditRequest, Failure> {
        let folder = typed.runs.runs().find(Some(name))?;
        let run = folder.read_run()?;
        let basis = match run.target.kind {
            TargetKind::Sandbox => Basis::Sandbox,
            TargetKind::Aws | TargetKind::Http => Basis::Datadog,
        };
        let served = serve(&folder)?;
        let access = Access::at(&served.info().datadog_url, Keys::for_sandbox(), basis)?;
        let range = run.target.range;
        let (from_ms, to_ms) = range_asked(range.from_ms, range.to_ms, basis);
        let fetched = match basis {
            Basis::Sandbox => "the sandbox's telemetry",
            _ => "what `loadgen verify` fetched from Datadog",
        };
        Ok(AuditRequest {
            access,
            scope: AuditScope {
                functions: typed.functions.clone(),
                from_ms,
                to_ms,
                ..AuditScope::default()
            },
            source: format!("{fetched} in the run {}", run.run_id),
            configured: run.target.configured,
            served: Some(served),
        })
    }

    /// A service, or functions by name, at Datadog or at an address.
    fn of_service(typed: &AuditArgs) -> Result<AuditRequest, Failure> {
        let (access, sandbox) = match &typed.datadog_url {
            None => {
                let access = Access::to_datadog()?.ok_or_else(|| {
                    Failure::new(
                        "DD_API_KEY and DD_APP_KEY are not set, so Datadog cannot be asked; \
                         without an account, `loadgen audit latest` audits the newest run's \
                         telemetry",
                    )
                })?;
                (access, None)
            }
            Some(address) => {
                let keys = keys()?.unwrap_or_else(Keys::for_sandbox);
                let mut access = Access::at(address, keys, Basis::Datadog)?;
                if access.client.is_local() {
                    access.basis = Basis::Sandbox;
                }
                (access, sandbox_at(address)?)
            }
        };
        // A sandbox's clock runs ahead once idle phases were skipped.
        let now = sandbox
            .as_ref()
            .map_or_else(Timestamp::now, |info| info.now);
        let to_ms = now.as_millisecond();
        let length = i64::try_from(typed.range.as_millis()).unwrap_or(i64::MAX);
        let source = match access.basis {
            Basis::Sandbox => format!("the sandbox at {}", access.client.host()),
            _ => format!("Datadog at {}", access.client.host()),
        };
        Ok(AuditRequest {
            access,
            scope: AuditScope {
                service: typed.service.clone(),
                env: typed.env.clone(),
                functions: typed.functions.clone(),
                from_ms: to_ms.saturating_sub(length),
                to_ms,
            },
            source,
            configured: sandbox.map(|info| info.functions).unwrap_or_default(),
            served: None,
        })
    }

    /// Whether a reader said which functions are meant.
    fn is_named(&self) -> bool {
        self.served.is_some() || self.scope.service.is_some() || !self.scope.functions.is_empty()
    }
}

/// The telemetry of a run whose sandbox has ended.
fn serve(folder: &Folder) -> Result<EmbeddedSandbox, Failure> {
    let telemetry = folder.telemetry_file();
    if !telemetry.exists() {
        return Err(Failure::new(format!(
            "{} holds no telemetry; `loadgen audit --service NAME` asks Datadog, with \
             --datadog-url a sandbox that still runs",
            folder.path().display()
        )));
    }
    let options = SandboxOptions {
        data: TelemetryStorage::Recorded(telemetry),
        ..SandboxOptions::default()
    };
    Sandbox::embedded(options).map_err(Failure::new)
}

async fn audit(asked: &AuditRequest) -> Result<Audit, Failure> {
    let (client, scope) = (&asked.access.client, &asked.scope);
    if !asked.is_named() {
        let there = services(client, scope).await.map_err(Failure::new)?;
        return Err(Failure::new(format!(
            "which service? Name one with --service, or functions with --function; {}",
            listed("services", &there)
        )));
    }
    let found = functions(client, scope).await.map_err(Failure::new)?;
    if found.is_empty() {
        return Err(nothing(asked).await);
    }
    let mut notes = notes(asked, &found);
    let mut names: Vec<TagValue> = Vec::new();
    for name in &found {
        match name.parse() {
            Ok(name) => names.push(name),
            Err(error) => notes.push(format!("a function is left out: {error}")),
        }
    }
    let answers = answers(client, scope, &names).await.map_err(Failure::new)?;
    let mut audit = Audit {
        schema: Audit::SCHEMA,
        tool_version: env!("CARGO_PKG_VERSION"),
        source: asked.source.clone(),
        basis: asked.access.basis,
        service: scope.service.as_ref().map(ToString::to_string),
        env: scope.env.as_ref().map(ToString::to_string),
        from_ms: scope.from_ms,
        to_ms: scope.to_ms,
        functions: names
            .iter()
            .map(|name| audited(asked, name.as_str(), &answers))
            .collect(),
        notes,
    };
    audit.sort();
    Ok(audit)
}

fn audited(asked: &AuditRequest, function: &str, answers: &Answers) -> Audited {
    let mut seen = answers.observation(function, asked.access.basis);
    let same = |info: &&FunctionInfo| info.name.eq_ignore_ascii_case(function);
    if let Some(info) = asked.configured.iter().find(same) {
        KnownSettings::of_sandbox(info).fill(&mut seen);
    }
    Audited {
        function: function.to_owned(),
        insights: standings(&seen, &asked.scope, &answers.trouble),
        seen,
    }
}

fn notes(asked: &AuditRequest, found: &BTreeSet<String>) -> Vec<String> {
    let mut notes: Vec<String> = asked
        .scope
        .functions
        .iter()
        .filter(|name| !found.contains(name.as_str()))
        .map(|name| format!("no metric of the time range names the function {name}"))
        .collect();
    if asked.access.basis == Basis::Datadog && asked.served.is_none() {
        notes.push(
            "throttles, the timeout setting and iterator ages come from CloudWatch, 10 to 20 \
             minutes late, and are found by the function's name in every account and region"
                .to_owned(),
        );
    }
    notes
}

/// Why there is no function, with what there is.
async fn nothing(asked: &AuditRequest) -> Failure {
    let scope = &asked.scope;
    let mut wanted: Vec<String> = Vec::new();
    wanted.extend(scope.service.iter().map(|name| format!("service:{name}")));
    wanted.extend(scope.env.iter().map(|name| format!("env:{name}")));
    wanted.extend(
        scope
            .functions
            .iter()
            .map(|name| format!("functionname:{name}")),
    );
    let who = &asked.source;
    let what = match wanted.is_empty() {
        true => "any function".to_owned(),
        false => wanted.join(" "),
    };
    let there: Result<BTreeSet<String>, ApiError> = services(&asked.access.client, scope).await;
    let there = there.map(|there| format!("; {}", listed("services", &there)));
    Failure::new(format!(
        "no Lambda metric of {what} in the time range at {who}: check the name as Datadog shows \
         it, or look further back with --range{}",
        there.unwrap_or_default()
    ))
}

fn listed(what: &str, names: &BTreeSet<String>) -> String {
    const MOST: usize = 20;
    let shown: Vec<&str> = names.iter().take(MOST).map(String::as_str).collect();
    match names.len() {
        0 => format!("no {what} had invocations in that time"),
        n if n > MOST => format!(
            "{what} with invocations: {} and {} more",
            shown.join(", "),
            n - MOST
        ),
        _ => format!("{what} with invocations: {}", shown.join(", ")),
    }
}

/// What has no monitor, each reason once.
fn left_out(left: &[LeftOut]) -> String {
    let mut page = String::new();
    for id in Id::ALL {
        let mut reasons: Vec<(&str, Vec<&str>)> = Vec::new();
        for one in left.iter().filter(|one| one.insight == id) {
            match reasons.iter_mut().find(|(reason, _)| *reason == one.reason) {
                Some((_, functions)) => functions.push(&one.function),
                None => reasons.push((&one.reason, vec![&one.function])),
            }
        }
        for (reason, functions) in reasons {
            page.push_str(&format!(
                "no monitor for {id} of {}: {reason}\n",
                functions.join(", ")
            ));
        }
    }
    page
}
