//! What can go wrong with a store.

use std::path::{Path, PathBuf};

use crate::lang::texts;

texts! {
    const;
    foreign(path: String): "{} is not a telemetry store of loadgen; name another file, or move this one away",
        "`{:`은} loadgen의 원격 측정 저장소가 아닙니다. 다른 파일을 지정하거나 이 파일을 옮기세요";
    other_format(path: String, found: String, known: String):
        "{path} has telemetry format {found}, and this loadgen reads format {known}; use the version that wrote it, or move the file away",
        "{path}의 원격 측정 형식은 {found}이고 이 loadgen은 형식 {known:을} 읽습니다. 파일을 쓴 버전을 사용하거나 파일을 옮기세요";
    cannot_open(path: String, why: String): "cannot open {path}: {why}", "{path:을} 열 수 없습니다: {why}";
    failed(why: String): "the telemetry store failed: {}", "원격 측정 저장소에서 오류가 발생했습니다: {}";
    damaged(why: String): "the telemetry store is damaged: {}", "원격 측정 저장소가 손상되었습니다: {}";
    no_thread(why: String): "cannot start the telemetry store's thread: {}", "원격 측정 저장소의 스레드를 시작할 수 없습니다: {}";
    TOO_LONG: "the search took longer than 20 s; narrow its time range or its query",
        "검색이 20초를 넘겼습니다. 시간 범위나 검색어를 좁혀 주세요";
    no_folder(why: String): "cannot make a temporary folder for the telemetry: {}", "원격 측정 데이터의 임시 폴더를 만들 수 없습니다: {}";
    CUT_SHORT: "reading the telemetry store was cut short", "원격 측정 저장소 읽기가 중단되었습니다";
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

/// Why a store cannot be opened, read or written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The file is not SQLite, or is SQLite written by another program.
    #[error("{}", foreign(shown(path)))]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// Another version of loadgen wrote it.
    #[error("{}", other_format(shown(path), found.to_string(), known.to_string()))]
    OtherFormat {
        /// The file.
        path: PathBuf,
        /// Its format.
        found: i64,
        /// The format that this version reads and writes.
        known: i64,
    },
    /// It cannot be opened.
    #[error("{}", cannot_open(shown(path), source.to_string()))]
    Open {
        /// The file.
        path: PathBuf,
        /// What SQLite said.
        source: rusqlite::Error,
    },
    /// Reading or writing failed.
    #[error("{}", failed(.0.to_string()))]
    Sqlite(#[from] rusqlite::Error),
    /// A row does not decode: the file was damaged or written by hand.
    #[error("{}", damaged((*.0).to_owned()))]
    Damaged(&'static str),
    /// The thread that writes cannot be started.
    #[error("{}", no_thread(.0.to_string()))]
    Thread(std::io::Error),
    /// A search took longer than it may.
    #[error("{TOO_LONG}")]
    TooLong,
    /// There is no room for a temporary file.
    #[error("{}", no_folder(.0.to_string()))]
    Temporary(std::io::Error),
    /// The reading task was cancelled or panicked.
    #[error("{CUT_SHORT}")]
    CutShort,
}
