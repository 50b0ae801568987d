//! Monitors as Terraform resources.

use std::{collections::BTreeSet, fmt::Write};

use super::Monitor;

/// The monitors as `datadog_monitor` resources of Terraform's Datadog provider, formatted as
/// `terraform fmt` does.
pub fn terraform(monitors: &[Monitor]) -> String {
    let mut taken = BTreeSet::new();
    let mut page = String::from(
        "# Monitors for the conditions of Datadog's Insights, written by `loadgen audit`.\n\
         # They need the provider DataDog/datadog.\n",
    );
    for monitor in monitors {
        let wanted = resource_name(&monitor.function, monitor.insight.key());
        let name = unique(wanted, &mut taken);
        let tags: Vec<String> = monitor.tags.iter().map(|tag| quoted(tag)).collect();
        let options = &monitor.options;
        let mut settings = Vec::new();
        if let Some(delay) = options.evaluation_delay {
            settings.push(("evaluation_delay", delay.to_string()));
        }
        settings.extend([
            ("notify_no_data", options.notify_no_data.to_string()),
            (
                "require_full_window",
                options.require_full_window.to_string(),
            ),
            ("include_tags", options.include_tags.to_string()),
        ]);
        // Writing to a String never fails.
        let _ = write!(page, "\nresource \"datadog_monitor\" \"{name}\" {{\n");
        page.push_str(&aligned(&[
            ("name", quoted(&monitor.name)),
            ("type", quoted(monitor.kind)),
            ("query", quoted(&monitor.query)),
            ("message", quoted(&monitor.message)),
            ("tags", format!("[{}]", tags.join(", "))),
        ]));
        let _ = write!(
            page,
            "\n  monitor_thresholds {{\n    critical = {}\n  }}\n\n",
            options.thresholds.critical
        );
        page.push_str(&aligned(&settings));
        page.push_str("}\n");
    }
    page
}

/// Attributes, their equals signs in one column.
fn aligned(attributes: &[(&str, String)]) -> String {
    let widest = attributes.iter().map(|(name, _)| name.len()).max();
    let width = widest.unwrap_or(0);
    let line = |(name, value): &(&str, String)| format!("  {name:width$} = {value}\n");
    attributes.iter().map(line).collect()
}

/// A name of letters, digits and `_` that begins with a letter.
fn resource_name(function: &str, insight: &str) -> String {
    let plain = |c: char| match c.is_ascii_alphanumeric() {
        true => c.to_ascii_lowercase(),
        false => '_',
    };
    let function: String = function.chars().map(plain).collect();
    format!("lambda_{function}_{insight}")
}

/// The name, with a number where another function's odd letters came out the same.
fn unique(wanted: String, taken: &mut BTreeSet<String>) -> String {
    let mut name = wanted.clone();
    let mut again = 1;
    while !taken.insert(name.clone()) {
        again += 1;
        name = format!("{wanted}_{again}");
    }
    name
}

/// A quoted template of Terraform's language in which nothing is a template (Terraform, "Strings and
/// Templates").
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            '$' | '%' if rest.peek() == Some(&'{') => {
                quoted.push(c);
                quoted.push(c);
            }
            c if c.is_control() => {
                let _ = write!(quoted, "\\u{:04x}", u32::from(c));
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_string_is_a_template_or_ends_it() {
        assert_eq!(
            quoted("a \"b\" \\ ${c} %{d} $ % 100%\n\u{7}"),
            r#""a \"b\" \\ $${c} %%{d} $ % 100%\n\u0007""#
        );
    }

    #[test]
    fn names_are_plain_and_stay_apart() {
        let mut taken = BTreeSet::new();
        let names: Vec<String> = ["a-b", "a_b", "a.b", "결제", "9"]
            .map(|function| unique(resource_name(function, "errors"), &mut taken))
            .into();
        assert_eq!(
            names,
            [
                "lambda_a_b_errors",
                "lambda_a_b_errors_2",
                "lambda_a_b_errors_3",
                "lambda____errors",
                "lambda_9_errors"
            ]
        );
    }
}
