//! Reads a scenario: from a file, or a built-in one by name.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    sync::mpsc,
    thread,
    time::Duration,
};

use toml::{Spanned, de::DeTable};

use super::{
    builtin::{BUILTINS, builtin},
    diagnostics::Diagnostics,
    file::ScenarioFile,
    fill::read_body_file,
    meaning,
    mistake::{Mistake, Mistakes, quoted},
    near::nearest,
    schema_check,
    setting::{Setting, apply},
    types::{Scenario, ScenarioBody},
    words,
};
use crate::{files, lang::Phrase};

/// The largest scenario file, in bytes.
const LARGEST: u64 = 16 * 1024 * 1024;

/// How long a pipe may take to deliver the scenario.
const PIPE: Duration = Duration::from_secs(10);

/// Why a scenario could not be read.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// There is none of that name, or it cannot be read.
    #[error("{0}")]
    Refused(Phrase),
    /// The file was read, and has mistakes.
    #[error(transparent)]
    Mistakes(#[from] Mistakes),
}

impl Scenario {
    /// The scenario of this name or path, or on standard input (`-`). A built-in scenario has
    /// priority over a file of the same name. A name with a `/` or ending in `.toml` is always a
    /// file.
    ///
    /// # Errors
    /// No such scenario, files that cannot be read, and files with mistakes.
    pub fn load(name: &str) -> Result<Scenario, LoadError> {
        Scenario::load_with(name, &[])
    }

    /// The same, with some of its keys set from outside.
    ///
    /// # Errors
    /// As [`Scenario::load`]. Mistakes in the settings are shown at their places.
    pub fn load_with(name: &str, settings: &[Setting]) -> Result<Scenario, LoadError> {
        let is_path = name.contains(['/', '\\']) || name.ends_with(".toml");
        let (text, shown) = match builtin(name) {
            Some(builtin) if !is_path => (builtin.text.to_owned(), format!("{name} (built in)")),
            _ if name == "-" => (read(name)?, words::STANDARD_INPUT.to_string()),
            _ if is_path || Path::new(name).exists() => (read(name)?, name.to_owned()),
            _ => {
                let unknown = words::unknown(quoted(name), hint(name));
                return Err(LoadError::Refused(unknown));
            }
        };
        let folder = Path::new(name).parent().unwrap_or(Path::new(""));
        let mut scenario = read_with(&text, &shown, settings, Some(folder))?;
        // A file stands beside the scenario, or where it was typed.
        let place = |file: &mut PathBuf, key: &str| {
            if !settings.iter().any(|set| set.is_under(key)) {
                *file = folder.join(&file);
            }
        };
        let tls = &mut scenario.tls;
        let files = [&mut tls.ca, &mut tls.certificate, &mut tls.key];
        for (file, key) in files.into_iter().zip(["cacert", "cert", "key"]) {
            if let Some(file) = file {
                place(file, &format!("tls.{key}"));
            }
        }
        let traffic = scenario.traffic.iter_mut();
        let more = traffic.flat_map(|of| {
            let auth = of.auth.iter_mut().map(|auth| &mut auth.request);
            of.requests.iter_mut().chain(auth)
        });
        for request in std::iter::once(&mut scenario.request).chain(more) {
            if let Some(ScenarioBody::File(file)) = &mut request.body {
                place(file, "request.body_file");
                read_body_file(file).map_err(LoadError::Refused)?;
            }
        }
        Ok(scenario)
    }

    /// The scenario in a TOML text. Error messages call it `file`.
    ///
    /// # Errors
    /// All mistakes that were found, each with its place.
    pub fn parse(text: &str, file: &str) -> Result<Scenario, Mistakes> {
        Scenario::parse_with(text, file, &[])
    }

    /// The same, with some of its keys set from outside. A value that could be a number where a
    /// text is expected is a text.
    ///
    /// # Errors
    /// All mistakes that were found, each with its place.
    pub fn parse_with(text: &str, file: &str, settings: &[Setting]) -> Result<Scenario, Mistakes> {
        read_with(text, file, settings, None)
    }
}

/// The same; `folder` is where its feeds are, which are not read where that is not known.
fn read_with(
    text: &str,
    file: &str,
    settings: &[Setting],
    folder: Option<&Path>,
) -> Result<Scenario, Mistakes> {
    let mut texts: Vec<bool> = settings.iter().map(|set| !set.is_toml()).collect();
    let mut read = parse_once(text, file, settings, &texts, folder);
    for number in 0..texts.len() {
        let Err(mistakes) = &read else { break };
        if !texts[number] && mistakes.concern(number) {
            texts[number] = true;
            match parse_once(text, file, settings, &texts, folder) {
                Err(still) if still.concern(number) => texts[number] = false,
                other => read = other,
            }
        }
    }
    let mut scenario = read?;
    for setting in settings {
        let (key, value) = setting.shown();
        scenario.note_change(key, value);
    }
    scenario.set = settings.to_vec();
    Ok(scenario)
}

/// Reads a text with these settings, some of them as `texts`.
fn parse_once(
    text: &str,
    file: &str,
    settings: &[Setting],
    texts: &[bool],
    folder: Option<&Path>,
) -> Result<Scenario, Mistakes> {
    // Each setting is a line after the file, and its places are those of that line.
    let mut whole = text.to_owned();
    let mut lines = Vec::new();
    for (setting, as_text) in settings.iter().zip(texts) {
        whole.push('\n');
        let start = whole.len();
        let line = setting.line(*as_text);
        whole.push_str(&line);
        lines.push(" ".repeat(start) + &line);
    }
    let mistakes = |found| Mistakes::new(file, &whole, text.len(), found);
    let unreadable = |errors: Vec<toml::de::Error>| -> Vec<Mistake> {
        let end = whole.len()..whole.len();
        let mistake = |error: toml::de::Error| Mistake {
            message: words::unreadable(&short(error.message())),
            label: words::NOT_TOML.into(),
            help: None,
            span: error.span().unwrap_or(end.clone()),
        };
        errors.into_iter().map(mistake).collect()
    };
    let (table, errors) = DeTable::parse_recoverable(text);
    if !errors.is_empty() {
        return Err(mistakes(unreadable(errors)));
    }
    let span = table.span();
    let mut table = table.into_inner();
    let mut typed = Diagnostics::default();
    for (setting, line) in settings.iter().zip(&lines) {
        let (line, errors) = DeTable::parse_recoverable(line);
        typed.mistakes.extend(unreadable(errors));
        apply(&mut typed, &mut table, setting, line.into_inner());
    }
    if !typed.mistakes.is_empty() {
        return Err(mistakes(typed.mistakes));
    }
    let written = feeds(&table);
    let (sound, mut found) = schema_check::check(table);
    // The rest has the schema's structure. Whatever serde still refuses is reported, not skipped.
    let file = match ScenarioFile::read(Spanned::new(span, sound)) {
        Ok(file) => file,
        Err(error) => {
            found.push(Mistake {
                message: words::unreadable(&short(error.message())),
                label: words::NOT_UNDERSTOOD.into(),
                help: None,
                span: error.span().unwrap_or(0..0),
            });
            return Err(mistakes(found));
        }
    };
    let (scenario, mut more) = meaning::read(&file, folder);
    // A feed with a mistake was left out. Its templates have none of their own.
    let is_read = |name: &String| {
        file.data
            .iter()
            .flatten()
            .any(|(key, _)| key.get_ref() == name)
    };
    let lost: Vec<Phrase> = (written.iter().filter(|name| !is_read(name)))
        .map(|name| words::no_source(&quoted(name)))
        .collect();
    more.retain(|mistake| !lost.contains(&mistake.message));
    found.extend(more);
    match found.is_empty() {
        true => Ok(Scenario {
            text: Some(text.to_owned()),
            ..scenario
        }),
        false => Err(mistakes(found)),
    }
}

/// The names of the feeds in a file.
fn feeds(table: &DeTable<'_>) -> Vec<String> {
    let data = table.get("data").and_then(|data| data.get_ref().as_table());
    let names = data.into_iter().flat_map(|feeds| feeds.keys());
    names.map(|name| name.get_ref().to_string()).collect()
}

/// The beginning of a library's message, which repeats what it found, however long that is.
fn short(message: &str) -> String {
    let line = message.replace('\n', " ");
    match line.char_indices().nth(300) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
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
        io::ErrorKind::NotFound => words::no_file(shown(), hint(name)),
        io::ErrorKind::IsADirectory => words::directory(shown()),
        _ => words::cannot_read(shown(), error.to_string()),
    };
    let bytes = match name {
        "-" => files::bounded(io::stdin(), LARGEST),
        _ if Path::new(name).is_file() => files::read(Path::new(name), LARGEST),
        _ => piped(name),
    };
    let bytes = bytes.map_err(|error| LoadError::Refused(unreadable(error)))?;
    decoded(bytes).map_err(|at| LoadError::Refused(words::not_text(shown(), at)))
}

/// Reads a pipe, for example of the shell's `<(command)`. A pipe without a writer would block the
/// reader.
fn piped(name: &str) -> io::Result<Vec<u8>> {
    if fs::metadata(name)?.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    let (tell, told) = mpsc::channel();
    let path = name.to_owned();
    // After the time limit nothing receives the result.
    thread::spawn(move || {
        let read = File::open(path).and_then(|file| files::bounded(file, LARGEST));
        drop(tell.send(read));
    });
    told.recv_timeout(PIPE).unwrap_or_else(|_| {
        Err(io::Error::other(
            words::silent_pipe(&quoted(name)).to_string(),
        ))
    })
}

/// Decodes UTF-8, or the UTF-16 of Windows PowerShell, with or without a byte order mark: TOML holds
/// no NUL, so one in the first two bytes is half of a character. The error is the first invalid byte,
/// from 1.
fn decoded(bytes: Vec<u8>) -> Result<String, usize> {
    let order: fn([u8; 2]) -> u16 = match bytes.as_slice() {
        [0xff, 0xfe, ..] | [_, 0, ..] => u16::from_le_bytes,
        [0xfe, 0xff, ..] | [0, _, ..] => u16::from_be_bytes,
        _ => {
            let read = String::from_utf8(bytes);
            let text = read.map_err(|error| error.utf8_error().valid_up_to() + 1)?;
            return Ok(without_mark(text));
        }
    };
    let (pairs, half) = bytes.as_chunks();
    let mut text = String::new();
    let mut at = 1;
    for read in char::decode_utf16(pairs.iter().map(|pair| order(*pair))) {
        let read = read.map_err(|_| at)?;
        at += 2 * read.len_utf16();
        text.push(read);
    }
    match half.is_empty() {
        true => Ok(without_mark(text)),
        false => Err(bytes.len()),
    }
}

/// A text without the byte order mark that it may begin with.
fn without_mark(mut text: String) -> String {
    if text.starts_with('\u{feff}') {
        text.remove(0);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn a_text_is_read_in_each_encoding_that_an_editor_writes(
            rest in "[^\0\u{feff}]{0,20}", mark: bool, big: bool, cut: bool,
        ) {
            let text = format!("n{rest}");
            let order = if big { u16::to_be_bytes } else { u16::to_le_bytes };
            let marked = format!("{}{text}", if mark { "\u{feff}" } else { "" });
            let mut bytes: Vec<u8> = marked.encode_utf16().flat_map(order).collect();
            assert_eq!(decoded(marked.into_bytes()).as_ref(), Ok(&text));
            if cut {
                bytes.push(b'x');
                assert_eq!(decoded(bytes.clone()), Err(bytes.len()));
            } else {
                assert_eq!(decoded(bytes).as_ref(), Ok(&text));
            }
        }
    }

    #[test]
    fn half_of_a_character_is_named_by_its_place() {
        assert_eq!(decoded(b"ab\xffc".to_vec()), Err(3));
        assert_eq!(decoded(b"\xff\xfea\0\x3d\xd8b\0".to_vec()), Err(5));
    }
}
