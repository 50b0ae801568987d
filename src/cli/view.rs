//! `loadgen view`: the local Serverless View over a run's telemetry.

use std::{
    net::{TcpStream, ToSocketAddrs},
    sync::Arc,
    time::Duration,
};

use clap::Args;
use futures_util::FutureExt;

use super::{
    Exit, Failure,
    flags::{Global, RunsDir},
    interrupt, out,
};
use crate::{
    lang::{self, Value, texts},
    pages::{self, Origin, PageSettings, PagesState},
    record::{Folder, Run, TargetKind},
    server::{bind, runtime},
    telemetry::store::StoreReader,
    units::Address,
};

/// How long a sandbox on this machine may take to accept a connection.
const PATIENCE: Duration = Duration::from_millis(300);

/// Show a run's telemetry as Datadog's Serverless View would, until Ctrl-C
#[derive(Debug, Args)]
pub struct ViewArgs {
    /// The run: its folder, its name in `loadgen runs`, or nothing for the newest
    #[arg(value_name = "RUN")]
    run: Option<String>,
    /// The port on 127.0.0.1; 0 takes any free one
    #[arg(long, default_value_t = 0)]
    port: u16,
    #[command(flatten)]
    runs: RunsDir,
}

/// Serves the pages until Ctrl-C or SIGTERM.
///
/// # Errors
/// When the run does not exist or has no telemetry, or the port is not available.
pub fn run(typed: &ViewArgs, global: &Global) -> Result<Exit, Failure> {
    let folder = typed.runs.runs().find(typed.run.as_deref())?;
    let run = folder.read_run()?;
    let reader = telemetry(&folder, &run)?;
    let clock = reader.clone();
    let state = PagesState {
        reader,
        // A run that is over has no clock of its own any more: it ends with its telemetry.
        now_ms: Arc::new(move || {
            let extent = clock.extent().ok().and_then(|extent| extent.range_ms);
            extent.map_or(0, |(_, newest)| newest)
        }),
        runs: Arc::new(Vec::new),
        settings: Arc::new(PageSettings {
            lang: lang::current(),
            last: None,
            origin: match run.target.kind {
                TargetKind::Sandbox if run.target.is_hosted() => Origin::Hosted,
                TargetKind::Sandbox => Origin::Sandbox,
                TargetKind::Aws | TargetKind::Http => Origin::Datadog,
            },
            live: run.ended_at.is_none(),
            command: "loadgen cold-start".to_owned(),
        }),
    };
    let runtime = runtime()?;
    let serving = async {
        let stopped = interrupt::stopped()?;
        let listener = bind(typed.port).await?;
        out::line(format!("http://{}/functions", listener.local_addr()?))?;
        if !global.quiet {
            out::say(telemetry_of(&run.run_id));
        }
        pages::serve(state, listener, stopped).await;
        Ok(Exit::Met)
    };
    runtime.block_on(serving.boxed_local())
}

texts! {
    const;
    FETCH_IT: "`loadgen verify` fetches it from Datadog", "`loadgen verify`로 Datadog에서 가져올 수 있습니다";
    GAVE_NONE: "its target gave none; a run without --url makes some", "대상이 제공하지 않았습니다. --url 없이 실행하면 만들어집니다";
    telemetry_of(run: &str): "The telemetry of {}. Ctrl-C stops it.", "실행 {}의 원격 측정 데이터입니다. Ctrl-C로 멈춥니다.";
    at_sandbox(url: &str): "it was sent to a sandbox of its own, whose pages are at {}/functions",
        "별도의 샌드박스로 보냈습니다. {}/functions에서 볼 수 있습니다";
    SANDBOX_GONE: "it was sent to a sandbox of its own, which has ended; a run without --url keeps its telemetry",
        "별도의 샌드박스로 보냈고 그 샌드박스는 종료되었습니다. --url 없이 실행하면 원격 측정 데이터가 남습니다";
    no_telemetry(folder: String, way: Value): "{} holds no telemetry: {}", "{}에 원격 측정 데이터가 없습니다. {}";
}

/// Whether anything still listens at a sandbox's address.
fn listens(url: &str) -> bool {
    let address = Address::parse(url).ok().filter(Address::is_this_machine);
    let sockets = address.and_then(|a| (a.host(), a.port()).to_socket_addrs().ok());
    let mut sockets = sockets.into_iter().flatten();
    sockets.any(|socket| TcpStream::connect_timeout(&socket, PATIENCE).is_ok())
}

/// Opens the telemetry in the run's folder, or says where else to look.
fn telemetry(folder: &Folder, run: &Run) -> Result<StoreReader, Failure> {
    let file = folder.telemetry_file();
    if file.exists() {
        return StoreReader::open(&file).map_err(Failure::new);
    }
    let way = match (&run.target.kind, &run.target.datadog_url) {
        (TargetKind::Sandbox, Some(url)) if listens(url) => at_sandbox(url).into(),
        (TargetKind::Sandbox, Some(_)) => SANDBOX_GONE.into(),
        (TargetKind::Aws, _) => FETCH_IT.into(),
        (TargetKind::Sandbox | TargetKind::Http, _) => GAVE_NONE.into(),
    };
    let folder = folder.path().display().to_string();
    Err(Failure::new(no_telemetry(folder, way)))
}
