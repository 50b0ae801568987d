//! Reading a scenario: from a file, or one of the built-in ones by name.

use std::{
    fs::File,
    io::{self, Read},
    path::Path,
};

use toml::{Spanned, de::DeTable};

use super::{
    builtin::{BUILTINS, builtin},
    file::ScenarioFile,
    meaning,
    mistake::{Mistake, Mistakes, quoted},
    near::nearest,
    schema_check,
    types::Scenario,
    words,
};
use crate::lang::Phrase;

/// The largest scenario file, in bytes.
const LARGEST: u64 = 256 * 1024;

/// Why a scenario could not be read.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// Neither a built-in scenario nor a file.
    #[error("{}", words::unknown(.name, .hint))]
    Unknown {
        /// What was asked for.
        name: String,
        /// What was probably meant, or where to look.
        hint: Phrase,
    },
    /// No file at that path.
    #[error("{}", words::no_file(.name, .hint))]
    NoFile {
        /// The path.
        name: String,
        /// What was probably meant, or where to look.
        hint: Phrase,
    },
    /// A directory.
    #[error("{}", words::directory(.0))]
    Directory(String),
    /// Larger than 256 KiB.
    #[error("{}", words::too_large(.0))]
    TooLarge(String),
    /// Not UTF-8.
    #[error("{}", words::not_text(.name, *.at))]
    NotText {
        /// The path.
        name: String,
        /// The first byte that is wrong, from 1.
        at: usize,
    },
    /// The operating system could not read it.
    #[error("{}", words::cannot_read(.name, .error.to_string()))]
    Unreadable {
        /// The path.
        name: String,
        /// Why.
        error: io::Error,
    },
    /// It was read, and has mistakes.
    #[error(transparent)]
    Mistakes(#[from] Mistakes),
}

impl Scenario {
    /// The scenario of this name or path. A built-in one goes before a file of the same name; a
    /// name with a `/` or ending in `.toml` is always a file's.
    ///
    /// # Errors
    /// No such scenario, files that cannot be read, and files with mistakes.
    pub fn load(name: &str) -> Result<Scenario, LoadError> {
        let is_path = name.contains(['/', '\\']) || name.ends_with(".toml");
        match builtin(name) {
            Some(builtin) if !is_path => {
                let file = format!("{name} (built in)");
                Ok(Scenario::parse(builtin.text, &file)?)
            }
            _ if is_path || Path::new(name).exists() => {
                let text = read(name)?;
                Ok(Scenario::parse(&text, name)?)
            }
            _ => Err(LoadError::Unknown {
                name: quoted(name),
                hint: hint(name),
            }),
        }
    }

    /// The scenario in a TOML text. `file` is what error messages call it.
    ///
    /// # Errors
    /// All mistakes that were found, each with its place.
    pub fn parse(text: &str, file: &str) -> Result<Scenario, Mistakes> {
        let mistakes = |found| Mistakes::new(file, text, found);
        let (table, errors) = DeTable::parse_recoverable(text);
        if !errors.is_empty() {
            let end = text.len()..text.len();
            let unreadable = errors.iter().map(|error| Mistake {
                message: words::unreadable(&error.message().replace('\n', " ")),
                label: words::NOT_TOML.into(),
                help: None,
                span: error.span().unwrap_or(end.clone()),
            });
            return Err(mistakes(unreadable.collect()));
        }
        let whole = table.span();
        let (sound, mut found) = schema_check::check(table.into_inner());
        // What is left has the schema's shape; whatever serde still refuses is said, not skipped.
        let file = match ScenarioFile::read(Spanned::new(whole, sound)) {
            Ok(file) => file,
            Err(error) => {
                found.push(Mistake {
                    message: words::unreadable(error.message()),
                    label: words::NOT_UNDERSTOOD.into(),
                    help: None,
                    span: error.span().unwrap_or(0..0),
                });
                return Err(mistakes(found));
            }
        };
        let (scenario, more) = meaning::read(&file);
        found.extend(more);
        if found.is_empty() {
            Ok(Scenario {
                text: Some(text.to_owned()),
                ..scenario
            })
        } else {
            Err(mistakes(found))
        }
    }
}

fn hint(name: &str) -> Phrase {
    let stem = Path::new(name).file_stem().and_then(|stem| stem.to_str());
    let names = BUILTINS.iter().map(|builtin| builtin.name);
    match nearest(stem.unwrap_or(name), names) {
        Some(near) => words::meant_builtin(near),
        None => words::LIST_BUILTINS.into(),
    }
}

fn read(name: &str) -> Result<String, LoadError> {
    let shown = || quoted(name);
    let unreadable = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => LoadError::NoFile {
            name: shown(),
            hint: hint(name),
        },
        io::ErrorKind::IsADirectory => LoadError::Directory(shown()),
        _ => LoadError::Unreadable {
            name: shown(),
            error,
        },
    };
    let file = File::open(name).map_err(unreadable)?;
    let mut bytes = Vec::new();
    let limited = file.take(LARGEST + 1).read_to_end(&mut bytes);
    limited.map_err(unreadable)?;
    if bytes.len() as u64 > LARGEST {
        return Err(LoadError::TooLarge(shown()));
    }
    String::from_utf8(bytes).map_err(|error| LoadError::NotText {
        name: shown(),
        at: error.utf8_error().valid_up_to() + 1,
    })
}
