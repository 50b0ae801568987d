//! `loadgen view`: the local Serverless View over a run's telemetry.

use std::{
    io::{self, Write},
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    sync::Arc,
};

use clap::Args;
use tokio::net::TcpListener;

use super::{Exit, Failure};
use crate::{
    lang::Lang,
    sandbox::{
        pages::{self, Origin, Settings, State},
        store::Reader,
    },
};

/// Show the pages of Datadog's serverless walk over a run's telemetry.
#[derive(Debug, Args)]
pub struct View {
    /// The run's folder; the newest if not given
    run: PathBuf,
    /// Port on 127.0.0.1; 0 takes any that is free
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// Language of the pages
    #[arg(long, default_value_t = Lang::En)]
    lang: Lang,
}

/// Serves until interrupted.
pub fn run(asked: &View) -> Result<Exit, Failure> {
    let file = asked.run.join("telemetry.db");
    let reader = Reader::open(&file).map_err(Failure::new)?;
    let newest = reader
        .counts()
        .map_err(Failure::new)?
        .newest_ms
        .unwrap_or(0);
    let state = State {
        reader,
        now_ms: Arc::new(move || newest),
        settings: Arc::new(Settings {
            lang: asked.lang,
            last: None,
            origin: Origin::Sandbox,
            live: true,
        }),
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, asked.port));
        let listener = TcpListener::bind(address).await.map_err(|error| {
            Failure::new(format!(
                "port {} on 127.0.0.1 cannot be had: {error}; choose another with --port, or 0 for any free one",
                asked.port
            ))
        })?;
        let address = listener.local_addr()?;
        let mut out = io::stdout();
        writeln!(out, "http://{address}/functions")?;
        out.flush()?;
        eprintln!("Ctrl-C ends it.");
        pages::serve(state, listener, async {
            let _ = tokio::signal::ctrl_c().await;
        })
        .await;
        Ok(Exit::Met)
    })
}
