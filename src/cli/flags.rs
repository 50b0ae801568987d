//! Flags that several subcommands share.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    time::Duration,
};

use clap::Args;

use super::{Failure, limits::Limits, sharing::SharingFlags};
use crate::{
    aws::{Endpoint, InvokedFunction},
    engine::TlsOptions,
    environment::variable,
    lang::{Lang, texts},
    record::{FunctionNames, Runs},
    run::{GuardRails, InvokeQuery, RecordPlace, RunOptions, RunTarget, Stack, StackQuery, Talk},
    scenario::{Scenario, Setting},
    units::{is_function_name, parse_duration},
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
    FORCE_COLD_ALONE: "--force-cold empties the environments of functions on AWS: add --stack NAME or --invoke FUNCTION",
        "--force-cold는 AWS에 있는 함수의 환경을 비웁니다. --stack NAME이나 --invoke FUNCTION을 추가하세요";
    PAYLOAD_ALONE: "--payload is what a function is invoked with: add --invoke FUNCTION", "--payload는 함수를 호출할 때 쓰는 값입니다. --invoke FUNCTION을 추가하세요";
    payload_no_json(why: String): "--payload is no JSON: {}", "--payload가 JSON이 아닙니다: {}";
    payload_no_file(file: &str, why: String): "--payload `{}` is neither JSON nor a file that can be read: {}", "--payload `{:`은} JSON도, 읽을 수 있는 파일도 아닙니다: {}";
}

/// Flags of every subcommand.
#[derive(Clone, Debug, Args)]
pub struct Global {
    /// Colours: auto looks at the terminal and at NO_COLOR
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub color: Color,
    /// Say nothing on stderr but errors
    #[arg(long, short, global = true)]
    pub quiet: bool,
    /// Show every table, histogram and reason instead of what fits one screen
    #[arg(long, global = true)]
    pub full: bool,
    /// The language of all that is said, en or ko; else LOADGEN_LANG, LC_ALL, LC_MESSAGES or LANG
    /// says it
    #[arg(long, global = true, value_name = "LANG")]
    pub lang: Option<Lang>,
}

impl Global {
    /// The language that `typed` asks for, or else the environment. Read before all else, for what
    /// is typed wrong is said in it too.
    pub fn language(typed: &[OsString]) -> Lang {
        let mut words = typed.iter().filter_map(|word| word.to_str());
        let mut asked = None;
        while let Some(word) = words.next() {
            match word.split_once('=') {
                _ if word == "--" => break,
                _ if word == "--lang" => asked = words.next(),
                Some(("--lang", lang)) => asked = Some(lang),
                _ => {}
            }
        }
        let asked = asked.and_then(|lang| lang.parse().ok());
        asked.unwrap_or_else(|| Lang::of_environment(variable))
    }
}

/// When to use colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Color {
    /// On a terminal, unless NO_COLOR is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl Color {
    /// Makes it so for everything that is printed from now on.
    pub fn apply(self) {
        let choice = match self {
            Color::Auto => anstream::ColorChoice::Auto,
            Color::Always => anstream::ColorChoice::Always,
            Color::Never => anstream::ColorChoice::Never,
        };
        choice.write_global();
    }
}

/// The folder that holds the runs unless another one is named.
const DEFAULT_RUNS: &str = "loadgen-runs";

/// Where runs are kept.
#[derive(Clone, Debug, Args)]
pub struct RunsDir {
    /// The folder that holds the runs
    #[arg(
        long = "runs",
        value_name = "DIR",
        env = "LOADGEN_RUNS",
        default_value = DEFAULT_RUNS
    )]
    root: PathBuf,
}

impl RunsDir {
    /// Whether they are not where every command looks by itself.
    pub fn is_elsewhere(&self) -> bool {
        self.root != Path::new(DEFAULT_RUNS)
    }

    /// The runs there.
    pub fn runs(&self) -> Runs {
        Runs::at(&self.root)
    }
}

/// Changes to a scenario.
#[derive(Clone, Debug, Default, Args)]
pub struct Settings {
    /// Set a key of the scenario, for example request.method=POST, seed=7 or phase.burst.burst=50;
    /// KEY= leaves it out; may be repeated
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub set: Vec<Setting>,
}

/// Flags of everything that sends a scenario.
#[derive(Clone, Debug, Args)]
pub struct Sending {
    /// Send to this address instead of an embedded sandbox
    #[arg(long, value_name = "URL", conflicts_with = "stack")]
    pub url: Option<String>,
    #[command(flatten)]
    pub invoke: Invoking,
    #[command(flatten)]
    pub own: Own,
    #[command(flatten)]
    pub on_aws: OnAws,
    /// Sign every request with your AWS credentials, for an endpoint that IAM protects
    #[arg(long)]
    pub sigv4: bool,
    /// Wait for idle phases by the clock, even where the sandbox could skip them
    #[arg(long)]
    pub real_idle: bool,
    #[command(flatten)]
    pub settings: Settings,
    /// Most requests in flight at once; later ones queue with their planned time kept
    #[arg(long, value_name = "N", default_value_t = 2000, value_parser = clap::value_parser!(u32).range(1..=20_000))]
    pub max_in_flight: u32,
    /// Open a connection for every request
    #[arg(long)]
    pub new_connections: bool,
    /// Speak HTTP/1.1, even where the server offers HTTP/2
    #[arg(long)]
    pub http1: bool,
    #[command(flatten)]
    pub limits: Limits,
    /// Do not ask for the Insights afterwards
    #[arg(long)]
    pub no_verify: bool,
    /// How long to wait for expected Insights: 15s at a sandbox, 15m at Datadog unless said
    #[arg(long, value_name = "DURATION", allow_hyphen_values = true, value_parser = duration, conflicts_with = "no_verify")]
    pub wait: Option<Duration>,
    /// Keep every trace: on a function of your own, each kept trace costs money at Datadog
    #[arg(long)]
    pub keep_traces: bool,
    /// Post an event to Datadog (or the sandbox) when the run starts and when it has ended
    #[arg(long)]
    pub annotate: bool,
    /// Write the run to this folder
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Print the report as JSON
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub sharing: SharingFlags,
    #[command(flatten)]
    pub runs: RunsDir,
    #[command(flatten)]
    pub tls: TlsFlags,
    #[command(flatten)]
    pub guard: Guard,
}

/// Flags that name a function to be invoked by Lambda's own API.
#[derive(Clone, Debug, Default, Args)]
pub struct Invoking {
    /// Invoke this function by Lambda's own API, without any URL: its name, NAME:ALIAS, NAME:VERSION
    /// or its ARN. Every answer carries the end of the log, whose REPORT line tells cold from warm.
    /// Again for others: each gets the scenario's requests, interleaved, and a row of its own
    #[arg(long = "invoke", id = "invoked", value_name = "FUNCTION", conflicts_with_all = ["url", "stack", "sigv4"])]
    pub functions: Vec<InvokedFunction>,
    /// Invoke all functions whose names match, for example `shop-*`; your `aws` command lists them
    #[arg(long = "invoke-matching", id = "matching", value_name = "PATTERN", conflicts_with_all = ["url", "stack", "sigv4"])]
    pub matching: Option<String>,
    /// What the function is invoked with: JSON, or a file that holds it; else the scenario's body,
    /// or {}
    #[arg(long, value_name = "FILE|TEXT")]
    pub payload: Option<String>,
}

impl Invoking {
    /// Whether any function was typed.
    fn is_typed(&self) -> bool {
        !self.functions.is_empty() || self.matching.is_some()
    }

    /// The functions as typed; None where none was.
    ///
    /// # Errors
    /// A payload that is neither JSON nor a file that can be read.
    pub fn query(&self, on_aws: &OnAws) -> Result<Option<InvokeQuery>, Failure> {
        if !self.is_typed() {
            return match &self.payload {
                Some(_) => Err(Failure::new(PAYLOAD_ALONE)),
                None => Ok(None),
            };
        }
        Ok(Some(InvokeQuery {
            functions: self.functions.clone(),
            matching: self.matching.clone(),
            payload: self.payload.as_deref().map(payload).transpose()?,
            region: on_aws.region.clone(),
            emulator: on_aws.endpoint.clone(),
            force_cold: on_aws.force_cold,
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
    match std::fs::read(text) {
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

/// Guard rails for targets that are not this machine.
#[derive(Clone, Debug, Args)]
pub struct Guard {
    /// Start without asking
    #[arg(long, short)]
    pub yes: bool,
    /// Most requests that a run may send to another machine
    #[arg(long, value_name = "N", default_value_t = 10_000)]
    pub max_requests: u64,
    /// Most requests a second that a run may send to another machine
    #[arg(long, value_name = "N", default_value_t = 200.0)]
    pub max_rate: f64,
    /// Send over plain http to this host, which is yours
    #[arg(long, value_name = "HOST")]
    pub allow_http: Vec<String>,
    /// Show the value of this parameter of the address's query in files and reports
    #[arg(long, value_name = "NAME")]
    pub public_query: Vec<String>,
}

/// What TLS trusts and presents.
#[derive(Clone, Debug, Default, Args)]
pub struct TlsFlags {
    /// Trust the certificates in this PEM file in place of this machine's
    #[arg(long, value_name = "FILE")]
    pub cacert: Option<PathBuf>,
    /// Present this client certificate, in PEM, to a server that asks for one
    #[arg(long, value_name = "FILE")]
    pub cert: Option<PathBuf>,
    /// The client certificate's key, in PEM; else it is in the file of --cert
    #[arg(long, value_name = "FILE", requires = "cert")]
    pub key: Option<PathBuf>,
    /// Accept any certificate of this host, which is yours
    #[arg(long, value_name = "HOST")]
    pub insecure: Vec<String>,
}

impl TlsFlags {
    /// What was typed.
    pub fn options(&self) -> TlsOptions {
        TlsOptions {
            ca: self.cacert.clone(),
            certificate: self.cert.clone(),
            key: self.key.clone(),
            insecure: self.insecure.clone(),
        }
    }
}

/// A duration as a flag's value: `15m`, `2s`, `250ms`.
///
/// # Errors
/// What [`parse_duration`] refuses.
pub fn duration(text: &str) -> Result<Duration, String> {
    parse_duration(text).map_err(|error| error.to_string())
}

/// A Lambda function's name as a flag's value.
///
/// # Errors
/// What is no such name, with the name that an ARN or a qualified name holds.
pub fn function_name(text: &str) -> Result<String, String> {
    if is_function_name(text) {
        return Ok(text.to_owned());
    }
    let parts: Vec<&str> = text.split(':').collect();
    let inner = match parts.as_slice() {
        ["arn", _, "lambda", _, _, "function", name, ..] => Some(*name),
        [name, _alias] => Some(*name),
        _ => None,
    };
    Err(match inner.filter(|name| is_function_name(name)) {
        Some(name) => name_alone(name).to_string(),
        None => FUNCTION_NAMES.to_string(),
    })
}

impl Own {
    /// Checks --function against --url and --stack.
    ///
    /// # Errors
    /// A function without an address, and one beside a stack, which has functions of its own.
    fn check(&self, sending: &Sending) -> Result<(), Failure> {
        let named = sending.url.is_some() || sending.invoke.is_typed();
        if self.functions.is_empty() || named {
            Ok(())
        } else if sending.on_aws.stack.is_some() {
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

impl Guard {
    /// The guard rails as typed.
    pub fn rails(&self) -> GuardRails {
        GuardRails {
            confirmed: self.yes,
            max_requests: self.max_requests,
            max_rate: self.max_rate,
            allow_http: self.allow_http.clone(),
            public_query: self.public_query.clone(),
        }
    }
}

impl RunsDir {
    /// Where a new run goes: the folder that was typed, or a new one among the runs.
    pub fn place(&self, typed: Option<&Path>) -> RecordPlace {
        match typed {
            Some(path) => RecordPlace::Folder(path.to_owned()),
            None => RecordPlace::Among(self.runs()),
        }
    }
}

impl Sending {
    /// The target as typed.
    ///
    /// # Errors
    /// When nothing is there that can be sent to, or flags contradict each other.
    pub fn target(&self, scenario: &Scenario, talk: &Talk) -> Result<RunTarget, Failure> {
        self.own.check(self)?;
        let on_aws = &self.on_aws;
        if let Some(query) = self.invoke.query(on_aws)? {
            return Ok(RunTarget::invoking(&query, &scenario.function, talk)?);
        }
        if on_aws.force_cold && on_aws.stack.is_none() {
            return Err(Failure::new(FORCE_COLD_ALONE));
        }
        Ok(match (&self.url, &on_aws.stack, &on_aws.endpoint) {
            (Some(address), _, Some(endpoint)) => RunTarget::on_emulator(address, endpoint)?,
            (Some(address), _, None) => RunTarget::at(address)?,
            (None, Some(name), endpoint) => {
                let query = StackQuery {
                    region: on_aws.region.clone(),
                    emulator: endpoint.clone(),
                    force_cold: on_aws.force_cold,
                };
                let stack = Stack::look_up(name, &query, scenario, talk)?;
                RunTarget::of_stack(stack, endpoint.as_ref())?
            }
            (None, None, Some(_)) => {
                return Err(Failure::new(ENDPOINT_ALONE));
            }
            (None, None, None) => RunTarget::Embedded,
        })
    }

    /// How the run is made, as typed.
    ///
    /// # Errors
    /// A shard that nothing tells, or that has no start.
    pub fn options(&self) -> Result<RunOptions, Failure> {
        Ok(RunOptions {
            functions: self.own.names(),
            region: self.on_aws.region.clone(),
            emulator: self.on_aws.endpoint.clone(),
            sign: self.sigv4,
            real_idle: self.real_idle,
            max_in_flight: self.max_in_flight as usize,
            new_connections: self.new_connections,
            http1: self.http1,
            tls: self.tls.options(),
            keep_traces: self.keep_traces,
            annotate: self.annotate,
            abort_on: self.limits.abort_on.clone(),
            verify: !self.no_verify,
            wait: self.wait,
            sharing: self.sharing.sharing()?,
            guard: self.guard.rails(),
            ..RunOptions::at(self.runs.place(self.out.as_deref()))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_that_is_typed_goes_before_all_others() {
        let language = |line: &str| {
            let words: Vec<OsString> = line.split(' ').map(OsString::from).collect();
            Global::language(&words)
        };
        assert_eq!(language("loadgen --lang ko errors"), Lang::Ko);
        assert_eq!(language("loadgen errors --lang=ko --quiet"), Lang::Ko);
        assert_eq!(language("loadgen errors --lang ko --lang en"), Lang::En);
    }

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
