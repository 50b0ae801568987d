//! Why a run's folder cannot be written or read.

use crate::lang::{Text, texts};
use std::{
    io,
    path::{Path, PathBuf},
};

texts! {
    const;
    io_failed(what: Text, path: String, why: String): "{} {}: {}", "{1}: {0}: {2}";
    no_run(path: String): "{} is no run: it has no readable run.json. `loadgen runs` lists the runs there are", "{}: 실행 폴더가 아닙니다. 읽을 수 있는 run.json이 없습니다. 실행 목록은 `loadgen runs`로 볼 수 있습니다";
    other_schema(path: String, found: &str, ours: &str): "{} has the schema `{}`, and this loadgen reads `{}`: use the version that wrote it", "{}의 스키마는 `{}`이고 이 loadgen은 `{:을} 읽습니다. 파일을 쓴 버전을 사용하세요";
    damaged(path: String, why: String): "{} is damaged: {}", "{} 파일이 손상되었습니다: {}";
    no_runs(path: String): "there are no runs in {}: `loadgen cold-start` makes one", "{}에 실행이 없습니다. `loadgen cold-start`로 만들 수 있습니다";
}

/// The schema of `run.json`: its name and version.
pub const SCHEMA: &str = "loadgen.run/2";

/// The schema before: its sentences have no codes, and are shown as they stand.
pub const SCHEMA_1: &str = "loadgen.run/1";

/// Why a run's folder cannot be written or read.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// The system said no.
    #[error("{}", io_failed(*.what, path.display().to_string(), source.to_string()))]
    Io {
        /// What was tried.
        what: Text,
        /// On which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// There is no `run.json`.
    #[error("{}", no_run(.0.display().to_string()))]
    NoRun(PathBuf),
    /// `run.json` is of another schema.
    #[error("{}", other_schema(path.display().to_string(), .found, SCHEMA))]
    Schema {
        /// The file.
        path: PathBuf,
        /// What it says of itself.
        found: String,
    },
    /// `run.json` is damaged.
    #[error("{}", damaged(path.display().to_string(), source.to_string()))]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Where and how.
        source: serde_json::Error,
    },
    /// No run yet.
    #[error("{}", no_runs(.0.display().to_string()))]
    Empty(PathBuf),
}

impl RecordError {
    pub(super) const CANNOT_CREATE: Text = Text::new("cannot create", "만들 수 없습니다");
    pub(super) const CANNOT_OPEN: Text = Text::new("cannot open", "열 수 없습니다");
    pub(super) const CANNOT_READ: Text = Text::new("cannot read", "읽을 수 없습니다");
    pub(super) const CANNOT_REMOVE: Text = Text::new("cannot remove", "지울 수 없습니다");
    pub(super) const CANNOT_REPLACE: Text = Text::new("cannot replace", "바꿀 수 없습니다");
    pub(super) const CANNOT_WRITE: Text = Text::new("cannot write", "쓸 수 없습니다");

    pub(super) fn io(what: Text, path: &Path) -> impl FnOnce(io::Error) -> RecordError {
        let path = path.to_owned();
        move |source| RecordError::Io { what, path, source }
    }
}
