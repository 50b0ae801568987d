//! The tags that say where telemetry comes from.

use std::{collections::BTreeMap, sync::Arc};

use crate::{
    lambda::{Function, Invocation, Start},
    sandbox::names::{ACCOUNT, ENV, REGION, VERSION, function_arn},
};

/// The mark of what the host tells of a real handler in the place of Datadog's extension.
pub(super) const EMITTED_BY: (&str, &str) = ("emitted_by", "loadgen");

/// The instrumentation of one function: which library in which runtime.
#[derive(Clone, Copy, Debug)]
pub(super) struct Library {
    /// `python`, `javascript`
    pub language: &'static str,
    /// The version of `datadog-lambda` or `datadog-lambda-js`.
    pub version: &'static str,
    /// The version of its tracer, where it is known.
    pub tracer: Option<&'static str>,
}

impl Library {
    /// What a function of this runtime is instrumented with: the versions that the reference
    /// telemetry was measured with. Which dd-trace comes with the JavaScript library was not
    /// recorded. Of other languages nothing was recorded: they are taken to be as Python.
    pub(super) fn of(runtime: &str) -> Library {
        let python = Library {
            language: "python",
            version: "8.130.0",
            tracer: Some("4.16.0"),
        };
        match runtime {
            _ if runtime.starts_with("nodejs") => Library {
                language: "javascript",
                version: "12.143.0",
                tracer: None,
            },
            _ if runtime.starts_with("java") => Library {
                language: "java",
                ..python
            },
            _ if runtime.starts_with("dotnet") => Library {
                language: "dotnet",
                ..python
            },
            _ if runtime.starts_with("ruby") => Library {
                language: "ruby",
                ..python
            },
            _ => python,
        }
    }

    /// `datadog-python313`, `datadog-nodejs22.x`
    fn layer(self, runtime: &str) -> String {
        match self.language {
            "javascript" => format!("datadog-{runtime}"),
            _ => format!("datadog-{}", runtime.replace('.', "")),
        }
    }
}

/// The tags that function, extension and AWS integration share, in lower case as Datadog keeps tags.
pub(super) fn function(function: &Function) -> Vec<String> {
    let name = &function.name.to_lowercase();
    vec![
        format!("region:{REGION}"),
        format!("account_id:{ACCOUNT}"),
        format!("aws_account:{ACCOUNT}"),
        format!("functionname:{name}"),
        format!("function_arn:{}", function_arn(name)),
        format!("runtime:{}", function.runtime),
        "architecture:x86_64".to_owned(),
        format!("service:{}", function.service.to_lowercase()),
        format!("env:{ENV}"),
        format!("version:{VERSION}"),
    ]
}

/// The tags of an invocation's enhanced metrics: what the library gives (measured) and what
/// the extension adds (DataDog/datadog-lambda-extension, bottlecap/src/tags/lambda/tags.rs).
pub(super) fn enhanced(invocation: &Invocation) -> Arc<[String]> {
    let of = &*invocation.function;
    let library = Library::of(&of.runtime);
    let mut tags = function(of);
    tags.extend([
        format!("resource:{}", of.name.to_lowercase()),
        format!("memorysize:{}", invocation.memory.mb()),
        format!("cold_start:{}", invocation.tagged_cold()),
        format!("init_type:{}", init_type(invocation)),
    ]);
    if invocation.handler.is_some() {
        tags.push(format!("{}:{}", EMITTED_BY.0, EMITTED_BY.1));
    } else {
        tags.extend([
            format!("datadog_lambda:v{}", library.version),
            format!(
                "dd_lambda_layer:{}_{}",
                library.layer(&of.runtime),
                library.version
            ),
        ]);
    }
    if invocation.tagged_proactive() {
        tags.push("proactive_initialization:true".to_owned());
    }
    tags.into()
}

fn init_type(invocation: &Invocation) -> &'static str {
    match invocation.start {
        Start::Provisioned => "provisioned-concurrency",
        _ => "on-demand",
    }
}

/// A span's text tags from pairs.
pub(super) fn meta<const N: usize>(pairs: [(&str, String); N]) -> BTreeMap<String, String> {
    pairs
        .into_iter()
        .map(|(key, value)| (key.to_owned(), value))
        .collect()
}
