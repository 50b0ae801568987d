//! `loadgen audit`: how near a service's functions are to each Insight.

use std::{collections::BTreeSet, time::Duration};

use clap::{Args, ValueEnum};
use jiff::Timestamp;

use super::{
    Exit, Failure,
    flags::{Global, RunsDir},
    out,
    prompt::confirmed,
};
use crate::{
    audit::{
        Answers, Audit, AuditScope, Audited, LeftOut, Monitor, MonitorChange, TagValue, answers,
        apply_monitor, functions, monitor_changes, monitors, services, standings, terraform,
    },
    control::FunctionInfo,
    datadog::{ApiError, Client, Keys},
    insight::{Basis, Id, KnownSettings},
    lang::{FunctionName, Phrase, Reason, Statement, Value, statements, texts},
    record::TargetKind,
    report::{audit as report, grouped, json},
    run::{Access, block_on, sandbox_at, served},
    sandbox::EmbeddedSandbox,
    units::parse_duration_up_to,
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
    /// Create these monitors at Datadog, or at the API of --datadog-url, and update those that
    /// loadgen created before; asks first
    #[arg(long, requires = "monitors", conflicts_with = "run")]
    apply: bool,
    /// Say yes to --apply
    #[arg(long, requires = "apply")]
    yes: bool,
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
  loadgen audit --service shop --monitors json --apply

Exit code: 0 no Insight's condition is met, 1 some condition is met or nothing ran that could be
judged, 2 it could not be asked.
With --monitors: 0 once they are printed.";

/// How an audit is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum AuditFormat {
    /// For a terminal
    Text,
    /// For programs: schema loadgen.audit/2
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

/// How long an audit retries an API that limits the rate or is unavailable.
const LONGEST: Duration = Duration::from_secs(120);

/// How long Datadog keeps metrics: 15 months.
const RETENTION: Duration = Duration::from_secs(15 * 30 * 86_400);

fn range(text: &str) -> Result<Duration, Phrase> {
    let is_only_too_long = || parse_duration_up_to(text, Duration::MAX).is_ok();
    match parse_duration_up_to(text, RETENTION) {
        Ok(Duration::ZERO) => Err(NO_LENGTH.into()),
        Err(error) if is_only_too_long() => Err(kept_for(error)),
        range => range,
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
    let audit = block_on(audit(&asked))??;
    if let Some(served) = asked.served {
        served.stop()?;
    }
    if let Some(format) = typed.monitors {
        let found = monitors(&audit, &asked.scope);
        out::text(match format {
            MonitorFormat::Terraform => terraform(&found.monitors),
            MonitorFormat::Json => json::write(&found.monitors),
        })?;
        if !global.quiet {
            out::talk(left_out(&found.left_out));
        }
        if typed.apply {
            let client = &asked.access.client;
            apply(client, &found.monitors, typed.yes, global)?;
        }
        return Ok(Exit::Met);
    }
    out::text(match typed.format {
        AuditFormat::Text => report::text(&audit),
        AuditFormat::Json => json::write(&audit),
        AuditFormat::Markdown => report::markdown(&audit),
    })?;
    Ok(Exit::of_verdict(audit.verdict()))
}

/// Writes the monitors to the API, once a person has agreed to each change.
fn apply(client: &Client, monitors: &[Monitor], yes: bool, global: &Global) -> Result<(), Failure> {
    let changes = block_on(monitor_changes(client, monitors))??;
    let mut written = 0;
    for (monitor, change) in monitors.iter().zip(&changes) {
        let said = match change {
            MonitorChange::Create => WILL_CREATE,
            MonitorChange::Update(_) => WILL_UPDATE,
            MonitorChange::Leave => WILL_LEAVE,
        };
        written += usize::from(*change != MonitorChange::Leave);
        if !global.quiet {
            out::say(format!("{said}: {}", monitor.name));
        }
    }
    if written == 0 {
        return Ok(());
    }
    if !yes {
        match confirmed(&may_write(written, &client.host()).to_string())? {
            Some(true) => {}
            Some(false) => return Err(Failure::new(NOTHING_WRITTEN)),
            None => return Err(Failure::new(no_terminal(written, &client.host()))),
        }
    }
    for (monitor, change) in monitors.iter().zip(changes) {
        block_on(apply_monitor(client, monitor, change))??;
    }
    if !global.quiet {
        out::say(were_written(written, &client.host()));
    }
    Ok(())
}

/// Whom to ask about what.
struct AuditRequest {
    access: Access,
    scope: AuditScope,
    source: Statement,
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
        let lacks = || Failure::new(no_telemetry(folder.path().display().to_string()));
        let served = served(&folder)?.ok_or_else(lacks)?;
        let access = Access::at(&served.info().datadog_url, Keys::for_sandbox(), basis)?;
        let range = run.target.range;
        let (from_ms, to_ms) = range_asked(range.from_ms, range.to_ms, basis);
        let source = match basis {
            Basis::Sandbox => statements::audit::telemetry_of_sandbox(&run.run_id),
            _ => statements::audit::fetched_from_datadog(&run.run_id),
        };
        Ok(AuditRequest {
            access,
            scope: AuditScope {
                functions: typed.functions.clone(),
                from_ms,
                to_ms,
                ..AuditScope::default()
            },
            source,
            configured: run.target.configured,
            served: Some(served),
        })
    }

    /// A service, or functions by name, at Datadog or at an address.
    fn of_service(typed: &AuditArgs) -> Result<AuditRequest, Failure> {
        let (mut access, sandbox) = match &typed.datadog_url {
            None => {
                let access = Access::to_datadog()?.ok_or_else(|| Failure::new(NO_KEYS))?;
                (access, None)
            }
            Some(address) => (Access::named(address)?, sandbox_at(address)?),
        };
        access.client = access.client.within(LONGEST);
        // A sandbox's clock runs ahead once idle phases were skipped.
        let now = sandbox
            .as_ref()
            .map_or_else(Timestamp::now, |info| info.now);
        let to_ms = now.as_millisecond();
        let length = i64::try_from(typed.range.as_millis()).unwrap_or(i64::MAX);
        let source = match access.basis {
            Basis::Sandbox => statements::audit::at_sandbox(&access.client.host()),
            _ => statements::audit::at_datadog(&access.client.host()),
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

async fn audit(asked: &AuditRequest) -> Result<Audit, Failure> {
    let (client, scope) = (&asked.access.client, &asked.scope);
    if !asked.is_named() {
        let there = services(client, scope).await?;
        return Err(Failure::new(which_service(listed(&there))));
    }
    let found = functions(client, scope).await?;
    if found.is_empty() {
        return Err(nothing(asked).await);
    }
    let mut notes = notes(asked, &found);
    let mut names: Vec<TagValue> = Vec::new();
    for name in &found {
        match name.parse() {
            Ok(name) => names.push(name),
            Err(error) => notes.push(statements::audit::function_left_out(Reason::of(error))),
        }
    }
    let answers = answers(client, scope, &names).await?;
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

fn notes(asked: &AuditRequest, found: &BTreeSet<String>) -> Vec<Statement> {
    let mut notes: Vec<Statement> = asked
        .scope
        .functions
        .iter()
        .filter(|name| !found.contains(name.as_str()))
        .map(|name| statements::audit::function_not_found(FunctionName(name.as_str())))
        .collect();
    if asked.access.basis == Basis::Datadog && asked.served.is_none() {
        notes.push(statements::audit::cloudwatch_late());
    }
    notes
}

/// Why there is no function, with what there is.
async fn nothing(asked: &AuditRequest) -> Failure {
    let scope = &asked.scope;
    let tags = scope.service.iter().map(|name| format!("service:{name}"));
    let tags = tags.chain(scope.env.iter().map(|name| format!("env:{name}")));
    let functions = scope.functions.iter();
    let tags = tags.chain(functions.map(|name| format!("functionname:{name}")));
    let tags: Vec<String> = tags.collect();
    let wanted = match tags.is_empty() {
        true => ANY_FUNCTION.to_string(),
        false => tags.join(" "),
    };
    let there: Result<BTreeSet<String>, ApiError> = services(&asked.access.client, scope).await;
    let there = there.map_or_else(|_| String::new(), |there| format!("; {}", listed(&there)));
    Failure::new(nothing_found(wanted, asked.source.clone(), there))
}

/// The services that there are, as far as they fit in a sentence.
fn listed(services: &BTreeSet<String>) -> Value {
    const MOST: usize = 20;
    let shown: Vec<&str> = services.iter().take(MOST).map(String::as_str).collect();
    let shown = shown.join(", ");
    match services.len() {
        0 => NO_SERVICES.into(),
        n if n > MOST => services_and_more(shown, n - MOST).into(),
        _ => services_are(shown).into(),
    }
}

/// What has no monitor, each reason once.
fn left_out(left: &[LeftOut]) -> String {
    let mut page = String::new();
    for &id in Id::ALL {
        let of_id = left.iter().filter(|one| one.insight == id);
        let reasons = of_id.map(|one| (&one.reason, one.function.as_str()));
        for (reason, functions) in grouped(reasons) {
            let said = no_monitor(id.key(), functions.join(", "), reason.clone());
            page.push_str(&format!("{said}\n"));
        }
    }
    page
}

texts! {
    const;
    NO_KEYS: "DD_API_KEY and DD_APP_KEY are not set, so Datadog cannot be asked; without an account, `loadgen audit latest` audits the newest run's telemetry",
        "DD_API_KEY와 DD_APP_KEY가 설정되지 않아 Datadog에 조회할 수 없습니다. 계정이 없으면 `loadgen audit latest`로 최근 실행의 원격 측정 데이터를 점검할 수 있습니다";
    no_telemetry(folder: String): "{} holds no telemetry; `loadgen audit --service NAME` asks Datadog, with --datadog-url a sandbox that still runs",
        "{}에 원격 측정 데이터가 없습니다. `loadgen audit --service NAME`은 Datadog에, --datadog-url은 실행 중인 샌드박스에 조회합니다";
    which_service(there: Value): "which service? Name one with --service, or functions with --function; {}",
        "서비스를 지정하세요. --service로 서비스를, --function으로 함수를 지정합니다. {}";
    ANY_FUNCTION: "any function", "함수";
    nothing_found(wanted: String, source: Statement, there: String): "no Lambda metric of {wanted} in the time range at {source}: check the name as Datadog shows it, or look further back with --range{there}",
        "시간 범위에 {wanted}의 Lambda 메트릭이 없습니다({source}). Datadog에 표시되는 이름을 확인하거나 --range로 더 긴 범위를 보세요{there}";
    NO_SERVICES: "no services had invocations in that time", "그 시간에 호출된 서비스가 없습니다";
    services_are(names: String): "services with invocations: {}", "호출된 서비스: {}";
    services_and_more(names: String, more: usize): "services with invocations: {} and {} more", "호출된 서비스: {} 외 {}개";
    no_monitor(insight: &str, functions: String, why: Statement): "no monitor for {} of {}: {}", "{1}의 {0} 모니터 없음: {2}";
    WILL_CREATE: "create", "생성";
    WILL_UPDATE: "update", "수정";
    WILL_LEAVE: "keep unchanged: another user made it", "다른 사용자가 만들어 그대로 둠";
    may_write(monitors: usize, host: &str): "Write {0} {0?monitor|monitors} to {1}?", "{1}에 모니터 {0}개를 쓸까요?";
    no_terminal(monitors: usize, host: &str): "nothing was written: {0} {0?monitor needs|monitors need} a yes to go to {1}, and there is no terminal to ask at; add `--yes`",
        "아무것도 쓰지 않았습니다. {1}에 모니터 {0}개를 쓰려면 확인이 필요하지만 물어볼 터미널이 없습니다. `--yes`를 추가하세요";
    NOTHING_WRITTEN: "nothing was written", "아무것도 쓰지 않았습니다";
    were_written(monitors: usize, host: &str): "{0} {0?monitor was|monitors were} written to {1}", "{1}에 모니터 {0}개를 썼습니다";
    kept_for(error: Phrase): "{}: Datadog keeps metrics for 15 months", "{}. Datadog은 메트릭을 15개월 동안 보관합니다";
    NO_LENGTH: "a range of zero holds nothing: write for example 24h", "범위가 0이면 아무것도 없습니다. 예: 24h";
}
