//! `loadgen sandbox`: the sandbox as a server of its own.

use std::{
    io,
    path::{Path, PathBuf},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use clap::Args;
use futures_util::FutureExt;
use serde_json::json;

use super::{Exit, Failure, function_dirs::FunctionDirs, interrupt, out};
use crate::{
    control::{Hidden, Info, ModelledApp},
    files,
    lambda::Function,
    lang::{self, Phrase, Text, texts},
    report::text::{columns, padded},
    sandbox::{
        AppProfile, Sandbox, SandboxOptions, TelemetryStorage,
        api::{self, RateLimit},
    },
    server::{bind, runtime},
    units::{Distribution, is_function_name, parse_duration},
};

/// Serve the sandbox: a model of AWS Lambda and the sample app with their telemetry, on one
/// loopback port, until Ctrl-C.
#[derive(Debug, Args)]
pub struct SandboxArgs {
    /// The port on 127.0.0.1; 0 takes any free one
    #[arg(long, default_value_t = 8484)]
    port: u16,
    /// Keep the telemetry in this folder (telemetry.db) and continue with what is there; without it
    /// the telemetry ends with the sandbox. The latest week of the model's time is kept, at most 2
    /// GiB
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// How long an idle environment is kept, for example 10m or uniform:5m..7m
    #[arg(long, value_name = "DISTRIBUTION", default_value_t = SandboxOptions::default().expiry)]
    expiry: Distribution,
    /// How many environments may be busy at once in the account
    #[arg(long, value_name = "N", default_value_t = SandboxOptions::default().account_concurrency)]
    account_concurrency: u32,
    /// Model the functions of this TOML file in place of the sample app: [[function]] with name, and
    /// as wanted runtime, memory, timeout, init, warm, reserved_concurrency, route, answer, invokes
    #[arg(long, value_name = "FILE", conflicts_with_all = ["function_dirs", "hosted_app"])]
    functions: Option<PathBuf>,
    #[command(flatten)]
    hosted: FunctionDirs,
    /// How many environments the first function may have busy at once
    #[arg(long, value_name = "N")]
    reserved_concurrency: Option<u32>,
    /// ours: markers and faults by header; datadog: neither, as in Datadog's original app
    #[arg(long, value_name = "PROFILE", default_value_t = AppProfile::Ours)]
    profile: AppProfile,
    /// Repeat the random choices of an earlier sandbox; by default they are new each time
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Show telemetry to the API only when it is this old, so that polling has something to wait
    /// for; Datadog's own takes some 30 s
    #[arg(long, value_name = "DURATION", default_value = "0s", value_parser = parse_duration)]
    ingest_delay: Duration,
    /// Limit queries and searches per period, for example 300/1h; further ones get status 429
    #[arg(long, value_name = "N/PERIOD", value_parser = rate_limit)]
    rate_limit: Option<RateLimit>,
    /// Print the addresses as one line of JSON
    #[arg(long)]
    json: bool,
}

texts! {
    const;
    READY: "The sandbox is ready: AWS Lambda and Datadog, simulated. Nothing leaves this machine.",
        "샌드박스가 준비되었습니다. AWS Lambda와 Datadog을 시뮬레이션하며 이 컴퓨터 밖으로 나가는 데이터는 없습니다.";
    READY_HOSTED: "The sandbox is ready: your functions run here as real processes and may reach any network; AWS Lambda's rules and Datadog are simulated.",
        "샌드박스가 준비되었습니다. 함수는 여기에서 실제 프로세스로 실행되며 네트워크를 쓸 수 있습니다. AWS Lambda의 규칙과 Datadog은 시뮬레이션합니다.";
    SAMPLE_APP: "the sample app (ApiGatewayInvokeURL)", "샘플 앱(ApiGatewayInvokeURL)";
    OWN_FUNCTIONS: "your functions (ApiGatewayInvokeURL)", "내 함수(ApiGatewayInvokeURL)";
    DATADOG_API: "the Datadog API", "Datadog API";
    SERVERLESS_VIEW: "the Serverless View", "서버리스 보기 화면";
    CLOCK: "its clock and functions", "시계와 함수";
    TRY: "Try:", "시작하기:";
    NOT_KEPT: "Telemetry ends with the sandbox; --data DIR keeps it.", "원격 측정 데이터는 샌드박스와 함께 사라집니다. --data DIR로 보관할 수 있습니다.";
    CTRL_C: "Ctrl-C stops it.", "Ctrl-C로 멈춥니다.";
    RATE_LIMIT: "write a number and a period in seconds or longer, for example 300/1h", "횟수와 초 단위 정수의 기간을 쓰세요. 예: 300/1h";
    kept_in(folder: String): "Telemetry is kept in {}.", "원격 측정 데이터를 {}에 보관합니다.";
    bad_functions(file: String, why: String): "--functions {} cannot be used: {}", "--functions {:을} 쓸 수 없습니다: {}";
    no_function_name(name: &str): "`{}` is no name of a function: up to 64 letters, digits, hyphens and underscores",
        "`{:`은} 함수 이름이 아닙니다. 영문자, 숫자, 하이픈, 밑줄 최대 64자로 쓰세요";
    no_folder(folder: String, why: String): "the folder `{}` of --data cannot be made: {}", "--data의 `{}` 폴더를 만들 수 없습니다: {}";
}

/// Serves until Ctrl-C or SIGTERM.
///
/// # Errors
/// When the port is not available, the model refuses the settings, or the folder cannot be written.
pub fn run(typed: &SandboxArgs) -> Result<Exit, Failure> {
    let options = typed.options()?;
    let runtime = runtime()?;
    let serving = async {
        let stopped = interrupt::stopped()?;
        let listener = bind(typed.port).await?;
        let sandbox = Sandbox::new(options, listener)?;
        announce(&sandbox.info(), typed)?;
        sandbox.run(stopped).await?;
        Ok(Exit::Met)
    };
    runtime.block_on(serving.boxed_local())
}

impl SandboxArgs {
    fn options(&self) -> Result<SandboxOptions, Failure> {
        if let Some(folder) = &self.data {
            std::fs::create_dir_all(folder).map_err(|error| {
                let folder = folder.display();
                Failure::new(no_folder(folder.to_string(), error.to_string()))
            })?;
        }
        Ok(SandboxOptions {
            data: match &self.data {
                Some(folder) => TelemetryStorage::File(folder.join("telemetry.db")),
                None => TelemetryStorage::Temporary,
            },
            profile: self.profile,
            seed: self.seed.unwrap_or_else(new_seed),
            expiry: self.expiry,
            account_concurrency: self.account_concurrency,
            hosted: self.hosted.app()?,
            functions: self.functions.as_deref().map(functions).transpose()?,
            reserved_concurrency: self.reserved_concurrency,
            hidden: Hidden::default(),
            api: api::ApiOptions {
                ingest_delay: self.ingest_delay,
                rate_limit: self.rate_limit,
            },
            lang: lang::current(),
        })
    }
}

/// The functions of a file.
fn functions(file: &Path) -> Result<Vec<Function>, Failure> {
    let wrong = |why: String| Failure::new(bad_functions(file.display().to_string(), why));
    let text = files::read_text(file, files::LARGEST).map_err(|error| wrong(error.to_string()))?;
    let app: ModelledApp = toml::from_str(&text).map_err(|error| wrong(error.to_string()))?;
    let mut names = app.function.iter().map(|function| &function.name);
    if let Some(name) = names.find(|name| !is_function_name(name)) {
        return Err(wrong(no_function_name(name).to_string()));
    }
    Ok(app.function.iter().map(Function::from).collect())
}

/// Reads `300/1h`.
fn rate_limit(text: &str) -> Result<RateLimit, Phrase> {
    let wrong = || Phrase::from(RATE_LIMIT);
    let (requests, period) = text.split_once('/').ok_or_else(wrong)?;
    let period = parse_duration(period)?;
    let period_s = u32::try_from(period.as_secs()).map_err(|_| wrong())?;
    if period_s == 0 || period.subsec_nanos() > 0 {
        return Err(wrong());
    }
    Ok(RateLimit {
        requests: requests.trim().parse().map_err(|_| wrong())?,
        period_s,
    })
}

/// A seed that no earlier sandbox had: request ids come from it, and on old data they must not
/// repeat.
fn new_seed() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_nanos() as u64)
}

/// Says where everything is.
fn announce(info: &Info, typed: &SandboxArgs) -> io::Result<()> {
    let (invoke, base) = (&info.invoke_url, &info.datadog_url);
    if typed.json {
        let addresses = json!({
            "kind": info.kind,
            "version": info.version,
            "invoke_url": invoke,
            "datadog_url": base,
            "pages_url": format!("{base}/functions"),
            "control_url": format!("{base}/_sandbox/info"),
            "profile": info.profile,
        });
        return out::line(addresses.to_string());
    }
    let kept = match &typed.data {
        Some(folder) => kept_in(folder.display().to_string()).to_string(),
        None => NOT_KEPT.to_string(),
    };
    let is_hosted = info.functions.iter().any(|function| function.hosted);
    let (ready, app) = match is_hosted {
        true => (READY_HOSTED, OWN_FUNCTIONS),
        false => (READY, SAMPLE_APP),
    };
    let addresses = [
        (app, invoke.clone()),
        (DATADOG_API, base.clone()),
        (SERVERLESS_VIEW, format!("{base}/functions")),
        (CLOCK, format!("{base}/_sandbox/info")),
    ];
    let names = addresses.each_ref().map(|(name, _)| name.to_string());
    let widest = names.iter().map(|name| columns(name)).max();
    let line = |(name, (_, address)): (&String, &(Text, String))| {
        let name = padded(name, widest.unwrap_or(0));
        format!("  {name}  {address}\n")
    };
    let lines: String = names.iter().zip(&addresses).map(line).collect();
    out::text(format!(
        "{ready}\n\n{lines}\n{} loadgen cold-start --url {invoke}\n{kept} {CTRL_C}\n",
        TRY
    ))
}
