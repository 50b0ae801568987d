//! What loadgen remembers between commands: the original code of a function it has broken.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{AwsPlace, Endpoint, Error};

/// The folder of what is remembered: `LOADGEN_STATE`, else `$XDG_STATE_HOME/loadgen`, else
/// `~/.local/state/loadgen`. Each broken function has a folder in it, `broken/ACCOUNT-...`, with
/// `record.json` and `original.zip`; only this user can read them.
#[derive(Clone, Debug)]
pub struct StateFolder(PathBuf);

/// A function that was broken, or was about to be.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Broken {
    /// The function's name.
    pub function: String,
    /// Its ARN.
    pub arn: String,
    /// Its region.
    pub region: String,
    /// The emulator it is on, where it is not on AWS.
    pub endpoint: Option<String>,
    /// When it was broken.
    pub since: Timestamp,
    /// Lambda's `CodeSha256` of the original.
    pub original_sha256: String,
    /// Lambda's `CodeSha256` of what stands there instead; `None` where `break` was interrupted
    /// before Lambda had answered.
    pub broken_sha256: Option<String>,
}

impl Broken {
    /// Whether it is where `target` points.
    pub fn is_at(&self, target: &AwsPlace) -> bool {
        let endpoint = target.endpoint.as_ref().map(Endpoint::url);
        self.region == target.region && self.endpoint.as_deref() == endpoint
    }

    /// One sentence for whoever may have forgotten it, and how to restore it.
    pub fn reminder(&self) -> String {
        let place = match &self.endpoint {
            None => format!("--region {}", self.region),
            Some(endpoint) => format!("--region {} --endpoint {endpoint}", self.region),
        };
        format!(
            "`{}` in {} was broken by `loadgen aws break` at {:.0} and has not been restored from this machine since. To put the original back: loadgen aws restore {place}",
            self.function, self.region, self.since
        )
    }
}

impl StateFolder {
    /// The user's.
    ///
    /// # Errors
    /// [`Error::NoHome`] where neither variable nor a home is set.
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
            .ok_or(Error::NoHome)
    }

    /// Another one.
    pub fn at(path: impl Into<PathBuf>) -> StateFolder {
        StateFolder(path.into())
    }

    /// Every function that is remembered as broken, oldest first. What cannot be read is left
    /// out: it was not written by this version.
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

    /// What is remembered of this function.
    ///
    /// # Errors
    /// [`Error::File`] where it is there and cannot be read.
    pub(super) fn of(&self, arn: &str) -> Result<Option<Broken>, Error> {
        let folder = self.folder(arn);
        read(&folder).map_err(|source| Error::File {
            path: folder,
            source,
        })
    }

    /// Remembers it, and its original where that is given; on disk before this returns.
    pub(super) fn remember(&self, broken: &Broken, original: Option<&[u8]>) -> Result<(), Error> {
        let folder = self.folder(&broken.arn);
        let failed = |source| Error::File {
            path: folder.clone(),
            source,
        };
        let record = serde_json::to_vec_pretty(broken).map_err(|error| failed(error.into()))?;
        private_folder(&folder).map_err(failed)?;
        if let Some(original) = original {
            write(&folder, "original.zip", original).map_err(failed)?;
        }
        // The record last: a folder without one is not believed.
        write(&folder, "record.json", &record).map_err(failed)
    }

    /// Forgets it, for the original is back or the function is gone.
    ///
    /// # Errors
    /// [`Error::File`] where the folder cannot be removed.
    pub fn forget(&self, arn: &str) -> Result<(), Error> {
        let folder = self.folder(arn);
        match fs::remove_dir_all(&folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(source) => Err(Error::File {
                path: folder,
                source,
            }),
            Ok(()) => Ok(()),
        }
    }

    /// Where the original's archive is.
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

/// Whole or not at all: written beside, then renamed.
fn write(folder: &Path, name: &str, content: &[u8]) -> io::Result<()> {
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    io::Write::write_all(&mut file, content)?;
    file.as_file().sync_all()?;
    file.persist(folder.join(name))
        .map_err(|error| error.error)?;
    Ok(())
}
