//! `loadgen guide`: the guide, served or written.

use std::path::PathBuf;

use clap::Args;
use futures_util::FutureExt;

use super::{Exit, Failure, flags::Global, interrupt, out};
use crate::{
    guide,
    lang::{self, texts},
    server::{bind, runtime},
};

texts! {
    const;
    SERVED: "The guide, in English under /en/ and in Korean under /ko/. Ctrl-C stops it.",
        "가이드: 영어는 /en/, 한국어는 /ko/. Ctrl-C로 멈춥니다.";
}

/// Serve the guide, in English and Korean, on this machine until Ctrl-C
#[derive(Debug, Args)]
pub struct GuideArgs {
    /// The port on 127.0.0.1; 0 takes any free one
    #[arg(long, default_value_t = 8485)]
    port: u16,
    /// Write the guide's pages into this folder, for any web server, and serve nothing
    #[arg(long, value_name = "DIR", conflicts_with = "port")]
    out: Option<PathBuf>,
}

/// Writes the guide, or serves it until Ctrl-C or SIGTERM.
///
/// # Errors
/// When the folder cannot be written or holds other files, or the port is not available.
pub fn run(typed: &GuideArgs, global: &Global) -> Result<Exit, Failure> {
    let lang = lang::current();
    if let Some(folder) = &typed.out {
        guide::write(folder, lang)?;
        out::line(folder.join("index.html").display().to_string())?;
        return Ok(Exit::Met);
    }
    let runtime = runtime()?;
    let serving = async {
        let stopped = interrupt::stopped()?;
        let listener = bind(typed.port).await?;
        let opens = global
            .lang
            .map(|lang| format!("{lang}/"))
            .unwrap_or_default();
        out::line(format!("http://{}/{opens}", listener.local_addr()?))?;
        if !global.quiet {
            out::say(SERVED);
        }
        guide::serve(lang, listener, stopped).await;
        Ok(Exit::Met)
    };
    runtime.block_on(serving.boxed_local())
}
