//! curl command lines, as browsers and documentation give them.

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::draft::{
    ImportError, Imported, ImportedBody, ImportedFlow, ImportedRequest, ImportedStep, body_of,
    is_carried, literal, split_address,
};
use crate::scenario::{requests::METHODS, words};

/// Options without a value that change nothing of what is sent, or that loadgen has itself.
const WITHOUT_EFFECT: [&str; 16] = [
    "-s",
    "--silent",
    "-S",
    "--show-error",
    "-v",
    "--verbose",
    "-i",
    "--include",
    "--compressed",
    "-f",
    "--fail",
    "-#",
    "--progress-bar",
    "-N",
    "--no-buffer",
    "--http1.1",
];
/// The same with a value.
const IGNORED: [&str; 8] = [
    "-o",
    "--output",
    "-w",
    "--write-out",
    "--connect-timeout",
    "--retry",
    "-D",
    "--dump-header",
];

/// Options with a value that are named and not carried. Their values may be secrets.
const NAMED: [&str; 18] = [
    "-x",
    "--proxy",
    "-U",
    "--proxy-user",
    "-E",
    "--cert",
    "--key",
    "--pass",
    "--cacert",
    "--resolve",
    "--interface",
    "--aws-sigv4",
    "-T",
    "--upload-file",
    "-c",
    "--cookie-jar",
    "-K",
    "--config",
];

/// Whether a line is a command of curl.
pub fn begins(line: &str) -> bool {
    let line = line.trim_start_matches("$ ");
    line == "curl" || line.starts_with("curl ") || line.starts_with("curl\t")
}

/// Reads the commands, in their order one flow.
///
/// # Errors
/// Quotes that are not closed, and more commands than a flow may have.
pub fn read(text: &str) -> Result<Imported, ImportError> {
    let mut imported = Imported::default();
    let mut steps = Vec::new();
    let joined = joined(text);
    for (number, line) in joined.lines().enumerate() {
        let line = line
            .trim()
            .trim_start_matches("$ ")
            .trim_end_matches([';', '&']);
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let Some(words) = shlex::split(line) else {
            return Err(ImportError::new(words::unclosed_quote(number + 1)));
        };
        let words: Vec<String> = words
            .iter()
            .map(|word| word.replace('\u{2028}', "\n"))
            .collect();
        if words.first().map(String::as_str) != Some("curl") {
            imported.leave_out(words::line_no_curl(number + 1));
            continue;
        }
        let mut command = CurlCommand::default();
        command.read(&words[1..], &mut imported);
        let Some(request) = command.request(number + 1, &mut imported) else {
            continue;
        };
        steps.push(ImportedStep::Request(imported.add(request)));
    }
    imported.add_flow(ImportedFlow {
        name: "all".to_owned(),
        weight: 1,
        cookies: false,
        steps,
    })?;
    Ok(imported)
}

/// The lines of each command in one: a backslash joins two in a shell, and ^ on Windows, where it also stands before
/// each quote. `$'...'` becomes a text in plain quotes.
fn joined(text: &str) -> String {
    let text = text.replace("\r\n", "\n");
    let text = match text.contains("^\"") {
        true => text
            .replace("^\n", " ")
            .replace("^^", "\0")
            .replace('^', "")
            .replace('\0', "^"),
        false => text.replace("\\\n", " ").replace("^\n", " "),
    };
    let mut written = String::new();
    let mut rest = text.as_str();
    while let Some((before, inside)) = rest.split_once(" $'") {
        written.push_str(before);
        written.push_str(" '");
        let mut chars = inside.chars();
        while let Some(c) = chars.next().filter(|c| *c != '\'') {
            let c = match c {
                '\\' => escaped(&mut chars),
                c => Some(c),
            };
            match c {
                // A quote ends the text, stands alone, and begins it again.
                Some('\'') => written.push_str("'\\''"),
                // A line of its own would end the command.
                Some('\n') => written.push('\u{2028}'),
                Some(c) => written.push(c),
                None => {}
            }
        }
        written.push('\'');
        rest = chars.as_str();
    }
    written + rest
}

/// What stands behind a backslash in `$'...'`.
fn escaped(chars: &mut std::str::Chars<'_>) -> Option<char> {
    let digits = match chars.next()? {
        'n' => return Some('\n'),
        'r' => return Some('\r'),
        't' => return Some('\t'),
        'u' => 4,
        'x' => 2,
        c => return Some(c),
    };
    let code: String = chars.by_ref().take(digits).collect();
    u32::from_str_radix(&code, 16).ok().and_then(char::from_u32)
}

#[derive(Default)]
struct CurlCommand {
    /// The words that are no options.
    loose: Vec<String>,
    address: Option<String>,
    method: Option<String>,
    headers: Vec<(String, String)>,
    data: Vec<String>,
    file: Option<String>,
    is_query: bool,
    is_json: bool,
    timeout: Option<Duration>,
}

impl CurlCommand {
    fn read(&mut self, words: &[String], imported: &mut Imported) {
        let mut words = words.iter().map(String::as_str);
        while let Some(word) = words.next() {
            if !word.starts_with('-') || word == "-" {
                self.loose.push(word.to_owned());
                continue;
            }
            let (option, mut given) = match word.split_once('=').filter(|_| word.starts_with("--"))
            {
                Some((option, value)) => (option, Some(value)),
                // -XPOST
                None if !word.starts_with("--") && word.len() > 2 && word.is_char_boundary(2) => {
                    let (option, value) = word.split_at(2);
                    match "XHdbuAeFomxUETcKwD".contains(&option[1..]) {
                        true => (option, Some(value)),
                        // Several letters, none with a value: -sSL
                        false => (word, None),
                    }
                }
                None => (word, None),
            };
            let mut value = || given.take().or_else(|| words.next()).unwrap_or_default();
            match option {
                "-X" | "--request" => self.method = Some(value().to_ascii_uppercase()),
                "-I" | "--head" => self.method = Some("HEAD".to_owned()),
                "-G" | "--get" => self.is_query = true,
                "--url" => self.address = Some(value().to_owned()),
                "-H" | "--header" => {
                    if let Some((name, value)) = value().split_once(':') {
                        self.header(name.trim(), value.trim());
                    }
                }
                "-A" | "--user-agent" => self.header("user-agent", value()),
                "-e" | "--referer" => self.header("referer", value()),
                "-b" | "--cookie" => self.header("cookie", value()),
                "-u" | "--user" => {
                    let basic = format!("Basic {}", STANDARD.encode(value()));
                    self.header("authorization", &basic);
                }
                "--oauth2-bearer" => self.header("authorization", &format!("Bearer {}", value())),
                "--json" => {
                    self.is_json = true;
                    self.datum(value(), imported);
                }
                "-d" | "--data" | "--data-raw" | "--data-ascii" | "--data-binary" => {
                    match option == "--data-raw" {
                        true => self.data.push(value().to_owned()),
                        false => self.datum(value(), imported),
                    }
                }
                "--data-urlencode" => {
                    let text = value();
                    let (name, text) = text.split_once('=').unwrap_or(("", text));
                    let encoded = crate::units::percent_encoded(text);
                    let name = if name.is_empty() {
                        String::new()
                    } else {
                        format!("{name}=")
                    };
                    self.data.push(format!("{name}{encoded}"));
                }
                "-m" | "--max-time" => {
                    let seconds = value().parse().ok();
                    self.timeout = seconds.and_then(|s| Duration::try_from_secs_f64(s).ok());
                }
                "-F" | "--form" => {
                    value();
                    imported.leave_out(words::CURL_MULTIPART);
                }
                option if IGNORED.contains(&option) => {
                    value();
                }
                option if WITHOUT_EFFECT.contains(&option) => {}
                option if NAMED.contains(&option) => {
                    value();
                    imported.leave_out(words::curl_option(option));
                }
                "-k" | "--insecure" => imported.leave_out(words::CURL_INSECURE),
                "-L" | "--location" => imported.leave_out(words::CURL_LOCATION),
                option => {
                    let letters = option.strip_prefix('-').unwrap_or_default();
                    if option.starts_with("--") || !letters.chars().all(|c| "sSviLfkN#".contains(c))
                    {
                        let shown: String = option.chars().take(40).collect();
                        imported.leave_out(words::curl_option(&shown));
                    }
                }
            }
        }
    }

    fn header(&mut self, name: &str, value: &str) {
        if is_carried(name) && !value.is_empty() {
            self.headers
                .push((name.to_ascii_lowercase(), literal(value)));
        }
    }

    fn datum(&mut self, value: &str, imported: &mut Imported) {
        match value.strip_prefix('@') {
            Some("-") => imported.leave_out(words::CURL_STDIN),
            Some(file) => self.file = Some(file.to_owned()),
            None => self.data.push(value.to_owned()),
        }
    }

    fn request(mut self, line: usize, imported: &mut Imported) -> Option<ImportedRequest> {
        // The value of an option that is not known stands loose, too.
        let is_full = |word: &&String| word.contains("://");
        let loose = self.loose.iter().find(is_full).or(self.loose.first());
        let address = self.address.take().or(loose.cloned()).unwrap_or_default();
        let address = match address.contains("://") {
            true => address,
            false => format!("http://{address}"),
        };
        let split = url::Url::parse(&address).ok().zip(split_address(&address));
        let Some((url, (origin, mut path))) = split else {
            imported.leave_out(words::curl_without_address(line));
            return None;
        };
        if let Some(password) = url.password() {
            let typed = format!("{}:{password}", url.username());
            let typed = percent_encoding::percent_decode_str(&typed).decode_utf8_lossy();
            self.header(
                "authorization",
                &format!("Basic {}", STANDARD.encode(typed.as_ref())),
            );
        }
        let target = imported.target.get_or_insert_with(|| origin.clone());
        if *target != origin {
            imported.leave_out(words::other_host(&origin));
            return None;
        }
        let kind = |headers: &[(String, String)]| {
            let found = headers.iter().find(|(name, _)| name == "content-type");
            found.map(|(_, value)| value.clone())
        };
        // curl's manual: --json asks for JSON too, unless another header does.
        if self.is_json && !self.headers.iter().any(|(name, _)| name == "accept") {
            let accept = ("accept".to_owned(), "application/json".to_owned());
            self.headers.push(accept);
        }
        let data = self.data.join("&");
        let mut body = None;
        let has_data = !data.is_empty() || self.file.is_some();
        if self.is_query && !data.is_empty() {
            path = format!("{path}{}{data}", if path.contains('?') { "&" } else { "?" });
        } else if has_data {
            if kind(&self.headers).is_none() {
                let usual = match self.is_json {
                    true => "application/json",
                    false => "application/x-www-form-urlencoded",
                };
                self.headers
                    .push(("content-type".to_owned(), usual.to_owned()));
            }
            let kind = kind(&self.headers).unwrap_or_default();
            body = match self.file.take() {
                Some(file) => Some(ImportedBody::File(file)),
                None => body_of(&data, &kind),
            };
        }
        let usual = if body.is_some() { "POST" } else { "GET" };
        let method = self.method.unwrap_or_else(|| usual.to_owned());
        if !METHODS.contains(&method.as_str()) {
            let shown: String = method.chars().take(20).collect();
            imported.leave_out(words::import_method(&shown));
            return None;
        }
        Some(ImportedRequest {
            method,
            path: literal(&path),
            headers: self.headers,
            body,
            timeout: self.timeout,
            ..ImportedRequest::default()
        })
    }
}
