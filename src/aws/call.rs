//! One call of the `aws` command, and how it is shown.

use std::path::Path;

use crate::medium;

use serde_json::Value;

/// A call: service, operation, arguments that anybody may see, and arguments given as files.
pub(super) struct Call {
    pub(super) service: &'static str,
    pub(super) operation: &'static str,
    arguments: Vec<String>,
    pub(super) files: Vec<File>,
}

/// An argument that `aws` reads from a file, because it is secret, long or binary.
pub(super) struct File {
    option: &'static str,
    pub(super) name: &'static str,
    pub(super) content: Vec<u8>,
    /// What is shown in place of the content.
    pub(super) shown: Option<String>,
}

impl Call {
    pub(super) fn new(service: &'static str, operation: &'static str) -> Call {
        Call {
            service,
            operation,
            arguments: Vec::new(),
            files: Vec::new(),
        }
    }

    pub(super) fn with(mut self, option: &str, value: impl Into<String>) -> Call {
        self.arguments.push(option.to_owned());
        self.arguments.push(value.into());
        self
    }

    /// Asks for these parts of the answer only: a secret that is not asked for cannot leak.
    pub(super) fn only(self, query: &str) -> Call {
        self.with("--query", query)
    }

    /// Arguments with secrets in them: `aws` reads `value` from a file, and `shown` is shown.
    pub(super) fn with_input(self, value: &Value, shown: &Value) -> Call {
        let shown = Some(shown.to_string());
        self.with_file("--cli-input-json", "input.json", value.to_string(), shown)
    }

    /// An argument that `aws` reads from a file; `shown` is shown of it.
    pub(super) fn with_file(
        mut self,
        option: &'static str,
        name: &'static str,
        content: impl Into<Vec<u8>>,
        shown: Option<String>,
    ) -> Call {
        self.files.push(File {
            option,
            name,
            content: content.into(),
            shown,
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
        arguments.extend(self.arguments.iter().cloned());
        for file in &self.files {
            // `aws` decodes a `file` as text, and takes a `fileb` as bytes.
            let scheme = if file.name.ends_with(".zip") {
                "fileb"
            } else {
                "file"
            };
            let path = folder.join(file.name);
            arguments.extend([
                file.option.to_owned(),
                format!("{scheme}://{}", path.display()),
            ]);
        }
        arguments.extend(["--region", region].map(str::to_owned));
        arguments.extend(
            endpoint
                .into_iter()
                .flat_map(|url| ["--endpoint-url".to_owned(), url.to_owned()]),
        );
        arguments
    }
}

/// The arguments as a POSIX shell reads them back.
pub(super) fn shell_line(arguments: &[String]) -> String {
    let quoted: Vec<String> = arguments.iter().map(|word| medium::shell(word)).collect();
    format!("aws {}", quoted.join(" "))
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
