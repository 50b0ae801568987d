//! One call of the `aws` command, and how it is shown.

use std::path::Path;

use serde_json::Value;

/// A call: service, operation, arguments that may be seen by anybody, and arguments that are
/// given as files.
pub(super) struct Call {
    pub(super) service: &'static str,
    pub(super) operation: &'static str,
    words: Vec<String>,
    pub(super) files: Vec<File>,
}

/// An argument that `aws` reads from a file, for it is secret, long or binary.
pub(super) struct File {
    option: &'static str,
    scheme: &'static str,
    pub(super) name: &'static str,
    pub(super) content: Vec<u8>,
    /// What may be shown of it.
    pub(super) shown: Option<String>,
}

impl Call {
    pub(super) fn new(service: &'static str, operation: &'static str) -> Call {
        Call {
            service,
            operation,
            words: Vec::new(),
            files: Vec::new(),
        }
    }

    pub(super) fn with(mut self, option: &str, value: impl Into<String>) -> Call {
        self.words.push(option.to_owned());
        self.words.push(value.into());
        self
    }

    /// Only these parts of the answer: what is not asked for cannot be leaked.
    pub(super) fn only(self, query: &str) -> Call {
        self.with("--query", query)
    }

    /// What must not be seen: `value` reaches `aws` by a file, `shown` the reader's eyes.
    pub(super) fn with_input(mut self, value: &Value, shown: &Value) -> Call {
        self.files.push(File {
            option: "--cli-input-json",
            scheme: "file",
            name: "input.json",
            content: value.to_string().into_bytes(),
            shown: Some(shown.to_string()),
        });
        self
    }

    /// A long text.
    pub(super) fn with_text(
        mut self,
        option: &'static str,
        name: &'static str,
        text: &str,
    ) -> Call {
        self.files.push(File {
            option,
            scheme: "file",
            name,
            content: text.as_bytes().to_vec(),
            shown: None,
        });
        self
    }

    /// An archive.
    pub(super) fn with_bytes(
        mut self,
        option: &'static str,
        name: &'static str,
        content: Vec<u8>,
        shown: String,
    ) -> Call {
        self.files.push(File {
            option,
            scheme: "fileb",
            name,
            content,
            shown: Some(shown),
        });
        self
    }

    /// The arguments for `aws`, with the files in `folder`.
    pub(super) fn arguments(
        &self,
        folder: &Path,
        region: &str,
        endpoint: Option<&str>,
    ) -> Vec<String> {
        let mut arguments = vec![self.service.to_owned(), self.operation.to_owned()];
        arguments.extend(self.words.iter().cloned());
        for file in &self.files {
            let path = folder.join(file.name);
            arguments.push(file.option.to_owned());
            arguments.push(format!("{}://{}", file.scheme, path.display()));
        }
        let places = [("--region", Some(region)), ("--endpoint-url", endpoint)];
        for (option, value) in places {
            if let Some(value) = value {
                arguments.push(option.to_owned());
                arguments.push(value.to_owned());
            }
        }
        arguments
    }
}

/// The arguments as a POSIX shell reads them back.
pub(super) fn shell_line(arguments: &[String]) -> String {
    let quoted: Vec<String> = arguments.iter().map(|argument| quote(argument)).collect();
    format!("aws {}", quoted.join(" "))
}

fn quote(argument: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=@,%+".contains(c);
    if !argument.is_empty() && argument.chars().all(plain) {
        argument.to_owned()
    } else if argument.contains('\'') && !argument.contains(['"', '$', '`', '\\', '!']) {
        format!("\"{argument}\"")
    } else {
        format!("'{}'", argument.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_shown_as_a_shell_reads_it() {
        let call = Call::new("lambda", "get-function")
            .with("--function-name", "it's mine")
            .only("{Location: Code.Location}");
        assert_eq!(
            shell_line(&call.arguments(Path::new(""), "eu-west-1", Some("http://127.0.0.1:4666"))),
            r#"aws lambda get-function --function-name "it's mine" --query '{Location: Code.Location}' --region eu-west-1 --endpoint-url http://127.0.0.1:4666"#
        );
    }
}
