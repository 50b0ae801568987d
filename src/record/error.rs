//! Why a run's folder cannot be written or read.

use std::{
    io,
    path::{Path, PathBuf},
};

use crate::lang::{Phrase, Text, current, texts};

/// The schema of `run.json`: its name and version.
pub const SCHEMA: &str = "loadgen.run/2";

/// The schema before: its sentences have no codes, and are shown as they stand.
pub const SCHEMA_1: &str = "loadgen.run/1";

texts! {
    pub(crate) const;
    READ: "cannot read {}", "{:을} 읽을 수 없습니다";
    WRITE: "cannot write {}", "{:을} 쓸 수 없습니다";
    CREATE: "cannot create {}", "{:을} 만들 수 없습니다";
    OPEN: "cannot open {}", "{:을} 열 수 없습니다";
    REPLACE: "cannot replace {}", "{:을} 바꿀 수 없습니다";
    REMOVE: "cannot remove {}", "{:을} 삭제할 수 없습니다";
    no_run(path: String): "{} is no run: it has no readable run.json. `loadgen runs` lists the runs there are",
        "{}: 실행이 아닙니다. 읽을 수 있는 run.json이 없습니다. `loadgen runs`로 실행 목록을 볼 수 있습니다";
    other_schema(path: String, found: &str, ours: &str): "{} has the schema `{}`, and this loadgen reads `{}`: use the version that wrote it",
        "{}의 스키마는 `{}`이고 이 loadgen이 쓰는 스키마는 `{}`입니다. 파일을 쓴 버전을 사용하세요";
    damaged(path: String, why: String): "{} is damaged: {}", "{} 파일이 손상되었습니다: {}";
    in_use(path: String): "another run is in progress in {}: name another folder", "{}에서 다른 실행이 진행 중입니다. 다른 폴더를 지정하세요";
    no_runs(path: String): "there are no runs in {}: `loadgen cold-start` makes one", "{}에 실행이 없습니다. `loadgen cold-start`로 만들 수 있습니다";
}

/// Why a run's folder cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// A file or folder could not be used.
    #[error("{}: {source}", .what.say(current(), &[&.path.display().to_string()]))]
    Io {
        /// What was tried.
        what: Text,
        /// On what.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// There is no run, another one is in progress, or it does not read as one.
    #[error("{0}")]
    Refused(Phrase),
}

impl RecordError {
    pub(super) fn damaged(path: &Path, why: &serde_json::Error) -> RecordError {
        RecordError::Refused(damaged(path.display().to_string(), why.to_string()))
    }

    pub(super) fn no_run(path: &Path) -> RecordError {
        RecordError::Refused(no_run(path.display().to_string()))
    }

    pub(crate) fn io(what: Text, path: &Path) -> impl FnOnce(io::Error) -> RecordError {
        let path = path.to_owned();
        move |source| RecordError::Io { what, path, source }
    }
}
