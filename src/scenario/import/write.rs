//! What was imported, as a scenario in TOML.

use std::fmt::Write;

use serde_json::Value;

use super::draft::{Imported, ImportedBody, ImportedRequest, ImportedStep};
use crate::scenario::words;

/// The scenario, with a comment for each thing that could not be carried.
pub fn toml(imported: &Imported) -> String {
    let mut out = String::new();
    let mut comment = |text: String| {
        let text = text.replace(|c: char| c.is_control(), " ");
        // Writing to a String cannot fail.
        let _ = writeln!(out, "# {text}");
    };
    let target = imported.target.as_deref().unwrap_or("URL");
    comment(words::imported_target(target).to_string());
    for name in imported.secrets.keys() {
        comment(words::imported_secret(name).to_string());
    }
    for what in &imported.left_out {
        comment(words::imported_not(what).to_string());
    }
    out.push_str("name = \"imported\"\n");
    for (name, file, order) in &imported.feeds {
        let _ = writeln!(
            out,
            "\n[data.{name}]\nfile = {}\norder = \"{order}\"",
            quoted(file)
        );
    }
    for (name, request) in &imported.requests {
        self::request(name, request, &mut out);
    }
    for flow in &imported.flows {
        let _ = writeln!(out, "\n[[flow]]\nname = {}", quoted(&flow.name));
        if flow.weight != 1 {
            let _ = writeln!(out, "weight = {}", flow.weight);
        }
        if flow.cookies {
            out.push_str("cookies = true\n");
        }
        out.push_str("steps = [\n");
        for step in &flow.steps {
            let _ = match step {
                ImportedStep::Request(name) => writeln!(out, "    {},", quoted(name)),
                ImportedStep::Pause(length) => {
                    writeln!(out, "    {{ pause = \"{}ms\" }},", length.as_millis())
                }
            };
        }
        out.push_str("]\n");
    }
    let once = vec![vec!["name = \"once\"".to_owned(), "burst = 1".to_owned()]];
    let phases = if imported.phases.is_empty() {
        &once
    } else {
        &imported.phases
    };
    for lines in phases {
        let _ = writeln!(out, "\n[[phase]]\n{}", lines.join("\n"));
    }
    out.push_str("\n[thresholds]\n\"errors.share\" = \"< 1%\"\n");
    out
}

fn request(name: &str, request: &ImportedRequest, out: &mut String) {
    let _ = writeln!(out, "\n[[request]]\nname = {}", quoted(name));
    if request.method != "GET" || request.body.is_some() {
        let _ = writeln!(out, "method = {}", quoted(&request.method));
    }
    if request.path != "/" {
        let _ = writeln!(out, "path = {}", quoted(&request.path));
    }
    let table = |entries: &[(String, String)]| {
        let entry =
            |(name, value): &(String, String)| format!("{} = {}", quoted(name), quoted(value));
        entries.iter().map(entry).collect::<Vec<_>>().join(", ")
    };
    if !request.headers.is_empty() {
        let _ = writeln!(out, "headers = {{ {} }}", table(&request.headers));
    }
    let _ = match &request.body {
        None => Ok(()),
        Some(ImportedBody::Text(text)) => writeln!(out, "body = {}", quoted(text)),
        Some(ImportedBody::File(file)) => writeln!(out, "body_file = {}", quoted(file)),
        Some(ImportedBody::Form(fields)) => writeln!(out, "form = {{ {} }}", table(fields)),
        Some(ImportedBody::Json(json)) => writeln!(out, "json = {}", value(json)),
    };
    if !request.captures.is_empty() {
        let _ = writeln!(out, "capture = {{ {} }}", table(&request.captures));
    }
    if let Some(status) = request.expected {
        let _ = writeln!(out, "expect = {{ status = [{status}] }}");
    }
    if let Some(timeout) = request.timeout {
        let _ = writeln!(out, "timeout = \"{}ms\"", timeout.as_millis());
    }
}

/// A text as TOML has it: as JSON, but for the one control character that JSON leaves as it is.
fn quoted(text: &str) -> String {
    Value::from(text).to_string().replace('\u{7f}', "\\u007f")
}

fn value(json: &Value) -> String {
    match json {
        Value::String(text) => quoted(text),
        Value::Array(items) => {
            format!(
                "[{}]",
                items.iter().map(value).collect::<Vec<_>>().join(", ")
            )
        }
        Value::Object(entries) => {
            let entry = |(key, of): (&String, &Value)| format!("{} = {}", quoted(key), value(of));
            format!(
                "{{ {} }}",
                entries.iter().map(entry).collect::<Vec<_>>().join(", ")
            )
        }
        other => other.to_string(),
    }
}
