//! The original code of functions that loadgen has broken, saved between commands.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{AwsPlace, Endpoint, Error, words};
use crate::lang::Phrase;

/// The folder of the saved originals: `LOADGEN_STATE`, else `$XDG_STATE_HOME/loadgen`, else
/// `~/.local/state/loadgen`. Each broken function has a folder in it, `broken/ACCOUNT-...`, with
/// `record.json` and `original.zip`; only this user can read them.
#[derive(Clone, Debug)]
pub struct StateFolder(PathBuf);

/// A function that was broken, or that `break` was about to change.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Broken {
    /// The function's name.
    pub function: String,
    /// Its ARN.
    pub arn: String,
    /// Its region.
    pub region: String,
    /// The emulator that it runs on; `None` on AWS.
    pub endpoint: Option<String>,
    /// When it was broken.
    pub since: Timestamp,
    /// Lambda's `CodeSha256` of the original.
    pub original_sha256: String,
    /// Lambda's `CodeSha256` of the broken code; `None` if `break` was interrupted before Lambda
    /// answered.
    pub broken_sha256: Option<String>,
}

impl Broken {
    /// Whether it is in the region, or on the emulator, of `target`.
    pub fn is_at(&self, target: &AwsPlace) -> bool {
        let endpoint = target.endpoint.as_ref().map(Endpoint::url);
        self.region == target.region && self.endpoint.as_deref() == endpoint
    }

    /// Whether a function with the code `sha256` runs the broken code.
    pub(super) fn runs(&self, sha256: &str) -> bool {
        match &self.broken_sha256 {
            Some(broken) => broken == sha256,
            None => self.original_sha256 != sha256,
        }
    }

    /// A note that the function is still broken, and how to restore it.
    pub fn reminder(&self) -> Phrase {
        let place = match &self.endpoint {
            None => format!("--region {}", self.region),
            Some(endpoint) => format!("--region {} --endpoint {endpoint}", self.region),
        };
        let since = format!("{:.0}", self.since);
        words::still_broken(&self.function, &self.region, since, place)
    }
}

impl StateFolder {
    /// The user's folder.
    ///
    /// # Errors
    /// If no variable names one and there is no home.
    pub fn of_user() -> Result<StateFolder, Error> {
        let variable = |name| {
            std::env::var_os(name)
                .filter(|value| !value.is_empty())
                .map(PathBuf::from)
        };
        variable("LOADGEN_STATE")
            .or_else(|| Some(variable("XDG_STATE_HOME")?.join("loadgen")))
            .or_else(|| Some(variable("HOME")?.join(".local/state/loadgen")))
            .map(StateFolder)
            .ok_or_else(|| Error::Failed(words::NO_HOME.into()))
    }

    /// All broken functions, oldest first. Records that cannot be read are left out: another version
    /// of loadgen wrote them.
    pub fn broken(&self) -> Vec<Broken> {
        let folders = fs::read_dir(self.0.join("broken"))
            .into_iter()
            .flatten()
            .flatten();
        let mut broken: Vec<Broken> = folders
            .filter_map(|folder| read(&folder.path()).ok().flatten())
            .collect();
        broken.sort_by_key(|broken| broken.since);
        broken
    }

    /// The record of this function.
    ///
    /// # Errors
    /// [`Error::File`] if it exists and cannot be read.
    pub(super) fn of(&self, arn: &str) -> Result<Option<Broken>, Error> {
        let folder = self.folder(arn);
        read(&folder).map_err(Error::file(&folder))
    }

    /// Writes the record, and the original if it is given; both are on disk when this returns.
    pub(super) fn remember(&self, broken: &Broken, original: Option<&[u8]>) -> Result<(), Error> {
        let folder = self.folder(&broken.arn);
        let failed = Error::file(&folder);
        let record = serde_json::to_vec_pretty(broken).map_err(|error| failed(error.into()))?;
        private_folder(&folder).map_err(&failed)?;
        if let Some(original) = original {
            write(&folder, "original.zip", original).map_err(&failed)?;
        }
        // The record last: a folder without one is ignored.
        write(&folder, "record.json", &record).map_err(failed)
    }

    /// Deletes record and original, once the function is restored or deleted.
    ///
    /// # Errors
    /// [`Error::File`] if the folder cannot be removed.
    pub fn forget(&self, arn: &str) -> Result<(), Error> {
        let folder = self.folder(arn);
        match fs::remove_dir_all(&folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            removed => removed.map_err(Error::file(&folder)),
        }
    }

    /// The path of the original's archive.
    pub fn original(&self, arn: &str) -> PathBuf {
        self.folder(arn).join("original.zip")
    }

    pub(super) fn folder(&self, arn: &str) -> PathBuf {
        let name = arn.strip_prefix("arn:").unwrap_or(arn);
        let plain = |c: char| {
            if c.is_ascii_alphanumeric() || c == '-' {
                c
            } else {
                '_'
            }
        };
        self.0
            .join("broken")
            .join(name.chars().map(plain).collect::<String>())
    }
}

fn read(folder: &Path) -> io::Result<Option<Broken>> {
    match fs::read(folder.join("record.json")) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
        Ok(record) => Ok(Some(serde_json::from_slice(&record)?)),
    }
}

fn private_folder(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
}

/// Writes the file in full or not at all: to a temporary file, which is then renamed.
fn write(folder: &Path, name: &str, content: &[u8]) -> io::Result<()> {
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    io::Write::write_all(&mut file, content)?;
    file.as_file().sync_all()?;
    file.persist(folder.join(name))
        .map_err(|error| error.error)?;
    Ok(())
}
