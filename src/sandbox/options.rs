//! What a sandbox is like.

use std::path::PathBuf;

use super::api;
use crate::{
    control::Hidden,
    host::HostedApp,
    lambda::{Config, Function},
    lang::{Lang, Phrase, texts},
    telemetry::store::{Retention, Store, StoreError},
    units::Distribution,
};

texts! {
    const;
    no_profile(found: &str): "`{}` is no profile: write ours (markers and faults by header) or datadog (neither, as in Datadog's original app)",
        "`{:`은} 프로필이 아닙니다. ours(마커와 헤더로 지정하는 결함) 또는 datadog(Datadog의 원래 앱처럼 둘 다 없음)으로 쓰세요";
}

/// How a sandbox is set up.
#[derive(Clone, Debug)]
pub struct SandboxOptions {
    /// Where the telemetry is kept.
    pub data: TelemetryStorage,
    /// Which of the two apps it plays.
    pub profile: AppProfile,
    /// Everything random follows from it.
    pub seed: u64,
    /// How long an idle environment is kept.
    pub expiry: Distribution,
    /// Environments that may be busy at once in the account.
    pub account_concurrency: u32,
    /// The app's functions; None: the sample app's.
    pub functions: Option<Vec<Function>>,
    /// Functions of the reader's own, as real processes, in place of modelled ones.
    pub hosted: Option<HostedApp>,
    /// Environments that the first function may have busy at once.
    pub reserved_concurrency: Option<u32>,
    /// What of a request is kept as `redacted`.
    pub hidden: Hidden,
    /// How the Datadog-compatible API behaves.
    pub api: api::ApiOptions,
    /// The language of the pages where a visit asks for none.
    pub lang: Lang,
}

/// Where a sandbox keeps its telemetry.
#[derive(Clone, Debug, Default)]
pub enum TelemetryStorage {
    /// In a temporary file, as long as the sandbox lives.
    #[default]
    Temporary,
    /// In a file that outlives the sandbox, within [`Retention`]'s limits.
    File(PathBuf),
    /// In the file of a run, of any age: its verdict rests on it.
    Run(PathBuf),
    /// In the file of a run that is over: nothing is written, and nothing dropped.
    Recorded(PathBuf),
}

impl TelemetryStorage {
    pub(super) fn open(&self) -> Result<Store, StoreError> {
        match self {
            TelemetryStorage::Temporary => Store::temporary(),
            TelemetryStorage::File(file) => Store::open(file, Retention::default()),
            TelemetryStorage::Run(file) => Store::open(file, Retention::of_run()),
            TelemetryStorage::Recorded(file) => Store::recorded(file),
        }
    }
}

impl Default for SandboxOptions {
    fn default() -> SandboxOptions {
        let config = Config::default();
        SandboxOptions {
            data: TelemetryStorage::Temporary,
            profile: AppProfile::Ours,
            seed: config.seed,
            expiry: config.expiry,
            account_concurrency: config.account_concurrency,
            functions: None,
            hosted: None,
            reserved_concurrency: None,
            hidden: Hidden::default(),
            api: api::ApiOptions::default(),
            lang: Lang::En,
        }
    }
}

impl SandboxOptions {
    /// The model's settings.
    pub(super) fn config(&self) -> Config {
        Config {
            seed: self.seed,
            expiry: self.expiry,
            account_concurrency: self.account_concurrency,
            ..Config::default()
        }
    }
}

/// Which sample app the sandbox plays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, strum::Display, strum::EnumString)]
#[strum(serialize_all = "lowercase", parse_err_ty = Phrase, parse_err_fn = no_profile)]
pub enum AppProfile {
    /// This project's template: markers in the response, faults by header.
    #[default]
    Ours,
    /// Datadog's original app: neither.
    Datadog,
}
